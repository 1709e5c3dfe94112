//! What is published in the fake Graph's calendars: as Exchange does it, with a count of who was mailed, and
//! why. An answer may be lost, and a request may fail.

use super::ORGANIZER;
use super::graph::{FakeGraph, unavailable};
use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::graph::port::{EventFields, EventText, Invited, NewEvent, When};
use crate::graph::{Failure, GraphError};
use crate::ids::{Address, EventId, ICalUid};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, VecDeque};

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
}

pub(crate) fn refused(status: u16, code: &str) -> GraphError {
    let failure = Failure { status: Some(status), code: code.into(), request_id: None };
    match status {
        404 => GraphError::NotFound(failure),
        409 => GraphError::Conflict(failure),
        429 => GraphError::Throttled { failure, after: Some(std::time::Duration::from_secs(90)) },
        _ => GraphError::Invalid(failure),
    }
}

pub(crate) fn is_published(event: &EventId) -> bool {
    event.as_str().starts_with("published-")
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
        self.state.lock().unwrap().calendar_of(ORGANIZER).filter(|event| is_published(&event.id)).collect()
    }

    /// The learner's copies of what was published.
    pub(crate) fn invitations(&self, name: &str) -> Vec<Event> {
        let is_one = |event: &Event| event.id.as_str().ends_with(&format!("-copy-{name}"));
        self.state.lock().unwrap().calendar_of(name).filter(is_one).collect()
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

    fn original_of(&self, event: &EventId) -> Result<Event, GraphError> {
        let found = self.published().into_iter().find(|found| found.id == *event);
        found.ok_or_else(|| refused(404, "ErrorItemNotFound"))
    }

    fn send(&self, original: &Event, address: &Address) {
        let name = name_of(address);
        let copy = Event {
            id: copy_of(&original.id, &name),
            is_organizer: false,
            response: Response { answer: Answer::NotResponded, at: None },
            extended: BTreeMap::new(),
            ..original.clone()
        };
        self.put(&name, copy);
    }

    pub(super) fn publish(&self, wanted: &NewEvent) -> Result<Event, GraphError> {
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
            return self.original_of(&made);
        }
        let (now, number) = {
            let now = self.now();
            let mut state = self.state.lock().unwrap();
            state.published.made += 1;
            (now, state.published.made)
        };
        let (start, end) = times(wanted.says.when.as_ref().expect("it has a time"));
        let event = Event {
            id: EventId::new(format!("published-{number}")),
            ical_uid: Some(ICalUid::new(format!("040000008200-p{number}"))),
            original_start: None,
            series_master: None,
            kind: EventKind::SingleInstance,
            is_cancelled: false,
            is_organizer: true,
            organizer: Some(super::address(ORGANIZER)),
            response: Response { answer: Answer::Organizer, at: None },
            start: Some(start),
            end: Some(end),
            attendees: listed(&wanted.attendees, &[]),
            response_requested: Some(true),
            created: Some(now),
            modified: Some(now),
            subject: wanted.says.subject.clone(),
            body: wanted.says.body.as_ref().map(text),
            extended: wanted.says.properties.clone(),
        };
        let entry = (wanted.clone(), event.id.clone());
        self.state.lock().unwrap().published.transactions.insert(wanted.transaction.clone(), entry);
        self.put(ORGANIZER, event.clone());
        for invited in &wanted.attendees {
            self.send(&event, &invited.address);
            self.mail(&invited.address, "invited");
        }
        self.answer_published("create").map(|()| event)
    }

    pub(super) fn change_published(&self, event: &EventId, says: &EventFields) -> Result<(), GraphError> {
        self.admit_published("change")?;
        let original = self.original_of(event)?;
        let change = |event: &mut Event| {
            if let Some(when) = &says.when {
                let (start, end) = times(when);
                (event.start, event.end) = (Some(start), Some(end));
            }
            event.subject = says.subject.clone().or(event.subject.take());
            event.body = says.body.as_ref().map(text).or(event.body.take());
        };
        self.change(ORGANIZER, event, |event| {
            change(event);
            event.extended.extend(says.properties.clone());
        });
        for attendee in &original.attendees {
            let name = name_of(&attendee.address);
            self.change(&name, &copy_of(event, &name), change);
            self.mail(&attendee.address, "changed");
        }
        self.answer_published("change")
    }

    /// Mails only whom it concerns.
    pub(super) fn list_published(&self, event: &EventId, invited: &[Invited]) -> Result<(), GraphError> {
        self.admit_published("list")?;
        let original = self.original_of(event)?;
        let next = listed(invited, &original.attendees);
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
        if let Ok(original) = self.original_of(event) {
            self.remove_event(ORGANIZER, event);
            for attendee in &original.attendees {
                let name = name_of(&attendee.address);
                self.change(&name, &copy_of(event, &name), |event| event.is_cancelled = true);
                self.mail(&attendee.address, "cancelled");
            }
        }
        self.answer_published("call_off")
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

    /// A person deletes it in the organizer's calendar.
    pub(crate) fn take_away(&self, event: &EventId) {
        self.remove_event(ORGANIZER, event);
    }

    pub(crate) fn is_down(&self, down: bool) {
        self.set_failure(ORGANIZER, down.then(unavailable));
    }
}
