//! pretix, a ticket shop that many academies book their seminars with, as the real LMS of a test or a demo.
//!
//! [`Pretix::start`] installs it by itself, once, into the build folder: at the version that
//! `server/requirements.txt` pins, with the sum of all that it needs. It serves on a free port of this
//! machine with several workers, on a database of its own, and ends with the process that started it, however
//! that ends. It needs Python 3.11 or newer with pip; who can do without it asks [`Pretix::start_or_skip`].
//! [`Desk`] does over its API what people do in its pages: dates, bookings, the wait list.
//!
//! pretix is free software under the AGPL. It runs beside this project as a server of its own, as a
//! customer's would; nothing of it is part of the project, and nothing of it is passed on.
//!
//! Seconds, measured on two busy cores: fetching and installing the packages 36, making the database 11
//! (tables are made from the models; pretix's 349 migrations take 110), starting 12. What is installed and
//! made is kept in the build folder, so that later only the start is paid for.

mod desk;
mod install;

pub use desk::{Answer, Booking, Desk, DeskError, Order};

use install::Installed;
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;

/// Two calls at once are served at once.
const WORKERS: &str = "3";
/// Longer on a machine that is busy with a build.
const START: Duration = Duration::from_secs(180);
/// How long the server may take to end by itself.
const END: Duration = Duration::from_secs(3);

#[derive(Debug, Error)]
pub enum PretixError {
    #[error("pretix needs Python 3.11 or newer with pip, and there is none: {0}")]
    NoPython(String),
    #[error("pretix can't be installed into {place}: {why}")]
    Install { place: PathBuf, why: String },
    #[error("pretix's database can't be made: {0}")]
    Database(String),
    #[error("pretix does not start: {0}")]
    Start(String),
}

/// Who may do what, and what can be booked; as `server/seed.py` made it.
#[derive(Debug, Clone, Deserialize)]
pub struct Seed {
    pub organizer: String,
    /// `series` (dates), `single` (none), `foreign` (the token `regrets` has no right there).
    pub events: BTreeMap<String, SeededEvent>,
    /// `admin`, `regrets`, `no_vouchers`, `read_only`, `nothing`.
    tokens: BTreeMap<String, String>,
}

/// What can be booked in an event: ids of items, of a variation and of a check-in list.
#[derive(Debug, Clone, Deserialize)]
pub struct SeededEvent {
    pub slug: String,
    pub free: u64,
    pub paid: u64,
    pub workshop: u64,
    /// The only variation of `workshop`.
    pub basic: u64,
    /// Can only be booked with a seat.
    pub extra: u64,
    pub door: u64,
}

impl Seed {
    /// An API token by the name of its team; empty for a name that is not there, which no server accepts.
    pub fn token(&self, name: &str) -> &str {
        self.tokens.get(name).map_or("", String::as_str)
    }
}

/// A running pretix. Ends when dropped.
#[derive(Debug)]
pub struct Pretix {
    child: Child,
    url: String,
    seed: Seed,
    _data: tempfile::TempDir,
}

impl Pretix {
    /// Installs pretix if need be, starts it on an empty shop, and waits until it answers.
    pub fn start() -> Result<Self, PretixError> {
        run(&install::install(&build_folder().join("pretix"))?)
    }

    /// As [`Self::start`]; where Python is missing, says so in one line and gives `None`, but never when
    /// `CI=true`.
    #[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
    pub fn start_or_skip() -> Result<Option<Self>, PretixError> {
        match Self::start() {
            Ok(pretix) => Ok(Some(pretix)),
            Err(missing @ PretixError::NoPython(_)) if std::env::var("CI").as_deref() != Ok("true") => {
                eprintln!("skipped: {missing}");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// `http://127.0.0.1:<port>`
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn seed(&self) -> &Seed {
        &self.seed
    }
}

impl Drop for Pretix {
    fn drop(&mut self) {
        // It ends, its workers first, when its standard input does.
        drop(self.child.stdin.take());
        let began = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) && began.elapsed() < END {
            std::thread::sleep(Duration::from_millis(20));
        }
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Cargo marks the folder that it builds into.
fn build_folder() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    let marked = program.ancestors().skip(1).find(|folder| folder.join("CACHEDIR.TAG").is_file());
    marked.map_or_else(|| std::env::temp_dir().join("regrets-tests"), Path::to_path_buf)
}

fn run(installed: &Installed) -> Result<Pretix, PretixError> {
    let failed = |error: io::Error| PretixError::Start(error.to_string());
    let data = tempfile::tempdir().map_err(failed)?;
    installed.new_data(data.path()).map_err(failed)?;
    let mut child = installed
        .command("serve.py", data.path())
        .arg(WORKERS)
        // Held open as long as this process lives: `serve.py` watches it.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let last = last_lines(&mut child);
    let output = child.stdout.take();
    let mut pretix = Pretix { child, url: String::new(), seed: installed.seed.clone(), _data: data };
    let (say, hear) = mpsc::channel();
    std::thread::spawn(move || {
        for line in output.into_iter().flat_map(|output| BufReader::new(output).lines()).map_while(Result::ok)
        {
            // After the start nobody listens any more, but somebody must read on.
            let _ = say.send(line);
        }
    });
    let told = |what: &str| {
        let lines = last.lock().unwrap_or_else(PoisonError::into_inner);
        PretixError::Start(format!("{what}: {}", lines.iter().cloned().collect::<Vec<_>>().join(" | ")))
    };
    loop {
        match hear.recv_timeout(START) {
            Ok(line) => {
                if let Some(url) = line.strip_prefix("listening at ") {
                    pretix.url = url.trim().to_owned();
                    return Ok(pretix);
                }
            }
            Err(RecvTimeoutError::Timeout) => return Err(told(&format!("silent for {START:?} after"))),
            Err(RecvTimeoutError::Disconnected) => return Err(told("it ended")),
        }
    }
}

/// Keeps the last lines that a process says about its troubles.
fn last_lines(child: &mut Child) -> Arc<Mutex<VecDeque<String>>> {
    let kept = Arc::new(Mutex::new(VecDeque::new()));
    let errors = child.stderr.take();
    let keeps = Arc::clone(&kept);
    std::thread::spawn(move || {
        for line in errors.into_iter().flat_map(|errors| BufReader::new(errors).lines()).map_while(Result::ok)
        {
            let mut lines = keeps.lock().unwrap_or_else(PoisonError::into_inner);
            if lines.len() == 20 {
                lines.pop_front();
            }
            lines.push_back(line);
        }
    });
    kept
}

/// A command that has to end well; what it said, else why not.
fn output_of(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let mut last: Vec<&str> = said.trim().lines().rev().take(12).collect();
        last.reverse();
        return Err(format!("{name}: {}: {}", output.status, last.join(" | ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
