//! This machine's clock against Graph's, by the `Date` of its answers: a token, an assertion and a webhook's
//! signature are good for minutes.

use super::check::{Check, CheckId, Look, Outcome};
use super::storage_clock::{SET, judge};
use super::subject::Visit;

pub(super) const CHECK: Check = Check {
    id: CheckId::GraphClock,
    title: "clock against Graph",
    needs: &[CheckId::Graph],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    match visit.context.graph.clock_ahead() {
        Some(ahead) => judge(ahead, "Graph's clock", SET),
        None => Outcome::skipped("Graph's answers bear no date"),
    }
}
