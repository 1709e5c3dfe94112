//! What the LMS said of events ([`super::session_lookup`]), by the hash of their `iCalUId`.

use crate::ids::SessionId;
use moka::future::Cache;
use std::time::Duration;

/// A session keeps its event.
const FOUND: Duration = Duration::from_secs(24 * 60 * 60);
/// One may be made, or put right, after the invitation was sent.
const NOT_FOUND: Duration = Duration::from_secs(5 * 60);
/// Of one tenant.
const MOST: u64 = 20_000;

/// Bounded, and lost with the process without harm.
pub struct LookupCache {
    found: Cache<String, SessionId>,
    /// True: more than one fits.
    not_found: Cache<String, bool>,
}

/// What is known of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Recognised {
    Session(SessionId),
    /// More than one session fits: no other event's words count for it either.
    Ambiguous,
    No,
}

impl Recognised {
    pub(crate) fn session(self) -> Option<SessionId> {
        match self {
            Self::Session(session) => Some(session),
            Self::Ambiguous | Self::No => None,
        }
    }
}

impl Default for LookupCache {
    fn default() -> Self {
        Self {
            found: Cache::builder().max_capacity(MOST).time_to_live(FOUND).build(),
            not_found: Cache::builder().max_capacity(MOST).time_to_live(NOT_FOUND).build(),
        }
    }
}

impl LookupCache {
    pub(crate) async fn get(&self, key: &str) -> Option<Recognised> {
        if let Some(session) = self.found.get(key).await {
            return Some(Recognised::Session(session));
        }
        match self.not_found.get(key).await? {
            true => Some(Recognised::Ambiguous),
            false => Some(Recognised::No),
        }
    }

    pub(crate) async fn keep(&self, key: String, seen: Recognised) {
        match seen {
            Recognised::Session(session) => self.found.insert(key, session).await,
            Recognised::Ambiguous => self.not_found.insert(key, true).await,
            Recognised::No => self.not_found.insert(key, false).await,
        }
    }
}
