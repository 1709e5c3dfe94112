//! Admin consent: who is asked for it, what came of it, and whether it still holds.
//!
//! `ask.rs` makes a link for an administrator, `answer.rs` takes what comes back by it, `watch.rs` looks in
//! each planning round whether the rights are there. What they find goes through `judge.rs` and the table of
//! `transitions.rs`, and is written down by `record.rs`. Granted is only what was seen: a token with the
//! rights, and a mailbox where Exchange gives them.

pub mod answer;
pub mod ask;
pub mod judge;
pub mod links;
mod look;
pub mod powershell;
pub mod record;
pub mod shown;
pub mod transitions;
pub mod watch;
