//! How the last test decline went, where one is configured. Reads only: it declines nothing.
//!
//! That a right is missing shows in it alone: what Exchange grants stands in no token
//! (reference/entra.md#reading-tokens).

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::jobs::canary::told;
use crate::jobs::operate::management_json::{CanaryFailure, CanaryStatus};

pub(super) const CHECK: Check = Check {
    id: CheckId::Canary,
    title: "test decline",
    needs: &[CheckId::Tables],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    match told::status(visit.app, visit.context).await {
        Ok(Some(status)) => judge(&status),
        Ok(None) => Outcome::skipped("none is configured"),
        Err(failure) => Outcome::skipped(format!("it can't be read: {failure}")),
    }
}

fn judge(status: &CanaryStatus) -> Outcome {
    if let Some(CanaryFailure { stage, why, step, .. }) = &status.failed {
        // It has an alert of its own, and its cause is found by the others.
        return Outcome::warning(format!("the last one got stuck at {stage}: {why}"), sentence(step));
    }
    match (status.seconds, status.proved) {
        (Some(seconds), Some(false)) => Outcome::warning(
            format!("the last one took {seconds} s, and the LMS said that there was no place"),
            "Give the test learner a place in the test session: then a decline proves that the LMS takes one \
             away.",
        ),
        (Some(seconds), Some(true) | None) => {
            Outcome::ok(format!("the last one took {seconds} s from the decline to the LMS"))
        }
        (None, _) => Outcome::skipped("none has come to its end yet"),
    }
}

fn sentence(step: &str) -> String {
    let mut chars = step.chars();
    match chars.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}
