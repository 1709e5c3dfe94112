//! The threads of a process: as many workers as there are cores, and few beside them, because each thread has
//! its own share of freed memory that no other may use.

use tokio::runtime::{Builder, Runtime};

/// For what blocks: the ledger in a file (one writer and four readers, of which each waits for the disk) and
/// names of hosts.
const BLOCKING: usize = 6;

/// # Errors
/// When the system has no more threads to give.
pub fn start() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().max_blocking_threads(BLOCKING).enable_all().build()
}
