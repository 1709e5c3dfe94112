//! A pass over a source's sessions, into the ledger.
//!
//! Guarantees: an older reading changes nothing that a newer one said; a doubtful pass adds and changes,
//! and removes nothing; what is missed is gone by a single read, or by two complete passes; the same
//! pass merged again, as after a kill, counts once; too much at once waits for a person.

use crate::ids::{SessionId, TenantName};
use crate::jobs::JobError;
use crate::jobs::context::AppContext;
use crate::jobs::publish::source::Source;
use crate::jobs::publish::vanish::{self, What};
use crate::ledger::Read;
use crate::ledger::source_sessions::{self, SourceSession};
use crate::sessions::absence::{Seen, Step, after_pass, after_read};
use crate::sessions::pass::Pass;
use crate::sessions::session::Session;
use crate::sessions::vanish_brake::{VanishLimits, Vanished, judge};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Rows written side by side.
pub(super) const SIDE_BY_SIDE: usize = 8;

/// What a pass has changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// Sessions of which something is to be published, or taken back.
    pub changed: BTreeSet<SessionId>,
    /// Ids that were found to be gone.
    pub gone: usize,
    /// More is missing than may be believed: nothing was removed.
    pub held_back: Option<Vanished>,
}

/// `began`: when the reading began, by the ledger's clock.
pub async fn merge(
    app: &AppContext,
    tenant: &TenantName,
    source: &dyn Source,
    pass: &Pass<SessionId, Session>,
    began: DateTime<Utc>,
    limits: VanishLimits,
) -> Result<Merged, JobError> {
    let ledger = &app.ledger;
    let now = ledger.now().await?;
    let mut known = known(app, tenant, pass).await?;
    let mut merged = Merged::default();
    // Before anything is written: what is new by now is known when this is done again.
    let there: Vec<&SourceSession> = known
        .values()
        .map(|read| &read.value)
        .filter(|one| one.gone.is_none() && !one.is_over(now))
        .collect();
    let is_missing = |one: &&&SourceSession| one.seen_at < began && !pass.has(&one.session.id);
    let may_go = if pass.proves_absence() {
        let missing = there.iter().filter(is_missing);
        let named = |one: &Session| (one.id.as_str().to_owned(), likeness(one));
        let gone: BTreeMap<String, u64> = missing.map(|one| named(&one.session)).collect();
        let is_new = |one: &&Session| !known.contains_key(&one.id);
        let new: BTreeMap<String, u64> = pass.found.values().filter(is_new).map(named).collect();
        let judged = judge(&gone, &new, there.len(), limits);
        let may_go =
            vanish::may_go(ledger, tenant, What::Sessions, (gone.len(), there.len()), &judged).await?;
        merged.held_back = (!may_go).then_some(judged);
        may_go
    } else {
        false
    };
    let missing: Vec<SourceSession> = match may_go {
        true => there.iter().filter(is_missing).map(|one| (*one).clone()).collect(),
        false => Vec::new(),
    };
    let seen = pass.found.values().map(|session| see(app, tenant, session, known.remove(&session.id), began));
    let seen: Vec<_> = seen.collect();
    let changed: Vec<Option<SessionId>> =
        stream::iter(seen).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    merged.changed.extend(changed.into_iter().flatten());
    for one in missing {
        if miss(app, tenant, source, &one, began).await? {
            merged.gone += 1;
            merged.changed.insert(one.session.id);
        }
    }
    Ok(merged)
}

/// Of what the ledger knows: all, where something may be missing; else what was found.
async fn known(
    app: &AppContext,
    tenant: &TenantName,
    pass: &Pass<SessionId, Session>,
) -> Result<BTreeMap<SessionId, Read<SourceSession>>, StoreError> {
    let known = match pass.proves_absence() {
        true => source_sessions::all(&app.ledger, tenant).await?,
        false => source_sessions::these(&app.ledger, tenant, pass.found.keys()).await?,
    };
    Ok(known.into_iter().map(|read| (read.value.session.id.clone(), read)).collect())
}

/// Gives the session where something about it is news.
async fn see(
    app: &AppContext,
    tenant: &TenantName,
    session: &Session,
    read: Option<Read<SourceSession>>,
    began: DateTime<Utc>,
) -> Result<Option<SessionId>, StoreError> {
    let now = app.ledger.now().await?;
    let mut is_news = false;
    let see = |known: Option<&SourceSession>| {
        if known.is_some_and(|known| known.seen_at > began) {
            return None;
        }
        is_news = known.is_none_or(|known| known.session != *session || known.gone.is_some());
        let next = match known {
            None => SourceSession::new(session.clone(), began),
            Some(known) => SourceSession {
                session: session.clone(),
                seen_at: began,
                absence: None,
                missed_at: None,
                gone: None,
                ..known.clone()
            },
        };
        let next = if is_news { next.with_news(now) } else { next };
        (known != Some(&next)).then_some(next)
    };
    source_sessions::update_read(&app.ledger, tenant, &session.id, read, see).await?;
    Ok(is_news.then(|| session.id.clone()))
}

/// True where it is gone.
async fn miss(
    app: &AppContext,
    tenant: &TenantName,
    source: &dyn Source,
    known: &SourceSession,
    began: DateTime<Utc>,
) -> Result<bool, StoreError> {
    // Counted before this was killed.
    if known.missed_at.is_some_and(|at| at >= began) {
        return Ok(false);
    }
    let id = &known.session.id;
    let now = app.ledger.now().await?;
    let step = match after_pass(known.absence, Seen::Missing, source.reads_sessions(), now) {
        Step::Ask(missed) => after_read(missed, source.session(id).await),
        step @ (Step::Keep(_) | Step::Gone) => step,
    };
    let mut is_gone = false;
    let miss = |row: Option<&SourceSession>| {
        // A newer reading has shown it meanwhile.
        let row = row.filter(|row| row.seen_at < began)?;
        let next = SourceSession { missed_at: Some(began), ..row.clone() };
        Some(match step {
            Step::Keep(absence) => SourceSession { absence, ..next },
            Step::Ask(missed) => SourceSession { absence: Some(missed), ..next },
            Step::Gone => {
                is_gone = true;
                SourceSession { gone: Some(now), ..next }.with_news(now)
            }
        })
    };
    source_sessions::update(&app.ledger, tenant, id, miss).await?;
    Ok(is_gone)
}

/// What stays the same when a session is named anew.
fn likeness(session: &Session) -> u64 {
    let mut digest = Sha256::new();
    digest.update(session.title.as_bytes());
    for part in &session.parts {
        digest.update(part.span.start().timestamp().to_be_bytes());
        digest.update(part.span.end().timestamp().to_be_bytes());
    }
    first_bytes(digest)
}

pub(super) fn first_bytes(digest: Sha256) -> u64 {
    digest.finalize().iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}
