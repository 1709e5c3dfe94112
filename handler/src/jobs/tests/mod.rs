//! The use cases, held against the design's rules (sections 5, 6 and 9) in a world in memory.

mod cancel;
mod kills;
mod observe;
mod operate;
mod oracle;
mod stores;
mod watch;
