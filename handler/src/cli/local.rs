//! `regrets local`: the command line of the local host.

use crate::cli::report::Report;
use crate::functions::names::route::MANAGE_PREFIX;
use crate::local::{ExitZero, Format, LocalHost, Log, Options, Storage, preparation};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How long a stop waits for the running work, as the real host does; then the handler is killed.
const GRACE: Duration = Duration::from_secs(30);

/// Serves everything on this machine: HTTP, timers and queues, without Azure.
#[derive(Debug, Clone, clap::Args)]
pub struct LocalArgs {
    /// The folder that holds host.json.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 7071)]
    pub port: u16,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub bind: IpAddr,
    /// The folder for queues, timer status and keys [default: <root>/.regrets].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where queues and ledger are: sqlite, azurite (on its usual ports), a connection string of a storage account, or the
    /// name of an app setting that holds one [default: sqlite].
    #[arg(long, value_name = "WHERE")]
    pub storage: Option<Storage>,
    /// The handler to start, instead of the one that host.json names.
    #[arg(long, value_name = "PATH")]
    pub executable: Option<PathBuf>,
    /// An app setting; may be repeated, and wins over the environment and local.settings.json.
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub env: Vec<(String, String)>,
    /// How the handler's log lines are put.
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub log: Format,
    /// What to do when the handler exits with 0.
    #[arg(long, value_enum, default_value_t)]
    pub exit_zero: ExitZero,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        Some(_) | None => Err("write it as KEY=VALUE".into()),
    }
}

/// Serves until Ctrl-C or SIGTERM (exit code 0), or until the host has to stop by itself (1).
pub fn run(args: LocalArgs) -> ExitCode {
    let log = Log::streams(args.log);
    let runtime = match crate::cli::runtime::start() {
        Ok(runtime) => runtime,
        Err(error) => {
            log.error(format!("the runtime can't be started: {error}"));
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(serve(args, log))
}

async fn serve(args: LocalArgs, log: Log) -> ExitCode {
    let mut options = Options::new(args.root);
    options.port = args.port;
    options.bind = args.bind;
    options.data = args.data;
    options.storage = args.storage.unwrap_or_default();
    options.executable = args.executable;
    options.env = args.env.into_iter().collect();
    options.exit_zero = args.exit_zero;
    options.grace = GRACE;
    options.fallback_executable = std::env::current_exe().ok();
    options.log = log.clone();
    if let Some(report) = look_at_configuration(&options) {
        let refusal = report.refusal();
        if !refusal.is_empty() {
            log.error(format!("the configuration is wrong; `regrets check` shows the places:\n{}", refusal.join("\n")));
            return ExitCode::FAILURE;
        }
        for note in report.notes() {
            log.warning(note);
        }
    }
    let signal = signal();
    tokio::pin!(signal);
    let started = tokio::select! {
        started = LocalHost::start(options) => started,
        // The half-started host is dropped, and its handler with it.
        () = &mut signal => return ExitCode::SUCCESS,
    };
    let host = match started {
        Ok(host) => host,
        Err(error) => {
            log.error(error.to_string());
            return ExitCode::FAILURE;
        }
    };
    if let Some(problems) = host.refusal(&format!("{MANAGE_PREFIX}/status")).await {
        log.error(format!("the handler can't work:\n{problems}"));
        host.crash().await;
        return ExitCode::FAILURE;
    }
    tokio::select! {
        reason = host.stopped() => {
            log.error(format!("the host stops: {reason}"));
            host.crash().await;
            ExitCode::FAILURE
        }
        () = &mut signal => {
            log.info("stopping after the running work; a second signal stops at once");
            tokio::select! {
                () = host.stop() => {}
                () = self::signal() => {}
            }
            ExitCode::SUCCESS
        }
    }
}

/// What can be said of the configuration before anything is started. Another handler reads its own, and what is wrong with the
/// folder itself is said by the start.
fn look_at_configuration(options: &Options) -> Option<Report> {
    if options.executable.is_some() || !options.root.join("host.json").is_file() {
        return None;
    }
    let (root, data) = preparation::folders(options).ok()?;
    let env = preparation::preview(options).ok()?;
    Some(Report::of(&root, None, &env, Some(&data)))
}

/// Ctrl-C, or SIGTERM where there is such a thing.
async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
