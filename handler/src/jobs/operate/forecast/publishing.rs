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
    let reads = match &publish.source {
        PublishSource::Lms => &tenant.lms.connector,
        PublishSource::From(lms) => &lms.connector,
        // The LMS says each by itself, or all of a session at once.
        PublishSource::Push(_) => return Published { looked, told: changed },
    };
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
    let is_by_session = match reads {
        ConnectorConfig::Webhook { .. } => false,
        ConnectorConfig::File { file, .. } => file.recipes.roster_of_a_session,
    };
    if !is_by_session {
        return whole;
    }
    let (every, sooner) = (found_after(publish.every), found_after(publish.every.min(SOONER)));
    let later = (load.ahead - load.soon).max(0.0);
    // Those that are due in one round share messages; read together once, they are due together.
    let of = |sessions: f64, every: chrono::Duration| {
        let (times, each) = (a_day(every), Sessions::EACH as f64);
        let apart = (every.as_seconds_f64() / SYNC.as_seconds_f64()).max(1.0);
        let least = times * (sessions / each).max(1.0 - (-sessions).exp());
        let in_a_round = sessions / apart;
        let most = times * apart * (in_a_round / each).max(1.0 - (-in_a_round).exp());
        Between { least, most }
    };
    whole + of(later, every) + of(load.soon, sooner)
}

#[cfg(test)]
#[path = "publishing_tests.rs"]
mod tests;
