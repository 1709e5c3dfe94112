//! From a decline to the LMS, once, whatever happens on the way.

mod decisions;
#[cfg(target_os = "linux")]
mod kills;
mod lms;
mod snapshots;
