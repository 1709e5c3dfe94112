//! What keeping sessions true costs while nothing changes, and what it costs to find out how much a first
//! publication would mail: 10,000 sessions of 20 people (`SESSIONS` and `PEOPLE` name others).
//!
//! The ledger is SQLite. Graph is a server on loopback that finds nothing: before something is published for
//! the first time, it is asked whether it stands there already. Least possible: a page of a
//! thousand sessions is one scan, a session's places are one scan, a row that changes is one write, a session
//! is looked for in one request.
//!
//! `cargo bench -p suites --bench publish` takes some minutes. The last line is JSON.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

#[path = "support/counting.rs"]
mod counting;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use counting::{Count, Counting};
use parking_lot::Mutex;
use regrets::calendar::event_select;
use regrets::calendar::matching::{Recognise, SessionSource};
use regrets::calendar::zone::Zone;
use regrets::clock::Clock;
use regrets::config::{
    ConnectorConfig, Doctor, LearnerKeySource, Lms, Publish, PublishSource, PushSource, Tenant, Watch,
    WatchMode, WebhookSecret,
};
use regrets::enrolment::policy::{Mailboxes, Policy, Rate, Retry};
use regrets::graph::auth::cloud::Cloud;
use regrets::graph::auth::credentials::Credential;
use regrets::graph::{CALL_DEADLINE, GraphOptions, HttpGraph};
use regrets::http::client::{HttpOptions, client};
use regrets::ids::{Address, LearnerKey, SessionId, TenantName, UserId};
use regrets::jobs::address_hasher::AddressHasher;
use regrets::jobs::context::{AlertChannels, AppContext, SubscriptionEndpoint, TenantContext};
use regrets::jobs::publish::merge_places::{self, Reading};
use regrets::jobs::publish::source::Source;
use regrets::jobs::publish::{merge_sessions, sync, work};
use regrets::jobs::timing::Timing;
use regrets::jobs::user_cache::UserCache;
use regrets::jobs::watch::write_limiter::WriteLimiter;
use regrets::ledger::Ledger;
use regrets::lms::push::read::{LearnerField, Reading as PushReading};
use regrets::lms::webhook::WebhookConnector;
use regrets::messages::{Sessions, SessionsTask};
use regrets::publishing::policy::{PublishState, Publisher, Publishing};
use regrets::sessions::absence::SingleRead;
use regrets::sessions::moment::{Moment, Span};
use regrets::sessions::pass::Pass;
use regrets::sessions::place_record::{Person, PlaceRecord, RecordId, RecordState};
use regrets::sessions::session::{Part, PartId, Session, SessionState, Venue};
use regrets::sessions::vanish_brake::VanishLimits;
use regrets::store::{SqliteTables, Tables};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use simulator::cheap::{Cheap, CheapOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

struct HandClock(Mutex<DateTime<Utc>>);

impl HandClock {
    fn skip(&self, time: chrono::Duration) {
        *self.0.lock() += time;
    }
}

impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock()
    }
}

struct Nobody;

impl SubscriptionEndpoint for Nobody {
    fn client_state(&self, _: &TenantName, _: &UserId) -> String {
        String::new()
    }

    fn notification_url(&self) -> String {
        String::new()
    }

    fn first_key(&self) -> String {
        String::new()
    }
}

#[async_trait]
impl Source for Nobody {
    fn reads_sessions(&self) -> bool {
        false
    }

    fn reads_records(&self) -> bool {
        false
    }

    async fn session(&self, _: &SessionId) -> SingleRead {
        SingleRead::Unknown
    }

    async fn record(&self, _: &SessionId, _: &RecordId) -> SingleRead {
        SingleRead::Unknown
    }
}

fn tenant() -> Tenant {
    let secret = WebhookSecret::parse("whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=").unwrap();
    let reading = PushReading { learner: LearnerField::Email, zone: Zone::named("Europe/Berlin").unwrap() };
    let organizer = Address::new("learning@contoso.com");
    Tenant {
        active: true,
        name: "contoso".into(),
        directory: "11111111-2222-3333-4444-555555555555".to_owned(),
        client_id: "66666666-7777-8888-9999-000000000000".to_owned(),
        credential: Credential::ClientSecret(SecretString::from("not a secret")),
        cloud: Cloud::Global,
        watch: Watch {
            mode: WatchMode::Attendees,
            mailboxes: Mailboxes::All,
            organizers: Vec::new(),
            resync: chrono::Duration::days(300),
        },
        doctor: Doctor::default(),
        recognise: Recognise {
            organizer: vec![organizer.clone()],
            session: SessionSource::ICalUid(r"^lms-(?<session>\d+)@contoso\.com$".parse().unwrap()),
        },
        learner: LearnerKeySource::Mail,
        policy: Policy::default(),
        lms: Lms {
            connector: ConnectorConfig::Webhook {
                url: "https://lms.contoso.com/hooks/regrets".parse().unwrap(),
                secrets: vec![secret.clone()],
            },
            rate: Rate { requests: 10, per: chrono::Duration::seconds(1) },
            retry: Retry { first: chrono::Duration::seconds(30), most: chrono::Duration::hours(1) },
        },
        missing: Vec::new(),
        canary: None,
        publish: Some(Publish {
            publisher: Publisher {
                policy: Publishing { state: PublishState::On, ..Publishing::default() },
                ..Publisher::new(organizer)
            },
            source: PublishSource::Push(PushSource { secrets: vec![secret], reading }),
            only: None,
            vanish: VanishLimits::default(),
            every: chrono::Duration::hours(1),
        }),
        mails_alerts: false,
    }
}

struct Bench {
    app: AppContext,
    tables: Arc<Counting>,
    clock: Arc<HandClock>,
    calendars: Cheap,
    sessions: Pass<SessionId, Session>,
    records: Pass<RecordId, PlaceRecord>,
    figures: Map<String, Value>,
}

impl Bench {
    async fn new(sessions: usize, people: usize, file: &std::path::Path, calendars: Cheap) -> Self {
        let clock = Arc::new(HandClock(Mutex::new(DateTime::from_timestamp(1_795_600_000, 0).unwrap())));
        let ledger = SqliteTables::open(file, Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
        let tables = Arc::new(Counting::new(Arc::new(ledger), Count::default()));
        let anchor = CertificateDer::from_pem_slice(calendars.ca_pem().as_bytes()).unwrap();
        let http = client(&HttpOptions { extra_roots: vec![anchor], ..HttpOptions::default() }).unwrap();
        let tenant = tenant();
        let graph = HttpGraph::new(GraphOptions {
            directory: tenant.directory.clone(),
            client_id: tenant.client_id.clone(),
            credential: tenant.credential.clone(),
            cloud: tenant.cloud,
            authority: calendars.url().parse().unwrap(),
            needed: Vec::new(),
            endpoint: calendars.url().parse().unwrap(),
            http: http.clone(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            deadline: CALL_DEADLINE,
            seed: Some(1),
        })
        .unwrap();
        let ConnectorConfig::Webhook { url, secrets } = &tenant.lms.connector else { panic!("a webhook") };
        let rate = tenant.lms.rate;
        let lms =
            WebhookConnector::new(url.clone(), secrets, rate, http, Arc::clone(&clock) as Arc<dyn Clock>);
        let ledger = Ledger {
            tables: Arc::clone(&tables) as Arc<dyn Tables>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
        };
        let context = TenantContext {
            kit: None,
            graph: Arc::new(graph),
            lms: Arc::new(lms),
            select: event_select::select(&tenant.recognise, tenant.policy.timezone),
            users: UserCache::new(tenant.learner.clone(), AddressHasher::of(&ledger).await.unwrap()),
            settings: regrets::jobs::cancel::settings_cache::MailboxSettingsCache::default(),
            write_limiter: WriteLimiter::default(),
            share: regrets::jobs::cancel::connection_slots::ConnectionSlots::default(),
            refresh_tokens: None,
            subscriber: Arc::new(Nobody),
            tenant: tenant.clone(),
        };
        let app = AppContext {
            ledger,
            timing: Timing::default(),
            tenants: BTreeMap::from([(tenant.name, Arc::new(context))]),
            alerts: AlertChannels::default(),
            around: None,
            join: None,
        };
        let (sessions, records) = told(sessions, people);
        Self { app, tables, clock, calendars, sessions, records, figures: Map::new() }
    }

    /// A whole reading of all sessions and places, merged.
    async fn merge(&mut self, name: &str) {
        self.clock.skip(chrono::Duration::minutes(5));
        let (began, tenant) = (self.clock.now(), TenantName::new("contoso"));
        let at = Instant::now();
        let limits = VanishLimits::default();
        merge_sessions::merge(&self.app, &tenant, &Nobody, &self.sessions, began, limits).await.unwrap();
        let covered: BTreeSet<SessionId> = self.sessions.found.keys().cloned().collect();
        let reading = Reading { pass: &self.records, covered: &covered, began };
        merge_places::merge(&self.app, &tenant, &Nobody, &reading, limits).await.unwrap();
        self.note(name, at);
    }

    async fn round(&mut self, name: &str) -> Vec<Sessions> {
        self.clock.skip(chrono::Duration::minutes(5));
        let at = Instant::now();
        let messages = sync::plan(&self.app, None).await.unwrap();
        self.note(name, at);
        messages
    }

    fn note(&mut self, name: &str, began: Instant) {
        let seconds = (began.elapsed().as_secs_f64() * 100.0).round() / 100.0;
        let mut figure = self.tables.observer.take();
        figure["seconds"] = json!(seconds);
        let asked = self.calendars.take_counts();
        figure["graph_requests"] = json!(asked.requests);
        figure["graph_lists"] = json!(asked.reads);
        println!("{name}: {figure}");
        self.figures.insert(name.to_owned(), figure);
    }
}

fn told(sessions: usize, people: usize) -> (Pass<SessionId, Session>, Pass<RecordId, PlaceRecord>) {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let (mut all, mut records) = (Pass::default(), Pass::default());
    for n in 0..sessions {
        let id = SessionId::new(n.to_string());
        let day = NaiveDate::from_ymd_opt(2027, 3, 1).unwrap() + chrono::Days::new(n as u64 % 200);
        let at = |hour| Moment::of_wall(day.and_hms_opt(hour, 0, 0).unwrap(), zone).unwrap();
        let part = Part {
            id: PartId("1".to_owned()),
            title: None,
            span: Span::timed(at(9), at(12)).unwrap(),
            venue: Some(Venue { name: "Room 7".to_owned(), room: None, mailbox: None }),
            link: None,
            cancelled: false,
        };
        let session = Session {
            id: id.clone(),
            aliases: BTreeSet::new(),
            state: SessionState::Scheduled,
            title: format!("Training {n}"),
            description: Some("Bring shoes and a helmet; the entrance is at the back.".to_owned()),
            reason: None,
            capacity: None,
            instructors: Vec::new(),
            parts: vec![part],
        };
        all.see(id.clone(), session);
        for one in 0..people {
            let learner = format!("learner-{}@contoso.com", (n * 7 + one) % 50_000);
            let record = PlaceRecord {
                id: RecordId(format!("{n}-{one}")),
                session: id.clone(),
                person: Person {
                    learner: LearnerKey::new(learner.clone()),
                    address: Some(Address::new(&learner)),
                    name: None,
                    language: None,
                    is_test: false,
                },
                state: RecordState::Held,
                since: None,
            };
            records.see(record.id.clone(), record);
        }
    }
    (all, records)
}

fn asked(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    (kib / 1024.0).round()
}

fn main() {
    let (sessions, people) = (asked("SESSIONS", 10_000), asked("PEOPLE", 20));
    let folder = tempfile::tempdir().unwrap();
    let calendars = CheapOptions { mailboxes: 0, latency: Duration::ZERO, speed: 1.0 };
    let calendars = Cheap::start(calendars).unwrap();
    let runtime = regrets::cli::runtime::start().unwrap();
    let figures = runtime.block_on(async {
        let mut bench = Bench::new(sessions, people, &folder.path().join("ledger"), calendars).await;
        bench.merge("first_reading").await;
        bench.merge("reading_nothing_changed").await;
        // The looks of all: what a first publication would mail is counted.
        let at = Instant::now();
        let mut looks = 0;
        loop {
            bench.clock.skip(chrono::Duration::minutes(5));
            let messages = sync::plan(&bench.app, None).await.unwrap();
            let due: Vec<_> = messages.iter().filter(|one| one.task == SessionsTask::Look).collect();
            if due.is_empty() {
                break;
            }
            for message in due {
                looks += message.sessions.len();
                work::work(&bench.app, message).await.unwrap();
            }
        }
        assert_eq!(looks, sessions);
        bench.note("first_publication_counted", at);
        let waiting = bench.round("round_all_wait_for_a_person").await;
        assert!(waiting.is_empty(), "{waiting:?}");
        bench.figures.insert("peak_mib".to_owned(), json!(peak_mib()));
        bench.figures.insert("sessions".to_owned(), json!(sessions));
        bench.figures.insert("people".to_owned(), json!(people));
        Value::Object(bench.figures)
    });
    println!("{figures}");
}
