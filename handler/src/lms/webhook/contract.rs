//! The words of the connector `webhook`: what is posted and what may be answered. Sending, reading and the
//! JSON Schemas all stand on these types.

use crate::enrolment::lms_answer::{LmsOutcome, OrderEvidence, OrderVerdict};
use crate::lms::Order;
use chrono::{DateTime, SecondsFormat, Utc};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

/// What Regrets posts. Fields may be added; ignore those that you don't know
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type")]
#[schemars(title = "Regrets: request to the LMS", extend("$id" = "urn:regrets:lms:request"))]
pub(super) enum Request<'a> {
    /// Cancel this one place
    #[serde(rename = "enrolment.cancel")]
    Cancel {
        /// When this attempt was made, by Regrets' clock; UTC, whole seconds
        #[schemars(with = "Time")]
        timestamp: String,
        data: Cancel<'a>,
    },
    /// Sent by `regrets lms ping`: answer any 2xx, and do nothing
    #[serde(rename = "test.ping")]
    Ping {
        /// When it was sent; UTC, whole seconds
        #[schemars(with = "Time")]
        timestamp: String,
        data: Ping<'a>,
    },
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "The place to cancel")]
pub(super) struct Cancel<'a> {
    /// The same as the header `webhook-id`: enrolment, generation and decision. The same for every attempt of
    /// one decision
    pub(super) id: &'a str,
    /// The tenant's name in regrets.toml
    #[schemars(regex(pattern = "^[a-z][a-z0-9]{0,31}$"))]
    pub(super) tenant: &'a str,
    /// The session, as it was recognised in the appointment (`recognise.session`)
    #[schemars(length(min = 1))]
    pub(super) session: &'a str,
    /// The learner, by the directory's field that `learner.key` names: a mail address, an employee id, …
    #[schemars(length(min = 1))]
    pub(super) learner: &'a str,
    /// Counts the enrolments of this learner in this session, from 1
    #[schemars(range(min = 1))]
    pub(super) generation: u32,
    /// Counts what was decided about that enrolment, from 1; the highest generation, then decision, wins
    #[schemars(range(min = 1))]
    pub(super) decision: u32,
    /// What was seen
    pub(super) verdict: OrderVerdict,
    /// Where it was seen
    pub(super) evidence: OrderEvidence,
    /// When the learner declined, by Exchange's clock; null when nobody knows it
    #[schemars(with = "Option<Time>")]
    pub(super) declined_at: Option<String>,
    /// When the session starts, as it stood in the calendar when the place was first asked for; null when
    /// unknown
    #[schemars(with = "Option<Time>")]
    pub(super) session_start: Option<String>,
    /// Counts the attempts of this decision, from 1; the only field, beside `timestamp`, that differs between
    /// them
    #[schemars(range(min = 1))]
    pub(super) attempt: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "A test")]
pub(super) struct Ping<'a> {
    /// The same as the header `webhook-id`; another one for each ping
    pub(super) id: &'a str,
    /// The tenant's name in regrets.toml
    pub(super) tenant: &'a str,
}

/// RFC 3339, UTC, whole seconds, such as 2026-11-21T10:00:00Z.
struct Time;

impl JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time",
        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" })
    }
}

impl<'a> Request<'a> {
    pub(super) fn cancel(order: &'a Order, now: DateTime<Utc>) -> Self {
        Self::Cancel {
            timestamp: seconds(now),
            data: Cancel {
                id: &order.id,
                tenant: order.tenant.as_str(),
                session: order.session.as_str(),
                learner: order.learner.as_str(),
                generation: order.generation,
                decision: order.decision,
                verdict: order.verdict,
                evidence: order.evidence,
                declined_at: order.declined_at.map(seconds),
                session_start: order.session_start.map(seconds),
                attempt: order.attempt,
            },
        }
    }

    pub(super) fn ping(id: &'a str, tenant: &'a str, now: DateTime<Utc>) -> Self {
        Self::Ping { timestamp: seconds(now), data: Ping { id, tenant } }
    }
}

fn seconds(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What may be answered with 2xx or 404. An empty body with 2xx means `done`, as does an object without
/// `outcome` in which nothing speaks of failure
#[derive(Debug, JsonSchema)]
#[schemars(title = "Regrets: answer of the LMS", extend("$id" = "urn:regrets:lms:answer"))]
#[allow(dead_code, reason = "the derive reads this type; answers are read leniently, by `answer`")]
struct Reply {
    /// What became of the place; left out: `done`
    outcome: Option<Outcome>,
    /// For the person who reads the story; at most 200 characters are kept, without addresses and tokens
    message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, IntoStaticStr, VariantArray)]
#[schemars(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub(super) enum Outcome {
    /// The place is cancelled, by this request or an earlier attempt of it
    Done,
    /// Taken, not yet done: Regrets asks again with the same id until you say another outcome
    Accepted,
    /// There was a place, and it had been cancelled before. Ends well
    AlreadyCancelled,
    /// The learner has no place in this session. Ends well
    NotEnrolled,
    /// Nobody is known by this key. A person is asked
    UnknownLearner,
    /// No such session. A person is asked
    UnknownSession,
    /// The place can't be cancelled any more. Recorded as expired, and an alert tells
    TooLate,
    /// It may not be cancelled; say why in `message`. A person is asked
    Refused,
    /// The learner is still held in the session another way, by a rule or a second place. A person is asked
    HeldElsewhere,
}

impl Outcome {
    pub(super) const ALL: &[Self] = Self::VARIANTS;

    pub(super) fn word(self) -> &'static str {
        self.into()
    }

    /// By its word, in any letter case and with `-`, `_`, blanks or nothing between its parts.
    pub(super) fn named(word: &str) -> Option<Self> {
        let bare = |word: &str| word.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect::<String>();
        // One letter less in the United States.
        let word = bare(&word.trim().to_lowercase()).replace("canceled", "cancelled");
        Self::ALL.iter().copied().find(|outcome| bare(outcome.word()) == word)
    }

    /// The place is gone by this request, or soon: nothing beside it may say otherwise.
    pub(super) fn claims_success(self) -> bool {
        match self {
            Outcome::Done | Outcome::Accepted => true,
            Outcome::AlreadyCancelled
            | Outcome::NotEnrolled
            | Outcome::UnknownLearner
            | Outcome::UnknownSession
            | Outcome::TooLate
            | Outcome::Refused
            | Outcome::HeldElsewhere => false,
        }
    }
}

impl From<Outcome> for LmsOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => LmsOutcome::Done,
            Outcome::Accepted => LmsOutcome::Accepted,
            Outcome::AlreadyCancelled => LmsOutcome::AlreadyCancelled,
            Outcome::NotEnrolled => LmsOutcome::NotEnrolled,
            Outcome::UnknownLearner => LmsOutcome::UnknownLearner,
            Outcome::UnknownSession => LmsOutcome::UnknownSession,
            Outcome::TooLate => LmsOutcome::TooLate,
            Outcome::Refused => LmsOutcome::Refused,
            Outcome::HeldElsewhere => LmsOutcome::HeldElsewhere,
        }
    }
}

/// The JSON Schema of what is posted.
#[must_use]
pub fn request_schema() -> serde_json::Value {
    schema_of::<Request<'_>>(SchemaSettings::draft2020_12().for_serialize())
}

/// The JSON Schema of what may be answered.
#[must_use]
pub fn answer_schema() -> serde_json::Value {
    schema_of::<Reply>(SchemaSettings::draft2020_12())
}

/// What the types say of themselves is one line of text in the schema, however it is wrapped here.
fn schema_of<T: JsonSchema>(settings: SchemaSettings) -> serde_json::Value {
    let unwrapped = |schema: &mut Schema| {
        if let Some(serde_json::Value::String(text)) = schema.get_mut("description") {
            *text = text.replace('\n', " ");
        }
    };
    let settings = settings.with_transform(RecursiveTransform(unwrapped));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

#[cfg(test)]
#[path = "contract_tests.rs"]
mod tests;
