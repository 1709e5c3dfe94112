//! What organizers do: invite, invite again, cancel, drop a learner, move the time.

use super::act::{ActError, Cancel, Invite, Reinvite, Retime, Who};
use super::item::{Answer, Invitee, Party, ShowAs, Slot, Status};
use super::{ChangeKind, Effects, Meeting, Model};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

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
        let mut meeting = Meeting {
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
            response_requested: act.response_requested,
            sequence: 0,
            cancelled: false,
        };
        let mut effects = Effects::default();
        if !act.from_outside {
            let status = Status::unanswered(Answer::Organizer);
            let change = self.file(&act.organizer, &meeting, now, status, true);
            meeting.has_original = change.is_some();
            effects.changes.extend(change);
            let copy =
                self.whose_mut(&act.organizer).and_then(|user| user.mailbox.copy_mut(&meeting.ical_uid));
            if let Some(item) = copy {
                item.extended.clone_from(&act.extended);
            }
        }
        for address in meeting.addressees() {
            effects.changes.extend(self.receive(&address, &meeting, now));
        }
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
        let renewed = self.edit(&act.learner, &ical_uid, ChangeKind::Updated, now, |item| {
            item.is_cancelled = false;
            item.subject.clone_from(&meeting.subject);
            item.status = Status::unanswered(Answer::NotResponded);
            item.show_as = ShowAs::Tentative;
        });
        match renewed {
            Some(change) => effects.changes.push(change),
            None => effects.changes.extend(self.receive(&act.learner, &meeting, now)),
        }
        Ok(effects)
    }

    /// Attendees' live copies turn cancelled; the organizer's goes to Deleted Items.
    pub fn cancel(&mut self, act: &Cancel, now: DateTime<Utc>) -> Result<Effects, ActError> {
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
        Ok(effects)
    }

    /// Every copy gets the new time, and every answer is void.
    pub fn retime(&mut self, act: &Retime, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let slot = Slot::checked(act.start, act.end)?;
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        if let Some(meeting) = self.meeting_mut(&ical_uid) {
            let shift = slot.start - meeting.slot.start;
            meeting.occurrences.iter_mut().for_each(|start| *start += shift);
            meeting.moved.clear();
            meeting.slot = slot;
            meeting.sequence += 1;
        }
        let meeting = self.meeting(&ical_uid)?.clone();
        let series = meeting.series();
        let unanswered = Status::unanswered(self.matrix.unanswered);
        let mut effects = Effects::default();
        if meeting.has_original {
            effects.changes.extend(self.edit(
                &meeting.organizer.address,
                &ical_uid,
                ChangeKind::Updated,
                now,
                |item| {
                    item.slot = slot;
                    item.series.clone_from(&series);
                    for invitee in item.invitees.iter_mut().filter(|invitee| !invitee.is_resource) {
                        invitee.status = unanswered;
                        invitee.proposed = None;
                    }
                },
            ));
        }
        for learner in meeting.addressees() {
            let change = self.edit(&learner, &ical_uid, ChangeKind::Updated, now, |item| {
                item.slot = slot;
                item.series.clone_from(&series);
                item.status = Status::unanswered(Answer::NotResponded);
                item.show_as = ShowAs::Tentative;
            });
            if change.is_none() && self.matrix.retime_restores_removed {
                effects.changes.extend(self.receive(&learner, &meeting, now));
            }
            effects.changes.extend(change);
        }
        Ok(effects)
    }

    fn mark_cancelled(
        &mut self,
        learner: &str,
        meeting: &Meeting,
        now: DateTime<Utc>,
    ) -> Option<super::Change> {
        self.edit(learner, &meeting.ical_uid, ChangeKind::Updated, now, |item| {
            item.is_cancelled = true;
            item.subject = format!("Canceled: {}", meeting.subject);
            item.show_as = ShowAs::Free;
        })
    }
}
