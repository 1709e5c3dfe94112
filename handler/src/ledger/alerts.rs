//! Open alerts are ledger rows: one per tenant and kind, said again when it grows and until somebody resolves
//! or acknowledges what it names.
//!
//! Guarantees: an alert is never lost by a kill, because it is written before what remembers that it was; and
//! that it opens or ends is noted before ([`super::alert_changes`]), for whoever tells people of it. The
//! same thing is counted once. What ended by a person's acknowledgement comes again for new causes only.

use crate::ids::{TenantName, hash};
pub use crate::ledger::alert_kind::{AlertKind, Ends};
use crate::ledger::{Ledger, alert_changes};
use crate::store::typed::Read;
use crate::store::{RowRange, StoreError, Table, sweep, typed};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// An open alert, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub kind: AlertKind,
    /// How many things it is about. One that is about a state of affairs counts 1.
    #[serde(default = "one")]
    pub count: u64,
    pub since: DateTime<Utc>,
    /// The mending step.
    pub step: String,
    /// The count at which it was said last; 0 in rows of builds that did not count.
    #[serde(default)]
    said: u64,
    /// A person knows of so many.
    #[serde(default)]
    pub acknowledged: Option<Acknowledged>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acknowledged {
    pub at: DateTime<Utc>,
    pub by: String,
    count: u64,
}

fn one() -> u64 {
    1
}

impl Alert {
    fn new(kind: AlertKind, count: u64, step: &str, now: DateTime<Utc>) -> Self {
        Self { kind, count, since: now, step: step.to_owned(), said: count, acknowledged: None }
    }

    /// The same alert about so many things; and whether it is to be said for that. Growth beyond what was
    /// acknowledged ends the acknowledgement. What grows by thousands is said at every tenth part, lest it
    /// drown the log.
    fn about(&self, count: u64) -> (Self, bool) {
        let outgrown = self.acknowledged.as_ref().is_some_and(|known| count > known.count);
        let acknowledged = self.acknowledged.clone().filter(|_| !outgrown);
        let acknowledged = acknowledged.map(|known| Acknowledged { count: known.count.min(count), ..known });
        let grown = count > self.count && (count <= 10 || count >= self.said + self.said / 10);
        let is_said = outgrown || (grown && acknowledged.is_none());
        let said = if is_said { count } else { self.said.clamp(1, count.max(1)) };
        (Self { count, said, acknowledged, ..self.clone() }, is_said)
    }
}

fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~alerts")
}

/// Opens an alert about a state of affairs; one that is open already stays as it is.
pub async fn raise(ledger: &Ledger, tenant: &TenantName, kind: AlertKind) -> Result<(), StoreError> {
    raise_with(ledger, tenant, kind, kind.step()).await
}

/// The same, where more is known of what mends it.
pub async fn raise_with(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    step: &str,
) -> Result<(), StoreError> {
    let key = kind.as_str();
    if alert(ledger, tenant, kind).await?.is_some() {
        return Ok(());
    }
    alert_changes::note(ledger, tenant, key, true).await?;
    let alert = Alert::new(kind, 1, step, ledger.clock.now());
    if typed::insert_if_absent(ledger.tables.as_ref(), Table::Connections, &partition(tenant), key, &alert)
        .await?
    {
        tracing::warn!(tenant = %tenant, alert = key, count = 1, step, "alert");
    }
    Ok(())
}

/// Opens an alert about so many things, or says how many they are by now.
pub async fn raise_about(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    count: u64,
) -> Result<(), StoreError> {
    change(ledger, tenant, kind, |_| count).await
}

/// The same, where more is known of what mends it: an open one says what is known now.
pub async fn raise_telling(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    count: u64,
    step: &str,
) -> Result<(), StoreError> {
    change_with(ledger, tenant, kind, step, |_| count).await
}

/// Opens an alert about what happened so often, or adds it to one that is open.
pub async fn raise_more(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    more: u64,
) -> Result<(), StoreError> {
    change(ledger, tenant, kind, |known| known + more).await
}

/// `next`: how many it is to be about, from how many it is about now.
async fn change(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    next: impl Fn(u64) -> u64,
) -> Result<(), StoreError> {
    change_with(ledger, tenant, kind, kind.step(), next).await
}

pub(super) async fn change_with(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    step: &str,
    next: impl Fn(u64) -> u64,
) -> Result<(), StoreError> {
    let (now, key) = (ledger.clock.now(), kind.as_str());
    if alert(ledger, tenant, kind).await?.is_none() {
        alert_changes::note(ledger, tenant, key, true).await?;
    }
    let mut news = None;
    typed::update(
        ledger.tables.as_ref(),
        Table::Connections,
        &partition(tenant),
        key,
        |old: Option<&Alert>| {
            let (alert, is_said) = match old {
                None => (Alert::new(kind, next(0), step, now), true),
                Some(old) => old.about(next(if old.said == 0 { 0 } else { old.count })),
            };
            let alert = Alert { step: step.to_owned(), ..alert };
            news = is_said.then(|| alert.clone());
            (old != Some(&alert)).then_some(alert)
        },
    )
    .await?;
    if let Some(Alert { count, step, .. }) = news {
        tracing::warn!(tenant = %tenant, alert = key, count, step, "alert");
    }
    Ok(())
}

/// Things that an alert is about, each by a name of its own: so that none is counted twice, however often it
/// is met, nor said again when a person has acknowledged it.
pub(super) fn members(tenant: &TenantName, kind: AlertKind) -> String {
    format!("{tenant}~alerts~{kind}")
}

#[derive(Debug, Serialize, Deserialize)]
struct Member {
    since: DateTime<Utc>,
}

/// Opens an alert about this thing, or counts it among those that it is about; once. Killed at any line it is
/// said. Where many are noted at the same moment, nobody waits for the others to write their count:
/// [`repeat_open`] counts anew.
pub async fn note(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    member: &str,
) -> Result<(), StoreError> {
    let (tables, members) = (ledger.tables.as_ref(), members(tenant, kind));
    if tables.get(Table::Connections, &members, member).await?.is_some() {
        return Ok(());
    }
    let open: Option<Read<Alert>> = alert(ledger, tenant, kind).await?;
    if open.is_none() {
        raise(ledger, tenant, kind).await?;
    }
    let noted = Member { since: ledger.clock.now() };
    let is_new = typed::insert_if_absent(tables, Table::Connections, &members, member, &noted).await?;
    match open {
        Some(open) if is_new => {
            count(ledger, tenant, &open, if open.value.said == 0 { 1 } else { open.value.count + 1 }).await
        }
        Some(_) | None => Ok(()),
    }
}

async fn alert(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
) -> Result<Option<Read<Alert>>, StoreError> {
    typed::get(ledger.tables.as_ref(), Table::Connections, &partition(tenant), kind.as_str()).await
}

/// Says how many an open alert is about, unless somebody has just written it.
async fn count(
    ledger: &Ledger,
    tenant: &TenantName,
    open: &Read<Alert>,
    count: u64,
) -> Result<(), StoreError> {
    let (alert, is_said) = open.value.about(count);
    if alert == open.value {
        return Ok(());
    }
    let entity = typed::entity(&alert)?;
    match ledger.tables.replace(Table::Connections, &open.partition, &open.row, entity, &open.etag).await {
        Ok(_) if is_said => {
            let Alert { kind, count, step, .. } = alert;
            tracing::warn!(%tenant, alert = kind.as_str(), count, step, "alert");
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(lost) if lost.is_lost_race() => Ok(()),
        Err(other) => Err(other),
    }
}

/// A row that can't be understood holds up no other: it is named in the log and in an alert, and passed over.
pub async fn note_unreadable(
    ledger: &Ledger,
    tenant: &TenantName,
    corrupt: &StoreError,
) -> Result<(), StoreError> {
    tracing::error!(%tenant, %corrupt, "a row is passed over");
    note(ledger, tenant, AlertKind::UnreadableRow, &hash(&corrupt.to_string())).await
}

async fn readable<T: DeserializeOwned>(
    ledger: &Ledger,
    tenant: &TenantName,
    partition: &str,
) -> Result<Vec<Read<T>>, StoreError> {
    let (tables, all) = (ledger.tables.as_ref(), RowRange::all());
    let (rows, corrupt) = typed::sift_all(tables, Table::Connections, partition, all, usize::MAX).await?;
    for corrupt in &corrupt {
        note_unreadable(ledger, tenant, corrupt).await?;
    }
    Ok(rows)
}

/// How many things an alert is about that were noted since it is open; `None` where none was.
async fn noted(ledger: &Ledger, tenant: &TenantName, alert: &Alert) -> Result<Option<u64>, StoreError> {
    let members = members(tenant, alert.kind);
    let rows = readable::<Member>(ledger, tenant, &members).await?;
    let since = rows.iter().filter(|row| row.value.since >= alert.since).count() as u64;
    Ok((since > 0).then_some(since))
}

/// This thing is seen to; with the last one the alert ends.
pub async fn resolve_member(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    member: &str,
) -> Result<(), StoreError> {
    let (tables, members) = (ledger.tables.as_ref(), members(tenant, kind));
    if tables.get(Table::Connections, &members, member).await?.is_none() {
        return Ok(());
    }
    tables.delete(Table::Connections, &members, member, None).await?;
    if tables.scan(Table::Connections, &members, RowRange::all(), 1).await?.rows.is_empty() {
        return resolve(ledger, tenant, kind).await;
    }
    match alert(ledger, tenant, kind).await? {
        Some(open) => count(ledger, tenant, &open, open.value.count.saturating_sub(1).max(1)).await,
        None => Ok(()),
    }
}

/// Nothing is left that an alert of this kind could be about.
pub async fn none_left(ledger: &Ledger, tenant: &TenantName, kind: AlertKind) -> Result<(), StoreError> {
    let (tables, members) = (ledger.tables.as_ref(), members(tenant, kind));
    resolve(ledger, tenant, kind).await?;
    sweep::clear(tables, Table::Connections, &members, 100).await
}

/// A person has seen it: one whose end nobody else can see ends, any other is not said again until it grows.
pub async fn acknowledge(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    by: &str,
) -> Result<(), StoreError> {
    match kind.ends() {
        Ends::Acknowledged => resolve(ledger, tenant, kind).await,
        Ends::ByItself => {
            let (tables, now) = (ledger.tables.as_ref(), ledger.clock.now());
            typed::update(
                tables,
                Table::Connections,
                &partition(tenant),
                kind.as_str(),
                |old: Option<&Alert>| {
                    let old = old?;
                    let known = Acknowledged { at: now, by: by.to_owned(), count: old.count };
                    Some(Alert { acknowledged: Some(known), said: old.said.max(1), ..old.clone() })
                },
            )
            .await
            .map(|_| ())
        }
    }
}

/// Closes an alert whose cause is gone. Where none is open, as mostly, that is a point read.
pub async fn resolve(ledger: &Ledger, tenant: &TenantName, kind: AlertKind) -> Result<(), StoreError> {
    let (partition, key) = (partition(tenant), kind.as_str());
    if ledger.tables.get(Table::Connections, &partition, key).await?.is_none() {
        return Ok(());
    }
    alert_changes::note(ledger, tenant, key, false).await?;
    ledger.tables.delete(Table::Connections, &partition, key, None).await
}

/// Takes back those of these kinds that are open: where mostly none is, this is one look instead of as many
/// writes.
pub async fn resolve_any(
    ledger: &Ledger,
    tenant: &TenantName,
    kinds: &[AlertKind],
) -> Result<(), StoreError> {
    let open = open(ledger, tenant).await?;
    for kind in kinds.iter().filter(|kind| open.iter().any(|alert| alert.kind == **kind)) {
        resolve(ledger, tenant, *kind).await?;
    }
    Ok(())
}

/// Closes an alert that was open at that time already.
pub async fn resolve_since(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let is_older = open(ledger, tenant).await?.iter().any(|alert| alert.kind == kind && alert.since <= at);
    if is_older { none_left(ledger, tenant, kind).await } else { Ok(()) }
}

/// The open alerts of a tenant. One of a kind that a newer build knows is passed over, and that is an alert
/// of its own.
pub async fn open(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<Alert>, StoreError> {
    let rows = readable(ledger, tenant, &partition(tenant)).await?;
    Ok(rows.into_iter().map(|read| read.value).collect())
}

/// Says every open alert of a tenant again that nobody has acknowledged, so that a log that is watched can't
/// forget one; how many things it is about is counted anew before.
pub async fn repeat_open(ledger: &Ledger, tenant: &TenantName) -> Result<(), StoreError> {
    for open in readable::<Alert>(ledger, tenant, &partition(tenant)).await? {
        let noted = noted(ledger, tenant, &open.value).await?;
        if let Some(noted) = noted {
            count(ledger, tenant, &open, noted).await?;
        }
        let Alert { kind, count, since, step, acknowledged, .. } = open.value;
        if acknowledged.is_none() {
            let count = noted.unwrap_or(count);
            tracing::warn!(tenant = %tenant, alert = kind.as_str(), count, since = %since, step,
            "alert is open");
        }
    }
    Ok(())
}
