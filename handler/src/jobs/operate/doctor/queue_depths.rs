//! How deep the queues are, and whether something lies in a poison queue.
//!
//! What lies in a poison queue is taken by a function of ours: what stays there is taken by nobody. The
//! service counts about, so a look that finds something there is made twice.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Deployment;
use crate::messages::queue;
use std::time::Duration;

pub(super) const CHECK: Check = Check {
    id: CheckId::QueueDepths,
    title: "queue depths",
    needs: &[CheckId::Queues],
    look: Look::Deployment(|deployment| Box::pin(look(deployment))),
};

/// A tenant of a hundred thousand mailboxes puts so many there in a bad minute, and they are gone in ten.
const DEEP: u64 = 5_000;
const TOO_DEEP: u64 = 50_000;
/// The poison function's listener looks every ten seconds at most.
const AGAIN: Duration = Duration::from_secs(12);

async fn look(deployment: &Deployment<'_>) -> Outcome {
    let Some(service) = &deployment.around.queues else { return Outcome::skipped(super::queues::LOCAL) };
    let mut depths = Vec::new();
    for name in queue::ALL {
        match service.depth(name).await {
            Ok(depth) => depths.push((name, depth)),
            Err(failure) => return Outcome::skipped(format!("the depth of {name} can't be told: {failure}")),
        }
    }
    let poisoned = |depths: &[(&'static str, u64)]| -> Vec<String> {
        let is_poison = |(name, depth): &&(&str, u64)| name.ends_with("-poison") && *depth > 0;
        depths.iter().filter(is_poison).map(|(name, depth)| format!("{name} holds {depth}")).collect()
    };
    if !poisoned(&depths).is_empty() {
        tokio::time::sleep(AGAIN).await;
        for (name, depth) in depths.iter_mut().filter(|(name, _)| name.ends_with("-poison")) {
            *depth = service.depth(name).await.unwrap_or(*depth);
        }
    }
    judge(&depths, &poisoned(&depths))
}

fn judge(depths: &[(&str, u64)], poisoned: &[String]) -> Outcome {
    if !poisoned.is_empty() {
        return Outcome::failed(
            poisoned.join(", "),
            "Nobody takes them: see in the host's log whether the functions poison-… run, and why they fail.",
        );
    }
    let deepest = depths.iter().max_by_key(|(_, depth)| *depth);
    let Some((name, depth)) = deepest.filter(|(_, depth)| *depth > 0) else {
        return Outcome::ok("all are empty");
    };
    let seen = format!("{name} holds about {depth}");
    let step = "See whether its function runs and keeps up: the host's log, and the number of instances.";
    match *depth {
        TOO_DEEP.. => Outcome::failed(seen, step),
        DEEP.. => Outcome::warning(seen, step),
        _ => Outcome::ok(format!("{seen}, no other more")),
    }
}

#[cfg(test)]
#[path = "queue_depths_tests.rs"]
mod tests;
