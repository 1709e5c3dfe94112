//! Judging by a link that is stored.

use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::judge::{Judged, judge_link};
use crate::jobs::observe::learn_links;
use crate::ledger::links;
use crate::messages::LinkRef;

/// Judges a link that was made from an organizer's copy; by the link of the learner's own copy, where there
/// is one. `None`: there is no such link.
pub(crate) async fn judge_known(
    app: &AppContext,
    context: &TenantContext,
    at: &LinkRef,
) -> Result<Option<Judged>, JobError> {
    let Some(link) = links::load(&app.ledger, at).await? else { return Ok(None) };
    if context.tenant.watch.mode.reads_learners() {
        let links = links::of_mailbox(&app.ledger, &context.tenant.name, &link.mailbox).await?;
        if let Some(own) = links::of_own_copy(&links, &link.part_key()) {
            let (own, at) = learn_links::linked(own);
            return judge_link(app, context, &own, &at).await.map(Some);
        }
    }
    judge_link(app, context, &link, at).await.map(Some)
}
