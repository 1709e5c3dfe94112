//! What a check is, and what it may come to.

use super::subject::{Deployment, Visit};
use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// Names of checks: what is shown, and what one check calls another. Serialised as its word.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum CheckId {
    Configuration,
    Tables,
    StorageClock,
    Queues,
    QueueDepths,
    Host,
    Secrets,
    LmsSecrets,
    CredentialAge,
    Token,
    Graph,
    GraphClock,
    Permissions,
    Directory,
    Mailboxes,
    Scope,
    Calendar,
    Zones,
    Webhook,
    Subscriptions,
    Lms,
    LmsClock,
    LmsRecords,
    Valve,
    SwitchedOff,
    Canary,
    Publishing,
}

/// One thing that is looked at. What it needs is looked at before it; where that failed, this is not looked
/// at at all.
pub struct Check {
    pub id: CheckId,
    /// What is looked at, in a few words.
    pub title: &'static str,
    pub needs: &'static [CheckId],
    pub look: Look,
}

/// Whether it is looked at once for the deployment, or for each tenant.
#[derive(Clone, Copy)]
pub enum Look {
    Deployment(for<'a> fn(&'a Deployment<'a>) -> BoxFuture<'a, Outcome>),
    Tenant(for<'a> fn(&'a Visit<'a>) -> BoxFuture<'a, Outcome>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Verdict {
    Ok,
    /// It works, and a person should know of something.
    Warning,
    Failed,
    /// It was not looked at.
    Skipped,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What is ours to mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fix {
    /// Queues that are missing are made.
    MakeQueues,
    /// Mailboxes without a subscription in force get one at the next planning round, and are compared anew.
    Subscribe,
}

impl Fix {
    /// What would be done, for whoever is asked.
    pub fn plan(self) -> &'static str {
        match self {
            Self::MakeQueues => "make the queues that are missing",
            Self::Subscribe => {
                "have each mailbox without a subscription in force subscribed anew by the next planning \
                 round (within five minutes), and its calendar compared"
            }
        }
    }
}

/// What one look came to, without personal data and without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    pub verdict: Verdict,
    /// What was seen, or why nothing was looked at; one sentence.
    pub seen: String,
    /// The one next step. A failure always has one.
    pub step: Option<String>,
    pub link: Option<String>,
    pub fix: Option<Fix>,
}

impl Outcome {
    fn new(verdict: Verdict, seen: String, step: Option<String>) -> Self {
        Self { verdict, seen, step, link: None, fix: None }
    }

    pub fn ok(seen: impl Into<String>) -> Self {
        Self::new(Verdict::Ok, seen.into(), None)
    }

    pub fn warning(seen: impl Into<String>, step: impl Into<String>) -> Self {
        Self::new(Verdict::Warning, seen.into(), Some(step.into()))
    }

    pub fn failed(seen: impl Into<String>, step: impl Into<String>) -> Self {
        Self::new(Verdict::Failed, seen.into(), Some(step.into()))
    }

    /// It could not be looked at, or need not be: nothing that waits for it is held up.
    pub fn skipped(why: impl Into<String>) -> Self {
        Self::new(Verdict::Skipped, why.into(), None)
    }

    /// Where more is told of the step.
    #[must_use]
    pub fn link(self, link: impl Into<String>) -> Self {
        Self { link: Some(link.into()), ..self }
    }

    /// We can mend it.
    #[must_use]
    pub fn fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }
}
