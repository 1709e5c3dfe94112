//! The LMS is there and accepts the credential: a signed `test.ping` to a receiver, or the probe of a
//! connector file. Nobody's place is touched.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::lms::health::Condition;

pub(super) const CHECK: Check = Check {
    id: CheckId::Lms,
    title: "LMS",
    needs: &[CheckId::LmsSecrets],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    let found = visit.lms().await;
    let seen = found.seen.trim_end_matches('.').to_owned();
    match (found.condition, &found.step) {
        (Condition::NotAsked, _) => Outcome::skipped(seen),
        (Condition::Well, None) => Outcome::ok(seen),
        (Condition::Well, Some(step)) => Outcome::warning(seen, step),
        (Condition::Unwell, Some(step)) => Outcome::failed(seen, step),
        (Condition::Unwell, None) => Outcome::failed(seen, "See what answers at the LMS's address."),
    }
}
