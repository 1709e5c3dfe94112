//! All that is forecast of a tenant, and which limit is reached first.

use super::cost::{self, Cost, Instances, Prices};
use super::executions::{self, Executions};
use super::limits::{self, Limit, Peak};
use super::requests::{self, RequestKind, Requests};
use super::size::Size;
use super::storage::{self, Storage};
use crate::config::Tenant;

/// What a forecast rests on, beside the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Assumed {
    pub size: Size,
    pub peak: Peak,
    pub instances: Instances,
    pub prices: Prices,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    pub requests: Requests,
    pub busiest_hour: f64,
    pub limits: Vec<Limit>,
    pub first: Option<First>,
    pub executions: Executions,
    pub gigabyte_seconds: f64,
    pub storage: Storage,
    pub cost: Cost,
}

/// The limit that is reached first when there are more mailboxes with as much training each.
#[derive(Debug, Clone, PartialEq)]
pub struct First {
    pub limit: &'static str,
    pub whose: &'static str,
    pub mailboxes: f64,
}

pub fn forecast(tenant: &Tenant, assumed: &Assumed) -> Forecast {
    let load = assumed.size.load(tenant);
    let requests = requests::of(tenant, &load);
    let limits = limits::of(tenant, &load, &requests, assumed.peak);
    let executions = executions::of(tenant, &load, &requests);
    let renewed = requests.of(RequestKind::Renew).mean() + load.created;
    let storage = storage::of(tenant, &load, &executions, renewed, assumed.instances.always_ready);
    Forecast {
        busiest_hour: limits::busiest_hour(tenant, &load, assumed.peak),
        first: first(tenant, assumed),
        gigabyte_seconds: cost::gigabyte_seconds(&executions, &assumed.instances),
        cost: cost::of(&executions, &storage, &assumed.instances, &assumed.prices),
        requests,
        limits,
        executions,
        storage,
    }
}

/// More than anybody has.
const MOST: f64 = 100_000_000.0;

/// By halving: what is used grows with the mailboxes.
fn first(tenant: &Tenant, assumed: &Assumed) -> Option<First> {
    let size = &assumed.size;
    let reached = |mailboxes: f64| {
        let load = size.times(mailboxes / size.mailboxes).load(tenant);
        let all = limits::of(tenant, &load, &requests::of(tenant, &load), assumed.peak);
        limits::nearest(&all).filter(|limit| limit.percent() >= 100.0).map(|limit| (limit.name, limit.whose))
    };
    if size.mailboxes <= 0.0 {
        return None;
    }
    let (mut least, mut most) = (0.0, MOST);
    let mut found = reached(most)?;
    while most - least > (most / 200.0).max(1.0) {
        let middle = f64::midpoint(least, most);
        match reached(middle) {
            Some(limit) => (most, found) = (middle, limit),
            None => least = middle,
        }
    }
    Some(First { limit: found.0, whose: found.1, mailboxes: most })
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
