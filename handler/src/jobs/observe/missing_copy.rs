//! Invitations of which no copy is known to be there: of the learner who declined before anybody looked,
//! whose copy comes later, or who was invited again unseen.
//!
//! Guarantees: an event that vanishes from a mailbox without ever having been linked costs two point reads of
//! the ledger and nothing else, unless such an invitation is open there, which the mailbox's row tells; that
//! is written before what was judged is, and taken back only when every invitation has a copy again, or an
//! answer that the ledger has. Whoever is new to an organizer's list is looked for once, after they were
//! written into it; so a copy that vanished before that is not missed, and need not be remembered.

use crate::calendar::event::Event;
use crate::calendar::link::Link;
use crate::ids::UserId;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::known_copy::KnownCopy;
use crate::jobs::observe::missing_mark::is_of_readable;
use crate::jobs::observe::{known_copy, learn_links, new_link, postponed_hints};
use crate::jobs::user_cache::{DirectoryUser, is_outside};
use crate::ledger::links::{self, Linked};
use crate::ledger::mailboxes::{self, Copies, MailboxRow};
use crate::messages::Hint;
use crate::store::StoreError;
use chrono::Duration;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longer than whoever has found a copy missing takes to write it down.
const FRESH: Duration = Duration::minutes(10);
/// People looked for side by side.
const SIDE_BY_SIDE: usize = 20;

/// An event that we never linked is gone. It may have been the copy of each invitation that has none. `row`:
/// the mailbox's own, as it was read for this hint.
pub(crate) async fn vanished(
    app: &AppContext,
    context: &TenantContext,
    row: &MailboxRow,
) -> Result<Vec<Linked>, StoreError> {
    let mailbox = &row.user;
    if context.tenant.watch.organizers.is_empty() || row.copies == Copies::AllThere {
        return Ok(Vec::new());
    }
    let now = app.ledger.clock.now();
    let mut all = links::of_mailbox(&app.ledger, &context.tenant.name, mailbox).await?;
    // By the learner's own copy, where there is a link of one.
    all.sort_by_key(|read| read.value.event.is_none());
    let mut keys = BTreeSet::new();
    let mut missing = Vec::new();
    for read in &all {
        let link = &read.value;
        let is_over = link.end.is_some_and(|end| end <= now);
        if link.is_master() || is_over || !is_of_readable(context, link) || !keys.insert(link.part_key()) {
            continue;
        }
        match known_copy::load(app, link).await? {
            KnownCopy::There | KnownCopy::CalledOff | KnownCopy::Declined => {}
            KnownCopy::Missing => missing.push(learn_links::linked(read)),
        }
    }
    let is_old = match row.copies {
        Copies::Missing { since } => since + FRESH <= now,
        Copies::Unknown | Copies::AllThere => true,
    };
    if missing.is_empty() && is_old {
        mailboxes::update(&app.ledger, &context.tenant.name, mailbox, |stored| {
            let stored = stored?;
            (stored.copies == row.copies).then(|| MailboxRow { copies: Copies::AllThere, ..stored.clone() })
        })
        .await?;
    }
    Ok(missing)
}

/// These people are new to the list of an organizer's event. Whoever has no copy of it that we know is looked
/// for in a moment, when their own mailbox has had its time to tell.
pub(crate) async fn look_for(
    app: &AppContext,
    context: &TenantContext,
    event: &Event,
    invitation: &new_link::Invitation<'_>,
    people: Vec<(UserId, Arc<DirectoryUser>)>,
) -> Result<(), JobError> {
    let key = &Link::key_of(event.ical_uid.as_ref(), event.original_start, &event.id);
    stream::iter(people)
        .map(|(mailbox, person)| async move {
            if is_outside(&mailbox) {
                return Ok(());
            }
            let known = links::of_mailbox(&app.ledger, &context.tenant.name, &mailbox).await?;
            match links::of_own_copy(&known, key) {
                Some(own) if known_copy::load(app, &own.value).await? == KnownCopy::There => {
                    return Ok(());
                }
                Some(_) => {}
                // Who is not watched is found by this when they are.
                None => {
                    drop(new_link::link_attendee(app, context, &mailbox, event, invitation, &person).await?)
                }
            }
            if mailboxes::is_watched(&app.ledger, &context.tenant.name, &mailbox).await? {
                let (organizer, event) = (invitation.organizer.clone(), event.id.clone());
                let hint = Hint::Invited { mailbox, organizer, event };
                postponed_hints::postpone(app, context, &hint, 0).await?;
            }
            Ok(())
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect::<Vec<()>>()
        .await
        .map(|_| ())
}
