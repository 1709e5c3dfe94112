//! Has a refresh token replaced by the server (RFC 6749, 6), so that none is lost and none is sent twice.
//!
//! Guarantees:
//! - **Durable before used.** What the server gives in its place is written down before the access token that
//!   came with it is used. While it can't be, both are held back, and writing is tried again.
//! - **One at a time.** Of all instances one has the turn; the others wait, and go by what it has written.
//! - **No refusal is believed** before the stored token was read again and is the same: an instance whose
//!   turn was over may have written late.
//!
//! Killed between the server's answer and our write, the new token is lost: nobody else can know it. Whoever
//! has the next turn sees that the one before did not end, and sends the stored token again. Servers that
//! take a token again for a while (as RFC 9700 allows where answers get lost) go on as if nothing had been.
//! Any other refuses it; then the connection is paused as with any credential that is not accepted, and what
//! is said of it names this cause and the mending: sign in anew, and configure the new token. The same holds
//! where the answer was lost on its way.

use super::failure::{AuthFailure, FailureKind};
use super::token_store::{Ended, Kept, Lineage, StoredToken, Taken, TokenStore, TokenStoreError, Turn};
use crate::http::token_cache::Fetched;
use async_trait::async_trait;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long somebody whose turn was over has to write down what they got for the token that we were refused
/// with.
const LATE: Duration = Duration::from_secs(2);
/// How long the turn is waited for, and how often it is asked for.
const WAIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(500);
/// Writing is tried so often, and so long after each other, before it is put off.
const WRITES: u32 = 3;
const BETWEEN_WRITES: Duration = Duration::from_millis(200);

/// Sends a refresh token to the server.
#[async_trait]
pub(super) trait Exchange: Sync {
    async fn exchange(&self, token: &SecretString) -> Result<Exchanged, ExchangeFailure>;
}

pub(super) struct Exchanged {
    pub(super) fetched: Fetched,
    /// In the place of the one that was sent.
    pub(super) replaced: Option<SecretString>,
}

pub(super) struct ExchangeFailure {
    pub(super) failure: AuthFailure,
    /// The server may have carried it out.
    pub(super) is_lost: bool,
}

pub(super) struct Refresh {
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) lineage: Lineage,
    /// In force until one is stored.
    pub(super) configured: SecretString,
    /// What could not be written down yet.
    unstored: Mutex<Option<Unstored>>,
}

struct Unstored {
    turn: Turn,
    token: SecretString,
    fetched: Fetched,
    at: Instant,
}

impl Refresh {
    pub(super) fn new(store: Arc<dyn TokenStore>, lineage: Lineage, configured: SecretString) -> Self {
        Self { store, lineage, configured, unstored: Mutex::default() }
    }

    pub(super) async fn fetch(&self, server: &dyn Exchange) -> Result<Fetched, AuthFailure> {
        let unstored = self.unstored.lock().take();
        if let Some(unstored) = unstored {
            let got = self.keep(unstored).await?;
            if !got.lives.is_zero() {
                return Ok(got);
            }
        }
        let turn = self.turn().await?;
        let sent = self.in_force(&turn.stored);
        let refused = match self.exchange(server, &turn, &sent).await {
            Err(refused) if refused.kind == FailureKind::Rejected => refused,
            done => return done,
        };
        for wait in [Duration::ZERO, LATE] {
            sleep(wait).await;
            let stored = self.store.read(&self.lineage).await.map_err(unavailable)?;
            if stored.number != turn.stored.number {
                let turn = Turn { stored, unended: None, ..turn };
                let newer = self.in_force(&turn.stored);
                return self.exchange(server, &turn, &newer).await;
            }
        }
        self.give_back(&turn, Ended::NotTaken).await;
        Err(match turn.unended {
            Some(since) => AuthFailure {
                why: format!(
                    "the LMS does not accept the refresh token. It was sent at {} already and the answer \
                     never came, or could not be written down, so the LMS may have replaced it: sign in \
                     anew and configure the new refresh token",
                    since.format("%Y-%m-%dT%H:%M:%SZ")
                ),
                ..refused
            },
            None => refused,
        })
    }

    fn in_force(&self, stored: &StoredToken) -> SecretString {
        stored.token.as_ref().unwrap_or(&self.configured).clone()
    }

    async fn turn(&self) -> Result<Turn, AuthFailure> {
        let until = Instant::now() + WAIT;
        loop {
            match self.store.take_turn(&self.lineage).await.map_err(unavailable)? {
                Taken::Ours(turn) => return Ok(turn),
                Taken::Others(left) if Instant::now() < until => sleep(left.min(POLL)).await,
                Taken::Others(_) => {
                    return Err(AuthFailure::new(
                        FailureKind::Outage,
                        "no token: another instance is having the refresh token replaced",
                    ));
                }
            }
        }
    }

    /// Keeps the turn where the token is refused.
    async fn exchange(
        &self,
        server: &dyn Exchange,
        turn: &Turn,
        sent: &SecretString,
    ) -> Result<Fetched, AuthFailure> {
        match server.exchange(sent).await {
            Ok(Exchanged { fetched, replaced: Some(token) })
                if token.expose_secret() != sent.expose_secret() =>
            {
                self.keep(Unstored { turn: turn.clone(), token, fetched, at: Instant::now() }).await
            }
            Ok(Exchanged { fetched, .. }) => {
                self.give_back(turn, Ended::Unchanged).await;
                Ok(fetched)
            }
            Err(ExchangeFailure { failure, is_lost }) => {
                if failure.kind != FailureKind::Rejected {
                    let ended = if is_lost { Ended::Unknown } else { Ended::NotTaken };
                    self.give_back(turn, ended).await;
                }
                Err(failure)
            }
        }
    }

    /// The access token, once the refresh token that came with it is written down.
    async fn keep(&self, got: Unstored) -> Result<Fetched, AuthFailure> {
        let mut tries = 1;
        let kept = loop {
            match self.store.put(&self.lineage, &got.turn, &got.token).await {
                Err(_) if tries < WRITES => {
                    sleep(BETWEEN_WRITES * tries).await;
                    tries += 1;
                }
                kept => break kept,
            }
        };
        let Lineage { tenant, connector, .. } = &self.lineage;
        match kept {
            Ok(Kept::Stored) => {}
            Ok(Kept::Superseded) => {
                tracing::warn!(%tenant, connector, "two instances had a refresh token replaced at once");
            }
            Err(error) => {
                tracing::error!(%tenant, connector, %error, "a replaced refresh token can't be written down");
                *self.unstored.lock() = Some(got);
                return Err(AuthFailure::new(
                    FailureKind::Outage,
                    format!("no token: the refresh token that the LMS gave can't be written down ({error})"),
                ));
            }
        }
        let lives = got.fetched.lives.saturating_sub(got.at.elapsed());
        Ok(Fetched { lives, ..got.fetched })
    }

    /// Where that fails, the turn ends by itself.
    async fn give_back(&self, turn: &Turn, ended: Ended) {
        if let Err(error) = self.store.give_back(&self.lineage, turn, ended).await {
            let Lineage { tenant, connector, .. } = &self.lineage;
            tracing::warn!(%tenant, connector, %error, "the turn to refresh a token is not given back");
        }
    }
}

fn unavailable(error: TokenStoreError) -> AuthFailure {
    AuthFailure::new(FailureKind::Outage, format!("no token: {error}"))
}

#[cfg(test)]
#[path = "refresh_tests.rs"]
mod tests;
