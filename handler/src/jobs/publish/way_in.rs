//! The way into a meeting that the LMS shows none of, and how long learners' invitations wait for it, and for
//! the room.
//!
//! Guarantees: the LMS's own link wins; nobody waits who is handed our page, or no link at all; nobody waits
//! longer than [`Meeting::PATIENCE`] once the meeting was asked for, nor for one that will not be asked for.

use crate::jobs::publish::facts::{SessionFacts, row_of};
use crate::publishing::compose::WayIn;
use crate::publishing::content::listed;
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::plan::{Plan, plan};
use crate::publishing::policy::Online;
use crate::publishing::written::{Act, Meeting, Written};
use crate::sessions::session::Part;
use chrono::{DateTime, TimeDelta, Utc};
use std::borrow::Cow;

/// What is waited for is looked for again after so long.
const SOON: TimeDelta = TimeDelta::minutes(1);
/// So often an event is refused, each time for longer, before nobody waits for it.
const TRIES: u32 = 4;

impl SessionFacts {
    /// The session's own event of the same part, as far as it was written.
    fn own_row(&self, key: &EventKey) -> (EventKey, Option<&Written>) {
        let own = EventKey { audience: Audience::Session, ..key.clone() };
        let row = self.written.get(&own).map(|read| &read.value);
        (own, row)
    }

    fn meeting(&self, key: &EventKey) -> Option<&Meeting> {
        self.own_row(key).1?.meeting.as_ref()
    }

    /// The part with the link to join that learners are told of.
    pub(super) fn with_link<'a>(&self, key: &EventKey, part: &'a Part, way: &WayIn) -> Cow<'a, Part> {
        if part.link.is_some() {
            return Cow::Borrowed(part);
        }
        let link = match way {
            // Where it leads is seen when somebody comes.
            WayIn::Page(page) if self.publisher.online.is_wanted() => Some(page.address.clone()),
            WayIn::Link | WayIn::Page(_) | WayIn::Nothing => {
                self.meeting(key).and_then(|meeting| meeting.link.clone())
            }
        };
        match link {
            Some(link) => Cow::Owned(Part { link: Some(link), ..part.clone() }),
            None => Cow::Borrowed(part),
        }
    }

    /// Until when a learner's invitation waits.
    pub(super) fn waits(&self, key: &EventKey, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (link, room) = (self.waits_for_link(key, now), self.waits_for_room(key, now));
        link.into_iter().chain(room).min()
    }

    fn waits_for_room(&self, key: &EventKey, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.publisher.rooms.as_ref().filter(|rooms| rooms.first && key.audience.is_learners())?;
        let (part, room) = (self.source.session.part(&key.part)?, listed(&self.room(key)?));
        let soon = now + SOON;
        let (_, row) = self.own_row(key);
        match row.and_then(|row| row.booking.as_ref()).filter(|booking| booking.room == room) {
            Some(booking) => booking.awaited(part.span.start(), now).map(|until| until.min(soon)),
            // It is invited, and was not read since.
            None if row.is_some_and(|row| row.listed.contains(&room)) => {
                let made = row.and_then(|row| row.made_at).unwrap_or(now);
                (now < made + Meeting::PATIENCE).then_some(soon)
            }
            None => self.is_about_to_be_made(key, now).then_some(soon),
        }
    }

    /// Until when it waits for the link.
    fn waits_for_link(&self, key: &EventKey, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let Audience::Learner(learner) = &key.audience else { return None };
        let part = self.source.session.part(&key.part).filter(|part| part.link.is_none())?;
        match self.way(key, learner) {
            WayIn::Link => {}
            WayIn::Page(_) | WayIn::Nothing => return None,
        }
        let soon = now + SOON;
        if let Some(meeting) = self.meeting(key) {
            return meeting.awaited(now).map(|until| until.min(soon));
        }
        let will_come = match self.publisher.online {
            Online::None => false,
            Online::Meeting => !part.span.is_over(now),
            Online::Event => self.is_about_to_be_made(key, now),
        };
        will_come.then_some(soon)
    }

    fn is_about_to_be_made(&self, key: &EventKey, now: DateTime<Utc>) -> bool {
        let (own, _) = self.own_row(key);
        let row = row_of(self.written.get(&own), &own, &self.publisher);
        // What Graph refuses again and again is waited for no longer.
        if row.refused.as_ref().is_some_and(|refused| refused.tries >= TRIES) {
            return false;
        }
        let planned = plan(&self.session_wish(&own, &row), &row, &self.publisher.policy, now);
        matches!(planned, Plan::Do(Act::Create { .. }))
    }
}
