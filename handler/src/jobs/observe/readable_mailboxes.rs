//! Whose calendars may be read: those of watched mailboxes only, whatever the app is allowed to.

use crate::ids::UserId;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::user_cache::is_outside;
use crate::ledger::links::Linked;
use crate::ledger::mailboxes;
use crate::store::StoreError;
use std::collections::BTreeMap;

/// What was asked of the ledger in the course of one judgement, each mailbox once.
#[derive(Debug, Default, Clone)]
pub struct ReadableMailboxes(BTreeMap<UserId, bool>);

impl ReadableMailboxes {
    /// The mailbox's row was read just now, and says so.
    pub fn watched(mailbox: &UserId) -> Self {
        Self(BTreeMap::from([(mailbox.clone(), true)]))
    }

    /// Asks for the learners' mailboxes of these links.
    ///
    /// # Errors
    /// The ledger can't say whether a mailbox is watched.
    pub async fn ask(
        &mut self,
        app: &AppContext,
        context: &TenantContext,
        place: &[Linked],
    ) -> Result<(), StoreError> {
        for (link, _) in place {
            let mailbox = &link.mailbox;
            if is_outside(mailbox) || self.0.contains_key(mailbox) {
                continue;
            }
            let is_watched = context.tenant.watch.mode.reads_learners()
                && mailboxes::is_watched(&app.ledger, &context.tenant.name, mailbox).await?;
            self.0.insert(mailbox.clone(), is_watched);
        }
        Ok(())
    }

    /// What was not asked for is not read.
    pub fn may_read(&self, mailbox: &UserId) -> bool {
        self.0.get(mailbox).copied().unwrap_or(false)
    }
}
