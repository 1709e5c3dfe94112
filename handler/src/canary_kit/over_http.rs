//! Acted by a kit outside of the tenant, which is asked over HTTP: one POST for each act, signed as the
//! Standard Webhooks specification says. Whoever can act in the two mailboxes stands behind it; the
//! simulator's does in its own world.
//!
//! ```text
//! {"act": "invite", "test": "…", "organizer": "…", "learner": "…", "subject": "…", "body": "…",
//!  "start": "…Z", "end": "…Z", "properties": {"<property id>": "…"}}
//! {"act": "look" | "decline" | "take_away", "test": "…", "organizer": "…", "learner": "…"}
//! ```
//!
//! Each is answered with what there is of the test after it:
//!
//! ```text
//! {"event": null | {"id": "…", "iCalUId": "…"}, "copy": null | {"id": "…", "declined": false}}
//! ```
//!
//! Guarantees: an act may be asked for again, and `test` says that it is the same; nothing that the kit says
//! counts for more than that it was asked: whether a decline was seen and carried out, the calendars and the
//! LMS alone say. No answer is read beyond its size or time, and none of another origin.

use super::kit::{Copy, Kit, KitError, Made, Test};
use crate::clock::Clock;
use crate::graph::port::{EventText, NewEvent, When};
use crate::ids::{Address, EventId, ICalUid};
use crate::lms::exchange::{self, Ended, Limits, Outgoing, Received};
use crate::lms::webhook::secret::WebhookSecret;
use crate::lms::webhook::signature::Signer;
use async_trait::async_trait;
use chrono::{DateTime, SecondsFormat, Utc};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// How long an act may take.
const ANSWER: Duration = Duration::from_secs(30);

/// As much of an answer as is read, and as an id may have.
const MOST: usize = 16 * 1024;
const LONGEST_ID: usize = 1024;

pub struct OverHttp {
    pub url: Url,
    /// None: they can't be had, and nothing is asked.
    pub secrets: Vec<WebhookSecret>,
    pub organizer: Address,
    pub learner: Address,
    /// Must follow no redirect.
    pub http: Client,
    pub clock: Arc<dyn Clock>,
}

/// What there is of a test.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    event: Option<ShownEvent>,
    copy: Option<ShownCopy>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownEvent {
    id: String,
    #[serde(rename = "iCalUId")]
    ical_uid: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ShownCopy {
    id: String,
    declined: bool,
}

#[async_trait]
impl Kit for OverHttp {
    async fn made(&self, test: Test<'_>) -> Result<Option<Made>, KitError> {
        Ok(self.ask("look", test, Map::new()).await?.event.map(made))
    }

    async fn invite(&self, test: Test<'_>, wanted: &NewEvent) -> Result<Made, KitError> {
        let shown = self.ask("invite", test, words(wanted)).await?;
        shown.event.map(made).ok_or_else(|| passing("was asked to invite, and shows no event of it"))
    }

    async fn copy(&self, test: Test<'_>, _: &ICalUid) -> Result<Option<Copy>, KitError> {
        Ok(self.ask("look", test, Map::new()).await?.copy.map(copy))
    }

    async fn decline(&self, test: Test<'_>, _: &EventId) -> Result<bool, KitError> {
        match self.ask("decline", test, Map::new()).await?.copy {
            Some(ShownCopy { declined: false, .. }) => {
                Err(passing("was asked to decline, and shows a copy that is not declined"))
            }
            Some(_) | None => Ok(true),
        }
    }

    async fn call_off(&self, test: Test<'_>, _: &EventId) -> Result<(), KitError> {
        match self.ask("take_away", test, Map::new()).await?.event {
            Some(_) => Err(passing("was asked to take the event away, and shows it still")),
            None => Ok(()),
        }
    }

    /// It is taken away with its event: what still stands is left.
    async fn tidy(&self, _: Test<'_>, _: &EventId) -> Result<(), KitError> {
        Err(passing("has taken the event away, and shows a copy of it still"))
    }
}

impl OverHttp {
    async fn ask(&self, act: &str, test: Test<'_>, more: Map<String, Value>) -> Result<Shown, KitError> {
        if self.secrets.is_empty() {
            return Err(lasting("can't be asked: its secret is missing, which `regrets check` tells"));
        }
        let mut asked = more;
        asked.insert("act".to_owned(), act.into());
        asked.insert("test".to_owned(), test.id.into());
        asked.insert("organizer".to_owned(), self.organizer.as_str().into());
        asked.insert("learner".to_owned(), self.learner.as_str().into());
        let body = Value::Object(asked).to_string();
        let headers = self
            .headers(&format!("{}.{act}", test.id), &body)
            .ok_or_else(|| lasting("can't be asked: the test's id fits into no header"))?;
        let request = Outgoing { method: Method::POST, url: self.url.clone(), headers, body: body.into() };
        let ends = Instant::now() + ANSWER;
        let limits = Limits { ends, most: MOST, may_write: true, setting: "canary.kit.url" };
        read(exchange::run(&self.http, request, limits).await)
    }

    fn headers(&self, id: &str, body: &str) -> Option<HeaderMap> {
        let timestamp = self.clock.now().timestamp();
        let signature = Signer::new(&self.secrets).sign(id, timestamp, body);
        Some(HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (HeaderName::from_static("webhook-id"), HeaderValue::from_str(id).ok()?),
            (HeaderName::from_static("webhook-timestamp"), HeaderValue::from(timestamp)),
            (HeaderName::from_static("webhook-signature"), HeaderValue::from_str(&signature).ok()?),
        ]))
    }
}

/// What the kit says of itself is not repeated: it may hold anything.
fn read(ended: Ended) -> Result<Shown, KitError> {
    let answer = match ended {
        Ended::Answered(answer) => answer,
        Ended::Redirected { why, .. } => return Err(lasting(&format!("is not asked there: {why}"))),
        Ended::NotReached(why) => return Err(passing(&format!("is not reached: {why}"))),
        Ended::Lost(why) => return Err(passing(&format!("gives no answer: {why}"))),
        Ended::Impossible(why) => return Err(lasting(&format!("can't be asked: {why}"))),
    };
    let status = answer.status.as_u16();
    match status {
        200 => {}
        401 | 403 => return Err(lasting(&format!("does not let us in (HTTP {status}): compare the secret"))),
        404 | 405 | 410 => return Err(lasting(&format!("is not at that address (HTTP {status})"))),
        _ => return Err(passing(&format!("answers HTTP {status}"))),
    }
    let body = match answer.body {
        Received::Whole(body) => body,
        Received::Cut(_) => return Err(passing(&format!("answers more than {MOST} bytes"))),
        Received::Broken => return Err(passing("gives half an answer")),
    };
    let shown: Shown = serde_json::from_slice(&body)
        .map_err(|error| passing(&format!("answers what is none of its answers: {}", place(&error))))?;
    let is_odd = |id: &String| id.trim().is_empty() || id.len() > LONGEST_ID;
    let event = shown.event.as_ref().is_some_and(|event| is_odd(&event.id) || is_odd(&event.ical_uid));
    if event || shown.copy.as_ref().is_some_and(|copy| is_odd(&copy.id)) {
        return Err(passing("answers an id that is empty, or too long to be one"));
    }
    Ok(shown)
}

/// Without what stands there.
fn place(error: &serde_json::Error) -> String {
    let kind = match error.classify() {
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof => "it is not JSON",
        serde_json::error::Category::Data => "the shape is another",
        serde_json::error::Category::Io => "it can't be read",
    };
    format!("{kind}, line {} column {}", error.line(), error.column())
}

fn made(shown: ShownEvent) -> Made {
    Made { event: EventId::new(shown.id), ical_uid: Some(ICalUid::new(shown.ical_uid)) }
}

fn copy(shown: ShownCopy) -> Copy {
    Copy { event: EventId::new(shown.id), is_declined: shown.declined }
}

/// What an invitation says.
fn words(wanted: &NewEvent) -> Map<String, Value> {
    let says = &wanted.says;
    let body = says.body.as_ref().map(|body| match body {
        EventText::Plain(text) | EventText::Html(text) => text,
    });
    let utc = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let (start, end) = match &says.when {
        Some(When::Timed { start, end }) => (Some(utc(start.instant)), Some(utc(end.instant))),
        Some(When::Days { .. }) | None => (None, None),
    };
    let words = [
        ("subject", json!(says.subject)),
        ("body", json!(body)),
        ("start", json!(start)),
        ("end", json!(end)),
        ("properties", json!(says.properties)),
    ];
    words.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn passing(said: &str) -> KitError {
    KitError::Kit { said: said.to_owned(), is_final: false }
}

fn lasting(said: &str) -> KitError {
    KitError::Kit { said: said.to_owned(), is_final: true }
}

#[cfg(test)]
#[path = "over_http_tests.rs"]
mod tests;
