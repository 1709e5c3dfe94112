//! What all tries of the host (`maxDequeueCount`) could not digest: a change becomes a look, a cancellation
//! stays on the agenda, a mailbox task is planned anew, and anything unreadable is kept for a person. Nothing
//! is dropped in silence.

use crate::ids::TenantName;
use crate::jobs::JobError;
use crate::jobs::context::AppContext;
use crate::jobs::observe::postponed_hints;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::ledger::{agenda, unreadable_messages};
use crate::messages::{Cancellation, Changes, Hint, MailboxTask, Mailboxes, Sessions, VERSION, queue};

pub async fn change(app: &AppContext, text: &str) -> Result<(), JobError> {
    let changes: Changes = match serde_json::from_str(text) {
        Ok(changes) => changes,
        Err(why) => return keep(app, queue::CHANGES, text, &why.to_string()).await,
    };
    let Some(context) = known(app, changes.v, &changes.tenant) else {
        return keep(app, queue::CHANGES, text, "unknown version or tenant").await;
    };
    for hint in &changes.hints {
        match hint {
            Hint::Changed { .. } | Hint::Invited { .. } | Hint::Organized { .. } => {
                postponed_hints::postpone(app, context, hint, 0).await?;
            }
            Hint::Again { hint, tries, agenda } => {
                if !agenda::stands(&app.ledger, agenda).await? {
                    postponed_hints::postpone(app, context, hint, *tries).await?;
                }
            }
            // These stand in the ledger, or come again with the next resync.
            Hint::Look { .. } | Hint::Resynced { .. } => {}
        }
    }
    alerts::raise_more(&app.ledger, &changes.tenant, AlertKind::PoisonChanges, 1).await?;
    Ok(())
}

pub async fn mailboxes(app: &AppContext, text: &str) -> Result<(), JobError> {
    let message: Mailboxes = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(why) => return keep(app, queue::MAILBOXES, text, &why.to_string()).await,
    };
    if known(app, message.v, &message.tenant).is_none() {
        return keep(app, queue::MAILBOXES, text, "unknown version or tenant").await;
    }
    let now = app.ledger.clock.now();
    for MailboxTask { mailbox: user, .. } in &message.tasks {
        // Whatever it was: the next planning round tends the mailbox and compares its calendar.
        mailboxes::update(&app.ledger, &message.tenant, user, |row| {
            Some(MailboxRow { due: now, resync_wanted: Some(now), ..row?.clone() })
        })
        .await?;
    }
    alerts::raise_more(&app.ledger, &message.tenant, AlertKind::PoisonMailboxes, 1).await?;
    Ok(())
}

pub async fn cancellation(app: &AppContext, text: &str) -> Result<(), JobError> {
    let message: Cancellation = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(why) => return keep(app, queue::CANCELLATIONS, text, &why.to_string()).await,
    };
    if known(app, message.v, &message.tenant).is_none() {
        return keep(app, queue::CANCELLATIONS, text, "unknown version or tenant").await;
    }
    // It stands on the agenda still, and is woken again.
    alerts::raise_more(&app.ledger, &message.tenant, AlertKind::PoisonCancellations, 1).await?;
    Ok(())
}

pub async fn sessions(app: &AppContext, text: &str) -> Result<(), JobError> {
    let message: Sessions = match serde_json::from_str(text) {
        Ok(message) => message,
        Err(why) => return keep(app, queue::SESSIONS, text, &why.to_string()).await,
    };
    if known(app, message.v, &message.tenant).is_none() {
        return keep(app, queue::SESSIONS, text, "unknown version or tenant").await;
    }
    // They are due still: the next round reads the source and looks at them.
    alerts::raise_more(&app.ledger, &message.tenant, AlertKind::PoisonSessions, 1).await?;
    Ok(())
}

fn known<'a>(
    app: &'a AppContext,
    version: u8,
    tenant: &TenantName,
) -> Option<&'a crate::jobs::context::TenantContext> {
    (version == VERSION).then(|| app.tenants.get(tenant).map(AsRef::as_ref)).flatten()
}

/// Keeps a text that nobody can read or judge, once, and says so.
pub async fn keep(app: &AppContext, queue: &str, text: &str, why: &str) -> Result<(), JobError> {
    let key = unreadable_messages::keep(&app.ledger, queue, text, why).await?;
    tracing::error!(queue, why, key, "an unreadable message is kept for review");
    for tenant in app.tenants.keys() {
        alerts::note(&app.ledger, tenant, AlertKind::PoisonUnreadable, &key).await?;
    }
    Ok(())
}
