//! How far a forecast is from each limit (reference/graph-limits.md), in the busiest hour.
//!
//! Derived: what is compared is spread evenly over the day; what people do is not, and [`Peak`] says how much
//! of a day falls into its busiest hour. Each part of a `$batch` counts as a request. Inputs: [`Peak`].

use super::comparisons::{of_learners, of_organizers};
use super::load::Load;
use super::requests::{self, RequestKind, Requests};
use super::timers::{PLAN, a_day};
use crate::config::Tenant;
use crate::graph::USERS_PAGE;
use crate::jobs::timing::Limits as Pace;
use crate::jobs::watch::plan::COMPARISONS;
use serde::Serialize;

/// How a day is spread.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Peak {
    /// Of what people do in a day, what they do in its busiest hour.
    pub busiest_hour: f64,
    /// How long Graph takes for an answer.
    pub answer_seconds: f64,
}

impl Default for Peak {
    fn default() -> Self {
        Self { busiest_hour: 0.2, answer_seconds: 0.25 }
    }
}

/// A limit, and what is used of it when it is busiest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    pub name: &'static str,
    pub limit: f64,
    pub used: f64,
    /// Of what it is a number.
    pub unit: &'static str,
    /// Whose limit it is.
    pub whose: &'static str,
}

impl Limit {
    pub fn percent(&self) -> f64 {
        100.0 * self.used / self.limit
    }

    /// How many times as much there may be.
    pub fn factor(&self) -> f64 {
        if self.used > 0.0 { self.limit / self.used } else { f64::INFINITY }
    }
}

const GRAPH: &str = "Graph";
const OURS: &str = "Regrets";
const LMS: &str = "LMS";

/// Requests in the busiest hour.
pub fn busiest_hour(tenant: &Tenant, load: &Load, peak: Peak) -> f64 {
    let quiet = requests::of(tenant, &load.without_people()).all().mean();
    let all = requests::of(tenant, load).all().mean();
    quiet / 24.0 + (all - quiet).max(0.0) * peak.busiest_hour
}

/// The most that one mailbox is asked within ten minutes: all of a calendar is compared, and what people do
/// in the busiest hour comes besides.
fn busiest_mailbox(tenant: &Tenant, load: &Load, peak: Peak) -> f64 {
    let (learners, organizers) = (of_learners(tenant, load), load.organizers.max(1.0));
    let own = 2.0 * (load.learners.all_shown + load.learners.all_gone) + 1.0;
    if tenant.watch.organizers.is_empty() {
        return own;
    }
    // Places whose copy is gone are looked for with the organizer.
    let gone = learners.near * load.learners.gone + learners.whole * load.learners.all_gone;
    let of_people = 2.0 * (load.changes.organizers + load.changes.gone + load.answers + load.looks);
    let of_organizer = 2.0 * load.organizer.all_shown
        + (2.0 * gone / 144.0 + of_people * peak.busiest_hour / 6.0) / organizers;
    own.max(of_organizer)
}

pub fn of(tenant: &Tenant, load: &Load, all: &Requests, peak: Peak) -> Vec<Limit> {
    let mode = tenant.watch.mode;
    let mailbox = busiest_mailbox(tenant, load, peak);
    let writes = all.of(RequestKind::Renew).mean() + all.of(RequestKind::Create).mean();
    let listed = all.of(RequestKind::Subscriptions).mean();
    let second = busiest_hour(tenant, load, peak) / 3_600.0;
    let people = if mode.reads_learners() { load.mailboxes } else { 0.0 };
    let graph = |name, limit, used, unit| Limit { name, limit, used, unit, whose: GRAPH };
    let compared = (of_learners(tenant, load).all() + of_organizers(tenant, load).all()) / a_day(PLAN);
    let lms = &tenant.lms.rate;
    let per_hour = f64::from(lms.requests) * 3_600.0 / lms.per.as_seconds_f64().max(0.001);
    vec![
        graph("requests to one mailbox", 10_000.0, mailbox, "in ten minutes"),
        graph("requests to one mailbox at once", 4.0, mailbox * peak.answer_seconds / 600.0, "at once"),
        graph("writes of subscriptions", 1_000.0, writes * 20.0 / 86_400.0, "in 20 s"),
        graph("pages of the list of subscriptions", pages_a_day(), listed, "a day, 40 in 20 s"),
        graph(
            "directory",
            3_500.0,
            4.0 * (people / f64::from(USERS_PAGE)).ceil().min(100.0),
            "units in 10 s",
        ),
        graph("all requests of the app", 2_000.0, second, "a second"),
        Limit {
            name: "comparisons of a planning round",
            limit: COMPARISONS as f64,
            used: compared,
            unit: "in a round",
            whose: OURS,
        },
        Limit {
            name: "cancellations",
            limit: per_hour,
            used: load.declines * peak.busiest_hour,
            unit: "an hour",
            whose: LMS,
        },
    ]
}

/// One after the other at the limit of 40 in 20 s, which is kept: what has to end is the day's list.
fn pages_a_day() -> f64 {
    86_400.0 / Pace::default().page().as_secs_f64()
}

/// The one of which most is used.
pub fn nearest(limits: &[Limit]) -> Option<&Limit> {
    limits.iter().max_by(|one, other| one.percent().total_cmp(&other.percent()))
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
