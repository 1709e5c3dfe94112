//! The queues can be reached, are there, and this identity may write to them.
//!
//! A trigger makes no queue: its listener polls on what is not there
//! (reference/functions-queues.md#failures).

use super::check::{Check, CheckId, Fix, Look, Outcome};
use super::subject::Deployment;
use crate::messages::queue;
use crate::store::queue_service::QueueFailure;

pub(super) const CHECK: Check = Check {
    id: CheckId::Queues,
    title: "queues",
    needs: &[CheckId::Configuration],
    look: Look::Deployment(|deployment| Box::pin(look(deployment))),
};

const LINK: &str = "https://learn.microsoft.com/azure/storage/queues/assign-azure-role-data-access";

/// Why queues are not looked at where they are the local host's.
pub(super) const LOCAL: &str = "they are the local host's own, in its files";

async fn look(deployment: &Deployment<'_>) -> Outcome {
    let Some(service) = &deployment.around.queues else { return Outcome::skipped(LOCAL) };
    let mut missing = Vec::new();
    for name in queue::ALL {
        match service.depth(name).await {
            Ok(_) => {}
            Err(QueueFailure::Missing) => missing.push(name),
            Err(failure) => return failed(&failure),
        }
    }
    if !missing.is_empty() {
        let seen = format!("missing: {}", missing.join(", "));
        let step = "Start the app, which makes them, or let `regrets doctor --fix` do it.";
        return Outcome::failed(seen, step).fix(Fix::MakeQueues);
    }
    // Making one that is there changes nothing, and wants the same right.
    match service.make(queue::CHANGES).await {
        Ok(_) => Outcome::ok(format!("all {} are there, and may be written to", queue::ALL.len())),
        Err(failure) => failed(&failure),
    }
}

fn failed(failure: &QueueFailure) -> Outcome {
    match failure {
        QueueFailure::Refused(_) => Outcome::failed(
            failure.to_string(),
            "Give this identity the role Storage Queue Data Contributor on the account (new roles take some \
             minutes); with a key, see that it is that of this account.",
        )
        .link(LINK),
        QueueFailure::Missing | QueueFailure::Away(_) => Outcome::failed(
            failure.to_string(),
            "See what is in the way of the storage account's queue service: its name, DNS, the firewall.",
        ),
    }
}
