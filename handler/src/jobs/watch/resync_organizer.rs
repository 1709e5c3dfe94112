//! Hints for a comparison of an organizer's calendar.

use crate::ids::UserId;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::read_in_steps::Seen;
use crate::jobs::watch::{comparison, resync_schedule};
use crate::ledger::attendee_snapshots;
use crate::ledger::mailboxes::ResyncScope;
use crate::messages::{ChangeType, Hint};
use chrono::{DateTime, Utc};

/// Hints for a comparison of the organizer's calendar: each of our events that is there, and each that was.
pub(crate) async fn compared(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    scope: ResyncScope,
    asked: DateTime<Utc>,
    seen: Seen,
) -> Result<comparison::Compared, JobError> {
    let to = resync_schedule::until(scope, asked, app.timing.horizon);
    let Seen { start, masters: mut names, keys: _, events: _ } = seen;
    let mut starts: Vec<DateTime<Utc>> = start.into_iter().collect();
    for snapshot in attendee_snapshots::all(&app.ledger, &context.tenant.name, organizer).await? {
        starts.extend(snapshot.start);
        let is_in_scope = scope == ResyncScope::Whole || snapshot.start.is_some_and(|start| start < to);
        if snapshot.end.is_none_or(|end| end > asked) && is_in_scope {
            names.insert(snapshot.master.unwrap_or(snapshot.event));
        }
    }
    let hint = |event| Hint::Changed { mailbox: organizer.clone(), event, change: ChangeType::Updated };
    let mut hints: Vec<Hint> = names.into_iter().map(hint).collect();
    if scope == ResyncScope::Whole {
        hints.push(Hint::Resynced { mailbox: organizer.clone(), asked });
    }
    Ok(comparison::Compared { asked, hints, next_start: comparison::next(starts, asked), was_kept: false })
}
