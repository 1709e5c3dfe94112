//! What learners do to their own copy, and the response mail's arrival at the organizer's.

use super::act::{ActError, Move, Reply, Who};
use super::directory::Calendar;
use super::item::{Answer, Invitee, Series, ShowAs, Status};
use super::{Change, ChangeKind, Effects, Meeting, Model, ResponseMail};
use chrono::{DateTime, Utc};

impl Model {
    pub fn accept(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        self.attend(act, now, Answer::Accepted, ShowAs::Busy)
    }

    pub fn tentative(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        self.attend(act, now, Answer::TentativelyAccepted, ShowAs::Tentative)
    }

    /// The copy stays as `declined`, or goes to Deleted Items: by the act, else by the mailbox's setting.
    pub fn decline(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let meeting = self.invited(act)?;
        let keep = act.keep.unwrap_or_else(|| self.whose(&act.learner).is_some_and(|(_, user)| user.keeps_declined));
        let changes = match act.occurrence {
            Some(start) => self.lose_occurrence(act, &meeting, start, now)?,
            None if keep => self.answer(act, &meeting, now, Answer::Declined, ShowAs::Free).into_iter().collect(),
            None => self.bin(&act.learner, &meeting.ical_uid, now),
        };
        self.effects(act, &meeting, changes, now, Answer::Declined, true)
    }

    /// A plain delete: the organizer hears of it only when asked for, and then as a decline.
    pub fn delete(&mut self, act: &Reply, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let meeting = self.invited(act)?;
        let changes = match act.occurrence {
            Some(start) => self.lose_occurrence(act, &meeting, start, now)?,
            None => self.bin(&act.learner, &meeting.ical_uid, now),
        };
        self.effects(act, &meeting, changes, now, Answer::Declined, false)
    }

    /// `deleted` under the old id, `created` under the new one; the answer stays.
    pub fn move_copy(&mut self, act: &Move, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let no_copy = || ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() };
        let new_id = self.matrix.move_changes_immutable_id;
        let gone = self.edit(&act.learner, &ical_uid, ChangeKind::Deleted, now, |_| {}).ok_or_else(no_copy)?;
        let Self { tenants, mint, .. } = self;
        let user = tenants.iter_mut().flat_map(|tenant| tenant.users.iter_mut());
        let user = user.into_iter().find(|user| user.has_address(&act.learner)).ok_or_else(no_copy)?;
        let known = user.mailbox.calendars.iter().find(|calendar| calendar.name == act.calendar);
        let calendar = match known {
            Some(calendar) => calendar.id.clone(),
            None => {
                let id = mint.calendar();
                user.mailbox.calendars.push(Calendar { id: id.clone(), name: act.calendar.clone() });
                id
            }
        };
        let immutable = if new_id { mint.immutable(&mut user.mailbox.twin) } else { gone.immutable.clone() };
        let mutable = mint.mutable();
        let came = self.edit(&act.learner, &ical_uid, ChangeKind::Created, now, |item| {
            item.calendar = calendar;
            item.immutable = immutable;
            item.mutable = mutable;
        });
        Ok(Effects { changes: std::iter::once(gone).chain(came).collect(), mails: Vec::new() })
    }

    /// The learner (or Outlook) tidies a cancelled copy away.
    pub fn remove_cancelled(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let changes: Vec<Change> = self
            .edit(&act.learner, &ical_uid, ChangeKind::Deleted, now, |item| item.live = false)
            .into_iter()
            .collect();
        if changes.is_empty() {
            return Err(ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() });
        }
        Ok(Effects { changes, mails: Vec::new() })
    }

    /// A change of no interest: a category, a reminder.
    pub fn touch(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let change = self
            .edit(&act.learner, &ical_uid, ChangeKind::Updated, now, |_| {})
            .ok_or_else(|| ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() })?;
        Ok(Effects { changes: vec![change], mails: Vec::new() })
    }

    /// The organizer's copy takes the answer, unless the meeting has changed since or is gone.
    pub fn deliver(&mut self, mail: &ResponseMail, now: DateTime<Utc>) -> Option<Change> {
        let meeting = self.meeting(&mail.ical_uid).ok()?.clone();
        let listed = meeting.attendees.iter().any(|party| party.is(&mail.learner));
        if !meeting.has_original || meeting.cancelled || mail.sequence != meeting.sequence || !listed {
            return None;
        }
        self.edit(&meeting.organizer.address, &mail.ical_uid, ChangeKind::Updated, now, |item| match mail.occurrence {
            Some(start) => {
                let answers = item.exceptions.entry(start).or_default();
                answers.insert(mail.learner.to_lowercase(), mail.status);
            }
            None => {
                if let Some(invitee) = item.invitee_mut(&mail.learner) {
                    overtake(invitee, mail);
                }
            }
        })
    }

    fn attend(&mut self, act: &Reply, now: DateTime<Utc>, answer: Answer, show: ShowAs) -> Result<Effects, ActError> {
        let meeting = self.invited(act)?;
        let change = match self.answer(act, &meeting, now, answer, show) {
            Some(change) => Some(change),
            None => self.restore(act, &meeting, now, answer, show),
        };
        self.effects(act, &meeting, change.into_iter().collect(), now, answer, true)
    }

    fn answer(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        now: DateTime<Utc>,
        answer: Answer,
        show: ShowAs,
    ) -> Option<Change> {
        self.edit(&act.learner, &meeting.ical_uid, ChangeKind::Updated, now, |item| {
            item.status = Status::given(answer, now);
            item.show_as = show;
        })
    }

    /// From the invitation mail, or out of Deleted Items.
    fn restore(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        now: DateTime<Utc>,
        answer: Answer,
        show: ShowAs,
    ) -> Option<Change> {
        let from_bin = !self.matrix.restored_copy_is_new;
        let binned = self.whose_mut(&act.learner).and_then(|user| {
            user.mailbox.items.iter_mut().rev().find(|item| !item.live && item.ical_uid == meeting.ical_uid)
        });
        if let Some(item) = binned.filter(|_| from_bin) {
            item.live = true;
            let mutable = self.mint.mutable();
            return self.edit(&act.learner, &meeting.ical_uid, ChangeKind::Created, now, |item| {
                item.mutable = mutable;
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

    /// One occurrence leaves the learner's copy: `updated` on the master only (facts sheet 6).
    fn lose_occurrence(
        &mut self,
        act: &Reply,
        meeting: &Meeting,
        start: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Change>, ActError> {
        let mut found = false;
        let change =
            self.edit(&act.learner, &meeting.ical_uid, ChangeKind::Updated, now, |item| match &mut item.series {
                Series::Master { starts, lost } => {
                    let before = starts.len();
                    starts.retain(|known| *known != start);
                    found = starts.len() < before;
                    lost.push(start);
                }
                Series::Single => {}
            });
        match (change, found) {
            (Some(change), true) => Ok(vec![change]),
            (Some(_), false) => Err(ActError::NoOccurrence(start)),
            (None, _) => Err(ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() }),
        }
    }

    /// The meeting, if the learner is on its list.
    fn invited(&self, act: &Reply) -> Result<Meeting, ActError> {
        let meeting = self.meeting(&act.session)?;
        if meeting.attendees.iter().any(|party| party.is(&act.learner)) {
            return Ok(meeting.clone());
        }
        Err(ActError::NotInvited { learner: act.learner.clone(), session: act.session.clone() })
    }

    /// People without a mailbox here answer by mail alone; people with one need a copy to act on.
    fn effects(
        &self,
        act: &Reply,
        meeting: &Meeting,
        changes: Vec<Change>,
        now: DateTime<Utc>,
        answer: Answer,
        responds: bool,
    ) -> Result<Effects, ActError> {
        let here = self.whose(&act.learner).is_some_and(|(_, user)| user.receives());
        if here && changes.is_empty() {
            return Err(ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() });
        }
        let mail = ResponseMail {
            ical_uid: meeting.ical_uid.clone(),
            learner: act.learner.clone(),
            status: Status::given(answer, now),
            proposed: act.propose,
            occurrence: act.occurrence,
            sequence: meeting.sequence,
            after_ms: act.mail_after_ms,
        };
        let sent = act.respond.unwrap_or(responds) && meeting.has_original;
        Ok(Effects { changes, mails: sent.then_some(mail).into_iter().collect() })
    }
}

/// A mail that was overtaken by a later answer changes nothing.
fn overtake(invitee: &mut Invitee, mail: &ResponseMail) {
    if invitee.status.at <= mail.status.at {
        invitee.status = mail.status;
        invitee.proposed = mail.proposed;
    }
}
