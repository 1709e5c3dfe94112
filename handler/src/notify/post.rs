//! One POST of JSON and what came of it, as far as all channels over HTTP have it in common.

use super::{ANSWER, Sent, Taken};
use crate::http::client::root_cause;
use http::{HeaderMap, StatusCode};
use reqwest::Client;
use tokio::time::timeout;
use url::Url;

/// As much of an answer as is read for what is said about it.
const SHOWN: usize = 200;

/// An answer, or what came instead of one.
pub(super) enum Posted {
    Answered { status: StatusCode, said: String },
    Not(Sent),
}

/// Follows nothing: the client does not, and a redirect is no answer.
pub(super) async fn post(http: &Client, url: Url, headers: HeaderMap, body: String) -> Posted {
    let answered = async {
        let response = http.post(url).headers(headers).body(body).send().await?;
        let status = response.status();
        // Only what is said about it is lost with a body that can't be read.
        let said = response.text().await.unwrap_or_default();
        Ok::<_, reqwest::Error>((status, said))
    };
    match timeout(ANSWER, answered).await {
        Ok(Ok((status, said))) => Posted::Answered { status, said: shown(&said) },
        Ok(Err(error)) => Posted::Not(failed(&error.without_url())),
        Err(_) => Posted::Not(Sent::unknown(
            format!("No answer within {} s.", ANSWER.as_secs()),
            "See why the receiver takes so long; it is tried again with the same id.",
        )),
    }
}

fn failed(error: &reqwest::Error) -> Sent {
    let why = root_cause(error);
    if error.is_connect()
        || error.is_builder()
        || error.is_request() && !error.is_timeout() && is_unsent(&why)
    {
        return Sent::no(
            format!("Not reached: {why}."),
            "Nothing was sent. Check the address, the firewall, and the certificate (SSL_CERT_FILE names \
             extra trust anchors).",
        );
    }
    Sent::unknown(format!("No answer: {why}."), "It may have arrived; it is tried again with the same id.")
}

/// A name that leads nowhere.
fn is_unsent(why: &str) -> bool {
    why.contains("dns error") || why.contains("failed to lookup")
}

/// What follows from a status, where the channel has no words of its own for it.
pub(super) fn judge(status: StatusCode, said: &str) -> Sent {
    let said = if said.is_empty() { String::new() } else { format!(" It said: {said}") };
    let seen = format!("HTTP {}.{said}", status.as_u16());
    match status.as_u16() {
        200..=299 => Sent { taken: Taken::Yes, seen, step: None },
        300..=399 => Sent::no(
            format!("HTTP {}: it is redirected, which is not followed.", status.as_u16()),
            "Give the address that it leads to.",
        ),
        401 | 403 => {
            Sent::no(seen, "The receiver does not let us in: compare the secret, or make the address anew.")
        }
        404 | 410 => Sent::no(
            seen,
            "Nothing takes a POST at this address: make it anew, and put it into the app setting.",
        ),
        413 => Sent::no(seen, "The message is too large for the receiver."),
        429 => Sent::no(seen, "Too many messages; it is tried again later."),
        408 | 502 | 504 => Sent::unknown(seen, "It may have arrived; it is tried again with the same id."),
        500..=599 => Sent::no(seen, "The receiver can't take it now; it is tried again later."),
        _ => Sent::no(seen, "See what the receiver wants: it does not take this message."),
    }
}

/// One line of a text, without what could move a terminal's cursor.
fn shown(said: &str) -> String {
    let line: String = said.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
