//! From an answer to one of the outcomes (design, section 8).
//!
//! Two readings beyond its words. A 2xx whose body breaks off counts as an outage: the lost part may say that nothing was
//! cancelled. A 2xx with more than 64 KiB is "done" only when it is no JSON object to begin with (an error page, say,
//! which counts as no body); of an object that long we did not see all, so a person has to look.

use super::exchange::{Answer, Ended, Received};
use crate::lms::retry_after::retry_after;
use crate::lms::words::clean;
use crate::lms::{LmsOutcome, Reach, Reply};
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Map, Value};
use std::time::Duration;

/// `secrets` are blotted out of what the LMS says.
pub(super) fn read(ended: Ended, now: DateTime<Utc>, secrets: &[&str]) -> Reply {
    let (outcome, why, status, reach) = match ended {
        Ended::Answered(answer) => return judge(&answer, now, secrets),
        Ended::Redirected { status, why } => (LmsOutcome::Unclear, why, Some(status.as_u16()), Reach::Sent),
        Ended::NotReached(why) => (LmsOutcome::Outage, why, None, Reach::NotReached),
        Ended::Lost(why) => (LmsOutcome::Outage, why, None, Reach::Sent),
        Ended::Impossible(why) => (LmsOutcome::Unclear, why, None, Reach::NotReached),
    };
    Reply { outcome, message: clean(&why, secrets), status, pause: None, reach }
}

fn judge(answer: &Answer, now: DateTime<Utc>, secrets: &[&str]) -> Reply {
    let said = Said::of(&answer.body, answer.status.is_success());
    let (outcome, why) = outcome(answer.status, &said);
    let message = match (why, said.words()) {
        (Some(why), Some(words)) => Some(format!("{why}: {words}")),
        (why, words) => why.or(words),
    };
    Reply {
        outcome,
        message: message.and_then(|words| clean(&words, secrets)),
        status: Some(answer.status.as_u16()),
        pause: pause(answer, now),
        reach: Reach::Sent,
    }
}

/// The outcome, and a word of explanation where it needs one.
fn outcome(status: StatusCode, said: &Said) -> (LmsOutcome, Option<String>) {
    let code = status.as_u16();
    match code {
        200..=299 => match said {
            Said::Outcome { outcome, .. } => by_name(outcome),
            Said::Nothing | Said::Words(_) => (LmsOutcome::Done, None),
            Said::TooMuch => (LmsOutcome::Unclear, Some(format!("HTTP {code} with more JSON than is read (64 KiB)"))),
            Said::Broken => (LmsOutcome::Outage, Some(format!("HTTP {code}, but the answer broke off"))),
        },
        404 => match said {
            Said::Outcome { outcome, .. } => by_name(outcome),
            Said::Nothing | Said::Words(_) | Said::TooMuch | Said::Broken => (
                LmsOutcome::Outage,
                Some("HTTP 404 without an outcome, as from a receiver that is not deployed yet".to_owned()),
            ),
        },
        409 => (LmsOutcome::AlreadyCancelled, None),
        401 | 403 => (LmsOutcome::CredentialBroken, Some(format!("HTTP {code}, the signature is not accepted"))),
        410 => (LmsOutcome::EndpointGone, Some("HTTP 410, the endpoint is gone".to_owned())),
        408 | 425 | 429 | 500..=599 => (LmsOutcome::Outage, Some(format!("HTTP {code}"))),
        _ => match said {
            Said::Outcome { outcome, .. } => {
                (LmsOutcome::Unclear, Some(format!("HTTP {code} does not go with the outcome {outcome}")))
            }
            Said::Nothing | Said::Words(_) | Said::TooMuch | Said::Broken => {
                (LmsOutcome::Unclear, Some(format!("HTTP {code}")))
            }
        },
    }
}

fn by_name(outcome: &Value) -> (LmsOutcome, Option<String>) {
    let known = match outcome.as_str() {
        Some("done") => LmsOutcome::Done,
        Some("accepted") => LmsOutcome::Accepted,
        Some("already_cancelled") => LmsOutcome::AlreadyCancelled,
        Some("not_enrolled") => LmsOutcome::NotEnrolled,
        Some("unknown_learner") => LmsOutcome::UnknownLearner,
        Some("unknown_session") => LmsOutcome::UnknownSession,
        Some("too_late") => LmsOutcome::TooLate,
        Some("refused") => LmsOutcome::Refused,
        Some(_) | None => return (LmsOutcome::Unclear, Some(format!("an outcome that is not known, {outcome}"))),
    };
    (known, None)
}

fn pause(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    matches!(answer.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
        .then(|| retry_after(&answer.headers, now))
        .flatten()
}

/// What a body says.
enum Said {
    Nothing,
    /// No outcome, but words that a person may want to read.
    Words(String),
    Outcome {
        outcome: Value,
        message: Option<String>,
    },
    TooMuch,
    Broken,
}

impl Said {
    /// Of a success nothing but its `outcome` and `message` is kept; of a failure its raw text too, for the person who has
    /// to make sense of it.
    fn of(body: &Received, success: bool) -> Self {
        match body {
            Received::Whole(bytes) => match object(bytes) {
                Some(object) => {
                    let message = object.get("message").and_then(Value::as_str).map(str::to_owned);
                    match (object.get("outcome"), message) {
                        (Some(outcome), message) if !outcome.is_null() => {
                            Said::Outcome { outcome: outcome.clone(), message }
                        }
                        (_, Some(message)) => Said::Words(message),
                        (_, None) if success => Said::Nothing,
                        (_, None) => raw(bytes),
                    }
                }
                None if success => Said::Nothing,
                None => raw(bytes),
            },
            Received::Cut(bytes) => match trimmed(bytes).first() {
                Some(b'{') => Said::TooMuch,
                Some(_) | None => Said::Nothing,
            },
            Received::Broken => Said::Broken,
        }
    }

    fn words(&self) -> Option<String> {
        match self {
            Said::Words(words) => Some(words.clone()),
            Said::Outcome { message, .. } => message.clone(),
            Said::Nothing | Said::TooMuch | Said::Broken => None,
        }
    }
}

/// A page of HTML tells a person nothing that the status does not.
fn raw(bytes: &[u8]) -> Said {
    match std::str::from_utf8(trimmed(bytes)) {
        Ok(text) if !text.is_empty() && !text.starts_with('<') => Said::Words(text.to_owned()),
        Ok(_) | Err(_) => Said::Nothing,
    }
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(trimmed(bytes)).ok()
}

/// Without the byte order mark that some servers put before JSON, and without blanks before it.
fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii()
}
