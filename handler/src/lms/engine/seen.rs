//! Tells the [`Trace`](super::trace::Trace) what goes by, redacted.

use super::answer::Answer;
use super::at::At;
use super::effect::Effect;
use super::finding::{End, Finding};
use super::redact::Redactor;
use super::request::Unsigned;
use super::trace::{SeenAnswer, SeenRequest, Trace};
use crate::lms::exchange::Outgoing;
use crate::lms::recipe::words::Verdict;
use http::HeaderMap;

#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) trace: Option<&'a dyn Trace>,
    pub(super) redactor: &'a Redactor,
}

impl Seen<'_> {
    pub(super) fn request(self, at: At<'_>, outgoing: &Outgoing) {
        let Some(trace) = self.trace else { return };
        let show = |text: &str| self.redactor.show(text, trace.shows_people());
        trace.request(&SeenRequest {
            recipe: at.recipe.word(),
            step: at.step.name.clone(),
            writes: Effect::of(at.request) == Effect::Writes,
            method: outgoing.method.to_string(),
            url: show(outgoing.url.as_str()),
            headers: headers(&outgoing.headers, &show),
            body: show(&String::from_utf8_lossy(&outgoing.body)),
        });
    }

    /// What would be sent, without its credential. People are shown only where they are asked for.
    pub(super) fn unsent(self, at: At<'_>, unsigned: &Unsigned) -> SeenRequest {
        let people = self.trace.is_some_and(Trace::shows_people);
        let show = |text: &str| self.redactor.show(text, people);
        SeenRequest {
            recipe: at.recipe.word(),
            step: at.step.name.clone(),
            writes: Effect::of(at.request) == Effect::Writes,
            method: unsigned.method.to_string(),
            url: show(unsigned.url.as_str()),
            headers: headers(&unsigned.headers, &show),
            body: show(unsigned.body()),
        }
    }

    pub(super) fn answer(self, at: At<'_>, answer: &Answer, verdict: Verdict) {
        let Some(trace) = self.trace else { return };
        let show = |text: &str| self.redactor.show(text, trace.shows_people());
        trace.answer(&SeenAnswer {
            recipe: at.recipe.word(),
            step: at.step.name.clone(),
            status: Some(answer.status),
            headers: headers(&answer.headers, &show),
            body: show(&answer.text),
            note: word(verdict.into()).to_owned(),
        });
    }

    pub(super) fn nothing(self, at: At<'_>, finding: &Finding) {
        let Some(trace) = self.trace else { return };
        let why = finding.why.as_deref().unwrap_or("no answer");
        trace.answer(&SeenAnswer {
            recipe: at.recipe.word(),
            step: at.step.name.clone(),
            status: finding.status,
            headers: Vec::new(),
            body: String::new(),
            note: format!("{}: {why}", word(finding.end)),
        });
    }
}

fn word(end: End) -> &'static str {
    match end {
        End::Through => "ok",
        End::State(state) => state.word(),
        End::Outcome(outcome) => outcome.word(),
        End::NoRoom => "not sent",
    }
}

pub(super) fn headers(headers: &HeaderMap, show: &dyn Fn(&str) -> String) -> Vec<(String, String)> {
    let shown = |value: &http::HeaderValue| match value.is_sensitive() {
        true => "***".to_owned(),
        false => show(&String::from_utf8_lossy(value.as_bytes())),
    };
    headers
        .iter()
        .map(|(name, value)| {
            let is_secret = *name == http::header::SET_COOKIE;
            (name.to_string(), if is_secret { "***".to_owned() } else { shown(value) })
        })
        .collect()
}
