//! How often calendars are compared.
//!
//! Derived: a mailbox with a session within a day is compared once in [`OFTEN`], found by a planning round,
//! and once more when that session has begun; each is compared as a whole once in `watch.resync`; one that
//! can't be read is tried in each round. Where no calendar was compared just before a round, the round tries
//! some, to see that Graph is there.

use super::load::{CalendarLoad, Load};
use super::timers::{PLAN, a_day, found_after, hours};
use crate::config::Tenant;
use crate::jobs::watch::resync_schedule::{OFTEN, SOON};
use crate::jobs::watch::sync_mailboxes::TRIED;

/// A comparison also sees what ended less than a day ago.
pub const BEHIND_HOURS: f64 = 24.0;

/// How far ahead a comparison of what is near looks.
pub fn ahead_hours() -> f64 {
    hours(SOON + OFTEN)
}

/// Comparisons in a day of all calendars of a kind.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Comparisons {
    pub near: f64,
    pub whole: f64,
    /// Tried in vain.
    pub vain: f64,
}

impl Comparisons {
    pub fn all(&self) -> f64 {
        self.near + self.whole + self.vain
    }
}

fn of(calendars: f64, load: &CalendarLoad, tenant: &Tenant) -> Comparisons {
    let often = OFTEN.min(tenant.watch.resync);
    let whole = a_day(found_after(tenant.watch.resync));
    let readable = 1.0 - load.unreadable;
    let near = load.near * readable * a_day(found_after(often)) + load.episodes;
    // A whole one counts as one of what is near.
    let near = (near - load.near * whole).max(0.0);
    let vain = load.near * load.unreadable * a_day(PLAN);
    Comparisons { near: calendars * near, whole: calendars * (whole + load.gaps), vain: calendars * vain }
}

pub fn of_learners(tenant: &Tenant, load: &Load) -> Comparisons {
    match tenant.watch.mode.reads_learners() {
        true => of(load.mailboxes, &load.learners, tenant),
        false => Comparisons::default(),
    }
}

pub fn of_organizers(tenant: &Tenant, load: &Load) -> Comparisons {
    match tenant.watch.mode.watches_organizers() {
        true => of(load.organizers, &load.organizer, tenant),
        false => Comparisons::default(),
    }
}

/// Readings that only try whether anybody answers: between the least, where comparisons are spread evenly
/// over the rounds, and the most, where all mailboxes are compared in the same round.
pub fn tries(tenant: &Tenant, load: &Load) -> (f64, f64) {
    let reads = tenant.watch.mode.reads_learners();
    let watches = tenant.watch.mode.watches_organizers();
    let learners = if reads { load.mailboxes } else { 0.0 };
    let organizers = if watches { load.organizers } else { 0.0 };
    let of_rounds = PLAN.as_seconds_f64() / found_after(OFTEN.min(tenant.watch.resync)).as_seconds_f64();
    let near = learners * load.learners.near + organizers * load.organizer.near;
    let each = a_day(PLAN) * (learners + organizers).min(TRIED as f64);
    let compared = of_rounds * near.min(1.0);
    (each * (1.0 - of_rounds).powf(near), each * (1.0 - compared))
}

#[cfg(test)]
#[path = "comparisons_tests.rs"]
mod tests;
