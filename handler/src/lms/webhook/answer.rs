//! From an answer to one of the outcomes (reference/lms-contract.md#answers).
//!
//! Guarantee: an answer means "done" only where it can't say anything else: nothing at all with a 2xx, a JSON
//! object that names a known outcome, or one that names none and in which nothing speaks of failure. A page,
//! a text or half an answer is an outage: somebody other than the LMS has answered, or the lost part may say
//! that nothing was cancelled. What contradicts itself, or can't be seen whole, is for a person.

use super::contract::Outcome;
use super::exchange::{Answer, Ended};
use super::said::{Content, Named, Said};
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::http::retry_after;
use crate::lms::sanitize::quote;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// The longest wait that is obeyed. To ask a little early costs an LMS one request; to obey a mistaken header
/// (milliseconds, a wrong year) would cost every deadline of the day.
const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// What must not be seen in the story, should the LMS repeat it.
pub(super) struct Hidden<'a> {
    pub(super) secrets: Vec<&'a str>,
    pub(super) learner: &'a str,
}

impl Hidden<'_> {
    pub(super) fn quote(&self, text: &str) -> Option<String> {
        quote(text, &self.secrets, Some(self.learner))
    }
}

pub(super) fn read(ended: Ended, now: DateTime<Utc>, hidden: &Hidden<'_>) -> Reply {
    let (outcome, why, reach) = match ended {
        Ended::Answered(answer) => return judge(&answer, now, hidden),
        Ended::Redirected { status, headers, why } => {
            return Reply {
                message: Some(why),
                status: Some(status.as_u16()),
                retry_after: retry_after::of(&headers, now, LONGEST),
                ..Reply::new(LmsOutcome::Unexpected, Reach::Sent)
            };
        }
        Ended::NotReached(why) => (LmsOutcome::Outage, why, Reach::NotReached),
        Ended::Lost(why) => (LmsOutcome::Outage, why, Reach::Sent),
        Ended::Impossible(why) => (LmsOutcome::Unclear, why, Reach::NotReached),
    };
    Reply { message: Some(why), ..Reply::new(outcome, reach) }
}

fn judge(answer: &Answer, now: DateTime<Utc>, hidden: &Hidden<'_>) -> Reply {
    let said = Said::of(&answer.body);
    let code = answer.status.as_u16();
    let (outcome, why) = outcome(code, &said);
    let words = said.words.as_deref().and_then(|words| hidden.quote(words));
    let message = match (why, words) {
        (Some(why), Some(words)) => Some(format!("{why}: {words}")),
        (why, words) => why.or(words),
    };
    let retry_after = retry_after::of(&answer.headers, now, LONGEST);
    let pause = retry_after.filter(|_| matches!(code, 429 | 503));
    Reply { message, status: Some(code), retry_after, pause, ..Reply::new(outcome, Reach::Sent) }
}

/// The outcome, and a word of explanation where it needs one.
fn outcome(code: u16, said: &Said) -> (LmsOutcome, Option<String>) {
    use LmsOutcome as O;
    let because = |why: &str| Some(why.to_owned());
    match code {
        200..=299 => match &said.content {
            Content::Nothing => (O::Done, None),
            // Part of a resource: the other part may say otherwise.
            _ if code == 206 => (O::Outage, because("only a part of an answer")),
            Content::Object { named, failure } => by_object(named, failure.as_deref()),
            Content::OtherJson => (O::Outage, because("JSON, but no object")),
            Content::Page => (O::Outage, because("a page instead of JSON, as from a sign-in or a proxy")),
            Content::Text => (O::Outage, because("a text that is not JSON")),
            Content::TooMuchJson => (O::Unclear, because("more JSON than is read (64 KiB)")),
            Content::TooMuch => (O::Outage, because("a long text that is not JSON")),
            Content::Broken => (O::Outage, because("the answer broke off")),
        },
        404 => match &said.content {
            Content::Object { named: named @ (Named::Known(_) | Named::Unknown), .. } => {
                by_name(named).unwrap_or((O::Unclear, None))
            }
            Content::Nothing
            | Content::Object { named: Named::Nothing, .. }
            | Content::OtherJson
            | Content::Page
            | Content::Text
            | Content::TooMuchJson
            | Content::TooMuch
            | Content::Broken => {
                (O::Outage, because("no outcome, as from a receiver that is not deployed yet"))
            }
        },
        // The status alone says it; a body that says otherwise is heard.
        409 => said.named().and_then(by_name).unwrap_or((O::AlreadyCancelled, None)),
        401 | 403 => (O::CredentialBroken, because("the signature is not accepted")),
        410 => (O::EndpointGone, because("the endpoint is gone")),
        408 | 425 | 429 | 500..=599 => (O::Outage, None),
        _ => match said.named() {
            Some(Named::Known(outcome)) => (
                O::Unclear,
                because(&format!("the status does not go with the outcome `{}`", outcome.word())),
            ),
            Some(Named::Unknown) => (O::Unclear, because("an outcome that is not known")),
            Some(Named::Nothing) | None => (O::Unexpected, None),
        },
    }
}

fn by_object(named: &Named, failure: Option<&str>) -> (LmsOutcome, Option<String>) {
    match (named, failure) {
        (Named::Known(outcome), Some(failure)) if outcome.claims_success() => {
            let why = format!("the outcome `{}`, but {failure}", outcome.word());
            (LmsOutcome::Unclear, Some(why))
        }
        (Named::Known(_) | Named::Unknown, _) => by_name(named).unwrap_or((LmsOutcome::Unclear, None)),
        (Named::Nothing, Some(failure)) => (LmsOutcome::Unclear, Some(failure.to_owned())),
        (Named::Nothing, None) => (LmsOutcome::Done, None),
    }
}

/// `None` where no outcome is named.
fn by_name(named: &Named) -> Option<(LmsOutcome, Option<String>)> {
    match named {
        Named::Known(outcome) => Some((LmsOutcome::from(*outcome), None)),
        Named::Unknown => {
            let known = Outcome::ALL.iter().map(|outcome| outcome.word()).collect::<Vec<_>>().join(", ");
            Some((LmsOutcome::Unclear, Some(format!("an outcome that is none of {known}"))))
        }
        Named::Nothing => None,
    }
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
