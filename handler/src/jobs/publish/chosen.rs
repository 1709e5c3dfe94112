//! Who is written to at all, while it is tried with a few.

use crate::config::Publish;
use crate::graph::port::User;
use crate::ids::Address;
use crate::jobs::JobError;
use crate::jobs::context::TenantContext;
use crate::publishing::policy::Chosen;
use std::collections::BTreeSet;

/// # Errors
/// The group can't be read: then nobody is written to.
pub async fn chosen(context: &TenantContext, publish: &Publish) -> Result<Chosen, JobError> {
    let Some(only) = &publish.only else { return Ok(Chosen::All) };
    let mut addresses: BTreeSet<Address> = only.addresses.clone();
    if let Some(group) = &only.group {
        let mut see = |user: User| addresses.extend(user.addresses);
        context.graph.group_members(group, &mut see).await?;
    }
    Ok(Chosen::These(addresses))
}
