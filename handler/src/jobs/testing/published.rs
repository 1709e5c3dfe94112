//! What is published in the fake Graph's calendars: as Exchange does it, with a count of who was mailed, and
//! why. An answer may be lost, and a request may fail.

use super::ORGANIZER;
use super::graph::{FakeGraph, unavailable};
use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::calendar::room::Room;
use crate::graph::port::{
    EventFields, EventText, Invited, Mailbox, NewEvent, NewMeeting, OnlineMeeting, When,
};
use crate::graph::{Failure, GraphError};
use crate::ids::{Address, EventId, ICalUid};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, VecDeque};
use url::Url;

/// The organization's calendar.
pub(crate) const CALENDAR: &str = "calendar";

#[derive(Default)]
pub(crate) struct Published {
    made: usize,
    /// By transaction: what was asked, and what came of it.
    transactions: BTreeMap<String, (NewEvent, EventId)>,
    /// Who was mailed, and why.
    pub(crate) mails: Vec<(String, &'static str)>,
    /// The next of these are done, and their answers are lost.
    pub(crate) lost: VecDeque<&'static str>,
    /// The next of these fail, and nothing is done.
    pub(crate) fails: VecDeque<(&'static str, GraphError)>,
    /// Graph remembers no transaction.
    pub(crate) forgets: bool,
    /// These decline after the event was read, before its list is written.
    pub(crate) declining: VecDeque<String>,
    /// A decline in a list that is written back is no answer any more.
    pub(crate) voids: bool,
    /// Lists that were written.
    pub(crate) lists: usize,
    /// Events in which nobody sees another.
    pub(crate) hidden: usize,
    /// Events that are online meetings, and their links.
    online: BTreeMap<EventId, Option<Url>>,
    pub(crate) teams: Teams,
    /// Meetings beside the calendar, by our names for them.
    pub(crate) meetings: BTreeMap<String, OnlineMeeting>,
    /// They may not be made.
    pub(crate) no_policy: bool,
    /// Of the directory, and those of them that are free at any time.
    pub(crate) rooms: Vec<Room>,
    pub(crate) free: Vec<Address>,
}

/// What becomes of an event that is to be an online meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Teams {
    #[default]
    Works,
    /// 201, and it is none.
    Absent,
    /// It is one, and the link comes when this is over.
    Late,
}

pub(crate) fn refused(status: u16, code: &str) -> GraphError {
    let failure = Failure { status: Some(status), code: code.into(), request_id: None };
    match status {
        403 => GraphError::Refused(failure),
        404 => GraphError::NotFound(failure),
        409 => GraphError::Conflict(failure),
        429 => GraphError::Throttled { failure, after: Some(std::time::Duration::from_secs(90)) },
        _ => GraphError::Invalid(failure),
    }
}

pub(crate) fn is_published(event: &EventId) -> bool {
    event.as_str().starts_with("published-")
}

/// Each answer makes another version.
pub(crate) fn etag(event: &Event) -> String {
    let answers: Vec<_> = event.attendees.iter().map(|one| (&one.address, one.response)).collect();
    format!("W/\"{}\"", crate::ids::hash(&format!("{answers:?} {:?} {:?}", event.start, event.subject)))
}

fn name_of(address: &Address) -> String {
    address.as_str().split('@').next().unwrap_or_default().to_owned()
}

fn copy_of(event: &EventId, name: &str) -> EventId {
    EventId::new(format!("{}-copy-{name}", event.as_str()))
}

fn listed(invited: &[Invited], known: &[Attendee]) -> Vec<Attendee> {
    let one = |one: &Invited| {
        let answer = known.iter().find(|other| other.address == one.address).map(|other| other.response);
        Attendee {
            address: one.address.clone(),
            response: answer.unwrap_or(Response { answer: Answer::None, at: None }),
            is_resource: one.is_resource,
            proposes: false,
        }
    };
    invited.iter().map(one).collect()
}

fn times(when: &When) -> (DateTime<Utc>, DateTime<Utc>) {
    match when {
        When::Timed { start, end } => (start.instant, end.instant),
        When::Days { first, until, zone } => (zone.midnight(*first), zone.midnight(*until)),
    }
}

fn text(text: &EventText) -> String {
    match text {
        EventText::Plain(text) | EventText::Html(text) => text.clone(),
    }
}

impl FakeGraph {
    pub(crate) fn publishing(&self, change: impl FnOnce(&mut Published)) {
        change(&mut self.state.lock().unwrap().published);
    }

    /// Who was mailed since the last look, and why.
    pub(crate) fn mails(&self) -> Vec<(String, &'static str)> {
        std::mem::take(&mut self.state.lock().unwrap().published.mails)
    }

    /// Published events that stand in the organizer's calendar.
    pub(crate) fn published(&self) -> Vec<Event> {
        self.published_in(ORGANIZER)
    }

    /// Published events that stand in another mailbox's calendar.
    pub(crate) fn published_in(&self, name: &str) -> Vec<Event> {
        let state = self.state.lock().unwrap();
        state.calendar_of(name).filter(|event| is_published(&event.id)).cloned().collect()
    }

    /// The learner's copies of what was published.
    pub(crate) fn invitations(&self, name: &str) -> Vec<Event> {
        let is_one = |event: &&Event| event.id.as_str().ends_with(&format!("-copy-{name}"));
        self.state.lock().unwrap().calendar_of(name).filter(is_one).cloned().collect()
    }

    fn admit_published(&self, name: &'static str) -> Result<(), GraphError> {
        let fails = &mut self.state.lock().unwrap().published.fails;
        match fails.front() {
            Some((next, _)) if *next == name => Err(fails.pop_front().unwrap().1),
            Some(_) | None => Ok(()),
        }
    }

    fn answer_published(&self, name: &'static str) -> Result<(), GraphError> {
        let lost = &mut self.state.lock().unwrap().published.lost;
        match lost.front() {
            Some(next) if *next == name => {
                lost.pop_front();
                Err(GraphError::Unavailable(Failure {
                    status: None,
                    code: "timeout".into(),
                    request_id: None,
                }))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn mail(&self, address: &Address, why: &'static str) {
        self.state.lock().unwrap().published.mails.push((name_of(address), why));
    }

    /// The organizer's copy, and in whose mailbox it is.
    fn original_of(&self, event: &EventId) -> Result<(String, Event), GraphError> {
        let state = self.state.lock().unwrap();
        let in_mailbox = |name: &str| {
            let found = state.event_of(name, event).filter(|found| found.is_organizer)?;
            Some((name.to_owned(), found.clone()))
        };
        let found = [ORGANIZER, CALENDAR].into_iter().find_map(in_mailbox);
        found.ok_or_else(|| refused(404, "ErrorItemNotFound"))
    }

    fn send(&self, original: &Event, address: &Address) {
        let name = name_of(address);
        let copy = Event {
            id: copy_of(&original.id, &name),
            is_organizer: false,
            response: Response { answer: Answer::NotResponded, at: None },
            extended: BTreeMap::new(),
            created: Some(self.now()),
            ..original.clone()
        };
        self.put(&name, copy);
    }

    fn go_online(&self, event: &EventId) {
        let published = &mut self.state.lock().unwrap().published;
        let link = format!("https://teams.example/{}", event.as_str()).parse().unwrap();
        match published.teams {
            Teams::Works => published.online.insert(event.clone(), Some(link)),
            Teams::Late => published.online.insert(event.clone(), None),
            Teams::Absent => None,
        };
    }

    /// Links that were late are there.
    pub(crate) fn links_arrive(&self) {
        let mut state = self.state.lock().unwrap();
        state.published.teams = Teams::Works;
        for (event, link) in &mut state.published.online {
            *link = Some(format!("https://teams.example/{}", event.as_str()).parse().unwrap());
        }
    }

    /// What the event is by now, as a meeting.
    pub(super) fn online(&self, event: &EventId) -> (bool, Option<Url>) {
        let found = self.state.lock().unwrap().published.online.get(event).cloned();
        (found.is_some(), found.flatten())
    }

    pub(super) fn meet(&self, wanted: &NewMeeting) -> Result<OnlineMeeting, GraphError> {
        self.admit_published("meet")?;
        let meeting = {
            let published = &mut self.state.lock().unwrap().published;
            if published.no_policy {
                return Err(refused(403, "Forbidden"));
            }
            let number = published.meetings.len();
            let new = || OnlineMeeting {
                id: format!("beside-{number}"),
                join: format!("https://teams.example/beside-{number}").parse().unwrap(),
                times: Some((wanted.start, wanted.end)),
            };
            published.meetings.entry(wanted.external_id.clone()).or_insert_with(new).clone()
        };
        self.answer_published("meet").map(|()| meeting)
    }

    pub(super) fn move_meeting_to(
        &self,
        id: &str,
        times: (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), GraphError> {
        self.admit_published("move_meeting")?;
        {
            let meetings = &mut self.state.lock().unwrap().published.meetings;
            let meeting = meetings.values_mut().find(|meeting| meeting.id == id).unwrap();
            meeting.times = Some(times);
        }
        self.answer_published("move_meeting")
    }

    pub(super) fn publish(&self, mailbox: &Mailbox, wanted: &NewEvent) -> Result<Event, GraphError> {
        self.admit_published("create")?;
        let known = {
            let state = self.state.lock().unwrap();
            let known = state.published.transactions.get(&wanted.transaction).cloned();
            known.filter(|_| !state.published.forgets)
        };
        if let Some((asked, made)) = known {
            if asked != *wanted {
                return Err(refused(400, "ErrorDuplicateTransactionId"));
            }
            return self.original_of(&made).map(|(_, event)| event);
        }
        let (now, number) = {
            let now = self.now();
            let mut state = self.state.lock().unwrap();
            state.published.made += 1;
            state.published.hidden += usize::from(wanted.hides_attendees);
            (now, state.published.made)
        };
        let whose = if *mailbox == Mailbox::Id(super::user(CALENDAR)) { CALENDAR } else { ORGANIZER };
        let (start, end) = times(wanted.says.when.as_ref().expect("it has a time"));
        let event = Event {
            id: EventId::new(format!("published-{number}")),
            ical_uid: Some(ICalUid::new(format!("040000008200-p{number}"))),
            original_start: None,
            series_master: None,
            kind: EventKind::SingleInstance,
            is_cancelled: false,
            is_organizer: true,
            organizer: Some(super::address(whose)),
            response: Response { answer: Answer::Organizer, at: None },
            start: Some(start),
            end: Some(end),
            attendees: listed(&wanted.attendees, &[]),
            response_requested: Some(true),
            created: Some(now),
            modified: Some(now),
            subject: wanted.says.subject.clone(),
            body: wanted.says.body.as_ref().map(text),
            location: Some(wanted.says.location.clone().unwrap_or_default()),
            extended: wanted.says.properties.clone(),
        };
        let entry = (wanted.clone(), event.id.clone());
        self.state.lock().unwrap().published.transactions.insert(wanted.transaction.clone(), entry);
        self.put(whose, event.clone());
        if wanted.says.online {
            self.go_online(&event.id);
        }
        for invited in &wanted.attendees {
            self.send(&event, &invited.address);
            self.mail(&invited.address, "invited");
        }
        self.answer_published("create").map(|()| event)
    }

    pub(super) fn change_published(&self, event: &EventId, says: &EventFields) -> Result<Event, GraphError> {
        self.admit_published("change")?;
        let (whose, original) = self.original_of(event)?;
        assert!(says.body.is_none() || !self.online(event).0, "a text would end the meeting");
        if says.online {
            self.go_online(event);
        }
        let change = |event: &mut Event| {
            if let Some(when) = &says.when {
                let (start, end) = times(when);
                (event.start, event.end) = (Some(start), Some(end));
            }
            if says.when.is_some() {
                let rooms = event.attendees.iter_mut().filter(|one| one.is_resource);
                rooms.for_each(|room| room.response = Response::NONE);
            }
            event.subject = says.subject.clone().or(event.subject.take());
            event.body = says.body.as_ref().map(text).or(event.body.take());
            event.location = says.location.clone().or(event.location.take());
        };
        self.change(&whose, event, |event| {
            change(event);
            event.extended.extend(says.properties.clone());
        });
        for attendee in &original.attendees {
            let name = name_of(&attendee.address);
            self.change(&name, &copy_of(event, &name), change);
            self.mail(&attendee.address, "changed");
        }
        self.answer_published("change")?;
        self.original_of(event).map(|(_, now)| now)
    }

    /// Mails only whom it concerns.
    pub(super) fn list_published(
        &self,
        event: &EventId,
        invited: &[Invited],
        version: &str,
    ) -> Result<(), GraphError> {
        self.admit_published("list")?;
        let declining = self.state.lock().unwrap().published.declining.pop_front();
        declining.iter().for_each(|name| drop(self.decline_published(name)));
        let (_, original) = self.original_of(event)?;
        if version != "*" && version != etag(&original) {
            return Err(refused(412, "ErrorIrresolvableConflict"));
        }
        let mut next = listed(invited, &original.attendees);
        let voids = {
            let published = &mut self.state.lock().unwrap().published;
            published.lists += 1;
            published.voids
        };
        for one in next.iter_mut().filter(|one| voids && one.response.answer == Answer::Declined) {
            one.response = Response { answer: Answer::NotResponded, at: None };
        }
        self.change(ORGANIZER, event, |event| event.attendees = next.clone());
        let is_in = |list: &[Attendee], one: &Attendee| list.iter().any(|other| other.address == one.address);
        for gone in original.attendees.iter().filter(|one| !is_in(&next, one)) {
            let name = name_of(&gone.address);
            self.change(&name, &copy_of(event, &name), |event| event.is_cancelled = true);
            self.mail(&gone.address, "cancelled");
        }
        for new in next.iter().filter(|one| !is_in(&original.attendees, one)) {
            self.send(&original, &new.address);
            self.mail(&new.address, "invited");
        }
        self.answer_published("list")
    }

    pub(super) fn call_off_published(&self, event: &EventId) -> Result<(), GraphError> {
        self.admit_published("call_off")?;
        if self.original_of(event).is_ok_and(|(_, original)| original.attendees.is_empty()) {
            return Err(refused(400, "ErrorInvalidRequest"));
        }
        self.take_back(event);
        self.answer_published("call_off")
    }

    /// By its organizer: whoever is invited is told.
    pub(super) fn delete_published(&self, event: &EventId) -> Result<(), GraphError> {
        self.admit_published("delete")?;
        self.take_back(event);
        self.answer_published("delete")
    }

    fn take_back(&self, event: &EventId) {
        let Ok((whose, original)) = self.original_of(event) else { return };
        self.remove_event(&whose, event);
        for attendee in &original.attendees {
            let name = name_of(&attendee.address);
            self.change(&name, &copy_of(event, &name), |event| event.is_cancelled = true);
            self.mail(&attendee.address, "cancelled");
        }
    }

    /// The learner declines a published event, and the answer reaches the organizer.
    pub(crate) fn decline_published(&self, name: &str) -> EventId {
        let copy = self.invitations(name).pop().expect("an invitation");
        let declined = Response { answer: Answer::Declined, at: Some(self.now()) };
        self.change(name, &copy.id, |event| event.response = declined);
        let original = copy.id.as_str().split("-copy-").next().map(EventId::new).unwrap();
        self.change(ORGANIZER, &original, |event| {
            let own = |attendee: &&mut Attendee| name_of(&attendee.address) == name;
            event.attendees.iter_mut().filter(own).for_each(|attendee| attendee.response = declined);
        });
        copy.id
    }

    /// The room answers whatever it is invited to; when the last of that begins.
    pub(crate) fn answer_room(&self, name: &str, answer: Answer) -> Option<Option<DateTime<Utc>>> {
        let (address, at) = (super::address(name), Some(self.now()));
        let is_asked = |one: &Attendee| one.is_resource && one.address == address;
        let asked: Vec<(EventId, Option<DateTime<Utc>>)> = {
            let state = self.state.lock().unwrap();
            let asked = state.calendar_of(ORGANIZER).filter(|event| event.attendees.iter().any(is_asked));
            asked
                .filter(|event| is_published(&event.id))
                .map(|event| (event.id.clone(), event.start))
                .collect()
        };
        let mut begins = None;
        for (event, start) in asked {
            begins = Some(start);
            self.change(ORGANIZER, &event, |event| {
                let own = event.attendees.iter_mut().filter(|one| is_asked(one));
                own.for_each(|room| room.response = Response { answer, at });
            });
        }
        begins
    }

    /// Whoever acts in the organizer's mailbox calls it off: invited people's copies go, too.
    pub(crate) fn cancel_by_hand(&self, event: &EventId) {
        let Ok((whose, original)) = self.original_of(event) else { return };
        self.remove_event(&whose, event);
        for attendee in &original.attendees {
            let name = name_of(&attendee.address);
            self.remove_event(&name, &copy_of(event, &name));
        }
    }

    /// A person deletes it in the organizer's calendar.
    pub(crate) fn take_away(&self, event: &EventId) {
        self.remove_event(ORGANIZER, event);
    }

    pub(crate) fn is_down(&self, down: bool) {
        self.set_failure(ORGANIZER, down.then(unavailable));
    }
}
