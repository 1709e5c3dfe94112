//! One tenant's Graph: everybody has the same two invitations, until they decline one or its copy vanishes.
//! Calls are carried twenty to a `$batch`, of which four are under way at most; listings come by the page.

use super::scene::{EACH, LARGE, ORPHANS, Scene};
use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use regrets::calendar::event::{Answer, Event, EventKind, Response};
use regrets::calendar::event_select::EventSelect;
use regrets::clock::Clock;
use regrets::graph::port::{
    AutomaticReplies, Calendars, Changes, Graph, Mailbox, NewSubscription, Since, Subscription,
    SubscriptionPage, User, UserSink,
};
use regrets::graph::{Failure, GraphError};
use regrets::ids::{Address, EventId, ICalUid, SubscriptionId, UserId};
use simulator::forward::FastClock;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration as Real;
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// Parts of a `$batch`, times those under way.
const AT_ONCE: usize = 20 * 4;
const USERS_PER_PAGE: usize = 999;
const USERS_PAGE: Real = Real::from_secs(1);
const SUBSCRIPTIONS_PAGE: Real = Real::from_millis(300);
pub(crate) const NOTIFICATION_URL: &str = "https://regrets.example.com/api/graph/notifications?deployment=d";

#[derive(Debug, Clone, Copy)]
pub(crate) enum Mark {
    Declined(DateTime<Utc>),
    Gone,
}

pub(crate) struct Directory {
    scene: Arc<Scene>,
    tenant: usize,
    clock: FastClock,
    marks: Mutex<HashMap<(usize, usize), Mark>>,
    latency: Mutex<Real>,
    room: Semaphore,
    /// Subscriptions that nobody knows, by their number behind those of the people.
    orphans: Mutex<BTreeSet<usize>>,
}

impl Directory {
    pub(crate) fn new(scene: Arc<Scene>, tenant: usize, clock: FastClock) -> Self {
        let room = Semaphore::new(AT_ONCE);
        let (marks, latency) = Default::default();
        let orphans = if tenant == LARGE { (0..ORPHANS).collect() } else { BTreeSet::new() };
        Self { scene, tenant, clock, marks, latency, room, orphans: Mutex::new(orphans) }
    }

    pub(crate) fn orphans(&self) -> usize {
        self.orphans.lock().unwrap().len()
    }

    /// As if they had come to be just now.
    pub(crate) fn go_astray(&self) {
        if self.tenant == LARGE {
            self.orphans.lock().unwrap().extend(0..ORPHANS);
        }
    }

    pub(crate) fn take(&self, latency: Real) {
        *self.latency.lock().unwrap() = latency;
    }

    pub(crate) fn decline(&self, learner: usize, which: usize) {
        let mark = Mark::Declined(self.clock.now());
        self.marks.lock().unwrap().insert((learner, which), mark);
    }

    pub(crate) fn vanish(&self, learner: usize, which: usize) {
        self.marks.lock().unwrap().insert((learner, which), Mark::Gone);
    }

    async fn call(&self) {
        let latency = *self.latency.lock().unwrap();
        if !latency.is_zero() {
            let _room = self.room.acquire().await;
            sleep(latency).await;
        }
    }

    async fn page(&self, time: Real) {
        if !self.latency.lock().unwrap().is_zero() {
            sleep(time).await;
        }
    }

    fn learner(&self, mailbox: &Mailbox) -> Result<usize, GraphError> {
        let found = match mailbox {
            Mailbox::Id(id) => Scene::learner_of(id.as_str()),
            Mailbox::Address(_) => None,
        };
        found.filter(|learner| *learner < self.scene.people(self.tenant)).ok_or_else(no_mailbox)
    }

    fn copy(&self, learner: usize, which: usize) -> Option<Event> {
        let mark = self.marks.lock().unwrap().get(&(learner, which)).copied();
        let response = match mark {
            None => Response { answer: Answer::NotResponded, at: None },
            Some(Mark::Declined(at)) => Response { answer: Answer::Declined, at: Some(at) },
            Some(Mark::Gone) => return None,
        };
        let session = self.scene.session(self.tenant, learner, which);
        let start = Scene::starts(session);
        Some(Event {
            id: Scene::event(self.tenant, learner, which),
            ical_uid: Some(Scene::uid(session)),
            original_start: None,
            series_master: None,
            kind: EventKind::SingleInstance,
            is_cancelled: false,
            is_organizer: false,
            organizer: Some(Address::new("learning@contoso.com")),
            response,
            start: Some(start),
            end: Some(start + Duration::hours(8)),
            attendees: Vec::new(),
            response_requested: None,
            created: Some(Scene::start()),
            modified: Some(Scene::start()),
            subject: None,
            body: None,
            location: None,
            extended: BTreeMap::new(),
        })
    }

    fn person(&self, learner: usize) -> User {
        let mail = Scene::mail(self.tenant, learner);
        User {
            id: Scene::user(self.tenant, learner),
            user_principal_name: Some(mail.clone()),
            mail: Some(mail.clone()),
            addresses: vec![Address::new(&mail)],
            exchange_names: Vec::new(),
            employee_id: None,
            account_enabled: true,
            is_guest: false,
            extension_attributes: BTreeMap::new(),
        }
    }

    pub(crate) fn subscription(&self, learner: usize) -> SubscriptionId {
        SubscriptionId::new(format!("f37536ac-{}", Scene::user(self.tenant, learner)))
    }

    fn shown(&self, id: &SubscriptionId, expires: DateTime<Utc>) -> Subscription {
        let user = id.as_str().strip_prefix("f37536ac-").unwrap_or_default();
        let (id, resource) = (id.clone(), format!("users/{user}/events"));
        Subscription { id, resource, notification_url: Some(NOTIFICATION_URL.to_owned()), expires }
    }
}

fn no_mailbox() -> GraphError {
    GraphError::NoMailbox(Failure {
        status: Some(404),
        code: "MailboxNotEnabledForRESTAPI".into(),
        request_id: None,
    })
}

#[async_trait]
impl Graph for Directory {
    async fn event(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        _: &EventSelect,
    ) -> Result<Option<Event>, GraphError> {
        self.call().await;
        self.learner(mailbox)?;
        Ok(Scene::learner_and_which(event).and_then(|(learner, which)| self.copy(learner, which)))
    }

    async fn shows(
        &self,
        mailbox: &Mailbox,
        event: &EventId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        calendars: Calendars,
    ) -> Result<bool, GraphError> {
        self.call().await;
        self.learner(mailbox)?;
        let found = Scene::learner_and_which(event).and_then(|(learner, which)| self.copy(learner, which));
        let is_then = |event: Event| {
            event.start.is_some_and(|start| start < to) && event.end.is_some_and(|end| end > from)
        };
        Ok(calendars == Calendars::Default && found.is_some_and(is_then))
    }

    async fn events_by_ical_uid(
        &self,
        mailbox: &Mailbox,
        uid: &ICalUid,
        _: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        self.call().await;
        let learner = self.learner(mailbox)?;
        let copies = (0..EACH).filter_map(|which| self.copy(learner, which));
        Ok(copies.filter(|event| event.ical_uid.as_ref() == Some(uid)).collect())
    }

    async fn instances(
        &self,
        _: &Mailbox,
        _: &EventId,
        _: DateTime<Utc>,
        _: DateTime<Utc>,
        _: &EventSelect,
    ) -> Result<Option<Vec<Event>>, GraphError> {
        self.call().await;
        Ok(None)
    }

    async fn calendar_view(
        &self,
        mailbox: &Mailbox,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
        _: &EventSelect,
    ) -> Result<Vec<Event>, GraphError> {
        self.call().await;
        let learner = self.learner(mailbox)?;
        let copies = (0..EACH).filter_map(|which| self.copy(learner, which));
        Ok(copies.filter(|event| event.start.is_some_and(|start| from <= start && start < to)).collect())
    }

    async fn calendar_changes(&self, _: &Mailbox, _: &Since) -> Result<Changes, GraphError> {
        self.call().await;
        // No organizer is readable here.
        Err(no_mailbox())
    }

    async fn automatic_replies(&self, _: &Mailbox) -> Result<AutomaticReplies, GraphError> {
        self.call().await;
        Err(GraphError::Refused(Failure {
            status: Some(403),
            code: "ErrorAccessDenied".into(),
            request_id: None,
        }))
    }

    async fn user(&self, id_or_upn: &str) -> Result<Option<User>, GraphError> {
        self.call().await;
        Ok(Scene::learner_of(id_or_upn).map(|learner| self.person(learner)))
    }

    async fn user_by_address(&self, _: &Address) -> Result<Option<User>, GraphError> {
        self.call().await;
        Ok(None)
    }

    async fn group_members(&self, _: &str, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        self.users(see).await
    }

    async fn users(&self, see: &mut UserSink<'_>) -> Result<(), GraphError> {
        for learner in 0..self.scene.people(self.tenant) {
            if learner % USERS_PER_PAGE == 0 {
                self.page(USERS_PAGE).await;
            }
            see(self.person(learner));
        }
        Ok(())
    }

    async fn create_subscription(&self, wanted: &NewSubscription) -> Result<Subscription, GraphError> {
        self.call().await;
        let learner = self.learner(&Mailbox::Id(wanted.mailbox.clone()))?;
        Ok(self.shown(&self.subscription(learner), wanted.expires))
    }

    async fn renew_subscription(
        &self,
        id: &SubscriptionId,
        expires: DateTime<Utc>,
    ) -> Result<Subscription, GraphError> {
        self.call().await;
        Ok(self.shown(id, expires))
    }

    async fn delete_subscription(&self, id: &SubscriptionId) -> Result<(), GraphError> {
        self.call().await;
        let people = self.scene.people(self.tenant);
        self.orphans.lock().unwrap().retain(|orphan| self.subscription(people + orphan) != *id);
        Ok(())
    }

    async fn subscriptions(&self, from: Option<&str>) -> Result<SubscriptionPage, GraphError> {
        self.page(SUBSCRIPTIONS_PAGE).await;
        let from: usize = from.map_or(0, |from| from.parse().unwrap());
        let expires = self.clock.now() + Duration::days(2);
        let people = self.scene.people(self.tenant);
        let orphans: Vec<usize> = self.orphans.lock().unwrap().iter().map(|orphan| people + orphan).collect();
        let mut all = (from..people).chain(orphans.into_iter().filter(|orphan| *orphan >= from));
        let shown = |learner| self.shown(&self.subscription(learner), expires);
        let listed = all.by_ref().take(self.scene.subscriptions).map(shown).collect();
        Ok(SubscriptionPage { listed, next: all.next().map(|next| next.to_string()) })
    }
}

/// Whose mailboxes are watched.
pub(crate) fn mailboxes(scene: &Scene, tenant: usize) -> impl Iterator<Item = (usize, UserId)> {
    (0..scene.people(tenant)).map(move |learner| (learner, Scene::user(tenant, learner)))
}
