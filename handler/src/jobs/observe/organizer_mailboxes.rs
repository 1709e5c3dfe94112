//! The mailboxes that send invitations.

use crate::graph::GraphError;
use crate::ids::UserId;
use crate::jobs::context::Desk;
use std::collections::BTreeSet;

/// The mailboxes that send invitations, as far as the directory knows them.
pub async fn mailboxes(desk: &Desk) -> Result<BTreeSet<UserId>, GraphError> {
    let mut found = BTreeSet::new();
    for address in &desk.tenant.watch.organizers {
        if let Some(id) = desk.people.organizer(desk.graph.as_ref(), address).await? {
            found.insert(id);
        }
    }
    Ok(found)
}

/// True when this mailbox is watched for the answers that arrive in it.
pub async fn is_organizer(desk: &Desk, mailbox: &UserId) -> Result<bool, GraphError> {
    Ok(desk.tenant.watch.mode.watches_organizers() && mailboxes(desk).await?.contains(mailbox))
}
