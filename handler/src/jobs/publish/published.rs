//! What came of a run over one session.

use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What was done in a run, and when the next is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Published {
    pub done: BTreeMap<&'static str, usize>,
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
