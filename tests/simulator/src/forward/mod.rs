//! The same world in fast-forward: a Graph without a wire, for runs of weeks.
//!
//! Guarantees: time is tokio's, so on a paused runtime a month lasts as long as its work does, and whatever
//! is waited for on either side (latency, back-off, the handler's own pace) takes its simulated time; the
//! same seed and the same acts give the same losses and the same weather, whenever the handler asks.
//!
//! [`Forward`] is the port [`regrets::graph::Graph`] itself: what the wire would carry is left out, and so is
//! what the client does about it (tokens, batches, repetitions). Every call counts as one request, which is a
//! twentieth of a `$batch`. What happens in mailboxes is [`crate::world`]'s, as in the simulator with HTTP.
//!
//! - [`weather`]: what goes wrong and when. `registry`: subscriptions, and the limit of their writes.
//!   `notices`: the way of a notice to the endpoint, tried for four hours. `graph`: reads and writes.
//!   [`book`]: what is remembered for judging.

pub mod book;
mod graph;
mod notices;
mod registry;
pub mod weather;

use crate::disorder::{Disorder, Draws};
use crate::options::TenantSeed;
use crate::world::act::ActError;
use crate::world::delta::SyncStates;
use crate::world::directory::User;
use crate::world::ids::Mint;
use crate::world::matrix::Matrix;
use crate::world::{Change, Effects, Model};
use async_trait::async_trait;
use book::{Book, Counts, Notice, Reach};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
pub use registry::Absent;
use registry::Registry;
use regrets::clock::Clock;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;
use weather::Weather;

/// Where notices go: the handler's webhook, as the host would call it.
#[async_trait]
pub trait Endpoint: Send + Sync + 'static {
    /// The status that a post is answered with.
    async fn post(&self, body: String) -> u16;
}

#[derive(Debug, Clone)]
pub struct ForwardOptions {
    pub seed: u64,
    /// The world's time when the runtime's time begins.
    pub start: DateTime<Utc>,
    pub tenant: TenantSeed,
    pub matrix: Matrix,
    pub weather: Weather,
    pub disorder: Disorder,
    pub notification_delay: RangeInclusive<Duration>,
    pub notification_copies: RangeInclusive<u32>,
    /// How long Graph takes to answer.
    pub latency: RangeInclusive<Duration>,
}

/// The world's time: so much later than the runtime's.
#[derive(Debug, Clone, Copy)]
pub struct FastClock {
    began: Instant,
    start: DateTime<Utc>,
}

impl FastClock {
    pub fn starting(start: DateTime<Utc>) -> Self {
        Self { began: Instant::now(), start }
    }
}

impl Clock for FastClock {
    fn now(&self) -> DateTime<Utc> {
        self.start + self.began.elapsed()
    }
}

/// A handle; clones share the world.
#[derive(Clone)]
pub struct Forward(Arc<Inner>);

struct Inner {
    options: ForwardOptions,
    clock: FastClock,
    tenant: Uuid,
    model: Mutex<Model>,
    /// Where a user stands in the tenant's list: nobody ever leaves it.
    places: HashMap<Uuid, usize>,
    registry: Mutex<Registry>,
    sync_states: Mutex<SyncStates>,
    draws: Mutex<Draws>,
    book: Mutex<Book>,
    endpoint: OnceLock<Arc<dyn Endpoint>>,
}

impl Forward {
    pub fn new(options: ForwardOptions, clock: FastClock) -> Self {
        let mut mint = Mint::new(options.seed);
        let tenant = options.tenant.build(&mut mint);
        let id = tenant.id;
        let places = tenant.users.iter().enumerate().map(|(place, user)| (user.id, place)).collect();
        let model = Model::new(vec![tenant], options.matrix.clone(), mint);
        Self(Arc::new(Inner {
            clock,
            tenant: id,
            model: Mutex::new(model),
            places,
            registry: Mutex::default(),
            sync_states: Mutex::default(),
            draws: Mutex::new(Draws::new(options.seed)),
            book: Mutex::default(),
            endpoint: OnceLock::new(),
            options,
        }))
    }

    /// Sends notices there from now on, and lets subscriptions run out.
    pub fn connect(&self, endpoint: Arc<dyn Endpoint>) {
        if self.0.endpoint.set(endpoint).is_ok() {
            tokio::spawn(self.clone().tend_subscriptions());
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now()
    }

    pub fn weather(&self) -> &Weather {
        &self.0.options.weather
    }

    /// Somebody acts; whoever subscribed is told, and response mails go their way. Gives what changed.
    pub fn act(
        &self,
        change: impl FnOnce(&mut Model, DateTime<Utc>) -> Result<Effects, ActError>,
    ) -> Result<Effects, ActError> {
        let effects = change(&mut self.0.model.lock(), self.now())?;
        effects.changes.iter().for_each(|change| self.tell(change));
        for mail in &effects.mails {
            let (world, mail) = (self.clone(), mail.clone());
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(mail.after_ms.unwrap_or(30_000))).await;
                let changes = world.0.model.lock().deliver(&mail, world.now());
                changes.iter().for_each(|change: &Change| world.tell(change));
            });
        }
        Ok(effects)
    }

    /// Takes somebody into a group (by its name), or out of it.
    pub fn set_member(&self, group: &str, user: Uuid, is_member: bool) {
        let mut model = self.0.model.lock();
        for group in
            model.tenants.iter_mut().flat_map(|tenant| &mut tenant.groups).filter(|known| known.name == group)
        {
            group.members.retain(|member| *member != user);
            group.members.extend(is_member.then_some(user));
        }
    }

    /// The account is disabled, or enabled again.
    pub fn set_enabled(&self, user: Uuid, is_enabled: bool) {
        if let Some(user) = self.0.model.lock().tenants.iter_mut().find_map(|tenant| tenant.user_mut(user)) {
            user.account_enabled = is_enabled;
        }
    }

    fn user<T>(&self, id: Uuid, look: impl FnOnce(&Model, &User) -> T) -> Option<T> {
        let place = self.0.places.get(&id).copied()?;
        let model = self.0.model.lock();
        let user = model.tenants.first()?.users.get(place)?;
        Some(look(&model, user))
    }
}

/// A calendar item as it lies in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lying {
    pub ical_uid: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    /// In the calendar that a comparison reads.
    pub in_default: bool,
}

/// What is so, without anybody asking Graph for it.
impl Forward {
    /// What lies in a mailbox now.
    pub fn lying(&self, user: Uuid) -> Vec<Lying> {
        let look = |_: &Model, user: &User| {
            let default = user.mailbox.default_calendar();
            let items = user.mailbox.items.iter().filter(|item| item.live);
            let lying = items.map(|item| Lying {
                ical_uid: item.ical_uid.as_str().to_owned(),
                start: item.slot.start,
                end: item.slot.end,
                in_default: item.calendar == default,
            });
            lying.collect()
        };
        self.user(user, look).unwrap_or_default()
    }
}

/// What is remembered.
impl Forward {
    pub fn counts(&self) -> Counts {
        let registry = self.0.registry.lock();
        let (limit_breaches, most_writes_in_window) = (registry.breaches, registry.most_writes);
        let book = self.0.book.lock();
        let mut notices = book.counts.notices.clone();
        for notice in book.notices.values().flatten() {
            *notices.entry(format!("{:?}", notice.told)).or_default() += 1;
        }
        Counts { limit_breaches, most_writes_in_window, notices, ..book.counts.clone() }
    }

    /// What became of the notices of a copy's changes, in order.
    pub fn notices(&self, copy: &str) -> Vec<Notice> {
        self.0.book.lock().notices.get(copy).cloned().unwrap_or_default()
    }

    /// When a copy was shown for the first time.
    pub fn shown(&self, copy: &str) -> Option<DateTime<Utc>> {
        self.0.book.lock().shown.get(copy).copied()
    }

    /// When a mailbox's calendar was read.
    pub fn views(&self, user: Uuid) -> Vec<(DateTime<Utc>, Reach)> {
        self.0.book.lock().views.get(&user).cloned().unwrap_or_default()
    }

    /// When our endpoint took a `missed` of a mailbox.
    pub fn missed(&self, user: Uuid) -> Vec<DateTime<Utc>> {
        self.0.book.lock().missed_taken.get(&user).cloned().unwrap_or_default()
    }

    /// When subscriptions were made on a mailbox.
    pub fn subscribed(&self, user: Uuid) -> Vec<DateTime<Utc>> {
        self.0.book.lock().subscribed.get(&user).cloned().unwrap_or_default()
    }

    /// Subscriptions that nobody renewed in time.
    pub fn ran_out(&self) -> Vec<(Uuid, DateTime<Utc>)> {
        self.0.book.lock().ran_out.clone()
    }
}

impl std::fmt::Debug for Forward {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forward").field("seed", &self.0.options.seed).finish_non_exhaustive()
    }
}
