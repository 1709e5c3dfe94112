//! How often each function is called in a day.
//!
//! Derived: timers by their schedules; messages by what a planning round sends and what comparisons find.
//! Inputs: [`Load`]; that each change comes in a post of its own, which is the most.

use super::between::Between;
use super::comparisons::{of_learners, of_organizers};
use super::load::Load;
use super::publishing;
use super::requests::{RequestKind, Requests};
use super::timers::{DISPATCH, HOUSEKEEPING, PLAN, SYNC, a_day, found_after};
use crate::config::Tenant;
use crate::jobs::observe::invitations;
use crate::jobs::watch::resync_schedule::OFTEN;
use serde::Serialize;

/// Calls of each function in a day.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Executions {
    pub renew_subscriptions: f64,
    pub dispatch_due: f64,
    pub sync_sessions: f64,
    pub housekeeping: f64,
    pub graph_webhook: f64,
    pub observe_changes: Between,
    pub tend_mailboxes: Between,
    /// One for each decline that is carried out. What comes in vain, because the LMS is away or the decline
    /// was taken back meanwhile, is one more: up to a quarter in the month that the tests play.
    pub cancel_enrolment: f64,
    pub publish_session: Between,
    pub lms_events: Between,
}

impl Executions {
    /// By the functions' names.
    pub fn by_function(&self) -> [(&'static str, Between); 10] {
        [
            ("renew-subscriptions", Between::just(self.renew_subscriptions)),
            ("dispatch-due", Between::just(self.dispatch_due)),
            ("sync-sessions", Between::just(self.sync_sessions)),
            ("housekeeping", Between::just(self.housekeeping)),
            ("graph-webhook", Between::just(self.graph_webhook)),
            ("observe-changes", self.observe_changes),
            ("tend-mailboxes", self.tend_mailboxes),
            ("cancel-enrolment", Between::just(self.cancel_enrolment)),
            ("publish-session", self.publish_session),
            ("lms-events", self.lms_events),
        ]
    }

    pub fn all(&self) -> f64 {
        self.by_function().iter().map(|(_, count)| count.mean()).sum()
    }

    /// Messages that go through a queue.
    pub fn messages(&self) -> f64 {
        self.observe_changes.mean()
            + self.tend_mailboxes.mean()
            + self.cancel_enrolment
            + self.publish_session.mean()
    }

    /// Of timers.
    pub fn timers(&self) -> f64 {
        self.renew_subscriptions + self.dispatch_due + self.sync_sessions + self.housekeeping
    }
}

/// Messages of so many tasks, `size` to a message, in each of so many rounds: the most, where the tasks fall
/// on rounds at random; the least, where they come together in one of `apart` rounds.
fn messages(tasks: f64, rounds: f64, apart: f64, size: f64) -> Between {
    let of = |rounds: f64| {
        let each = if rounds > 0.0 { tasks / rounds } else { 0.0 };
        rounds * (1.0 - (-each).exp()).max(each / size)
    };
    Between { least: of(rounds / apart.max(1.0)), most: of(rounds) }
}

pub fn of(tenant: &Tenant, load: &Load, requests: &Requests) -> Executions {
    let (learners, organizers) = (of_learners(tenant, load), of_organizers(tenant, load));
    let rounds = a_day(PLAN);
    let compared = learners.all() + organizers.all();
    let renewed = requests.of(RequestKind::Renew).mean() + load.created;
    let size = *crate::jobs::watch::plan::TASKS_PER_MESSAGE.start() as f64;
    // Of calendars that are compared in the same rounds.
    let apart = found_after(OFTEN).as_seconds_f64() / PLAN.as_seconds_f64();
    let tended = messages(compared + renewed, rounds, apart, size);
    let followed = if invitations::are_followed_by(&tenant.watch) { rounds } else { 0.0 };
    let changes = &load.changes;
    let told = changes.private + changes.shown + changes.gone + changes.organizers;
    // What a message of comparisons finds is one of changes; what is due at a tick is one more.
    let found =
        messages(learners.near + learners.whole + organizers.near + organizers.whole, rounds, apart, size);
    let looks = messages(load.looks, a_day(DISPATCH), 1.0, size);
    let posts = load.posts.unwrap_or(told);
    let published = publishing::of(tenant, load);
    Executions {
        renew_subscriptions: rounds,
        dispatch_due: a_day(DISPATCH),
        sync_sessions: a_day(SYNC),
        housekeeping: a_day(HOUSEKEEPING),
        graph_webhook: posts,
        observe_changes: Between::just(posts) + found + looks,
        tend_mailboxes: tended + Between::just(followed),
        cancel_enrolment: load.declines,
        publish_session: published.looked,
        lms_events: published.told,
    }
}

#[cfg(test)]
#[path = "executions_tests.rs"]
mod tests;
