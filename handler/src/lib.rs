//! Regrets: a learner's decline in Outlook or Teams cancels their place in the LMS, once and provably.
//!
//! The map of the crate; arrows point inwards (functions → jobs → domain ← adapters); ARCHITECTURE.md has
//! them all:
//!
//! - [`cli`]: the command line: serve under the Functions host, `check`, `schema`; `local` (a feature) drives
//!   the Functions host of the crate `functions-local-host`.
//! - [`custom_handler`]: the custom-handler protocol of the Azure Functions host. Knows nothing of calendars.
//! - [`functions`]: one file per function: parse the invocation, call [`jobs`], shape the outputs.
//! - [`jobs`]: the use cases: observe a change, dispatch what is due, cancel, maintain a mailbox. All I/O
//!   goes through traits.
//! - [`calendar`]: domain: matching, link, evidence, verdict. No I/O; the time is a value.
//! - [`enrolment`]: domain: states × events, decisions, retry schedule, valve, brake. No I/O; the time is a
//!   value.
//! - [`sessions`], [`publishing`]: domain: what an LMS says of its sessions, and what of it is to stand in
//!   calendars. No I/O; the time is a value.
//! - [`ledger`]: the repositories: each kind of row has one file that owns its key and its writes.
//! - [`graph`]: Microsoft Graph: credentials, batching client, events, subscriptions, users, errors.
//! - [`lms`]: the connectors that carry a cancellation to an LMS.
//! - [`notify`]: the channels through which people are told of alerts.
//! - [`store`]: the table trait and its stores: SQLite, Azure Tables, memory.
//! - [`http`]: one HTTP client, the transport under the Azure crates, `Retry-After`.
//! - [`config`]: `regrets.toml`, app settings, secrets by reference.
//! - [`telemetry`]: JSON lines, what is bad on stderr. [`crate::cli::runtime`]: the threads of a process.
//! - [`crate::graph::client_state`]: the signed secret that ties a notification to its mailbox.
//! - [`invocation_deadline`]: how long one invocation waits in all.
//! - [`backoff`]: how long to wait before something is tried again.
//! - [`sealing`]: authenticated encryption of what nobody may read at rest.
//! - `replay`: property tests whose failures can be played again.
//! - [`ids`], [`clock`], [`messages`]: the words that all of these share.

pub mod backoff;
pub mod calendar;
pub mod canary_kit;
pub mod cli;
pub mod clock;
pub mod config;
pub mod custom_handler;
pub mod enrolment;
pub mod functions;
pub mod graph;
pub mod host_version;
pub mod http;
pub mod ids;
pub mod invocation_deadline;
pub mod jobs;
pub mod ledger;
pub mod lms;
pub mod messages;
pub mod missing_secret;
pub mod notify;
pub mod publishing;
#[cfg(any(test, feature = "conformance"))]
pub mod replay;
pub mod sealing;
pub mod sessions;
pub mod signing;
pub mod store;
pub mod telemetry;

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
