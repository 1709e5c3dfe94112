//! How reading the source goes: when it was last asked for, what was doubtful, what could not be understood.
//!
//! Guarantees: a source that can't be read to its end for long is told of; each entry that can't be
//! understood is named in the log, and counted once in an alert.

use crate::ids::{TenantName, hash};
use crate::ledger::Ledger;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::tenant_rows::Singleton;
use crate::sessions::pass::Pass;
use crate::store::StoreError;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceState {
    /// When its sessions were last to be read.
    #[serde(default)]
    pub asked_at: Option<DateTime<Utc>>,
    /// When somebody last began with it.
    #[serde(default)]
    pub began_at: Option<DateTime<Utc>>,
    /// When the last reading began that came to its end without a doubt.
    #[serde(default)]
    pub read_at: Option<DateTime<Utc>>,
    /// Since when none did.
    #[serde(default)]
    pub doubtful_since: Option<DateTime<Utc>>,
    /// Of the last reading.
    #[serde(default)]
    pub doubts: Vec<String>,
    /// Entries of the last reading that could not be understood: where, and why.
    #[serde(default)]
    pub not_understood: Vec<String>,
}

const STATE: Singleton<SourceState> = Singleton::new("source");
/// What is kept of doubts and of entries.
const MOST: usize = 20;
/// An hour's outage is no news.
const PATIENCE: TimeDelta = TimeDelta::hours(3);

pub async fn read(ledger: &Ledger, tenant: &TenantName) -> Result<SourceState, StoreError> {
    Ok(STATE.if_readable(ledger, tenant).await?.unwrap_or_default())
}

/// True where it is due, for whoever asks first. What was asked for, and is begun by nobody within `rewake`,
/// is asked for again.
pub(super) async fn is_due(
    ledger: &Ledger,
    tenant: &TenantName,
    every: TimeDelta,
    rewake: TimeDelta,
) -> Result<bool, StoreError> {
    let now = ledger.now().await?;
    let mut is_due = false;
    let ask = |state: Option<&SourceState>| {
        let state = state.cloned().unwrap_or_default();
        let rest = if state.began_at >= state.asked_at { every } else { every.min(rewake) };
        is_due = state.asked_at.is_none_or(|at| at + rest <= now);
        is_due.then_some(SourceState { asked_at: Some(now), ..state })
    };
    STATE.update(ledger, tenant, ask).await?;
    Ok(is_due)
}

/// Somebody has begun to read.
pub(super) async fn begin(
    ledger: &Ledger,
    tenant: &TenantName,
    began: DateTime<Utc>,
) -> Result<(), StoreError> {
    let begin = |state: Option<&SourceState>| {
        Some(SourceState { began_at: Some(began), ..state.cloned().unwrap_or_default() })
    };
    STATE.update(ledger, tenant, begin).await.map(|_| ())
}

/// What came of a reading of all sessions.
pub(super) async fn note<K, T>(
    ledger: &Ledger,
    tenant: &TenantName,
    pass: &Pass<K, T>,
    began: DateTime<Utc>,
) -> Result<(), StoreError>
where
    K: Ord,
{
    let is_doubtful = !pass.doubts.is_empty();
    let doubts: Vec<String> = pass.doubts.iter().take(MOST).map(ToString::to_string).collect();
    let entries = pass.quarantined.iter().take(MOST);
    let not_understood: Vec<String> = entries.map(|one| format!("{}: {}", one.at, one.problem)).collect();
    let mut since = None;
    let note = |state: Option<&SourceState>| {
        let state = state.cloned().unwrap_or_default();
        since = is_doubtful.then(|| state.doubtful_since.unwrap_or(began));
        Some(SourceState {
            read_at: if is_doubtful { state.read_at } else { Some(began) },
            doubtful_since: since,
            doubts: doubts.clone(),
            not_understood: not_understood.clone(),
            ..state
        })
    };
    STATE.update(ledger, tenant, note).await?;
    for doubt in &doubts {
        tracing::warn!(%tenant, doubt, "a reading of the source is doubtful: nothing is removed by it");
    }
    match since {
        None => alerts::resolve(ledger, tenant, AlertKind::SourceUnread).await,
        Some(since) if since + PATIENCE <= began => {
            alerts::raise(ledger, tenant, AlertKind::SourceUnread).await
        }
        Some(_) => Ok(()),
    }
}

/// Entries that could not be understood.
pub(super) async fn note_entries<K, T>(
    ledger: &Ledger,
    tenant: &TenantName,
    pass: &Pass<K, T>,
) -> Result<(), StoreError>
where
    K: Ord,
{
    for entry in pass.quarantined.iter().take(MOST) {
        let id = entry.id.as_deref().unwrap_or("-");
        tracing::warn!(%tenant, id, at = entry.at, problem = entry.problem,
            "an entry of the source is not understood, and kept out");
        let member = hash(&format!("{id}\n{}", entry.problem));
        alerts::note(ledger, tenant, AlertKind::SourceEntry, &member).await?;
    }
    Ok(())
}
