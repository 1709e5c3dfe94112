//! One POST and its answer, within a deadline.
//!
//! Redirects: 307 and 308 keep method and body, so they are followed within the same origin, at most three
//! times. Another origin is refused, because the order names a person and was meant for the host that was
//! configured. 301, 302 and 303 are refused too: by long practice they turn a POST into a GET, which would
//! cancel nothing and might answer 200.

use crate::http::client::root_cause;
use http::header::{CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode};
use reqwest::{Client, Response};
use tokio::time::{Instant, timeout_at};
use url::Url;

/// As much of an answer's body as is read.
pub(super) const MOST: usize = 64 * 1024;
const HOPS: u32 = 3;

pub(super) struct Post {
    pub(super) url: Url,
    pub(super) id: HeaderValue,
    pub(super) timestamp: HeaderValue,
    pub(super) signature: HeaderValue,
    pub(super) body: String,
}

/// How an exchange ended.
pub(super) enum Ended {
    Answered(Answer),
    /// A redirect that is not followed, and what to do about it.
    Redirected {
        status: StatusCode,
        headers: HeaderMap,
        why: String,
    },
    /// No connection: nothing has left this machine.
    NotReached(String),
    /// No answer: the order may have arrived.
    Lost(String),
    /// The request could not even be made: a defect of the configuration.
    Impossible(String),
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Received,
}

pub(super) enum Received {
    Whole(Vec<u8>),
    /// Longer than [`MOST`]; this is its beginning.
    Cut(Vec<u8>),
    /// The connection or the time ended before the body did.
    Broken,
}

pub(super) async fn run(http: &Client, post: Post, ends: Instant) -> Ended {
    let mut url = post.url.clone();
    let mut hops = 0;
    loop {
        let response = match timeout_at(ends, send(http, &post, url.clone())).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return failed(error),
            Err(_) => return Ended::Lost("no answer in time".to_owned()),
        };
        let status = response.status();
        match status {
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => {
                match target(&url, &response) {
                    Ok(_) if hops == HOPS => {
                        let why =
                            format!("redirected more than {HOPS} times; set `lms.url` to the final address");
                        return redirected(&response, why);
                    }
                    Ok(next) => {
                        hops += 1;
                        url = next;
                    }
                    Err(why) => return redirected(&response, why),
                }
            }
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => {
                let why = format!(
                    "HTTP {} would turn the POST into a GET; set `lms.url` to the final address, or answer \
                     308",
                    status.as_u16()
                );
                return redirected(&response, why);
            }
            _ => return answered(response, ends).await,
        }
    }
}

fn redirected(response: &Response, why: String) -> Ended {
    Ended::Redirected { status: response.status(), headers: response.headers().clone(), why }
}

async fn send(http: &Client, post: &Post, url: Url) -> reqwest::Result<Response> {
    http.post(url)
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("regrets/", env!("CARGO_PKG_VERSION")))
        .header("webhook-id", &post.id)
        .header("webhook-timestamp", &post.timestamp)
        .header("webhook-signature", &post.signature)
        .body(post.body.clone())
        .send()
        .await
}

/// Where a 307 or 308 leads, if we go there. Only the origin is named: a path or query may hold tokens.
fn target(from: &Url, response: &Response) -> Result<Url, String> {
    let location = response.headers().get(LOCATION).and_then(|text| text.to_str().ok());
    let Some(next) = location.and_then(|text| from.join(text).ok()) else {
        return Err("redirected without a usable `Location`; set `lms.url` to the final address".to_owned());
    };
    if next.origin() == from.origin() {
        return Ok(next);
    }
    let origin = next.origin().ascii_serialization();
    Err(format!(
        "redirected to another origin ({origin}), which is not followed; if it is right, set `lms.url` to it"
    ))
}

async fn answered(mut response: Response, ends: Instant) -> Ended {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut read = Vec::new();
    let body = loop {
        match timeout_at(ends, response.chunk()).await {
            Ok(Ok(Some(chunk))) => read.extend_from_slice(&chunk),
            Ok(Ok(None)) => break Received::Whole(read),
            Ok(Err(_)) | Err(_) => break Received::Broken,
        }
        if read.len() > MOST {
            read.truncate(MOST);
            break Received::Cut(read);
        }
    };
    Ended::Answered(Answer { status, headers, body })
}

fn failed(error: reqwest::Error) -> Ended {
    // The URL may hold a token.
    let error = error.without_url();
    let cause = root_cause(&error);
    if error.is_builder() {
        Ended::Impossible(format!("the request can't be made: {cause}"))
    } else if error.is_connect() {
        Ended::NotReached(format!("no connection: {cause}"))
    } else {
        Ended::Lost(format!("no answer: {cause}"))
    }
}
