//! What truly happened, and what Exchange shows of it: the copies of one meeting in two mailboxes, and the
//! response mails that are on their way between them. This is the only thing that both the oracle and the
//! code under test are shown.

use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::ids::{EventId, ICalUid};
use crate::jobs::testing::{ORGANIZER, address, noon};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeMap;

/// Seconds since noon of the first day.
pub(super) type Time = i64;

pub(super) const MINUTE: Time = 60;
pub(super) const HOUR: Time = 3600;
pub(super) const DAY: Time = 24 * HOUR;
/// How long a session lasts.
pub(super) const LENGTH: Time = 8 * HOUR;

pub(super) fn at(time: Time) -> DateTime<Utc> {
    noon() + Duration::seconds(time)
}

/// What becomes of the response mail of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mail {
    AtOnce,
    After(Time),
    /// "Do not send a response", or lost.
    Never,
}

/// What a learner, an organizer, an administrator or a machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    Accept(Mail),
    Tentative(Mail),
    DeclineKept(Mail),
    DeclineRemoved(Mail),
    /// A plain delete, a clean-up, a sync client.
    Remove,
    /// Out of Deleted Items, as it was; as a new item or under its old id.
    Restore {
        new_id: bool,
    },
    /// To another calendar of the same mailbox.
    Move,
    /// Sent anew to a learner who has no copy: a new copy, not answered.
    Invite,
    /// Taken off the list; the copy shows a cancellation or goes.
    Drop {
        copy_stays: bool,
    },
    /// Cancelled for all; the organizer's own item stays, cancelled, or goes to Deleted Items.
    CancelSession {
        item_stays: bool,
    },
    /// The organizer's item goes without a word to anybody.
    RemoveOriginal,
    /// Moved in time: answers are reset.
    Retime,
    RefuseMailbox,
    AllowMailbox,
    /// Graph answers for everybody but the learner.
    MailboxDown,
    MailboxUp,
    /// Graph answers for everybody but the organizer.
    OrganizerDown,
    OrganizerUp,
    GraphDown,
    GraphUp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    id: u32,
    pub(super) answer: Answer,
    pub(super) answered: Option<Time>,
    pub(super) cancelled: bool,
    pub(super) created: Time,
    pub(super) modified: Time,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Original {
    pub(super) cancelled: bool,
    /// The learner's entry in the list; `None`: not in it.
    pub(super) entry: Option<(Answer, Option<Time>)>,
}

/// One meeting: what the learner's and the organizer's mailbox hold of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    number: usize,
    pub(super) copy: Option<Copy>,
    bin: Option<Copy>,
    /// `None`: there is none (any more). What nobody may read is [`Calendar::organizer_readable`]'s matter.
    pub(super) original: Option<Original>,
    mails: Vec<(Time, Answer, Time)>,
    pub(super) start: Time,
    ids: u32,
}

/// A change as Graph tells it: which id, and whether that is there no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Told {
    pub(super) item: usize,
    pub(super) id: u32,
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Created,
    Updated,
    Deleted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Calendar {
    pub(super) items: Vec<Item>,
    pub(super) organizer_readable: bool,
    pub(super) refused: bool,
    pub(super) down: bool,
    /// The learner's mailbox can't be read, and may be later.
    pub(super) unread: bool,
    /// The same of the organizer's.
    pub(super) organizer_unread: bool,
}

impl Item {
    pub(super) fn id(&self, id: u32) -> EventId {
        EventId::new(format!("copy-{}-{id}", self.number))
    }

    pub(super) fn current(&self) -> Option<u32> {
        self.copy.as_ref().map(|copy| copy.id)
    }

    fn new_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }
}

impl Calendar {
    /// Invitations to one session, each by a meeting of its own; sent and not answered.
    pub(super) fn new(items: usize, start: Time, organizer_readable: bool) -> Self {
        let item = |number| Item {
            number,
            copy: Some(Copy {
                id: 0,
                answer: Answer::NotResponded,
                answered: None,
                cancelled: false,
                created: 0,
                modified: 0,
            }),
            bin: None,
            original: Some(Original { cancelled: false, entry: Some((Answer::None, None)) }),
            mails: Vec::new(),
            start: start + number as Time * DAY,
            ids: 0,
        };
        Self {
            items: (0..items).map(item).collect(),
            organizer_readable,
            refused: false,
            down: false,
            unread: false,
            organizer_unread: false,
        }
    }

    /// Does an act where it makes sense; gives what Graph tells about the learner's mailbox.
    pub(super) fn act(&mut self, item: usize, act: Act, now: Time) -> Vec<Told> {
        self.post(now);
        match act {
            Act::RefuseMailbox => self.refused = true,
            Act::AllowMailbox => self.refused = false,
            Act::MailboxDown => self.unread = true,
            Act::MailboxUp => self.unread = false,
            Act::OrganizerDown => self.organizer_unread = true,
            Act::OrganizerUp => self.organizer_unread = false,
            Act::GraphDown => self.down = true,
            Act::GraphUp => self.down = false,
            Act::Accept(_)
            | Act::Tentative(_)
            | Act::DeclineKept(_)
            | Act::DeclineRemoved(_)
            | Act::Remove
            | Act::Restore { .. }
            | Act::Move
            | Act::Invite
            | Act::Drop { .. }
            | Act::CancelSession { .. }
            | Act::RemoveOriginal
            | Act::Retime => {}
        }
        let readable = self.organizer_readable;
        let told = self.items.get_mut(item).map(|one| one.act(act, now, readable)).unwrap_or_default();
        self.post(now);
        told.into_iter().map(|(id, what)| Told { item, id, what }).collect()
    }

    /// Response mails whose time has come arrive.
    pub(super) fn post(&mut self, now: Time) {
        for item in &mut self.items {
            item.post(now);
        }
    }

    /// The organizer's mailbox is one that we may read, and answers.
    pub(super) fn asks_organizer(&self) -> bool {
        self.organizer_readable && !self.organizer_unread && !self.down
    }

    /// The learner's own copy is there to be read.
    pub(super) fn shows_copy(&self, item: usize) -> bool {
        !self.down
            && !self.refused
            && !self.unread
            && self.items.get(item).is_some_and(|item| item.copy.is_some())
    }

    /// When the learner's own copy was made, where it is there to be read.
    pub(super) fn made(&self, item: usize) -> Option<Time> {
        let copy = self.items.get(item).and_then(|item| item.copy.as_ref())?;
        self.shows_copy(item).then_some(copy.created)
    }

    /// The learner's own copy is there, declined.
    pub(super) fn is_declined(&self, item: usize) -> bool {
        let copy = self.items.get(item).and_then(|item| item.copy.as_ref());
        copy.is_some_and(|copy| !copy.cancelled && copy.answer == Answer::Declined)
    }

    /// The learner has declined, and their copy says so where it can be read.
    pub(super) fn declines(&self, item: usize) -> bool {
        self.shows_copy(item) && self.is_declined(item)
    }

    /// When the learner accepted, where their copy says so.
    pub(super) fn accepted(&self, item: usize) -> Option<Time> {
        let copy = self.items.get(item).and_then(|item| item.copy.as_ref()).filter(|_| self.attends(item))?;
        copy.answered
    }

    /// The learner has said that they come, and their copy says so where it can be read.
    pub(super) fn attends(&self, item: usize) -> bool {
        let copy = self.items.get(item).and_then(|item| item.copy.as_ref());
        let comes = |copy: &Copy| {
            !copy.cancelled && matches!(copy.answer, Answer::Accepted | Answer::TentativelyAccepted)
        };
        self.shows_copy(item) && copy.is_some_and(comes)
    }

    /// What the learner's mailbox holds.
    pub(super) fn learners(&self) -> Vec<Event> {
        let show = |item: &Item| {
            let copy = item.copy.as_ref()?;
            Some(Event {
                id: item.id(copy.id),
                is_cancelled: copy.cancelled,
                response: Response { answer: copy.answer, at: copy.answered.map(at) },
                created: Some(at(copy.created)),
                modified: Some(at(copy.modified)),
                ..item.event()
            })
        };
        self.items.iter().filter_map(show).collect()
    }

    /// What the organizer's mailbox holds.
    pub(super) fn organizers(&self) -> Vec<Event> {
        let show = |item: &Item| {
            let original = item.original.as_ref()?;
            let attendee = |(answer, answered): (Answer, Option<Time>)| Attendee {
                address: address("ana"),
                response: Response { answer, at: answered.map(at) },
                is_resource: false,
                proposes: false,
            };
            Some(Event {
                id: EventId::new(format!("original-{}", item.number)),
                is_organizer: true,
                is_cancelled: original.cancelled,
                attendees: original.entry.map(attendee).into_iter().collect(),
                ..item.event()
            })
        };
        self.items.iter().filter_map(show).collect()
    }
}

impl Item {
    fn event(&self) -> Event {
        Event {
            id: EventId::new(""),
            // A session that several meetings stand for: the number after the dot is not part of its name.
            ical_uid: Some(ICalUid::new(format!("lms-1.{}@contoso.com", self.number))),
            original_start: None,
            series_master: None,
            kind: EventKind::SingleInstance,
            is_cancelled: false,
            is_organizer: false,
            organizer: Some(address(ORGANIZER)),
            response: Response::NONE,
            start: Some(at(self.start)),
            end: Some(at(self.start + LENGTH)),
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

    fn post(&mut self, now: Time) {
        let (arrived, on_the_way) = self.mails.drain(..).partition(|(due, _, _)| *due <= now);
        self.mails = on_the_way;
        let arrived: Vec<(Time, Answer, Time)> = arrived;
        if let Some(Original { entry: Some(entry), .. }) = &mut self.original {
            for (_, answer, answered) in arrived {
                // Exchange passes over a response that is older than the one it has.
                if entry.1.is_none_or(|known| known < answered) {
                    *entry = (answer, Some(answered));
                }
            }
        }
    }

    fn answer(&mut self, answer: Answer, mail: Mail, now: Time) -> Option<u32> {
        let copy = self.copy.as_mut().filter(|copy| !copy.cancelled)?;
        (copy.answer, copy.answered, copy.modified) = (answer, Some(now), now);
        match mail {
            Mail::AtOnce => self.mails.push((now, answer, now)),
            Mail::After(wait) => self.mails.push((now + wait, answer, now)),
            Mail::Never => {}
        }
        self.current()
    }

    fn remove(&mut self) -> Option<u32> {
        let copy = self.copy.take()?;
        let id = copy.id;
        self.bin = Some(copy);
        Some(id)
    }

    fn act(&mut self, act: Act, now: Time, organizer_readable: bool) -> Vec<(u32, What)> {
        let updated = |id: Option<u32>| id.map(|id| (id, What::Updated)).into_iter().collect();
        let deleted = |id: Option<u32>| id.map(|id| (id, What::Deleted)).into_iter().collect();
        match act {
            Act::Accept(mail) => updated(self.answer(Answer::Accepted, mail, now)),
            Act::Tentative(mail) => updated(self.answer(Answer::TentativelyAccepted, mail, now)),
            Act::DeclineKept(mail) => updated(self.answer(Answer::Declined, mail, now)),
            Act::DeclineRemoved(mail) => match self.answer(Answer::Declined, mail, now) {
                Some(_) => deleted(self.remove()),
                None => Vec::new(),
            },
            Act::Remove => deleted(self.remove()),
            Act::Restore { new_id } if self.copy.is_none() && self.bin.is_some() => {
                self.copy = self.bin.take();
                let id = if new_id { Some(self.new_id()) } else { None };
                if let (Some(copy), Some(id)) = (&mut self.copy, id) {
                    copy.id = id;
                }
                self.current().map(|id| (id, What::Created)).into_iter().collect()
            }
            Act::Move if self.copy.is_some() => {
                let old = self.current();
                let new = self.new_id();
                if let Some(copy) = &mut self.copy {
                    copy.id = new;
                }
                old.map(|old| (old, What::Deleted)).into_iter().chain([(new, What::Created)]).collect()
            }
            // What was called off stays so: a later invitation would be another meeting.
            Act::Invite
                if self.copy.is_none()
                    && self.original.as_ref().is_some_and(|original| !original.cancelled) =>
            {
                let id = self.new_id();
                self.copy = Some(Copy {
                    id,
                    answer: Answer::NotResponded,
                    answered: None,
                    cancelled: false,
                    created: now,
                    modified: now,
                });
                self.bin = None;
                self.mails.clear();
                if let Some(original) = &mut self.original {
                    original.entry = Some((Answer::None, None));
                }
                vec![(id, What::Created)]
            }
            Act::Drop { copy_stays } if self.listed() => {
                if let Some(original) = &mut self.original {
                    original.entry = None;
                }
                self.called_off(copy_stays, now)
            }
            Act::CancelSession { item_stays } if self.original.is_some() => {
                match &mut self.original {
                    // An organizer whom nobody can read may do as they like.
                    Some(original) if item_stays || !organizer_readable => original.cancelled = true,
                    Some(_) | None => self.original = None,
                }
                self.called_off(true, now)
            }
            Act::RemoveOriginal => {
                self.original = None;
                Vec::new()
            }
            Act::Retime => {
                self.start += DAY;
                self.mails.clear();
                if let Some(Original { entry: Some(entry), .. }) = &mut self.original {
                    *entry = (Answer::None, None);
                }
                if let Some(copy) = self.copy.as_mut().filter(|copy| !copy.cancelled) {
                    (copy.answer, copy.answered, copy.modified) = (Answer::NotResponded, None, now);
                    return updated(self.current());
                }
                Vec::new()
            }
            Act::Restore { .. }
            | Act::Move
            | Act::Invite
            | Act::Drop { .. }
            | Act::CancelSession { .. }
            | Act::RefuseMailbox
            | Act::AllowMailbox
            | Act::MailboxDown
            | Act::MailboxUp
            | Act::OrganizerDown
            | Act::OrganizerUp
            | Act::GraphDown
            | Act::GraphUp => Vec::new(),
        }
    }

    fn listed(&self) -> bool {
        self.original.as_ref().is_some_and(|original| original.entry.is_some())
    }

    fn called_off(&mut self, copy_stays: bool, now: Time) -> Vec<(u32, What)> {
        self.bin = None;
        if !copy_stays {
            return self.copy.take().map(|copy| (copy.id, What::Deleted)).into_iter().collect();
        }
        match &mut self.copy {
            Some(copy) => {
                (copy.cancelled, copy.modified) = (true, now);
                vec![(copy.id, What::Updated)]
            }
            None => Vec::new(),
        }
    }
}
