//! A hint about an event in a mailbox that sends invitations: whose answers does it change, and who is new to
//! its list?
//!
//! Guarantees: where organizers are watched, every learner whose answer, or whose place on the list, changed
//! is judged by the same evidence and in the same row as by a hint from their own mailbox; where learners'
//! mailboxes are read, whoever is new to the list is looked for ([`missing_copy`]); a change that changes no
//! answer costs one reading of the event and one of its snapshot; one of an event that nobody knows costs no
//! more than three point reads of the ledger.

use crate::calendar::event::{Event, EventKind};
use crate::calendar::matching::may_hold_ours;
use crate::ids::{Address, EventId, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::new_link::Meaning;
use crate::jobs::observe::occurrences::{self, count_untold};
use crate::jobs::observe::outcome::HintOutcome;
use crate::jobs::observe::{judge, known_link, missing_copy, new_link, read_calendar};
use crate::jobs::publish::edited::{self, Since};
use crate::jobs::publish::vanished;
use crate::jobs::user_cache::{DirectoryUser, is_outside};
use crate::jobs::watch::resync_schedule;
use crate::jobs::{JobError, alerting};
use crate::ledger::attendee_snapshots::{self, AttendeeSnapshot, SnapshotEntry, answer};
use crate::ledger::links::Linked;
use crate::ledger::source_sessions;
use crate::messages::LinkRef;
use crate::store::StoreError;
use chrono::Duration;
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Learners judged side by side, so that their reads share batches.
const SIDE_BY_SIDE: usize = 20;

/// An event that following the organizer's calendar has found.
pub(crate) async fn followed(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    event: &EventId,
) -> Result<HintOutcome, JobError> {
    Ok(changed(app, context, organizer, event).await?.unwrap_or(HintOutcome::Irrelevant))
}

/// True when something is stored of this event, or of a series of this id.
pub async fn knows(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    event: &EventId,
) -> Result<bool, StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    if attendee_snapshots::load(ledger, tenant, organizer, event).await?.is_some() {
        return Ok(true);
    }
    attendee_snapshots::knows_series(&app.ledger, tenant, organizer, event).await
}

/// `None`: the event is not one that this mailbox sends, so it may be one that it received.
pub(crate) async fn changed(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    event: &EventId,
) -> Result<Option<HintOutcome>, JobError> {
    let found = read_calendar::event_as_shown(context, organizer, event).await?;
    let Some(found) = found else {
        let known = gone(app, context, organizer, event).await?;
        return Ok(known.then_some(HintOutcome::Judged));
    };
    if !found.is_organizer {
        return Ok(None);
    }
    let rules = &context.tenant.recognise;
    let meaning = new_link::meaning(app, context, organizer, &found).await?;
    match &meaning {
        // What instructors and rooms answer is no decline of a place.
        Meaning::Instructors(session) => {
            if found.is_cancelled {
                vanished::hinted(app, context, organizer, (session, &found.id)).await?;
            }
            if edited::hinted(app, context, &found).await? == Since::OurWrite {
                return Ok(Some(HintOutcome::Judged));
            }
            source_sessions::note_answers(&app.ledger, &context.tenant.name, session).await?;
            return Ok(Some(HintOutcome::Judged));
        }
        Meaning::All(session) => {
            source_sessions::note_answers(&app.ledger, &context.tenant.name, session).await?;
        }
        Meaning::Learners(_) | Meaning::None => {}
    }
    let session = meaning.learners();
    if session.is_none() && !may_hold_ours(&found, rules) {
        return Ok(Some(HintOutcome::Irrelevant));
    }
    // What the organizer cancels goes to Deleted Items, and may answer by its id from there.
    if !read_calendar::is_shown(context, organizer, &found).await? {
        gone(app, context, organizer, event).await?;
        return Ok(Some(HintOutcome::Judged));
    }
    if found.kind != EventKind::SeriesMaster {
        if let Some(session) = &session {
            if found.is_cancelled {
                vanished::hinted(app, context, organizer, (session, event)).await?;
            }
            edited::hinted(app, context, &found).await?;
        }
        compare(app, context, organizer, &found, &meaning).await?;
        return Ok(Some(HintOutcome::Judged));
    }
    let now = app.ledger.clock.now();
    let (from, to) = (now - Duration::days(1), now + app.timing.horizon);
    let instances = read_calendar::instances(context, organizer, event, from, to).await?.unwrap_or_default();
    let there: BTreeSet<EventId> = instances.iter().map(|instance| instance.id.clone()).collect();
    let (ours, all) =
        occurrences::with_sessions(app, context, organizer, instances, session.as_ref()).await?;
    count_untold(app, context, &found, all, ours.len()).await?;
    for (instance, session) in ours.into_iter().take(occurrences::OCCURRENCES) {
        compare(app, context, organizer, &instance, &Meaning::Learners(session)).await?;
    }
    for lost in attendee_snapshots::all(&app.ledger, &context.tenant.name, organizer).await? {
        let over = lost.end.is_some_and(|end| end <= now);
        if lost.master.as_ref() == Some(event) && !there.contains(&lost.event) && !over {
            gone(app, context, organizer, &lost.event).await?;
        }
    }
    Ok(Some(HintOutcome::Judged))
}

/// Judges everybody whose entry differs from what was seen last, has those looked for who are new, and writes
/// down what is seen now.
async fn compare(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    event: &Event,
    meaning: &Meaning,
) -> Result<(), JobError> {
    let Some(session) = meaning.learners() else { return Ok(()) };
    let ledger = &app.ledger;
    let tenant = &context.tenant.name;
    let old = attendee_snapshots::load(ledger, tenant, organizer, &event.id).await?;
    // Another time concerns everybody, and so does cancelling.
    let whole = |old: &AttendeeSnapshot| {
        (old.is_cancelled, old.start, old.end) == (event.is_cancelled, event.start, event.end)
    };
    let unmoved = old.as_ref().is_some_and(whole);
    if !unmoved {
        resync_schedule::note(
            ledger,
            tenant,
            organizer,
            event.start,
            context.tenant.watch.resync,
            app.ledger.clock.now(),
        )
        .await?;
    }
    // Where the organizer is not watched, the learner's own mailbox tells of their answer, and none is kept
    // here.
    let is_judged = context.tenant.watch.mode.watches_organizers();
    let mut seen = old.as_ref().map(|old| old.people.clone()).unwrap_or_default();
    if !is_judged {
        // The directory may know them by now, and with them a mailbox.
        seen.retain(|_, SnapshotEntry(id, _)| !is_outside(id));
    }
    let mut now = answers(context, event);
    if !is_judged {
        now.values_mut().for_each(|answer| *answer = attendee_snapshots::UNANSWERED.to_owned());
    }

    let mut people = BTreeMap::new();
    let mut to_judge = Vec::new();
    for (hash, answer) in &now {
        let Some(SnapshotEntry(id, before)) = seen.get(hash) else { continue };
        people.insert(hash.clone(), SnapshotEntry(id.clone(), answer.clone()));
        if before != answer || !unmoved {
            to_judge.push(id.clone());
        }
    }
    let mut newcomers = Vec::new();
    for (hash, id, person) in new_to(app, context, event, &seen).await? {
        let answer = now.get(&hash).cloned().unwrap_or_else(|| attendee_snapshots::UNANSWERED.to_owned());
        people.insert(hash, SnapshotEntry(id.clone(), answer.clone()));
        if is_learner(app, context, meaning, &person).await? {
            newcomers.push((id, person, answer));
        }
    }
    // Dropped from the list.
    to_judge.extend(
        seen.iter().filter(|(hash, _)| !now.contains_key(*hash)).map(|(_, SnapshotEntry(id, _))| id.clone()),
    );

    if !newcomers.is_empty() {
        let invitation = new_link::Invitation::of(context, organizer, &session, event).await?;
        let (answered, unanswered): (Vec<_>, Vec<_>) = newcomers
            .into_iter()
            .partition(|(_, _, answer)| answer != attendee_snapshots::UNANSWERED || event.is_cancelled);
        if is_judged {
            let (people, invitation) = (answered.iter().chain(&unanswered).cloned(), &invitation);
            let met: BTreeMap<UserId, Linked> = stream::iter(people.collect::<Vec<_>>())
                .map(|(id, person, _)| async move {
                    let met = new_link::link_attendee(app, context, &id, event, invitation, &person).await?;
                    Ok::<_, JobError>(met.map(|linked| (id, linked)))
                })
                .buffer_unordered(SIDE_BY_SIDE)
                .try_filter_map(|met| async move { Ok(met) })
                .try_collect()
                .await?;
            to_judge.extend(answered.into_iter().map(|(id, _, _)| id).filter(|id| met.contains_key(id)));
            // Nothing is to be judged of somebody who has not answered: no need to read the event for each of
            // them.
            for (link, at) in unanswered.iter().filter_map(|(id, _, _)| met.get(id)) {
                judge::watch(app, context, link, at).await?;
            }
        }
        if context.tenant.watch.mode.reads_learners() && !event.is_cancelled {
            let people = unanswered.into_iter().map(|(id, person, _)| (id, person)).collect();
            missing_copy::look_for(app, context, event, &invitation, people).await?;
        }
    }
    if is_judged {
        // Whoever stands in the list twice is judged once.
        let mut judged = BTreeSet::new();
        to_judge.retain(|id| judged.insert(id.clone()));
        judge_everybody(app, context, to_judge, &event.id).await?;
    }
    let snapshot = AttendeeSnapshot {
        event: event.id.clone(),
        session,
        master: event.series_master.clone(),
        is_cancelled: event.is_cancelled,
        start: event.start,
        end: event.end,
        people,
    };
    attendee_snapshots::keep(ledger, tenant, organizer, &snapshot).await?;
    Ok(())
}

/// Of whom nobody knows what the LMS calls them, others tell.
async fn is_learner(
    app: &AppContext,
    context: &TenantContext,
    meaning: &Meaning,
    person: &DirectoryUser,
) -> Result<bool, JobError> {
    match (&person.learner, meaning) {
        (Some(learner), _) => new_link::holds_place(app, context, meaning, learner).await,
        (None, Meaning::Learners(_)) => Ok(true),
        (None, Meaning::All(_) | Meaning::Instructors(_) | Meaning::None) => Ok(false),
    }
}

/// Who is in the list and was not, by the keyed hash of the address.
async fn new_to(
    app: &AppContext,
    context: &TenantContext,
    event: &Event,
    seen: &BTreeMap<String, SnapshotEntry>,
) -> Result<Vec<(String, UserId, Arc<DirectoryUser>)>, JobError> {
    let listed = event.attendees.iter().filter(|attendee| !attendee.is_resource);
    let listed = listed.map(|attendee| (context.users.hash(&attendee.address), attendee.address.clone()));
    let new: BTreeMap<String, Address> = listed.filter(|(hash, _)| !seen.contains_key(hash)).collect();
    let found: Vec<Option<(String, UserId, Arc<DirectoryUser>)>> = stream::iter(new)
        .map(|(hash, address)| async move {
            let found = context.users.attendee(context.graph.as_ref(), &address).await?;
            Ok::<_, JobError>(found.map(|(id, person)| (hash, id, person)))
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    if context.tenant.watch.mode.watches_organizers() && found.iter().any(Option::is_none) {
        alerting::unknown_attendee(app, context).await?;
    }
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    found.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    Ok(found)
}

/// The organizer's event is not there any more. True when it was known.
async fn gone(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    event: &EventId,
) -> Result<bool, JobError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let own = attendee_snapshots::load(ledger, tenant, organizer, event).await?;
    // A series has none of its own: its occurrences have.
    let is_series = own.is_none();
    let snapshots = match own {
        Some(snapshot) => vec![snapshot],
        None if !attendee_snapshots::knows_series(&app.ledger, tenant, organizer, event).await? => {
            return Ok(false);
        }
        None => {
            let mut all = attendee_snapshots::all(&app.ledger, tenant, organizer).await?;
            all.retain(|snapshot| snapshot.master.as_ref() == Some(event));
            all
        }
    };
    for snapshot in snapshots {
        vanished::hinted(app, context, organizer, (&snapshot.session, &snapshot.event)).await?;
        if context.tenant.watch.mode.watches_organizers() {
            let people: BTreeSet<UserId> =
                snapshot.people.into_values().map(|SnapshotEntry(id, _)| id).collect();
            judge_everybody(app, context, people.into_iter().collect(), &snapshot.event).await?;
        }
        attendee_snapshots::forget(ledger, tenant, organizer, &snapshot.event).await?;
    }
    if is_series {
        // Last: killed before that, the next hint finds the rest.
        attendee_snapshots::forget_series(ledger, tenant, organizer, event).await?;
    }
    Ok(true)
}

async fn judge_everybody(
    app: &AppContext,
    context: &TenantContext,
    people: Vec<UserId>,
    event: &EventId,
) -> Result<(), JobError> {
    stream::iter(people)
        .map(|id| async move {
            let at = LinkRef::by_organizer(&context.tenant.name, &id, event);
            known_link::judge_known(app, context, &at).await.map(|_| ())
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect::<Vec<()>>()
        .await
        .map(|_| ())
}

/// The answers in an organizer's copy, by the keyed hash of the address; rooms are none of them.
pub fn answers(context: &TenantContext, event: &Event) -> BTreeMap<String, String> {
    let people = event.attendees.iter().filter(|attendee| !attendee.is_resource);
    people.map(|attendee| (context.users.hash(&attendee.address), answer(attendee))).collect()
}
