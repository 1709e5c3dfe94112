//! The mailboxes that send invitations.

use crate::graph::GraphError;
use crate::ids::UserId;
use crate::jobs::context::TenantContext;
use std::collections::BTreeSet;

/// The mailboxes that send invitations, as far as the directory knows them.
pub async fn mailboxes(context: &TenantContext) -> Result<BTreeSet<UserId>, GraphError> {
    let mut found = BTreeSet::new();
    for address in &context.tenant.watch.organizers {
        if let Some(id) = context.users.organizer(context.graph.as_ref(), address).await? {
            found.insert(id);
        }
    }
    Ok(found)
}

/// True when this mailbox is watched for the answers that arrive in it.
pub async fn is_organizer(context: &TenantContext, mailbox: &UserId) -> Result<bool, GraphError> {
    Ok(context.tenant.watch.mode.watches_organizers() && mailboxes(context).await?.contains(mailbox))
}
