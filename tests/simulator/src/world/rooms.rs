//! Room mailboxes that answer by themselves (handler/reference/graph-publishing.md#rooms): accepted and kept
//! free of others, or declined. The answer is a mail like everybody's, and reaches the organizer later.
//!
//! A room without [`RoomRules`] is a mere address: people answer for it.

use super::details::Details;
use super::directory::User;
use super::item::{Answer, ShowAs, Status};
use super::{ChangeKind, Effects, Meeting, Model, ResponseMail};
use chrono::{DateTime, Duration, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// What an administrator has set for the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RoomRules {
    pub processing: Processing,
    pub allows_conflicts: bool,
    /// `BookingWindowInDays`.
    pub window_days: i64,
    /// `MaximumDurationInMinutes`.
    pub most_minutes: i64,
    /// From which hour to which it may be booked.
    pub hours: Option<(u32, u32)>,
    /// The zone of these hours.
    #[serde(skip)]
    pub zone: Tz,
    pub capacity: usize,
    /// Workspaces count who comes; rooms do not.
    pub enforces_capacity: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Processing {
    /// Decides at once.
    Accepts,
    /// A delegate decides; until then it is tentative.
    Delegate,
    /// `AutomateProcessing None`: it never answers.
    Nothing,
}

impl Default for RoomRules {
    fn default() -> Self {
        Self {
            processing: Processing::Accepts,
            allows_conflicts: false,
            window_days: 180,
            most_minutes: 1_440,
            hours: None,
            zone: Tz::UTC,
            capacity: 20,
            enforces_capacity: false,
        }
    }
}

impl RoomRules {
    /// Whether the booking may stand, as far as other bookings do not count.
    fn allows(&self, meeting: &Meeting, now: DateTime<Utc>) -> bool {
        let slot = meeting.slot;
        let within_hours = self.hours.is_none_or(|(from, to)| {
            let (start, end) = (slot.start.with_timezone(&self.zone), slot.end.with_timezone(&self.zone));
            let ends = end.hour() * 60 + end.minute();
            start.hour() >= from && ends <= to * 60 && start.date_naive() == end.date_naive()
        });
        let seats = !self.enforces_capacity || meeting.attendees.len() <= self.capacity;
        let is_short = slot.length() <= Duration::minutes(self.most_minutes);
        seats && within_hours && is_short && slot.start <= now + Duration::days(self.window_days)
    }
}

impl Model {
    /// There is a room here that answers by itself.
    pub(super) fn decides(&self, address: &str) -> bool {
        self.whose(address).is_some_and(|(_, user)| user.room.is_some() && user.receives())
    }

    /// Rooms that were just booked, and those whose booking has moved, decide.
    pub(super) fn settle_rooms(
        &mut self,
        before: &Meeting,
        after: &Meeting,
        moves: bool,
        now: DateTime<Utc>,
        effects: &mut Effects,
    ) {
        for room in &after.rooms {
            let is_new = !before.rooms.iter().any(|known| known.is(&room.address));
            if (is_new || moves) && self.decides(&room.address) {
                self.decide(&room.address, after, now, effects);
            }
        }
    }

    /// The room's calendar takes the booking or does not, and the answer is on its way.
    pub(super) fn decide(
        &mut self,
        room: &str,
        meeting: &Meeting,
        now: DateTime<Utc>,
        effects: &mut Effects,
    ) {
        let Some((tenant, user)) = self.whose(room) else { return };
        let Some(rules) = user.room.clone() else { return };
        // `ProcessExternalMeetingMessages` is off.
        let is_internal = tenant.users.iter().any(|one| one.has_address(&meeting.organizer.address));
        let free = rules.allows_conflicts || is_free(user, meeting);
        let answer = match rules.processing {
            _ if !is_internal => None,
            Processing::Nothing => None,
            Processing::Delegate => Some(Answer::TentativelyAccepted),
            Processing::Accepts if free && rules.allows(meeting, now) => Some(Answer::Accepted),
            Processing::Accepts => Some(Answer::Declined),
        };
        if answer == Some(Answer::Declined) {
            effects.changes.extend(self.edit(room, &meeting.ical_uid, ChangeKind::Deleted, now, |item| {
                item.live = false;
            }));
        } else {
            self.book(room, meeting, answer, now, effects);
        }
        let Some(answer) = answer else { return };
        effects.mails.push(ResponseMail {
            ical_uid: meeting.ical_uid.clone(),
            learner: room.to_owned(),
            sender: room.to_owned(),
            status: Status::given(answer, now),
            proposed: None,
            occurrence: None,
            version: meeting.version(None),
            after_ms: None,
        });
    }

    /// By default a room's copy has the organizer's name instead of the subject, and no text.
    fn book(
        &mut self,
        room: &str,
        meeting: &Meeting,
        answer: Option<Answer>,
        now: DateTime<Utc>,
        effects: &mut Effects,
    ) {
        let status = answer.map_or(Status::unanswered(Answer::NotResponded), |a| Status::given(a, now));
        let show_as = if answer == Some(Answer::Accepted) { ShowAs::Busy } else { ShowAs::Tentative };
        let stripped = Meeting {
            subject: meeting.organizer.name.clone(),
            body: String::new(),
            details: Details { places: meeting.details.places.clone(), ..Details::default() },
            ..meeting.clone()
        };
        let known = self.edit(room, &meeting.ical_uid, ChangeKind::Updated, now, |item| {
            (item.slot, item.status, item.show_as) = (stripped.slot, status, show_as);
            item.series = stripped.series();
            item.is_cancelled = false;
            item.subject.clone_from(&stripped.subject);
        });
        let change = known.or_else(|| {
            let made = self.file(room, &stripped, now, status, false)?;
            let item = self.whose_mut(room).and_then(|user| user.mailbox.copy_mut(&meeting.ical_uid))?;
            item.show_as = show_as;
            Some(made)
        });
        effects.changes.extend(change);
    }
}

/// No other booking at that time.
fn is_free(user: &User, meeting: &Meeting) -> bool {
    let others = user
        .mailbox
        .items
        .iter()
        .filter(|item| item.live && item.ical_uid != meeting.ical_uid && item.show_as != ShowAs::Free);
    let mut taken = others.map(|item| item.slot);
    !taken.any(|slot| slot.start < meeting.slot.end && slot.end > meeting.slot.start)
}
