//! Invitations that reach people past the organizer's list: forwarded ones, and those to a distribution list.

use super::act::{ActError, Forward, List, Reply};
use super::item::{Invitee, Status};
use super::post::MailKind;
use super::{ChangeKind, Effects, MailList, Model, Unlisted, Way};
use chrono::{DateTime, Utc};

impl Model {
    /// The new attendee gets an own copy; the organizer's list has them at once, or (by the matrix) from
    /// their first answer on.
    pub fn forward(&mut self, act: &Forward, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let meeting = self.invited(&Reply::new(&act.learner, &act.session))?;
        if meeting.cancelled {
            return Err(ActError::CalledOff(act.session.clone()));
        }
        if meeting.lists(&act.to) || meeting.unlisted(&act.to).is_some() {
            return Err(ActError::InvitedAlready { learner: act.to.clone(), session: act.session.clone() });
        }
        let has_copy =
            self.whose(&act.learner).is_some_and(|(_, user)| user.mailbox.copy(&meeting.ical_uid).is_some());
        if self.acts_here(&act.learner) && !has_copy {
            return Err(ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() });
        }
        let (party, at_once) = (self.party(&act.to), self.matrix.forward_lists_at_once);
        if let Some(meeting) = self.meeting_mut(&meeting.ical_uid) {
            match at_once {
                true => meeting.attendees.push(party.clone()),
                false => meeting.unlisted.push(Unlisted { party: party.clone(), way: Way::Forwarded }),
            }
        }
        let mut effects = Effects::default();
        if meeting.has_original && at_once {
            let (organizer, status) =
                (&meeting.organizer.address, Status::unanswered(self.matrix.unanswered));
            let listed = self.edit(organizer, &meeting.ical_uid, ChangeKind::Updated, now, |item| {
                item.invitees.push(Invitee::new(party, status));
            });
            effects.changes.extend(listed);
        }
        let meeting = self.meeting(&meeting.ical_uid)?.clone();
        effects.changes.extend(self.receive(&act.to, &meeting, now));
        let cause = (self.cause(), now);
        self.mail(&meeting, std::slice::from_ref(&act.to), MailKind::Invitation, cause, None);
        Ok(effects)
    }

    /// Makes a distribution list, or gives it other members.
    pub fn set_list(&mut self, act: &List) -> Result<(), ActError> {
        if self.whose(&act.address).is_some() {
            return Err(ActError::NoList(act.address.clone()));
        }
        self.lists.retain(|known| !known.address.eq_ignore_ascii_case(&act.address));
        self.lists.push(MailList { address: act.address.clone(), members: act.members.clone() });
        Ok(())
    }

    /// Whom mail to this address reaches: the members of a list, else the address itself.
    pub fn reached(&self, address: &str) -> Vec<String> {
        let list = self.lists.iter().find(|known| known.address.eq_ignore_ascii_case(address));
        list.map_or_else(|| vec![address.to_owned()], |known| known.members.clone())
    }

    /// Those of a new invitation who stand behind a list, each once, and not whom the organizer names too.
    pub(super) fn behind_lists(&self, named: &[String]) -> Vec<Unlisted> {
        let mut behind: Vec<Unlisted> = Vec::new();
        for address in named {
            let list = self.lists.iter().find(|known| known.address.eq_ignore_ascii_case(address));
            for member in list.into_iter().flat_map(|list| &list.members) {
                let is_named = named.iter().any(|other| other.eq_ignore_ascii_case(member));
                if !is_named && !behind.iter().any(|other| other.party.is(member)) {
                    behind.push(Unlisted { party: self.party(member), way: Way::List(address.clone()) });
                }
            }
        }
        behind
    }
}
