//! A Graph of a few mailboxes: learners' copies, the organizer's copy with its list, a directory, and
//! subscriptions.

use super::{ORGANIZER, address, user};
use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::calendar::event_select::EventSelect;
use crate::calendar::room::Room;
use crate::clock::{Clock, ManualClock};
use crate::graph::port::{
    AutomaticReplies, Calendars, Changes, DeltaItem, DeltaPage, EventFields, Graph, Invited, Mailbox, Mark,
    MarkedEvent, NewEvent, NewMeeting, NewSubscription, Next, OnlineMeeting, PUBLISHED, Since, Subscription,
    SubscriptionPage, User, UserSink, ViewPage, Viewed, WrittenEvent,
};
use crate::graph::{Failure, GraphError};
use crate::ids::{Address, EventId, ICalUid, SubscriptionId, UserId};
use crate::messages::{ChangeType, Hint};
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) struct FakeGraph {
    clock: ManualClock,
    pub(crate) state: Mutex<State>,
    /// Gives way to other workers between asking and answering.
    pub(crate) yields: AtomicBool,
}

/// How the list of subscriptions comes.
#[derive(Default)]
pub(crate) struct Pages {
    /// `None`: on one page.
    pub(crate) size: Option<usize>,
    /// A next link counts how many came before, so that what is deleted meanwhile shifts the rest; or it
    /// names the last one.
    pub(crate) by_offset: bool,
    /// So many next links are not taken any more.
    pub(crate) refused: usize,
    /// These are left out, for whatever reason.
    pub(crate) omits: BTreeSet<SubscriptionId>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) pages: Pages,
    mailboxes: BTreeMap<UserId, BTreeMap<EventId, Event>>,
    /// `None`: no right to know (`MailboxSettings.Read`).
    pub(crate) replies: Option<AutomaticReplies>,
    /// What answers by its id alone: it lies in Deleted Items.
    binned: BTreeSet<EventId>,
    pub(crate) users: BTreeMap<UserId, User>,
    pub(crate) groups: BTreeMap<String, Vec<UserId>>,
    pub(crate) subscriptions: BTreeMap<SubscriptionId, Subscription>,
    made: usize,
    /// Nothing answers.
    down: Option<GraphError>,
    /// What does not answer is waited for so long.
    pub(crate) patience: std::time::Duration,
    /// This mailbox answers so.
    failure: BTreeMap<UserId, GraphError>,
    /// The directory answers so.
    pub(crate) directory: Option<GraphError>,
    /// What the tenant has granted in Entra; `None`: tokens can't be looked into.
    pub(crate) granted: Option<Result<Vec<String>, GraphError>>,
    /// What the token says that is held.
    held: Option<Result<Vec<String>, GraphError>>,
    /// The next answers to creating and renewing.
    pub(crate) creating: VecDeque<GraphError>,
    pub(crate) renewing: VecDeque<GraphError>,
    pub(crate) deleting: VecDeque<GraphError>,
    /// Minutes that a subscription may live at most.
    pub(crate) life: Option<u32>,
    /// Minutes that are granted at most, without a word.
    pub(crate) grants: Option<u32>,
    pub(crate) calls: BTreeMap<&'static str, usize>,
    /// Seconds by which the clock moves with every call on subscriptions: a slow Graph.
    pub(crate) slow: i64,
    /// The next reading of a calendar is so many turns on its way back.
    stall: Option<usize>,
    /// What has been told of calendars, by token.
    told: Vec<Told>,
    /// Tokens before this one are lost.
    lost: usize,
    /// What a delta that lags behind takes for the calendar.
    lagging: Option<BTreeMap<EventId, Event>>,
    /// The directory takes so long to be listed.
    listing: std::time::Duration,
    /// Events on a page of a calendar's view, and how long each page takes. `None`: all on one.
    pub(crate) paged: Option<(usize, std::time::Duration)>,
    /// Each page of what has changed takes so long, and each event.
    pub(crate) slow_changes: std::time::Duration,
    pub(crate) slow_events: std::time::Duration,
    /// No link that tells of changes is ever taken.
    pub(crate) loses_all: bool,
    /// The next links of views are lost.
    pub(crate) lost_pages: usize,
    /// What is written in calendars, and what becomes of it.
    pub(crate) writes: super::graph_writes::Writes,
    pub(crate) published: super::published::Published,
    /// Views say of themselves that there is more, for ever.
    pub(crate) endless: bool,
}

impl State {
    pub(super) fn calendar_of(&self, name: &str) -> impl Iterator<Item = &Event> {
        self.mailboxes.get(&user(name)).into_iter().flat_map(BTreeMap::values)
    }

    pub(super) fn event_of(&self, name: &str, id: &EventId) -> Option<&Event> {
        self.mailboxes.get(&user(name))?.get(id)
    }

    pub(super) fn all_events(&self) -> impl Iterator<Item = &Event> {
        self.mailboxes.values().flat_map(BTreeMap::values)
    }
}

/// A mailbox's calendar, while it is looked at.
struct Calendar<'a> {
    events: &'a BTreeMap<EventId, Event>,
    binned: &'a BTreeSet<EventId>,
}

impl Calendar<'_> {
    /// By its id: from Deleted Items, too.
    fn one(&self, id: &EventId) -> Option<Event> {
        self.events.get(id).cloned()
    }

    fn shown(&self) -> impl Iterator<Item = &Event> {
        self.events.values().filter(|event| !self.binned.contains(&event.id))
    }

    fn all(&self, wanted: impl Fn(&Event) -> bool) -> Vec<Event> {
        self.shown().filter(|event| wanted(event)).cloned().collect()
    }
}

struct Told {
    window: (DateTime<Utc>, DateTime<Utc>),
    calendar: BTreeMap<EventId, Event>,
    items: Vec<DeltaItem>,
}

/// Items on a page of a delta.
const ITEMS: usize = 2;

fn is_within(event: &Event, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
    event.end.is_none_or(|end| end > from) && event.start.is_none_or(|start| start < to)
}

pub(crate) fn failure() -> Failure {
    Failure { status: Some(503), code: "testing".into(), request_id: None }
}

pub(crate) fn unavailable() -> GraphError {
    GraphError::Unavailable(failure())
}

fn uid(session: u32) -> ICalUid {
    ICalUid::new(format!("lms-{session}@contoso.com"))
}

/// The id of the organizer's copy.
pub(crate) fn original(session: u32) -> EventId {
    EventId::new(format!("original-{session}"))
}

/// The id of a learner's copy.
pub(crate) fn copy(learner: &str, session: u32) -> EventId {
    EventId::new(format!("copy-{session}-{learner}"))
}

impl FakeGraph {
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self { clock, state: Mutex::default(), yields: AtomicBool::default() }
    }

    pub(crate) fn hire(&self, name: &str) {
        let mut state = self.state.lock().unwrap();
        let person = User {
            id: user(name),
            user_principal_name: Some(address(name).as_str().to_owned()),
            mail: Some(address(name).as_str().to_owned()),
            addresses: vec![address(name)],
            exchange_names: Vec::new(),
            employee_id: None,
            account_enabled: true,
            is_guest: false,
            extension_attributes: BTreeMap::new(),
        };
        state.users.insert(person.id.clone(), person);
        state.mailboxes.entry(user(name)).or_default();
    }

    /// The event goes to Deleted Items, from where it answers by its id.
    pub(crate) fn bin(&self, id: EventId) {
        self.state.lock().unwrap().binned.insert(id);
    }

    pub(crate) fn retire(&self, name: &str) {
        let mut state = self.state.lock().unwrap();
        state.users.remove(&user(name));
        state.mailboxes.remove(&user(name));
    }

    pub(crate) fn down(&self, failure: Option<GraphError>) {
        self.state.lock().unwrap().down = failure;
    }

    /// What is granted in Entra from now on; the token that is held knows of it when it is replaced.
    pub(crate) fn grant(&self, permissions: &[&str]) {
        let granted = permissions.iter().map(ToString::to_string).collect();
        self.state.lock().unwrap().granted = Some(Ok(granted));
    }

    /// The token that is held comes to its end.
    pub(crate) fn end_token(&self) {
        self.state.lock().unwrap().held = None;
    }

    pub(crate) fn set_failure(&self, name: &str, failure: Option<GraphError>) {
        let mut state = self.state.lock().unwrap();
        match failure {
            Some(failure) => state.failure.insert(user(name), failure),
            None => state.failure.remove(&user(name)),
        };
    }

    /// The next reading of a calendar is old by the time it arrives.
    pub(crate) fn stall(&self, turns: usize) {
        self.state.lock().unwrap().stall = Some(turns);
    }

    pub(crate) fn calls(&self, name: &'static str) -> usize {
        self.state.lock().unwrap().calls.remove(name).unwrap_or(0)
    }

    pub(crate) fn hint(&self, learner: &str, session: u32, change: ChangeType) -> Hint {
        Hint::Changed { mailbox: user(learner), event: copy(learner, session), change }
    }

    /// Everything that was asked since the last count.
    pub(crate) fn all_calls(&self) -> BTreeMap<&'static str, usize> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// The session is two days from the start of the test unless it was moved.
    pub(crate) fn event(id: EventId, session: u32) -> Event {
        let start = super::noon() + Duration::days(4);
        Event {
            id,
            ical_uid: Some(uid(session)),
            original_start: None,
            series_master: None,
            kind: EventKind::SingleInstance,
            is_cancelled: false,
            is_organizer: false,
            organizer: Some(address(ORGANIZER)),
            response: Response { answer: Answer::NotResponded, at: None },
            start: Some(start),
            end: Some(start + Duration::hours(8)),
            attendees: Vec::new(),
            response_requested: None,
            created: None,
            modified: None,
            subject: None,
            body: None,
            location: None,
            extended: BTreeMap::new(),
        }
    }

    /// Puts an event into a mailbox as it is.
    pub(crate) fn put(&self, name: &str, event: Event) {
        self.state.lock().unwrap().mailboxes.entry(user(name)).or_default().insert(event.id.clone(), event);
    }

    /// Shows these events, and no others, in a mailbox.
    pub(crate) fn show(&self, name: &str, events: Vec<Event>) {
        let calendar = events.into_iter().map(|event| (event.id.clone(), event)).collect();
        self.state.lock().unwrap().mailboxes.insert(user(name), calendar);
    }

    /// Changes an event of a mailbox, where it is there.
    pub(crate) fn change(&self, name: &str, id: &EventId, change: impl FnOnce(&mut Event)) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        if let Some(event) = state.mailboxes.get_mut(&user(name)).and_then(|calendar| calendar.get_mut(id)) {
            change(event);
            // Exchange's clock does not stand still between two writes.
            let later = event.modified.map(|before| before + Duration::milliseconds(1));
            event.modified = Some(later.map_or(now, |later| later.max(now)));
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(super) fn knows(&self, name: &str, id: &EventId) -> bool {
        let state = self.state.lock().unwrap();
        state.mailboxes.get(&user(name)).is_some_and(|calendar| calendar.contains_key(id))
    }

    /// Takes an event out of a mailbox.
    pub(crate) fn remove_event(&self, name: &str, id: &EventId) {
        if let Some(calendar) = self.state.lock().unwrap().mailboxes.get_mut(&user(name)) {
            calendar.remove(id);
        }
    }

    pub(crate) fn invite(&self, learner: &str, session: u32) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        if let Some(calendar) = state.mailboxes.get_mut(&user(ORGANIZER)) {
            let event = calendar.entry(original(session)).or_insert_with(|| {
                let mut event = Self::event(original(session), session);
                event.is_organizer = true;
                event
            });
            let entry = Attendee {
                address: address(learner),
                response: Response { answer: Answer::None, at: None },
                is_resource: false,
                proposes: false,
            };
            event.attendees.retain(|attendee| attendee.address != address(learner));
            event.attendees.push(entry);
        }
        let copy =
            Event { created: Some(now), modified: Some(now), ..Self::event(copy(learner, session), session) };
        if let Some(calendar) = state.mailboxes.get_mut(&user(learner)) {
            calendar.insert(copy.id.clone(), copy);
        }
    }

    /// Changes a learner's copy, where it is there.
    pub(crate) fn copy(&self, learner: &str, session: u32, change: impl FnOnce(&mut Event)) {
        let now = self.clock.now();
        let mut state = self.state.lock().unwrap();
        if let Some(event) = state
            .mailboxes
            .get_mut(&user(learner))
            .and_then(|calendar| calendar.get_mut(&copy(learner, session)))
        {
            change(event);
            event.modified = Some(now);
        }
    }

    /// Changes the organizer's copy, where it is there.
    pub(crate) fn original(&self, session: u32, change: impl FnOnce(&mut Event)) {
        let mut state = self.state.lock().unwrap();
        if let Some(event) = state
            .mailboxes
            .get_mut(&user(ORGANIZER))
            .and_then(|calendar| calendar.get_mut(&original(session)))
        {
            change(event);
        }
    }

    /// The learner answers in their own copy.
    pub(crate) fn answer(&self, learner: &str, session: u32, answer: Answer) {
        let at = Some(self.clock.now());
        self.copy(learner, session, |event| event.response = Response { answer, at });
    }

    /// The response mail arrives at the organizer.
    pub(crate) fn respond(&self, learner: &str, session: u32, answer: Answer) {
        let at = Some(self.clock.now());
        self.original(session, |event| {
            for attendee in event.attendees.iter_mut().filter(|attendee| attendee.address == address(learner))
            {
                attendee.response = Response { answer, at };
            }
        });
    }

    /// The learner's copy goes, for whatever reason.
    pub(crate) fn remove(&self, learner: &str, session: u32) {
        let mut state = self.state.lock().unwrap();
        if let Some(calendar) = state.mailboxes.get_mut(&user(learner)) {
            calendar.remove(&copy(learner, session));
        }
    }

    /// The organizer deletes the event.
    pub(crate) fn remove_original(&self, session: u32) {
        let mut state = self.state.lock().unwrap();
        if let Some(calendar) = state.mailboxes.get_mut(&user(ORGANIZER)) {
            calendar.remove(&original(session));
        }
    }

    pub(crate) fn has(&self, learner: &str, session: u32) -> bool {
        let state = self.state.lock().unwrap();
        state
            .mailboxes
            .get(&user(learner))
            .is_some_and(|calendar| calendar.contains_key(&copy(learner, session)))
    }

    /// The answer in the learner's copy; `None` when the copy is gone.
    pub(crate) fn answered(&self, learner: &str, session: u32) -> Option<Answer> {
        let state = self.state.lock().unwrap();
        let copy = state.mailboxes.get(&user(learner))?.get(&copy(learner, session))?;
        Some(copy.response.answer)
    }

    pub(crate) fn session_cancelled(&self, session: u32) -> bool {
        let state = self.state.lock().unwrap();
        let original =
            state.mailboxes.get(&user(ORGANIZER)).and_then(|calendar| calendar.get(&original(session)));
        original.is_none_or(|event| event.is_cancelled)
    }

    pub(crate) fn subscribed(&self) -> Vec<SubscriptionId> {
        let now = self.clock.now();
        let state = self.state.lock().unwrap();
        state.subscriptions.values().filter(|one| one.expires > now).map(|one| one.id.clone()).collect()
    }

    /// Graph forgets a subscription without a word.
    pub(crate) fn forget(&self, id: &SubscriptionId) {
        self.state.lock().unwrap().subscriptions.remove(id);
    }

    /// Graph does not know any more what it has told of calendars.
    pub(crate) fn lose_sync_states(&self) {
        let mut state = self.state.lock().unwrap();
        state.lost = state.told.len();
    }

    /// The organizer's calendar is followed as it is now, whatever becomes of it; `false`: as it is at each
    /// time.
    pub(crate) fn lag(&self, lags: bool) {
        let mut state = self.state.lock().unwrap();
        let calendar = state.mailboxes.get(&user(ORGANIZER)).cloned().unwrap_or_default();
        state.lagging = lags.then_some(calendar);
    }

    /// What has changed in this window since an earlier telling. The first page is empty; a round of several
    /// pages tells its first item twice.
    fn tell(
        &self,
        calendar: BTreeMap<EventId, Event>,
        window: (DateTime<Utc>, DateTime<Utc>),
        since: Option<usize>,
    ) -> usize {
        let mut state = self.state.lock().unwrap();
        let calendar = state.lagging.clone().unwrap_or(calendar);
        let shown =
            |event: &Event| event.kind != EventKind::SeriesMaster && is_within(event, window.0, window.1);
        let before = since.and_then(|n| state.told.get(n)).map(|told| &told.calendar);
        let there = |event: &Event| DeltaItem::There {
            event: event.id.clone(),
            master: event.series_master.clone(),
            is_organizer: (event.kind == EventKind::SingleInstance).then_some(event.is_organizer),
        };
        let changed = |event: &&Event| before.is_none_or(|before| before.get(&event.id) != Some(*event));
        let changed: Vec<&Event> = calendar.values().filter(changed).collect();
        let mut items: Vec<DeltaItem> =
            changed.iter().filter(|event| shown(event)).map(|event| there(event)).collect();
        let outside = changed.iter().filter(|event| before.is_some() && !shown(event));
        items.extend(outside.map(|event| DeltaItem::Removed(event.id.clone())));
        let gone = before.into_iter().flatten().filter(|(id, _)| !calendar.contains_key(*id));
        items.extend(gone.map(|(id, _)| DeltaItem::Removed(id.clone())));
        if items.len() > ITEMS {
            items.extend(items.first().cloned());
        }
        state.told.push(Told { window, calendar, items });
        state.told.len() - 1
    }

    async fn call(&self, name: &'static str, mailbox: Option<&UserId>) -> Result<(), GraphError> {
        {
            let mut state = self.state.lock().unwrap();
            *state.calls.entry(name).or_default() += 1;
            if name.ends_with("subscription") && state.slow > 0 {
                self.clock.advance(Duration::seconds(state.slow));
            }
        }
        if self.yields.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        let (failure, patience) = {
            let state = self.state.lock().unwrap();
            let failure =
                state.down.as_ref().or_else(|| mailbox.and_then(|mailbox| state.failure.get(mailbox)));
            (failure.cloned(), state.patience)
        };
        match failure {
            Some(failure) => {
                // As the real one: no longer than the invocation has patience.
                let end = tokio::time::Instant::now() + patience;
                let end = crate::invocation_deadline::asks_until().map_or(end, |until| end.min(until));
                tokio::time::sleep_until(end).await;
                Err(failure)
            }
            None => Ok(()),
        }
    }

    /// The directory takes so long to be listed from now on.
    pub(crate) fn list_slowly(&self, time: std::time::Duration) {
        self.state.lock().unwrap().listing = time;
    }

    async fn directory(&self, name: &'static str) -> Result<(), GraphError> {
        self.call(name, None).await?;
        let time = self.state.lock().unwrap().listing;
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        self.state.lock().unwrap().directory.clone().map_or(Ok(()), Err)
    }

    /// What is seen in the mailbox now; then the answer travels, while others may act.
    async fn calendar<T>(
        &self,
        name: &'static str,
        mailbox: &Mailbox,
        see: impl FnOnce(&Calendar<'_>) -> T,
    ) -> Result<T, GraphError> {
        let id = match mailbox {
            Mailbox::Id(id) => id.clone(),
            Mailbox::Address(address) => UserId::new(format!("id-{}", address.as_str())),
        };
        self.call(name, Some(&id)).await?;
        let takes = self.state.lock().unwrap().slow_events;
        if name == "event" && !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        let found = {
            let state = self.state.lock().unwrap();
            state.mailboxes.get(&id).map(|events| see(&Calendar { events, binned: &state.binned }))
        };
        let stalls = self
            .state
            .lock()
            .unwrap()
            .stall
            .take()
            .unwrap_or(usize::from(self.yields.load(Ordering::SeqCst)));
        for _ in 0..stalls {
            tokio::task::yield_now().await;
        }
        found.ok_or(GraphError::NoMailbox(failure()))
    }

    fn make(&self, wanted: &NewSubscription) -> Result<Subscription, GraphError> {
        let mut state = self.state.lock().unwrap();
        if let Some(failure) = state.creating.pop_front() {
            return Err(failure);
        }
        let expires = self.expiry(&state, wanted.expires)?;
        let resource = format!("users/{}/events", wanted.mailbox.as_str());
        let now = self.clock.now();
        // One and the same subscription can't be made twice.
        if state.subscriptions.values().any(|one| {
            one.resource == resource
                && one.expires > now
                && one.notification_url.as_deref() == Some(wanted.notification_url.as_str())
        }) {
            return Err(GraphError::Conflict(failure()));
        }
        state.made += 1;
        let made = Subscription {
            id: SubscriptionId::new(format!("sub-{}", state.made)),
            resource,
            notification_url: Some(wanted.notification_url.clone()),
            expires,
        };
        state.subscriptions.insert(made.id.clone(), made.clone());
        Ok(made)
    }

    fn expiry(&self, state: &State, wanted: DateTime<Utc>) -> Result<DateTime<Utc>, GraphError> {
        match state.life {
            Some(minutes) if wanted > self.clock.now() + Duration::minutes(i64::from(minutes)) => {
                Err(GraphError::TooLong { minutes })
            }
            Some(_) | None => {
                let most =
                    state.grants.map(|minutes| self.clock.now() + Duration::minutes(i64::from(minutes)));
                Ok(most.map_or(wanted, |most| wanted.min(most)))
            }
        }
    }

    /// A subscription that somebody made, and of which the ledger knows nothing.
    pub(crate) fn plant(&self, id: &str, resource: &str, notification_url: &str) {
        let one = Subscription {
            id: SubscriptionId::new(id),
            resource: resource.to_owned(),
            notification_url: Some(notification_url.to_owned()),
            expires: self.clock.now() + Duration::days(2),
        };
        self.state.lock().unwrap().subscriptions.insert(one.id.clone(), one);
    }
}

#[async_trait]
impl Graph for FakeGraph {
    async fn event(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        _select: &EventSelect,
    ) -> Result<Option<Event>, GraphError> {
        self.calendar("event", mailbox, |calendar| calendar.one(event)).await
    }

    async fn shows(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        calendars: Calendars,
    ) -> Result<bool, GraphError> {
        let found = |other: &Event| {
            other.id == *event && other.kind != EventKind::SeriesMaster && is_within(other, from, to)
        };
        let shows = self.calendar("shows", mailbox, |calendar| calendar.shown().any(found)).await?;
        Ok(calendars == Calendars::Default && shows)
    }

    async fn events_by_ical_uid(
        &self,
        mailbox: &Mailbox,
        uid: &ICalUid,
        _select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        // Occurrences are not listed there (reference/graph-events.md#in-a-calendar).
        let found = |found: &Event| found.ical_uid.as_ref() == Some(uid) && found.series_master.is_none();
        self.calendar("events_by_ical_uid", mailbox, |calendar| calendar.all(found)).await
    }

    async fn instances(
        &self,
        mailbox: &Mailbox,
        master: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        _select: &EventSelect,
    ) -> Result<Option<Vec<Event>>, GraphError> {
        let of = |event: &Event| event.series_master.as_ref() == Some(master) && is_within(event, from, to);
        self.calendar("instances", mailbox, |calendar| {
            let there = calendar.shown().any(|event| event.id == *master);
            there.then(|| calendar.all(of))
        })
        .await
    }

    async fn calendar_view(
        &self,
        mailbox: &Mailbox,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        _select: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        // Who looks at what is long over only tries whether anybody answers.
        let name = if to > self.clock.now() { "calendar_view" } else { "try" };
        let viewed = |event: &Event| event.kind != EventKind::SeriesMaster && is_within(event, from, to);
        self.calendar(name, mailbox, |calendar| calendar.all(viewed)).await
    }

    async fn calendar_page(
        &self,
        mailbox: &Mailbox,
        since: &Since,
        select: &EventSelect,
    ) -> Result<Viewed, GraphError> {
        let time = |text: &str| DateTime::from_timestamp_millis(text.parse().unwrap()).unwrap();
        let (from, to, first) = match since {
            Since::Window { from, to } => (*from, *to, 0),
            Since::Link(link) => {
                let mut state = self.state.lock().unwrap();
                if state.lost_pages > 0 {
                    state.lost_pages -= 1;
                    return Ok(Viewed::Lost);
                }
                let parts: Vec<&str> = link.split(' ').collect();
                (time(parts[1]), time(parts[2]), parts[3].parse().unwrap())
            }
        };
        let (paged, endless) = {
            let state = self.state.lock().unwrap();
            (state.paged, state.endless)
        };
        let (size, takes) = paged.unwrap_or((usize::MAX, std::time::Duration::ZERO));
        let end = tokio::time::Instant::now() + takes;
        match crate::invocation_deadline::asks_until().filter(|until| *until < end) {
            Some(until) => {
                tokio::time::sleep_until(until).await;
                return Err(unavailable());
            }
            None if takes.is_zero() => {}
            None => tokio::time::sleep_until(end).await,
        }
        let mut events = self.calendar_view(mailbox, from, to, select).await?;
        let all = events.len();
        let next = first + size.min(all);
        events = events.into_iter().skip(first).take(size).collect();
        let (from, to) = (from.timestamp_millis(), to.timestamp_millis());
        let next = (endless || next < all).then(|| format!("view {from} {to} {next}"));
        Ok(Viewed::Page(ViewPage { events, next }))
    }

    async fn calendar_changes(&self, mailbox: &Mailbox, since: &Since) -> Result<Changes, GraphError> {
        let calendar = self.calendar("calendar_changes", mailbox, |calendar| calendar.all(|_| true)).await?;
        let takes = self.state.lock().unwrap().slow_changes;
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        let calendar: BTreeMap<EventId, Event> =
            calendar.into_iter().map(|event| (event.id.clone(), event)).collect();
        let (told, page) = match since {
            Since::Window { from, to } => (self.tell(calendar, (*from, *to), None), 0),
            Since::Link(link) => {
                let (word, number) = link.split_once(' ').unwrap();
                let (number, page) = number.split_once('~').unwrap_or((number, "0"));
                let (number, page): (usize, usize) = (number.parse().unwrap(), page.parse().unwrap());
                let window = {
                    let state = self.state.lock().unwrap();
                    if number < state.lost || state.loses_all {
                        return Ok(Changes::Lost);
                    }
                    state.told[number].window
                };
                match word {
                    "later" => (self.tell(calendar, window, Some(number)), 0),
                    _ => (number, page),
                }
            }
        };
        let state = self.state.lock().unwrap();
        let all = &state.told[told].items;
        let pages = all.len().div_ceil(ITEMS);
        let items = match page {
            0 => Vec::new(),
            page => all.iter().skip((page - 1) * ITEMS).take(ITEMS).cloned().collect(),
        };
        let next = match page < pages {
            true => Next::Page(format!("page {told}~{}", page + 1)),
            false => Next::Later(format!("later {told}")),
        };
        Ok(Changes::Page(DeltaPage { items, next }))
    }

    async fn granted_permissions(&self) -> Result<Option<Vec<String>>, GraphError> {
        let mut state = self.state.lock().unwrap();
        *state.calls.entry("granted_permissions").or_default() += 1;
        state.held = state.granted.clone();
        state.granted.clone().transpose()
    }

    async fn held_permissions(&self) -> Result<Option<Vec<String>>, GraphError> {
        let mut state = self.state.lock().unwrap();
        *state.calls.entry("held_permissions").or_default() += 1;
        if state.held.is_none() {
            state.held = state.granted.clone();
        }
        state.held.clone().transpose()
    }

    async fn automatic_replies(&self, mailbox: &Mailbox) -> Result<AutomaticReplies, GraphError> {
        self.calendar("automatic_replies", mailbox, |_| ()).await?;
        self.state.lock().unwrap().replies.ok_or(GraphError::Refused(failure()))
    }

    async fn user(&self, id_or_upn: &str) -> Result<Option<User>, GraphError> {
        self.directory("user").await?;
        let state = self.state.lock().unwrap();
        let named = |user: &&User| {
            user.id.as_str() == id_or_upn || user.user_principal_name.as_deref() == Some(id_or_upn)
        };
        Ok(state.users.values().find(named).cloned())
    }

    async fn user_by_address(&self, address: &Address) -> Result<Option<User>, GraphError> {
        self.directory("user_by_address").await?;
        let state = self.state.lock().unwrap();
        Ok(state
            .users
            .values()
            .find(|user| user.addresses.contains(address) || user.exchange_names.contains(address))
            .cloned())
    }

    async fn group_members(&self, group: &str, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        self.directory("group_members").await?;
        let state = self.state.lock().unwrap();
        let Some(members) = state.groups.get(group) else { return Err(GraphError::NotFound(failure())) };
        members.iter().filter_map(|id| state.users.get(id).cloned()).for_each(see);
        Ok(())
    }

    async fn users(&self, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        self.directory("users").await?;
        self.state.lock().unwrap().users.values().cloned().for_each(see);
        Ok(())
    }

    async fn marked_events(
        &self,
        mailbox: &Mailbox,
        mark: &Mark<'_>,
    ) -> Result<Vec<MarkedEvent>, GraphError> {
        let is_marked = |event: &Event| super::graph_writes::is_marked(event, mark);
        let marked = self.calendar("marked_events", mailbox, |calendar| calendar.all(is_marked)).await?;
        Ok(marked
            .into_iter()
            .map(|event| MarkedEvent { etag: Some(super::published::etag(&event)), event })
            .collect())
    }

    async fn create_event(&self, organizer: &Mailbox, wanted: &NewEvent) -> Result<Event, GraphError> {
        self.calendar("create_event", organizer, |_| ()).await?;
        match wanted.says.properties.contains_key(PUBLISHED) {
            true => self.publish(organizer, wanted),
            false => self.create(wanted),
        }
    }

    async fn change_event(
        &self,
        organizer: &Mailbox,
        event: &EventId,
        says: &EventFields,
    ) -> Result<Option<Event>, GraphError> {
        self.calendar("change_event", organizer, |_| ()).await?;
        self.change_published(event, says).map(Some)
    }

    async fn change_attendees(
        &self,
        organizer: &Mailbox,
        event: &EventId,
        attendees: &[Invited],
        etag: &str,
    ) -> Result<(), GraphError> {
        self.calendar("change_attendees", organizer, |_| ()).await?;
        self.list_published(event, attendees, etag)
    }

    async fn written_event(
        &self,
        organizer: &Mailbox,
        event: &EventId,
    ) -> Result<Option<WrittenEvent>, GraphError> {
        let found = self.event(organizer, event, &EventSelect::default()).await?;
        let (is_online, join) = self.online(event);
        Ok(found.map(|event| WrittenEvent { event, is_online, join }))
    }

    async fn rooms(&self) -> Result<Vec<Room>, GraphError> {
        self.call("rooms", None).await?;
        Ok(self.state.lock().unwrap().published.rooms.clone())
    }

    async fn free_rooms(
        &self,
        organizer: &Mailbox,
        rooms: &[Address],
        _between: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Vec<Address>, GraphError> {
        self.calendar("free_rooms", organizer, |_| ()).await?;
        let free = self.state.lock().unwrap().published.free.clone();
        Ok(free.into_iter().filter(|one| rooms.contains(one)).collect())
    }

    async fn online_meeting(
        &self,
        organizer: &UserId,
        wanted: &NewMeeting,
    ) -> Result<OnlineMeeting, GraphError> {
        self.calendar("online_meeting", &Mailbox::Id(organizer.clone()), |_| ()).await?;
        self.meet(wanted)
    }

    async fn move_meeting(
        &self,
        organizer: &UserId,
        id: &str,
        times: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), GraphError> {
        self.calendar("move_meeting", &Mailbox::Id(organizer.clone()), |_| ()).await?;
        self.move_meeting_to(id, times)
    }

    async fn decline_event(&self, mailbox: &Mailbox, event: &EventId) -> Result<(), GraphError> {
        let found = self.calendar("decline_event", mailbox, |calendar| calendar.one(event)).await?;
        self.decline(found)
    }

    async fn call_off_event(
        &self,
        organizer: &Mailbox,
        event: &EventId,
        _comment: &str,
    ) -> Result<(), GraphError> {
        let found = self.calendar("call_off_event", organizer, |calendar| calendar.one(event)).await?;
        if super::published::is_published(event) {
            return self.call_off_published(event);
        }
        self.call_off(found)
    }

    async fn delete_event(&self, mailbox: &Mailbox, event: &EventId) -> Result<(), GraphError> {
        let found = self.calendar("delete_event", mailbox, |calendar| calendar.one(event)).await?;
        if super::published::is_published(event) {
            return self.delete_published(event);
        }
        self.delete(mailbox, found)
    }

    async fn create_subscription(&self, wanted: &NewSubscription) -> Result<Subscription, GraphError> {
        let is_slow = self.state.lock().unwrap().slow > 0;
        self.call("create_subscription", Some(&wanted.mailbox)).await?;
        let made = self.make(wanted);
        if is_slow {
            for _ in 0..500 {
                tokio::task::yield_now().await;
            }
        }
        made
    }

    async fn renew_subscription(
        &self,
        id: &SubscriptionId,
        expires: DateTime<Utc>,
    ) -> Result<Subscription, GraphError> {
        self.call("renew_subscription", None).await?;
        let mut state = self.state.lock().unwrap();
        if let Some(failure) = state.renewing.pop_front() {
            return Err(failure);
        }
        let expires = self.expiry(&state, expires)?;
        let now = self.clock.now();
        match state.subscriptions.get_mut(id).filter(|one| one.expires > now) {
            Some(found) => {
                found.expires = expires;
                Ok(found.clone())
            }
            None => Err(GraphError::NotFound(failure())),
        }
    }

    async fn delete_subscription(&self, id: &SubscriptionId) -> Result<(), GraphError> {
        self.call("delete_subscription", None).await?;
        let mut state = self.state.lock().unwrap();
        if let Some(failure) = state.deleting.pop_front() {
            return Err(failure);
        }
        state.subscriptions.remove(id);
        Ok(())
    }

    async fn subscriptions(&self, from: Option<&str>) -> Result<SubscriptionPage, GraphError> {
        self.call("subscriptions", None).await?;
        let mut state = self.state.lock().unwrap();
        if from.is_some() && state.pages.refused > 0 {
            state.pages.refused -= 1;
            return Err(GraphError::Invalid(failure()));
        }
        let all = state.subscriptions.values().filter(|one| !state.pages.omits.contains(&one.id)).cloned();
        let is_after = |n: usize, one: &Subscription| match from {
            None => true,
            Some(from) if state.pages.by_offset => n >= from.parse().unwrap(),
            Some(from) => one.id.as_str() > from,
        };
        let listed = all.enumerate().filter(|(n, one)| is_after(*n, one));
        let mut listed: Vec<(usize, Subscription)> = listed.collect();
        let size = state.pages.size.unwrap_or(usize::MAX);
        let has_more = listed.len() > size;
        listed.truncate(size);
        let next = listed.last().filter(|_| has_more);
        let next = next.map(|(n, one)| match state.pages.by_offset {
            true => (n + 1).to_string(),
            false => one.id.as_str().to_owned(),
        });
        Ok(SubscriptionPage { listed: listed.into_iter().map(|(_, one)| one).collect(), next })
    }
}
