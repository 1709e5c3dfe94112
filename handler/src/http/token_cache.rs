//! One token for all: however many calls want one, there is one request for it in flight.
//!
//! - A token is replaced early, some time before its end; if that fails, the old one serves until it really
//!   ends.
//! - A token that is refused is forgotten, and only that one: who comes late with an old token gets the new
//!   one. This happens at most once a minute, so that a server that refuses every token can't turn into a
//!   storm on whoever gives them out.
//! - A failure is remembered for a moment, so that a broken secret does not either.
//!
//! Times are tokio's, so a test can move them.

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long one request for a token may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two tokens given up because they were refused.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(60);

/// Gets a token.
#[async_trait]
pub(crate) trait Fetch<E>: Send + Sync + 'static {
    async fn fetch(&self) -> Result<Fetched, E>;
}

/// Why there is no token.
pub(crate) trait FetchFailure: Clone + fmt::Display + Send + Sync + 'static {
    fn timed_out() -> Self;

    /// How long it is repeated without asking again.
    fn pause(&self) -> Duration;
}

pub(crate) struct Fetched {
    pub(crate) token: SecretString,
    /// From now to its end.
    pub(crate) lives: Duration,
}

pub(crate) struct TokenCache<E> {
    source: Box<dyn Fetch<E>>,
    /// How long before its end a token of so long a life is replaced.
    early: fn(Duration) -> Duration,
    state: Mutex<State<E>>,
}

struct State<E> {
    held: Option<Held>,
    failed: Option<(E, Instant)>,
    renewed: Option<Instant>,
}

struct Held {
    token: Arc<SecretString>,
    replace_at: Instant,
    ends_at: Instant,
}

impl<E: FetchFailure> TokenCache<E> {
    pub(crate) fn replacing_early(source: impl Fetch<E>, early: fn(Duration) -> Duration) -> Self {
        let state = Mutex::new(State { held: None, failed: None, renewed: None });
        Self { source: Box::new(source), early, state }
    }

    /// The token. Callers that come while one is being fetched wait for that one.
    pub(crate) async fn get(&self) -> Result<Arc<SecretString>, E> {
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
        self.replace(&mut state).await.or_else(|error| usable.ok_or(error))
    }

    /// A token that was asked for just now, whatever is held: an older one does not know what was granted or
    /// withdrawn since. For diagnostics, which are rare; a failure says so even where an old token still
    /// serves.
    pub(crate) async fn fresh(&self) -> Result<Arc<SecretString>, E> {
        let mut state = self.state.lock().await;
        self.replace(&mut state).await
    }

    async fn replace(&self, state: &mut State<E>) -> Result<Arc<SecretString>, E> {
        match self.fetch().await {
            Ok(fetched) => {
                let now = Instant::now();
                let margin = (self.early)(fetched.lives).min(fetched.lives / 2);
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
                state.failed = Some((error.clone(), Instant::now() + error.pause()));
                Err(error)
            }
        }
    }

    /// Forgets `refused`, which was not accepted. `false`: it is not worth another try, because the last
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

    async fn fetch(&self) -> Result<Fetched, E> {
        match timeout(PATIENCE, self.source.fetch()).await {
            Ok(result) => result,
            Err(_) => Err(E::timed_out()),
        }
    }
}

#[cfg(test)]
#[path = "token_cache_tests.rs"]
mod tests;
