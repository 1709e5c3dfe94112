//! The handle on the world: acts, faults, time, and what happened. Cheap to clone; the control API calls the
//! same methods.

use crate::faults::Fault;
use crate::graph::record::Recorded;
use crate::lms::{Effect, LmsError};
use crate::options::UserSeed;
use crate::state::{Counters, Shared, Ticket};
use crate::world::act::{
    ActError, Cancel, CancelOccurrence, Forward, Invite, List, Move, Reinvite, Reply, Retime,
    RetimeOccurrence, ShareCalendar, Who, Whom,
};
use crate::world::directory::{Tenant, User};
use crate::world::item::{Item, Slot};
use crate::world::matrix::Matrix;
use crate::world::{Effects, Model, ResponseMail};
use axum::http::HeaderValue;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub struct World(pub(crate) Arc<Shared>);

/// The acts. Each is done at once; what it sets off (notifications, response mails) takes its time.
impl World {
    /// Invites to a session, which the LMS gets if it has none of that id; the attendees get a place in it
    /// unless told not to.
    pub fn invite(&self, act: &Invite) -> Result<(), ActError> {
        self.act(|model, now| model.invite(act, now))?;
        // Places are given to people, not to distribution lists.
        let people: Vec<String> = {
            let model = self.0.model.lock();
            act.attendees.iter().flat_map(|address| model.reached(address)).collect()
        };
        let mut lms = self.0.lms.lock();
        lms.add_session(&act.session, &act.subject, Slot { start: act.start, end: act.end });
        if act.enrol {
            for attendee in &people {
                lms.enrol(&act.session, attendee, self.0.now())
                    .map_err(|_| ActError::NoMeeting(act.session.clone()))?;
            }
        }
        Ok(())
    }

    /// Puts the learner back on the list and (unless told not to) gives them a new place.
    pub fn reinvite(&self, act: &Reinvite) -> Result<(), ActError> {
        self.act(|model, now| model.reinvite(act, now))?;
        if act.enrol {
            self.enrol(&act.session, &act.learner).map_err(|_| ActError::NoMeeting(act.session.clone()))?;
        }
        Ok(())
    }

    pub fn accept(&self, act: &Reply) -> Result<(), ActError> {
        self.act(|model, now| model.accept(act, now))
    }

    pub fn tentative(&self, act: &Reply) -> Result<(), ActError> {
        self.act(|model, now| model.tentative(act, now))
    }

    pub fn decline(&self, act: &Reply) -> Result<(), ActError> {
        self.act(|model, now| model.decline(act, now))
    }

    pub fn delete(&self, act: &Reply) -> Result<(), ActError> {
        self.act(|model, now| model.delete(act, now))
    }

    pub fn auto_decline(&self, act: &Who) -> Result<(), ActError> {
        self.act(|model, now| model.auto_decline(act, now))
    }

    pub fn restore(&self, act: &Who) -> Result<(), ActError> {
        self.act(|model, now| model.restore(act, now))
    }

    pub fn clean_up(&self, act: &Who) -> Result<(), ActError> {
        self.act(|model, now| model.clean_up(act, now))
    }

    pub fn empty_calendar(&self, act: &Whom) -> Result<(), ActError> {
        self.act(|model, now| model.empty_calendar(act, now))
    }

    /// Gives whom it is forwarded to a place only if told so.
    pub fn forward(&self, act: &Forward) -> Result<(), ActError> {
        self.act(|model, now| model.forward(act, now))?;
        if act.enrol {
            self.enrol(&act.session, &act.to).map_err(|_| ActError::NoMeeting(act.session.clone()))?;
        }
        Ok(())
    }

    pub fn set_list(&self, act: &List) -> Result<(), ActError> {
        self.0.model.lock().set_list(act)
    }

    pub fn share_calendar(&self, act: &ShareCalendar) -> Result<(), ActError> {
        self.0.model.lock().share_calendar(act)
    }

    /// Graph knows the mailbox no more, and its subscriptions are over: by the matrix with a word or without.
    pub fn disable_mailbox(&self, act: &Whom) -> Result<(), ActError> {
        let is_told = {
            let mut model = self.0.model.lock();
            model.disable_mailbox(act)?;
            model.matrix.disabling_is_told
        };
        if is_told {
            self.lifecycle(&act.learner, "subscriptionRemoved", false);
        } else {
            let ids = self.subscriptions_of(&act.learner);
            let mut registry = self.0.registry.lock();
            ids.into_iter().for_each(|id| drop(registry.remove(id)));
        }
        Ok(())
    }

    pub fn enable_mailbox(&self, act: &Whom) -> Result<(), ActError> {
        self.0.model.lock().enable_mailbox(act)
    }

    pub fn cancel_occurrence(&self, act: &CancelOccurrence) -> Result<(), ActError> {
        self.act(|model, now| model.cancel_occurrence(act, now))
    }

    pub fn retime_occurrence(&self, act: &RetimeOccurrence) -> Result<(), ActError> {
        self.act(|model, now| model.retime_occurrence(act, now))
    }

    pub fn move_copy(&self, act: &Move) -> Result<(), ActError> {
        self.act(|model, now| model.move_copy(act, now))
    }

    pub fn cancel(&self, act: &Cancel) -> Result<(), ActError> {
        self.act(|model, now| model.cancel(act, now))
    }

    pub fn drop_learner(&self, act: &Who) -> Result<(), ActError> {
        self.act(|model, now| model.drop_learner(act, now))
    }

    pub fn retime(&self, act: &Retime) -> Result<(), ActError> {
        self.act(|model, now| model.retime(act, now))
    }

    pub fn remove_cancelled(&self, act: &Who) -> Result<(), ActError> {
        self.act(|model, now| model.remove_cancelled(act, now))
    }

    pub fn touch(&self, act: &Who) -> Result<(), ActError> {
        self.act(|model, now| model.touch(act, now))
    }

    /// Gives the learner a place (again).
    pub fn enrol(&self, session: &str, learner: &str) -> Result<(), LmsError> {
        self.0.lms.lock().enrol(session, learner, self.0.now())?;
        self.tell_of_place(session, learner, None);
        Ok(())
    }

    /// Takes the place away in the LMS itself, as a coordinator there would.
    pub fn unenrol(&self, session: &str, learner: &str) -> Result<(), LmsError> {
        self.0.lms.lock().unenrol(session, learner, self.0.now())?;
        self.tell_of_place(session, learner, None);
        Ok(())
    }

    pub(crate) fn act(
        &self,
        change: impl FnOnce(&mut Model, DateTime<Utc>) -> Result<Effects, ActError>,
    ) -> Result<(), ActError> {
        self.write(|model, now| change(model, now).map(|effects| (effects, ())))
    }

    /// Changes the world under one lock; what that sets off is on its way afterwards.
    pub(crate) fn write<T, E>(
        &self,
        change: impl FnOnce(&mut Model, DateTime<Utc>) -> Result<(Effects, T), E>,
    ) -> Result<T, E> {
        let now = self.0.now();
        let (effects, done) = change(&mut self.0.model.lock(), now)?;
        for change in &effects.changes {
            self.tell(change);
        }
        for mail in effects.mails {
            self.send_mail(mail);
        }
        Ok(done)
    }

    fn send_mail(&self, mail: ResponseMail) {
        let by_chance = || self.0.scaled(self.0.chance(&self.0.options.response_mail_delay));
        let delay = mail.after_ms.map_or_else(by_chance, Duration::from_millis);
        let (world, ticket) = (self.clone(), Ticket::draw(&self.0));
        self.spawn(async move {
            tokio::time::sleep(delay).await;
            let changes = world.0.model.lock().deliver(&mail, world.0.now());
            world.0.count(|counters| counters.response_mails += 1);
            changes.iter().for_each(|change| world.tell(change));
            drop(ticket);
        });
    }
}

/// Setting the stage, and looking at it.
impl World {
    pub fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    /// Lets the world's time jump: subscriptions and tokens grow older.
    pub fn advance(&self, by: chrono::Duration) {
        *self.0.ahead.lock() += by;
        self.tend_subscriptions();
    }

    /// Waits until no notification and no response mail is under way. Never ends while an endpoint refuses
    /// deliveries and the back-off goes on: give it a time-out.
    pub async fn quiet(&self) {
        let mut pending = self.0.pending.subscribe();
        // The sender lives as long as this handle, so waiting can't fail.
        let _ = pending.wait_for(|pending| *pending == 0).await;
    }

    pub fn inject(&self, fault: Fault) {
        self.0.faults.lock().inject(fault, None, None);
    }

    pub fn inject_times(&self, fault: Fault, times: u32) {
        self.0.faults.lock().inject(fault, Some(times), None);
    }

    /// For so long, in real time.
    pub fn inject_for(&self, fault: Fault, lasting: Duration) {
        self.0.faults.lock().inject(fault, None, Some(lasting));
    }

    /// For so long, and of what it could hit only each so many-th.
    pub fn inject_each(&self, fault: Fault, each: u32, lasting: Duration) {
        self.0.faults.lock().inject_each(fault, each, lasting);
    }

    /// Uses the first fault in force for which `pick` has an answer.
    pub(crate) fn fault<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.0.faults.lock().take(pick)
    }

    /// The `Date` of a server whose clock a fault has put so many seconds ahead.
    pub(crate) fn dated(&self, pick: impl Fn(&Fault) -> Option<i64>) -> Option<HeaderValue> {
        let time = Utc::now() + chrono::Duration::seconds(self.fault(pick)?);
        HeaderValue::from_str(&time.format("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
    }

    pub fn clear_faults(&self) {
        self.0.faults.lock().clear();
    }

    pub fn faults(&self) -> Vec<Fault> {
        self.0.faults.lock().list()
    }

    /// Changes a user: the mailbox's state, settings, addresses. `None`: nobody has the address.
    pub fn edit_user<T>(&self, address: &str, change: impl FnOnce(&mut User) -> T) -> Option<T> {
        self.0.model.lock().whose_mut(address).map(change)
    }

    /// Changes a tenant: consent, credentials, groups. `None`: no tenant of this domain or id.
    pub fn edit_tenant<T>(&self, domain_or_id: &str, change: impl FnOnce(&mut Tenant) -> T) -> Option<T> {
        let mut model = self.0.model.lock();
        let named =
            |tenant: &&mut Tenant| tenant.domain == domain_or_id || tenant.id.to_string() == domain_or_id;
        model.tenants.iter_mut().find(named).map(change)
    }

    /// Somebody new in the directory. `None`: no tenant of this domain or id.
    pub fn add_person(&self, domain_or_id: &str, person: &UserSeed) -> Option<Uuid> {
        let user = person.build(&mut self.0.model.lock().mint);
        let id = user.id;
        self.edit_tenant(domain_or_id, |tenant| tenant.users.push(user))?;
        Some(id)
    }

    /// Takes somebody into a group of their tenant (by its name), or out of it. `false`: no such person or
    /// group.
    pub fn set_member(&self, group: &str, address: &str, is_member: bool) -> bool {
        let mut model = self.0.model.lock();
        let mut found = false;
        for tenant in &mut model.tenants {
            let Some(id) = tenant.users.iter().find(|user| user.has_address(address)).map(|user| user.id)
            else {
                continue;
            };
            if let Some(group) = tenant.groups.iter_mut().find(|known| known.name == group) {
                found = true;
                group.members.retain(|member| *member != id);
                group.members.extend(is_member.then_some(id));
            }
        }
        found
    }

    pub fn edit_matrix(&self, change: impl FnOnce(&mut Matrix)) {
        change(&mut self.0.model.lock().matrix);
    }

    /// Object id of a user.
    pub fn user_id(&self, address: &str) -> Option<Uuid> {
        self.0.model.lock().whose(address).map(|(_, user)| user.id)
    }

    /// The live copy of a meeting in somebody's mailbox.
    pub fn copy(&self, address: &str, session: &str) -> Option<Item> {
        let model = self.0.model.lock();
        let ical_uid = model.meeting(session).ok()?.ical_uid.clone();
        model.whose(address)?.1.mailbox.copy(&ical_uid).cloned()
    }

    /// Everything that reached the LMS, in order.
    pub fn effects(&self) -> Vec<Effect> {
        self.0.lms.lock().effects().to_vec()
    }

    /// How often a cancellation took effect for this learner in this session.
    pub fn cancellations(&self, session: &str, learner: &str) -> usize {
        let taken =
            |effect: &&Effect| effect.took_effect && effect.session == session && effect.learner == learner;
        self.0.lms.lock().effects().iter().filter(taken).count()
    }

    /// The same by generation and decision, as the connector counted them: at most one each.
    pub fn cancellations_by_decision(&self, session: &str, learner: &str) -> BTreeMap<(u32, u32), usize> {
        self.0.lms.lock().cancellations_by_decision(session, learner)
    }

    /// Requests to the LMS whose `webhook-id` had come before with another content: the same id must mean the
    /// same thing.
    pub fn altered(&self) -> usize {
        self.0.lms.lock().effects().iter().filter(|effect| effect.altered).count()
    }

    pub fn is_enrolled(&self, session: &str, learner: &str) -> bool {
        self.0.lms.lock().is_enrolled(session, learner)
    }

    /// What Graph was asked, oldest first.
    pub fn requests(&self) -> Vec<Recorded> {
        self.0.recorder.lock().all()
    }

    pub fn counters(&self) -> Counters {
        self.0.counters.lock().clone()
    }

    /// Ids of the live subscriptions on a mailbox.
    pub fn subscriptions_of(&self, address: &str) -> Vec<Uuid> {
        let Some((tenant, user)) =
            self.0.model.lock().whose(address).map(|(tenant, user)| (tenant.id, user.id))
        else {
            return Vec::new();
        };
        self.0.registry.lock().of_mailbox(tenant, user).into_iter().map(|known| known.id).collect()
    }

    /// Sends a lifecycle event for every subscription of the mailbox and does what it says:
    /// `subscriptionRemoved` removes, `reauthorizationRequired` pauses deliveries when asked to. Gives their
    /// number.
    pub fn lifecycle(&self, address: &str, event: &str, pause: bool) -> usize {
        let ids = self.subscriptions_of(address);
        for id in &ids {
            let subscription = {
                let mut registry = self.0.registry.lock();
                if event == "subscriptionRemoved" {
                    registry.remove(*id)
                } else {
                    registry.edit(*id, |known| {
                        known.lapsed |= pause;
                        known.clone()
                    })
                }
            };
            if let Some(subscription) = subscription {
                self.tell_lifecycle(&subscription, event);
            }
        }
        ids.len()
    }

    /// Removes every subscription of the mailbox now, and says so only later: what happens in between is told
    /// to nobody.
    pub fn lose_subscription(&self, address: &str, told_after: Duration) {
        let ids = self.subscriptions_of(address);
        let removed: Vec<_> = ids.iter().filter_map(|id| self.0.registry.lock().remove(*id)).collect();
        let world = self.clone();
        self.spawn(async move {
            tokio::time::sleep(told_after).await;
            for subscription in &removed {
                world.tell_lifecycle(subscription, "subscriptionRemoved");
            }
        });
    }

    /// Ends what has expired and warns of what is about to.
    pub(crate) fn tend_subscriptions(&self) {
        let now = self.0.now();
        let lapses = self.0.registry.lock().lapses(now);
        for subscription in &lapses.warned {
            self.tell_lifecycle(subscription, "reauthorizationRequired");
        }
        for subscription in &lapses.removed {
            self.tell_lifecycle(subscription, "subscriptionRemoved");
        }
    }

    /// Runs until done or until the simulator stops; may be called from any thread.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.0.stop.clone();
        self.0.runtime.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = task => {}
            }
        });
    }
}
