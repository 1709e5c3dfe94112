//! What came of a run over one session.

use crate::publishing::written::Act;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What is due for a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// People who are mailed, each as often as they are.
    pub mails: u32,
    /// Events.
    pub invitations: u32,
    pub changes: u32,
    pub cancellations: u32,
}

impl Counts {
    /// All that is due for one event.
    pub(super) fn add(&mut self, acts: &[(Act, u32)]) {
        let (mut invites, mut changes, mut cancels) = (false, false, false);
        for (act, mails) in acts {
            self.mails = self.mails.saturating_add(*mails);
            match act {
                Act::Create { .. } => invites = true,
                Act::Update { .. } | Act::Attendees { .. } => changes = true,
                Act::Cancel { .. } => cancels = true,
            }
        }
        self.invitations += u32::from(invites);
        self.changes += u32::from(changes);
        self.cancellations += u32::from(cancels);
    }
}

/// What was done in a run, and when the next is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    pub done: BTreeMap<&'static str, usize>,
    /// All that is due; where it mails more than was granted, nobody was mailed.
    pub due: Counts,
    /// Those of them whose mails were asked for, whatever came of it.
    pub sent: u32,
    /// The mailbox has sent all that it may until then.
    pub spent: Option<DateTime<Utc>>,
    /// `None`: nothing waits.
    pub next: Option<DateTime<Utc>>,
}

impl Published {
    pub(super) fn count(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    pub(super) fn wait(&mut self, until: DateTime<Utc>) {
        self.next = Some(self.next.map_or(until, |next| next.min(until)));
    }
}
