//! How the file is opened.

use std::time::Duration;

/// How the file is opened; the default is right for everything but tests.
#[derive(Debug, Clone, Copy)]
pub struct SqliteOptions {
    /// How long a write waits for another process's before it is
    /// [`StoreError::Unavailable`](crate::store::StoreError::Unavailable).
    pub patience: Duration,
    /// The file grows to at most so many pages of 4 KiB, as if the disk were full then.
    pub max_pages: Option<u32>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { patience: Duration::from_secs(10), max_pages: None }
    }
}
