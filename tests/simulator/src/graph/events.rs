//! Reading events: one, by filter, as a view of the calendar, and the list of calendars.

use super::auth::{Caller, open};
use super::call::{Answer, Call, Prefer};
use super::event_search::Search;
use super::query::{self, bad, number, only, select};
use super::render::{EVENT_PROPERTIES, Shown, event, in_window};
use super::zone;
use crate::handle::World;
use crate::world::Model;
use crate::world::directory::{Mailbox, User};
use crate::world::item::{Item, Slot};
use crate::world::matrix::Matrix;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Value, json};
use std::time::Duration;

const EVENT: &str = "microsoft.graph.event";
const MOST_DAYS: i64 = 1_825;

/// `GET users/{user}/events/{event}`.
pub(crate) fn one(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<Answer, Answer> {
    only(call, &["$select", "$expand"])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, user)?;
    let view = View::of(call, &model)?;
    let shown = find(&user.mailbox, id, &view).ok_or_else(missing)?;
    let mut body = event(shown, &view.prefer, &view.matrix, view.select.as_deref(), &view.extended);
    context(world, &mut body, &format!("users('{}')/events/$entity", user.id));
    Ok(Answer::ok(body))
}

/// `GET users/{user}/events` or `…/calendars/{calendar}/events`: single instances and series masters of one
/// calendar, or (without naming one, and by the matrix) of all that are the mailbox's own.
pub(crate) fn list(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    calendar: Option<&str>,
) -> Result<Answer, Answer> {
    only(call, &["$select", "$expand", "$filter", "$top", "$skip", "$orderby", "$count"])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, user)?;
    let everywhere = calendar.is_none() && model.matrix.events_list_all_calendars;
    let shelf = shelf(&model, user, calendar)?;
    let view = View::of(call, &model)?;
    let search = call.option("$filter").map(Search::read).transpose()?;
    let nameless = model.matrix.ical_uids_are_null;
    let lag = if model.writes.marked_search_lags {
        world.0.scaled(world.0.options.search_lag)
    } else {
        Duration::ZERO
    };
    let is_indexed = |item: &Item| (world.now() - item.created).to_std().is_ok_and(|age| age >= lag);
    let hit = |item: &&Item| match &search {
        None => true,
        Some(Search::Uids(uids)) => !nameless && uids.contains(&item.ical_uid),
        Some(Search::Marked(mark)) => mark.is_on(item) && is_indexed(item),
    };
    let listed = |item: &&Item| item.live && (everywhere || item.calendar == shelf.calendar);
    let shown: Vec<Shown<'_>> =
        shelf.mailbox.items.iter().filter(listed).filter(hit).map(Shown::whole).collect();
    page(world, call, user, &shown, &view)
}

/// `GET users/{user}/calendarView` or `…/calendars/{calendar}/calendarView`: occurrences expanded, one
/// calendar.
pub(crate) fn view(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    calendar: Option<&str>,
) -> Result<Answer, Answer> {
    only(
        call,
        &["startDateTime", "endDateTime", "$select", "$expand", "$top", "$skip", "$orderby", "$count"],
    )?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, user)?;
    let shelf = shelf(&model, user, calendar)?;
    let view = View::of(call, &model)?;
    page(world, call, user, &in_window(shelf.mailbox, &shelf.calendar, window(call)?), &view)
}

pub(crate) fn window(call: &Call) -> Result<Slot, Answer> {
    let window = Slot { start: moment(call, "startDateTime")?, end: moment(call, "endDateTime")? };
    if window.end < window.start {
        return Err(bad("The end of the window comes before its start."));
    }
    if window.length().num_days() > MOST_DAYS {
        return Err(bad(format!("The range between start and end may be {MOST_DAYS} days at most.")));
    }
    Ok(window)
}

pub(super) fn missing() -> Answer {
    Answer::error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
}

/// `GET users/{user}/events/{master}/instances`: the occurrences that this copy still shows.
pub(crate) fn instances(
    world: &World,
    caller: &Caller,
    call: &Call,
    user: &str,
    id: &str,
) -> Result<Answer, Answer> {
    only(call, &["startDateTime", "endDateTime", "$select", "$expand", "$top", "$skip"])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, user)?;
    let view = View::of(call, &model)?;
    let window = window(call)?;
    let master = find(&user.mailbox, id, &view).ok_or_else(missing)?;
    let mut shown = in_window(&user.mailbox, &master.item.calendar, window);
    shown.retain(|one| one.occurrence.is_some() && one.item.immutable == master.item.immutable);
    page(world, call, user, &shown, &view)
}

/// `GET users/{user}/calendars`: the mailbox's own, and those that others share with it.
pub(crate) fn calendars(world: &World, caller: &Caller, call: &Call, user: &str) -> Result<Answer, Answer> {
    only(call, &["$select", "$top", "$skip"])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, user)?;
    let names = select(call, "microsoft.graph.calendar", &["id", "name", "isDefaultCalendar", "owner"])?;
    let show = |id: &str, name: &str, is_default: bool, owner: &User| {
        let owner = json!({ "name": owner.display_name, "address": owner.address() });
        let value = json!({ "id": id, "name": name, "isDefaultCalendar": is_default, "owner": owner });
        query::keep(value.as_object().cloned().unwrap_or_default(), names.as_deref(), &["id"])
    };
    let own = user.mailbox.calendars.iter().enumerate();
    let own = own.map(|(place, calendar)| show(&calendar.id, &calendar.name, place == 0, user));
    let shared = model.shares.iter().filter(|share| share.with == user.id).filter_map(|share| {
        let owner = model.tenant(share.tenant)?.user(share.owner)?;
        Some(show(&share.id, &owner.display_name, false, owner))
    });
    let shown = own.chain(shared);
    let shown: Vec<Value> = shown.collect();
    let mut body = json!({ "value": shown });
    context(world, &mut body, &format!("users('{}')/calendars", user.id));
    Ok(Answer::ok(body))
}

/// `GET users/{user}/calendar`: the default one, and whether meetings in Teams can be made in it.
pub(crate) fn calendar(world: &World, caller: &Caller, call: &Call, user: &str) -> Result<Answer, Answer> {
    let known = [
        "id",
        "name",
        "isDefaultCalendar",
        "owner",
        "canEdit",
        "allowedOnlineMeetingProviders",
        "defaultOnlineMeetingProvider",
    ];
    only(call, &["$select"])?;
    let model = world.0.model.lock();
    let user = open(world, &model, caller, user)?;
    let names = select(call, "microsoft.graph.calendar", &known)?;
    let provider = "teamsForBusiness";
    let value = json!({
        "id": user.mailbox.default_calendar(),
        "name": "Calendar",
        "isDefaultCalendar": true,
        "canEdit": true,
        "owner": { "name": user.display_name, "address": user.address() },
        "allowedOnlineMeetingProviders": if user.has_teams { vec![provider] } else { Vec::new() },
        "defaultOnlineMeetingProvider": if user.has_teams { provider } else { "unknown" },
    });
    let map = value.as_object().cloned().unwrap_or_default();
    let mut body = query::keep(map, names.as_deref(), &["id"]);
    context(world, &mut body, &format!("users('{}')/calendar/$entity", user.id));
    Ok(Answer::ok(body))
}

/// How the caller wants events to look.
pub(crate) struct View {
    pub(crate) prefer: Prefer,
    select: Option<Vec<String>>,
    extended: Vec<String>,
    pub(crate) matrix: Matrix,
}

impl View {
    pub(crate) fn of(call: &Call, model: &Model) -> Result<Self, Answer> {
        let prefer = Prefer::of(call);
        if let Some(name) = &prefer.zone {
            zone::of(name)?;
        }
        let extended = call.option("$expand").map(expanded).transpose()?.unwrap_or_default();
        let matrix = model.matrix.clone();
        Ok(Self { select: select(call, EVENT, &EVENT_PROPERTIES)?, prefer, extended, matrix })
    }
}

/// Ids in `singleValueExtendedProperties($filter=id eq '…' or id eq '…')`, the only expansion known.
fn expanded(text: &str) -> Result<Vec<String>, Answer> {
    let inner = text
        .strip_prefix("singleValueExtendedProperties($filter=")
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(|| bad(format!("Could not expand '{text}' on type '{EVENT}'.")))?;
    let terms = query::filter(inner)?.into_iter().flatten();
    terms
        .map(|term| {
            if term.property == "id" {
                Ok(term.value)
            } else {
                Err(bad("Extended properties are expanded by id."))
            }
        })
        .collect()
}

/// Ids are compared exactly. An immutable id is known only to who asks for immutable ids; the other form to
/// everybody.
pub(super) fn find<'m>(mailbox: &'m Mailbox, id: &str, view: &View) -> Option<Shown<'m>> {
    let (plain, prefer) = (Prefer::default(), &view.prefer);
    let binned = mailbox.items.iter().filter(|item| !item.live && view.matrix.binned_copy_answers);
    for item in mailbox.items.iter().filter(|item| item.live).chain(binned) {
        let whole = Shown::whole(item);
        if whole.id(prefer) == id || whole.id(&plain) == id {
            return Some(whole);
        }
        let mut occurrences = Shown::occurrences(item);
        if let Some(shown) = occurrences.find(|shown| shown.id(prefer) == id || shown.id(&plain) == id) {
            return Some(shown);
        }
    }
    None
}

/// A calendar and the mailbox that it lies in, which for a shared one is not the one that was asked.
struct Shelf<'m> {
    mailbox: &'m Mailbox,
    calendar: String,
}

fn shelf<'m>(model: &'m Model, user: &'m User, id: Option<&str>) -> Result<Shelf<'m>, Answer> {
    let mailbox = &user.mailbox;
    let Some(id) = id else { return Ok(Shelf { mailbox, calendar: mailbox.default_calendar() }) };
    if mailbox.calendars.iter().any(|calendar| calendar.id == id) {
        return Ok(Shelf { mailbox, calendar: id.to_owned() });
    }
    let share = model.shares.iter().find(|share| share.with == user.id && share.id == id);
    let owner = share.and_then(|share| model.tenant(share.tenant)?.user(share.owner));
    let owner = owner.filter(|owner| owner.receives()).ok_or_else(missing)?;
    Ok(Shelf { mailbox: &owner.mailbox, calendar: owner.mailbox.default_calendar() })
}

/// A time of the window: with an offset, or without one and then in UTC.
fn moment(call: &Call, name: &str) -> Result<DateTime<Utc>, Answer> {
    let text = call.option(name).ok_or_else(|| {
        bad("This request requires a time window specified by the query string parameters StartDateTime and \
             EndDateTime.")
    })?;
    let with_offset = DateTime::parse_from_rfc3339(text).map(|time| time.with_timezone(&Utc));
    let plain = || text.parse::<NaiveDateTime>().map(|time| time.and_utc());
    with_offset
        .or_else(|_| plain())
        .map_err(|_| bad(format!("The value '{text}' of parameter '{name}' is not a date and time.")))
}

/// One page, and a link to the next that carries every option of the request.
fn page(world: &World, call: &Call, user: &User, shown: &[Shown<'_>], view: &View) -> Result<Answer, Answer> {
    let default = world.0.options.page.min(10);
    let size = number(call, "$top", 1_000)?.or(view.prefer.page).unwrap_or(default).max(1);
    let skip = number(call, "$skip", usize::MAX)?.unwrap_or(0);
    let names = view.select.as_deref();
    let values: Vec<Value> = shown
        .iter()
        .skip(skip)
        .take(size)
        .map(|one| event(*one, &view.prefer, &view.matrix, names, &view.extended))
        .collect();
    let mut body = json!({ "value": values });
    context(world, &mut body, &format!("users('{}')/events", user.id));
    if let Some(map) = body.as_object_mut() {
        if skip + size < shown.len() {
            map.insert(
                "@odata.nextLink".to_owned(),
                json!(next_link(world, call, "$skip", &(skip + size).to_string())),
            );
        }
        if call.option("$count") == Some("true") {
            map.insert("@odata.count".to_owned(), json!(shown.len()));
        }
    }
    Ok(Answer::ok(body))
}

/// The request's own address with one option set anew; `$` is written `%24`, as Graph does.
pub(crate) fn next_link(world: &World, call: &Call, option: &str, value: &str) -> String {
    let encode = |text: &str| {
        url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
    };
    let path: Vec<String> = call.path.iter().map(|segment| encode(segment)).collect();
    let kept = call.query.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(option));
    let mut query: Vec<String> =
        kept.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    query.push(format!("{}={}", encode(option), encode(value)));
    format!("{}/v1.0/{}?{}", world.0.graph_url(), path.join("/"), query.join("&"))
}

pub(crate) fn context(world: &World, body: &mut Value, of: &str) {
    if let Some(map) = body.as_object_mut() {
        map.insert(
            "@odata.context".to_owned(),
            json!(format!("{}/v1.0/$metadata#{of}", world.0.graph_url())),
        );
    }
}
