//! The use cases, held against reference/judging.md#verdicts and reference/rules.md#faults in a world in
//! memory.

mod canary;
mod cancel;
mod kills;
mod observe;
mod operate;
mod oracle;
mod publish;
mod refresh_tokens;
mod stores;
mod watch;
