//! The connections of one process: one that writes, a few that read, all on blocking threads.

use super::failure::Fault;
use super::file;
use super::group::{self, Waiting, Write};
use crate::store::sqlite::options::SqliteOptions;
use crate::store::table::StoreError;
use parking_lot::Mutex as SyncMutex;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore, oneshot};

/// Reads beyond these wait for one another; they take microseconds.
const READERS: usize = 4;
/// Looked at once in so many writes: how much of the file is free?
const TIDY_EVERY: u32 = 64;
/// So many free pages (4 MiB) are kept for reuse; the rest goes back to the file system.
const FREE_PAGES_KEPT: i64 = 1024;
/// Given back at once, so that no write waits long for it.
const FREE_PAGES_AT_ONCE: i64 = 512;

pub(super) struct Pool {
    path: Arc<Path>,
    options: SqliteOptions,
    writer: Arc<Mutex<Writer>>,
    waiting: Arc<Waiting>,
    /// Idle ones. Opened when needed, so that one that died in a panic is made up for.
    readers: Arc<SyncMutex<Vec<Connection>>>,
    free: Arc<Semaphore>,
}

struct Writer {
    conn: Connection,
    writes: u32,
}

impl Pool {
    pub(super) fn open(path: PathBuf, options: SqliteOptions) -> Result<Self, StoreError> {
        let conn = file::open_writer(&path, options)?;
        Ok(Self {
            path: path.into(),
            options,
            writer: Arc::new(Mutex::new(Writer { conn, writes: 0 })),
            waiting: Arc::default(),
            readers: Arc::default(),
            free: Arc::new(Semaphore::new(READERS)),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` on a reader, on what was committed when it began.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| stopped())?;
        let readers = Arc::clone(&self.readers);
        let (path, options) = (Arc::clone(&self.path), self.options);
        let run = move || {
            let idle = readers.lock().pop();
            let conn = idle.map_or_else(|| file::open_reader(&path, options), Ok)?;
            let result = work(&conn).map_err(|fault| fault.at(&path));
            readers.lock().push(conn);
            drop(permit);
            result
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| stopped())?
    }

    /// Runs `work`, together with whatever else has come by the time that the writer is free ([`group`]):
    /// whole and on the disk when this is `Ok`, without a trace when it is not.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, mut answer) = oneshot::channel();
        self.waiting.push(Box::new(Write::new(work, reply)));
        let mut writer = tokio::select! {
            biased;
            // Somebody else's group took this write along.
            answer = &mut answer => return answer.map_err(|_| stopped())?,
            writer = Arc::clone(&self.writer).lock_owned() => writer,
        };
        let (waiting, path) = (Arc::clone(&self.waiting), Arc::clone(&self.path));
        let run = move || {
            if group::run(&mut writer.conn, &waiting, &path) {
                writer.tidy();
            }
        };
        // Whoever holds the writer and dies leaves the others' writes waiting: the next one takes them along.
        tokio::task::spawn_blocking(run).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Writer {
    /// Gives free pages back. Never fails the write before it, which is on the disk already.
    fn tidy(&mut self) {
        self.writes = self.writes.wrapping_add(1);
        if !self.writes.is_multiple_of(TIDY_EVERY) {
            return;
        }
        if let Err(error) = self.give_back() {
            tracing::debug!(%error, "free pages of the store stay for now");
        }
    }

    fn give_back(&mut self) -> Result<(), rusqlite::Error> {
        let free: i64 = self.conn.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
        let surplus = (free - FREE_PAGES_KEPT).min(FREE_PAGES_AT_ONCE);
        if surplus <= 0 {
            return Ok(());
        }
        // One page a step: the statement has to be run to its end.
        let mut statement = self.conn.prepare(&format!("PRAGMA incremental_vacuum({surplus})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }
}

/// The runtime is going down.
fn stopped() -> StoreError {
    StoreError::Unavailable("the store is being closed".to_owned())
}
