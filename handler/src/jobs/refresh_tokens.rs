//! Keeps the refresh tokens of LMS connections in the ledger, so that all instances go by the same ones.

use crate::ledger::Ledger;
use crate::ledger::refresh_tokens::{self, TokenRef};
use crate::lms::engine::auth::token_store::{
    Ended, Kept, Lineage, StoredToken, TURN, Taken, TokenStore, TokenStoreError, Turn,
};
use crate::sealing::SealingKeys;
use crate::store::StoreError;
use async_trait::async_trait;
use secrecy::SecretString;
use uuid::Uuid;

/// What the keys that seal them are derived for.
pub const LABEL: &str = "regrets refresh tokens";

pub struct LedgerTokenStore {
    pub ledger: Ledger,
    pub keys: SealingKeys,
}

fn at(of: &Lineage) -> TokenRef<'_> {
    TokenRef { tenant: &of.tenant, connector: &of.connector, origin: &of.origin }
}

fn failed(error: StoreError) -> TokenStoreError {
    TokenStoreError(error.to_string())
}

#[async_trait]
impl TokenStore for LedgerTokenStore {
    async fn read(&self, of: &Lineage) -> Result<StoredToken, TokenStoreError> {
        let stored = refresh_tokens::read(&self.ledger, &self.keys, at(of)).await.map_err(failed)?;
        Ok(StoredToken { token: stored.token, number: stored.number })
    }

    async fn take_turn(&self, of: &Lineage) -> Result<Taken, TokenStoreError> {
        let id = Uuid::new_v4().to_string();
        let taken = refresh_tokens::take_turn(&self.ledger, &self.keys, at(of), &id, TURN).await;
        Ok(match taken.map_err(failed)? {
            refresh_tokens::Taken::Ours(stored) => {
                let unended = stored.unended;
                let stored = StoredToken { token: stored.token, number: stored.number };
                Taken::Ours(Turn { id, stored, unended })
            }
            refresh_tokens::Taken::Others(left) => Taken::Others(left),
        })
    }

    async fn put(&self, of: &Lineage, turn: &Turn, token: &SecretString) -> Result<Kept, TokenStoreError> {
        let over = (turn.id.as_str(), turn.stored.number);
        let is_stored = refresh_tokens::put(&self.ledger, &self.keys, at(of), over, token).await;
        Ok(if is_stored.map_err(failed)? { Kept::Stored } else { Kept::Superseded })
    }

    async fn give_back(&self, of: &Lineage, turn: &Turn, ended: Ended) -> Result<(), TokenStoreError> {
        let ended = match ended {
            Ended::Unchanged => refresh_tokens::Ended::InForce,
            Ended::NotTaken => refresh_tokens::Ended::AsBefore(turn.unended),
            Ended::Unknown => refresh_tokens::Ended::Unknown,
        };
        refresh_tokens::give_back(&self.ledger, at(of), &turn.id, ended).await.map_err(failed)
    }
}
