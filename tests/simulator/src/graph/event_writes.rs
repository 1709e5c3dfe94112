//! Writing events: made with who is invited, changed, declined, called off, deleted
//! (handler/reference/graph-publishing.md, graph-events.md#writing). What is not known here is refused.
//!
//! A write is done under one lock: an etag that fits still fits when the event is changed.

use super::auth::{Caller, open_to_write};
use super::call::{Answer, Call};
use super::event_body::Written;
use super::event_times::refused;
use super::events::{View, context, find, missing};
use super::query::{bad, only};
use super::render::{Shown, event};
use crate::handle::World;
use crate::world::act::{ActError, Cancel, CancelOccurrence, Reply, RetimeOccurrence, Who};
use crate::world::directory::User;
use crate::world::item::Item;
use crate::world::{Effects, Model};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// `POST users/{user}/events`, `…/calendar/events` or `…/calendars/{calendar}/events`: invites at once. The
/// same `transactionId` again is the same event; with another content it is refused.
pub(crate) fn create(
    world: &World,
    caller: &Caller,
    call: &Call,
    name: &str,
    calendar: Option<&str>,
) -> Result<Answer, Answer> {
    only(call, &[])?;
    let written = Written::read(call)?;
    let asked = call.body.as_ref().map(Value::to_string).unwrap_or_default();
    let ical_uid = world.write(|model, now| {
        let user = open_to_write(world, model, caller, name)?;
        if calendar.is_some_and(|id| !user.mailbox.calendars.iter().any(|known| known.id == id)) {
            return Err(missing());
        }
        let (id, organizer) = (user.id, user.address().to_owned());
        let key = written.transaction_id.clone().map(|transaction| (id, transaction));
        if let Some(made) = key.as_ref().and_then(|key| made_before(model, user, key, &asked)) {
            return made.map(|ical_uid| (Effects::default(), ical_uid));
        }
        let edit = written.edit(None, model)?;
        afford(model, &organizer, edit.attendees.as_ref().map_or(0, Vec::len), now)?;
        // As Exchange makes them: nobody can choose one.
        let ical_uid = format!(
            "040000008200E00074C5B7101A82E008{}",
            model.mint.uuid().simple().to_string().to_uppercase()
        );
        let transaction = written.transaction_id.as_deref();
        let effects = model
            .create_event(&organizer, calendar, (&ical_uid, transaction), &edit, now)
            .map_err(|refused| refusal(&refused))?;
        if let Some(key) = key {
            model.transactions.insert(key, (asked, ical_uid.clone()));
        }
        Ok((effects, ical_uid))
    })?;
    let model = world.0.model.lock();
    let mut body = shown(world, &model, caller, call, name, &ical_uid)?;
    if let Some(map) = body.as_object_mut().filter(|_| model.writes.join_url_comes_later) {
        map.insert("onlineMeeting".to_owned(), Value::Null);
    }
    Ok(Answer::created(body))
}

/// The event that an earlier request with this `transactionId` made, or its refusal; `None`: it is made now.
fn made_before(
    model: &Model,
    user: &User,
    key: &(uuid::Uuid, String),
    asked: &str,
) -> Option<Result<String, Answer>> {
    let writes = &model.writes;
    let (request, ical_uid) = model.transactions.get(key).filter(|_| !writes.transactions_are_forgotten)?;
    let there = user.mailbox.copy(ical_uid);
    if there.is_none() && !writes.transaction_outlives_event {
        return None;
    }
    if there.is_some() && request == asked && !writes.same_transaction_is_refused {
        return Some(Ok(ical_uid.clone()));
    }
    let status = if writes.duplicates_are_409 { 409 } else { 400 };
    let message = "An event with this transactionId exists already.";
    let mut answer = Answer::error(status, "ErrorDuplicateTransactionId", message);
    let error = answer.body.as_mut().and_then(|body| body.get_mut("error")?.as_object_mut());
    if let (Some(error), Some(item)) = (error.filter(|_| writes.duplicate_names_event), there) {
        error.insert("@event.existingEventId".to_owned(), json!(item.immutable));
    }
    Some(Err(answer))
}

/// `PATCH users/{user}/events/{event}`: what is left out stays as it is.
pub(crate) fn change(
    world: &World,
    caller: &Caller,
    call: &Call,
    name: &str,
    id: &str,
) -> Result<Answer, Answer> {
    only(call, &[])?;
    let written = Written::read(call)?;
    if written.transaction_id.is_some() {
        let message = "Set action is invalid for property 'transactionId': it is set once.";
        return Err(Answer::error(400, "ErrorInvalidPropertySet", message));
    }
    let ical_uid = world.write(|model, now| {
        let Target { organizer, item, occurrence } = of(world, model, caller, call, name, id)?;
        if !item.is_organizer {
            return Err(bad("A copy of an attendee's is not changed in this simulation."));
        }
        let edit = written.edit(Some(&item), model)?;
        if let Some(start) = occurrence {
            let slot = written.is_time_alone().then_some(edit.when).flatten().map(|when| when.slot);
            let slot =
                slot.ok_or_else(|| bad("Of an occurrence the time alone is changed in this simulation."))?;
            let retime = RetimeOccurrence {
                session: item.ical_uid.clone(),
                occurrence: start,
                start: slot.start,
                end: slot.end,
            };
            let effects = model.retime_occurrence(&retime, now).map_err(|refused| refusal(&refused))?;
            return Ok((effects, item.ical_uid));
        }
        afford(model, &organizer, model.mails_of_revision(&item.ical_uid, &edit), now)?;
        let effects = model.revise(&item.ical_uid, &edit, now).map_err(|refused| refusal(&refused))?;
        Ok((effects, item.ical_uid))
    })?;
    let model = world.0.model.lock();
    shown(world, &model, caller, call, name, &ical_uid).map(Answer::ok)
}

/// The event as the answer to a write shows it.
fn shown(
    world: &World,
    model: &Model,
    caller: &Caller,
    call: &Call,
    name: &str,
    ical_uid: &str,
) -> Result<Value, Answer> {
    let user = open_to_write(world, model, caller, name)?;
    let view = View::of(call, model)?;
    let item = user.mailbox.copy(ical_uid).ok_or_else(missing)?;
    let mut body = event(Shown::whole(item), &view.prefer, &view.matrix, None, &[]);
    context(world, &mut body, &format!("users('{}')/events/$entity", user.id));
    Ok(body)
}

/// `POST users/{user}/events/{event}/decline`: of an invitation, by whoever is invited.
pub(crate) fn decline(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<Answer, Answer> {
    let given = fields(call, &["comment", "sendResponse"])?;
    let respond = given.get("sendResponse").and_then(Value::as_bool).unwrap_or(true);
    world.write(|model, now| {
        let Target { organizer: address, item, occurrence } = of(world, model, caller, call, user, id)?;
        if item.is_organizer {
            return Err(refused("You can't respond to this meeting because you're the meeting organizer."));
        }
        let reply = Reply { respond: Some(respond), occurrence, ..Reply::new(&address, &item.ical_uid) };
        model.decline(&reply, now).map(|effects| (effects, ())).map_err(|refused| refusal(&refused))
    })?;
    Ok(Answer::accepted())
}

/// `POST users/{user}/events/{event}/cancel`: by the organizer alone, and of a meeting with somebody.
pub(crate) fn cancel(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<Answer, Answer> {
    let given = fields(call, &["comment", "Comment"])?;
    let comment = given.values().find_map(Value::as_str);
    world.write(|model, now| {
        let target = of(world, model, caller, call, user, id)?;
        if !target.item.is_organizer || target.item.is_cancelled {
            return Err(refused("You need to be an organizer to cancel a meeting."));
        }
        if target.item.invitees.is_empty() && model.writes.empty_cancel_is_refused {
            return Err(refused("There is nobody to whom a cancellation could be sent."));
        }
        call_off(model, &target, comment, now).map(|effects| (effects, ()))
    })?;
    Ok(Answer::accepted())
}

/// `DELETE users/{user}/events/{event}`: the organizer's calls it off without words, anybody else's copy just
/// goes.
pub(crate) fn delete(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<Answer, Answer> {
    only(call, &[])?;
    world.write(|model, now| {
        let target = of(world, model, caller, call, user, id)?;
        let (session, learner) = (target.item.ical_uid.clone(), target.organizer.clone());
        let done = match (target.item.is_organizer, target.item.is_cancelled) {
            (true, false) => return call_off(model, &target, None, now).map(|effects| (effects, ())),
            (false, false) => {
                let reply = Reply { occurrence: target.occurrence, ..Reply::new(&learner, &session) };
                model.delete(&reply.silent(), now)
            }
            (_, true) => model.remove_cancelled(&Who { learner, session }, now),
        };
        done.map(|effects| (effects, ())).map_err(|refused| refusal(&refused))
    })?;
    Ok(Answer::no_content())
}

fn call_off(
    model: &mut Model,
    target: &Target,
    comment: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Effects, Answer> {
    let session = target.item.ical_uid.clone();
    afford(model, &target.organizer, target.item.invitees.len(), now)?;
    let done = match target.occurrence {
        Some(occurrence) => model.cancel_occurrence(&CancelOccurrence { session, occurrence }, now),
        None => model.call_off(&Cancel { session }, comment, now),
    };
    done.map_err(|refused| refusal(&refused))
}

/// Nothing is done that would mail more people than a mailbox may within a day
/// (handler/reference/graph-publishing.md#sending-limits).
fn afford(model: &Model, organizer: &str, more: usize, now: DateTime<Utc>) -> Result<(), Answer> {
    if model.may_send(organizer, more, now) {
        return Ok(());
    }
    let status = if model.writes.message_limit_is_403 { 403 } else { 400 };
    let message = "Cannot send mail: the daily message or recipient limit of the mailbox is exceeded.";
    Err(Answer::error(status, "ErrorExceededMessageLimit", message))
}

/// The fields of an action's body; unknown ones are refused.
fn fields(call: &Call, known: &[&str]) -> Result<BTreeMap<String, Value>, Answer> {
    only(call, &[])?;
    let body = call.body.clone().unwrap_or_else(|| json!({}));
    let given: BTreeMap<String, Value> =
        serde_json::from_value(body).map_err(|why| bad(format!("Unable to read the body: {why}")))?;
    let known: BTreeSet<&str> = known.iter().copied().collect();
    match given.keys().find(|name| !known.contains(name.as_str())) {
        Some(unknown) => Err(bad(format!("The parameter '{unknown}' does not exist."))),
        None => Ok(given),
    }
}

/// What a write is about.
struct Target {
    /// Whose calendar it is.
    organizer: String,
    item: Item,
    /// One of a series, by its start there.
    occurrence: Option<DateTime<Utc>>,
}

/// The item of this id; what lies in Deleted Items is none. An `If-Match` must name the newest version.
fn of(
    world: &World,
    model: &Model,
    caller: &Caller,
    call: &Call,
    name: &str,
    id: &str,
) -> Result<Target, Answer> {
    let user = open_to_write(world, model, caller, name)?;
    let view = View::of(call, model)?;
    let shown = find(&user.mailbox, id, &view).filter(|shown| shown.item.live).ok_or_else(missing)?;
    let etag = shown.item.etag();
    if call.header("if-match").is_some_and(|known| known != "*" && known != etag) {
        let message = "The send or update operation could not be performed because the change key passed in \
                       the request does not match the current change key for the item.";
        return Err(Answer::error(412, "ErrorIrresolvableConflict", message));
    }
    let occurrence = shown.occurrence.map(|one| one.start);
    Ok(Target { organizer: user.address().to_owned(), item: shown.item.clone(), occurrence })
}

fn refusal(why: &ActError) -> Answer {
    refused(&why.to_string())
}
