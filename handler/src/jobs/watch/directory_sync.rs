//! Joiners and leavers: the directory is read, and what it says is written into the mailboxes' rows.
//!
//! Guarantees: a small directory is read by the planning round itself, which goes on without it when that
//! takes too long; a large one is read by an invocation of its own, so that no renewal waits for it, and what
//! it says is due from the next round on. Read twice at once, or killed in the midst, it does no harm: rows
//! are compared, not counted.

use crate::graph::{GraphError, Mending};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::directory::{self, DirectorySize, WatchTargets};
use crate::jobs::watch::sync_mailboxes;
use crate::jobs::{JobError, alerting};
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
    Read(WatchTargets, bool),
    /// It is not due, or it can't be read now, or it is read apart.
    Not,
    /// There is no time left for it: the next round begins with this tenant.
    NoTime,
}

/// Reads a small directory, where it is due. All directories that one round reads have their time until
/// `until`.
pub async fn read_small(
    app: &AppContext,
    context: &TenantContext,
    until: Instant,
) -> Result<Listed, JobError> {
    match directory::due(app, context).await? {
        Some(DirectorySize::Small) => {}
        Some(DirectorySize::Large) | None => return Ok(Listed::Not),
    }
    if Instant::now() >= until {
        return Ok(Listed::NoTime);
    }
    match timeout_at(until, read(app, context)).await {
        Ok(Ok(Some(wanted))) => {
            let releases = releases(app, context, &wanted).await?;
            Ok(Listed::Read(wanted, releases))
        }
        Ok(Ok(None)) => Ok(Listed::Not),
        Ok(Err(failure)) => Err(failure),
        Err(_) => {
            tracing::info!(tenant = %context.tenant.name, "the directory takes long; it is read apart");
            directory::is_large(app, context).await?;
            Ok(Listed::Not)
        }
    }
}

/// True when a message is to be sent so that a large directory is read; that it is sent is written down.
pub async fn is_due_apart(app: &AppContext, context: &TenantContext) -> Result<bool, StoreError> {
    match directory::due(app, context).await? {
        Some(DirectorySize::Large) => directory::ask(app, context).await,
        Some(DirectorySize::Small) | None => Ok(false),
    }
}

/// Reads a large directory and carries out what it says. What has become due by that is found by the next
/// planning round.
pub async fn read_large(app: &AppContext, context: &TenantContext) -> Result<(), JobError> {
    if directory::due(app, context).await?.is_none() {
        // The message came twice.
        return Ok(());
    }
    let work = async {
        let Some(wanted) = read(app, context).await? else { return Ok(()) };
        let releases = releases(app, context, &wanted).await?;
        let found = stream::iter(0..mailboxes::SHARDS)
            .map(|shard| sync_mailboxes::compare(app, context, shard, wanted.of_shard(shard), releases))
            .buffer_unordered(SHARDS_AT_ONCE)
            .try_for_each(|_| async { Ok(()) })
            .await;
        found?;
        if releases {
            directory::was_read(app, context, &wanted).await?;
        }
        Ok(())
    };
    match timeout(app.timing.budgets.directory, work).await {
        Ok(done) => done,
        Err(_) => {
            let seconds = app.timing.budgets.directory.as_secs();
            tracing::warn!(tenant = %context.tenant.name, seconds, "the directory can't be read in time; \
                tried again");
            let step = "The directory is too large or too slow to be read in one go: name groups in \
                        watch.mailboxes, or split the tenant.";
            Ok(alerts::raise_with(&app.ledger, &context.tenant.name, AlertKind::Directory, step).await?)
        }
    }
}

/// `None` when the directory can't be read.
async fn read(app: &AppContext, context: &TenantContext) -> Result<Option<WatchTargets>, JobError> {
    let name = &context.tenant.name;
    match directory::read(context).await {
        Ok(wanted) => {
            alerting::graph_well(app, context).await?;
            Ok(Some(wanted))
        }
        Err(failure) => {
            tracing::warn!(tenant = %name, trouble = %failure, "the directory can't be read; nobody is added \
                or released");
            alerting::graph_failure(app, context, &failure).await?;
            alerts::raise_with(&app.ledger, name, AlertKind::Directory, step(&failure)).await?;
            Ok(None)
        }
    }
}

/// Whether those whom the directory names no more are to be released.
async fn releases(
    app: &AppContext,
    context: &TenantContext,
    wanted: &WatchTargets,
) -> Result<bool, JobError> {
    let name = &context.tenant.name;
    let is_believed = directory::is_believed(app, context, wanted).await?;
    match is_believed {
        true => alerts::resolve_any(&app.ledger, name, &[AlertKind::DirectoryShrunk]).await?,
        false => alerts::raise(&app.ledger, name, AlertKind::DirectoryShrunk).await?,
    }
    Ok(is_believed)
}

/// What mends a directory that can't be read.
fn step(failure: &GraphError) -> &'static str {
    if failure.is_away() {
        return "Graph or Entra can't be reached or is busy; it goes on by itself. Where it lasts, the log \
                says what is in the way \
                (network, proxy, trust anchors).";
    }
    match failure.mending() {
        Some(Mending::Credential { .. } | Mending::Unauthorized) => {
            "Without a token the directory can't be read: mend the credential, as its own alert says."
        }
        Some(Mending::Invalid) | None => AlertKind::Directory.step(),
    }
}
