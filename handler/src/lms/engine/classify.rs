//! What an answer means: the rules in their order, then a table by status.
//!
//! Guarantee: nothing is taken for good that was not promised. A page, half an answer or a text where JSON
//! was promised never says that something is done, or that there is nothing to do, whatever a rule makes of
//! its status. After a read it is "again later"; after a write nobody knows, and the LMS is read.

use super::answer::{Answer, Extent};
use super::conditions::{Seen, holds};
use super::effect::Effect;
use crate::http::retry_after;
use crate::lms::recipe::json_path::{self, JsonPath};
use crate::lms::recipe::rule::{Rule, RuleTest};
use crate::lms::recipe::step::{Expect, Request};
use crate::lms::recipe::template::{RenderError, Variables};
use crate::lms::recipe::words::{StepOutcome, Verdict};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::time::Duration;

/// The longest wait that is obeyed. To ask a little early costs an LMS one request; to obey a mistaken one
/// (milliseconds, a wrong year) would cost every deadline of the day.
pub(super) const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// In our words; `None` where the verdict says it all.
    pub(super) why: Option<String>,
    /// In the LMS's, as they came.
    pub(super) words: Option<String>,
    /// This one is not asked again before.
    pub(super) retry_after: Option<Duration>,
    /// The delay is meant for all that goes to this LMS.
    pub(super) pauses: bool,
}

pub(super) fn judge(
    answer: &Answer,
    request: &Request,
    rules: &[Rule],
    variables: &dyn Variables,
    now: DateTime<Utc>,
) -> Result<Judgement, RenderError> {
    let effect = Effect::of(request);
    let header = retry_after::of(&answer.headers, now, LONGEST);
    let by_table = |why: Option<&str>, verdict| Judgement {
        verdict,
        why: why.map(str::to_owned),
        words: answer.words(effect),
        retry_after: header,
        pauses: header.is_some() && matches!(answer.status, 429 | 503),
    };
    let mut doubt = None;
    for rule in rules {
        if !matches(rule, answer, answer.json.as_ref(), variables)? {
            continue;
        }
        let unfit = match claim(rule.then) {
            Claim::Good => not_promised(answer, request),
            // A status alone may be anybody's.
            Claim::Bad if rule.tests.is_empty() => nobodys(answer),
            Claim::Bad | Claim::Exchange => None,
        };
        if unfit.is_some() {
            // Another rule, or the table, may still say what is wrong.
            doubt = unfit;
            continue;
        }
        let delay = rule.retry_after.as_ref().and_then(|path| delay(path, answer)).or(header);
        let words = rule.message.as_ref().and_then(|path| path.one(answer.json.as_ref()?));
        let words = words.and_then(json_path::text).map(|text| text.into_owned());
        let is_good = claim(rule.then) == Claim::Good;
        return Ok(Judgement {
            verdict: rule.then,
            why: None,
            words: words.or_else(|| answer.words(effect).filter(|_| !is_good)),
            retry_after: delay,
            pauses: delay.is_some() && (rule.retry_after.is_some() || matches!(answer.status, 429 | 503)),
        });
    }
    if answer.is_success() {
        let why = doubt.or_else(|| not_promised(answer, request));
        return Ok(match why {
            None => by_table(None, Verdict::Ok),
            Some(why) => by_table(Some(why), Verdict::Outcome(effect.not_as_promised())),
        });
    }
    if doubt.is_some() {
        return Ok(by_table(doubt, Verdict::Outcome(effect.not_as_promised())));
    }
    let outcome = by_status(answer.status, effect, header.is_some());
    Ok(by_table(None, Verdict::Outcome(outcome)))
}

/// What a verdict rests on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// The LMS says that something is done, or that there is nothing to do, or shows what it was asked for.
    Good,
    /// The LMS says that it can't be.
    Bad,
    /// It is about the exchange, whoever has answered.
    Exchange,
}

fn claim(verdict: Verdict) -> Claim {
    match verdict {
        Verdict::Ok | Verdict::State(_) => Claim::Good,
        Verdict::Outcome(outcome) => match outcome {
            StepOutcome::Done | StepOutcome::AlreadyCancelled | StepOutcome::NotEnrolled => Claim::Good,
            StepOutcome::UnknownLearner
            | StepOutcome::UnknownSession
            | StepOutcome::TooLate
            | StepOutcome::Refused
            | StepOutcome::HeldElsewhere
            | StepOutcome::Full
            | StepOutcome::Closed => Claim::Bad,
            StepOutcome::AuthBroken
            | StepOutcome::ConfigBroken
            | StepOutcome::Retry
            | StepOutcome::UnknownOutcome
            | StepOutcome::Unclear => Claim::Exchange,
        },
    }
}

/// Why it need not be the LMS that has answered.
fn nobodys(answer: &Answer) -> Option<&str> {
    match answer.extent {
        Extent::Broken => Some("the answer broke off"),
        Extent::Cut => Some("the answer is longer than is read"),
        Extent::Whole if answer.is_page() => {
            Some("a page, as from a sign-in or a proxy, instead of what was promised")
        }
        Extent::Whole => None,
    }
}

/// Why the answer is not what a good one must be; `None` where it is.
fn not_promised<'a>(answer: &'a Answer, request: &Request) -> Option<&'a str> {
    if answer.extent != Extent::Whole {
        return nobodys(answer);
    }
    if answer.status == 206 {
        return Some("only a part of an answer");
    }
    if !answer.is_success() {
        // What is promised of a 2xx need not hold for a refusal, but it must be the LMS that refuses.
        return match request.expect {
            Expect::Json | Expect::Csv | Expect::Icalendar | Expect::Empty => nobodys(answer),
            Expect::Text | Expect::Any => None,
        };
    }
    if answer.is_empty() {
        let is_answer = request.empty_is_ok || matches!(request.expect, Expect::Empty | Expect::Any);
        return (!is_answer).then_some("an empty answer");
    }
    match request.expect {
        Expect::Any | Expect::Text => None,
        // Every text is a table of one column.
        Expect::Csv | Expect::Icalendar if answer.is_page() => {
            Some("a page, as from a sign-in or a proxy, instead of the file")
        }
        Expect::Json | Expect::Csv | Expect::Icalendar if answer.json.is_some() => None,
        Expect::Json if answer.is_page() => Some("a page, as from a sign-in or a proxy, instead of JSON"),
        Expect::Csv => Some(answer.unfit.as_deref().unwrap_or("a text that is no table")),
        Expect::Icalendar => Some(answer.unfit.as_deref().unwrap_or("a text that is no calendar")),
        Expect::Json => Some("a text that is not JSON"),
        Expect::Empty => Some("an answer that should be empty and is not"),
    }
}

/// The first rule that matches a picked entry, and what it says for people.
pub(super) fn entry<'r>(
    rules: &'r [Rule],
    answer: &Answer,
    entry: &Value,
    variables: &dyn Variables,
) -> Result<Option<(&'r Rule, Option<String>)>, RenderError> {
    for rule in rules {
        if matches(rule, answer, Some(entry), variables)? {
            let words = rule.message.as_ref().and_then(|path| json_path::text(path.one(entry)?));
            return Ok(Some((rule, words.map(|text| text.into_owned()))));
        }
    }
    Ok(None)
}

/// Paths are looked at in `json`: the answer's, or an entry of it.
fn matches(
    rule: &Rule,
    answer: &Answer,
    json: Option<&Value>,
    variables: &dyn Variables,
) -> Result<bool, RenderError> {
    let status = answer.status;
    let has_status = rule.status.is_empty()
        || rule.status.iter().any(|range| (range.first..=range.last).contains(&status));
    let has_type = rule.content_type.as_ref().is_none_or(|start| answer.media_type.starts_with(start));
    if !has_status || !has_type {
        return Ok(false);
    }
    for test in &rule.tests {
        let is_met = match test {
            // Of what is no JSON nothing is said, not even that something is missing in it.
            RuleTest::At(path, test) => match json {
                Some(json) => holds(test, &Seen::at(path, Some(json)), variables)?,
                None => false,
            },
            RuleTest::Header(name, test) => holds(test, &Seen::Text(answer.header(name)), variables)?,
            RuleTest::Text(pattern) => pattern.is_match(&answer.text),
        };
        if !is_met {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Seconds, in the body.
fn delay(path: &JsonPath, answer: &Answer) -> Option<Duration> {
    let text = json_path::text(path.one(answer.json.as_ref()?)?)?;
    let seconds: f64 = text.trim().parse().ok()?;
    let delay = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST).min(LONGEST);
    (!delay.is_zero()).then_some(delay)
}

fn by_status(status: u16, effect: Effect, says_when: bool) -> StepOutcome {
    use StepOutcome as O;
    match (effect, status) {
        (_, 300..=399) => O::ConfigBroken,
        (_, 401 | 403) => O::AuthBroken,
        (Effect::Reads, 404 | 410) => O::ConfigBroken,
        (Effect::Reads, 408 | 425 | 429 | 500..=599) => O::Retry,
        (Effect::Writes, 425 | 429) => O::Retry,
        (Effect::Writes, 503) if says_when => O::Retry,
        (Effect::Writes, 408 | 409 | 500..=599) => O::UnknownOutcome,
        (Effect::Reads | Effect::Writes, _) => O::Unclear,
    }
}

#[cfg(test)]
#[path = "classify_tests.rs"]
mod tests;
