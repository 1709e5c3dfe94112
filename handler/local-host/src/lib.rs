//! An embedded Azure Functions host for one machine: HTTP, timers, and queues in SQLite or in a real queue
//! service.
//!
//! It drives a custom handler as the real host does (reference/functions-host.md#first-rules; `reference/` is
//! the folder beside this crate), so that the same program runs on one machine and in Azure, and so that a
//! suite that passes here means something there. It guarantees:
//!
//! - **Durable before acknowledged.** A message is on disk (WAL, `synchronous=FULL`) before its sender is
//!   answered; it leaves the disk only after the function that it triggered has succeeded and its outputs are
//!   on disk too.
//! - **At least once.** Whatever is killed, host or handler, every message is delivered again or stands in a
//!   poison queue.
//! - **Louder than the real host, never softer.** Where the real host would corrupt, reformat, split, ignore
//!   or hang on a reply, the invocation fails here with a line that says what the real host would have done.
//!
//! Where it differs on purpose: in SQLite moving a message to the poison queue is one transaction; the
//! headers by which Azure's front end vouches for somebody are taken from a caller, because nothing here
//! stands in front; and one host at a time works on one data directory.
//!
//! A host that is killed can't kill its handler, here as in Azure: a handler that must not outlive it ends
//! itself when its parent is gone. Its port is open to whoever is on this machine, so the host can give it a
//! token with its environment ([`CallerToken`]), and a handler can refuse what comes without it.
//!
//! The map: [`LocalHost`] is the way in, [`Options`] says how, [`command`] is the command line. `settings`,
//! `host_json`, `function_json`, `discovery`, `route` and `schedule` read what is to run; `child` and
//! `supervisor` keep the handler alive; `front`, `admin`, `queue_listener` and `timer_listener` are the
//! triggers; `payload` and `reply` are the two halves of the protocol, `invoker` joins them; `queues` is what
//! both know of queues, over a `queue_store`: `disk_queues`, or `service` for a storage account, as `storage`
//! says; `database` and `timer_status` are the disk.

mod admin;
mod backoff;
mod caller_token;
mod chaos;
mod child;
mod clock;
pub mod command;
mod context;
mod database;
mod discovery;
mod disk_queues;
mod error;
mod fatal;
mod forward;
mod front;
mod function_json;
mod host;
mod host_json;
mod http;
mod invoker;
mod json_input;
mod keys;
mod lease;
mod log;
mod notifier;
mod options;
mod payload;
mod preparation;
#[cfg(any(test, feature = "conformance"))]
pub mod queue_conformance;
mod queue_listener;
mod queue_name;
mod queue_store;
mod queues;
mod readable;
mod reply;
mod route;
mod schedule;
mod service;
mod settings;
mod storage;
mod supervisor;
mod timer_listener;
mod timer_status;
mod timespan;

pub use caller_token::CallerToken;
pub use chaos::{Chaos, Picks};
pub use clock::Clock;
pub use error::{LocalError, Result};
pub use host::LocalHost;
pub use keys::{KeptSecret, Keys};
pub use log::{Format, Level, Line, Log, Source};
pub use options::{ExitZero, Options};
pub use preparation::{Preview, preview};
pub use queue_store::{Depth, StoredMessage};
pub use settings::Settings;
pub use storage::Storage;

/// Why this is no schedule that the host can read; `None` where it is one.
pub fn schedule_problem(text: &str) -> Option<String> {
    schedule::Schedule::parse(text).err()
}
