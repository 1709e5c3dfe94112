//! In whose calendars a session's events stand, looked up once for all of them.

use crate::ids::{Address, UserId};
use crate::jobs::JobError;
use crate::jobs::context::TenantContext;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Organizers(BTreeMap<Address, UserId>);

impl Organizers {
    pub(super) async fn of(
        &mut self,
        context: &TenantContext,
        address: &Address,
    ) -> Result<UserId, JobError> {
        if let Some(known) = self.0.get(address) {
            return Ok(known.clone());
        }
        let found = context.users.organizer(context.graph.as_ref(), address).await?;
        // An address that the directory does not know may be a mailbox all the same: Graph says so, or not.
        let found = found.unwrap_or_else(|| UserId::new(address.as_str()));
        self.0.insert(address.clone(), found.clone());
        Ok(found)
    }
}
