//! From an answer to a [`GraphError`]: by HTTP status first, then `error.code`, then the inner status inside
//! an `ExtensionError` (reference/graph-limits.md#errors), because Graph's texts change. Texts decide only
//! where nothing else can: the maximum lifetime and the quota of subscriptions, and the validation of our own
//! endpoint.

use super::error::{Failure, GraphError};
use serde_json::Value;
use std::time::Duration;

/// What a request was about: the same status means different things for different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// One item in a mailbox.
    Event,
    /// A mailbox's calendar as a whole.
    Calendar,
    /// A user, a group, or all of them.
    Directory,
    NewSubscription,
    Subscription,
}

/// What is left of a refused part (or of a refused batch).
#[derive(Debug, Clone, Default)]
pub(super) struct Refusal<'a> {
    pub(super) status: u16,
    pub(super) body: Option<&'a str>,
    /// The `request-id` header, where the body has none.
    pub(super) request_id: Option<String>,
    /// The `Retry-After` header, parsed.
    pub(super) retry_after: Option<Duration>,
}

/// What the body says, as far as it says it.
#[derive(Debug, Default)]
struct Said {
    code: String,
    message: String,
    request_id: Option<String>,
}

pub(super) fn classify(about: About, refusal: &Refusal<'_>) -> GraphError {
    let said = Said::read(refusal.body);
    let inner = inner_status(&said);
    let failure = Failure {
        status: Some(refusal.status),
        code: shown_code(&said, inner),
        request_id: said.request_id.clone().or_else(|| refusal.request_id.clone()),
    };
    // A subscription's answer wraps Exchange's: the status inside is the one that tells what happened.
    let status = match inner {
        Some(inner) if (400..500).contains(&refusal.status) => inner,
        Some(_) | None => refusal.status,
    };
    let text = said.message.to_lowercase();
    match status {
        400 | 413 | 422 if subscribing(about) => match longest_life(&text) {
            Some(minutes) => GraphError::TooLong { minutes },
            None if about_validation(&said.code, &text) => GraphError::Validation(failure),
            None => GraphError::Invalid(failure),
        },
        401 => GraphError::Unauthorized(failure),
        403 if subscribing(about) && about_quota(&text) => GraphError::Quota(failure),
        403 => GraphError::Refused(failure),
        404 | 410 => not_found(about, &said.code, failure),
        409 => GraphError::Conflict(failure),
        429 | 509 => GraphError::Throttled { failure, after: refusal.retry_after },
        // 423: the mailbox is locked or moving. 424: older batches fail as a whole when one part is
        // throttled.
        408 | 423 | 424 | 425 | 500 | 502..=508 | 510..=599 => match refusal.retry_after {
            Some(after) => GraphError::Throttled { failure, after: Some(after) },
            None => GraphError::Unavailable(failure),
        },
        _ => GraphError::Invalid(failure),
    }
}

fn subscribing(about: About) -> bool {
    matches!(about, About::NewSubscription | About::Subscription)
}

/// A 404 is about the thing asked for, or about the mailbox that it was looked for in. In a mailbox only
/// Exchange's own words count: "gone" is evidence, and a proxy's or a gateway's 404 is none.
fn not_found(about: About, code: &str, failure: Failure) -> GraphError {
    let code = code.to_ascii_lowercase();
    let is_of_the_mailbox = code.starts_with("mailbox")
        || matches!(code.as_str(), "errornonexistentmailbox" | "errorinvaliduser");
    let is_of_the_user = matches!(code.as_str(), "request_resourcenotfound" | "resourcenotfound");
    match about {
        About::Event | About::Calendar if is_of_the_mailbox || is_of_the_user => {
            GraphError::NoMailbox(failure)
        }
        About::Event if code == "erroritemnotfound" => GraphError::NotFound(failure),
        About::Calendar if matches!(code.as_str(), "erroritemnotfound" | "errorfoldernotfound") => {
            GraphError::NotFound(failure)
        }
        About::Event | About::Calendar => GraphError::Invalid(failure),
        About::NewSubscription => GraphError::NoMailbox(failure),
        About::Subscription if is_of_the_mailbox => GraphError::NoMailbox(failure),
        About::Subscription | About::Directory => GraphError::NotFound(failure),
    }
}

impl Said {
    fn read(body: Option<&str>) -> Self {
        let Some(Ok(body)) = body.map(serde_json::from_str::<Value>) else {
            return Self::default();
        };
        let error = body.get("error");
        let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
        let inner = error.and_then(|error| error.get("innerError").or_else(|| error.get("innererror")));
        Self {
            // A bare string is the OAuth shape, as gateways answer.
            code: match error.and_then(Value::as_str) {
                Some(code) => code.to_owned(),
                None => text(error.and_then(|error| error.get("code"))),
            },
            message: text(error.and_then(|error| error.get("message"))),
            request_id: inner
                .and_then(|inner| inner.get("request-id").or_else(|| inner.get("requestId")))
                .and_then(Value::as_str)
                .map(str::to_owned),
        }
    }
}

/// `Status Code: Forbidden` inside an `ExtensionError`'s text, or what stands for an Exchange failure there.
fn inner_status(said: &Said) -> Option<u16> {
    if !said.code.eq_ignore_ascii_case("ExtensionError") {
        return None;
    }
    let text = said.message.to_lowercase();
    if text.contains("task was canceled") {
        return Some(504);
    }
    let (_, rest) = text.split_once("status code:")?;
    let word: String = rest.trim_start().chars().take_while(char::is_ascii_alphanumeric).collect();
    match word.as_str() {
        "badrequest" => Some(400),
        "unauthorized" => Some(401),
        "forbidden" => Some(403),
        "notfound" => Some(404),
        "conflict" => Some(409),
        "gone" => Some(410),
        "locked" => Some(423),
        "toomanyrequests" => Some(429),
        "internalservererror" => Some(500),
        "badgateway" => Some(502),
        "serviceunavailable" => Some(503),
        "gatewaytimeout" | "requesttimeout" => Some(504),
        number => number.parse().ok().filter(|status| (400..600).contains(status)),
    }
}

/// `error.code` up to the first character that a code does not have, so that no text slips in; with the inner
/// status.
fn shown_code(said: &Said, inner: Option<u16>) -> String {
    let is_of_a_code = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    let code: String = said.code.chars().take_while(is_of_a_code).take(64).collect();
    match (code.is_empty(), inner) {
        (true, _) => "noCode".to_owned(),
        (false, Some(inner)) => format!("{code}/{inner}"),
        (false, None) => code,
    }
}

/// `Subscription expiration can only be 10070 minutes in the future.`
fn longest_life(text: &str) -> Option<u32> {
    if !text.contains("expir") {
        return None;
    }
    let (before, _) = text.split_once(" minute")?;
    let digits: String = before.chars().rev().take_while(|c| c.is_ascii_digit() || *c == ',').collect();
    digits.chars().rev().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

fn about_validation(code: &str, text: &str) -> bool {
    code.eq_ignore_ascii_case("ValidationError") || text.contains("validation")
}

fn about_quota(text: &str) -> bool {
    ["maximum number", "limit", "quota", "too many"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
