//! How a connection is doing: what a probe of it came to, and what a person should know of it.

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::DATE;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    pub verdict: HealthVerdict,
    /// What was seen, without secrets and people.
    pub message: Option<String>,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// How far the LMS's clock is ahead of ours, by its last answer.
    pub clock: Option<TimeDelta>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthVerdict {
    Well,
    /// The credential is not accepted.
    CredentialBroken,
    /// The connector file or a setting does not fit this LMS.
    ConfigBroken,
    /// It can't be reached or can't answer now.
    Outage,
    /// It answers, and only a person can make sense of it.
    Unclear,
}

/// What a person should know of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkup {
    pub condition: Condition,
    /// What was seen, without secrets and people.
    pub seen: String,
    /// What to do about it; beside a good answer, what to know.
    pub step: Option<String>,
    /// How far the LMS's clock is ahead of ours.
    pub clock: Option<TimeDelta>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Well,
    Unwell,
    /// This connector has nothing to ask without changing something.
    NotAsked,
}

impl Checkup {
    /// What a probe came to; `None`: the connector has none.
    pub fn of_probe(health: Option<Health>) -> Self {
        let Some(health) = health else {
            return Self {
                condition: Condition::NotAsked,
                seen: "this connector has no probe: nothing can be asked without changing something"
                    .to_owned(),
                step: None,
                clock: None,
            };
        };
        let Health { verdict, message, status, clock } = health;
        let said = match (status, message) {
            (Some(status), Some(message)) => format!("HTTP {status}: {message}"),
            (Some(status), None) => format!("HTTP {status}"),
            (None, Some(message)) => message,
            (None, None) => "no answer".to_owned(),
        };
        let (condition, step) = match verdict {
            HealthVerdict::Well => (Condition::Well, None),
            HealthVerdict::CredentialBroken => (
                Condition::Unwell,
                Some(
                    "The LMS does not accept the connection's credential: mend its secret, \
                     then open the valve.",
                ),
            ),
            HealthVerdict::ConfigBroken => (
                Condition::Unwell,
                Some(
                    "The connector file or a setting does not fit this LMS: \
                     `regrets connector try` shows each request.",
                ),
            ),
            HealthVerdict::Outage => (
                Condition::Unwell,
                Some(
                    "The LMS can't be reached or can't answer: check its address, the network and the \
                     certificate. Cancellations wait and go on by themselves.",
                ),
            ),
            HealthVerdict::Unclear => (
                Condition::Unwell,
                Some(
                    "The LMS answers, and not as the connector file expects: `regrets \
                     connector try` shows each request.",
                ),
            ),
        };
        let seen = if condition == Condition::Well {
            "the LMS answers, and accepts the credential".to_owned()
        } else {
            said
        };
        Self { condition, seen, step: step.map(str::to_owned), clock }
    }
}

/// How far whoever answered is ahead of us, by the answer's `Date`.
pub(super) fn clock_ahead(headers: &HeaderMap, now: DateTime<Utc>) -> Option<TimeDelta> {
    let date = headers.get(DATE)?.to_str().ok()?;
    let theirs: DateTime<Utc> = httpdate::parse_http_date(date.trim()).ok()?.into();
    Some(theirs - now)
}
