//! The process and its surroundings: starting, memory, the stores and queues that it may be given.

mod azure;
mod azurite;
mod blob;
#[cfg(target_os = "linux")]
mod memory;
mod start;
