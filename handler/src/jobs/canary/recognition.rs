//! How the test invitation is known as one to the test session.
//!
//! Where `recognise` reads what can be written into an event (its subject, its body, a property), the
//! invitation says it, and is recognised as any other: that is proved by it. An `iCalUId` is Exchange's own
//! and can't be chosen, and a look-up knows the LMS's own events; there the link is made here, by the key
//! that a notification about the copy finds it by.

use crate::calendar::event_select::EventSelect;
use crate::calendar::matching::SessionSource;
use crate::config::Canary;
use crate::enrolment::enrolment::Enrolment;
use crate::graph::port::{EventFields, EventText, Invited, MARK, Mailbox, NewEvent, WallTime, When};
use crate::ids::{Address, ICalUid, LearnerKey, SessionId, UserId};
use crate::jobs::JobError;
use crate::jobs::canary::run::Run;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::{judge, new_link};
use chrono::{DateTime, Duration, DurationRound, Utc};
use std::collections::BTreeMap;

/// The test session lies so far ahead at least, and so far before its deadline.
const AHEAD: Duration = Duration::hours(24);
const LENGTH: Duration = Duration::minutes(15);

const SUBJECT: &str = "Regrets tests itself";
const BODY: &str = "This appointment is made, declined and taken away again by Regrets, to see that a \
                    decline is carried out. Please leave it alone.";

/// The invitation of this test.
pub(super) fn invitation(context: &TenantContext, canary: &Canary, run: &Run) -> NewEvent {
    let (mut subject, mut body) = (SUBJECT.to_owned(), BODY.to_owned());
    let mut properties = BTreeMap::from([(MARK.to_owned(), run.id.clone())]);
    match &context.tenant.recognise.session {
        SessionSource::Subject(_) => subject = canary.text.clone(),
        SessionSource::Body(_) => body = canary.text.clone(),
        SessionSource::ExtendedProperty { property, pattern: _ } => {
            properties.insert(property.clone(), canary.text.clone());
        }
        SessionSource::ICalUid(_) | SessionSource::Lookup => {}
    }
    let start = starts(context, run.began);
    let when = When::Timed { start: WallTime::utc(start), end: WallTime::utc(start + LENGTH) };
    NewEvent {
        transaction: run.id.clone(),
        says: EventFields {
            subject: Some(subject),
            body: Some(EventText::Plain(body)),
            when: Some(when),
            properties,
            ..EventFields::default()
        },
        attendees: vec![Invited { address: canary.learner.clone(), name: None, is_resource: false }],
        is_quiet: true,
        hides_attendees: false,
    }
}

/// A full hour, the same however often it is asked for.
fn starts(context: &TenantContext, began: DateTime<Utc>) -> DateTime<Utc> {
    let at = began + AHEAD + context.tenant.policy.deadline;
    at.duration_round_up(Duration::hours(1)).unwrap_or(at)
}

/// True: the link must be made here.
pub(super) fn is_ours_to_link(context: &TenantContext) -> bool {
    match context.tenant.recognise.session {
        SessionSource::ICalUid(_) | SessionSource::Lookup => true,
        SessionSource::Subject(_) | SessionSource::Body(_) | SessionSource::ExtendedProperty { .. } => false,
    }
}

/// Links the test learner's copy, as the hint about it would have, and watches the place. It is read where it
/// lies, and only the copy of this test's invitation is linked, whatever a kit says of it.
pub(super) async fn link(
    app: &AppContext,
    context: &TenantContext,
    run: &Run,
    uid: &ICalUid,
    row: &Enrolment,
) -> Result<(), JobError> {
    let Some(mailbox) = &run.learner else { return Ok(()) };
    let of = Mailbox::Id(mailbox.clone());
    let found = context.graph.events_by_ical_uid(&of, uid, &EventSelect::default()).await?;
    let starts = Some(starts(context, run.began));
    let Some(event) = found.into_iter().find(|event| !event.is_organizer && event.start == starts) else {
        return Ok(());
    };
    let (session, learner) = (SessionId::new(&run.session), row.learner.clone());
    let (link, at) = new_link::store_link(app, context, mailbox, &event, None, session, learner).await?;
    judge::judge_link(app, context, &link, &at).await?;
    Ok(())
}

/// Whom an address of the configuration means, and what the LMS knows them by.
pub(super) async fn whose(
    context: &TenantContext,
    address: &Address,
) -> Result<Option<(UserId, Option<LearnerKey>)>, JobError> {
    let graph = context.graph.as_ref();
    let Some(id) = context.users.organizer(graph, address).await? else { return Ok(None) };
    let person = context.users.user(graph, &id).await?;
    Ok(person.map(|person| (id, person.learner.clone())))
}
