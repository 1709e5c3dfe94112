//! Tells the [`Trace`](crate::lms::engine::trace::Trace) of a request for a token, as a step `auth.token`.
//!
//! Guarantee: nothing that may be a token is shown. Of the request: no secret of the tenant, and not the
//! refresh token that is sent. Of the answer: of a JSON body numbers, flags, and the texts that say what went
//! wrong; any other body, and headers, only where no token was given.

use crate::lms::engine::answer::Answer;
use crate::lms::engine::redact::Redactor;
use crate::lms::engine::seen::headers;
use crate::lms::engine::trace::{SeenAnswer, SeenRequest};
use crate::lms::engine::traffic::Traffic;
use crate::lms::exchange::Outgoing;
use http::HeaderMap;
use secrecy::SecretString;
use serde_json::Value;

const RECIPE: &str = "auth";
const STEP: &str = "token";

/// What RFC 6749 and the like say in plain words.
const PLAIN: [&str; 7] =
    ["error", "error_description", "error_uri", "message", "token_type", "scope", "status"];

pub(super) struct Told<'a> {
    traffic: &'a Traffic,
    redactor: Redactor,
}

impl<'a> Told<'a> {
    pub(super) fn new(traffic: &'a Traffic, refresh_token: Option<&SecretString>) -> Self {
        let mut redactor = traffic.redactor.clone();
        refresh_token.into_iter().for_each(|token| redactor.hide(token));
        Self { traffic, redactor }
    }

    pub(super) fn request(&self, outgoing: &Outgoing) {
        let Some(trace) = self.traffic.trace() else { return };
        let show = |text: &str| self.redactor.show(text, trace.shows_people());
        trace.request(&SeenRequest {
            recipe: RECIPE,
            step: STEP.to_owned(),
            writes: false,
            method: outgoing.method.to_string(),
            url: show(outgoing.url.as_str()),
            headers: headers(&outgoing.headers, &show),
            body: show(&String::from_utf8_lossy(&outgoing.body)),
        });
    }

    /// `why`: why it gives no token; `None`: it gives one.
    pub(super) fn answer(&self, answer: &Answer, why: Option<&str>) {
        let Some(trace) = self.traffic.trace() else { return };
        let show = |text: &str| self.redactor.show(text, trace.shows_people());
        let body = match &answer.json {
            Some(json) => plain(None, json, &show).to_string(),
            None if answer.text.is_empty() => String::new(),
            None if why.is_none() || answer.status < 300 => "***".to_owned(),
            None => show(&answer.text),
        };
        let shown = if why.is_none() { &HeaderMap::new() } else { &answer.headers };
        trace.answer(&SeenAnswer {
            recipe: RECIPE,
            step: STEP.to_owned(),
            status: Some(answer.status),
            headers: headers(shown, &show),
            body,
            note: why.unwrap_or("ok").to_owned(),
        });
    }

    pub(super) fn nothing(&self, why: &str) {
        let Some(trace) = self.traffic.trace() else { return };
        trace.answer(&SeenAnswer {
            recipe: RECIPE,
            step: STEP.to_owned(),
            status: None,
            headers: Vec::new(),
            body: String::new(),
            note: why.to_owned(),
        });
    }
}

fn plain(key: Option<&str>, value: &Value, show: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) if key.is_some_and(|key| PLAIN.contains(&key)) => show(text).into(),
        Value::String(_) => "***".into(),
        Value::Array(all) => all.iter().map(|one| plain(key, one, show)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|(key, value)| (key.clone(), plain(Some(key), value, show)));
            Value::Object(fields.collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}
