//! From an answer to a [`GraphError`]: by HTTP status first, then `error.code`, then the inner status inside an
//! `ExtensionError` (reference/graph-limits.md#errors), because Graph's texts change. Texts decide only where
//! nothing else can: the maximum lifetime and the quota of subscriptions, and the validation of our own
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
    let trouble = Failure {
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
            None if about_validation(&said.code, &text) => GraphError::Validation(trouble),
            None => GraphError::Invalid(trouble),
        },
        401 => GraphError::Unauthorized(trouble),
        403 if subscribing(about) && about_quota(&text) => GraphError::Quota(trouble),
        403 => GraphError::Refused(trouble),
        404 | 410 => not_found(about, &said.code, trouble),
        409 => GraphError::Conflict(trouble),
        429 | 509 => GraphError::Throttled { trouble, after: refusal.retry_after },
        // 423: the mailbox is locked or moving. 424: older batches fail as a whole when one part is throttled.
        408 | 423 | 424 | 425 | 500 | 502..=508 | 510..=599 => match refusal.retry_after {
            Some(after) => GraphError::Throttled { trouble, after: Some(after) },
            None => GraphError::Unavailable(trouble),
        },
        _ => GraphError::Invalid(trouble),
    }
}

fn subscribing(about: About) -> bool {
    matches!(about, About::NewSubscription | About::Subscription)
}

/// A 404 is about the thing asked for, or about the mailbox that it was looked for in. In a mailbox only Exchange's own
/// words count: "gone" is evidence, and a proxy's or a gateway's 404 is none.
fn not_found(about: About, code: &str, trouble: Failure) -> GraphError {
    let code = code.to_ascii_lowercase();
    let is_of_the_mailbox =
        code.starts_with("mailbox") || matches!(code.as_str(), "errornonexistentmailbox" | "errorinvaliduser");
    let is_of_the_user = matches!(code.as_str(), "request_resourcenotfound" | "resourcenotfound");
    match about {
        About::Event | About::Calendar if is_of_the_mailbox || is_of_the_user => GraphError::NoMailbox(trouble),
        About::Event if code == "erroritemnotfound" => GraphError::NotFound(trouble),
        About::Calendar if matches!(code.as_str(), "erroritemnotfound" | "errorfoldernotfound") => {
            GraphError::NotFound(trouble)
        }
        About::Event | About::Calendar => GraphError::Invalid(trouble),
        About::NewSubscription => GraphError::NoMailbox(trouble),
        About::Subscription if is_of_the_mailbox => GraphError::NoMailbox(trouble),
        About::Subscription | About::Directory => GraphError::NotFound(trouble),
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

/// `error.code` up to the first character that a code does not have, so that no text slips in; with the inner status.
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
mod tests {
    use super::*;

    fn body(code: &str, message: &str) -> String {
        format!(
            r#"{{"error":{{"code":"{code}","message":"{message}","innerError":{{"request-id":"r-1","date":"2026-01-12T09:11:26"}}}}}}"#
        )
    }

    fn named(error: &GraphError) -> String {
        match error {
            GraphError::NotFound(_) => "NotFound".into(),
            GraphError::NoMailbox(_) => "NoMailbox".into(),
            GraphError::Refused(_) => "Refused".into(),
            GraphError::Unauthorized(_) => "Unauthorized".into(),
            GraphError::Credential { .. } => "Credential".into(),
            GraphError::Quota(_) => "Quota".into(),
            GraphError::Conflict(_) => "Conflict".into(),
            GraphError::TooLong { minutes } => format!("TooLong {minutes}"),
            GraphError::Validation(_) => "Validation".into(),
            GraphError::Throttled { after: Some(after), .. } => format!("Throttled {}", after.as_secs()),
            GraphError::Throttled { after: None, .. } => "Throttled".into(),
            GraphError::Unavailable(_) => "Unavailable".into(),
            GraphError::Invalid(_) => "Invalid".into(),
        }
    }

    #[test]
    fn each_refusal_has_its_reaction() {
        use About::{Calendar, Directory, Event, NewSubscription, Subscription};
        let inner = |word: &str| format!("Operation: Create; Exception: [Status Code: {word}; Reason: whatever]");
        let table: Vec<(About, u16, &str, String, &str)> = vec![
            (Event, 404, "ErrorItemNotFound", "The specified object was not found in the store.".into(), "NotFound"),
            (Event, 404, "erroritemnotfound", String::new(), "NotFound"),
            (Event, 404, "MailboxNotEnabledForRESTAPI", "inactive, soft-deleted, or on-premise".into(), "NoMailbox"),
            (Event, 404, "MailboxNotSupportedForRESTAPI", String::new(), "NoMailbox"),
            (Calendar, 404, "ErrorInvalidUser", String::new(), "NoMailbox"),
            (Calendar, 404, "Request_ResourceNotFound", "Resource 'x' does not exist".into(), "NoMailbox"),
            (Directory, 404, "Request_ResourceNotFound", "Resource 'x' does not exist".into(), "NotFound"),
            (Calendar, 410, "SyncStateNotFound", "The sync state generation is not found".into(), "Invalid"),
            (Event, 404, "", String::new(), "Invalid"),
            (Event, 404, "UnknownError", String::new(), "Invalid"),
            (Calendar, 404, "ErrorItemNotFound", String::new(), "NotFound"),
            (Event, 403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.".into(), "Refused"),
            (Event, 403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP]".into(), "Refused"),
            (Directory, 403, "Authorization_RequestDenied", "Insufficient privileges".into(), "Refused"),
            (Event, 403, "", "You do not have the required permissions.".into(), "Refused"),
            (Event, 400, "ErrorAccessDenied", "You need to be an organizer to cancel a meeting.".into(), "Invalid"),
            (Event, 401, "InvalidAuthenticationToken", "Access token has expired".into(), "Unauthorized"),
            (Event, 429, "ApplicationThrottled", "over its MailboxConcurrency limit".into(), "Throttled"),
            (Event, 429, "TooManyRequests", "Please retry again later.".into(), "Throttled"),
            (Event, 423, "ErrorMailboxMoveInProgress", String::new(), "Unavailable"),
            (Event, 424, "FailedDependency", String::new(), "Unavailable"),
            (Event, 503, "ServiceNotAvailable", String::new(), "Unavailable"),
            (Event, 504, "UnknownError", String::new(), "Unavailable"),
            (Event, 405, "Request_BadRequest", String::new(), "Invalid"),
            (Event, 302, "", String::new(), "Invalid"),
            (
                NewSubscription,
                400,
                "ExtensionError",
                "Subscription expiration can only be 10070 minutes in the future.".into(),
                "TooLong 10070",
            ),
            (
                Subscription,
                400,
                "InvalidRequest",
                "Expiration can be at most 4,230 minutes ahead".into(),
                "TooLong 4230",
            ),
            (
                NewSubscription,
                400,
                "ValidationError",
                "endpoint must respond with 200 OK to validation request".into(),
                "Validation",
            ),
            (
                NewSubscription,
                400,
                "InvalidRequest",
                "Response must exactly match validationToken query parameter.".into(),
                "Validation",
            ),
            (NewSubscription, 400, "InvalidRequest", "Subscription validation request timed out.".into(), "Validation"),
            (NewSubscription, 400, "InvalidRequest", "clientState is too long".into(), "Invalid"),
            (NewSubscription, 403, "ExtensionError", inner("Forbidden"), "Refused"),
            (
                NewSubscription,
                403,
                "ExtensionError",
                "Exception: [Status Code: Forbidden; Reason: Maximum number of subscriptions has been reached]".into(),
                "Quota",
            ),
            (NewSubscription, 404, "ExtensionError", inner("NotFound"), "NoMailbox"),
            (NewSubscription, 404, "ResourceNotFound", String::new(), "NoMailbox"),
            (NewSubscription, 400, "ExtensionError", inner("Forbidden"), "Refused"),
            (NewSubscription, 400, "ExtensionError", inner("InternalServerError"), "Unavailable"),
            (NewSubscription, 400, "ExtensionError", "A task was canceled.".into(), "Unavailable"),
            (NewSubscription, 409, "ExtensionError", inner("Conflict"), "Conflict"),
            (Subscription, 404, "ResourceNotFound", "The object was not found.".into(), "NotFound"),
            (Subscription, 404, "ExtensionError", inner("NotFound"), "NotFound"),
        ];
        for (about, status, code, message, expected) in table {
            let body = body(code, &message);
            let refusal = Refusal { status, body: Some(&body), ..Refusal::default() };
            assert_eq!(named(&classify(about, &refusal)), expected, "{about:?} {status} {code} {message}");
        }
    }

    #[test]
    fn a_wait_that_is_asked_for_is_passed_on() {
        for status in [429, 503, 504] {
            let refusal = Refusal { status, retry_after: Some(Duration::from_secs(11)), ..Refusal::default() };
            assert_eq!(named(&classify(About::Event, &refusal)), "Throttled 11");
        }
    }

    #[test]
    fn an_answer_in_any_shape_is_classified_by_its_status() {
        for body in ["", "<html>", "[]", "\"text\"", r#"{"error":null}"#, r#"{"error":{"code":7}}"#] {
            let refusal = Refusal { status: 503, body: Some(body), ..Refusal::default() };
            assert_eq!(named(&classify(About::Event, &refusal)), "Unavailable", "{body}");
        }
    }

    #[test]
    fn trouble_names_codes_and_never_texts() {
        let body = body("ErrorItemNotFound ana@contoso.com", "ana@contoso.com is not here");
        let refusal = Refusal { status: 403, body: Some(&body), ..Refusal::default() };
        insta::assert_snapshot!(
            classify(About::Event, &refusal).to_string(),
            @"access to the mailbox is refused: 403 ErrorItemNotFound (request-id r-1)"
        );
    }
}
