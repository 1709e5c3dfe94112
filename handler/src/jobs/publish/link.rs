//! The tie between an event that we have written and its place: its answers are found by it, and nothing is
//! guessed.
//!
//! Guarantees: it is stored before the event's row says that the event stands; done again, it is the same;
//! an answer that came before it is found by a look that is on the agenda by then.

use crate::calendar::event::Event;
use crate::ids::{Address, LearnerKey, SessionId, UserId};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::{judge, new_link, postponed_hints};
use crate::jobs::user_cache::{DirectoryUser, is_outside};
use crate::ledger::written_events::{self, Published};
use crate::messages::Hint;
use crate::publishing::event_key::EventKey;

/// Which session the event stands for, whoever meets it; and the link of its learner.
pub(super) async fn link(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    event: &Event,
    key: &EventKey,
    (learner, address): (&LearnerKey, Option<&Address>),
) -> Result<(), JobError> {
    let session = &key.session;
    if let Some(uid) = &event.ical_uid {
        let (session, row) = (session.clone(), Some(key.row()));
        let published = Published { session, is_of_instructors: false, is_for_all: false, row };
        written_events::note_session(&app.ledger, &context.tenant.name, uid, &published).await?;
    }
    match address {
        Some(address) => link_one(app, context, organizer, event, session, (learner, address)).await,
        None => Ok(()),
    }
}

/// The link of one who is listed.
pub(super) async fn link_one(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    event: &Event,
    session: &SessionId,
    (learner, address): (&LearnerKey, &Address),
) -> Result<(), JobError> {
    let whose = context.users.attendee(context.graph.as_ref(), address).await?;
    let Some((mailbox, person)) = whose else { return Ok(()) };
    // Of whoever has no mailbox here only the organizer's list tells.
    if is_outside(&mailbox) && !context.tenant.watch.mode.watches_organizers() {
        return Ok(());
    }
    // The LMS's own word for the learner, and no other.
    let person = DirectoryUser { learner: Some(learner.clone()), ..(*person).clone() };
    let invitation = new_link::Invitation::of(context, organizer, session, event).await?;
    let linked =
        Box::pin(new_link::link_attendee(app, context, &mailbox, event, &invitation, &person)).await?;
    if let Some((link, at)) = linked {
        Box::pin(judge::watch(app, context, &link, &at)).await?;
        // Whoever declines within moments was told of before there was a link: looked for once more.
        let (organizer, event) = (organizer.clone(), event.id.clone());
        let hint = Hint::Invited { mailbox, organizer, event };
        postponed_hints::postpone(app, context, &hint, 0).await?;
    }
    Ok(())
}
