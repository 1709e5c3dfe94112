//! One occurrence of a series: answered, removed, cancelled, moved. The master stays, and is what is told of
//! (handler/reference/graph-events.md#series).

use super::act::{ActError, CancelOccurrence, Reply, RetimeOccurrence};
use super::item::{Answer, Item, ShowAs, Slot, Status};
use super::post::MailKind;
use super::{Change, ChangeKind, Effects, Meeting, Model, Moved};
use chrono::{DateTime, Utc};

impl Model {
    /// The learner's copy keeps the occurrence, with an answer of its own.
    pub(super) fn answer_occurrence(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        start: DateTime<Utc>,
        now: DateTime<Utc>,
        (answer, show): (Answer, ShowAs),
    ) -> Result<Vec<Change>, ActError> {
        self.on_occurrence(act, meeting, (start, ChangeKind::Updated), now, |item| {
            if let Some(exception) = item.exception_mut(start) {
                exception.status = Status::given(answer, now);
                exception.show_as = show;
            }
        })
    }

    /// The learner's copy shows the occurrence no more.
    pub(super) fn lose_occurrence(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        start: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>, ActError> {
        self.on_occurrence(act, meeting, (start, ChangeKind::Deleted), now, |item| lose(item, start))
    }

    fn on_occurrence(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        what: (DateTime<Utc>, ChangeKind),
        now: DateTime<Utc>,
        change: impl FnOnce(&mut Item),
    ) -> Result<Vec<Change>, ActError> {
        let start = what.0;
        if !meeting.occurrences.contains(&start) {
            return Err(ActError::NoOccurrence(start));
        }
        if !self.acts_here(&act.learner) {
            return Ok(Vec::new());
        }
        let copy = self.whose_mut(&act.learner).and_then(|user| user.mailbox.copy_mut(&meeting.ical_uid));
        match copy.map(|item| item.occurrence_mut(start).is_some()) {
            None => Err(ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() }),
            Some(false) => Err(ActError::NoOccurrence(start)),
            Some(true) => Ok(self.edit_occurrence(&act.learner, &meeting.ical_uid, what, now, change)),
        }
    }

    /// Gone from the organizer's copy; learners keep it as cancelled, or lose it too.
    pub fn cancel_occurrence(
        &mut self,
        act: &CancelOccurrence,
        now: DateTime<Utc>,
    ) -> Result<Effects, ActError> {
        let start = act.occurrence;
        let meeting = self.with_occurrence(&act.session, start)?;
        let mut effects = Effects::default();
        if meeting.has_original {
            let (organizer, what) = (&meeting.organizer.address, (start, ChangeKind::Deleted));
            let changes =
                self.edit_occurrence(organizer, &meeting.ical_uid, what, now, |item| lose(item, start));
            effects.changes.extend(changes);
        }
        let stays = self.matrix.cancelled_occurrence_stays;
        for learner in meeting.addressees() {
            if !self.shows(&learner, &meeting, start) {
                continue;
            }
            let kind = if stays { ChangeKind::Updated } else { ChangeKind::Deleted };
            effects.changes.extend(self.edit_occurrence(
                &learner,
                &meeting.ical_uid,
                (start, kind),
                now,
                |item| match item.exception_mut(start) {
                    Some(exception) if stays => {
                        exception.is_cancelled = true;
                        exception.show_as = ShowAs::Free;
                    }
                    Some(_) | None => lose(item, start),
                },
            ));
        }
        let cause = (self.cause(), now);
        self.mail(&meeting, &meeting.recipients(), MailKind::Cancellation, cause, None);
        if let Some(meeting) = self.meeting_mut(&meeting.ical_uid) {
            meeting.occurrences.retain(|known| *known != start);
            meeting.moved.remove(&start);
        }
        Ok(effects)
    }

    /// Every copy gets the new time as an exception, and every answer to this occurrence is void.
    pub fn retime_occurrence(
        &mut self,
        act: &RetimeOccurrence,
        now: DateTime<Utc>,
    ) -> Result<Effects, ActError> {
        let (start, slot) = (act.occurrence, Slot::checked(act.start, act.end)?);
        let meeting = self.with_occurrence(&act.session, start)?;
        if let Some(meeting) = self.meeting_mut(&meeting.ical_uid) {
            let moved = meeting.moved.entry(start).or_insert(Moved { slot, times: 0 });
            *moved = Moved { slot, times: moved.times + 1 };
        }
        let unanswered = Status::unanswered(self.matrix.unanswered);
        let mut effects = Effects::default();
        if meeting.has_original {
            let (organizer, what) = (&meeting.organizer.address, (start, ChangeKind::Updated));
            effects.changes.extend(self.edit_occurrence(organizer, &meeting.ical_uid, what, now, |item| {
                let mut invitees = item.invitees.clone();
                let Some(exception) = item.exception_mut(start) else { return };
                exception.slot = slot;
                for invitee in invitees.iter_mut().filter(|invitee| !invitee.is_resource) {
                    invitee.status = unanswered;
                    invitee.proposed = None;
                }
                exception.invitees = Some(invitees);
            }));
        }
        for learner in meeting.addressees() {
            let shown = self.shows(&learner, &meeting, start);
            if !shown && !self.matrix.retime_restores_removed {
                continue;
            }
            let kind = if shown { ChangeKind::Updated } else { ChangeKind::Created };
            effects.changes.extend(self.edit_occurrence(
                &learner,
                &meeting.ical_uid,
                (start, kind),
                now,
                |item| {
                    if let Some(exception) = item.exception_mut(start) {
                        exception.slot = slot;
                        exception.status = Status::unanswered(Answer::NotResponded);
                        exception.show_as = ShowAs::Tentative;
                    }
                },
            ));
        }
        let cause = (self.cause(), now);
        self.mail(&meeting, &meeting.recipients(), MailKind::Update, cause, None);
        Ok(effects)
    }

    fn with_occurrence(&self, session: &str, start: DateTime<Utc>) -> Result<Meeting, ActError> {
        let meeting = self.meeting(session)?;
        if meeting.cancelled {
            return Err(ActError::CalledOff(session.to_owned()));
        }
        if meeting.occurrences.contains(&start) {
            Ok(meeting.clone())
        } else {
            Err(ActError::NoOccurrence(start))
        }
    }

    fn shows(&mut self, learner: &str, meeting: &Meeting, start: DateTime<Utc>) -> bool {
        let copy = self.whose_mut(learner).and_then(|user| user.mailbox.copy_mut(&meeting.ical_uid));
        copy.is_some_and(|item| item.occurrence_mut(start).is_some())
    }
}

/// The occurrence leaves the series for its `cancelledOccurrences`.
fn lose(item: &mut Item, start: DateTime<Utc>) {
    if let Some(one) = item.occurrence_mut(start) {
        one.is_lost = true;
        one.exception = None;
    }
}
