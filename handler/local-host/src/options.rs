//! How one local host is to run; what the command line and a suite have in common.

use crate::caller_token::CallerToken;
use crate::chaos::Chaos;
use crate::clock::Clock;
use crate::keys::KeptSecret;
use crate::log::Log;
use crate::storage::Storage;
use chrono::Utc;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Below the root, where nobody names another.
pub(crate) const DATA: &str = ".functions-local-host";
/// How long a message is in the hands of one invocation: the real host's own choice; host.json's
/// `visibilityTimeout` is for failures only (reference/functions-queues.md#leases).
pub(crate) const LEASE: Duration = Duration::from_secs(600);

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
    /// Holds timer status, keys and, where they are in SQLite, queues. Default:
    /// `<root>/.functions-local-host`.
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
    /// Settings that all others win over.
    pub defaults: BTreeMap<String, String>,
    /// Settings that are made at the first start, unless they are set.
    pub kept_secrets: Vec<KeptSecret>,
    /// How the handler is shown that it is this host who calls. `None`: it isn't.
    pub caller_token: Option<CallerToken>,
    /// A path of the handler that is asked once it answers: see [`crate::LocalHost::refusal`]. What it says
    /// there fails the start.
    pub ready_path: Option<String>,
    pub exit_zero: ExitZero,
    /// How long `stop` waits for running invocations before it kills the handler.
    pub grace: Duration,
    /// How long a message is hidden from others while it is worked on; a service takes no less than a second.
    pub lease: Duration,
    /// For a queue service. `None`: a client that trusts what this machine trusts.
    pub http: Option<reqwest::Client>,
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
            defaults: BTreeMap::new(),
            kept_secrets: Vec::new(),
            caller_token: None,
            ready_path: None,
            exit_zero: ExitZero::default(),
            grace: Duration::from_secs(10),
            lease: LEASE,
            http: None,
            chaos: Chaos::default(),
            clock: Arc::new(Utc::now),
            log: Log::terminal(),
        }
    }
}
