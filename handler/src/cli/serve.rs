//! Serving under the Functions host: the port first, then everything else, then until the host kills the
//! process.
//!
//! Guarantees: a configuration that can't be used, or a ledger that can't be opened, ends nothing. It is said
//! at once and every minute, every invocation fails meanwhile, and what was mended is taken up by itself. A
//! secret that can't be had closes its own tenant, and no other. The process ends only when nobody could call
//! it any more, and then it says why in its last line.

use crate::cli::exit::{End, or_panic};
use crate::cli::wiring;
use crate::config::{Config, ConfigErrors, Env, Reloaded, StoreConfig, Watched};
use crate::custom_handler::{self, Announcer};
use crate::functions::drop_counters::{DropCause, DropCounters};
use crate::functions::names;
use crate::functions::unavailable::{self, Problem, Reason};
use crate::http::loopback::is_loopback;
use crate::ids::TenantName;
use crate::jobs::alerting;
use crate::jobs::context::AppContext;
use crate::jobs::timing::Timing;
use crate::jobs::watch::{delivery_silence, switched_off};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::drops;
use crate::store::{Tables, queues};
use crate::telemetry;
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often the configuration is looked at, and how often counts are stored.
const RELOAD: Duration = Duration::from_secs(60);
const STORE_COUNTS: Duration = Duration::from_secs(5);
/// How often it is written down how many notifications came: they are held against one another by the hour.
const STORE_HEARD: Duration = Duration::from_secs(60);
/// How often a start that can't be made is tried again, and how often it is said that it can't.
const TRY_AGAIN: Duration = Duration::from_secs(5);
const SAY_AGAIN: Duration = Duration::from_secs(60);

/// Serves until the host ends the process. Never exits with 0: some hosts take that for a handler that still
/// lives (reference/functions-host.md#exit-codes).
pub fn run(env: Env) -> ExitCode {
    telemetry::start(env.get("RUST_LOG").map(String::as_str));
    let end = match custom_handler::end_with_the_parent().and_then(|()| crate::cli::runtime::start()) {
        Ok(runtime) => {
            let end = runtime.block_on(serve(env));
            // What still runs is ended as a kill would end it.
            runtime.shutdown_background();
            end
        }
        Err(error) => {
            End::Failed(anyhow::Error::from(error).context("the process has no thread to work with"))
        }
    };
    end.say();
    end.code()
}

async fn serve(env: Env) -> End {
    let listener = match custom_handler::port(env.get(custom_handler::PORT_VARIABLE).map(String::as_str)) {
        Ok(port) => custom_handler::listen(port).await,
        Err(error) => Err(error),
    };
    let listener = match listener {
        Ok(listener) => listener,
        Err(error) => return End::Failed(error.into()),
    };
    let (announcer, ready) = custom_handler::readiness();
    let token = env.get(custom_handler::TOKEN_VARIABLE).map(|token| token.as_str().into());
    let server = tokio::spawn(custom_handler::serve(listener, ready, token));
    let prepared = tokio::spawn(prepare(env, announcer));
    tokio::select! {
        served = server => match or_panic("the server", served) {
            Ok(Ok(never)) => match never {},
            Ok(Err(error)) => End::Failed(error.into()),
            Err(panic) => panic,
        },
        prepared = prepared => or_panic("the start", prepared).unwrap_or_else(|panic| panic),
    }
}

/// Starts as soon as that is possible, and then keeps watch over configuration, ledger and counts.
async fn prepare(env: Env, announcer: Announcer) -> End {
    let root = env.get("FUNCTIONS_APP_ROOT_PATH").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let timing = timing(&env);
    let start = Start { root, env, timing, drops: Arc::default(), announcer };
    let mut running = start.as_soon_as_it_can().await;
    resolve(&running.app).await;
    tell_secrets(&running.app).await;

    let look = RELOAD / haste(&start.env);
    let mut reload = tokio::time::interval_at(Instant::now() + look, look);
    let mut store_counts = tokio::time::interval(STORE_COUNTS);
    let mut store_heard = tokio::time::interval(STORE_HEARD);
    loop {
        tokio::select! {
            _ = reload.tick() => {
                if let Some(end) = running.ledger_is_another() {
                    return end;
                }
                start.reload(&mut running).await;
                if let Err(error) = switched_off::note(&running.app).await {
                    tracing::warn!(%error, "who is switched off can't be written down now");
                }
            }
            _ = store_counts.tick() => store(&running.app, &start.drops).await,
            _ = store_heard.tick() => note_heard(&running.app, &start.drops).await,
        }
    }
}

/// What a start needs, and every later look at the configuration.
struct Start {
    root: PathBuf,
    env: Env,
    timing: Timing,
    drops: Arc<DropCounters>,
    announcer: Announcer,
}

/// What a start has made.
struct Running {
    watched: Watched,
    tables: Arc<dyn Tables>,
    app: Arc<AppContext>,
    /// A good configuration that is not in force yet, because something else stood in its way.
    wanted: Option<Arc<Config>>,
    /// The configuration could not be taken up when it was looked at last.
    refused: bool,
    /// The ledger's file as it was opened.
    ledger: Option<Ledger>,
}

/// Why a start can't be made now.
enum Obstacle {
    Configuration(ConfigErrors),
    Other(anyhow::Error),
}

impl Start {
    async fn as_soon_as_it_can(&self) -> Running {
        let mut said: Option<(Vec<String>, Instant)> = None;
        loop {
            let obstacle = match self.begin().await {
                Ok(running) => return running,
                Err(obstacle) => obstacle,
            };
            let reason = obstacle.reason();
            let messages: Vec<String> =
                reason.problems.iter().map(|problem| problem.message.clone()).collect();
            if said.as_ref().is_none_or(|(before, at)| *before != messages || at.elapsed() >= SAY_AGAIN) {
                obstacle.say(&reason);
                self.announcer.ready(unavailable::app(reason));
                said = Some((messages, Instant::now()));
            }
            tokio::time::sleep(TRY_AGAIN).await;
        }
    }

    async fn begin(&self) -> Result<Running, Obstacle> {
        let watched = Watched::start(&self.root, self.env.clone()).await.map_err(Obstacle::Configuration)?;
        let config = watched.current();
        let tables = wiring::store(&config).map_err(Obstacle::Other)?;
        let app = self.announce(&config, &tables).await.map_err(Obstacle::Other)?;
        tracing::info!(tenants = config.tenants.len(), version = env!("CARGO_PKG_VERSION"), "ready");
        if let StoreConfig::AzureTables(account) = config.store.clone() {
            // Nobody waits for it: a queue that is missing is only a listener that finds nothing.
            tokio::spawn(async move { queues::make_missing(&account, &names::queue::ALL).await });
        }
        let ledger = Ledger::of(&config.store);
        Ok(Running { watched, tables, app, wanted: None, refused: false, ledger })
    }

    async fn announce(&self, config: &Config, tables: &Arc<dyn Tables>) -> anyhow::Result<Arc<AppContext>> {
        let app = Arc::new(wiring::app_context(config, Arc::clone(tables), self.timing).await?);
        // Before anything that comes for them is dropped.
        switched_off::note(&app).await.context("the ledger")?;
        let hostname = self.env.get("WEBSITE_HOSTNAME").map(String::as_str);
        self.announcer.ready(wiring::app(config, Arc::clone(&app), Arc::clone(&self.drops), hostname)?);
        Ok(app)
    }

    async fn reload(&self, running: &mut Running) {
        match running.watched.reload().await {
            Reloaded::Same => {}
            Reloaded::Changed(config) => running.wanted = Some(config),
            Reloaded::Refused(errors) => {
                running.refused = true;
                return complain(&running.app, &errors.lines().collect::<Vec<_>>().join(" | ")).await;
            }
        }
        if let Some(config) = running.wanted.take() {
            match self.announce(&config, &running.tables).await {
                Ok(next) => {
                    running.app = next;
                    tracing::info!(
                        tenants = config.tenants.len(),
                        "the configuration has changed and is in force"
                    );
                }
                Err(error) => {
                    running.wanted = Some(config);
                    running.refused = true;
                    return complain(&running.app, &format!("{error:#}")).await;
                }
            }
        } else if !running.refused {
            return;
        }
        running.refused = false;
        resolve(&running.app).await;
        tell_secrets(&running.app).await;
    }
}

impl Running {
    /// What is written to a file that somebody has put another in the place of is lost, and only a new start
    /// opens that one.
    fn ledger_is_another(&self) -> Option<End> {
        let ledger = self.ledger.as_ref()?;
        let now = Ledger::at(&ledger.path).filter(|now| now != ledger)?;
        Some(End::Restart(format!("another file stands at {} than the one that is open", now.path.display())))
    }
}

/// A file of the system, whatever its name.
#[derive(PartialEq)]
struct Ledger {
    path: PathBuf,
    file: (u64, u64),
}

impl Ledger {
    fn of(store: &StoreConfig) -> Option<Self> {
        match store {
            StoreConfig::Sqlite(path) => Self::at(path),
            StoreConfig::AzureTables(_) => None,
        }
    }

    #[cfg(unix)]
    fn at(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt as _;
        let data = std::fs::metadata(path).ok()?;
        Some(Self { path: path.to_owned(), file: (data.dev(), data.ino()) })
    }

    #[cfg(not(unix))]
    fn at(_: &Path) -> Option<Self> {
        None
    }
}

impl Obstacle {
    fn reason(&self) -> Reason {
        match self {
            Self::Configuration(errors) => {
                let problems = errors.placed().map(|(message, key, at)| {
                    let (line, column) = at.unzip();
                    Problem { message, key, line, column }
                });
                Reason { error: AlertKind::Configuration.as_str(), problems: problems.collect() }
            }
            Self::Other(error) => {
                let problem = Problem { message: format!("{error:#}"), key: None, line: None, column: None };
                Reason { error: AlertKind::Start.as_str(), problems: vec![problem] }
            }
        }
    }

    /// No tenant is known, and no ledger that could hold an alert: these lines are the alert.
    fn say(&self, reason: &Reason) {
        for Problem { message: why, key, line, column } in &reason.problems {
            match self {
                Self::Configuration(_) => tracing::error!(
                    alert = AlertKind::Configuration.as_str(),
                    tenant = "-",
                    why,
                    key,
                    line,
                    column,
                    step = "Correct it; the corrected file is taken up within a minute. `regrets check` says \
                            all that is wrong.",
                    "the configuration can't be used: every invocation fails"
                ),
                Self::Other(_) => tracing::error!(
                    alert = AlertKind::Start.as_str(),
                    tenant = "-",
                    why,
                    step = AlertKind::Start.step(),
                    "the functions can't be started: every invocation fails"
                ),
            }
        }
    }
}

/// `REGRETS_LOCAL_HASTE=60`: on one machine, for demonstrations, what rests between tries is so many times
/// shorter.
pub(super) fn haste(env: &Env) -> u32 {
    let local = env.get("REGRETS_LOCAL").is_some_and(|value| value == "1");
    let haste = env.get("REGRETS_LOCAL_HASTE").filter(|_| local).and_then(|value| value.parse::<u16>().ok());
    haste.map_or(1, u32::from).max(1)
}

fn timing(env: &Env) -> Timing {
    match haste(env) {
        1 => Timing::default(),
        haste => {
            let hastened = Timing::hastened(i32::try_from(haste).unwrap_or(i32::MAX));
            // Microsoft's own Graph has its limits, however much of a hurry we are in.
            if graph_is_played(env) { hastened } else { Timing { pace: Timing::default().pace, ..hastened } }
        }
    }
}

fn graph_is_played(env: &Env) -> bool {
    env.get("GRAPH_ENDPOINT").and_then(|text| text.parse().ok()).is_some_and(|url| is_loopback(&url))
}

async fn complain(app: &AppContext, why: &str) {
    tracing::error!(why, "the new configuration can't be used; the last good one stays in force");
    for tenant in active(app) {
        if let Err(error) = alerts::raise(&app.ledger, tenant, AlertKind::Configuration).await {
            tracing::error!(%error, "the alert can't be stored");
        }
    }
}

/// Nobody is to be told anything of a tenant that is switched off.
fn active(app: &AppContext) -> impl Iterator<Item = &TenantName> {
    app.tenants.iter().filter(|(_, context)| context.tenant.active).map(|(name, _)| name)
}

async fn resolve(app: &AppContext) {
    for tenant in app.tenants.keys() {
        if let Err(error) = alerts::resolve_any(&app.ledger, tenant, &[AlertKind::Configuration]).await {
            tracing::error!(%error, "the alert can't be resolved");
        }
    }
}

/// Each tenant whose secrets are not all there has its alert, and no other has one.
async fn tell_secrets(app: &AppContext) {
    for context in app.tenants.values().filter(|context| context.tenant.active) {
        if let Err(error) = alerting::for_secrets(app, context).await {
            tracing::error!(%error, why = context.tenant.why_closed(), "the alert can't be stored");
        }
    }
}

/// Adds what was counted since the last time to the stored counts. Counts that nobody proved to be theirs are
/// shown with every tenant.
async fn store(app: &AppContext, drops: &DropCounters) {
    let drained = drops.drain();
    for tenant in app.tenants.keys() {
        let mut mine: BTreeMap<DropCause, u64> = BTreeMap::new();
        for ((whose, cause), count) in &drained {
            if whose.as_ref().is_none_or(|whose| whose == tenant) {
                *mine.entry(*cause).or_default() += *count;
            }
        }
        if mine.is_empty() {
            continue;
        }
        let words: Vec<(&str, u64)> = mine.iter().map(|(cause, count)| (cause.as_str(), *count)).collect();
        if let Err(error) = drops::count_dropped(&app.ledger, tenant, &words).await {
            tracing::warn!(%error, "counts can't be stored now");
            // Nobody's are this tenant's by now: the others may have stored them.
            let back = mine.into_iter().map(|(cause, count)| ((Some(tenant.clone()), cause), count));
            drops.restore(back.collect());
        } else if let Some(count) = mine.get(&DropCause::ChunkedOrEmpty)
            && app.tenants.get(tenant).is_some_and(|context| context.tenant.active)
            && let Err(error) = alerts::raise_more(&app.ledger, tenant, AlertKind::ChunkedPosts, *count).await
        {
            tracing::warn!(%error, "the alert can't be stored");
        }
    }
}

/// Writes down how many notifications each tenant has had. What a kill loses here makes a tenant look more
/// silent for an hour.
async fn note_heard(app: &AppContext, drops: &DropCounters) {
    for (tenant, count) in drops.drain_heard() {
        if let Err(error) = delivery_silence::count_delivered(app, &tenant, count).await {
            tracing::warn!(%error, "counts can't be stored now");
            drops.heard(&tenant, usize::try_from(count).unwrap_or_default());
        }
    }
}

#[cfg(test)]
#[path = "serve_tests.rs"]
mod tests;
