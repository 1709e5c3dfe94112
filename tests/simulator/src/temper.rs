//! How Graph treats an endpoint that answers slowly: more than 15 % of the answers too late within ten
//! minutes, and what is new for it is dropped for ten minutes
//! (handler/reference/graph-notifications.md#slow-endpoints). What was dropped surfaces as `missed`.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};
use uuid::Uuid;

const LATE_PERCENT: usize = 15;
/// Below so many answers a share says nothing; the real number is not documented.
const ENOUGH: usize = 10;

#[derive(Debug, Default)]
struct Host {
    answers: VecDeque<(Instant, bool)>,
    shunned_until: Option<Instant>,
    missed: BTreeSet<Uuid>,
}

/// By host and port: a slow one hurts every subscription that shares it.
#[derive(Debug, Default)]
pub(crate) struct Temper(BTreeMap<String, Host>);

fn host(url: &str) -> String {
    url.split('/').nth(2).unwrap_or(url).to_owned()
}

impl Temper {
    /// Notes an answer. `window` is Graph's ten minutes, scaled. Tells how long the endpoint is shunned if
    /// that begins now.
    pub(crate) fn note(
        &mut self,
        url: &str,
        is_late: bool,
        now: Instant,
        window: Duration,
    ) -> Option<Duration> {
        let host = self.0.entry(host(url)).or_default();
        host.answers.push_back((now, is_late));
        host.answers.retain(|(at, _)| now.duration_since(*at) <= window);
        let late = host.answers.iter().filter(|(_, is_late)| *is_late).count();
        let is_shunned = host.shunned_until.is_some();
        if is_shunned || host.answers.len() < ENOUGH || late * 100 <= host.answers.len() * LATE_PERCENT {
            return None;
        }
        host.shunned_until = Some(now + window);
        Some(window)
    }

    /// Whether a new notification is dropped; the subscription then misses something.
    pub(crate) fn drops(&mut self, url: &str, subscription: Uuid) -> bool {
        match self.0.get_mut(&host(url)) {
            Some(host) if host.shunned_until.is_some() => {
                host.missed.insert(subscription);
                true
            }
            Some(_) | None => false,
        }
    }

    /// Ends the shunning and gives the subscriptions that missed something.
    pub(crate) fn forgive(&mut self, url: &str) -> BTreeSet<Uuid> {
        self.0.remove(&host(url)).map(|host| host.missed).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "temper_tests.rs"]
mod tests;
