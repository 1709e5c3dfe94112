//! Compares one mailbox's calendar with what is known of it. It decides nothing: it only finds reasons to
//! look, which go the same way as notifications, so that a resync and a notification can't disagree.

use crate::ids::UserId;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::organizer_mailboxes;
use crate::jobs::watch::comparison::{Compared, next};
use crate::jobs::watch::read_in_steps::{self, CompleteReading, Seen, Step, Whose};
use crate::jobs::watch::{resync_organizer, resync_schedule};
use crate::ledger::agenda::look_partition;
use crate::ledger::links;
use crate::ledger::mailboxes::{MailboxRow, ResyncScope};
use crate::messages::{AgendaRef, ChangeType, Hint, LinkRef};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Hints for: events of ours that are there, and known links that are not. Among these are the invitations
/// that only the organizer's calendar shows: following it ([`crate::jobs::observe::invitations`]) has linked
/// them. The last hint of a whole comparison says that the mailbox is compared. `row`: the mailbox's own,
/// leased by the caller.
pub async fn resync(
    app: &AppContext,
    context: &TenantContext,
    row: &MailboxRow,
    scope: ResyncScope,
) -> Result<Step<Compared>, JobError> {
    let user = &row.user;
    let whose = match organizer_mailboxes::is_organizer(context, user).await? {
        true => Whose::Organizers,
        false => Whose::Learners,
    };
    let CompleteReading { asked, seen, was_kept } =
        match read_in_steps::read(app, context, row, scope, whose).await? {
            Step::Complete(read) => read,
            Step::Further => return Ok(Step::Further),
        };
    let compared = match whose {
        Whose::Organizers => resync_organizer::compared(app, context, user, scope, asked, seen).await?,
        Whose::Learners => compared(app, context, user, scope, asked, seen).await?,
    };
    Ok(Step::Complete(Compared { was_kept, ..compared }))
}

async fn compared(
    app: &AppContext,
    context: &TenantContext,
    user: &UserId,
    scope: ResyncScope,
    asked: DateTime<Utc>,
    seen: Seen,
) -> Result<Compared, JobError> {
    let to = resync_schedule::until(scope, asked, app.timing.horizon);
    let links = links::of_mailbox(&app.ledger, &context.tenant.name, user).await?;
    let Seen { start, keys: there, events, mut masters } = seen;
    let mut starts: Vec<DateTime<Utc>> = start.into_iter().collect();
    let look = |event| Hint::Changed { mailbox: user.clone(), event, change: ChangeType::Updated };
    let mut hints: Vec<Hint> = events.into_iter().map(look).collect();

    let mut looked = BTreeSet::new();
    for link in links.iter().map(|read| &read.value).filter(|link| !link.is_master()) {
        let key = link.part_key();
        let over = link.end.is_some_and(|end| end <= asked);
        let is_in_scope = scope == ResyncScope::Whole || link.start.is_some_and(|start| start < to);
        starts.extend(link.start);
        // One look per calendar item, under whichever of its links comes first. One that has not seen the
        // session move may take it for over, or out of sight; the others may know better.
        if !there.contains(&key) && !over && is_in_scope && looked.insert(key.clone()) {
            let master = link.series.as_ref().and_then(|series| series.master.clone());
            match (&link.event, &link.organizer_event) {
                (Some(_), _) if master.is_some() => masters.extend(master),
                (Some(event), _) => hints.push(Hint::Changed {
                    mailbox: user.clone(),
                    event: event.clone(),
                    change: ChangeType::Deleted,
                }),
                // No notification ever names such a link: it is looked at by its own keys.
                (None, Some(event)) => hints.push(Hint::Look {
                    link: LinkRef::by_organizer(&context.tenant.name, user, event),
                    enrolment: link.enrolment(),
                    agenda: AgendaRef {
                        partition: look_partition(&context.tenant.name),
                        row: "resync".to_owned(),
                    },
                }),
                (None, None) => {}
            }
        }
    }

    hints.extend(masters.into_iter().map(look));

    if scope == ResyncScope::Whole {
        hints.push(Hint::Resynced { mailbox: user.clone(), asked });
    }
    Ok(Compared { asked, hints, next_start: next(starts, asked), was_kept: false })
}
