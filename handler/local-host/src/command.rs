//! The command line of a local host, for a program of its own and for one that has it as a command among
//! others.

use crate::host::LocalHost;
use crate::log::{Format, Log};
use crate::options::{ExitZero, Options};
use crate::storage::Storage;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How long a stop waits for the running work, as the real host does; then the handler is killed.
const GRACE: Duration = Duration::from_secs(30);

// No doc comment: it would be the description of the command that takes these.
#[derive(Debug, Clone, clap::Args)]
pub struct HostArgs {
    /// The folder that holds host.json.
    #[arg(long, alias = "script-root", value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 7071)]
    pub port: u16,
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub bind: IpAddr,
    /// The folder for queues, timer status and keys [default: <root>/.functions-local-host].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where queues are: sqlite, azurite (on its usual ports), a connection string of a storage account, or
    /// the name of an app setting that holds one [default: sqlite].
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

impl HostArgs {
    pub fn log(&self) -> Log {
        Log::streams(self.log)
    }

    /// What they say, with defaults for the rest.
    pub fn options(self) -> Options {
        let log = self.log();
        Options {
            port: self.port,
            bind: self.bind,
            data: self.data,
            storage: self.storage.unwrap_or_default(),
            executable: self.executable,
            env: self.env.into_iter().collect(),
            exit_zero: self.exit_zero,
            grace: GRACE,
            log,
            ..Options::new(self.root)
        }
    }
}

/// Serves until Ctrl-C or SIGTERM (exit code 0), or until the host has to stop by itself (1).
pub async fn serve(options: Options) -> ExitCode {
    let log = options.log.clone();
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
