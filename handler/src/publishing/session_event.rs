//! What follows for the session's own event, and for the one in the organization's calendar, from what the
//! LMS says of session and part.
//!
//! Guarantees: where nobody is to be invited and nothing else is to be done by it, there is no such event;
//! who organizes it is never invited; what nobody understands changes nothing; an online meeting is never
//! ended by a text: where the LMS comes to show a link of its own, another event takes its place.

use super::compose;
use super::content::{Attendee, AttendeeKind, Content, Place};
use super::standing::held;
use super::wish::{CallOff, Wish};
use super::words::{Attending, Words};
use super::written::{Stand, Written};
use crate::ids::Address;
use crate::sessions::session::{Instructor, Part, Session};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What is known when one of them is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub session: &'a Session,
    /// The LMS has no such session any more.
    pub is_gone: bool,
    /// `None`: the session has no such part any more.
    pub part: Option<&'a Part>,
    /// When the reading began that says so.
    pub seen_at: DateTime<Utc>,
    pub words: &'a Words,
}

/// What the session's own event is for.
#[derive(Debug, Clone)]
pub struct Purpose<'a> {
    pub invited: BTreeMap<Address, Attendee>,
    pub attending: &'a Attending,
    /// The room that is booked, which is among those who are invited.
    pub room: Option<Address>,
    /// It is an online meeting, where the LMS shows no link.
    pub makes_meeting: bool,
    /// Learners are invited to it, too.
    pub for_all: bool,
}

/// Of the session's own event.
pub fn wish(facts: &Facts<'_>, purpose: Purpose<'_>, row: &Written) -> Wish {
    let Facts { session, seen_at, words, .. } = *facts;
    let part = match held(session, facts.is_gone, facts.part, seen_at) {
        Err(wish) => return wish,
        Ok(part) => part,
    };
    let off = |why| Wish::CallOff { why, seen_at };
    let stands = row.stand == Stand::Stands;
    let has_meeting = stands && row.meeting.as_ref().is_some_and(|meeting| meeting.is_of_event);
    // The LMS's own link wins. What is an online meeting stays one.
    let is_online = part.link.is_none() && (purpose.makes_meeting || has_meeting);
    if purpose.invited.is_empty() && !is_online {
        return off(CallOff::Withdrawn);
    }
    let was_told_link = stands && !has_meeting && !row.wanted.tells_no_link();
    if has_meeting && !is_online || is_online && was_told_link {
        return off(CallOff::Replaced);
    }
    let beside = row.meeting.as_ref().filter(|meeting| !meeting.is_of_event);
    let link = part.link.as_ref().or(beside.and_then(|meeting| meeting.link.as_ref()));
    let link = link.filter(|_| !is_online);
    let content = match purpose.for_all {
        true => compose::for_all(session, part, purpose.invited, (link, words)),
        false => compose::for_session(session, part, purpose.invited, (link, words, purpose.attending)),
    };
    let content = match is_online {
        // Its text can't be written again, so it says nothing that changes.
        true => Content { online: true, also: String::new(), ..content },
        false => content,
    };
    let place = content.place.map(|place| Place { mailbox: purpose.room, ..place });
    Wish::Stand { content: Box::new(Content { place, ..content }), seen_at }
}

/// Of the one in the organization's calendar.
pub fn in_calendar(facts: &Facts<'_>) -> Wish {
    let Facts { session, seen_at, words, .. } = *facts;
    match held(session, facts.is_gone, facts.part, seen_at) {
        Err(wish) => wish,
        Ok(part) => {
            let content = compose::for_calendar(session, part, words);
            Wish::Stand { content: Box::new(content), seen_at }
        }
    }
}

/// Instructors who can be written to.
pub fn instructors(all: &[Instructor], organizer: &Address) -> BTreeMap<Address, Attendee> {
    let reachable = all.iter().filter_map(|one| {
        let address = one.address.clone().filter(|address| address.is_smtp() && address != organizer)?;
        Some((address, Attendee { name: one.name.clone(), kind: AttendeeKind::Instructor }))
    });
    reachable.collect()
}

#[cfg(test)]
#[path = "session_event_tests.rs"]
mod tests;
