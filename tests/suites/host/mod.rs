//! The process and its surroundings: starting, memory, the stores and queues that it may be given.

mod azure;
mod azurite;
#[cfg(target_os = "linux")]
mod memory;
mod start;
