//! What is written in the fake Graph's calendars: an event with one who is invited, its decline, and its end.
//! Each leaves behind the hints that a subscriber would be told; the test hands them over.

use super::graph::{FakeGraph, failure, unavailable};
use super::{ORGANIZER, address, user};
use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::graph::GraphError;
use crate::graph::port::{EventText, Mailbox, Mark, NewEvent, When};
use crate::ids::{EventId, ICalUid};
use crate::messages::{ChangeType, Hint};
use std::collections::{BTreeMap, VecDeque};

/// The one who is invited.
pub(crate) const INVITED: &str = "cem";

#[derive(Default)]
pub(crate) struct Writes {
    pub(crate) hints: Vec<Hint>,
    /// So many of these are done, and their answers are lost.
    pub(crate) lost: VecDeque<&'static str>,
    /// Every one of these is refused.
    pub(crate) refused: Vec<&'static str>,
    /// Invitations do not arrive.
    pub(crate) stray: bool,
    /// Answers do not reach the organizer.
    pub(crate) mute: bool,
    /// What the organizer calls off stays, as cancelled.
    pub(crate) stays: bool,
    /// A declined copy stays.
    pub(crate) keeps: bool,
    /// How often each was done.
    pub(crate) done: BTreeMap<&'static str, usize>,
}

/// Exchange compares values without case.
pub(crate) fn is_marked(event: &Event, mark: &Mark<'_>) -> bool {
    let wanted = mark.value.to_lowercase();
    event.extended.get(mark.property).map(|value| value.to_lowercase()).is_some_and(|value| {
        match mark.is_prefix {
            true => value.starts_with(&wanted),
            false => value == wanted,
        }
    })
}

fn original(id: &str) -> EventId {
    EventId::new(format!("made-{id}"))
}

fn copy(id: &str) -> EventId {
    EventId::new(format!("made-copy-{id}"))
}

/// The mark of an event that was made here.
fn id_of(event: &EventId) -> &str {
    let id = event.as_str();
    id.strip_prefix("made-copy-").or(id.strip_prefix("made-")).expect("one that was made here")
}

impl FakeGraph {
    pub(crate) fn take_hints(&self) -> Vec<Hint> {
        std::mem::take(&mut self.state.lock().unwrap().writes.hints)
    }

    pub(crate) fn hints(&self) -> Vec<Hint> {
        self.state.lock().unwrap().writes.hints.clone()
    }

    pub(crate) fn done(&self, name: &str) -> usize {
        self.state.lock().unwrap().writes.done.get(name).copied().unwrap_or(0)
    }

    pub(crate) fn writes(&self, change: impl FnOnce(&mut Writes)) {
        change(&mut self.state.lock().unwrap().writes);
    }

    /// Events that were made and are still anywhere.
    pub(crate) fn made(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.all_events().filter(|event| event.id.as_str().starts_with("made-")).count()
    }

    fn admit(&self, name: &'static str) -> Result<(), GraphError> {
        match self.state.lock().unwrap().writes.refused.contains(&name) {
            true => Err(GraphError::Refused(failure())),
            false => Ok(()),
        }
    }

    /// It was done, once more.
    fn told(&self, name: &'static str) -> Result<(), GraphError> {
        let mut state = self.state.lock().unwrap();
        *state.writes.done.entry(name).or_default() += 1;
        match state.writes.lost.front() {
            Some(lost) if *lost == name => {
                state.writes.lost.pop_front();
                Err(unavailable())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn hinted(&self, id: &str, change: ChangeType) {
        let hint = Hint::Changed { mailbox: user(INVITED), event: copy(id), change };
        self.state.lock().unwrap().writes.hints.push(hint);
    }

    /// The same request again makes no second event.
    pub(super) fn create(&self, wanted: &NewEvent) -> Result<Event, GraphError> {
        self.admit("create")?;
        let [invited] = &wanted.attendees[..] else { panic!("one is invited") };
        assert_eq!(invited.address, address(INVITED));
        let (now, id) = (self.now(), wanted.transaction.as_str());
        let extended = wanted.says.properties.clone();
        let Some(When::Timed { start, end }) = &wanted.says.when else { panic!("it has a time") };
        let body = match &wanted.says.body {
            Some(EventText::Plain(text) | EventText::Html(text)) => text.clone(),
            None => String::new(),
        };
        let attendee = Attendee {
            address: invited.address.clone(),
            response: Response { answer: Answer::None, at: None },
            is_resource: false,
            proposes: false,
        };
        let event = Event {
            id: original(id),
            ical_uid: Some(ICalUid::new(format!("040000008200-{id}"))),
            original_start: None,
            series_master: None,
            kind: EventKind::SingleInstance,
            is_cancelled: false,
            is_organizer: true,
            organizer: Some(address(ORGANIZER)),
            response: Response { answer: Answer::Organizer, at: None },
            start: Some(start.instant),
            end: Some(end.instant),
            attendees: vec![attendee],
            response_requested: Some(true),
            created: Some(now),
            modified: Some(now),
            subject: wanted.says.subject.clone(),
            body: Some(body),
            location: None,
            extended,
        };
        let is_stray = self.state.lock().unwrap().writes.stray;
        if !self.knows(ORGANIZER, &event.id) {
            self.put(ORGANIZER, event.clone());
            if !is_stray {
                let received = Event {
                    id: copy(id),
                    is_organizer: false,
                    response: Response { answer: Answer::NotResponded, at: None },
                    extended: BTreeMap::new(),
                    ..event.clone()
                };
                self.put(INVITED, received);
                self.hinted(id, ChangeType::Created);
            }
        }
        self.told("create").map(|()| event)
    }

    pub(super) fn decline(&self, found: Option<Event>) -> Result<(), GraphError> {
        self.admit("decline")?;
        let Some(found) = found else { return Err(GraphError::NotFound(failure())) };
        let (at, id) = (Some(self.now()), id_of(&found.id).to_owned());
        let (keeps, mute) = {
            let state = self.state.lock().unwrap();
            (state.writes.keeps, state.writes.mute)
        };
        let declined = Response { answer: Answer::Declined, at };
        if keeps {
            self.change(INVITED, &found.id, |event| event.response = declined);
            self.hinted(&id, ChangeType::Updated);
        } else {
            self.remove_event(INVITED, &found.id);
            self.hinted(&id, ChangeType::Deleted);
        }
        if !mute {
            self.change(ORGANIZER, &original(&id), |event| {
                event.attendees.iter_mut().for_each(|attendee| attendee.response = declined);
            });
        }
        self.told("decline")
    }

    pub(super) fn call_off(&self, found: Option<Event>) -> Result<(), GraphError> {
        self.admit("call_off")?;
        if let Some(found) = found {
            let id = id_of(&found.id).to_owned();
            let stays = self.state.lock().unwrap().writes.stays;
            match stays {
                true => self.change(ORGANIZER, &found.id, |event| event.is_cancelled = true),
                false => self.remove_event(ORGANIZER, &found.id),
            }
            if self.knows(INVITED, &copy(&id)) {
                self.change(INVITED, &copy(&id), |event| event.is_cancelled = true);
                self.hinted(&id, ChangeType::Updated);
            }
        }
        self.told("call_off")
    }

    pub(super) fn delete(&self, mailbox: &Mailbox, found: Option<Event>) -> Result<(), GraphError> {
        self.admit("delete")?;
        if let Some(found) = found {
            let whose = if *mailbox == Mailbox::Id(user(INVITED)) { INVITED } else { ORGANIZER };
            self.remove_event(whose, &found.id);
            if whose == ORGANIZER {
                return self.told("delete");
            }
            let id = id_of(&found.id).to_owned();
            self.hinted(&id, ChangeType::Deleted);
        }
        self.told("delete")
    }
}
