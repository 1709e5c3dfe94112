//! Joiners and leavers: the directory is read, and what it says is written into the mailboxes' rows.
//!
//! Guarantees: a small directory is read by the planning round itself, which goes on without it when that takes too long; a large
//! one is read by an invocation of its own, so that no renewal waits for it, and what it says is due from the next round on. Read
//! twice at once, or killed in the midst, it does no harm: rows are compared, not counted.

use crate::graph::GraphError;
use crate::jobs::WorkError;
use crate::jobs::alerting;
use crate::jobs::context::{Desk, Office};
use crate::jobs::watch::directory::{self, Size, Wanted};
use crate::jobs::watch::sync_mailboxes;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes;
use crate::store::StoreError;
use futures::{StreamExt, TryStreamExt, stream};
use tokio::time::{Instant, timeout, timeout_at};

/// Shards compared side by side: each holds a page of rows.
const SHARDS_AT_ONCE: usize = 4;

/// What a planning round learns of the directory.
pub enum Listed {
    /// Whom it wants watched, and whether the others are to be released.
    Read(Wanted, bool),
    /// It is not due, or it can't be read now, or it is read apart.
    Not,
    /// There is no time left for it: the next round begins with this tenant.
    NoTime,
}

/// Reads a small directory, where it is due. All directories that one round reads have their time until `until`.
pub async fn read_small(office: &Office, desk: &Desk, until: Instant) -> Result<Listed, WorkError> {
    match directory::due(office, desk).await? {
        Some(Size::Small) => {}
        Some(Size::Large) | None => return Ok(Listed::Not),
    }
    if Instant::now() >= until {
        return Ok(Listed::NoTime);
    }
    match timeout_at(until, read(office, desk)).await {
        Ok(Ok(Some(wanted))) => {
            let releases = releases(office, desk, &wanted).await?;
            Ok(Listed::Read(wanted, releases))
        }
        Ok(Ok(None)) => Ok(Listed::Not),
        Ok(Err(trouble)) => Err(trouble),
        Err(_) => {
            tracing::info!(tenant = %desk.tenant.name, "the directory takes long; it is read apart");
            directory::is_large(office, desk).await?;
            Ok(Listed::Not)
        }
    }
}

/// True when a message is to be sent so that a large directory is read; that it is sent is written down.
pub async fn is_due_apart(office: &Office, desk: &Desk) -> Result<bool, StoreError> {
    match directory::due(office, desk).await? {
        Some(Size::Large) => directory::ask(office, desk).await,
        Some(Size::Small) | None => Ok(false),
    }
}

/// Reads a large directory and carries out what it says. What has become due by that is found by the next planning round.
pub async fn read_large(office: &Office, desk: &Desk) -> Result<(), WorkError> {
    if directory::due(office, desk).await?.is_none() {
        // The message came twice.
        return Ok(());
    }
    let work = async {
        let Some(wanted) = read(office, desk).await? else { return Ok(()) };
        let releases = releases(office, desk, &wanted).await?;
        let found = stream::iter(0..mailboxes::SHARDS)
            .map(|shard| sync_mailboxes::compare(office, desk, shard, wanted.of_shard(shard), releases))
            .buffer_unordered(SHARDS_AT_ONCE)
            .try_for_each(|_| async { Ok(()) })
            .await;
        found?;
        if releases {
            directory::was_read(office, desk, &wanted).await?;
        }
        Ok(())
    };
    match timeout(office.timing.budgets.directory, work).await {
        Ok(done) => done,
        Err(_) => {
            let seconds = office.timing.budgets.directory.as_secs();
            tracing::warn!(tenant = %desk.tenant.name, seconds, "the directory can't be read in time; tried again");
            let step = "The directory is too large or too slow to be read in one go: name groups in watch.mailboxes, or split the tenant.";
            Ok(alerts::raise_with(&office.ledger, &desk.tenant.name, AlertKind::Directory, step).await?)
        }
    }
}

/// `None` when the directory can't be read.
async fn read(office: &Office, desk: &Desk) -> Result<Option<Wanted>, WorkError> {
    let name = &desk.tenant.name;
    match directory::read(desk).await {
        Ok(wanted) => {
            alerting::graph_well(office, desk).await?;
            Ok(Some(wanted))
        }
        Err(trouble) => {
            tracing::warn!(tenant = %name, %trouble, "the directory can't be read; nobody is added or released");
            alerting::graph_trouble(office, desk, &trouble).await?;
            alerts::raise_with(&office.ledger, name, AlertKind::Directory, step(&trouble)).await?;
            Ok(None)
        }
    }
}

/// Whether those whom the directory names no more are to be released.
async fn releases(office: &Office, desk: &Desk, wanted: &Wanted) -> Result<bool, WorkError> {
    let name = &desk.tenant.name;
    let is_believed = directory::is_believed(office, desk, wanted).await?;
    match is_believed {
        true => alerts::resolve_any(&office.ledger, name, &[AlertKind::DirectoryShrunk]).await?,
        false => alerts::raise(&office.ledger, name, AlertKind::DirectoryShrunk).await?,
    }
    Ok(is_believed)
}

/// What mends a directory that can't be read.
fn step(trouble: &GraphError) -> &'static str {
    match trouble {
        GraphError::Unavailable(_) | GraphError::Throttled { .. } => {
            "Graph or Entra can't be reached or is busy; it goes on by itself. Where it lasts, the log says what is in the way \
             (network, proxy, trust anchors)."
        }
        GraphError::Credential { .. } | GraphError::Unauthorized(_) => {
            "Without a token the directory can't be read: mend the credential, as its own alert says."
        }
        GraphError::NotFound(_)
        | GraphError::NoMailbox(_)
        | GraphError::Refused(_)
        | GraphError::Quota(_)
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Invalid(_) => AlertKind::Directory.step(),
    }
}
