//! What organizers do: invite, invite again, cancel, drop a learner, move the time.

use super::act::{ActError, Cancel, Invite, Reinvite, Retime, Who};
use super::details::Details;
use super::draft::{EventEdit, Span, WantedKind};
use super::item::{Answer, Invitee, Item, Party, ShowAs, Slot, Status};
use super::post::MailKind;
use super::{Change, ChangeKind, Effects, Meeting, Model};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

impl Model {
    /// The organizer's copy (unless the mail comes from outside) and one copy for everybody who has a mailbox
    /// here.
    pub fn invite(&mut self, act: &Invite, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let slot = Slot::checked(act.start, act.end)?;
        let domain = act.organizer.split_once('@').map_or("localhost", |(_, domain)| domain);
        let ical_uid = act.ical_uid.clone().unwrap_or_else(|| format!("lms-{}@{domain}", act.session));
        if self.meetings.iter().any(|meeting| meeting.ical_uid == ical_uid) {
            return Err(ActError::DoubleUid(ical_uid));
        }
        let parties =
            |list: &[String]| -> Vec<Party> { list.iter().map(|address| self.party(address)).collect() };
        let meeting = Meeting {
            session: act.session.clone(),
            ical_uid,
            subject: act.subject.clone(),
            body: act.body.clone(),
            organizer: self.party(&act.organizer),
            has_original: false,
            slot,
            all_day: act.all_day.clone(),
            occurrences: act.occurrences.clone(),
            moved: BTreeMap::new(),
            attendees: parties(&act.attendees),
            unlisted: self.behind_lists(&act.attendees),
            rooms: parties(&act.rooms),
            optional: BTreeSet::new(),
            details: Details::default(),
            response_requested: act.response_requested,
            sequence: 0,
            cancelled: false,
        };
        match act.from_outside {
            true => self.send_invitations(meeting, now, Effects::default()),
            false => self.send_out(meeting, now, |item| item.extended.clone_from(&act.extended)),
        }
    }

    /// The organizer's copy, as it is made here, and then the invitations.
    pub(super) fn send_out(
        &mut self,
        mut meeting: Meeting,
        now: DateTime<Utc>,
        make: impl FnOnce(&mut Item),
    ) -> Result<Effects, ActError> {
        let mut effects = Effects::default();
        let status = Status::unanswered(Answer::Organizer);
        let organizer = meeting.organizer.address.clone();
        let change = self.file(&organizer, &meeting, now, status, true);
        meeting.has_original = change.is_some();
        effects.changes.extend(change);
        let copy = self.whose_mut(&organizer).and_then(|user| user.mailbox.copy_mut(&meeting.ical_uid));
        if let Some(item) = copy {
            make(item);
        }
        self.send_invitations(meeting, now, effects)
    }

    fn send_invitations(
        &mut self,
        meeting: Meeting,
        now: DateTime<Utc>,
        mut effects: Effects,
    ) -> Result<Effects, ActError> {
        for address in meeting.addressees() {
            match self.decides(&address) && meeting.kind_of(&address) == Some(WantedKind::Resource) {
                true => self.decide(&address, &meeting, now, &mut effects),
                false => effects.changes.extend(self.receive(&address, &meeting, now)),
            }
        }
        let cause = (self.cause(), now);
        self.mail(&meeting, &meeting.recipients(), MailKind::Invitation, cause, None);
        self.meetings.push(meeting);
        Ok(effects)
    }

    /// A learner is put (back) on the list, and gets the invitation anew.
    pub fn reinvite(&mut self, act: &Reinvite, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let party = self.party(&act.learner);
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        if self.meeting(&ical_uid)?.cancelled {
            return Err(ActError::CalledOff(act.session.clone()));
        }
        if let Some(meeting) = self.meeting_mut(&ical_uid) {
            meeting.unlisted.retain(|known| !known.party.is(&act.learner));
            meeting.attendees.retain(|known| !known.is(&act.learner));
            meeting.attendees.push(party.clone());
        }
        let meeting = self.meeting(&ical_uid)?.clone();
        let mut effects = Effects::default();
        if meeting.has_original {
            let (status, voids) =
                (Status::unanswered(self.matrix.unanswered), self.matrix.reinvite_voids_answer);
            effects.changes.extend(self.edit(
                &meeting.organizer.address,
                &ical_uid,
                ChangeKind::Updated,
                now,
                |item| {
                    let old = item.invitee_mut(&act.learner).map(|invitee| invitee.status);
                    item.invitees.retain(|known| !known.party.is(&act.learner));
                    item.invitees.push(Invitee::new(party.clone(), old.filter(|_| !voids).unwrap_or(status)));
                },
            ));
        }
        effects.changes.extend(self.invite_one(&act.learner, &meeting, now));
        let cause = (self.cause(), now);
        self.mail(&meeting, std::slice::from_ref(&act.learner), MailKind::Invitation, cause, None);
        Ok(effects)
    }

    /// An invitation to somebody who may have a copy from an earlier one. Rooms decide by themselves.
    pub(super) fn invite_one(
        &mut self,
        address: &str,
        meeting: &Meeting,
        now: DateTime<Utc>,
    ) -> Option<Change> {
        if self.decides(address) && meeting.kind_of(address) == Some(WantedKind::Resource) {
            return None;
        }
        let shown = meeting.shown_to(address, Status::unanswered(Answer::None));
        let renewed = self.edit(address, &meeting.ical_uid, ChangeKind::Updated, now, |item| {
            item.is_cancelled = false;
            item.subject.clone_from(&meeting.subject);
            item.body.clone_from(&meeting.body);
            item.details = meeting.details.travelling();
            item.slot = meeting.slot;
            item.all_day.clone_from(&meeting.all_day);
            item.invitees = shown;
            item.status = Status::unanswered(Answer::NotResponded);
            item.show_as = ShowAs::Tentative;
        });
        renewed.or_else(|| self.receive(address, meeting, now))
    }

    /// Attendees' live copies turn cancelled; the organizer's goes to Deleted Items.
    pub fn cancel(&mut self, act: &Cancel, now: DateTime<Utc>) -> Result<Effects, ActError> {
        self.call_off(act, None, now)
    }

    /// The same with words of the organizer's.
    pub fn call_off(
        &mut self,
        act: &Cancel,
        comment: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        if let Some(meeting) = self.meeting_mut(&ical_uid) {
            meeting.cancelled = true;
            meeting.sequence += 1;
        }
        let meeting = self.meeting(&ical_uid)?.clone();
        let mut effects = Effects::default();
        if meeting.has_original && self.matrix.cancelled_original_goes {
            let change = self.edit(&meeting.organizer.address, &ical_uid, ChangeKind::Deleted, now, |item| {
                item.is_cancelled = true;
                item.live = false;
            });
            effects.changes.extend(change);
        } else if meeting.has_original {
            let change = self.edit(&meeting.organizer.address, &ical_uid, ChangeKind::Updated, now, |item| {
                item.is_cancelled = true;
            });
            effects.changes.extend(change);
        }
        for learner in meeting.addressees() {
            effects.changes.extend(self.mark_cancelled(&learner, &meeting, now));
        }
        let cause = (self.cause(), now);
        self.mail(&meeting, &meeting.recipients(), MailKind::Cancellation, cause, comment);
        Ok(effects)
    }

    /// The learner leaves the organizer's list and gets a cancellation.
    pub fn drop_learner(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let (learner, session) = (act.learner.clone(), act.session.clone());
        let Some(meeting) = self.meeting_mut(&ical_uid) else {
            return Err(ActError::NotInvited { learner, session });
        };
        if !meeting.attendees.iter().any(|party| party.is(&learner)) {
            return Err(match meeting.unlisted(&learner) {
                Some(_) => ActError::NotListed { learner, session },
                None => ActError::NotInvited { learner, session },
            });
        }
        let struck = meeting.strike(&learner);
        let meeting = meeting.clone();
        let mut effects = Effects::default();
        if meeting.has_original {
            effects.changes.extend(self.edit(
                &meeting.organizer.address,
                &ical_uid,
                ChangeKind::Updated,
                now,
                |item| {
                    item.invitees.retain(|known| !known.party.is(&act.learner));
                },
            ));
        }
        for learner in struck {
            match self.matrix.dropped_copy_stays {
                true => effects.changes.extend(self.mark_cancelled(&learner, &meeting, now)),
                false => effects.changes.extend(self.bin(&learner, &ical_uid, now, None)),
            }
        }
        let cause = (self.cause(), now);
        self.mail(&meeting, std::slice::from_ref(&act.learner), MailKind::Cancellation, cause, None);
        Ok(effects)
    }

    /// Every copy gets the new time, and every answer is void.
    pub fn retime(&mut self, act: &Retime, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let slot = Slot::checked(act.start, act.end)?;
        let meeting = self.meeting(&act.session)?;
        let (uid, all_day) = (meeting.ical_uid.clone(), meeting.all_day.clone());
        let own = all_day.clone().unwrap_or_else(|| "UTC".to_owned());
        let zones = meeting.details.zones.clone().unwrap_or_else(|| (own.clone(), own));
        let when = Some(Span { slot, all_day, zones });
        self.revise(&uid, &EventEdit { when, ..EventEdit::default() }, now)
    }

    pub(super) fn mark_cancelled(
        &mut self,
        learner: &str,
        meeting: &Meeting,
        now: DateTime<Utc>,
    ) -> Option<Change> {
        self.edit(learner, &meeting.ical_uid, ChangeKind::Updated, now, |item| {
            if !item.is_cancelled {
                item.subject = format!("Canceled: {}", item.subject);
            }
            item.is_cancelled = true;
            item.show_as = ShowAs::Free;
        })
    }
}
