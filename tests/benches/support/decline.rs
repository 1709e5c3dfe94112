//! One decline from the first hint to the recorded outcome, by the handler's own code against the simulated
//! Graph and LMS, with a list of what it asks of the ledger.

use super::deployment::Deployment;
use super::recording::{Record, Recording};
use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use regrets::calendar::event_select;
use regrets::clock::{Clock, SystemClock};
use regrets::config::{self, ConnectorConfig, Env};
use regrets::graph::HttpGraph;
use regrets::graph::port::Graph;
use regrets::http::client::{HttpOptions, client};
use regrets::ids::UserId;
use regrets::jobs::address_hasher::AddressHasher;
use regrets::jobs::cancel::{attempt, dispatch};
use regrets::jobs::context::{AppContext, TenantContext};
use regrets::jobs::observe::hints;
use regrets::jobs::timing::Timing;
use regrets::jobs::user_cache::UserCache;
use regrets::jobs::watch::plan;
use regrets::jobs::watch::write_limiter::WriteLimiter;
use regrets::ledger::Ledger;
use regrets::lms::webhook::WebhookConnector;
use regrets::messages::{ChangeType, Changes, Hint, VERSION};
use regrets::store::Tables;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use simulator::world::act::{Invite, Reply};
use simulator::{CLIENT_SECRET, LMS_SECRET, Options, Simulator, TenantSeed, UserSeed};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const ORGANIZER: &str = "learning@contoso.com";
const LEARNER: &str = "ana@contoso.com";
const SESSION: &str = "4711";

/// Real time, and some more.
#[derive(Default)]
struct AheadClock(Mutex<TimeDelta>);

impl AheadClock {
    fn skip(&self, time: TimeDelta) {
        *self.0.lock() += time;
    }
}

impl Clock for AheadClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now() + *self.0.lock()
    }
}

/// What each step asked of the ledger.
pub(crate) type Steps = Vec<(&'static str, Vec<String>)>;

/// The first steps are no part of the decline.
pub(crate) const BEFORE: usize = 2;

/// `late`: the learner's answer reaches the organizer only after the first look.
pub(crate) async fn one(inner: Arc<dyn Tables>, late: bool) -> Result<Steps> {
    let tenant = TenantSeed::new("contoso.com")
        .user(UserSeed::new("Learning", ORGANIZER))
        .user(UserSeed::new("Ana", LEARNER));
    let simulator = Simulator::start(Options { tenants: vec![tenant.clone()], ..Options::default() }).await?;
    let world = simulator.world();
    let clock = Arc::new(AheadClock::default());
    let tables = Arc::new(Recording::new(inner, Record::new(Arc::clone(&clock) as Arc<dyn Clock>)));
    let app = app_context(&simulator, &tenant, &tables, &clock).await?;
    let start = Utc::now() + TimeDelta::days(7);
    world.invite(&Invite::new(SESSION, ORGANIZER, &[LEARNER], start, start + TimeDelta::hours(2)))?;

    plan::plan(&app, None).await?;
    let mailbox = UserId::new(world.user_id(LEARNER).context("no such user")?.to_string());
    let event = world.copy(LEARNER, SESSION).context("no such copy")?.immutable.as_str().into();
    let hint = |change| Hint::Changed { mailbox: mailbox.clone(), event: Clone::clone(&event), change };
    let changed = |hints: Vec<Hint>| Changes { v: VERSION, trace: None, tenant: "contoso".into(), hints };
    hints::observe(&app, &changed(vec![hint(ChangeType::Created)])).await?;
    let mut steps = vec![("invitation, plan and first look", tables.observer.take())];
    dispatch::dispatch(&app, None).await?;
    steps.push(("dispatch-due: a tick with nothing due", tables.observer.take()));

    // The counters that a process keeps for a while are warm now, as they are in a process that serves.
    let mail = if late { Duration::from_secs(2) } else { Duration::from_millis(1) };
    world.decline(&Reply::new(LEARNER, SESSION).keep(false).mail_after(mail))?;
    if !late {
        world.quiet().await;
    }
    hints::observe(&app, &changed(vec![hint(ChangeType::Deleted)])).await?;
    steps.push(("observe-changes: the copy is gone", tables.observer.take()));
    if late {
        world.quiet().await;
        clock.skip(TimeDelta::minutes(3));
        let wake = dispatch::dispatch(&app, None).await?;
        steps.push(("dispatch-due: the look", tables.observer.take()));
        ensure!(wake.changes.len() == 1, "no look was due");
        for changes in wake.changes {
            hints::observe(&app, &changes).await?;
        }
        steps.push(("observe-changes: the look", tables.observer.take()));
    }
    clock.skip(TimeDelta::minutes(11));
    let wake = dispatch::dispatch(&app, None).await?;
    steps.push(("dispatch-due: the cancellation", tables.observer.take()));
    let [cancellation] = wake.cancellations.as_slice() else {
        anyhow::bail!("not one cancellation: {wake:?}")
    };
    let attempt = attempt::cancel(&app, cancellation).await?;
    steps.push(("cancel-enrolment", tables.observer.take()));
    ensure!(world.cancellations(SESSION, LEARNER) == 1, "not cancelled: {}", attempt.word());
    Ok(steps)
}

async fn app_context(
    simulator: &Simulator,
    tenant: &TenantSeed,
    tables: &Arc<Recording>,
    clock: &Arc<AheadClock>,
) -> Result<AppContext> {
    let (directory, client_id, lms) = (tenant.id, tenant.client_id, simulator.lms_url());
    let text = format!(
        r#"public_url = "https://regrets.example.com"
[tenant.contoso]
directory  = "{directory}"
client_id  = "{client_id}"
credential = {{ client_secret = {{ env = "CLIENT_SECRET" }} }}
[tenant.contoso.watch]
mailboxes  = {{ users = ["{LEARNER}"] }}
organizers = ["{ORGANIZER}"]
[tenant.contoso.recognise]
organizer = ["{ORGANIZER}"]
session   = {{ ical_uid = '^lms-(?<session>[a-z0-9-]+)@' }}
[tenant.contoso.policy]
mode = "act"
[tenant.contoso.lms]
connector = "webhook"
url       = "{lms}/hooks/regrets"
secret    = {{ env = "LMS_SECRET" }}
"#
    );
    let settings = [
        ("CLIENT_SECRET", CLIENT_SECRET),
        ("LMS_SECRET", LMS_SECRET),
        ("REGRETS_STATE_KEYS", "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        ("REGRETS_STORE", "sqlite:unused.db"),
        ("GRAPH_ENDPOINT", simulator.graph_url()),
        ("AZURE_AUTHORITY_HOST", simulator.authority_url()),
    ];
    let env: Env = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let config =
        config::parse("regrets.toml", &text, &env).map_err(|errors| anyhow::anyhow!(errors.render(false)))?;
    let anchor = CertificateDer::from_pem_slice(simulator.ca_pem().as_bytes())?;
    let http = client(&HttpOptions { extra_roots: vec![anchor], ..HttpOptions::default() })?;
    let shared = Arc::clone(clock) as Arc<dyn Clock>;
    let ledger = Ledger { tables: Arc::clone(tables) as Arc<dyn Tables>, clock: shared };
    let mut tenants = BTreeMap::new();
    for (name, tenant) in &config.tenants {
        let graph: Arc<dyn Graph> = Arc::new(HttpGraph::new(tenant.graph(&config, http.clone())?)?);
        let ConnectorConfig::Webhook { url, secrets } = &tenant.lms.connector else {
            anyhow::bail!("the benches have a webhook")
        };
        // The receiver takes no signature from the future.
        let real = Arc::new(SystemClock);
        let lms = WebhookConnector::new(url.clone(), secrets, tenant.lms.rate, http.clone(), real);
        let context = TenantContext {
            kit: None,
            graph,
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
        tenants.insert(name.clone(), Arc::new(context));
    }
    let alerts = regrets::jobs::context::AlertChannels::default();
    Ok(AppContext { ledger, timing: Timing::default(), tenants, alerts, around: None, join: None })
}
