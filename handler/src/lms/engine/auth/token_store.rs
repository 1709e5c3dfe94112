//! Where a refresh token is kept that the server replaces with each use: all instances go by the same one.

use crate::ids::TenantName;
use async_trait::async_trait;
use parking_lot::Mutex;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// `Debug` does not show the token.
#[derive(Debug, Clone)]
pub struct StoredToken {
    pub token: SecretString,
    /// A hash of the configured token that it descends from: when another one is configured, what was stored
    /// before counts no more.
    pub origin: String,
}

/// The store can't be read or written now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token store: {0}")]
pub struct TokenStoreError(pub String);

/// By connection, of which a tenant has one.
#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    async fn get(&self, tenant: &TenantName) -> Result<Option<StoredToken>, TokenStoreError>;

    /// Durable when it returns.
    async fn put(&self, tenant: &TenantName, token: &StoredToken) -> Result<(), TokenStoreError>;
}

/// In this process alone, and lost with it: for a server that does not replace refresh tokens, for trying a
/// connector, and for tests.
#[derive(Default)]
pub struct MemoryTokenStore(Mutex<BTreeMap<TenantName, StoredToken>>);

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn get(&self, tenant: &TenantName) -> Result<Option<StoredToken>, TokenStoreError> {
        Ok(self.0.lock().get(tenant).cloned())
    }

    async fn put(&self, tenant: &TenantName, token: &StoredToken) -> Result<(), TokenStoreError> {
        self.0.lock().insert(tenant.clone(), token.clone());
        Ok(())
    }
}
