//! One token per tenant: however many calls want one, there is one request for it in flight.
//!
//! - A token is replaced five minutes before its end; if that fails, the old one serves until it really ends.
//! - A token that Graph refuses is forgotten, and only that one: who comes late with an old token gets the
//!   new one. This happens at most once a minute, so that a Graph that refuses every token can't turn into a
//!   storm on Entra.
//! - A failure is remembered for a moment, so that a broken secret does not either.
//!
//! Times are tokio's, so a test can move them.

use crate::graph::error::{Failure, GraphError};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long before its end a token is replaced (reference/entra.md#tokens).
const MARGIN: Duration = Duration::from_secs(300);
/// How long one request for a token may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long a refusal is repeated without asking again.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// The same for an outage, and for a failed early replacement.
const OUT_FOR: Duration = Duration::from_secs(2);
/// Between two tokens given up because Graph refused them.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(60);

/// Gets a token, at Entra or wherever else.
#[async_trait]
pub(crate) trait Fetch: Send + Sync + 'static {
    async fn fetch(&self) -> Result<Fetched, GraphError>;
}

pub(crate) struct Fetched {
    pub(crate) token: SecretString,
    /// From now to its end.
    pub(crate) lives: Duration,
}

pub(crate) struct Tokens {
    source: Box<dyn Fetch>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    failed: Option<(GraphError, Instant)>,
    renewed: Option<Instant>,
}

struct Held {
    token: Arc<SecretString>,
    replace_at: Instant,
    ends_at: Instant,
}

impl Tokens {
    pub(crate) fn new(source: impl Fetch) -> Self {
        Self { source: Box::new(source), state: Mutex::default() }
    }

    /// The tenant's token. Callers that come while one is being fetched wait for that one.
    pub(crate) async fn get(&self) -> Result<Arc<SecretString>, GraphError> {
        let mut state = self.state.lock().await;
        let now = Instant::now();
        let usable = state.held.as_ref().filter(|held| now < held.ends_at);
        if let Some(held) = usable.filter(|held| now < held.replace_at) {
            return Ok(Arc::clone(&held.token));
        }
        let usable = usable.map(|held| Arc::clone(&held.token));
        if let Some((error, until)) = &state.failed
            && now < *until
        {
            return usable.ok_or_else(|| error.clone());
        }
        match self.fetch().await {
            Ok(fetched) => {
                let now = Instant::now();
                let margin = MARGIN.min(fetched.lives / 2);
                let token = Arc::new(fetched.token);
                state.failed = None;
                state.held = Some(Held {
                    token: Arc::clone(&token),
                    replace_at: now + fetched.lives.saturating_sub(margin),
                    ends_at: now + fetched.lives,
                });
                Ok(token)
            }
            Err(error) => {
                tracing::warn!(%error, "no token");
                state.failed = Some((error.clone(), Instant::now() + pause_after(&error)));
                usable.ok_or(error)
            }
        }
    }

    /// Forgets `refused`, which Graph did not accept. `false`: it is not worth another try, because the last
    /// token was given up for the same reason a moment ago.
    pub(crate) async fn give_up(&self, refused: &SecretString) -> bool {
        let mut state = self.state.lock().await;
        let is_held =
            state.held.as_ref().is_some_and(|held| held.token.expose_secret() == refused.expose_secret());
        if !is_held {
            return true;
        }
        let now = Instant::now();
        if state.renewed.is_some_and(|renewed| now < renewed + BETWEEN_RENEWALS) {
            return false;
        }
        state.renewed = Some(now);
        state.held = None;
        true
    }

    async fn fetch(&self) -> Result<Fetched, GraphError> {
        match timeout(PATIENCE, self.source.fetch()).await {
            Ok(result) => result,
            Err(_) => Err(GraphError::Unavailable(Failure {
                status: None,
                code: "token/timeout".to_owned(),
                request_id: None,
            })),
        }
    }
}

fn pause_after(error: &GraphError) -> Duration {
    if let Some(after) = error.wait() {
        return after;
    }
    if matches!(error, GraphError::Credential { .. }) { REFUSED_FOR } else { OUT_FOR }
}

#[cfg(test)]
#[path = "tokens_tests.rs"]
mod tests;
