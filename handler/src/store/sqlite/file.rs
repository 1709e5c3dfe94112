//! Opening the file: is it ours, may we write it, has it the schema of this version?
//!
//! Nothing is written to a file before it is known to be ours or empty.

use super::failure::Fault;
use crate::store::sqlite::options::SqliteOptions;
use crate::store::table::{StoreError, Table};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::{Duration, Instant};

/// `Rgrt`: marks a file as ours in SQLite's header.
const APPLICATION_ID: i32 = 0x5267_7274;
/// `user_version`: rises with every change of the schema.
const SCHEMA: i32 = 1;
/// The write-ahead log is cut back to so many bytes after a checkpoint.
const LOG_BYTES: i64 = 16 * 1024 * 1024;

/// The connection that writes; makes the schema when the file is new.
pub(super) fn open_writer(path: &Path, options: SqliteOptions) -> Result<Connection, StoreError> {
    patiently(options.patience, || prepare(path, options)).map_err(|fault| fault.at(path))
}

/// A connection that can't write, on a file that [`open_writer`] has prepared.
pub(super) fn open_reader(path: &Path, options: SqliteOptions) -> Result<Connection, StoreError> {
    let open = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(options.patience)?;
        conn.pragma_update(None, "query_only", true)?;
        Ok(conn)
    };
    open().map_err(|fault: Fault| fault.at(path))
}

/// The change to WAL does not always honour SQLite's own busy time-out, so two processes that make the file
/// at the same time would see one of them fail.
fn patiently<T>(patience: Duration, mut attempt: impl FnMut() -> Result<T, Fault>) -> Result<T, Fault> {
    let started = Instant::now();
    loop {
        match attempt() {
            Err(fault) if fault.is_busy() && started.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(20));
            }
            result => return result,
        }
    }
}

fn prepare(path: &Path, options: SqliteOptions) -> Result<Connection, Fault> {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    keep_private(path);
    let mut conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(options.patience)?;
    // In one transaction: else another process that makes the schema meanwhile would look half foreign.
    let transaction = conn.transaction()?;
    let new = matches!(inspect(&transaction, path)?, FileState::New);
    transaction.finish()?;
    // SQLite falls back to a read-only connection without a word.
    if conn.is_readonly(rusqlite::MAIN_DB)? {
        let why = format!("{} can't be written; make it writable for this user", path.display());
        return Err(StoreError::Unusable(why).into());
    }
    if new {
        // Has to stand before the first page is written.
        conn.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    }
    let mode: String = conn.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        let why =
            format!("the file system of {} can't do write-ahead logging; use a local disk", path.display());
        return Err(StoreError::Unusable(why).into());
    }
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    if let Some(pages) = options.max_pages {
        conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    }
    create(&mut conn, path)?;
    Ok(conn)
}

/// A new file is for its owner alone: it holds learner keys. SQLite gives its companions (`-wal`, `-shm`) the
/// same mode. What goes wrong here, SQLite meets again and [`Fault::at`] explains.
fn keep_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(path));
}

enum FileState {
    New,
    Ours,
}

fn inspect(conn: &Connection, path: &Path) -> Result<FileState, Fault> {
    let application: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let version: i32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let objects: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let file = path.display();
    match (application, version) {
        (0, 0) if objects == 0 => Ok(FileState::New),
        (APPLICATION_ID, SCHEMA) => Ok(FileState::Ours),
        (APPLICATION_ID, newer) if newer > SCHEMA => Err(StoreError::Unusable(format!(
            "{file} was written by a newer version of regrets (schema {newer}; this one knows {SCHEMA}); \
             use that version, or another file"
        ))
        .into()),
        _ => Err(StoreError::Unusable(format!("{file} is a database of another program; name another file"))
            .into()),
    }
}

fn create(conn: &mut Connection, path: &Path) -> Result<(), Fault> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Asked again under the lock: another process may have been first.
    match inspect(&transaction, path)? {
        FileState::Ours => return Ok(()),
        FileState::New => {}
    }
    for table in Table::ALL {
        transaction.execute_batch(&format!(
            "CREATE TABLE {} (partition_key TEXT NOT NULL, row_key TEXT NOT NULL, etag TEXT NOT NULL, \
             entity TEXT NOT NULL, PRIMARY KEY (partition_key, row_key)) STRICT, WITHOUT ROWID",
            table.name()
        ))?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.commit()?;
    Ok(())
}
