//! What an LMS tells by itself, into the ledger.
//!
//! Guarantees: it is in the ledger before the LMS is told that it was taken; the same message again changes
//! nothing, and an older one that comes late changes nothing that a newer one said; only a snapshot whose
//! messages have all come in proves that something is not there, and it is held against the ledger as any
//! other complete reading is.

use crate::config::{Publish, PublishSource, PushSource};
use crate::ids::{SessionId, TenantName};
use crate::jobs::JobError;
use crate::jobs::context::AppContext;
use crate::jobs::publish::merge_places::{self, Reading};
use crate::jobs::publish::merge_sessions::{self, Merged};
use crate::jobs::publish::source::Source;
use crate::jobs::publish::{hurry, source_state};
use crate::ledger::snapshots::{self, SnapshotPart};
use crate::ledger::source_places;
use crate::ledger::source_sessions::{self, SourceSession};
use crate::lms::push::read::{Snapshot, Told, Wrong, read};
use crate::lms::push::verify::{Headers, Refused, verify};
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::{Doubt, Pass, Quarantined};
use crate::sessions::place_record::{PlaceRecord, RecordId};
use crate::sessions::session::{Session, SessionState};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeSet;
use thiserror::Error;

/// What was taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Taken {
    pub sessions: usize,
    pub enrolments: usize,
    /// Entries that are kept out, and why; the others were taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_understood: Vec<String>,
    /// A kind of message that this build does not know: nothing was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

#[derive(Debug, Error)]
pub enum PushError {
    /// A header is missing, or is none.
    #[error("{0}")]
    Headers(Refused),
    /// Nobody who knows the secret has signed it, or not lately.
    #[error("{0}")]
    NotSigned(Refused),
    #[error("publishing is switched off here, so nothing is taken; send it again once it is on")]
    Off,
    #[error(transparent)]
    Wrong(#[from] Wrong),
    #[error(transparent)]
    Job(#[from] JobError),
}

/// The three headers of Standard Webhooks, as they came.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'a> {
    pub id: Option<&'a str>,
    pub timestamp: Option<&'a str>,
    pub signature: Option<&'a str>,
}

/// Takes a message if it is signed. A tenant that nobody knows, and one that is told nothing, answer as a
/// signature that does not fit.
pub async fn receive(
    app: &AppContext,
    tenant: &TenantName,
    Signed { id, timestamp, signature }: Signed<'_>,
    body: &[u8],
) -> Result<Taken, PushError> {
    let context = app.tenants.get(tenant);
    let publish = context.and_then(|context| context.tenant.publish.as_ref());
    let pushes = publish.and_then(|publish| match &publish.source {
        PublishSource::Lms | PublishSource::From(_) => None,
        PublishSource::Push(push) => Some((publish, push)),
    });
    let secrets = pushes.map(|(_, push)| push.secrets.as_slice()).unwrap_or_default();
    let now = app.ledger.clock.now();
    match verify(Headers { id, timestamp, signature }, body, secrets, now) {
        Ok(_) => {}
        Err(refused @ (Refused::Missing(_) | Refused::NotATime)) => return Err(PushError::Headers(refused)),
        Err(refused @ (Refused::Stale { .. } | Refused::NotSigned)) => {
            return Err(PushError::NotSigned(refused));
        }
    }
    let (Some(pushes), Some(context)) = (pushes, context) else {
        return Err(PushError::NotSigned(Refused::NotSigned));
    };
    if !context.tenant.active || !pushes.0.is_wanted() {
        return Err(PushError::Off);
    }
    let taken = take(app, tenant, pushes, body, now).await?;
    // What it tells is looked at within a minute.
    hurry::by(&app.ledger, tenant, now).await.map_err(JobError::from)?;
    Ok(taken)
}

/// `at`: when the LMS made the message, where the body does not say so.
pub(in crate::jobs) async fn take(
    app: &AppContext,
    tenant: &TenantName,
    (publish, push): (&Publish, &PushSource),
    body: &[u8],
    at: DateTime<Utc>,
) -> Result<Taken, PushError> {
    let told = read(body, push.reading)?;
    let at = made_at(body).map_or(at, |said| said.min(at));
    let mut taken = Taken::default();
    match told {
        Told::Session(session) => sessions(app, tenant, publish, vec![session], at, &mut taken).await?,
        Told::SessionCancelled { session, reason } => {
            cancelled(app, tenant, &session, reason, at).await?;
            taken.sessions = 1;
        }
        Told::Place(record) => places(app, tenant, publish, vec![record], at, &mut taken).await?,
        Told::Snapshot(snapshot) => whole_or_part(app, tenant, publish, snapshot, at, &mut taken).await?,
        Told::Unknown { kind } => {
            tracing::warn!(%tenant, kind, "a message of a kind that is not known here");
            taken.unknown = Some(kind);
        }
    }
    Ok(taken)
}

/// The body's own time: the same for every attempt to tell it.
fn made_at(body: &[u8]) -> Option<DateTime<Utc>> {
    let value: serde_json::Value = serde_json::from_slice(body).ok()?;
    let text = value.get("timestamp")?.as_str()?;
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// Nothing can be asked of whoever only tells.
struct Silent;

#[async_trait]
impl Source for Silent {
    fn reads_sessions(&self) -> bool {
        false
    }

    fn reads_records(&self) -> bool {
        false
    }

    async fn session(&self, _session: &SessionId) -> SingleRead {
        SingleRead::Unknown
    }

    async fn record(&self, _session: &SessionId, _record: &RecordId) -> SingleRead {
        SingleRead::Unknown
    }
}

async fn sessions(
    app: &AppContext,
    tenant: &TenantName,
    publish: &Publish,
    all: Vec<Session>,
    at: DateTime<Utc>,
    taken: &mut Taken,
) -> Result<(), JobError> {
    let mut pass = Pass { is_whole: false, ..Pass::default() };
    taken.sessions += all.len();
    all.into_iter().for_each(|one| pass.see(one.id.clone(), one));
    merge_sessions::merge(app, tenant, &Silent, &pass, at, publish.vanish).await.map(|_| ())
}

async fn places(
    app: &AppContext,
    tenant: &TenantName,
    publish: &Publish,
    all: Vec<PlaceRecord>,
    at: DateTime<Utc>,
    taken: &mut Taken,
) -> Result<(), JobError> {
    let mut pass = Pass { is_whole: false, ..Pass::default() };
    taken.enrolments += all.len();
    all.into_iter().for_each(|one| pass.see(one.id.clone(), one));
    let reading = Reading { pass: &pass, covered: &BTreeSet::new(), began: at };
    merge_places::merge(app, tenant, &Silent, &reading, publish.vanish).await.map(|_| ())
}

/// A session of which nothing else was ever told has nobody in it, so that nothing is to be taken back.
async fn cancelled(
    app: &AppContext,
    tenant: &TenantName,
    session: &SessionId,
    reason: Option<String>,
    at: DateTime<Utc>,
) -> Result<(), JobError> {
    let now = app.ledger.now().await?;
    let cancel = |row: Option<&SourceSession>| {
        let row = row.filter(|row| row.seen_at <= at)?;
        let session = Session {
            state: SessionState::Cancelled,
            reason: reason.clone().or_else(|| row.session.reason.clone()),
            ..row.session.clone()
        };
        let is_news = session != row.session;
        let next = SourceSession { session, seen_at: at, ..row.clone() };
        Some(if is_news { next.with_news(now) } else { next })
    };
    source_sessions::update(&app.ledger, tenant, session, cancel).await?;
    Ok(())
}

async fn whole_or_part(
    app: &AppContext,
    tenant: &TenantName,
    publish: &Publish,
    snapshot: Snapshot,
    at: DateTime<Utc>,
    taken: &mut Taken,
) -> Result<(), JobError> {
    let Snapshot { id, number, of, sessions: all, places: records, quarantined } = snapshot;
    let is_session = |entry: &&Quarantined| entry.at.starts_with("data.sessions");
    let (of_sessions, of_records): (Vec<&Quarantined>, Vec<&Quarantined>) =
        quarantined.iter().partition(is_session);
    let ids = |entries: Vec<&Quarantined>| entries.into_iter().map(|entry| entry.id.clone()).collect();
    let part = SnapshotPart {
        snapshot: id,
        number,
        of,
        at,
        sessions: all.iter().map(|session| session.id.clone()).collect(),
        records: records.iter().map(|record| record.id.clone()).collect(),
        unread_sessions: ids(of_sessions),
        unread_records: ids(of_records),
    };
    taken.not_understood = quarantined.iter().map(|one| format!("{}: {}", one.at, one.problem)).collect();
    let named: Pass<SessionId, Session> = Pass { quarantined, ..Pass::default() };
    source_state::note_entries(&app.ledger, tenant, &named).await?;
    sessions(app, tenant, publish, all, at, taken).await?;
    places(app, tenant, publish, records, at, taken).await?;
    // Last: once it is there, all that it names is in the ledger.
    snapshots::put(&app.ledger, tenant, &part).await?;
    Ok(())
}

/// Holds a snapshot that has come in whole against the ledger. `None`: there is none.
pub(super) async fn compare(
    app: &AppContext,
    tenant: &TenantName,
    publish: &Publish,
) -> Result<Option<Merged>, JobError> {
    let ledger = &app.ledger;
    let Some(parts) = snapshots::whole(ledger, tenant).await? else { return Ok(None) };
    // What was told since the first of its messages was made is newer than it.
    let began = parts.iter().map(|part| part.at).min().unwrap_or_default();
    let named: BTreeSet<&SessionId> = parts.iter().flat_map(|part| &part.sessions).collect();
    let records: BTreeSet<&RecordId> = parts.iter().flat_map(|part| &part.records).collect();
    let mut pass: Pass<SessionId, Session> = Pass::default();
    let mut roster: Pass<RecordId, PlaceRecord> = Pass::default();
    for part in &parts {
        part.unread_sessions.iter().for_each(|id| unread(&mut pass, id));
        part.unread_records.iter().for_each(|id| unread(&mut roster, id));
    }
    let mut covered = BTreeSet::new();
    for row in source_sessions::all(ledger, tenant).await? {
        let session = row.value.session;
        for read in source_places::of_session(ledger, tenant, &session.id).await? {
            let named = read.value.place.records.values().filter(|record| records.contains(&record.id));
            named.for_each(|record| roster.see(record.id.clone(), record.clone()));
        }
        covered.insert(session.id.clone());
        if named.contains(&session.id) {
            pass.see(session.id.clone(), session);
        }
    }
    source_state::note(ledger, tenant, &pass, began).await?;
    let mut merged = merge_sessions::merge(app, tenant, &Silent, &pass, began, publish.vanish).await?;
    let reading = Reading { pass: &roster, covered: &covered, began };
    let of_places = merge_places::merge(app, tenant, &Silent, &reading, publish.vanish).await?;
    merged.gone += of_places.gone;
    merged.changed.extend(of_places.changed);
    merged.held_back = merged.held_back.or(of_places.held_back);
    snapshots::forget(ledger, tenant, &parts).await?;
    Ok(Some(merged))
}

fn unread<K: Ord + Clone + std::fmt::Display, T: PartialEq>(pass: &mut Pass<K, T>, id: &Option<String>) {
    let at = "snapshot".to_owned();
    match id {
        Some(_) => {
            pass.quarantined.push(Quarantined { id: id.clone(), at, problem: "not understood".to_owned() })
        }
        None => pass.doubt(Doubt::Unnamed { at }),
    }
}
