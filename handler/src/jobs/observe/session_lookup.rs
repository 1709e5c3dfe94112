//! Which session an event stands for: by its own words, or by what the LMS knows of it
//! (`recognise.session = { lookup = true }`).
//!
//! Guarantees: only an event that passes every other test is looked up; where more than one session fits, a
//! person is told, and nothing is guessed; an LMS that can't be read now postpones the hint, as Graph does.
//! What a look-up needs of an event is read for it alone, and neither stored nor shown: an alert knows the
//! event by a hash. What was found is kept for a day, what was not for minutes, because a session may be made
//! after its invitation.

use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::calendar::matching::{is_to_be_looked_up, recognise};
use crate::enrolment::valve::Passage;
use crate::graph::port::Mailbox;
use crate::ids::{UserId, hash};
use crate::invocation_deadline;
use crate::jobs::JobError;
use crate::jobs::cancel::rate_admission;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::lookup_cache::Recognised;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::valves;
use crate::lms::{Budget, EventFacts, Lookup};
use std::time::Duration;

/// A look-up is one attempt of so long.
const TIME: Duration = Duration::from_secs(20);

/// `mailbox`: where the event was read.
pub(crate) async fn recognised(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Recognised, JobError> {
    let rules = &context.tenant.recognise;
    if !is_to_be_looked_up(event, rules) {
        return Ok(recognise(event, rules).map_or(Recognised::No, Recognised::Session));
    }
    // The configuration refuses such a connector.
    if !context.lms.can_look_up() {
        return Ok(Recognised::No);
    }
    // All copies of an event have one iCalUId.
    let key = hash(event.ical_uid.as_ref().map_or(event.id.as_str(), |uid| uid.as_str()));
    let known = context.share.lookups();
    if let Some(known) = known.get(&key).await {
        return Ok(known);
    }
    let seen = match look_up(app, context, mailbox, event).await? {
        Lookup::One(session) => Recognised::Session(session),
        Lookup::None => Recognised::No,
        Lookup::Many => {
            alerts::note(&app.ledger, &context.tenant.name, AlertKind::SessionAmbiguous, &key).await?;
            Recognised::Ambiguous
        }
        Lookup::Unknown => return Err(JobError::LmsUnreadable),
    };
    known.keep(key, seen.clone()).await;
    Ok(seen)
}

/// Asks the LMS, through the valve and within the connection's rate.
async fn look_up(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Lookup, JobError> {
    let select = EventSelect { subject: true, ..EventSelect::default() };
    let found = context.graph.event(&Mailbox::Id(mailbox.clone()), &event.id, &select).await?;
    let Some(title) = found.map(|found| found.subject.unwrap_or_default()) else { return Ok(Lookup::None) };
    let now = app.ledger.now().await?;
    let valve = valves::valve(&app.ledger, &context.tenant.name, now).await?;
    // A person's stop, a broken credential and a pause hold back what reads, too.
    if context.tenant.is_closed() || valve.passage(now) != Passage::Free {
        return Ok(Lookup::Unknown);
    }
    if !rate_admission::may_look(app, context, TIME).await? {
        return Ok(Lookup::Unknown);
    }
    let facts = EventFacts {
        ical_uid: event.ical_uid.as_ref().map(|uid| uid.as_str().to_owned()),
        title,
        start: event.start,
        end: event.end,
    };
    let budget = Budget::of(TIME).starting_by(invocation_deadline::asks_until());
    Ok(context.lms.lookup(&facts, budget).await)
}
