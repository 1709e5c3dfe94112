//! What was dropped and why, and how much was taken, counted in memory until somebody stores it. Never holds
//! what it was.

use crate::ids::TenantName;
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;
use strum::{Display, IntoStaticStr, VariantArray};

/// Why something that reached us was not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Display, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum DropCause {
    /// A post with neither body nor token: the host drops bodies that come in chunks
    /// (reference/functions-host.md#wrapped-requests). An alert.
    ChunkedOrEmpty,
    NotJson,
    /// Over 4 MiB.
    TooLarge,
    /// A validation token over 1 KiB, empty or with markup.
    BadToken,
    /// A JSON post without a list `value`.
    NoItems,
    /// An item that is no JSON object.
    MalformedItem,
    NoClientState,
    /// A `clientState` that none of our keys signed.
    ForgedClientState,
    /// Ours, but the tenant is no longer configured.
    UnknownTenant,
    /// Of a tenant that is switched off: its calendars are compared when it is on again.
    SwitchedOff,
    /// The item's `tenantId` is not the tenant's directory.
    WrongDirectory,
    UnknownChangeType,
    UnknownLifecycleEvent,
    NoEventId,
    /// An event id over 1 KiB.
    EventIdTooLong,
    /// Genuine, but more than one post may ask for. Its mailbox is compared instead.
    TooManyItems,
}

impl DropCause {
    /// As in `dropped` of the management status.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// `None`: nobody's, because the sender did not prove whose it is.
pub type Drops = BTreeMap<(Option<TenantName>, DropCause), u64>;

/// Shared by all who drop or take. Only verified tenants are counted by name, so a sender can't make it grow.
#[derive(Debug, Default)]
pub struct DropCounters(Mutex<Drops>, Mutex<BTreeMap<TenantName, u64>>);

impl DropCounters {
    pub fn count(&self, tenant: Option<&TenantName>, cause: DropCause) {
        self.count_many(tenant, cause, 1);
    }

    pub fn count_many(&self, tenant: Option<&TenantName>, cause: DropCause, many: u64) {
        let first = {
            let mut drops = self.lock();
            let count = drops.entry((tenant.cloned(), cause)).or_default();
            *count += many;
            *count == many
        };
        // Once until the next drain: a prober must not fill the log.
        if first {
            tracing::warn!(tenant = tenant.map(TenantName::as_str), %cause, "dropped; further ones are only \
                counted");
        }
    }

    pub fn snapshot(&self) -> Drops {
        self.lock().clone()
    }

    /// Takes the counts for storing. Whoever fails to store them gives them back by
    /// [`DropCounters::restore`].
    #[must_use = "counts that are not stored are lost"]
    pub fn drain(&self) -> Drops {
        std::mem::take(&mut self.lock())
    }

    pub fn restore(&self, drops: Drops) {
        let mut counts = self.lock();
        for (what, count) in drops {
            *counts.entry(what).or_default() += count;
        }
    }

    /// So many notifications of this tenant were taken.
    pub fn heard(&self, tenant: &TenantName, count: usize) {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        let mut heard = self.1.lock();
        match heard.get_mut(tenant) {
            Some(sum) => *sum += count,
            None => {
                heard.insert(tenant.clone(), count);
            }
        }
    }

    /// Takes how many notifications were taken, for storing.
    #[must_use = "counts that are not stored are lost"]
    pub fn drain_heard(&self) -> BTreeMap<TenantName, u64> {
        std::mem::take(&mut self.1.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Drops> {
        self.0.lock()
    }
}

#[cfg(test)]
#[path = "drop_counters_tests.rs"]
mod tests;
