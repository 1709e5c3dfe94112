//! Writing events: one is made with who is invited, declined, called off, deleted
//! (handler/reference/graph-events.md#writing). What is not known here is refused.

use super::auth::{Caller, open_to_write};
use super::call::{Answer, Call};
use super::events::{View, context, find, missing};
use super::query::{bad, only};
use super::render::{Shown, event};
use crate::handle::World;
use crate::world::act::{ActError, Cancel, Invite, Reply, Who};
use crate::world::item::Item;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is read of a new event.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewEvent {
    #[serde(default)]
    transaction_id: Option<String>,
    subject: String,
    #[serde(default)]
    body: Option<Body>,
    start: Moment,
    end: Moment,
    #[serde(default)]
    is_all_day: bool,
    #[serde(default)]
    attendees: Vec<Attendee>,
    #[serde(default = "yes")]
    response_requested: bool,
    #[serde(default, rename = "allowNewTimeProposals")]
    _proposals: Option<bool>,
    #[serde(default, rename = "showAs")]
    _show_as: Option<String>,
    #[serde(default, rename = "isReminderOn")]
    _reminder: Option<bool>,
    #[serde(default)]
    single_value_extended_properties: Vec<Property>,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    content_type: String,
    content: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Moment {
    date_time: String,
    time_zone: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Attendee {
    email_address: Address,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Address {
    address: String,
    #[serde(default, rename = "name")]
    _name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Property {
    id: String,
    value: String,
}

impl Moment {
    /// UTC, which is all that is asked for here; an offset beside a zone would be counted twice.
    fn read(&self) -> Result<DateTime<Utc>, Answer> {
        if self.time_zone != "UTC" {
            let message = format!(
                "A valid TimeZone value must be specified. The following TimeZone value is not supported: \
                 '{}'.",
                self.time_zone
            );
            return Err(Answer::error(400, "TimeZoneNotSupportedException", message));
        }
        let plain = self.date_time.parse::<NaiveDateTime>();
        plain.map(|time| time.and_utc()).map_err(|_| bad(format!("Invalid dateTime '{}'.", self.date_time)))
    }
}

/// `POST users/{user}/events`: invites at once. The same `transactionId` again is the same event; with
/// another content it is refused.
pub(crate) fn create(world: &World, caller: &Caller, call: &Call, name: &str) -> Result<Answer, Answer> {
    only(call, &[])?;
    let text = call.body.as_ref().ok_or_else(|| bad("Empty Payload. JSON content expected."))?;
    let wanted: NewEvent = serde_json::from_value(text.clone())
        .map_err(|why| bad(format!("Unable to deserialize the event: {why}")))?;
    if wanted.body.as_ref().is_some_and(|body| !["text", "html"].contains(&body.content_type.as_str())) {
        return Err(bad("contentType must be text or html."));
    }
    if wanted.is_all_day {
        return Err(bad("No event of whole days is made here."));
    }
    let (start, end) = (wanted.start.read()?, wanted.end.read()?);
    if end < start {
        return Err(Answer::error(
            400,
            "ErrorCalendarEndDateIsEarlierThanStartDate",
            "The end is too early.",
        ));
    }
    let kinds = ["required", "optional", "resource"];
    if let Some(odd) = wanted.attendees.iter().find(|one| !kinds.contains(&one.kind.as_str())) {
        return Err(bad(format!("'{}' is no type of attendee.", odd.kind)));
    }
    let (known, organizer, ical_uid) = {
        let mut model = world.0.model.lock();
        let user = open_to_write(world, &model, caller, name)?;
        let (id, organizer) = (user.id, user.address().to_owned());
        let known = wanted
            .transaction_id
            .as_ref()
            .and_then(|transaction| model.transactions.get(&(id, transaction.clone())).cloned());
        // As Exchange makes them: nobody can choose one.
        let ical_uid = format!(
            "040000008200E00074C5B7101A82E008{}",
            model.mint.uuid().simple().to_string().to_uppercase()
        );
        if let (None, Some(transaction)) = (&known, &wanted.transaction_id) {
            let request = (text.to_string(), ical_uid.clone());
            model.transactions.insert((id, transaction.clone()), request);
        }
        (known, organizer, ical_uid)
    };
    let asked = text.to_string();
    let ical_uid = match known {
        Some((request, made)) if request == asked => made,
        Some(_) => {
            let message = "An event with this transactionId exists already.";
            return Err(Answer::error(400, "ErrorDuplicateTransactionId", message));
        }
        None => {
            let attendees = wanted.attendees.iter().map(|one| one.email_address.address.clone()).collect();
            let properties = &wanted.single_value_extended_properties;
            world
                .invite(&Invite {
                    organizer,
                    attendees,
                    session: ical_uid.clone(),
                    subject: wanted.subject.clone(),
                    body: wanted.body.map(|body| body.content).unwrap_or_default(),
                    start,
                    end,
                    ical_uid: Some(ical_uid.clone()),
                    from_outside: false,
                    occurrences: Vec::new(),
                    all_day: None,
                    rooms: Vec::new(),
                    extended: properties.iter().map(|one| (one.id.clone(), one.value.clone())).collect(),
                    enrol: false,
                    response_requested: wanted.response_requested,
                })
                .map_err(|refused| refusal(&refused))?;
            ical_uid
        }
    };
    let model = world.0.model.lock();
    let user = open_to_write(world, &model, caller, name)?;
    let view = View::of(call, &model)?;
    let item = user.mailbox.items.iter().find(|item| item.ical_uid == ical_uid).ok_or_else(missing)?;
    let mut body = event(Shown::whole(item), &view.prefer, &view.matrix, None, &[]);
    context(world, &mut body, &format!("users('{}')/events/$entity", user.id));
    Ok(Answer::created(body))
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
    let (address, item) = of(world, caller, call, user, id)?;
    if item.is_organizer {
        let message = "Your request can't be completed. You can't respond to this meeting because you're the \
                       meeting organizer.";
        return Err(Answer::error(400, "ErrorInvalidRequest", message));
    }
    let respond = given.get("sendResponse").and_then(Value::as_bool).unwrap_or(true);
    let reply = Reply { respond: Some(respond), ..Reply::new(&address, &item.ical_uid) };
    world.decline(&reply).map_err(|refused| refusal(&refused))?;
    Ok(Answer::accepted())
}

/// `POST users/{user}/events/{event}/cancel`: by the organizer alone.
pub(crate) fn cancel(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<Answer, Answer> {
    fields(call, &["comment"])?;
    let (_, item) = of(world, caller, call, user, id)?;
    if !item.is_organizer || item.is_cancelled {
        let message = "Your request can't be completed. You need to be an organizer to cancel a meeting.";
        return Err(Answer::error(400, "ErrorInvalidRequest", message));
    }
    world.cancel(&Cancel { session: item.ical_uid.clone() }).map_err(|refused| refusal(&refused))?;
    Ok(Answer::accepted())
}

/// `DELETE users/{user}/events/{event}`: the organizer's calls it off, anybody else's copy just goes.
pub(crate) fn delete(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<Answer, Answer> {
    only(call, &[])?;
    let (address, item) = of(world, caller, call, user, id)?;
    let (session, learner) = (item.ical_uid.clone(), address.clone());
    let done = match (item.is_organizer, item.is_cancelled) {
        (true, false) => world.cancel(&Cancel { session }),
        (false, false) => world.delete(&Reply::new(&learner, &session).silent()),
        (_, true) => world.remove_cancelled(&Who { learner, session }),
    };
    done.map_err(|refused| refusal(&refused))?;
    Ok(Answer::no_content())
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

/// Whose calendar it is, and the item there; what lies in Deleted Items is none.
fn of(world: &World, caller: &Caller, call: &Call, name: &str, id: &str) -> Result<(String, Item), Answer> {
    let model = world.0.model.lock();
    let user = open_to_write(world, &model, caller, name)?;
    let view = View::of(call, &model)?;
    let item = find(&user.mailbox, id, &view).map(|shown| shown.item).filter(|item| item.live);
    Ok((user.address().to_owned(), item.cloned().ok_or_else(missing)?))
}

fn refusal(refused: &ActError) -> Answer {
    Answer::error(400, "ErrorInvalidRequest", refused.to_string())
}
