//! What learners answer and delete in their own calendar; what becomes of their mail is [`super::deliver`]'s.

use super::act::{ActError, Reply, Who};
use super::item::{Answer, ShowAs, Status};
use super::{Change, ChangeKind, Effects, Meeting, Model, ResponseMail};
use chrono::{DateTime, Utc};

impl Model {
    pub fn accept(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        if act.propose.is_some() {
            return Err(ActError::NoProposal);
        }
        self.attend(act, now, Answer::Accepted, ShowAs::Busy)
    }

    pub fn tentative(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        self.attend(act, now, Answer::TentativelyAccepted, ShowAs::Tentative)
    }

    /// The copy stays as `declined`, or goes to Deleted Items: by the act, else by the mailbox's setting.
    pub fn decline(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let meeting = self.invited(act)?;
        let keep =
            act.keep.unwrap_or_else(|| self.whose(&act.learner).is_some_and(|(_, user)| user.keeps_declined));
        let changes = match (act.occurrence, keep) {
            (Some(start), true) => {
                self.answer_occurrence(act, &meeting, start, now, (Answer::Declined, ShowAs::Free))?
            }
            (Some(start), false) => self.lose_occurrence(act, &meeting, start, now)?,
            (None, true) => {
                self.answer(act, &meeting, now, Answer::Declined, ShowAs::Free).into_iter().collect()
            }
            (None, false) => self.bin(&act.learner, &meeting.ical_uid, now, Some(Answer::Declined)),
        };
        self.effects(act, &meeting, changes, now, Answer::Declined, true)
    }

    /// A rule or a room declines: a response, and no copy that stays.
    pub fn auto_decline(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        self.decline(&Reply::new(&act.learner, &act.session).keep(false), now)
    }

    /// A plain delete: the organizer hears of it only when asked for, and then as a decline.
    pub fn delete(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let meeting = self.invited(act)?;
        let said = act.respond.unwrap_or(false).then_some(Answer::Declined);
        let changes = match act.occurrence {
            Some(start) => self.lose_occurrence(act, &meeting, start, now)?,
            None => self.bin(&act.learner, &meeting.ical_uid, now, said),
        };
        self.effects(act, &meeting, changes, now, Answer::Declined, false)
    }

    /// The learner (or Outlook) tidies a cancelled copy away.
    pub fn remove_cancelled(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let (learner, session) = (act.learner.clone(), act.session.clone());
        let copy = self.whose(&learner).and_then(|(_, user)| user.mailbox.copy(&ical_uid));
        match copy.map(|item| item.is_cancelled) {
            None => Err(ActError::NoCopy { learner, session }),
            Some(false) => Err(ActError::NotCancelled { learner, session }),
            Some(true) => {
                let change =
                    self.edit(&learner, &ical_uid, ChangeKind::Deleted, now, |item| item.live = false);
                Ok(Effects { changes: change.into_iter().collect(), mails: Vec::new() })
            }
        }
    }

    /// A change of no interest: a category, a reminder.
    pub fn touch(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let change = self
            .edit(&act.learner, &ical_uid, ChangeKind::Updated, now, |_| {})
            .ok_or_else(|| ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() })?;
        Ok(Effects { changes: vec![change], mails: Vec::new() })
    }

    fn attend(
        &mut self,
        act: &Reply,
        now: DateTime<Utc>,
        answer: Answer,
        show: ShowAs,
    ) -> Result<Effects, ActError> {
        let meeting = self.invited(act)?;
        let changes = match act.occurrence {
            Some(start) => self.answer_occurrence(act, &meeting, start, now, (answer, show))?,
            None => {
                let change = match self.answer(act, &meeting, now, answer, show) {
                    Some(change) => Some(change),
                    None => self.answer_anew(act, &meeting, now, answer, show),
                };
                change.into_iter().collect()
            }
        };
        self.effects(act, &meeting, changes, now, answer, true)
    }

    fn answer(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        now: DateTime<Utc>,
        answer: Answer,
        show: ShowAs,
    ) -> Option<Change> {
        let reaches = self.matrix.series_answer_reaches_exceptions;
        self.edit(&act.learner, &meeting.ical_uid, ChangeKind::Updated, now, |item| {
            item.status = Status::given(answer, now);
            item.show_as = show;
            let exceptions =
                item.series.occurrences_mut().iter_mut().filter_map(|one| one.exception.as_mut());
            for exception in exceptions.filter(|_| reaches) {
                exception.status = Status::given(answer, now);
                exception.show_as = show;
            }
        })
    }

    /// From the invitation mail, or out of Deleted Items.
    fn answer_anew(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        now: DateTime<Utc>,
        answer: Answer,
        show: ShowAs,
    ) -> Option<Change> {
        if !self.matrix.restored_copy_is_new && self.revive(&act.learner, &meeting.ical_uid).is_some() {
            return self.edit(&act.learner, &meeting.ical_uid, ChangeKind::Created, now, |item| {
                item.status = Status::given(answer, now);
                item.show_as = show;
            });
        }
        let made = self.file(&act.learner, meeting, now, Status::given(answer, now), false)?;
        let item = self.whose_mut(&act.learner).and_then(|user| user.mailbox.copy_mut(&meeting.ical_uid));
        if let Some(item) = item {
            item.show_as = show;
        }
        Some(made)
    }

    /// The meeting, if the learner has an invitation to it and is there to act on it.
    pub(super) fn invited(&self, act: &Reply) -> Result<Meeting, ActError> {
        let meeting = self.meeting(&act.session)?;
        if !meeting.lists(&act.learner) && meeting.unlisted(&act.learner).is_none() {
            return Err(ActError::NotInvited { learner: act.learner.clone(), session: act.session.clone() });
        }
        if self.whose(&act.learner).is_some_and(|(_, user)| !user.is_guest && !user.receives()) {
            return Err(ActError::Disabled(act.learner.clone()));
        }
        match &act.by {
            Some(by) if self.whose(by).is_none() => Err(ActError::Nobody(by.clone())),
            Some(_) | None => Ok(meeting.clone()),
        }
    }

    /// Whether there is a mailbox in which the learner can act on a copy. Guests, people outside and rooms
    /// without one answer by mail alone.
    pub(super) fn acts_here(&self, learner: &str) -> bool {
        self.whose(learner).is_some_and(|(_, user)| user.receives())
    }

    fn effects(
        &self,
        act: &Reply,
        meeting: &Meeting,
        changes: Vec<Change>,
        now: DateTime<Utc>,
        answer: Answer,
        responds: bool,
    ) -> Result<Effects, ActError> {
        let is_room = meeting.rooms.iter().any(|room| room.is(&act.learner));
        if self.acts_here(&act.learner) && changes.is_empty() && !is_room {
            return Err(ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() });
        }
        let mail = ResponseMail {
            ical_uid: meeting.ical_uid.clone(),
            learner: act.learner.clone(),
            sender: act.by.clone().unwrap_or_else(|| act.learner.clone()),
            status: Status::given(answer, now),
            proposed: act.propose,
            occurrence: act.occurrence,
            version: meeting.version(act.occurrence),
            after_ms: act.mail_after_ms,
        };
        let wanted = meeting.response_requested && act.respond.unwrap_or(responds);
        let sent = wanted && meeting.has_original && !act.mail_lost;
        Ok(Effects { changes, mails: sent.then_some(mail).into_iter().collect() })
    }
}
