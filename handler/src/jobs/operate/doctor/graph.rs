//! Graph answers, and takes the token.

use super::check::{Check, CheckId, Look, Outcome};
use super::graph_words::{not_answered, said};
use super::subject::Visit;
use crate::graph::Mending;

pub(super) const CHECK: Check = Check {
    id: CheckId::Graph,
    title: "Graph",
    needs: &[CheckId::Token],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    let Err(failure) = visit.context.graph.subscriptions(None).await else {
        return Outcome::ok("it answers, and takes the token");
    };
    match failure.mending() {
        Some(Mending::Unauthorized) => Outcome::failed(
            format!("it does not take the token: {}", said(&failure)),
            "See whether `cloud` (or GRAPH_ENDPOINT) is that of the tenant, and whether this machine's clock \
             is right; then whether the app is enabled in the tenant.",
        ),
        Some(Mending::Credential { .. } | Mending::Invalid) => not_answered("our subscriptions", &failure),
        // Whatever it does not let us do: it answers.
        None if !failure.is_away() => Outcome::ok("it answers, and takes the token"),
        None => not_answered("our subscriptions", &failure),
    }
}
