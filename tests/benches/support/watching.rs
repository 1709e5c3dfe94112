//! The life of so many mailboxes: they join, are watched, rest, are renewed, and hear of changes that are no
//! training.

use super::counting::{Count, Counting};
use super::deployment::Deployment;
use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use parking_lot::Mutex;
use regrets::calendar::event_select;
use regrets::calendar::matching::{Recognise, SessionSource};
use regrets::clock::Clock;
use regrets::config::{
    ConnectorConfig, Doctor, LearnerKeySource, Lms, Tenant, Watch, WatchMode, WebhookSecret,
};
use regrets::enrolment::policy::{Mailboxes, Policy, Rate, Retry};
use regrets::graph::auth::cloud::Cloud;
use regrets::graph::auth::credentials::Credential;
use regrets::graph::port::Graph;
use regrets::graph::{CALL_DEADLINE, GraphOptions, HttpGraph};
use regrets::http::client::{HttpOptions, client};
use regrets::ids::UserId;
use regrets::jobs::address_hasher::AddressHasher;
use regrets::jobs::context::{AppContext, SubscriptionEndpoint, TenantContext};
use regrets::jobs::observe::hints;
use regrets::jobs::timing::{Limits, Timing};
use regrets::jobs::user_cache::UserCache;
use regrets::jobs::watch::write_limiter::WriteLimiter;
use regrets::jobs::watch::{maintain, plan};
use regrets::ledger::Ledger;
use regrets::ledger::mailboxes::{MailboxRow, SubscriptionState};
use regrets::lms::webhook::WebhookConnector;
use regrets::messages::{ChangeType, Changes, Hint, Mailboxes as Message, VERSION};
use regrets::store::{RowRange, SqliteTables, Table, Tables, typed};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use simulator::cheap::{CheapCounts, user_id};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// From a request to its answer.
pub(crate) const LATENCY: Duration = Duration::from_millis(50);
/// Simulated seconds in a real one.
pub(crate) const SPEED: u16 = 40;
/// Requests of one tenant that the handler has under way at most.
const AT_ONCE: f64 = 4.0;
/// `batchSize` + `newBatchThreshold` of host.json.
const MESSAGES_AT_ONCE: usize = 16;
/// The most mailboxes whose creation is measured: creations are paced, not fast.
const CREATED: usize = 10_000;
const CHANGES: usize = 10_000;
const CHANGES_PER_MESSAGE: usize = 100;

/// Runs [`SPEED`] times as fast as real time, and can be moved ahead.
struct FastClock {
    begin: Instant,
    ahead: Mutex<chrono::Duration>,
}

impl FastClock {
    fn skip(&self, time: chrono::Duration) {
        *self.ahead.lock() += time;
    }
}

impl Clock for FastClock {
    fn now(&self) -> DateTime<Utc> {
        let run = chrono::Duration::milliseconds(
            (self.begin.elapsed().as_secs_f64() * f64::from(SPEED) * 1000.0) as i64,
        );
        let start = DateTime::from_timestamp(1_795_600_000, 0).unwrap_or_default();
        start + run + *self.ahead.lock()
    }
}

struct Bench {
    mailboxes: usize,
    app: AppContext,
    tables: Arc<Counting>,
    clock: Arc<FastClock>,
    http: reqwest::Client,
    counts: String,
}

pub(crate) fn measure(mailboxes: usize) -> Result<Value> {
    let runtime = regrets::cli::runtime::start()?;
    runtime.block_on(async {
        let bench = Bench::new(mailboxes).await?;
        bench.run().await
    })
}

fn tenant() -> Result<Tenant> {
    Ok(Tenant {
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
            // Out of the way of the renewals that are measured.
            resync: chrono::Duration::days(300),
        },
        doctor: Doctor::default(),
        recognise: Recognise {
            organizer: Vec::new(),
            session: SessionSource::ICalUid(r"^lms-(?<session>\d+)@contoso\.com$".parse()?),
        },
        learner: LearnerKeySource::Mail,
        policy: Policy::default(),
        lms: Lms {
            connector: ConnectorConfig::Webhook {
                url: "https://lms.contoso.com/hooks/regrets".parse()?,
                secrets: vec![WebhookSecret::parse("whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=")?],
            },
            rate: Rate { requests: 10, per: chrono::Duration::seconds(1) },
            retry: Retry { first: chrono::Duration::seconds(30), most: chrono::Duration::hours(1) },
        },
        missing: Vec::new(),
        canary: None,
        publish: None,
        mails_alerts: false,
    })
}

impl Bench {
    async fn new(mailboxes: usize) -> Result<Self> {
        let endpoint = std::env::var("GRAPH_ENDPOINT")?;
        let anchor = CertificateDer::from_pem_file(std::env::var("GRAPH_ANCHOR")?)?;
        let http = client(&HttpOptions { extra_roots: vec![anchor], ..HttpOptions::default() })?;
        let clock = Arc::new(FastClock { begin: Instant::now(), ahead: Mutex::default() });
        let ledger = SqliteTables::open(std::env::var("LEDGER")?, Arc::clone(&clock) as Arc<dyn Clock>)?;
        let tables = Arc::new(Counting::new(Arc::new(ledger), Count::default()));
        let tenant = tenant()?;
        let graph = HttpGraph::new(GraphOptions {
            directory: tenant.directory.clone(),
            client_id: tenant.client_id.clone(),
            credential: tenant.credential.clone(),
            cloud: tenant.cloud,
            authority: endpoint.parse()?,
            needed: Vec::new(),
            endpoint: endpoint.parse()?,
            http: http.clone(),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            deadline: CALL_DEADLINE,
            seed: Some(1),
        })?;
        let ConnectorConfig::Webhook { url, secrets } = &tenant.lms.connector else {
            anyhow::bail!("the benches have a webhook")
        };
        let lms = WebhookConnector::new(
            url.clone(),
            secrets,
            tenant.lms.rate,
            http.clone(),
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        let ledger = Ledger {
            tables: Arc::clone(&tables) as Arc<dyn Tables>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
        };
        let context = TenantContext {
            kit: None,
            graph: Arc::new(graph) as Arc<dyn Graph>,
            lms: Arc::new(lms),
            select: event_select::select(&tenant.recognise, tenant.policy.timezone),
            users: UserCache::new(tenant.learner.clone(), AddressHasher::of(&ledger).await?),
            settings: regrets::jobs::cancel::settings_cache::MailboxSettingsCache::default(),
            write_limiter: WriteLimiter::default(),
            share: regrets::jobs::cancel::connection_slots::ConnectionSlots::default(),
            refresh_tokens: None,
            subscriber: Arc::new(Deployment),
            tenant: tenant.clone(),
        };
        let app = AppContext {
            ledger,
            timing: Timing { pace: Limits::default().faster(SPEED), ..Timing::default() },
            tenants: BTreeMap::from([(tenant.name, Arc::new(context))]),
            alerts: regrets::jobs::context::AlertChannels::default(),
            around: None,
            join: None,
        };
        Ok(Self { mailboxes, app, tables, clock, http, counts: format!("{endpoint}/v1.0/counts") })
    }

    async fn run(&self) -> Result<Value> {
        let mut figures = Map::new();
        figures.insert("mailboxes".to_owned(), json!(self.mailboxes));

        let (joining, joined) = self.plan().await?;
        figures.insert("plan_all_joining".to_owned(), joined);
        if self.mailboxes <= CREATED {
            let created = self.tend_all(joining).await?;
            // A creation is followed by a comparison of the calendar: two parts a mailbox.
            figures.insert("creation".to_owned(), self.of(&created, 2 * self.mailboxes));
        } else {
            self.seed().await?;
        }

        self.clock.skip(chrono::Duration::minutes(5));
        let (rest, nothing_due) = self.plan().await?;
        anyhow::ensure!(rest.is_empty(), "{} messages although nothing is due", rest.len());
        figures.insert("plan_nothing_due".to_owned(), nothing_due);
        self.clock.skip(chrono::Duration::hours(2));
        let (_, reading) = self.plan().await?;
        figures.insert("plan_reading_directory".to_owned(), reading);

        self.clock.skip(chrono::Duration::hours(36));
        let (due, all_due) = self.plan().await?;
        figures.insert("plan_all_due".to_owned(), all_due);
        let renewed = self.tend_all(due).await?;
        let ideal = self.mailboxes as f64 / 20.0;
        anyhow::ensure!(renewed.counts.renewed >= self.mailboxes, "{} were renewed", renewed.counts.renewed);
        for (name, figure) in [
            ("graph_requests", json!(renewed.counts.requests)),
            ("ideal_requests", json!(ideal)),
            ("seconds", rounded(renewed.seconds)),
            ("ideal_seconds", rounded(ideal * LATENCY.as_secs_f64() / AT_ONCE)),
            ("limit_breaches", json!(renewed.counts.limit_breaches)),
            ("most_writes_in_window", json!(renewed.counts.most_writes_in_window)),
            ("rounds", json!(renewed.rounds)),
            ("slowest_round_plan_seconds", rounded(renewed.slowest_plan)),
        ] {
            figures.insert(name.to_owned(), figure);
        }

        figures.insert("changes".to_owned(), self.irrelevant().await?);
        figures.insert("peak_mib".to_owned(), rounded(peak_mib().context("no VmHWM; this needs Linux")?));
        Ok(Value::Object(figures))
    }

    /// One planning round.
    async fn plan(&self) -> Result<(Vec<Message>, Value)> {
        self.take_counts().await?;
        self.tables.observer.take();
        let begin = Instant::now();
        let messages = plan::plan(&self.app, None).await?;
        let seconds = begin.elapsed().as_secs_f64();
        let bytes: usize = messages
            .iter()
            .filter_map(|message| serde_json::to_string(message).ok())
            .map(|text| text.len())
            .sum();
        let figures = json!({
            "seconds": rounded(seconds),
            "peak_mib": peak_mib().map(rounded),
            "messages": messages.len(),
            "output_kib": bytes / 1024,
            "graph_requests": self.take_counts().await?.requests,
            "store": self.tables.observer.take(),
        });
        Ok((messages, figures))
    }

    /// Does what was planned, and plans on until nothing is due. The time is the tending's.
    async fn tend_all(&self, mut messages: Vec<Message>) -> Result<Maintained> {
        let mut maintained = Maintained::default();
        while !messages.is_empty() {
            self.take_counts().await?;
            let begin = Instant::now();
            stream::iter(std::mem::take(&mut messages))
                .map(|message| async move {
                    let hints = maintain::maintain(&self.app, &message).await?.hints;
                    let changes = Changes { v: VERSION, trace: None, tenant: message.tenant, hints };
                    hints::observe(&self.app, &changes).await
                })
                .buffer_unordered(MESSAGES_AT_ONCE)
                .try_collect::<Vec<_>>()
                .await?;
            maintained.add(begin.elapsed(), &self.take_counts().await?);
            self.clock.skip(chrono::Duration::minutes(5));
            let begin = Instant::now();
            messages = plan::plan(&self.app, None).await?;
            maintained.slowest_plan = maintained.slowest_plan.max(begin.elapsed().as_secs_f64());
            anyhow::ensure!(maintained.rounds < 200, "it does not come to an end");
        }
        Ok(maintained)
    }

    fn of(&self, maintained: &Maintained, parts: usize) -> Value {
        let ideal = parts as f64 / 20.0;
        json!({
            "seconds": rounded(maintained.seconds),
            "ideal_seconds": rounded(ideal * LATENCY.as_secs_f64() / AT_ONCE),
            "graph_requests": maintained.counts.requests,
            "ideal_requests": ideal,
            "limit_breaches": maintained.counts.limit_breaches,
            "rounds": maintained.rounds,
        })
    }

    /// As if every mailbox that has a row had been subscribed and compared just now.
    async fn seed(&self) -> Result<()> {
        let now = self.clock.now();
        let expires = now + chrono::Duration::minutes(4_200);
        for shard in 0..16 {
            let partition = format!("contoso~{shard:x}");
            let tables = self.tables.as_ref();
            let rows =
                typed::scan::<MailboxRow>(tables, Table::Mailboxes, &partition, RowRange::all(), usize::MAX)
                    .await?;
            for some in rows.chunks(100) {
                let watch = |read: &typed::Read<MailboxRow>| {
                    let row = MailboxRow {
                        state: SubscriptionState::Watched,
                        subscription: Some(format!("f37536ac-{}", read.value.user.as_str()).as_str().into()),
                        expires: Some(expires),
                        key: Some(Deployment.first_key()),
                        url: Some(Deployment.notification_url()),
                        due: now + chrono::Duration::hours(35),
                        last_success: Some(now),
                        renewed_at: Some(now),
                        resynced_at: Some(now),
                        ..read.value.clone()
                    };
                    let entity = typed::entity(&row)?;
                    Ok(regrets::store::Op::Replace { row: read.row.clone(), entity, etag: read.etag.clone() })
                };
                let ops = some.iter().map(watch).collect::<Result<_>>()?;
                tables.batch(Table::Mailboxes, &partition, ops).await?;
            }
        }
        Ok(())
    }

    /// Changes of events that are nobody's training, each in another mailbox as far as there are so many.
    async fn irrelevant(&self) -> Result<Value> {
        self.take_counts().await?;
        self.tables.observer.take();
        let hint = |n: usize| Hint::Changed {
            mailbox: UserId::new(user_id(n % self.mailboxes)),
            event: format!("AAMkADlhNjJjN2M1LTJiYWUtNGVhMS04ODEz-{n}").as_str().into(),
            change: ChangeType::Updated,
        };
        let hints: Vec<Hint> = (0..CHANGES).map(hint).collect();
        let begin = Instant::now();
        stream::iter(hints.chunks(CHANGES_PER_MESSAGE).map(<[Hint]>::to_vec).collect::<Vec<_>>())
            .map(|hints| async move {
                let changes = Changes { v: VERSION, trace: None, tenant: "contoso".into(), hints };
                hints::observe(&self.app, &changes).await
            })
            .buffer_unordered(MESSAGES_AT_ONCE)
            .try_collect::<Vec<_>>()
            .await?;
        let seconds = begin.elapsed().as_secs_f64();
        let counts = self.take_counts().await?;
        Ok(json!({
            "changes": CHANGES,
            "seconds": rounded(seconds),
            "store": self.tables.observer.take(),
            "graph_parts": counts.parts,
            "graph_requests": counts.requests,
            "ideal_requests": CHANGES / 20,
            "limit_breaches": counts.limit_breaches,
        }))
    }

    async fn take_counts(&self) -> Result<CheapCounts> {
        Ok(self.http.get(&self.counts).send().await?.error_for_status()?.json().await?)
    }
}

#[derive(Default)]
struct Maintained {
    seconds: f64,
    rounds: usize,
    slowest_plan: f64,
    counts: CheapCounts,
}

impl Maintained {
    fn add(&mut self, took: Duration, counts: &CheapCounts) {
        self.seconds += took.as_secs_f64();
        self.rounds += 1;
        self.counts.requests += counts.requests;
        self.counts.parts += counts.parts;
        self.counts.created += counts.created;
        self.counts.renewed += counts.renewed;
        self.counts.limit_breaches += counts.limit_breaches;
        self.counts.most_writes_in_window =
            self.counts.most_writes_in_window.max(counts.most_writes_in_window);
    }
}

fn rounded(figure: f64) -> Value {
    json!((figure * 100.0).round() / 100.0)
}

/// The most memory that this process ever had resident.
fn peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
