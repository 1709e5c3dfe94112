//! Where a refresh token is kept that the server replaces with each use: all instances go by the same one.
//!
//! Who wants to have it replaced takes the turn first: servers that see a token twice may take back all that
//! descends from it (RFC 9700, 4.14.2), so no two instances may send the same one.

use crate::ids::{TenantName, hash};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

/// How long a turn counts that nobody gives back: longer than a request for a token may take.
pub const TURN: Duration = Duration::from_secs(30);

/// Which token: when another one is configured, what was stored before counts no more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lineage {
    pub tenant: TenantName,
    pub connector: String,
    /// A hash of the configured token that it descends from.
    pub origin: String,
}

impl Lineage {
    pub fn of(tenant: &TenantName, connector: &str, configured: &str) -> Self {
        Self { tenant: tenant.clone(), connector: connector.to_owned(), origin: hash(configured) }
    }
}

/// `Debug` does not show the token.
#[derive(Debug, Clone, Default)]
pub struct StoredToken {
    /// `None`: none is stored, or none that can be read; the configured one is in force.
    pub token: Option<SecretString>,
    /// Grows with each that is stored.
    pub number: u64,
}

/// The sole right to have a token replaced, for [`TURN`].
#[derive(Debug, Clone)]
pub struct Turn {
    pub id: String,
    /// What is stored when it begins.
    pub stored: StoredToken,
    /// Since then it may be that the server has replaced this token, and nobody knows by which.
    pub unended: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub enum Taken {
    Ours(Turn),
    /// Another instance has it; so long at most.
    Others(Duration),
}

/// What became of a stored token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Stored,
    /// Another instance has stored one since the turn began: that one counts, and is left as it is.
    Superseded,
}

/// How a turn ended in which nothing was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The server took the token, and it stays in force.
    Unchanged,
    /// The server did not take it, or was not reached.
    NotTaken,
    /// The server may have replaced it: its answer did not come.
    Unknown,
}

/// The store can't be read or written now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store of refresh tokens: {0}")]
pub struct TokenStoreError(pub String);

#[async_trait]
pub trait TokenStore: Send + Sync + 'static {
    async fn read(&self, of: &Lineage) -> Result<StoredToken, TokenStoreError>;

    async fn take_turn(&self, of: &Lineage) -> Result<Taken, TokenStoreError>;

    /// Ends the turn. Durable when it returns. Also where the turn's time is over, as long as nobody else has
    /// stored one.
    async fn put(&self, of: &Lineage, turn: &Turn, token: &SecretString) -> Result<Kept, TokenStoreError>;

    async fn give_back(&self, of: &Lineage, turn: &Turn, ended: Ended) -> Result<(), TokenStoreError>;
}

/// In this process alone, and lost with it: for a server that does not replace refresh tokens, for trying a
/// connector, and for tests.
#[derive(Default)]
pub struct MemoryTokenStore(Mutex<BTreeMap<Lineage, Remembered>>);

#[derive(Default)]
struct Remembered {
    stored: StoredToken,
    turn: Option<(String, Instant)>,
}

#[async_trait]
impl TokenStore for MemoryTokenStore {
    async fn read(&self, of: &Lineage) -> Result<StoredToken, TokenStoreError> {
        Ok(self.0.lock().get(of).map(|known| known.stored.clone()).unwrap_or_default())
    }

    async fn take_turn(&self, of: &Lineage) -> Result<Taken, TokenStoreError> {
        let mut all = self.0.lock();
        let known = all.entry(of.clone()).or_default();
        let now = Instant::now();
        if let Some((_, until)) = known.turn.as_ref().filter(|(_, until)| *until > now) {
            return Ok(Taken::Others(*until - now));
        }
        let id = uuid::Uuid::new_v4().to_string();
        known.turn = Some((id.clone(), now + TURN));
        Ok(Taken::Ours(Turn { id, stored: known.stored.clone(), unended: None }))
    }

    async fn put(&self, of: &Lineage, turn: &Turn, token: &SecretString) -> Result<Kept, TokenStoreError> {
        let mut all = self.0.lock();
        let known = all.entry(of.clone()).or_default();
        known.turn.take_if(|(id, _)| *id == turn.id);
        if known.stored.number != turn.stored.number {
            return Ok(Kept::Superseded);
        }
        known.stored = StoredToken { token: Some(token.clone()), number: turn.stored.number + 1 };
        Ok(Kept::Stored)
    }

    async fn give_back(&self, of: &Lineage, turn: &Turn, _: Ended) -> Result<(), TokenStoreError> {
        let mut all = self.0.lock();
        if let Some(known) = all.get_mut(of) {
            known.turn.take_if(|(id, _)| *id == turn.id);
        }
        Ok(())
    }
}
