//! The story. Everybody is invited, and a week is quiet. In an evening thousands decline, and the deployment
//! is away until the morning; then it is played on until the backlog is gone, and housekeeping has come
//! round.

use super::figures::{Backlog, Fresh, Rest, Sample};
use super::graph::{self, Directory, NOTIFICATION_URL};
use super::host::Host;
use super::lms::{Connection, Lms};
use super::scene::{EACH, LARGE, SLOW, Scene};
use super::tables::{Calls, Paced, paced};
use chrono::{DateTime, Duration, Utc};
use regrets::calendar::event_select;
use regrets::clock::Clock;
use regrets::graph::port::Graph;
use regrets::ids::{TenantName, UserId};
use regrets::jobs::address_hasher::AddressHasher;
use regrets::jobs::context::{AppContext, SubscriptionEndpoint, TenantContext};
use regrets::jobs::observe::hints;
use regrets::jobs::user_cache::UserCache;
use regrets::jobs::watch::write_limiter::WriteLimiter;
use regrets::ledger::agenda::{cancel_partition, look_partition, stamp};
use regrets::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use regrets::ledger::sessions::SessionRow;
use regrets::ledger::{Ledger, enrolments, sessions};
use regrets::messages::{ChangeType, Changes, EnrolmentRef, Hint, VERSION};
use regrets::store::{Row, RowRange, Table, Tables, typed};
use simulator::forward::FastClock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration as Real;
use tokio::time::{Instant, sleep};

const HINTS: usize = 100;
/// A subscription is renewed at half of its life, as [`regrets::jobs::watch::lifetime`] has it.
const RENEWED: i64 = 35;
const HOURS: i64 = 60 * 60;
/// What is fresh comes so long after the return.
const FRESH: Real = Real::from_secs(15 * 60);
const LONG: Real = Real::from_secs(2 * 3_600);
/// Whatever is not done by then is called stuck.
const PATIENCE: Real = Real::from_secs(24 * 3_600);

struct Deployment;

impl SubscriptionEndpoint for Deployment {
    fn client_state(&self, tenant: &TenantName, mailbox: &UserId) -> String {
        format!("{tenant}.{mailbox}")
    }

    fn notification_url(&self) -> String {
        NOTIFICATION_URL.to_owned()
    }

    fn first_key(&self) -> String {
        "k1".to_owned()
    }
}

pub(crate) struct Stage {
    pub(super) scene: Arc<Scene>,
    pub(super) clock: FastClock,
    pub(super) tables: Arc<Paced>,
    pub(super) graphs: Vec<Arc<Directory>>,
    pub(super) lms: Vec<Arc<Lms>>,
    pub(super) host: Arc<Host>,
}

impl Stage {
    pub(crate) async fn new(scene: Scene) -> Self {
        let scene = Arc::new(scene);
        let clock = FastClock::starting(Scene::start());
        let tables = Arc::new(paced(Arc::new(clock), scene.throttle));
        let all = 0..scene.tenants;
        let graphs: Vec<_> =
            all.clone().map(|tenant| Arc::new(Directory::new(scene.clone(), tenant, clock))).collect();
        let time = |tenant| if tenant == SLOW { scene.slow_lms } else { scene.lms };
        let lms: Vec<_> = all.map(|tenant| Arc::new(Lms::new(clock, time(tenant)))).collect();
        let mut instances = Vec::new();
        for _ in 0..scene.instances {
            let (at_pace, time) = (Arc::clone(&tables) as Arc<dyn Tables>, Arc::new(clock) as Arc<dyn Clock>);
            let ledger = Ledger { tables: at_pace, clock: time };
            let mut tenants = BTreeMap::new();
            for (tenant, name) in scene.names() {
                let configured = scene.tenant(tenant);
                let hasher = AddressHasher::of(&ledger).await.unwrap();
                let context = TenantContext {
                    kit: None,
                    graph: Arc::clone(&graphs[tenant]) as Arc<dyn Graph>,
                    lms: Arc::new(Connection::new(&lms[tenant], configured.lms.rate)),
                    select: event_select::select(&configured.recognise, configured.policy.timezone),
                    users: UserCache::new(configured.learner.clone(), hasher),
                    settings: regrets::jobs::cancel::settings_cache::MailboxSettingsCache::default(),
                    write_limiter: WriteLimiter::default(),
                    share: regrets::jobs::cancel::connection_slots::ConnectionSlots::default(),
                    refresh_tokens: None,
                    subscriber: Arc::new(Deployment),
                    tenant: configured,
                };
                tenants.insert(name, Arc::new(context));
            }
            let alerts = regrets::jobs::context::AlertChannels::default();
            instances.push(Arc::new(AppContext {
                ledger,
                timing: scene.timing,
                tenants,
                alerts,
                around: None,
                join: None,
            }));
        }
        let host = Host::new(Arc::clone(&scene), Arc::clone(&tables), instances);
        Self { scene, clock, tables, graphs, lms, host }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    fn app_context(&self) -> &AppContext {
        self.host.app_context()
    }

    /// Whether ledger and Graph take their time.
    pub(super) fn pace(&self, is_paced: bool) {
        let or_none = |time: Real| if is_paced { time } else { Real::ZERO };
        self.tables.observer.take(or_none(self.scene.storage));
        self.graphs.iter().for_each(|graph| graph.take(or_none(self.scene.graph)));
    }

    pub(super) async fn observe(&self, tenant: usize, hints: &[Hint]) {
        for some in hints.chunks(HINTS) {
            let changes =
                Changes { v: VERSION, trace: None, tenant: Scene::name(tenant), hints: some.to_vec() };
            hints::observe(self.app_context(), &changes).await.unwrap();
            // Decisions are counted by their moment.
            sleep(Real::from_secs(2)).await;
        }
    }

    pub(super) fn hint(tenant: usize, learner: usize, which: usize, change: ChangeType) -> Hint {
        let (mailbox, event) = (Scene::user(tenant, learner), Scene::event(tenant, learner, which));
        Hint::Changed { mailbox, event, change }
    }

    /// Everybody is watched and invited.
    pub(crate) async fn invite(&self) {
        self.pace(false);
        for (tenant, name) in self.scene.names() {
            self.watch(tenant, &name, Scene::start()).await;
            let invited =
                |learner| (0..EACH).map(move |which| Self::hint(tenant, learner, which, ChangeType::Created));
            let hints: Vec<Hint> = (0..self.scene.people(tenant)).flat_map(invited).collect();
            self.observe(tenant, &hints).await;
        }
        // What was told just now is filed once more.
        sleep(Real::from_secs(2 * 3_600)).await;
    }

    /// As if each mailbox had been renewed within the last 35 hours, and compared within the last day, one
    /// after the other.
    pub(super) async fn watch(&self, tenant: usize, name: &TenantName, until: DateTime<Utc>) {
        let people = self.scene.people(tenant) as i64;
        for (learner, user) in graph::mailboxes(&self.scene, tenant) {
            let ago = |hours: i64| until - Duration::seconds(hours * HOURS * (learner as i64) / people);
            let (renewed, compared) = (ago(RENEWED), ago(24));
            let row = MailboxRow {
                state: SubscriptionState::Watched,
                subscription: Some(self.graphs[tenant].subscription(learner)),
                expires: Some(renewed + Duration::hours(2 * RENEWED)),
                key: Some(Deployment.first_key()),
                url: Some(Deployment.notification_url()),
                due: renewed + Duration::hours(RENEWED),
                last_success: Some(renewed),
                renewed_at: Some(renewed),
                resynced_at: Some(compared),
                ..MailboxRow::wanted(name, &user, renewed)
            };
            let (partition, key) = mailboxes::place(name, &user);
            self.tables.delete(Table::Mailboxes, &partition, &key, None).await.unwrap();
            let entity = typed::entity(&row).unwrap();
            self.tables.insert(Table::Mailboxes, &partition, &key, entity).await.unwrap();
        }
    }

    /// Quiet days, with housekeeping alone; what each of them asks of the ledger. The first looks at
    /// everything that is new.
    pub(crate) async fn rest(&self, days: usize) -> Rest {
        self.pace(true);
        let mut all = Vec::new();
        for _ in 0..=days {
            all.push(self.day().await);
        }
        self.forget_rest().await;
        let naive = self.day().await;
        Rest { first: all.remove(0), days: all, naive }
    }

    async fn day(&self) -> Calls {
        let before = self.host.runs().len();
        for _ in 0..24 {
            let began = Instant::now();
            self.host.housekeep().await;
            tokio::time::sleep_until(began + Real::from_secs(3_600)).await;
        }
        let mut day = Calls::default();
        for run in self.host.runs().iter().skip(before) {
            day.gets += run.calls.gets;
            day.scans += run.calls.scans;
            day.writes += run.calls.writes;
        }
        day
    }

    /// As if nothing ever came to rest.
    async fn forget_rest(&self) {
        self.pace(false);
        for (_, name) in self.scene.names() {
            let partition = sessions::sessions_partition(&name);
            let all = RowRange::all();
            let rows: Vec<typed::Read<SessionRow>> =
                typed::scan(self.tables.as_ref(), Table::Connections, &partition, all, usize::MAX)
                    .await
                    .unwrap();
            for read in rows {
                let row = SessionRow { visited: None, rests_until: None, ..read.value };
                let entity = typed::entity(&row).unwrap();
                self.tables
                    .replace(Table::Connections, &partition, &read.row, entity, &read.etag)
                    .await
                    .unwrap();
            }
        }
        self.pace(true);
    }

    /// In an evening, so many decline or have their copies vanish; all of it was seen, and nothing could
    /// follow from it.
    pub(crate) async fn fall_behind(&self) {
        self.pace(false);
        for tenant in 0..self.scene.tenants {
            let mut hints = Vec::new();
            for entry in 0..self.scene.due(tenant) {
                if Scene::is_decline(entry) {
                    self.graphs[tenant].decline(entry, 0);
                    hints.push(Self::hint(tenant, entry, 0, ChangeType::Updated));
                } else {
                    self.graphs[tenant].vanish(entry, 0);
                    hints.push(Self::hint(tenant, entry, 0, ChangeType::Deleted));
                }
            }
            self.observe(tenant, &hints).await;
        }
        let evening = self.now();
        for (tenant, name) in self.scene.names() {
            self.watch(tenant, &name, evening).await;
        }
        sleep(Real::from_secs(8 * 3_600)).await;
        self.pace(true);
    }

    /// Everything works again.
    pub(crate) async fn come_back(&self) -> Backlog {
        // The timers' runs are on the full hours.
        let into = self.now().timestamp().rem_euclid(HOURS);
        sleep(Real::from_secs((HOURS - into) as u64)).await;
        let (returned, began) = (self.now(), Instant::now());
        let before = self.host.runs().len();
        self.graphs.iter().for_each(|graph| graph.go_astray());
        let tasks = self.host.start();
        let mut backlog = Backlog { returned, ..Backlog::default() };
        let fresh = [
            ("of a small tenant", 2 % self.scene.tenants),
            ("of the large tenant", LARGE),
            ("of the slow LMS", SLOW),
        ];
        let (mut is_told, mut drained) = (false, None);
        loop {
            let sample = self.sample(returned).await;
            let elapsed = began.elapsed();
            if sample.due == 0 && drained.is_none() {
                drained = Some(elapsed);
            }
            if backlog.samples.last().is_none_or(|last: &Sample| sample.at - last.at >= Duration::minutes(5))
            {
                backlog.samples.push(sample);
            }
            if !is_told && elapsed >= FRESH.min(self.fresh_after()) {
                is_told = true;
                for (whose, tenant) in fresh {
                    let learner = self.scene.people(tenant) - 1;
                    self.graphs[tenant].decline(learner, 1);
                    let hints = vec![Self::hint(tenant, learner, 1, ChangeType::Updated)];
                    let changes = Changes { v: VERSION, trace: None, tenant: Scene::name(tenant), hints };
                    self.host.changes.put(serde_json::to_string(&changes).unwrap());
                    backlog.fresh.push(Fresh {
                        whose,
                        tenant,
                        noticed: self.now(),
                        decided: None,
                        asked: None,
                    });
                }
            }
            self.follow(&mut backlog.fresh).await;
            let is_asked = is_told && backlog.fresh.iter().all(|fresh| fresh.asked.is_some());
            let is_kept = self.kept_since(returned).await;
            backlog.kept = backlog.kept.or(is_kept.then_some(elapsed));
            let is_listed = self.listed_since(returned).await;
            backlog.listed = backlog.listed.or(is_listed.then_some(elapsed));
            if (drained.is_some() && is_asked && is_kept && is_listed) || elapsed > PATIENCE {
                break;
            }
            // What is left after the first hours is the slow one's.
            sleep(if elapsed < LONG { Real::from_secs(30) } else { Real::from_secs(300) }).await;
        }
        drop(tasks);
        backlog.drained = drained;
        backlog.runs = self.host.runs().split_off(before);
        backlog.queues = [
            ("regrets-changes", self.host.changes.seen()),
            ("regrets-mailboxes", self.host.mailboxes.seen()),
            ("regrets-cancellations", self.host.cancellations.seen()),
        ];
        backlog.busiest_second = self.tables.observer.busiest_second();
        backlog.throttled = self.tables.observer.throttled();
        backlog.orphans = self.graphs.iter().map(|graph| graph.orphans()).sum();
        for (tenant, lms) in self.lms.iter().enumerate() {
            backlog.calls.push(lms.calls());
            backlog.repeated += lms.repeated();
            backlog
                .expected
                .push((0..self.scene.due(tenant)).filter(|entry| Scene::is_decline(*entry)).count());
        }
        backlog
    }

    /// Early enough that there is a backlog still.
    fn fresh_after(&self) -> Real {
        Real::from_secs(60 * (self.scene.due as u64 / 500).max(2))
    }

    /// What of the backlog is due still. Looks at it from outside: it costs no time.
    async fn sample(&self, returned: DateTime<Utc>) -> Sample {
        let mut sample = Sample { at: self.now(), ..Sample::default() };
        sample.waiting = self.host.cancellations.len();
        for (_, name) in self.scene.names() {
            for partition in [cancel_partition(&name), look_partition(&name)] {
                let mut range = RowRange::before(stamp(returned));
                loop {
                    let page =
                        self.tables.inner.scan(Table::Agenda, &partition, range.clone(), 1000).await.unwrap();
                    sample.due += page.rows.len();
                    let first = page.rows.first().and_then(due_of);
                    sample.oldest = [sample.oldest, first].into_iter().flatten().min();
                    match page.next {
                        Some(next) => range.from = Some(next),
                        None => break,
                    }
                }
            }
        }
        sample
    }

    async fn follow(&self, fresh: &mut [Fresh]) {
        // Who looks on is not counted.
        let ledger =
            Ledger { tables: Arc::clone(&self.tables.inner) as Arc<dyn Tables>, clock: Arc::new(self.clock) };
        for one in fresh.iter_mut().filter(|one| one.asked.is_none()) {
            let learner = self.scene.people(one.tenant) - 1;
            let session = Scene::session_id(self.scene.session(one.tenant, learner, 1));
            let key = Scene::key(one.tenant, learner);
            let at = EnrolmentRef::of(&Scene::name(one.tenant), &session, &key);
            let row = enrolments::load(&ledger, &at).await.unwrap();
            one.decided = row.and_then(|row| row.value.decision).map(|decision| decision.decided_at);
            let is_its =
                |call: &super::lms::Call| call.learner == key.as_str() && call.session == session.as_str();
            one.asked = self.lms[one.tenant].calls().into_iter().find(is_its).map(|call| call.at);
        }
    }

    /// Whether a round of housekeeping has come to its end since for every tenant.
    async fn kept_since(&self, returned: DateTime<Utc>) -> bool {
        for (_, name) in self.scene.names() {
            let row = self.tables.inner.get(Table::Connections, name.as_str(), "housekept").await.unwrap();
            let ended = row.and_then(|row| row.entity.get("ended")?.as_str()?.parse::<DateTime<Utc>>().ok());
            if ended.is_none_or(|ended| ended < returned) {
                return false;
            }
        }
        true
    }

    /// Whether the large tenant's subscriptions have been listed to their end since.
    async fn listed_since(&self, returned: DateTime<Utc>) -> bool {
        let name = Scene::name(LARGE);
        let row =
            self.tables.inner.get(Table::Connections, name.as_str(), "subscriptions-listed").await.unwrap();
        let ended = row.and_then(|row| row.entity.get("ended")?.as_str()?.parse::<DateTime<Utc>>().ok());
        ended.is_some_and(|ended| ended >= returned)
    }
}

fn due_of(row: &Row) -> Option<DateTime<Utc>> {
    row.row.split('~').next()?.parse().ok()
}
