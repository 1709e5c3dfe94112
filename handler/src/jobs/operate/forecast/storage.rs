//! Transactions of the storage account in a day, as it bills them: a batch is one.
//!
//! Derived: how often each piece of work asks the tables, named by a constant here that a test counts anew
//! (those of publishing in `jobs/tests/publish/transactions.rs`); messages of the queues, and the polls of
//! who listens to them. Inputs: [`Load`]; how many instances listen.

use super::comparisons::{of_learners, of_organizers};
use super::executions::Executions;
use super::load::Load;
use super::publishing::{self, Readings};
use super::timers::{PLAN, SYNC, a_day};
use crate::config::Tenant;
use crate::jobs::observe::invitations;
use crate::ledger::mailboxes::{PAGE, SHARDS};
use crate::messages::queue;
use serde::Serialize;

/// Of a tick with nothing due: what of both kinds is due.
const TICK: f64 = 2.0;
/// Of a planning round, beside the pages of mailboxes: the tenant's switch, its directory, its list of
/// subscriptions, an outage, each alert that it may end, the consent.
const ROUND: f64 = 18.0;
/// A message and its bookkeeping: put, taken, deleted.
const MESSAGE: f64 = 3.0;
/// A timer's run: its lock and its status, read and written.
const TIMER: f64 = 4.0;
/// A comparison: the row, the lease (read and written), the links, the row again (read and written).
const COMPARED: f64 = 6.0;
/// One of the whole calendar says so in the row, too.
const COMPARED_WHOLE: f64 = 8.0;
/// A change of an event that nobody knows: is the mailbox watched, is the event known?
const UNKNOWN: f64 = 2.0;
/// A look at a place that changes nothing: mailbox, link, the row.
const LOOK: f64 = 3.0;
/// A look at an organizer's event: mailbox, link, snapshot twice.
const ORGANIZERS: f64 = 4.0;
/// A place that is new: mailbox, link and row are not there yet; link, wake-up, row, session and audit are
/// written.
const PLACE: f64 = 12.0;
/// The same where organizers' calendars are followed: it is linked by the organizer's list first, and looked
/// for in a moment.
const PLACE_FOLLOWED: f64 = 47.0;
/// An answer that reaches an organizer's list: both links, mailbox and row; the snapshot is written.
const ANSWER: f64 = 6.0;
/// A decline from the hint to the outcome (tests/benches/README.md#the-ledger).
const DECLINE: f64 = 24.0;
/// A subscription renewed: the row, the lease, how long it may live, the permit, the outcome.
const RENEWED: f64 = 10.0;

/// Transactions in a day.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Storage {
    pub timers: f64,
    pub comparisons: f64,
    pub changes: f64,
    pub places: f64,
    pub declines: f64,
    pub subscriptions: f64,
    pub publishing: f64,
    pub messages: f64,
    pub polls: f64,
}

impl Storage {
    pub fn by_kind(&self) -> [(&'static str, f64); 9] {
        [
            ("timers and planning", self.timers),
            ("comparisons", self.comparisons),
            ("changes", self.changes),
            ("new places", self.places),
            ("declines", self.declines),
            ("subscriptions", self.subscriptions),
            ("publishing", self.publishing),
            ("queue messages", self.messages),
            ("polls of the queues", self.polls),
        ]
    }

    /// Of the tables.
    pub fn tables(&self) -> f64 {
        self.timers
            + self.comparisons
            + self.changes
            + self.places
            + self.declines
            + self.subscriptions
            + self.publishing
    }

    /// Of the queues.
    pub fn queues(&self) -> f64 {
        self.messages + self.polls
    }

    pub fn all(&self) -> f64 {
        self.tables() + self.queues()
    }
}

/// Queues that an instance listens to: four, and their poison queues.
const QUEUES: f64 = queue::ALL.len() as f64;
/// An idle listener asks so often in a minute (`maxPollingInterval` of host.json).
const POLLS_A_MINUTE: f64 = 30.0;

/// `listening`: instances that never sleep. `renewed`: subscriptions in a day.
pub fn of(tenant: &Tenant, load: &Load, executions: &Executions, renewed: f64, listening: f64) -> Storage {
    let mode = tenant.watch.mode;
    let (learners, organizers) = (of_learners(tenant, load), of_organizers(tenant, load));
    let rounds = a_day(PLAN);
    let watched = if mode.reads_learners() { load.mailboxes } else { 0.0 } + load.organizers;
    let pages = (watched / (SHARDS * PAGE) as f64).ceil().max(1.0) * SHARDS as f64;
    let followed = if invitations::are_followed_by(&tenant.watch) { load.organizers } else { 0.0 };
    let near = learners.near + learners.vain + organizers.near + organizers.vain;
    let whole = learners.whole + organizers.whole;
    let known = &load.learners;
    let hints = learners.near * (known.shown + known.gone + known.elsewhere)
        + learners.whole * (known.all_shown + known.all_gone);
    let organizers_hints =
        organizers.near * load.organizer.shown + organizers.whole * load.organizer.all_shown;
    let changes = &load.changes;
    let looks = if mode.reads_learners() { hints + changes.shown + changes.gone } else { 0.0 };
    let answered = if mode.watches_organizers() { load.answers } else { 0.0 };
    Storage {
        timers: executions.dispatch_due * TICK + rounds * (ROUND + pages + FOLLOWED * followed),
        comparisons: near * COMPARED + whole * COMPARED_WHOLE + hints * LOOK + organizers_hints * ORGANIZERS,
        changes: changes.private * UNKNOWN
            + (looks - hints) * LOOK
            + changes.organizers * ORGANIZERS
            + answered * ANSWER,
        places: load.places * if followed > 0.0 { PLACE_FOLLOWED } else { PLACE },
        declines: load.declines * DECLINE + load.looks * LOOK,
        subscriptions: renewed * RENEWED,
        publishing: published(tenant, load, executions),
        messages: executions.messages() * MESSAGE + executions.timers() * TIMER,
        polls: listening * QUEUES * POLLS_A_MINUTE * 24.0 * 60.0,
    }
}

/// Of publishing: a round of `sync-sessions` in which nothing is due, beside the pages of sessions.
pub(crate) const SYNC_ROUND: f64 = 7.0;
/// Sessions on a page.
const SESSIONS_PAGE: f64 = 1_000.0;
/// A reading of the LMS's sessions, beside its pages; and of each that is as it was.
pub(crate) const READING: f64 = 7.0;
pub(crate) const READ_SESSION: f64 = 1.0;
/// A reading of all places, beside its pages; and of each session's, when they are as they were.
pub(crate) const READING_PLACES: f64 = 1.0;
pub(crate) const READ_PLACES: f64 = 2.0;
/// The same where a session's places are read for themselves.
pub(crate) const ROSTER: f64 = 8.0;
/// A session of which there is news: merged, counted, let out, written; the most, when it comes alone.
pub(crate) const NEWS: f64 = 26.0;
/// Of each place of such a session that is as it was; and of each that is mailed.
pub(crate) const STAYS: f64 = 2.0;
pub(crate) const MAILED: f64 = 10.0;
/// What an LMS tells by itself: a place that ends, which is the most.
pub(crate) const TOLD: f64 = 6.0;
/// A comparison of an organizer's calendar, beside the pages of sessions; and of what was written of each.
pub(crate) const CALENDAR: f64 = 4.0;
pub(crate) const CALENDAR_SESSION: f64 = 1.0;

/// What publishing asks of the tables in a day.
fn published(tenant: &Tenant, load: &Load, executions: &Executions) -> f64 {
    if !tenant.publish.as_ref().is_some_and(publishing::is_on) {
        return 0.0;
    }
    let load = &load.publish;
    let pages = |rows: f64| (rows / SESSIONS_PAGE).ceil().max(1.0);
    let Readings { whole, with_whole, rosters } = publishing::readings(tenant, load);
    let of_places = if with_whole > 0.0 { READING_PLACES + 2.0 * pages(load.ahead) } else { 0.0 };
    // A session's news come at once, or each of its places by itself.
    let news = load.sessions + load.places / 2.0;
    a_day(SYNC) * (SYNC_ROUND + pages(load.ahead))
        + whole * (READING + pages(load.ahead) + of_places + load.ahead * READ_SESSION)
        + with_whole * READ_PLACES
        + rosters * ROSTER
        + news * (NEWS + load.people * STAYS)
        + load.places * MAILED
        + executions.lms_events.mean() * TOLD
        + publishing::compares(tenant) * (CALENDAR + pages(load.ahead) + load.ahead * CALENDAR_SESSION)
}

/// Of each followed calendar in a round: its row taken, kept and given back, and looked at.
const FOLLOWED: f64 = 6.0;

#[cfg(test)]
#[path = "storage_tests.rs"]
mod tests;
