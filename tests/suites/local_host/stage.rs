//! One host.json, some functions, a script for the handler, a clock that stands until it is moved.

use anyhow::{Context, Result, bail};
use functions_local_host::{CallerToken, LocalHost, Log, Options, Storage};
use regrets::clock::{Clock, ManualClock};
use serde_json::{Value, json};
use simulator::azurite::Azurite;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

/// What the handler finds in its environment, and the host's requests carry.
pub(crate) const TOKEN: (&str, &str) = ("x-scripted-token", "SCRIPTED_TOKEN");
pub(crate) const HANDLER: &str = env!("CARGO_BIN_EXE_scripted-handler");
/// Far longer than anything here takes; only a failing test waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Stage {
    directory: tempfile::TempDir,
    pub(crate) clock: ManualClock,
    pub(crate) log: Log,
    host: std::cell::RefCell<Value>,
    storage: Storage,
}

impl Stage {
    /// The clock begins at 2026-11-21T10:00:30Z.
    pub(crate) fn new() -> Result<Self> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let host = json!({
            "version": "2.0",
            "customHandler": { "description": { "defaultExecutablePath": "handler" } },
            "extensions": { "queues": { "maxPollingInterval": "00:00:00.2" } },
        });
        let stage = Self {
            directory: tempfile::tempdir()?,
            clock: ManualClock::at("2026-11-21T10:00:30Z".parse()?),
            log: Log::memory(),
            host: std::cell::RefCell::new(host),
            storage: Storage::Sqlite,
        };
        std::fs::create_dir(stage.path("script"))?;
        Ok(stage)
    }

    /// The same, with its queues in this account; their time is real.
    pub(crate) fn on(azurite: &Azurite) -> Result<Self> {
        Ok(Self { storage: Storage::Account(azurite.connection_string().into()), ..Self::new()? })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.directory.path()
    }

    /// Sets one value of host.json, named by a JSON pointer.
    pub(crate) fn configure(&self, pointer: &str, value: Value) -> Result<()> {
        let mut host = self.host.borrow_mut();
        let mut place = &mut *host;
        for key in pointer.split('/').skip(1) {
            place = place.as_object_mut().context("not an object")?.entry(key).or_insert(json!({}));
        }
        *place = value;
        Ok(())
    }

    pub(crate) fn function(&self, name: &str, bindings: Value) -> Result<()> {
        std::fs::create_dir_all(self.path(name))?;
        std::fs::write(self.path(name).join("function.json"), json!({ "bindings": bindings }).to_string())?;
        Ok(())
    }

    /// POST `/api/submit`, anonymous, with queue output `jobs`.
    pub(crate) fn submit(&self) -> Result<()> {
        self.function(
            "submit",
            json!([
                { "type": "httpTrigger", "direction": "in", "name": "req", "methods": ["post"],
                "authLevel": "anonymous" },
                { "type": "http", "direction": "out", "name": "res" },
                { "type": "queue", "direction": "out", "name": "jobs", "queueName": "jobs" },
            ]),
        )
    }

    /// A queue function on `jobs` with queue output `next`.
    pub(crate) fn worker(&self) -> Result<()> {
        self.function(
            "worker",
            json!([
                { "type": "queueTrigger", "direction": "in", "name": "job", "queueName": "jobs" },
                { "type": "queue", "direction": "out", "name": "next", "queueName": "next" },
            ]),
        )
    }

    pub(crate) fn timer(&self, schedule: &str, run_on_startup: bool) -> Result<()> {
        self.function(
            "tick",
            json!([{ "type": "timerTrigger", "name": "timer", "schedule": schedule,
            "runOnStartup": run_on_startup }]),
        )
    }

    pub(crate) fn script(&self, function: &str, reply: Value) -> Result<()> {
        // Renamed into place, because the handler may be reading.
        let draft = self.path("script").join("draft");
        std::fs::write(&draft, reply.to_string())?;
        std::fs::rename(draft, self.path("script").join(format!("{function}.json")))?;
        Ok(())
    }

    pub(crate) fn open(&self, gate: &str) -> Result<()> {
        std::fs::write(self.path("script").join(gate), "")?;
        Ok(())
    }

    pub(crate) fn handler_start(&self, how: &str) -> Result<()> {
        std::fs::write(self.path("script").join("start"), how)?;
        Ok(())
    }

    /// What the handler was sent, in order; probes of `/` are left out.
    pub(crate) fn requests(&self) -> Result<Vec<Value>> {
        let text = std::fs::read_to_string(self.path("script").join("requests.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).context("a request line")).collect()
    }

    /// The payloads that a function was sent.
    pub(crate) fn payloads(&self, function: &str) -> Result<Vec<Value>> {
        let path = json!(format!("/{function}"));
        let requests = self.requests()?.into_iter().filter(|request| request.get("path") == Some(&path));
        let body = |request: Value| {
            request.get("body").and_then(Value::as_str).map(str::to_owned).context("no body")
        };
        requests.map(|request| Ok(serde_json::from_str(&body(request)?)?)).collect()
    }

    /// Process ids of the handlers, in the order of their starts.
    pub(crate) fn starts(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.path("script").join("starts.txt")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub(crate) fn options(&self) -> Result<Options> {
        std::fs::write(self.path("host.json"), self.host.borrow().to_string())?;
        let mut options = Options::new(self.root());
        options.executable = Some(HANDLER.into());
        let clock = self.clock.clone();
        options.clock = Arc::new(move || clock.now());
        options.log = self.log.clone();
        let (header, variable) = (TOKEN.0.parse()?, TOKEN.1.to_owned());
        options.caller_token = Some(CallerToken { header, variable });
        options.storage = self.storage.clone();
        if let Storage::Account(_) = self.storage {
            // The service's time is real.
            options.lease = self.lease();
        }
        options.env.insert("SCRIPT".into(), self.path("script").to_string_lossy().into_owned());
        Ok(options)
    }

    pub(crate) async fn start(&self) -> Result<LocalHost> {
        Ok(LocalHost::start(self.options()?).await?)
    }

    /// How long a message is hidden that a dead host was working on, in real time; none passes on the clock
    /// that stands.
    pub(crate) fn lease(&self) -> Duration {
        match self.storage {
            Storage::Account(_) => Duration::from_secs(10),
            Storage::Sqlite | Storage::Azurite | Storage::Setting(_) => Duration::from_secs(3),
        }
    }

    pub(crate) fn advance(&self, host: &LocalHost, minutes: i64) {
        self.clock.advance(chrono::TimeDelta::minutes(minutes));
        host.wake();
    }

    pub(crate) fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// Waits until `check` holds.
    pub(crate) async fn until(&self, what: &str, check: impl Fn(&Self) -> Result<bool>) -> Result<()> {
        let since = Instant::now();
        while !check(self)? {
            if since.elapsed() > PATIENCE {
                bail!(
                    "waited in vain for: {what}\nrequests: {:#?}\nlog: {:#?}",
                    self.requests()?,
                    self.log.lines()
                );
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// Waits until a function was called so many times.
    pub(crate) async fn calls(&self, function: &str, count: usize) -> Result<()> {
        self.until(&format!("{count} calls of {function}"), |stage| {
            Ok(stage.payloads(function)?.len() >= count)
        })
        .await
    }
}

/// The reply of a handler with these outputs.
pub(crate) fn outputs(outputs: Value) -> Value {
    json!({ "body": json!({ "Outputs": outputs }).to_string() })
}
