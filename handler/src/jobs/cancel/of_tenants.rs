//! What pieces of work that run side by side gather of each tenant.
//!
//! Guarantee: it stands apart from the work, which may be cut off at any time.

use crate::ids::TenantName;
use parking_lot::Mutex;
use std::collections::BTreeMap;

pub(super) struct OfTenants<T>(Mutex<BTreeMap<TenantName, T>>);

impl<T> Default for OfTenants<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Default> OfTenants<T> {
    pub(super) fn change(&self, tenant: &TenantName, change: impl FnOnce(&mut T)) {
        change(self.0.lock().entry(tenant.clone()).or_default());
    }

    pub(super) fn take(&self) -> BTreeMap<TenantName, T> {
        std::mem::take(&mut *self.0.lock())
    }

    pub(super) fn of_all<U>(&self, of: impl Fn(&T) -> U) -> BTreeMap<TenantName, U> {
        let all = self.0.lock();
        all.iter().map(|(name, one)| (name.clone(), of(one))).collect()
    }

    pub(super) fn take_of(&self, tenant: &TenantName) -> T {
        self.0.lock().remove(tenant).unwrap_or_default()
    }
}
