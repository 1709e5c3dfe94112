//! This machine's clock against that of the storage account, by the `Date` of its answers: leases and
//! signatures run out by it.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Deployment;
use chrono::TimeDelta;

pub(super) const CHECK: Check = Check {
    id: CheckId::StorageClock,
    title: "clock against storage",
    needs: &[CheckId::Tables],
    look: Look::Deployment(|deployment| Box::pin(look(deployment))),
};

/// Five minutes are what signatures, assertions and webhooks bear; whoever is off by a part of it is on the
/// way there.
const BORNE: TimeDelta = TimeDelta::minutes(5);
const NOTED: TimeDelta = TimeDelta::seconds(60);

async fn look(deployment: &Deployment<'_>) -> Outcome {
    if !deployment.around.is_remote {
        return Outcome::skipped("the ledger is a file of this machine: there is no other clock");
    }
    let ledger = &deployment.app.ledger;
    match ledger.now().await {
        Ok(theirs) => judge(theirs - ledger.clock.now(), "the storage account's clock", SET),
        Err(failure) => Outcome::skipped(format!("the storage account does not tell its time: {failure}")),
    }
}

pub(super) const SET: &str = "Set this machine's clock (NTP). If Graph's clock is said to be right, it is \
                              the other one that is wrong: tell whoever runs it.";

/// What so much of a difference means.
pub(super) fn judge(ahead: TimeDelta, whose: &str, step: &str) -> Outcome {
    let apart = ahead.abs();
    if apart < NOTED {
        return Outcome::ok(format!("{whose} and ours agree"));
    }
    let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    let seen = format!("{whose} is {} {side} ours", told(apart));
    if apart < BORNE { Outcome::warning(seen, step) } else { Outcome::failed(seen, step) }
}

/// Rounded, so that the same fault is told in the same words twice.
fn told(apart: TimeDelta) -> String {
    match apart.num_seconds() {
        seconds @ 0..=119 => format!("{} s", seconds / 10 * 10),
        seconds => format!("about {} minutes", (seconds + 30) / 60),
    }
}

#[cfg(test)]
#[path = "storage_clock_tests.rs"]
mod tests;
