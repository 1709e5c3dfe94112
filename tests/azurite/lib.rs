//! Azurite, Microsoft's emulator of a storage account, as the real queue and table service of a test or a
//! demo.
//!
//! [`Azurite::start`] installs it by itself, once, into the build folder: at the version that `package.json`
//! pins, with all that it needs pinned too. It listens on free ports, keeps everything in memory, and ends
//! with the process that started it, however that ends. It needs Node.js; who can do without it asks
//! [`Azurite::start_or_skip`].

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;
use thiserror::Error;

/// What is installed, with the sum of every package.
const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("package.json")),
    ("package-lock.json", include_str!("package-lock.json")),
    ("start.js", include_str!("start.js")),
];

/// Account and key of every emulator; both are public.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Its start takes a second; longer on a machine that is busy with a build.
const START: Duration = Duration::from_secs(60);

#[derive(Debug, Error)]
pub enum AzuriteError {
    #[error("Azurite needs Node.js with npm, and `{0}` is not there")]
    NoNode(&'static str),
    #[error("Azurite can't be installed into {place}: {why}")]
    Install { place: PathBuf, why: String },
    #[error("Azurite does not start: {0}")]
    Start(String),
}

/// A running Azurite. Ends when dropped.
#[derive(Debug)]
pub struct Azurite {
    child: Child,
    blobs: String,
    queues: String,
    tables: String,
}

impl Azurite {
    /// Installs Azurite if need be, starts it, and waits until it listens.
    pub fn start() -> Result<Self, AzuriteError> {
        for program in ["node", "npm"] {
            let asked =
                Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            if !asked.is_ok_and(|status| status.success()) {
                return Err(AzuriteError::NoNode(program));
            }
        }
        let place = build_folder().join("azurite");
        install(&place, &FILES).map_err(|why| AzuriteError::Install { place: place.clone(), why })?;
        run(&place)
    }

    /// As [`Self::start`]; where Node.js is missing, says so in one line and gives `None`, but never when
    /// `CI=true`.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub fn start_or_skip() -> Result<Option<Self>, AzuriteError> {
        match Self::start() {
            Ok(azurite) => Ok(Some(azurite)),
            Err(missing @ AzuriteError::NoNode(_)) if std::env::var("CI").as_deref() != Ok("true") => {
                eprintln!("skipped: {missing}");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// For `AzureWebJobsStorage`.
    pub fn connection_string(&self) -> String {
        let Self { blobs, queues, tables, .. } = self;
        format!(
            "DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};\
             BlobEndpoint={blobs};QueueEndpoint={queues};TableEndpoint={tables};"
        )
    }

    /// `http://127.0.0.1:<port>/devstoreaccount1`
    pub fn blob_endpoint(&self) -> &str {
        &self.blobs
    }

    pub fn queue_endpoint(&self) -> &str {
        &self.queues
    }

    pub fn table_endpoint(&self) -> &str {
        &self.tables
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Cargo marks the folder that it builds into.
pub fn build_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().skip(1).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(|| std::env::temp_dir().join("regrets-tests"), Path::to_path_buf)
}

/// Writes these files into a folder, a `package.json` with its lock among them, and has npm install what they
/// pin, where it is not there yet. One process installs, the others wait for it.
pub fn install(place: &Path, files: &[(&str, &str)]) -> Result<(), String> {
    let told = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    fs::create_dir_all(place).map_err(told("the folder"))?;
    let lock = File::create(place.join("lock")).map_err(told("the lock"))?;
    lock.lock().map_err(told("the lock"))?;
    let is_there =
        |(name, text): &(&str, &str)| fs::read_to_string(place.join(name)).is_ok_and(|there| there == *text);
    let done = place.join("installed");
    if done.is_file() && files.iter().all(is_there) {
        return Ok(());
    }
    // Written last, removed first: an installation that was cut short doesn't count.
    if let Err(error) = fs::remove_file(&done)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error.to_string());
    }
    for (name, text) in files {
        fs::write(place.join(name), text).map_err(told("its files"))?;
    }
    let output = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(place)
        .stdin(Stdio::null())
        .output()
        .map_err(told("npm"))?;
    if !output.status.success() {
        return Err(format!("npm ci: {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    File::create(done).map_err(told("its files"))?;
    Ok(())
}

fn run(place: &Path) -> Result<Azurite, AzuriteError> {
    let failed = |error: io::Error| AzuriteError::Start(error.to_string());
    let mut child = Command::new("node")
        .arg(place.join("start.js"))
        .args(["--silent", "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"])
        .args(["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"])
        .current_dir(place)
        // Held open as long as this process lives: `start.js` watches it.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let output = child.stdout.take();
    let mut azurite = Azurite { child, blobs: String::new(), queues: String::new(), tables: String::new() };
    let (say, hear) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok)
        {
            // After the start nobody listens any more, but somebody must read on.
            let _ = say.send(line);
        }
    });
    let mut said = Vec::new();
    while azurite.blobs.is_empty() || azurite.queues.is_empty() || azurite.tables.is_empty() {
        match hear.recv_timeout(START) {
            Ok(line) => {
                if let Some((service, url)) = line.split_once(" service is successfully listening at ") {
                    let endpoint = format!("{}/{ACCOUNT}", url.trim());
                    match service.rsplit(' ').next() {
                        Some("Blob") => azurite.blobs = endpoint,
                        Some("Queue") => azurite.queues = endpoint,
                        Some("Table") => azurite.tables = endpoint,
                        Some(_) | None => {}
                    }
                }
                said.push(line);
            }
            Err(RecvTimeoutError::Timeout) => {
                return Err(AzuriteError::Start(format!("silent for {START:?} after: {}", said.join(" | "))));
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(AzuriteError::Start(format!("it ended: {}", said.join(" | "))));
            }
        }
    }
    Ok(azurite)
}
