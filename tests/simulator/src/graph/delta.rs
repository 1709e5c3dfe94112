//! `calendarView/delta`: what is new, changed or gone in the default calendar
//! (handler/reference/graph-events.md#delta).

use super::auth::{Caller, open};
use super::call::{Answer, Call};
use super::events::{View, context, window};
use super::query::{bad, only};
use super::render::{Shown, event};
use crate::faults::Fault;
use crate::handle::World;
use crate::world::delta::{Ask, Entry, Key, Token};
use crate::world::directory::Mailbox;
use crate::world::ids;
use serde_json::{Value, json};

/// `GET users/{user}/calendarView/delta`. Nothing can be selected, filtered, expanded, ordered or searched
/// there.
pub(crate) fn changes(world: &World, caller: &Caller, call: &Call, user: &str) -> Result<Answer, Answer> {
    only(call, &["startDateTime", "endDateTime", "$skiptoken", "$deltatoken"])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, user)?;
    let view = View::of(call, &model)?;
    let ask = match (call.option("$skiptoken"), call.option("$deltatoken")) {
        (Some(_), Some(_)) => return Err(bad("A link is followed as it was given.")),
        (Some(token), None) => Ask::Skip(token),
        (None, Some(token)) => Ask::Later(token),
        (None, None) => Ask::Window(window(call)?),
    };
    let is_lost = world.fault(|fault| {
        let Fault::SyncStateLost { mailbox } = fault else { return None };
        mailbox.as_ref().is_none_or(|mailbox| user.has_address(mailbox)).then_some(())
    });
    let size = view.prefer.page.unwrap_or(world.0.options.page.min(10));
    let mut states = world.0.sync_states.lock();
    if is_lost.is_some() {
        states.lose();
    }
    let page = states.page((user.id, &user.mailbox), &view.matrix, ask, size);
    let page = page
        .ok_or_else(|| Answer::error(410, "SyncStateNotFound", "The sync state generation is not found."))?;
    let values: Vec<Value> =
        page.entries.iter().filter_map(|entry| show(&user.mailbox, entry, &view)).collect();
    let (name, option, token) = match &page.token {
        Token::Skip(token) => ("@odata.nextLink", "%24skiptoken", token),
        Token::Later(token) => ("@odata.deltaLink", "%24deltatoken", token),
    };
    let link = format!("{}/v1.0/users/{}/calendarView/delta?{option}={token}", world.0.graph_url(), user.id);
    let mut body = json!({ "value": values, name: link });
    context(world, &mut body, "Collection(event)");
    Ok(Answer::ok(body))
}

fn show(mailbox: &Mailbox, entry: &Entry, view: &View) -> Option<Value> {
    let key = match entry {
        Entry::Removed(key) => {
            return Some(json!({ "@removed": { "reason": "deleted" }, "id": id(key, view) }));
        }
        Entry::There(key) => key,
    };
    // Gone since the round began: the next one says so.
    let item = mailbox.items.iter().find(|item| item.live && item.immutable == key.immutable)?;
    let shown = match key.occurrence {
        None => Shown::whole(item),
        Some(start) => {
            Shown::occurrences(item).find(|one| one.occurrence.is_some_and(|one| one.start == start))?
        }
    };
    let mut value = event(shown, &view.prefer, &view.matrix, None, &[]);
    let is_plain = shown.occurrence.is_some_and(|one| one.exception.is_none());
    if is_plain
        && view.matrix.delta_occurrences_are_bare
        && let Some(map) = value.as_object_mut()
    {
        map.retain(|name, _| ["id", "type", "seriesMasterId", "start", "end"].contains(&name.as_str()));
    }
    Some(value)
}

fn id(key: &Key, view: &View) -> String {
    let whole = if view.prefer.immutable_ids { &key.immutable } else { &key.mutable };
    key.occurrence.map_or_else(|| whole.clone(), |start| ids::occurrence(whole, start))
}
