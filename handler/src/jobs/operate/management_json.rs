//! The types of the management JSON: what the functions answer with, the command line reads and pages show.
//!
//! Times have one format everywhere: RFC 3339 in UTC, `Z`, whole milliseconds.

use crate::ids::{LearnerKey, SubscriptionId, TenantName, UserId};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// A time as it is shown: `2026-11-21T10:00:00.000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub DateTime<Utc>);

impl From<DateTime<Utc>> for At {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(from).map(Self)
    }
}

/// A list goes on with `after=<next>` where `next` is not null.
#[derive(Debug, Serialize, Deserialize)]
pub struct List<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Status {
    pub version: String,
    pub tenants: BTreeMap<TenantName, TenantStatus>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct TenantStatus {
    /// False: switched off, so that nothing is read, woken or sent.
    #[serde(default = "on")]
    pub active: bool,
    pub mode: String,
    /// Which secrets can't be had, and what mends that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<String>,
    pub valve: ValveStatus,
    pub counts: BTreeMap<String, usize>,
    /// Mode `observe`, and learners outside of `policy.only`: cancellations that would have been sent, by
    /// verdict.
    pub would_have_cancelled: BTreeMap<String, usize>,
    pub blind: u64,
    pub dropped: BTreeMap<String, u64>,
    pub mailboxes: BTreeMap<String, usize>,
    /// Left out where nothing was looked for yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentStatus>,
    /// How the test decline of each day goes; left out where none is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary: Option<CanaryStatus>,
    pub alerts: Vec<Alert>,
    /// How each connection is, and a score of it all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Health>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Health {
    /// From 0 to 100, which is all that can be wished for.
    pub score: u32,
    pub connections: Vec<Connection>,
    /// What the score lacks.
    pub reasons: Vec<Reason>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// `graph`, `consent`, `secret`, `scope`, `subscriptions`, `silence`, `lms`, `valve`, `source`.
    pub name: String,
    /// `ok`, `degraded`, `down`, `off`, `unknown`.
    pub state: String,
    /// Null where nobody knows it.
    pub since: Option<At>,
    /// What mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub points: u32,
    pub why: String,
}

/// The test decline of each day, at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CanaryStatus {
    /// How the last one ended: `passed` or `failed`; before that, `running` or `never`.
    pub state: String,
    pub session: String,
    /// The state of the one that is under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under_way: Option<String>,
    /// When the last one that passed had its answer of the LMS.
    pub passed: Option<At>,
    /// And how long that took, from the decline.
    pub seconds: Option<i64>,
    /// The LMS itself took the place away; false: it said that there was none.
    pub proved: Option<bool>,
    /// Where the last one got stuck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<CanaryFailure>,
    pub next: At,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CanaryFailure {
    /// `preparation`, `invitation`, `arrival`, `notification`, `recognition`, `decline`, `decision`,
    /// `review`, `rollout`, `valve`, `lms`.
    pub stage: String,
    pub why: String,
    /// What mends it.
    pub step: String,
    pub at: At,
}

/// Whether the rights are there that the configuration needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentStatus {
    pub state: String,
    pub since: At,
    /// Since when everything is there, or was there last.
    pub granted: Option<At>,
    /// Permissions by their names in Graph: there, missing, of these gone again, and on top.
    pub permissions: Vec<String>,
    pub missing: Vec<String>,
    pub withdrawn: Vec<String>,
    pub excess: Vec<String>,
    /// When a token was asked for last to see.
    pub looked: Option<At>,
    /// By which code Microsoft said that somebody refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

/// The same with what to do about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Consent {
    pub tenant: TenantName,
    #[serde(flatten)]
    pub status: ConsentStatus,
    /// False: the tenant is switched off, and nobody looks for the rights until it is on again.
    #[serde(default = "on")]
    pub active: bool,
    /// Since when it is off, where a deployment that serves it has noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_since: Option<At>,
    pub needed: Vec<NeededPermission>,
    /// The link that is out.
    pub link: Option<ConsentLink>,
    /// Must be registered with the app.
    pub redirect_uri: String,
    /// For Exchange, where it gives the rights of mailboxes.
    pub powershell: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NeededPermission {
    pub name: String,
    /// `entra`, `exchange` or `either`.
    pub given: String,
    pub optional: bool,
    pub why: String,
    pub allows: String,
    pub does_not_allow: String,
}

/// Both lead to the same, and are good until somebody has answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentLink {
    /// Our page, to hand over: what is asked for and why.
    pub page: String,
    /// Microsoft's, for an administrator.
    pub microsoft: String,
    pub by: String,
    pub at: At,
    pub until: At,
}

/// Builds before this key had every tenant on.
fn on() -> bool {
    true
}

/// A tenant's subscriptions at Graph, while they are taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Disconnection {
    /// How many this call has removed.
    pub removed: usize,
    /// How many are left, as far as they are known.
    pub left: usize,
    /// Of those that are left, in no mailbox's row.
    pub orphans: usize,
    /// Mailboxes that somebody is at: theirs come later.
    pub busy: usize,
    /// Graph's list was read to its end.
    pub complete: bool,
    /// Some of those that are left.
    pub items: Vec<Subscribed>,
    /// What Graph answered that stopped it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Why nothing would be removed now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscribed {
    pub id: SubscriptionId,
    pub mailbox: UserId,
    /// False: an orphan.
    #[serde(rename = "known")]
    pub is_known: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ValveStatus {
    pub state: String,
    pub why: String,
    pub since: At,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub kind: String,
    /// How many things it is about; one about a state of affairs counts 1.
    pub count: u64,
    pub since: At,
    /// The mending step.
    pub step: String,
    /// Who has seen it: it is not said again until it grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<Acknowledged>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acknowledged {
    pub at: At,
    pub by: String,
}

/// What came of a test of one channel of alerts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChannelTest {
    pub channel: String,
    /// Where it goes, without what could be a secret.
    pub goes: String,
    /// `yes`, `no` or `unknown`.
    pub taken: String,
    /// What was seen, in one sentence.
    pub seen: String,
    /// What mends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
}

/// One enrolment, without personal data.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Item {
    pub id: String,
    pub tenant: TenantName,
    pub session: String,
    /// The test learner's place: no learner's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub canary: bool,
    pub state: String,
    pub generation: u32,
    pub verdict: Option<String>,
    pub evidence: Option<String>,
    /// Newest start of the session that was read.
    #[serde(default)]
    pub start: Option<At>,
    pub due: Option<At>,
    pub attempts: u32,
    pub outcome: Option<String>,
    /// What holds it back on its way to the LMS, or would hold it back once it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Story {
    #[serde(flatten)]
    pub item: Item,
    /// What the LMS knows the learner by: the only personal datum there is.
    pub learner: LearnerKey,
    /// Why a person is asked.
    pub review: Option<String>,
    /// By what the LMS was asked, and what it showed; only where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lms: Option<Lms>,
    /// `wanted`, `running`, or what became of giving back what was cancelled before; only where that was
    /// wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub give_back: Option<String>,
    /// What a person may do about it; only where one is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choices: Option<Choices>,
    pub story: Vec<Line>,
}

/// How the LMS was asked under the decision that an enrolment stands on, and what it showed of the place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Lms {
    pub connector: String,
    /// Of the connector file's text; null for a connector that is none.
    pub file: Option<String>,
    /// `held`, `waitlisted`, `requested`, `cancelled`, `absent`, `attended`, `held_elsewhere`; null where the
    /// LMS was not, or can't be, read.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What a person's word would do, in sentences.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Choices {
    pub approve: String,
    pub ignore: String,
    /// Afterwards it is too late to approve; null where nobody knows the session's start.
    pub until: Option<At>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    pub n: u32,
    pub at: At,
    pub by: String,
    pub text: String,
}

/// One mailbox that is watched, or ought to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mailbox {
    pub tenant: TenantName,
    /// Object id of the user.
    pub mailbox: String,
    pub standing: String,
    /// What Graph answered last, where that was no success.
    pub why: Option<String>,
    /// Failures in a row.
    pub failures: u32,
    pub last_success: Option<At>,
    /// When its subscription ends.
    pub expires: Option<At>,
    /// When it is maintained again.
    pub due: At,
}

/// Items per page, where nobody says otherwise.
pub const PAGE: usize = 100;

/// More are never given at once.
pub const MOST: usize = 1000;

#[cfg(test)]
#[path = "management_json_tests.rs"]
mod tests;
