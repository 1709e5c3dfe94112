//! The SQLite file under queues and timers: `queues.db` in the data directory, which one host at a time may
//! hold.
//!
//! WAL with `synchronous=FULL`: a commit is on the disk when it returns, power cut included. `NORMAL` would
//! lose the last commits at a power cut, among them messages whose senders were told that they are safe.

use crate::error::{LocalError, Result};
use parking_lot::Mutex;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SCHEMA_VERSION: i64 = 1;
const SCHEMA: &str = "
    CREATE TABLE messages (
        seq      INTEGER PRIMARY KEY AUTOINCREMENT,
        queue    TEXT NOT NULL,
        id       TEXT NOT NULL UNIQUE,
        body     TEXT NOT NULL,
        inserted INTEGER NOT NULL,
        expires  INTEGER NOT NULL,
        visible  INTEGER NOT NULL,
        dequeues INTEGER NOT NULL DEFAULT 0,
        receipt  TEXT
    ) STRICT;
    CREATE INDEX messages_by_turn ON messages (queue, visible, seq);
    CREATE TABLE timers (
        name     TEXT PRIMARY KEY,
        schedule TEXT NOT NULL,
        last     INTEGER,
        next     INTEGER NOT NULL,
        updated  INTEGER
    ) STRICT;";

/// How long a start waits for the lock of a host that is just ending.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

#[derive(Clone)]
pub(crate) struct Database(Arc<Inner>);

struct Inner {
    connection: Mutex<rusqlite::Connection>,
    file: PathBuf,
    /// Held as long as the connection, and released by the system however we end.
    _lock: File,
}

impl Database {
    /// Blocks; for the start only.
    pub(crate) fn open(directory: &Path) -> Result<Self> {
        make_private(directory)?;
        let lock = take_lock(&directory.join("lock"))?;
        let file = directory.join("queues.db");
        let sqlite = |source| LocalError::Sqlite { database: file.clone(), source };
        let connection = rusqlite::Connection::open(&file).map_err(sqlite)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(sqlite)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(sqlite)?;
        let version: i64 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(sqlite)?;
        match version {
            SCHEMA_VERSION => {}
            0 => connection
                .execute_batch(&format!(
                    "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                ))
                .map_err(sqlite)?,
            other => {
                let problem = format!(
                    "has schema version {other}; this program knows {SCHEMA_VERSION}: it was written by a \
                     newer one"
                );
                return Err(LocalError::File { file, problem });
            }
        }
        Ok(Self(Arc::new(Inner { connection: Mutex::new(connection), file, _lock: lock })))
    }

    /// Runs `work` on the one connection, off the async threads. Once begun it runs to its end, whoever stops
    /// waiting.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        let outcome = tokio::task::spawn_blocking(move || {
            let mut connection = inner.connection.lock();
            work(&mut connection)
                .map_err(|source| LocalError::Sqlite { database: inner.file.clone(), source })
        });
        outcome.await?
    }
}

/// What this host writes, and the databases that a handler keeps beside it; SQLite gives their companions the
/// mode of the database itself.
fn is_private(name: &str) -> bool {
    let is_database = [".db", ".db-wal", ".db-shm", ".db-journal"].iter().any(|end| name.ends_with(end));
    is_database || matches!(name, "keys.json" | "keys.json.new" | "lock")
}

/// Only its owner may look in, also where it was there before: messages may name people, and keys open the
/// functions.
fn make_private(directory: &Path) -> Result<()> {
    let io = |file: &Path| {
        let file = file.to_owned();
        move |source| LocalError::Io { file, source }
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
        builder.mode(0o700).create(directory).map_err(io(directory))?;
        let mode = std::fs::Permissions::from_mode;
        std::fs::set_permissions(directory, mode(0o700)).map_err(io(directory))?;
        for entry in std::fs::read_dir(directory).map_err(io(directory))? {
            let file = entry.map_err(io(directory))?.path();
            let is_ours = file.file_name().and_then(|name| name.to_str()).is_some_and(is_private);
            if is_ours && file.is_file() {
                std::fs::set_permissions(&file, mode(0o600)).map_err(io(&file))?;
            }
        }
        // Made here, because SQLite would make it readable for all.
        for file in ["lock", "queues.db"].map(|name| directory.join(name)) {
            use std::os::unix::fs::OpenOptionsExt as _;
            let made = File::options().create(true).append(true).mode(0o600).open(&file);
            made.map_err(io(&file))?;
        }
        Ok(())
    }
    #[cfg(not(unix))]
    builder.create(directory).map_err(io(directory))
}

fn take_lock(path: &Path) -> Result<File> {
    let io = |source| LocalError::Io { file: path.to_owned(), source };
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(io)?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if since.elapsed() < LOCK_PATIENCE => {
                std::thread::sleep(Duration::from_millis(50))
            }
            Err(TryLockError::WouldBlock) => return Err(LocalError::Locked { lock: path.to_owned() }),
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
    }
}

#[cfg(test)]
#[path = "database_tests.rs"]
mod tests;
