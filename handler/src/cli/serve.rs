//! Serving under the Functions host: the port first, then everything else, then until the host kills the process.

use crate::cli::assemble;
use crate::config::{Config, Env, Reloaded, Watched};
use crate::functions::counters::{DropCause, DropCounters};
use crate::host::{self, Announcer};
use crate::store::Tables;
use crate::telemetry;
use crate::work::alerts::{self, AlertKind};
use crate::work::desk::{Office, Timing};
use crate::work::{silence, status};
use anyhow::Context as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// How often the configuration file is looked at, and how often counts are stored.
const RELOAD: Duration = Duration::from_secs(60);
const STORE_COUNTS: Duration = Duration::from_secs(5);
/// How often it is written down how many notifications came: they are held against one another by the hour.
const STORE_HEARD: Duration = Duration::from_secs(60);

/// Serves until the host ends the process. Never exits with 0: some hosts take that for a handler that still lives (contract
/// sheet 1.5).
#[expect(clippy::print_stderr, reason = "the host shows the last lines of stderr as the reason of a crash")]
pub fn run(env: Env) -> ExitCode {
    telemetry::start(env.get("RUST_LOG").map(String::as_str));
    let runtime = match crate::runtime::start() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("regrets: the runtime can't be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Err(error) = runtime.block_on(serve(env)) {
        eprintln!("regrets: {error:#}");
    }
    ExitCode::FAILURE
}

async fn serve(env: Env) -> anyhow::Result<()> {
    let port = host::port(env.get(host::PORT_VARIABLE).map(String::as_str))?;
    let listener = host::listen(port).await?;
    if env.get("REGRETS_LOCAL").is_some_and(|value| value == "1") {
        end_with_the_parent();
    }
    let (announcer, ready) = host::readiness();
    let server = tokio::spawn(host::serve(listener, ready));
    let prepared = tokio::spawn(prepare(env, announcer));
    tokio::select! {
        served = server => match served.context("the server")?? {},
        prepared = prepared => prepared.context("the start")?,
    }
}

/// Reads the configuration, opens the ledger, announces the functions, and then keeps watch over both. Ends only with an error.
async fn prepare(env: Env, announcer: Announcer) -> anyhow::Result<()> {
    let root = env.get("FUNCTIONS_APP_ROOT_PATH").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let timing = timing(&env);
    let watched = Watched::start(&root, env).map_err(|errors| anyhow::anyhow!("{}", errors.render(false)))?;
    let config = watched.current();
    let tables = assemble::store(&config)?;
    let drops = Arc::new(DropCounters::default());
    let mut office = announce(&config, &tables, timing, &drops, &announcer).await?;
    tracing::info!(tenants = config.tenants.len(), version = env!("CARGO_PKG_VERSION"), "ready");

    let mut reload = tokio::time::interval_at(tokio::time::Instant::now() + RELOAD, RELOAD);
    let mut store_counts = tokio::time::interval(STORE_COUNTS);
    let mut store_heard = tokio::time::interval(STORE_HEARD);
    loop {
        tokio::select! {
            _ = reload.tick() => match watched.reload() {
                Reloaded::Same => {}
                Reloaded::Changed(config) => match announce(&config, &tables, timing, &drops, &announcer).await {
                    Ok(next) => {
                        office = next;
                        tracing::info!(tenants = config.tenants.len(), "the configuration has changed and is in force");
                        resolve(&office).await;
                    }
                    Err(error) => complain(&office, &format!("{error:#}")).await,
                },
                Reloaded::Refused(errors) => {
                    complain(&office, &errors.lines().collect::<Vec<_>>().join(" | ")).await;
                }
            },
            _ = store_counts.tick() => store(&office, &drops).await,
            _ = store_heard.tick() => note_heard(&office, &drops).await,
        }
    }
}

async fn announce(
    config: &Config,
    tables: &Arc<dyn Tables>,
    timing: Timing,
    drops: &Arc<DropCounters>,
    announcer: &Announcer,
) -> anyhow::Result<Arc<Office>> {
    let office = Arc::new(assemble::office(config, Arc::clone(tables), timing).await?);
    announcer.ready(assemble::app(config, Arc::clone(&office), Arc::clone(drops))?);
    Ok(office)
}

/// `REGRETS_LOCAL_HASTE=60`: on one machine, for demonstrations, what rests between tries is so many times shorter.
fn timing(env: &Env) -> Timing {
    let local = env.get("REGRETS_LOCAL").is_some_and(|value| value == "1");
    match env.get("REGRETS_LOCAL_HASTE").and_then(|value| value.parse().ok()) {
        Some(haste) if local => Timing::hastened(haste),
        Some(_) | None => Timing::default(),
    }
}

async fn complain(office: &Office, why: &str) {
    tracing::error!(why, "the new configuration can't be used; the last good one stays in force");
    for tenant in office.desks.keys() {
        if let Err(error) = alerts::raise(office, tenant, AlertKind::Configuration).await {
            tracing::error!(%error, "the alert can't be stored");
        }
    }
}

async fn resolve(office: &Office) {
    for tenant in office.desks.keys() {
        if let Err(error) = alerts::resolve(office, tenant, AlertKind::Configuration).await {
            tracing::error!(%error, "the alert can't be resolved");
        }
    }
}

/// Adds what was counted since the last time to the stored counts. Counts that nobody proved to be theirs are shown with every
/// tenant.
async fn store(office: &Office, drops: &DropCounters) {
    let drained = drops.drain();
    for tenant in office.desks.keys() {
        let mine: Vec<(&str, u64)> = drained
            .iter()
            .filter(|((whose, _), _)| whose.as_ref().is_none_or(|whose| whose == tenant))
            .map(|((_, cause), count)| (cause.as_str(), *count))
            .collect();
        if mine.is_empty() {
            continue;
        }
        if let Err(error) = status::count_dropped(office, tenant, &mine).await {
            tracing::warn!(%error, "counts can't be stored now");
            let back = drained.iter().filter(|((whose, _), _)| whose.as_ref() == Some(tenant));
            drops.restore(back.map(|(key, count)| (key.clone(), *count)).collect());
        } else if mine.iter().any(|(cause, _)| *cause == DropCause::ChunkedOrEmpty.as_str())
            && let Err(error) = alerts::raise(office, tenant, AlertKind::ChunkedPosts).await
        {
            tracing::warn!(%error, "the alert can't be stored");
        }
    }
}

/// Writes down how many notifications each tenant has had. What a kill loses here makes a tenant look more silent for an hour.
async fn note_heard(office: &Office, drops: &DropCounters) {
    for (tenant, count) in drops.drain_heard() {
        if let Err(error) = silence::heard(office, &tenant, count).await {
            tracing::warn!(%error, "counts can't be stored now");
            drops.heard(&tenant, usize::try_from(count).unwrap_or_default());
        }
    }
}

/// The local host gives us a pipe as standard input: when it ends, the host is gone, and nobody else would end us.
fn end_with_the_parent() {
    std::thread::spawn(|| {
        let mut sink = [0_u8; 64];
        while std::io::Read::read(&mut std::io::stdin(), &mut sink).is_ok_and(|read| read > 0) {}
        std::process::exit(1);
    });
}
