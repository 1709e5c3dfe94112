//! A small world in memory for the tests of the use cases: a Graph, an LMS, a ledger that can be killed, and
//! a clock that stands until it is moved. What the world does goes through [`World`]'s verbs; hints are
//! handed over by the test, because which of them arrive, when and how often is what the tests are about.

pub(crate) mod consent;
pub(crate) mod graph;
pub(crate) mod graph_writes;
pub(crate) mod join;
pub(crate) mod lms;
pub(crate) mod lms_source;
pub(crate) mod published;
pub(crate) mod slow;
pub(crate) mod stores;
pub(crate) mod tables;

use crate::calendar::event::Answer;
use crate::calendar::matching::{Recognise, SessionSource};
use crate::clock::{Clock, ManualClock};
use crate::config::{ConnectorConfig, LearnerKeySource, Lms, Tenant, Watch, WatchMode, WebhookSecret};
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::{Brake, Mailboxes, Policy, PolicyMode, Rate, Retry, WeakPolicy};
use crate::enrolment::transitions::State;
use crate::graph::auth::cloud::Cloud;
use crate::graph::auth::credentials::Credential;
use crate::graph::port::Graph;
use crate::ids::{Address, LearnerKey, SessionId, TenantName, UserId};
use crate::jobs::address_hasher::AddressHasher;
use crate::jobs::cancel::attempt;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::cancel::dispatch::{self, Wake};
use crate::jobs::context::{AlertChannels, AppContext, SubscriptionEndpoint, TenantContext};
use crate::jobs::observe::hints;
use crate::jobs::timing::Timing;
use crate::jobs::user_cache::UserCache;
use crate::jobs::watch::{maintain, plan};
use crate::ledger::agenda::AgendaRow;
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::ledger::{Ledger, enrolment_ids, enrolments};
use crate::messages::{
    Cancellation, ChangeType, Changes, EnrolmentRef, Hint, Mailboxes as MailboxesMessage, VERSION,
};
use crate::store::Table;
use chrono::{DateTime, Duration, Utc};
use graph::FakeGraph;
use lms::FakeLms;
use regex::Regex;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};
use tables::TestTables;

pub(crate) const ORGANIZER: &str = "learning";

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn minutes(n: i64) -> Duration {
    Duration::minutes(n)
}

pub(crate) fn contoso() -> TenantName {
    TenantName::new("contoso")
}

pub(crate) fn address(name: &str) -> Address {
    Address::new(&format!("{name}@contoso.com"))
}

pub(crate) fn user(name: &str) -> UserId {
    UserId::new(format!("id-{name}"))
}

/// The subscriber's side, with a key and an address that a test may change.
pub(crate) struct FakeSubscriber {
    pub(crate) key: Mutex<String>,
    pub(crate) url: Mutex<String>,
}

impl SubscriptionEndpoint for FakeSubscriber {
    fn client_state(&self, tenant: &TenantName, mailbox: &UserId) -> String {
        format!("{tenant}.{}", mailbox.as_str())
    }

    fn notification_url(&self) -> String {
        self.url.lock().unwrap().clone()
    }

    fn first_key(&self) -> String {
        self.key.lock().unwrap().clone()
    }
}

pub(crate) struct World {
    pub(crate) clock: ManualClock,
    pub(crate) tables: Arc<TestTables>,
    pub(crate) graph: Arc<FakeGraph>,
    pub(crate) lms: Arc<FakeLms>,
    pub(crate) subscriber: Arc<FakeSubscriber>,
    pub(crate) tenant: Tenant,
    pub(crate) app: AppContext,
    /// Rounds of [`World::watch`] follow the organizers' calendars, too.
    pub(crate) follows: bool,
}

/// Made once: tests make worlds by the hundred thousand.
static UID: LazyLock<Regex> = LazyLock::new(|| r"^lms-(?<session>\d+)@contoso\.com$".parse().unwrap());

/// A tenant whose organizer's calendar is readable, which acts, and for which an unseen removal cancels; the
/// brake is out of the way.
pub(crate) fn tenant() -> Tenant {
    Tenant {
        name: contoso(),
        active: true,
        directory: "11111111-2222-3333-4444-555555555555".into(),
        client_id: "66666666-7777-8888-9999-000000000000".into(),
        credential: Credential::ClientSecret(SecretString::from("not a secret")),
        cloud: Cloud::Global,
        watch: Watch {
            mode: WatchMode::Attendees,
            mailboxes: Mailboxes::All,
            organizers: vec![address(ORGANIZER)],
            resync: Duration::hours(24),
        },
        recognise: Recognise {
            organizer: vec![address(ORGANIZER)],
            session: SessionSource::ICalUid(UID.clone()),
        },
        learner: LearnerKeySource::Mail,
        // Tests of the brake set it; others may decide as often as they like.
        policy: Policy {
            mode: PolicyMode::Act,
            unseen: WeakPolicy::Cancel,
            brake: Brake { decisions: 100_000, within: Duration::hours(1), per_learner: 100_000 },
            ..Policy::default()
        },
        doctor: crate::config::Doctor::default(),
        lms: Lms {
            connector: ConnectorConfig::Webhook {
                url: "https://lms.contoso.com/hooks/regrets".parse().unwrap(),
                secrets: vec![WebhookSecret::parse("bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g").unwrap()],
            },
            rate: Rate { requests: 10, per: Duration::seconds(1) },
            retry: Retry { first: Duration::seconds(30), most: Duration::hours(1) },
        },
        missing: Vec::new(),
        canary: None,
        publish: None,
        mails_alerts: false,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose tenant is configured otherwise. Everybody whom a test names exists in the directory.
    pub(crate) async fn with(change: impl FnOnce(&mut Tenant)) -> Self {
        let clock = ManualClock::at(noon());
        let tables = Arc::new(TestTables::new(clock.clone()));
        let graph = Arc::new(FakeGraph::new(clock.clone()));
        for name in [ORGANIZER, "ana", "ben", "cem"] {
            graph.hire(name);
        }
        let lms = Arc::new(FakeLms::default());
        let subscriber = Arc::new(FakeSubscriber {
            key: Mutex::new("k1".into()),
            url: Mutex::new("https://regrets.contoso.com/api/graph/notifications?deployment=d".into()),
        });
        let mut tenant = tenant();
        change(&mut tenant);
        let over: Arc<dyn Graph> = graph.clone();
        let app = open(&clock, &tables, &over, &lms, &subscriber, &tenant).await;
        let world = Self { clock, tables, graph, lms, subscriber, tenant, app, follows: true };
        for name in ["ana", "ben", "cem"] {
            world.know(&contoso(), name).await;
        }
        if world.tenant.watch.mode.watches_organizers() {
            world.know(&contoso(), ORGANIZER).await;
        }
        world
    }

    /// The mailbox is one that is watched, as far as an observer asks.
    pub(crate) async fn know(&self, tenant: &TenantName, name: &str) {
        let (now, user) = (self.now(), user(name));
        mailboxes::update(&self.app.ledger, tenant, &user, |row| match row {
            Some(_) => None,
            None => Some(MailboxRow::wanted(tenant, &user, now)),
        })
        .await
        .unwrap();
    }

    /// No organizer's calendar can be read.
    pub(crate) async fn without_organizer() -> Self {
        let world = Self::with(|tenant| tenant.watch.organizers.clear()).await;
        world.graph.retire(ORGANIZER);
        world
    }

    /// The process is started anew: what it had in memory is gone.
    pub(crate) async fn restart(&mut self) {
        self.tables.revive();
        self.app = self.instance().await;
    }

    /// Another tenant of the same process, configured as this one; with a Graph of its own, or in the same
    /// directory.
    pub(crate) async fn neighbour(&mut self, name: &str, graph: Option<Arc<FakeGraph>>) {
        let graph: Arc<dyn Graph> = graph.unwrap_or_else(|| self.graph.clone());
        let tenant = Tenant { name: name.into(), ..self.tenant.clone() };
        let app = open(&self.clock, &self.tables, &graph, &self.lms, &self.subscriber, &tenant).await;
        self.app.tenants.extend(app.tenants);
    }

    /// Another process of the same deployment.
    pub(crate) async fn instance(&self) -> AppContext {
        self.instance_over(self.graph.clone()).await
    }

    /// One that has this Graph.
    pub(crate) async fn instance_over(&self, graph: Arc<dyn Graph>) -> AppContext {
        open(&self.clock, &self.tables, &graph, &self.lms, &self.subscriber, &self.tenant).await
    }

    /// One that has this way to the LMS.
    pub(crate) async fn instance_with(&self, lms: &Arc<FakeLms>) -> AppContext {
        let graph: Arc<dyn Graph> = self.graph.clone();
        open(&self.clock, &self.tables, &graph, lms, &self.subscriber, &self.tenant).await
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub(crate) fn context(&self) -> &TenantContext {
        self.app.context(&contoso()).unwrap()
    }

    /// Hands hints over, as one queue message.
    pub(crate) async fn observe(&self, hints: &[Hint]) {
        hints::observe(&self.app, &changes(hints)).await.unwrap();
    }

    /// Graph says that this learner's copy changed.
    pub(crate) async fn hint(&self, learner: &str, session: u32, change: ChangeType) {
        self.observe(&[self.graph.hint(learner, session, change)]).await;
    }

    /// Invites, and the hint of it arrives.
    pub(crate) async fn invited(&self, learner: &str, session: u32) {
        self.graph.invite(learner, session);
        self.hint(learner, session, ChangeType::Created).await;
    }

    /// The learner declines and keeps the copy, and the hint of it arrives.
    pub(crate) async fn declined(&self, learner: &str, session: u32) {
        self.graph.answer(learner, session, Answer::Declined);
        self.hint(learner, session, ChangeType::Updated).await;
    }

    pub(crate) async fn dispatch(&self) -> Wake {
        dispatch::dispatch(&self.app, None).await.unwrap()
    }

    /// One tick of `dispatch-due`, and all that it wakes.
    pub(crate) async fn tick(&self) -> Vec<AttemptResult> {
        let wake = self.dispatch().await;
        self.deliver(&wake).await
    }

    pub(crate) async fn deliver(&self, wake: &Wake) -> Vec<AttemptResult> {
        for message in &wake.changes {
            hints::observe(&self.app, message).await.unwrap();
        }
        let mut attempts = Vec::new();
        for message in &wake.cancellations {
            attempts.push(self.cancel(message).await);
        }
        attempts
    }

    pub(crate) async fn cancel(&self, message: &Cancellation) -> AttemptResult {
        attempt::cancel(&self.app, message).await.unwrap()
    }

    /// Lets time pass, with a tick every minute.
    pub(crate) async fn pass(&self, time: Duration) {
        self.pass_by(minutes(1), time).await;
    }

    /// Lets time pass, with a tick at the end of every step.
    pub(crate) async fn pass_by(&self, step: Duration, time: Duration) {
        let end = self.now() + time;
        while self.now() < end {
            self.clock.advance(step.min(end - self.now()));
            self.tick().await;
        }
    }

    /// The next tick, on whole steps from noon, that may find something to do; `None`: none before somebody
    /// acts.
    pub(crate) fn next_tick(&self) -> Option<DateTime<Utc>> {
        let rewake = self.app.timing.rewake;
        let due = |(_, row): (String, AgendaRow)| {
            let woken = row.woken.map(|woken| woken + rewake);
            woken.map_or(row.entry.due, |woken| woken.max(row.entry.due))
        };
        let waits = |(key, _): &(String, AgendaRow)| !key.starts_with("review~");
        let due = self.agenda().into_iter().filter(waits).map(due).min()?;
        let millis = (due.max(self.now() + Duration::milliseconds(1)) - noon()).num_milliseconds();
        Some(noon() + Duration::milliseconds((millis + 59_999) / 60_000 * 60_000))
    }

    /// Lets time pass with a tick every minute; those that would find nothing to do are left out.
    pub(crate) async fn pass_quietly(&self, time: Duration) {
        let end = self.now() + time;
        while let Some(tick) = self.next_tick().filter(|tick| *tick <= end) {
            self.clock.set(tick);
            self.tick().await;
        }
        self.clock.set(end);
    }

    /// A round of `renew-subscriptions`, with the tending and the hints that follow from it.
    pub(crate) async fn watch(&self) {
        for message in plan::plan(&self.app, None).await.unwrap() {
            if message.invitations && !self.follows {
                continue;
            }
            let maintained = maintain::maintain(&self.app, &message).await.unwrap();
            self.observe(&maintained.hints).await;
        }
    }

    /// The organizers' calendars are followed, and nothing else is done.
    pub(crate) async fn follow(&self) {
        let message = MailboxesMessage { invitations: true, ..MailboxesMessage::of(contoso(), Vec::new()) };
        maintain::maintain(&self.app, &message).await.unwrap();
    }

    /// The mailbox is marked to be compared, and the next round does it.
    pub(crate) async fn resync(&self, learner: &str) {
        let now = self.now();
        mailboxes::update(&self.app.ledger, &contoso(), &user(learner), |row| {
            Some(MailboxRow { resync_wanted: Some(now), ..row?.clone() })
        })
        .await
        .unwrap();
        self.watch().await;
    }

    /// The ledger loses a mailbox; Graph does not.
    pub(crate) async fn forget_mailbox(&self, name: &str) {
        mailboxes::remove(&self.app.ledger, &contoso(), &user(name)).await.unwrap();
    }

    pub(crate) async fn row(&self, learner: &str, session: u32) -> Enrolment {
        self.find(learner, session).await.expect("the enrolment is known")
    }

    pub(crate) async fn find(&self, learner: &str, session: u32) -> Option<Enrolment> {
        let at = EnrolmentRef::of(
            &contoso(),
            &SessionId::new(session.to_string()),
            &LearnerKey::new(address(learner).as_str()),
        );
        enrolments::load(&self.app.ledger, &at).await.unwrap().map(|read| read.value)
    }

    pub(crate) async fn state(&self, learner: &str, session: u32) -> State {
        self.row(learner, session).await.state
    }

    pub(crate) async fn outcome(&self, learner: &str, session: u32) -> Option<OutcomeKind> {
        self.row(learner, session).await.attempt.outcome.map(|outcome| outcome.kind)
    }

    /// What stands on the agenda, by key.
    pub(crate) fn agenda(&self) -> BTreeMap<String, AgendaRow> {
        self.tables
            .dump(Table::Agenda)
            .into_iter()
            .filter(|row| row.partition != crate::ledger::unreadable_messages::UNREADABLE)
            .map(|row| {
                (format!("{}/{}", row.partition, row.row), serde_json::from_value(row.entity.into()).unwrap())
            })
            .collect()
    }

    /// What stands on the agenda, without who stands there: kind and minutes from now.
    pub(crate) fn plans(&self) -> Vec<(String, i64)> {
        let mut plans: Vec<(String, i64)> = self
            .agenda()
            .iter()
            .map(|(key, row)| {
                let kind = key.split('~').next().unwrap_or_default().to_owned();
                (kind, (row.entry.due - self.now()).num_minutes())
            })
            .collect();
        plans.sort();
        plans
    }

    /// The agenda holds exactly the wake-ups that the enrolments need, and hints; and every line told is
    /// filed, or in the row of what is on its way.
    pub(crate) fn assert_sound(&self, when: &str) {
        let mut needed = std::collections::BTreeSet::new();
        let filed: std::collections::BTreeSet<(String, u64)> = self
            .tables
            .dump(Table::Activity)
            .iter()
            .map(|row| {
                (row.entity["enrolment"].as_str().unwrap().to_owned(), row.entity["n"].as_u64().unwrap())
            })
            .collect();
        for row in self.tables.dump(Table::Enrolments) {
            let row: Enrolment = serde_json::from_value(row.entity.into()).unwrap();
            for entry in crate::enrolment::wakeups::entries(&row) {
                let at = entry.reference();
                needed.insert(format!("{}/{}", at.partition, at.row));
            }
            let id = enrolment_ids::id_of(&row.reference());
            // What is on its way is filed at its end; until then no line of it goes from the row.
            for n in 1..=row.told {
                let is_in_row =
                    row.state.is_on_its_way() && n > row.filed && row.story.iter().any(|line| line.n == n);
                let is_filed = filed.contains(&(id.clone(), u64::from(n)));
                assert!(is_in_row || is_filed, "{when}: line {n} is not in the audit: {:?}", row.story);
            }
        }
        let there: std::collections::BTreeSet<String> = self
            .agenda()
            .into_iter()
            .filter(|(_, row)| !matches!(row.entry.what, crate::enrolment::wakeups::WakeUpKind::Hint { .. }))
            .map(|(key, _)| key)
            .collect();
        assert_eq!(
            there, needed,
            "{when}: what stands on the agenda (left) is what the ledger needs (right)"
        );
    }
}

async fn open(
    clock: &ManualClock,
    tables: &Arc<TestTables>,
    graph: &Arc<dyn Graph>,
    lms: &Arc<FakeLms>,
    subscriber: &Arc<FakeSubscriber>,
    tenant: &Tenant,
) -> AppContext {
    let ledger = Ledger { tables: tables.clone(), clock: Arc::new(clock.clone()) };
    let hasher = AddressHasher::of(&ledger).await.unwrap();
    let context = TenantContext {
        kit: None,
        tenant: tenant.clone(),
        graph: Arc::clone(graph),
        lms: lms.clone(),
        select: crate::calendar::event_select::select(&tenant.recognise, tenant.policy.timezone),
        users: UserCache::new(tenant.learner.clone(), hasher),
        settings: crate::jobs::cancel::settings_cache::MailboxSettingsCache::default(),
        write_limiter: crate::jobs::watch::write_limiter::WriteLimiter::default(),
        share: crate::jobs::cancel::connection_slots::ConnectionSlots::default(),
        refresh_tokens: None,
        subscriber: subscriber.clone(),
    };
    AppContext {
        ledger,
        timing: Timing::default(),
        tenants: BTreeMap::from([(tenant.name.clone(), Arc::new(context))]),
        alerts: AlertChannels::default(),
        around: None,
        join: Some(Arc::new(join::join_links("k1"))),
    }
}

pub(crate) fn changes(hints: &[Hint]) -> Changes {
    Changes { v: VERSION, trace: None, tenant: contoso(), hints: hints.to_vec() }
}
