//! One request and its answer, within a deadline and a size.
//!
//! - Redirects that keep method and body (307, 308) are followed within the same origin, at most three times.
//!   Another origin is refused, because a request names a person and carries a credential, and both were
//!   meant for the host that was configured. 301, 302 and 303 are followed only for a GET that changes
//!   nothing: by long practice they turn everything else into a GET, which would cancel nothing and might
//!   answer 200.
//! - An answer is read as far as is allowed, and it is said whether that was all of it.
//! - How an exchange ended says whether anything can have arrived.
//! - No error holds an address: it may hold a token.
//! - A file is read as if it had been answered, and never while it may still be written to.

use crate::http::client::root_cause;
use bytes::Bytes;
use http::header::{LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::{Client, Response};
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, timeout_at};
use url::Url;

const HOPS: u32 = 3;
const AGENT: HeaderValue = HeaderValue::from_static(concat!("regrets/", env!("CARGO_PKG_VERSION")));

/// A request, ready to go. Not to be shown: it holds credentials and people.
#[derive(Clone)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) ends: Instant,
    /// Bytes of the answer's body that are read.
    pub(crate) most: usize,
    /// The request may change something where it goes.
    pub(crate) may_write: bool,
    /// The setting that names the address, for what is said of a redirect.
    pub(crate) setting: &'static str,
}

/// How an exchange ended.
pub(crate) enum Ended {
    Answered(Answer),
    /// A redirect that is not followed, and what to do about it.
    Redirected {
        status: StatusCode,
        headers: HeaderMap,
        why: String,
    },
    /// No connection: nothing has left this machine.
    NotReached(String),
    /// No answer: the request may have arrived.
    Lost(String),
    /// The request could not even be made: a defect of the configuration.
    Impossible(String),
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Received,
}

pub(crate) enum Received {
    Whole(Vec<u8>),
    /// Longer than is read; this is its beginning.
    Cut(Vec<u8>),
    /// The connection or the time ended before the body did.
    Broken,
}

pub(crate) async fn run(http: &Client, request: Outgoing, limits: Limits) -> Ended {
    if request.url.scheme() == "file" {
        return file(&request, limits).await;
    }
    let mut url = request.url.clone();
    let mut hops = 0;
    loop {
        let response = match timeout_at(limits.ends, send(http, &request, url.clone())).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return failed(error),
            Err(_) => return Ended::Lost("no answer in time".to_owned()),
        };
        match response.status() {
            status if !is_redirect(status) => return answered(response, limits).await,
            status if !keeps_method(status) && (limits.may_write || request.method != Method::GET) => {
                let why = format!(
                    "HTTP {} would turn the {} into a GET; set `{}` to the final address, or answer 308",
                    status.as_u16(),
                    request.method,
                    limits.setting,
                );
                return redirected(&response, why);
            }
            _ => match target(&url, &response, limits.setting) {
                Ok(_) if hops == HOPS => {
                    let why = format!(
                        "redirected more than {HOPS} times; set `{}` to the final address",
                        limits.setting
                    );
                    return redirected(&response, why);
                }
                Ok(next) => {
                    hops += 1;
                    url = next;
                }
                Err(why) => return redirected(&response, why),
            },
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

fn keeps_method(status: StatusCode) -> bool {
    matches!(status, StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT)
}

fn redirected(response: &Response, why: String) -> Ended {
    Ended::Redirected { status: response.status(), headers: response.headers().clone(), why }
}

async fn send(http: &Client, request: &Outgoing, url: Url) -> reqwest::Result<Response> {
    let mut headers = request.headers.clone();
    headers.entry(USER_AGENT).or_insert(AGENT);
    let outgoing = http.request(request.method.clone(), url).headers(headers);
    // An empty body is none: a GET with `Content-Length: 0` is refused by some.
    let outgoing = if request.body.is_empty() && request.method != Method::POST {
        outgoing
    } else {
        outgoing.body(request.body.clone())
    };
    outgoing.send().await
}

/// Where a redirect leads, if we go there. Only the origin is named: a path or query may hold tokens.
fn target(from: &Url, response: &Response, setting: &str) -> Result<Url, String> {
    let location = response.headers().get(LOCATION).and_then(|text| text.to_str().ok());
    let Some(next) = location.and_then(|text| from.join(text).ok()) else {
        return Err(format!("redirected without a usable `Location`; set `{setting}` to the final address"));
    };
    if next.origin() == from.origin() {
        return Ok(next);
    }
    let origin = next.origin().ascii_serialization();
    Err(format!(
        "redirected to another origin ({origin}), which is not followed; if it is right, set `{setting}` to \
         it"
    ))
}

/// Whoever still writes to it is left alone.
const SETTLED: Duration = Duration::from_secs(60);

/// A file that this machine sees, as an answer to a GET.
async fn file(request: &Outgoing, limits: Limits) -> Ended {
    let Some(path) = request.url.to_file_path().ok().filter(|_| request.method == Method::GET) else {
        return Ended::Impossible("a file can only be read".to_owned());
    };
    let read = async {
        let file = tokio::fs::File::open(&path).await?;
        let known = file.metadata().await?;
        let age = known.modified().ok().and_then(|at| at.elapsed().ok());
        if !known.is_file() || age.is_none_or(|age| age < SETTLED) {
            return Ok(Err(known.is_file()));
        }
        let mut bytes = Vec::new();
        let most = u64::try_from(limits.most).unwrap_or(u64::MAX);
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).await?;
        Ok::<_, std::io::Error>(Ok(bytes))
    };
    let answer = |status, body| Ended::Answered(Answer { status, headers: HeaderMap::new(), body });
    match timeout_at(limits.ends, read).await {
        Ok(Ok(Ok(bytes))) if bytes.len() > limits.most => answer(StatusCode::OK, Received::Cut(bytes)),
        Ok(Ok(Ok(bytes))) => answer(StatusCode::OK, Received::Whole(bytes)),
        Ok(Ok(Err(true))) => {
            Ended::NotReached("the file changed less than a minute ago: it may not be whole".to_owned())
        }
        Ok(Ok(Err(false))) => Ended::Impossible("it is no file".to_owned()),
        // A share that is not mounted looks like a file that is not there.
        Ok(Err(error)) => Ended::NotReached(format!("the file can't be read: {}", error.kind())),
        Err(_) => Ended::NotReached("the file can't be read in time".to_owned()),
    }
}

async fn answered(mut response: Response, limits: Limits) -> Ended {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut read = Vec::new();
    let body = loop {
        match timeout_at(limits.ends, response.chunk()).await {
            Ok(Ok(Some(chunk))) => read.extend_from_slice(&chunk),
            Ok(Ok(None)) => break Received::Whole(read),
            Ok(Err(_)) | Err(_) => break Received::Broken,
        }
        if read.len() > limits.most {
            read.truncate(limits.most);
            break Received::Cut(read);
        }
    };
    Ended::Answered(Answer { status, headers, body })
}

fn failed(error: reqwest::Error) -> Ended {
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

/// As text, whatever its encoding: only what stands between quotation marks may be other than ASCII, and that
/// is for people.
pub(crate) fn text(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> =
            bytes.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?))).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        all => String::from_utf8_lossy(all).into_owned(),
    }
}
