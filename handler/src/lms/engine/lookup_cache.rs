//! What was found once need not be asked for again: the values that a step took, by the request that it made.
//!
//! Bounded in number and in age, and without anybody's name in its keys. What was remembered is given up when
//! it leads nowhere: the account may have been made anew.

use super::request::Unsigned;
use moka::future::Cache;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Entries of one connection.
const MOST: u64 = 20_000;
/// However long a file says.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// A hash of step and request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Key {
    pub(super) fn of(recipe: &str, step: &str, request: &Unsigned) -> Self {
        let mut hash = Sha256::new();
        for part in [recipe, step, request.method.as_str(), request.url.as_str(), request.body()] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
        for (name, value) in &request.headers {
            hash.update(name.as_str());
            hash.update([0]);
            hash.update(value);
            hash.update([0]);
        }
        Self(hash.finalize().into())
    }
}

/// What a step took, by the names of its values.
pub(super) type Values = Arc<[(String, String)]>;

pub(super) struct LookupCache(Cache<Key, (Values, Instant)>);

impl Default for LookupCache {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(LONGEST).build())
    }
}

impl LookupCache {
    pub(super) async fn get(&self, key: &Key) -> Option<Values> {
        let (values, until) = self.0.get(key).await?;
        // By tokio's clock, which tests move.
        (Instant::now() < until).then_some(values)
    }

    pub(super) async fn put(&self, key: Key, values: Values, keeps: Duration) {
        self.0.insert(key, (values, Instant::now() + keeps.min(LONGEST))).await;
    }

    pub(super) async fn drop_all(&self, keys: &[Key]) {
        for key in keys {
            self.0.invalidate(key).await;
        }
    }
}

#[cfg(test)]
#[path = "lookup_cache_tests.rs"]
mod tests;
