//! How many cancellations of one connection are in flight on one instance.
//!
//! The host runs so many messages of a queue at a time (`host.json`), whosever they are. An LMS that takes
//! long for each would hold all of them, and everybody else's would stand behind its backlog.
//!
//! Guarantees: of one connection no more than [`SHARE`] are in flight; a message beyond holds no slot but
//! ends at once, in line behind those that came before it, and costs no storage operation; whoever is done
//! goes on with the first in line, so that the share is never idle while somebody waits. The line is kept in
//! memory alone, because all in it stands on the agenda too: what is left in line when nobody has time any
//! more is woken by the next tick, and what a killed process had in line after
//! [`crate::jobs::timing::Timing::rewake`], as whatever was woken and not finished. Being in line is no
//! attempt.

use crate::invocation_deadline;
use crate::jobs::cancel::rate_lease::RateLease;
use crate::jobs::observe::lookup_cache::LookupCache;
use crate::ledger::{Ledger, agenda};
use crate::messages::{AgendaRef, Cancellation};
use futures::{StreamExt, stream};
use parking_lot::{Mutex, MutexGuard};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// In flight at once, of one connection on one instance. A fourth of what the host runs there: a connection
/// that answers within a second is not held up by it, and three that are slow leave room for everybody else
/// (a test holds `host.json` to it).
pub const SHARE: usize = 4;

/// In line at most: as many as one tick wakes in all.
const LINE: usize = 1_000;

/// How long an invocation goes on with those in line: until shortly before the second next tick, which wakes
/// who is left. With the last of them it ends well before the host's `functionTimeout`.
const GOES_ON: Duration = Duration::from_secs(105);

/// Put back side by side.
const SIDE_BY_SIDE: usize = 16;

#[derive(Default)]
pub struct ConnectionSlots {
    state: Mutex<State>,
    lease: RateLease,
    lookups: LookupCache,
}

#[derive(Default)]
struct State {
    in_flight: usize,
    line: VecDeque<Cancellation>,
}

/// What came of asking for a slot.
pub enum SlotRequest<'a> {
    /// There is one. The message is the last in line, and gets there.
    Slot(Slot<'a>),
    InLine,
    /// The line is full: the next tick may try again.
    NoRoom,
}

impl ConnectionSlots {
    pub fn enter(&self, message: Cancellation) -> SlotRequest<'_> {
        let mut state = self.state();
        let is_in_line = state.line.iter().any(|other| other.agenda == message.agenda);
        if !is_in_line && state.line.len() >= LINE {
            return SlotRequest::NoRoom;
        }
        if !is_in_line {
            state.line.push_back(message);
        }
        if state.in_flight >= SHARE {
            return SlotRequest::InLine;
        }
        state.in_flight += 1;
        SlotRequest::Slot(Slot { share: self, until: Instant::now() + GOES_ON, is_out: false })
    }

    /// What its LMS said of events.
    pub(in crate::jobs) fn lookups(&self) -> &LookupCache {
        &self.lookups
    }

    /// Of the connection's rate.
    pub(super) fn lease(&self) -> &RateLease {
        &self.lease
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock()
    }
}

/// A slot of the share.
pub struct Slot<'a> {
    share: &'a ConnectionSlots,
    until: Instant,
    is_out: bool,
}

impl Slot<'_> {
    /// The first in line; `None` when there is nobody, or no time.
    pub fn first_in_line(&mut self) -> Option<Cancellation> {
        if Instant::now() >= self.until {
            return None;
        }
        self.share.state().line.pop_front()
    }

    /// The last one out puts back who is still in line, for the next tick. Where the ledger can't be written
    /// they are woken again like everybody who was woken and not finished.
    pub async fn leave(mut self, ledger: &Ledger) {
        let left = self.give_back();
        if left.is_empty() {
            return;
        }
        let count = left.len();
        let back = stream::iter(left)
            .map(|message| async move { put_back(ledger, &message.agenda).await })
            .buffer_unordered(SIDE_BY_SIDE)
            .collect::<Vec<()>>();
        if invocation_deadline::within(back).await.is_err() {
            tracing::warn!(
                count,
                "cancellations in line could not be put back in time; they are woken again"
            );
        }
    }

    fn give_back(&mut self) -> VecDeque<Cancellation> {
        self.is_out = true;
        let mut state = self.share.state();
        state.in_flight = state.in_flight.saturating_sub(1);
        if state.in_flight == 0 { std::mem::take(&mut state.line) } else { VecDeque::new() }
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if !self.is_out {
            // A panic: whoever comes next goes on with the line.
            let mut state = self.share.state();
            state.in_flight = state.in_flight.saturating_sub(1);
        }
    }
}

/// As if nobody had been woken for it: it keeps its place by the time at which it was due.
pub async fn put_back(ledger: &Ledger, at: &AgendaRef) {
    if let Err(failure) = agenda::renew(ledger, at).await {
        tracing::warn!(trouble = %failure, "a cancellation could not be put back; it is woken again");
    }
}
