//! The whole thing on one machine: a [`Simulator`], and the real binary under `regrets local` in a folder of
//! its own. For the demo and for the suites. Everything ends when the stage is dropped.

use crate::azurite::{Azurite, AzuriteError};
use crate::blobs::Blobs;
use crate::{CLIENT_SECRET, LMS_SECRET, Options, PUSH_SECRET, Simulator, StartError, World};
use parking_lot::Mutex;
use regrets::clock::SystemClock;
use regrets::config::StorageAccount;
use regrets::store::{AzureTables, SqliteTables, StoreError, Tables};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use thiserror::Error;

/// The app setting that names the storage account.
const STORAGE: &str = "AzureWebJobsStorage";

/// The app's files as they are in the repository; a test compares the list with the folders.
pub const HOST_JSON: &str = include_str!("../../../host.json");
macro_rules! functions {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../functions/", $name, "/function.json")))),*]
    };
}
pub const FUNCTIONS: &[(&str, &str)] = functions![
    "cancel-enrolment",
    "consent",
    "dispatch-due",
    "graph-webhook",
    "housekeeping",
    "join",
    "lms-events",
    "manage",
    "observe-changes",
    "poison-cancellations",
    "poison-changes",
    "poison-mailboxes",
    "poison-sessions",
    "publish-session",
    "renew-subscriptions",
    "sync-sessions",
    "tend-mailboxes",
];

#[derive(Debug, Error)]
pub enum StageError {
    #[error(transparent)]
    Simulator(#[from] StartError),
    #[error("the stage's folder: {0}")]
    Folder(#[from] std::io::Error),
    #[error("regrets did not come up: {0}")]
    Regrets(String),
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("{0} of {1}: {2}")]
    Answer(reqwest::StatusCode, String, String),
    #[error("the stage's ledger: {0}")]
    Ledger(#[from] StoreError),
    #[error(transparent)]
    Azurite(#[from] AzuriteError),
    #[error("the stage's LMS: {0}")]
    Lms(String),
    #[error("REGRETS_TEST_STORAGE is \"{0}\"; it can be sqlite or azurite")]
    Storage(String),
}

/// How the tenant is configured. Times are in the words of `regrets.toml`.
#[derive(Debug, Clone)]
pub struct Policy {
    pub grace: &'static str,
    pub settle: &'static str,
    pub recheck: &'static str,
    pub mode: &'static str,
    /// Whose mailboxes are watched: `attendees`, `organizer` or `both`.
    pub watch: &'static str,
    pub removed: &'static str,
    pub unseen: &'static str,
    /// More lines for the section `[tenant.contoso.policy]`; `{simulator}` stands for its control address.
    pub more: String,
    pub organizers: bool,
    /// What names the session of an event, as TOML.
    pub session: &'static str,
    pub resync: &'static str,
    /// All of the section `[tenant.contoso.lms]`; default: the simulated LMS, by the connector `webhook`.
    pub lms: Option<String>,
}

impl Default for Policy {
    /// Minutes become seconds, so that a run ends while somebody looks.
    fn default() -> Self {
        Self {
            grace: "2s",
            settle: "3s",
            recheck: "10s",
            mode: "act",
            watch: "attendees",
            removed: "review",
            unseen: "cancel",
            // Many people act in a short time here, which elsewhere is a reason to stop.
            more: "brake = { decisions = 100000, within = \"1h\", per_learner = 100000 }\n".to_owned(),
            organizers: true,
            session: "{ ical_uid = '^lms-(?<session>[a-z0-9-]+)@' }",
            resync: "24h",
            lms: None,
        }
    }
}

/// How the app's folder is laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layout {
    /// As it is published: a folder for each function beside host.json, and the binary.
    #[default]
    Packaged,
    /// As in the repository: the folders under `functions/`, and no binary, so that the host itself is the
    /// handler.
    Repository,
}

/// Where a stage has its queues and its ledger.
#[derive(Debug, Clone)]
pub enum Storage {
    /// In files of the stage's own folder.
    Sqlite,
    /// In real queues and real tables; no two stages can share them.
    Azurite(Arc<Azurite>),
}

impl Storage {
    /// An Azurite of its own, which is installed first where it isn't yet.
    pub async fn azurite() -> Result<Self, StageError> {
        let started = tokio::task::spawn_blocking(Azurite::start).await.map_err(std::io::Error::other)?;
        Ok(Self::Azurite(Arc::new(started?)))
    }

    /// What the environment variable `REGRETS_TEST_STORAGE` says, `sqlite` or `azurite`, so that all suites
    /// run on either.
    async fn of_environment() -> Result<Self, StageError> {
        match std::env::var("REGRETS_TEST_STORAGE") {
            Ok(name) if name == "azurite" => Self::azurite().await,
            Ok(name) if !name.is_empty() && name != "sqlite" => Err(StageError::Storage(name)),
            Ok(_) | Err(_) => Ok(Self::Sqlite),
        }
    }
}

/// All that may differ from one stage to another.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    pub options: Options,
    pub policy: Policy,
    /// Name of the group whose mailboxes are watched.
    pub group: String,
    pub layout: Layout,
    /// After how long a queue message whose invocation failed comes again, as in `00:00:30`; default: what
    /// host.json says.
    pub comes_again: Option<&'static str>,
    /// When it is planned who is to be watched and compared, and which sessions are read, as in
    /// `*/5 * * * * *`; default: what function.json says.
    pub plans: Option<&'static str>,
    /// The latter alone; default: as `plans`.
    pub syncs: Option<&'static str>,
    /// App settings over the stage's own; `None` takes one away.
    pub env: Vec<(&'static str, Option<String>)>,
    /// Default: what `REGRETS_TEST_STORAGE` says.
    pub storage: Option<Storage>,
    /// The configuration is the blob `regrets.toml` in there, instead of a file.
    pub blobs: Option<Blobs>,
}

pub struct Stage {
    pub simulator: Simulator,
    pub url: String,
    /// Opens the management JSON.
    pub key: String,
    pub root: PathBuf,
    storage: Storage,
    /// Opened once: who looks on has one view of the account.
    tables: Option<Arc<dyn Tables>>,
    command: Command,
    local: Child,
    /// The handlers that were killed since their host was started.
    pub(crate) killed: BTreeSet<u32>,
    log: Arc<Mutex<Vec<String>>>,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
}

impl Stage {
    /// Starts everything: `regrets` is the binary, to be called under that name; `group` names the group
    /// whose mailboxes are watched; `before` acts on the world while nobody watches yet.
    pub async fn start(
        regrets: &Path,
        options: Options,
        policy: &Policy,
        group: &str,
        before: impl FnOnce(&World),
    ) -> Result<Self, StageError> {
        let setup = Setup { options, policy: policy.clone(), group: group.to_owned(), ..Setup::default() };
        Self::start_with(regrets, setup, before).await
    }

    /// The same, with everything that a suite may want otherwise.
    pub async fn start_with(
        regrets: &Path,
        setup: Setup,
        before: impl FnOnce(&World),
    ) -> Result<Self, StageError> {
        let Some(tenant) = setup.options.tenants.first().cloned() else {
            return Err(StageError::Regrets("the options name no tenant".to_owned()));
        };
        let storage = match setup.storage {
            Some(storage) => storage,
            None => Storage::of_environment().await?,
        };
        let simulator = Simulator::start(setup.options).await?;
        before(simulator.world());
        let folder = tempfile::tempdir()?;
        let root = folder.path().join("app");
        lay_out(&root, regrets, setup.layout)?;
        std::fs::write(root.join("host.json"), host_json(setup.comes_again))?;
        plan_at(&root, setup.layout, "renew-subscriptions", setup.plans)?;
        plan_at(&root, setup.layout, "sync-sessions", setup.syncs.or(setup.plans))?;
        std::fs::write(root.join("ca.pem"), simulator.ca_pem())?;
        let port = free_port()?;
        let url = format!("http://127.0.0.1:{port}");
        simulator.world().edit_tenant(&tenant.domain, |tenant| {
            tenant.app.redirect_uris.push(format!("{url}/api/consent/-/return"));
        });
        let group = crate::options::id_of("group", &format!("{}@{}", setup.group, tenant.domain));
        let text = configuration(&setup.policy, &tenant, &group, &url, &simulator);
        match &setup.blobs {
            Some(blobs) => blobs.put("regrets.toml", &text),
            None => std::fs::write(root.join("regrets.toml"), text)?,
        }
        let program = match setup.layout {
            Layout::Packaged => root.join("regrets"),
            Layout::Repository => called_regrets(folder.path(), regrets)?,
        };
        let mut command = Command::new(program);
        command
            .args(["local", "--port", &port.to_string(), "--root"])
            .arg(&root)
            .env("CONTOSO_CLIENT_SECRET", CLIENT_SECRET)
            .env("CONTOSO_LMS_SECRET", LMS_SECRET)
            .env("CONTOSO_PUSH_SECRET", PUSH_SECRET)
            .env("REGRETS_STATE_KEYS", state_key())
            .env("REGRETS_DISPATCH_CRON", "* * * * * *")
            .env("REGRETS_LOCAL_HASTE", "60")
            .env("GRAPH_ENDPOINT", simulator.graph_url())
            .env("AZURE_AUTHORITY_HOST", simulator.authority_url())
            .env("SSL_CERT_FILE", root.join("ca.pem"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if let Some(blobs) = &setup.blobs {
            command.env("REGRETS_CONFIG", blobs.url("regrets.toml"));
        }
        let tables = match &storage {
            Storage::Sqlite => None,
            Storage::Azurite(azurite) => {
                let connection = azurite.connection_string();
                command.args(["--storage", STORAGE]).env(STORAGE, &connection);
                Some(azure_tables(&connection)?)
            }
        };
        for (name, value) in &setup.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let log = Arc::new(Mutex::new(Vec::new()));
        let local = spawn(&mut command, &log)?;
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(crate::tls::client(&[simulator.ca_pem()]).map_err(StartError::from)?)
            .no_proxy()
            .build()?;
        let key = String::new();
        let mut stage = Self {
            simulator,
            url,
            key,
            root,
            storage,
            tables,
            command,
            local,
            killed: BTreeSet::new(),
            log,
            http,
            _folder: folder,
        };
        stage.wait_until_up().await?;
        Ok(stage)
    }

    /// Kills `regrets local` as `kill -9` does, and starts it again on the same folder and port.
    pub async fn restart(&mut self) -> Result<(), StageError> {
        self.local.kill()?;
        self.local.wait()?;
        self.begin_anew().await
    }

    /// Waits until `regrets local` has ended by itself, as the real host does at the handler's third crash,
    /// and starts it again as the platform does.
    pub(crate) async fn ended(&mut self) -> Result<(), StageError> {
        let since = Instant::now();
        while self.local.try_wait()?.is_none() {
            if since.elapsed() > Duration::from_secs(20) {
                let tail = self.log_tail(20);
                return Err(StageError::Regrets(format!(
                    "it still runs after the handler's third crash:\n{tail}"
                )));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        self.begin_anew().await
    }

    async fn begin_anew(&mut self) -> Result<(), StageError> {
        self.killed.clear();
        self.local = spawn(&mut self.command, &self.log)?;
        self.wait_until_up().await
    }

    /// The ledger, beside whoever works on it.
    pub fn ledger(&self) -> Result<Arc<dyn Tables>, StoreError> {
        match &self.tables {
            Some(tables) => Ok(Arc::clone(tables)),
            None => {
                Ok(Arc::new(SqliteTables::open(self.root.join(".regrets/ledger.db"), Arc::new(SystemClock))?))
            }
        }
    }

    /// Where queues and ledger are.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    async fn wait_until_up(&mut self) -> Result<(), StageError> {
        let began = Instant::now();
        loop {
            if let Some(status) = self.local.try_wait()? {
                return Err(StageError::Regrets(format!("it ended with {status}:\n{}", self.log_tail(20))));
            }
            if let Ok(text) = std::fs::read_to_string(self.root.join(".regrets/keys.json"))
                && let Ok(keys) = serde_json::from_str::<Value>(&text)
                && let Some(function) = keys.get("function").and_then(Value::as_str)
            {
                self.key = function.to_owned();
                if self.manage("status").await.is_ok_and(|status| status.get("tenants").is_some()) {
                    return Ok(());
                }
            }
            if began.elapsed() > Duration::from_secs(20) {
                return Err(StageError::Regrets(format!(
                    "no answer within 20 seconds:\n{}",
                    self.log_tail(20)
                )));
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// `GET /api/manage/<path>`.
    pub async fn manage(&self, path: &str) -> Result<Value, StageError> {
        let url = format!("{}/api/manage/{path}", self.url);
        answered(self.http.get(url).header("x-functions-key", &self.key)).await
    }

    /// `POST /api/manage/<path>`, in the name of a person.
    pub async fn say(&self, path: &str, body: &Value) -> Result<Value, StageError> {
        let url = format!("{}/api/manage/{path}", self.url);
        answered(self.http.post(url).header("x-functions-key", &self.key).json(body)).await
    }

    /// Every enrolment of the ledger, page by page.
    pub async fn enrolments(&self) -> Result<Vec<Value>, StageError> {
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let page = self.manage(&format!("enrolments?tenant=contoso{after}")).await?;
            items.extend(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default());
            match page.get("next").and_then(Value::as_str) {
                Some(next) => after = format!("&after={next}"),
                None => return Ok(items),
            }
        }
    }

    /// Runs a timer or queue function once, out of turn, as `POST /admin/functions/<name>` of the host does.
    /// Returns before the function has run.
    pub async fn run_function(&self, name: &str) -> Result<(), StageError> {
        let keys = std::fs::read_to_string(self.root.join(".regrets/keys.json"))?;
        let keys: Value = serde_json::from_str(&keys).unwrap_or_default();
        let master = keys.get("master").and_then(Value::as_str).unwrap_or_default();
        let url = format!("{}/admin/functions/{name}", self.url);
        self.http.post(url).header("x-functions-key", master).body("{}").send().await?.error_for_status()?;
        Ok(())
    }

    /// The last lines that the binary wrote.
    pub fn log_tail(&self, lines: usize) -> String {
        let log = self.log.lock();
        let from = log.len().saturating_sub(lines);
        log.get(from..).unwrap_or_default().join("\n")
    }

    pub fn log(&self) -> Vec<String> {
        self.log.lock().clone()
    }

    /// The process id of `regrets local`.
    pub fn local_pid(&self) -> u32 {
        self.local.id()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // It is gone already, or it goes now; the handler follows, because its parent is gone.
        let _ = self.local.kill();
        let _ = self.local.wait();
    }
}

/// Changes the schedule of a planning round.
fn plan_at(root: &Path, layout: Layout, name: &str, when: Option<&str>) -> std::io::Result<()> {
    let Some(when) = when else { return Ok(()) };
    let path = folder_of(root, layout).join(name).join("function.json");
    let mut json: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
    if let Some(schedule) = json.pointer_mut("/bindings/0/schedule") {
        *schedule = Value::from(when);
    }
    std::fs::write(path, json.to_string())
}

fn folder_of(root: &Path, layout: Layout) -> PathBuf {
    match layout {
        Layout::Packaged => root.to_owned(),
        Layout::Repository => root.join("functions"),
    }
}

/// A script root: host.json, the function folders, and where the package has it the binary under its name.
pub fn lay_out(root: &Path, regrets: &Path, layout: Layout) -> std::io::Result<()> {
    let functions = folder_of(root, layout);
    std::fs::create_dir_all(root)?;
    std::fs::write(root.join("host.json"), HOST_JSON)?;
    for (name, text) in FUNCTIONS {
        std::fs::create_dir_all(functions.join(name))?;
        std::fs::write(functions.join(name).join("function.json"), text)?;
    }
    match layout {
        Layout::Packaged => called_regrets(root, regrets).map(|_| ()),
        Layout::Repository => Ok(()),
    }
}

/// The binary in this folder under its own name, which the demo goes by.
fn called_regrets(folder: &Path, regrets: &Path) -> std::io::Result<PathBuf> {
    let path = folder.join("regrets");
    #[cfg(unix)]
    std::os::unix::fs::symlink(regrets, &path)?;
    #[cfg(not(unix))]
    std::fs::copy(regrets, &path)?;
    Ok(path)
}

/// Listeners look more often than on a real host, so that nobody waits seconds for each hop.
fn host_json(comes_again: Option<&str>) -> String {
    let mut json: Value = serde_json::from_str(HOST_JSON).unwrap_or_default();
    let settings = [("maxPollingInterval", Some("00:00:00.2")), ("visibilityTimeout", comes_again)];
    for (name, value) in settings {
        if let (Some(value), Some(place)) = (value, json.pointer_mut(&format!("/extensions/queues/{name}"))) {
            *place = Value::from(value);
        }
    }
    json.to_string()
}

/// What is refused says why.
async fn answered(request: reqwest::RequestBuilder) -> Result<Value, StageError> {
    let answer = request.send().await?;
    let (status, path) = (answer.status(), answer.url().path().to_owned());
    if !status.is_success() {
        return Err(StageError::Answer(status, path, answer.text().await?));
    }
    Ok(answer.json().await?)
}

fn configuration(
    policy: &Policy,
    tenant: &crate::TenantSeed,
    group: &uuid::Uuid,
    url: &str,
    simulator: &Simulator,
) -> String {
    let (domain, directory, client, lms) = (&tenant.domain, tenant.id, tenant.client_id, simulator.lms_url());
    let organizers =
        if policy.organizers { format!("organizers = [\"learning@{domain}\"]\n") } else { String::new() };
    let Policy { grace, settle, recheck, mode, watch, removed, unseen, more, resync, session, .. } = policy;
    let lms = policy.lms.clone().unwrap_or_else(|| by_webhook(lms));
    let more = more.replace("{simulator}", simulator.control_url());
    let mailboxes = if *watch == "organizer" {
        String::new()
    } else {
        format!("mailboxes = {{ group = \"{group}\" }}\n")
    };
    format!(
        r#"public_url = "{url}"

[tenant.contoso]
directory  = "{directory}"
client_id  = "{client}"
credential = {{ client_secret = {{ env = "CONTOSO_CLIENT_SECRET" }} }}

[tenant.contoso.watch]
mode = "{watch}"
{mailboxes}{organizers}resync = "{resync}"

[tenant.contoso.recognise]
organizer = ["learning@{domain}"]
session   = {session}

[tenant.contoso.policy]
mode    = "{mode}"
grace   = "{grace}"
settle  = "{settle}"
recheck = "{recheck}"
removed = "{removed}"
unseen  = "{unseen}"
{more}
[tenant.contoso.lms]
{lms}"#
    )
}

fn by_webhook(lms: &str) -> String {
    format!(
        r#"connector = "webhook"
url       = "{lms}/hooks/regrets"
secret    = {{ env = "CONTOSO_LMS_SECRET" }}
rate      = {{ requests = 100, per = "1s" }}
retry     = {{ first = "1s", most = "4s" }}
"#
    )
}

fn spawn(command: &mut Command, log: &Arc<Mutex<Vec<String>>>) -> std::io::Result<Child> {
    let mut child = command.spawn()?;
    if let Some(stdout) = child.stdout.take() {
        collect(stdout, Arc::clone(log));
    }
    if let Some(stderr) = child.stderr.take() {
        collect(stderr, Arc::clone(log));
    }
    Ok(child)
}

/// Free at this moment; somebody else may take it before we do, which then is said. Below the range from
/// which the system takes ports by itself: none of those comes between this answer and its use.
fn free_port() -> std::io::Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Suites that run beside each other begin at different places.
    let begins = std::process::id().wrapping_mul(97);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 20_000 + u16::try_from(begins.wrapping_add(number) % 12_000).unwrap_or_default();
        match std::net::TcpListener::bind(("127.0.0.1", port)) {
            Ok(_) => return Ok(port),
            Err(taken) if number >= 12_000 => return Err(taken),
            Err(_) => {}
        }
    }
}

fn azure_tables(connection: &str) -> Result<Arc<dyn Tables>, StoreError> {
    let account = StorageAccount::from_connection_string(connection);
    let account = account.map_err(|problem| StoreError::Unusable(problem.to_string()))?;
    Ok(Arc::new(AzureTables::open(&account, Arc::new(SystemClock))?))
}

fn state_key() -> String {
    use base64::Engine as _;
    format!("a:{}", base64::engine::general_purpose::STANDARD.encode(rand::random::<[u8; 32]>()))
}

fn collect(stream: impl std::io::Read + Send + 'static, log: Arc<Mutex<Vec<String>>>) {
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            log.lock().push(line);
        }
    });
}
