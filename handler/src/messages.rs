//! Queue messages. They only wake somebody up: each may be lost, doubled or reordered without harm.
//!
//! They carry a version, the trace context, ids and hashes; never a subject or an address. No field has the
//! name of one of the host's own metadata (`id`, `dequeueCount`, `popReceipt`, `expirationTime`,
//! `insertionTime`, `nextVisibleTime`, `sys`, or anything that ends in `trigger`), because the host merges a
//! message's properties over its own (reference/functions-queues.md#messages).
//!
//! While an app is updated, instances of two builds read each other's messages. A field that a reader does
//! not know is passed over, for it would only have helped with what stands in the ledger anyway; a field that
//! no reader may pass over comes with another [`VERSION`]. A kind of hint that a reader does not know is
//! refused, and kept: passing over it would lose the hint.

use crate::ids::{EventId, LearnerKey, SessionId, SubscriptionId, TenantName, UserId, hash};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The version that this build writes. Readers accept it alone; another goes to the poison queue, where it is
/// kept.
pub const VERSION: u8 = 1;

/// Names of queues. The host moves what keeps failing to `<queue>-poison`
/// (reference/functions-queues.md#failures).
pub mod queue {
    pub const CHANGES: &str = "regrets-changes";
    pub const MAILBOXES: &str = "regrets-mailboxes";
    pub const CANCELLATIONS: &str = "regrets-cancellations";
    pub const SESSIONS: &str = "regrets-sessions";
    pub const CHANGES_POISON: &str = "regrets-changes-poison";
    pub const MAILBOXES_POISON: &str = "regrets-mailboxes-poison";
    pub const CANCELLATIONS_POISON: &str = "regrets-cancellations-poison";
    pub const SESSIONS_POISON: &str = "regrets-sessions-poison";

    /// All that a function listens to.
    pub const ALL: [&str; 8] = [
        CHANGES,
        MAILBOXES,
        CANCELLATIONS,
        SESSIONS,
        CHANGES_POISON,
        MAILBOXES_POISON,
        CANCELLATIONS_POISON,
        SESSIONS_POISON,
    ];
}

/// On `regrets-changes`: reasons to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    pub v: u8,
    /// W3C `traceparent` of what caused this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    pub tenant: TenantName,
    pub hints: Vec<Hint>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Hint {
    /// Graph's notification about one event in one watched mailbox.
    Changed { mailbox: UserId, event: EventId, change: ChangeType },
    /// A look that was due on the agenda: the link is named by its keys. `agenda` is the row to delete when
    /// done.
    Look { link: LinkRef, enrolment: EnrolmentRef, agenda: AgendaRef },
    /// A hint that could not be judged before, because Graph did not answer; it has stood on the agenda
    /// since.
    Again { hint: Box<Hint>, tries: u32, agenda: AgendaRef },
    /// The learner is in the list of an organizer's event, and no copy of theirs was known when they came
    /// into it.
    Invited { mailbox: UserId, organizer: UserId, event: EventId },
    /// An event of an organizer's calendar, as following that calendar found it: new, changed, or gone.
    Organized { organizer: UserId, event: EventId },
    /// Comes after all other hints of a resync: the mailbox is compared as of `asked`.
    Resynced { mailbox: UserId, asked: DateTime<Utc> },
}

impl Hint {
    /// What it hints at, as a key: hints of one subject may be one.
    pub fn subject(&self) -> String {
        match self {
            Hint::Changed { mailbox, event, change: _ } => format!("changed\n{mailbox}\n{event}"),
            Hint::Invited { mailbox, organizer, event } => {
                format!("invited\n{mailbox}\n{organizer}\n{event}")
            }
            Hint::Organized { organizer, event } => format!("organized\n{organizer}\n{event}"),
            Hint::Look { link, enrolment, .. } => {
                let of = |partition: &str, row: &str| format!("{partition}\n{row}");
                format!(
                    "look\n{}\n{}",
                    of(&link.partition, &link.row),
                    of(&enrolment.partition, &enrolment.row)
                )
            }
            Hint::Again { hint, .. } => hint.subject(),
            Hint::Resynced { mailbox, asked: _ } => format!("resynced\n{mailbox}"),
        }
    }

    /// This hint, so that it leads to whatever another of its subject would lead to as well.
    #[must_use]
    pub fn merged(&self, other: &Hint) -> Hint {
        match (self, other) {
            // Whoever hears that it changed looks whether it is there, and goes on as for one that is gone
            // where it is not.
            (Hint::Changed { mailbox, event, change: one }, Hint::Changed { change: two, .. })
                if one != two =>
            {
                Hint::Changed { mailbox: mailbox.clone(), event: event.clone(), change: ChangeType::Updated }
            }
            _ => self.clone(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ChangeType {
    Created,
    Updated,
    Deleted,
}

/// Names a link row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinkRef {
    pub partition: String,
    pub row: String,
}

/// How the row key of a link starts that was made from the organizer's copy.
const BY_ORGANIZER: &str = "o-";

impl LinkRef {
    /// The link that a notification about this event in this mailbox would name.
    pub fn of_event(tenant: &TenantName, mailbox: &UserId, event: &EventId) -> Self {
        Self { partition: Self::partition(tenant, mailbox), row: format!("e-{}", hash(event.as_str())) }
    }

    /// A link that was made from the organizer's copy.
    pub fn by_organizer(tenant: &TenantName, mailbox: &UserId, organizer_event: &EventId) -> Self {
        let row = format!("{BY_ORGANIZER}{}", hash(organizer_event.as_str()));
        Self { partition: Self::partition(tenant, mailbox), row }
    }

    pub fn is_by_organizer(&self) -> bool {
        self.row.starts_with(BY_ORGANIZER)
    }

    /// Where all links of a mailbox are.
    pub fn partition(tenant: &TenantName, mailbox: &UserId) -> String {
        format!("{tenant}~{}", hash(mailbox.as_str()))
    }
}

/// Names an agenda row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AgendaRef {
    pub partition: String,
    pub row: String,
}

/// Names an enrolment row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct EnrolmentRef {
    pub partition: String,
    pub row: String,
}

impl EnrolmentRef {
    /// The one row that holds the truth about this learner in this session.
    pub fn of(tenant: &TenantName, session: &SessionId, learner: &LearnerKey) -> Self {
        Self::hashed(tenant, &hash(session.as_str()), &hash(learner.as_str()))
    }

    /// The same, for who knows no more of the two than their hashes.
    pub fn hashed(tenant: &TenantName, session: &str, learner: &str) -> Self {
        Self { partition: format!("{tenant}~{session}"), row: learner.to_owned() }
    }
}

/// On `regrets-cancellations`: one enrolment whose cancellation is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cancellation {
    pub v: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    pub tenant: TenantName,
    pub enrolment: EnrolmentRef,
    pub agenda: AgendaRef,
    /// Until then the LMS may be asked for it without a share of the connection's rate. Not in messages of
    /// older builds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_until: Option<DateTime<Utc>>,
}

/// On `regrets-mailboxes`: work on subscriptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mailboxes {
    pub v: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    pub tenant: TenantName,
    /// The directory is to be read, and rows to be made and marked as it says: it is too large to be read
    /// while others wait.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub directory: bool,
    /// The organizers' calendars are to be followed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub invitations: bool,
    /// The listing of our subscriptions is to go on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub listing: bool,
    /// How often what was left of it went on by a next message.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub went_on: u32,
    pub tasks: Vec<MailboxTask>,
}

impl Mailboxes {
    /// Nothing but these tasks.
    pub fn of(tenant: TenantName, tasks: Vec<MailboxTask>) -> Self {
        Self {
            v: VERSION,
            trace: None,
            tenant,
            directory: false,
            invitations: false,
            listing: false,
            went_on: 0,
            tasks,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MailboxTask {
    pub mailbox: UserId,
    #[serde(rename = "deed")]
    pub kind: TaskKind,
    /// The subscription that a lifecycle event spoke of; lets `tend-mailboxes` see that the matter is settled
    /// already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TaskKind {
    /// Planned: create, renew or replace, whichever the mailbox row calls for.
    Tend,
    /// No longer to be watched: delete the subscription and the row.
    Release,
    /// Lifecycle `reauthorizationRequired`.
    Reauthorize,
    /// Lifecycle `subscriptionRemoved`.
    Removed,
    /// Lifecycle `missed`, or asked for by a person.
    Resync,
}

/// On `regrets-sessions`: what of the LMS's sessions is to be read, or published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    pub v: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    pub tenant: TenantName,
    pub task: SessionsTask,
    /// The LMS's ids. None: all of them.
    #[serde(default)]
    pub sessions: Vec<SessionId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SessionsTask {
    /// The list of sessions is to be read.
    Read,
    /// Who holds a place in these is to be read.
    Places,
    /// Their events are to be looked at.
    Look,
    /// A pushed snapshot is to be held against the ledger.
    Compare,
    /// What stands of these is called off.
    Withdraw,
    /// The organizers' calendars are to be held against what is to stand in them.
    Calendars,
}

impl Sessions {
    /// As many as are worked off well within an invocation.
    pub const EACH: usize = 10;

    pub fn of(tenant: TenantName, task: SessionsTask, sessions: Vec<SessionId>) -> Self {
        Self { v: VERSION, trace: None, tenant, task, sessions }
    }

    /// One message for each few of them.
    pub fn of_each(
        tenant: &TenantName,
        task: SessionsTask,
        sessions: &[SessionId],
    ) -> impl Iterator<Item = Self> {
        sessions.chunks(Self::EACH).map(move |some| Self::of(tenant.clone(), task, some.to_vec()))
    }
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
