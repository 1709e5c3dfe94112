//! How often the functions of publishing are called in a day, where a tenant publishes.
//!
//! Derived: readings by `publish.every`, and rosters that are read session by session as often, or each
//! quarter of an hour within a day of their start; a session in which something is new is looked at, and once
//! more when it may mail; and the organizers' calendars are compared every six hours. Inputs:
//! [`PublishLoad`]; how much of it comes together: all of a session at the least, each place by itself at the
//! most.

use super::between::Between;
use super::load::{Load, PublishLoad};
use super::timers::{SYNC, a_day, found_after};
use crate::config::{ConnectorConfig, Publish, PublishSource, Tenant};
use crate::jobs::publish::calendars;
use crate::jobs::publish::sync::SOONER;
use crate::messages::Sessions;
use crate::publishing::policy::PublishState;
use chrono::Duration;

/// `publish-session` and `lms-events`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Published {
    pub looked: Between,
    pub told: Between,
}

pub fn of(tenant: &Tenant, load: &Load) -> Published {
    let Some(publish) = &tenant.publish else { return Published::default() };
    let looks = match publish.publisher.policy.state {
        PublishState::Off => return Published::default(),
        PublishState::Preview => 1.0,
        // Counted, and then let out.
        PublishState::On => 2.0,
    };
    let compares = Between::just(compares(tenant));
    let load = &load.publish;
    let changed = Between { least: load.sessions, most: load.sessions + load.places };
    let looked = Between { least: changed.least, most: changed.most * looks } + compares;
    // The LMS says each by itself, or all of a session at once.
    let Some(reads) = reads(tenant, publish) else { return Published { looked, told: changed } };
    Published { looked: looked + read(reads, publish, load), told: Between::default() }
}

/// How often in a day the organizers' calendars are held against what is to stand in them.
pub fn compares(tenant: &Tenant) -> f64 {
    match tenant.publish.as_ref().filter(|publish| publish.writes()) {
        Some(_) => a_day(found_after(calendars::EVERY)),
        None => 0.0,
    }
}

fn read(reads: &ConnectorConfig, publish: &Publish, load: &PublishLoad) -> Between {
    let whole = Between::just(a_day(found_after(publish.every)));
    if !is_read_by_session(reads) {
        return whole;
    }
    let (later, soon) = by_session(publish, load);
    // Those that are due in one round share messages; read together once, they are due together.
    let of = |(sessions, every): (f64, Duration)| {
        let (times, each) = (a_day(every), Sessions::EACH as f64);
        let apart = (every.as_seconds_f64() / SYNC.as_seconds_f64()).max(1.0);
        let least = times * (sessions / each).max(1.0 - (-sessions).exp());
        let in_a_round = sessions / apart;
        let most = times * apart * (in_a_round / each).max(1.0 - (-in_a_round).exp());
        Between { least, most }
    };
    whole + of(later) + of(soon)
}

/// Through what the LMS is read; `None`: it tells by itself.
fn reads<'a>(tenant: &'a Tenant, publish: &'a Publish) -> Option<&'a ConnectorConfig> {
    match &publish.source {
        PublishSource::Lms => Some(&tenant.lms.connector),
        PublishSource::From(lms) => Some(&lms.connector),
        PublishSource::Push(_) => None,
    }
}

fn is_read_by_session(reads: &ConnectorConfig) -> bool {
    match reads {
        ConnectorConfig::Webhook { .. } => false,
        ConnectorConfig::File { file, .. } => file.recipes.roster_of_a_session,
    }
}

/// How many sessions' rosters are read in which time: of those that are far, and of those that are near.
fn by_session(publish: &Publish, load: &PublishLoad) -> ((f64, Duration), (f64, Duration)) {
    let (every, sooner) = (found_after(publish.every), found_after(publish.every.min(SOONER)));
    (((load.ahead - load.soon).max(0.0), every), (load.soon, sooner))
}

/// Of an LMS that is read: all sessions so often in a day, each with its places or each for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Readings {
    pub whole: f64,
    /// Sessions whose places come with the whole.
    pub with_whole: f64,
    /// Sessions whose places are read for themselves.
    pub rosters: f64,
}

pub fn readings(tenant: &Tenant, load: &PublishLoad) -> Readings {
    let Some(publish) = tenant.publish.as_ref().filter(|publish| is_on(publish)) else {
        return Readings::default();
    };
    let Some(reads) = reads(tenant, publish) else { return Readings::default() };
    let whole = a_day(found_after(publish.every));
    if !is_read_by_session(reads) {
        return Readings { whole, with_whole: whole * load.ahead, rosters: 0.0 };
    }
    let (later, soon) = by_session(publish, load);
    let rosters = later.0 * a_day(later.1) + soon.0 * a_day(soon.1);
    Readings { whole, with_whole: 0.0, rosters }
}

pub fn is_on(publish: &Publish) -> bool {
    match publish.publisher.policy.state {
        PublishState::Off => false,
        PublishState::Preview | PublishState::On => true,
    }
}

#[cfg(test)]
#[path = "publishing_tests.rs"]
mod tests;
