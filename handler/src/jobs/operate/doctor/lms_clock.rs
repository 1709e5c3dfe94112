//! The LMS's clock, by the `Date` of its answer: a receiver refuses a webhook that is more than five
//! minutes off (reference/lms-contract.md#request).

use super::check::{Check, CheckId, Look, Outcome};
use super::storage_clock::judge;
use super::subject::Visit;

pub(super) const CHECK: Check = Check {
    id: CheckId::LmsClock,
    title: "clock against the LMS",
    needs: &[CheckId::Lms],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    match visit.lms().await.clock {
        Some(ahead) => judge(
            ahead,
            "the LMS's clock",
            "Have the LMS's clock set (NTP). If Graph's clock is off as well, it is this machine's that is \
             wrong.",
        ),
        None => Outcome::skipped("no answer of the LMS bears a date"),
    }
}
