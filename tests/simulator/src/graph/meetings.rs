//! Online meetings beside the calendar (handler/reference/graph-publishing.md#online-meetings): made once for
//! each `externalId`, for users alone whom a policy of Teams' names. Here that is whoever has Teams.

use super::auth::{Caller, find_user, not_found};
use super::call::{Answer, Call};
use super::query::{bad, body, only};
use crate::handle::World;
use crate::world::Model;
use crate::world::directory::User;
use crate::world::online_meeting::OnlineMeeting;
use serde_json::{Value, json};

/// `POST users/{user}/onlineMeetings/createOrGet`: 201 where it is new, 200 where it was there.
pub(crate) fn create_or_get(
    world: &World,
    caller: &Caller,
    call: &Call,
    name: &str,
) -> Result<Answer, Answer> {
    only(call, &[])?;
    let body = body(call)?;
    let id = body.get("externalId").and_then(Value::as_str).filter(|id| !id.is_empty());
    let id = id.ok_or_else(|| bad("The property 'externalId' is missing."))?;
    let mut model = world.0.model.lock();
    let user = let_in(&model, caller, name)?.id;
    let key = (user, id.to_owned());
    let moves = model.writes.create_or_get_moves;
    if let Some(known) = model.online_meetings.get_mut(&key) {
        if moves {
            moved(known, body);
        }
        return Ok(Answer::ok(shown(known, id)));
    }
    let number = model.mint.uuid().simple();
    let mut made = OnlineMeeting {
        link: format!("https://teams.microsoft.com/l/meetup-join/19%3ameeting_{number}%40thread.v2/0"),
        subject: body.get("subject").cloned().unwrap_or_default(),
        start: Value::Null,
        end: Value::Null,
    };
    moved(&mut made, body);
    let answer = Answer::created(shown(&made, id));
    model.online_meetings.insert(key, made);
    Ok(answer)
}

/// `PATCH users/{user}/onlineMeetings/{id}`: start and end go together.
pub(crate) fn change(
    world: &World,
    caller: &Caller,
    call: &Call,
    name: &str,
    id: &str,
) -> Result<Answer, Answer> {
    only(call, &[])?;
    let body = body(call)?;
    if body.get("startDateTime").is_some() != body.get("endDateTime").is_some() {
        return Err(bad("'startDateTime' and 'endDateTime' must be changed together."));
    }
    let mut model = world.0.model.lock();
    let user = let_in(&model, caller, name)?.id;
    let own = id.strip_prefix("beside-").unwrap_or_default().to_owned();
    let known = model.online_meetings.get_mut(&(user, own.clone())).ok_or_else(|| not_found(id))?;
    moved(known, body);
    Ok(Answer::ok(shown(known, &own)))
}

fn moved(meeting: &mut OnlineMeeting, body: &Value) {
    for (time, name) in [(&mut meeting.start, "startDateTime"), (&mut meeting.end, "endDateTime")] {
        if let Some(written) = body.get(name) {
            time.clone_from(written);
        }
    }
}

fn shown(meeting: &OnlineMeeting, id: &str) -> Value {
    json!({
        "id": format!("beside-{id}"),
        "externalId": id,
        "subject": meeting.subject,
        "startDateTime": meeting.start,
        "endDateTime": meeting.end,
        "joinWebUrl": meeting.link,
    })
}

/// `GET users/{user}/onlineMeetings?$filter=JoinWebUrl eq '…'`.
pub(crate) fn find(world: &World, caller: &Caller, call: &Call, name: &str) -> Result<Answer, Answer> {
    only(call, &["$filter"])?;
    let model = world.0.model.lock();
    let user = let_in(&model, caller, name)?;
    let filter = call.option("$filter").unwrap_or_default().to_owned();
    let wanted = filter.strip_prefix("JoinWebUrl eq '").and_then(|rest| rest.strip_suffix('\''));
    let wanted = wanted.ok_or_else(|| bad(format!("Invalid filter clause: {filter}")))?;
    let found: Vec<Value> = model
        .online_meetings
        .iter()
        .filter(|((owner, _), meeting)| *owner == user.id && meeting.link == wanted)
        .map(|((_, id), meeting)| shown(meeting, id))
        .collect();
    Ok(Answer::ok(json!({ "value": found })))
}

fn let_in<'m>(model: &'m Model, caller: &Caller, name: &str) -> Result<&'m User, Answer> {
    let user = find_user(model, caller, name).ok_or_else(|| not_found(name))?;
    caller.needs(&["OnlineMeetings.ReadWrite.All"])?;
    if user.has_teams {
        return Ok(user);
    }
    let status = if model.writes.missing_policy_is_401 { 401 } else { 403 };
    Err(Answer::error(status, "Unauthorized", "There is no application access policy for this user."))
}
