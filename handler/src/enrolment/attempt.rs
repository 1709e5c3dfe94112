//! What belongs to one way to the LMS, or to one question to a person, and is over as a whole.
//!
//! Guarantee: [`Enrolment::settle`](super::enrolment::Enrolment::settle) ends an attempt by a new
//! [`Attempt`], so that no field of an old one can live on.

use crate::enrolment::decision::{Decision, Review};
use crate::enrolment::lms_answer::{LmsOutcome, RestoreOutcome};
use crate::enrolment::place_state::PlaceState;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// Stands flat in the row of its enrolment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// What a person is asked.
    pub review: Option<Review>,
    /// When a waiting cancellation is to be carried on.
    pub due: Option<DateTime<Utc>>,
    pub claim: Option<Claim>,
    /// What the LMS is told in every attempt of this decision, as it was at the first: one id must mean one
    /// thing.
    #[serde(default)]
    pub order: Option<SentOrder>,
    /// How often the LMS was asked under this decision.
    #[serde(rename = "attempts")]
    pub tries: u32,
    /// Tries in a row that ended in an outage or in "accepted".
    pub failures: u32,
    /// Since when the evidence could not be read again before the LMS call.
    pub unreadable_since: Option<DateTime<Utc>>,
    pub outcome: Option<Outcome>,
    /// By what the LMS was asked last under this decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<ConnectorIdentity>,
    /// What the LMS showed of the place when it was first read under this decision: before anything was
    /// written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lms_before: Option<PlaceState>,
    /// What it showed last, after an attempt that may have written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lms_after: Option<PlaceState>,
    /// How often the learner's answer came again after all had come to its end, with nothing between that it
    /// could be an answer to.
    #[serde(default)]
    pub repeats: u32,
    /// What was cancelled in the generation before is wanted back, or was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub give_back: Option<GiveBack>,
    /// The LMS is to be read: was the place given anew since it was given up?
    #[serde(default)]
    pub reread: Option<Reread>,
}

/// By what a cancellation is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectorIdentity {
    pub name: String,
    /// Of the connector file's text, where there is one.
    pub hash: Option<String>,
}

/// What the LMS is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SentOrder {
    pub decision: Decision,
    pub session_start: Option<DateTime<Utc>>,
    /// [`Enrolment::decisions`](super::enrolment::Enrolment::decisions) at the first attempt. 0: it was sent
    /// before decisions were counted, under an id that ends with the generation.
    #[serde(default)]
    pub number: u32,
}

/// A place that is wanted back, or that was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GiveBack {
    /// By which the place had been cancelled.
    pub decision: Decision,
    pub accepted: DateTime<Utc>,
    /// When the session was to start when that was seen. Not in rows of older builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_start: Option<DateTime<Utc>>,
    pub decided_at: DateTime<Utc>,
    /// When it is to be carried on.
    pub due: Option<DateTime<Utc>>,
    pub claim: Option<Claim>,
    pub tries: u32,
    /// In a row.
    pub failures: u32,
    /// An attempt may have given it back although nobody saw it say so.
    pub maybe_effected: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<ConnectorIdentity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lms_before: Option<PlaceState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lms_after: Option<PlaceState>,
    /// None: not at its end yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<RestoreOutcome>,
}

impl GiveBack {
    pub fn is_pending(&self) -> bool {
        self.outcome.is_none() && (self.due.is_some() || self.claim.is_some())
    }
}

/// When to read the LMS, and how often that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reread {
    pub due: DateTime<Utc>,
    pub failures: u32,
}

/// Whoever holds the token may call the LMS until `until`, by the store's clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub token: String,
    pub until: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub kind: OutcomeKind,
    pub at: DateTime<Utc>,
    /// The LMS's own words, where it gave some.
    pub message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum OutcomeKind {
    /// The LMS said so.
    #[strum(transparent)]
    Lms(LmsOutcome),
    /// Mode `observe`: it would have been cancelled now.
    WouldHaveCancelled,
    /// Our own deadline, or the session's end.
    TooLate,
}

impl OutcomeKind {
    pub fn word(self) -> &'static str {
        self.into()
    }
}
