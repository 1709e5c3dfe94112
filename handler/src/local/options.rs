//! How one local host is to run; what the command line and a suite have in common.

use super::chaos::Chaos;
use super::log::Log;
use super::storage::Storage;
use crate::clock::{Clock, SystemClock};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What happens when the handler exits with 0 (reference/functions-host.md#exit-codes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ExitZero {
    /// As was promised for hosts since 2026: it is started again.
    Restart,
    /// As was seen: nothing happens, and every invocation fails from then on.
    #[default]
    Ignore,
}

#[derive(Clone)]
pub struct Options {
    /// Holds `host.json`.
    pub root: PathBuf,
    /// Holds timer status, keys and, where they are in SQLite, queues. Default: `<root>/.regrets`.
    pub data: Option<PathBuf>,
    /// Holds the queues.
    pub storage: Storage,
    pub bind: IpAddr,
    /// 0 takes a free port.
    pub port: u16,
    /// Overrides `customHandler.description.defaultExecutablePath`.
    pub executable: Option<PathBuf>,
    /// Started when the executable that host.json names is not under the root.
    pub fallback_executable: Option<PathBuf>,
    /// Settings that win over all others.
    pub env: BTreeMap<String, String>,
    /// Whether the process's own environment counts, below `env` and above `local.settings.json`.
    pub inherit_env: bool,
    pub exit_zero: ExitZero,
    /// How long `stop` waits for running invocations before it kills the handler.
    pub grace: Duration,
    pub chaos: Chaos,
    pub clock: Arc<dyn Clock>,
    pub log: Log,
}

impl Options {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            data: None,
            storage: Storage::default(),
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 0,
            executable: None,
            fallback_executable: None,
            env: BTreeMap::new(),
            inherit_env: true,
            exit_zero: ExitZero::default(),
            grace: Duration::from_secs(10),
            chaos: Chaos::default(),
            clock: Arc::new(SystemClock),
            log: Log::terminal(),
        }
    }
}
