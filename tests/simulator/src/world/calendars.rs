//! Calendars as places: moving a copy, dragging it back, sharing a calendar, clean-ups, and mailboxes that go
//! and come back. None of this is an answer, and the organizer hears of none of it.

use super::act::{ActError, Move, ShareCalendar, Who, Whom};
use super::directory::{Calendar, MailboxState, User};
use super::{Change, ChangeKind, Effects, Model, Share};
use chrono::{DateTime, Utc};

fn only(changes: impl IntoIterator<Item = Change>) -> Effects {
    Effects { changes: changes.into_iter().collect(), mails: Vec::new() }
}

impl Model {
    /// `deleted` under the old id, `created` under the new one; the answer stays. A series moves whole.
    pub fn move_copy(&mut self, act: &Move, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let no_copy = || ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() };
        let new_id = self.matrix.move_changes_immutable_id;
        let gone =
            self.edit(&act.learner, &ical_uid, ChangeKind::Deleted, now, |_| {}).ok_or_else(no_copy)?;
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
        Ok(only(std::iter::once(gone).chain(came)))
    }

    /// Dragged out of Deleted Items, without an answer: by the matrix as a new item, made now, or as the one
    /// it was.
    pub fn restore(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let (learner, session) = (act.learner.clone(), act.session.clone());
        let user =
            self.whose(&learner).map(|(_, user)| user).ok_or_else(|| ActError::Nobody(learner.clone()))?;
        if user.mailbox.copy(&ical_uid).is_some() {
            return Err(ActError::HasCopy { learner, session });
        }
        if self.revive(&learner, &ical_uid).is_none() {
            return Err(ActError::NothingBinned { learner, session });
        }
        if self.matrix.restored_copy_is_new {
            let Self { tenants, mint, .. } = self;
            let user = tenants.iter_mut().flat_map(|tenant| tenant.users.iter_mut());
            let user = user.into_iter().find(|user| user.has_address(&learner));
            if let Some(mailbox) = user.map(|user| &mut user.mailbox) {
                let immutable = mint.immutable(&mut mailbox.twin);
                if let Some(item) = mailbox.copy_mut(&ical_uid) {
                    item.immutable = immutable;
                    item.created = now;
                }
            }
        }
        Ok(only(self.edit(&learner, &ical_uid, ChangeKind::Created, now, |_| {})))
    }

    /// The newest copy in Deleted Items lives again, under a new mutable id.
    pub(super) fn revive(&mut self, learner: &str, ical_uid: &str) -> Option<()> {
        let mutable = self.mint.mutable();
        let items = &mut self.whose_mut(learner).filter(|user| user.receives())?.mailbox.items;
        let item = items.iter_mut().rev().find(|item| !item.live && item.ical_uid == ical_uid)?;
        item.live = true;
        item.mutable = mutable;
        Some(())
    }

    /// Retention, a third-party sync, a mailbox move: the copy is gone, and nobody decided anything.
    pub fn clean_up(&mut self, act: &Who, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let ical_uid = self.meeting(&act.session)?.ical_uid.clone();
        let change = self.edit(&act.learner, &ical_uid, ChangeKind::Deleted, now, |item| item.live = false);
        change
            .map(|change| only([change]))
            .ok_or_else(|| ActError::NoCopy { learner: act.learner.clone(), session: act.session.clone() })
    }

    /// All of it at once.
    pub fn empty_calendar(&mut self, act: &Whom, now: DateTime<Utc>) -> Result<Effects, ActError> {
        let user = self.mailbox_of(&act.learner)?;
        let live = user.mailbox.items.iter().filter(|item| item.live);
        let uids: Vec<String> = live.map(|item| item.ical_uid.clone()).collect();
        let gone = uids.iter().filter_map(|uid| {
            self.edit(&act.learner, uid, ChangeKind::Deleted, now, |item| item.live = false)
        });
        Ok(only(gone.collect::<Vec<Change>>()))
    }

    /// The licence goes: Graph answers 404 `MailboxNotEnabledForRESTAPI`, and no mail arrives.
    pub fn disable_mailbox(&mut self, act: &Whom) -> Result<(), ActError> {
        self.mailbox_of(&act.learner)?;
        if let Some(user) = self.whose_mut(&act.learner) {
            user.mailbox_state = MailboxState::NoMailbox;
        }
        Ok(())
    }

    /// It comes back with what was in it.
    pub fn enable_mailbox(&mut self, act: &Whom) -> Result<(), ActError> {
        let user = self.whose_mut(&act.learner).ok_or_else(|| ActError::Nobody(act.learner.clone()))?;
        if user.is_guest {
            return Err(ActError::NoMailbox(act.learner.clone()));
        }
        if user.receives() {
            return Err(ActError::NotDisabled(act.learner.clone()));
        }
        user.mailbox_state = MailboxState::Active;
        Ok(())
    }

    /// One more calendar in `with`'s list: whatever lies in `from`'s default calendar is readable through it.
    pub fn share_calendar(&mut self, act: &ShareCalendar) -> Result<(), ActError> {
        let refuse = |why| ActError::NoSharing { from: act.from.clone(), with: act.with.clone(), why };
        let person = |address: &str| {
            let (tenant, _) = self.whose(address).ok_or_else(|| ActError::Nobody(address.to_owned()))?;
            Ok((tenant.id, self.mailbox_of(address)?.id))
        };
        let ((tenant, owner), (other, with)) = (person(&act.from)?, person(&act.with)?);
        if owner == with {
            return Err(refuse("it is theirs"));
        }
        if tenant != other {
            return Err(refuse("they are in different tenants"));
        }
        if self.shares.iter().any(|share| share.owner == owner && share.with == with) {
            return Err(refuse("it is shared with them already"));
        }
        let id = self.mint.calendar();
        self.shares.push(Share { tenant, owner, with, id });
        Ok(())
    }

    fn mailbox_of(&self, address: &str) -> Result<&User, ActError> {
        let (_, user) = self.whose(address).ok_or_else(|| ActError::Nobody(address.to_owned()))?;
        match (user.receives(), user.is_guest) {
            (true, _) => Ok(user),
            (false, true) => Err(ActError::NoMailbox(address.to_owned())),
            (false, false) => Err(ActError::Disabled(address.to_owned())),
        }
    }
}
