//! Judging by a link that is stored.

use crate::jobs::context::{Desk, Office};
use crate::jobs::observe::judge::judge_link;
use crate::jobs::observe::learn_links;
use crate::jobs::observe::outcome::Stop;
use crate::ledger::links;
use crate::messages::LinkRef;

/// Judges a link that was made from an organizer's copy; by the link of the learner's own copy, where there is one.
pub(crate) async fn judge_known(office: &Office, desk: &Desk, at: &LinkRef) -> Result<(), Stop> {
    let Some(link) = links::load(&office.ledger, at).await? else { return Ok(()) };
    if desk.tenant.watch.mode.reads_learners() {
        let links = links::of_mailbox(&office.ledger, &desk.tenant.name, &link.mailbox).await?;
        if let Some(own) = links::of_own_copy(&links, &link.part_key()) {
            let (own, at) = learn_links::linked(own);
            judge_link(office, desk, &own, &at).await?;
            return Ok(());
        }
    }
    judge_link(office, desk, &link, at).await?;
    Ok(())
}
