//! Graph v1.0, as far as the project asks it: every request is checked, throttled, carried out and recorded.

mod auth;
mod batch;
mod call;
mod delta;
mod event_body;
mod event_search;
mod event_times;
mod event_writes;
mod events;
mod handshake;
pub(crate) mod http;
mod mail;
mod meetings;
mod query;
pub(crate) mod record;
pub(crate) mod registry;
mod render;
mod rooms;
mod subscriptions;
mod users;
mod wish;
mod zone;

use crate::faults::Fault;
use crate::handle::World;
use crate::state::Shared;
use auth::{Caller, find_user};
use call::{Answer, Call};
use query::bad;
use record::Recorded;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Requests that one app may have under way on one mailbox (handler/reference/graph-limits.md#mailboxes).
const AT_ONCE: usize = 4;

/// Whether the mailbox has room for one more request.
pub(crate) enum Admission {
    /// No mailbox is meant.
    Free,
    /// One of the mailbox's places, until dropped.
    Held {
        _place: Place,
    },
    Full,
}

pub(crate) struct Place {
    shared: Arc<Shared>,
    key: (Uuid, Uuid),
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(taken) = self.shared.slots.lock().get_mut(&self.key) {
            *taken = taken.saturating_sub(1);
        }
    }
}

/// The mailbox of a call: paths below `users/{user}`.
fn mailbox_of(call: &Call) -> Option<&str> {
    match call.path.as_slice() {
        [users, user, _, ..] if users == "users" => Some(user),
        _ => None,
    }
}

pub(crate) fn admit(world: &World, caller: &Caller, call: &Call) -> Admission {
    let user =
        mailbox_of(call).and_then(|name| find_user(&world.0.model.lock(), caller, name).map(|user| user.id));
    let Some(user) = user else { return Admission::Free };
    let key = (caller.app, user);
    let mut slots = world.0.slots.lock();
    let taken = slots.entry(key).or_default();
    if *taken >= AT_ONCE {
        return Admission::Full;
    }
    *taken += 1;
    Admission::Held { _place: Place { shared: Arc::clone(&world.0), key } }
}

/// Does what is asked, or what a fault makes of it, and records both.
pub(crate) async fn carry_out(world: &World, caller: &Caller, call: Call, admission: Admission) -> Answer {
    let latency = world.0.chance(&world.0.options.graph_latency);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let answer = match (admission, fault(world, caller, &call)) {
        (Admission::Full, _) => {
            Answer::error(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.")
                .with_header("Retry-After", "0.25")
        }
        (_, Some(answer)) => answer,
        (Admission::Free | Admission::Held { .. }, None) => match write_fault(world, caller, &call) {
            Some((answer, false)) => answer,
            // Done, and answered as if it were not.
            Some((answer, true)) => {
                route(world, caller, &call).await.map_or_else(|refusal| refusal, |_| answer)
            }
            None => match route(world, caller, &call).await {
                Ok(answer) | Err(answer) => answer,
            },
        },
    };
    if is_write(&call) {
        let late = world.fault(|fault| {
            let Fault::GraphWriteLate { ms } = fault else { return None };
            Some(Duration::from_millis(*ms))
        });
        tokio::time::sleep(late.unwrap_or_default()).await;
    }
    record(world, Some(caller), call, &answer);
    answer
}

/// Something is to be done in a calendar.
fn is_write(call: &Call) -> bool {
    call.method != "GET"
        && matches!(call.path.as_slice(), [users, _, part, ..] if users == "users" && part != "sendMail")
        && call.path.last().is_none_or(|last| last != "getSchedule")
}

pub(crate) fn record(world: &World, caller: Option<&Caller>, call: Call, answer: &Answer) {
    world.0.count(|counters| {
        *counters.graph.entry(kind(&call)).or_default() += 1;
        *counters.statuses.entry(answer.status).or_default() += 1;
    });
    let mut headers = call.headers;
    headers.remove("authorization");
    world.0.recorder.lock().keep(Recorded {
        at: world.0.now(),
        tenant: caller.map(|caller| caller.tenant),
        in_batch: call.in_batch,
        method: call.method,
        path: call.path,
        query: call.query,
        headers,
        body: call.body,
        status: answer.status,
        answer: answer.body.clone(),
    });
}

/// `GET users/{id}/events/{id}`: names stay, ids become `{id}`.
fn kind(call: &Call) -> String {
    let fixed = |part: &str| {
        let names = [
            "reauthorize",
            "automaticRepliesSetting",
            "timeZone",
            "userPurpose",
            "delta",
            "createOrGet",
            "getSchedule",
        ];
        part.starts_with('$') || part.starts_with("microsoft.graph.") || names.contains(&part)
    };
    let shown = |(n, part): (usize, &'_ String)| {
        if n % 2 == 1 && !fixed(part) { "{id}".to_owned() } else { part.clone() }
    };
    let path: Vec<String> = call.path.iter().enumerate().map(shown).collect();
    format!("{} {}", call.method, path.join("/"))
}

fn fault(world: &World, caller: &Caller, call: &Call) -> Option<Answer> {
    let model = world.0.model.lock();
    let user = mailbox_of(call).and_then(|name| find_user(&model, caller, name));
    world.fault(|fault| {
        let (mailbox, answer) = refusal(fault, false)?;
        let hit = mailbox.is_none_or(|mailbox| user.is_some_and(|user| user.has_address(mailbox)));
        hit.then_some(answer)
    })
}

/// What a fault answers to a write in a calendar, and whether the write is done all the same.
fn write_fault(world: &World, caller: &Caller, call: &Call) -> Option<(Answer, bool)> {
    let name = mailbox_of(call).filter(|_| is_write(call))?;
    let model = world.0.model.lock();
    let user = find_user(&model, caller, name);
    world.fault(|fault| {
        let Fault::GraphWrite { mailbox, status, code, retry_after, done } = fault else { return None };
        let hit = mailbox.as_ref().is_none_or(|mailbox| user.is_some_and(|user| user.has_address(mailbox)));
        let answer = Answer::error(*status, code.as_deref().unwrap_or("UnknownError"), "");
        let answer = match retry_after {
            Some(seconds) => answer.with_header("Retry-After", seconds),
            None => answer,
        };
        hit.then_some((answer, *done))
    })
}

/// What a fault answers instead, and the mailbox it is for. `outer`: to the `$batch` request itself.
fn refusal(fault: &Fault, outer: bool) -> Option<(Option<&str>, Answer)> {
    let (mailbox, at, retry_after, answer) =
        if let Fault::GraphThrottle { mailbox, retry_after, outer } = fault {
            let answer = Answer::error(429, "TooManyRequests", "Please retry again later.");
            (mailbox, outer, retry_after, answer)
        } else if let Fault::GraphStatus { mailbox, status, code, retry_after, outer } = fault {
            let answer = Answer::error(*status, code.as_deref().unwrap_or("UnknownError"), "");
            (mailbox, outer, retry_after, answer)
        } else {
            return None;
        };
    let answer = match retry_after {
        Some(seconds) => answer.with_header("Retry-After", seconds),
        None => answer,
    };
    (*at == outer).then_some((mailbox.as_deref(), answer))
}

async fn route(world: &World, caller: &Caller, call: &Call) -> Result<Answer, Answer> {
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["users"]) => users::list(world, caller, call),
        ("GET", ["users", user]) => users::one(world, caller, call, user),
        ("GET", ["users", user, "events"]) => events::list(world, caller, call, user, None),
        ("POST", ["users", user, "events"] | ["users", user, "calendar", "events"]) => {
            event_writes::create(world, caller, call, user, None)
        }
        ("POST", ["users", user, "calendars", id, "events"]) => {
            event_writes::create(world, caller, call, user, Some(id))
        }
        ("PATCH", ["users", user, "events", event]) => event_writes::change(world, caller, call, user, event),
        ("DELETE", ["users", user, "events", event]) => {
            event_writes::delete(world, caller, call, user, event)
        }
        ("POST", ["users", user, "events", event, "decline"]) => {
            event_writes::decline(world, caller, call, user, event)
        }
        ("POST", ["users", user, "events", event, "cancel"]) => {
            event_writes::cancel(world, caller, call, user, event)
        }
        ("GET", ["users", user, "events", event]) => events::one(world, caller, call, user, event),
        ("GET", ["users", user, "events", event, "instances"]) => {
            events::instances(world, caller, call, user, event)
        }
        ("GET", ["users", user, "calendarView"]) => events::view(world, caller, call, user, None),
        ("GET", ["users", user, "calendarView", "delta"]) => delta::changes(world, caller, call, user),
        ("GET", ["users", user, "mailboxSettings", "automaticRepliesSetting"]) => {
            users::automatic_replies(world, caller, call, user)
        }
        ("POST", ["users", user, "sendMail"]) => mail::send(world, caller, call, user),
        ("POST", ["users", user, "onlineMeetings", "createOrGet"]) => {
            meetings::create_or_get(world, caller, call, user)
        }
        ("PATCH", ["users", user, "onlineMeetings", id]) => meetings::change(world, caller, call, user, id),
        ("GET", ["users", user, "onlineMeetings"]) => meetings::find(world, caller, call, user),
        ("POST", ["users", user, "calendar", "getSchedule"]) => rooms::schedules(world, caller, call, user),
        ("GET", ["places", "microsoft.graph.room"]) => rooms::list(world, caller, call),
        ("GET", ["users", user, "mailboxSettings", name @ ("timeZone" | "userPurpose")]) => {
            users::one_setting(world, caller, call, user, name)
        }
        ("GET", ["users", user, "calendar"]) => events::calendar(world, caller, call, user),
        ("GET", ["users", user, "calendars"]) => events::calendars(world, caller, call, user),
        ("GET", ["users", user, "calendars", id, "events"]) => {
            events::list(world, caller, call, user, Some(id))
        }
        ("GET", ["users", user, "calendars", id, "calendarView"]) => {
            events::view(world, caller, call, user, Some(id))
        }
        ("GET", ["groups", group, "transitiveMembers", "microsoft.graph.user"]) => {
            users::members(world, caller, call, group)
        }
        ("GET", ["subscriptions"]) => subscriptions::list(world, caller, call),
        ("POST", ["subscriptions"]) => subscriptions::create(world, caller, call).await,
        ("GET", ["subscriptions", id]) => subscriptions::one(world, caller, call, id),
        ("PATCH", ["subscriptions", id]) => subscriptions::renew(world, caller, call, id).await,
        ("DELETE", ["subscriptions", id]) => subscriptions::delete(world, caller, call, id),
        ("POST", ["subscriptions", id, "reauthorize"]) => subscriptions::reauthorize(world, caller, call, id),
        (_, ["me", ..]) => Err(bad("/me request is only valid with delegated authentication flow.")),
        (method, _) => Err(bad(format!(
            "Resource not found for the segment '{}' (or it does not take {method}).",
            path.join("/")
        ))),
    }
}
