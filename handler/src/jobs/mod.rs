//! The use cases. All I/O goes through the traits of [`crate::graph`], [`crate::lms`] and [`crate::store`];
//! what is decided is decided by the domain ([`crate::calendar`], [`crate::enrolment`]).
//!
//! - [`context`]: what one process and one tenant need to work: ledger, clients, clock. [`timing`]: times
//!   that are no policy. [`refresh_tokens`]: those of LMS connections, in the ledger.
//! - [`observe`]: from a hint to the ledger: which places it touches, what both copies of the event say, what
//!   that means.
//! - [`cancel`]: from a decision to the LMS: what is due, what may still keep it from being sent, one
//!   attempt, its outcome.
//! - [`watch`]: who is watched, and that the watching never lapses: subscriptions, comparisons, gaps,
//!   outages.
//! - [`canary`]: a test learner's decline each day, from end to end.
//! - [`publish`]: from what an LMS tells of its sessions to what stands in calendars.
//! - [`operate`]: what people ask and decide, what is put right, and what is let go of.
//! - [`alerting`]: which alerts follow from a row, a valve, or an answer of Graph's.
//! - [`alerts`]: who is told of them, and how often.
//! - [`timer_run`]: a timer's run over all tenants. [`unit_context`]: what a unit of work carries for its
//!   trace and log line.
//! - [`surroundings`]: what stands around the app: who looks, where its ledger and its queues are.
//! - [`JobError`]: why work failed as a whole; [`GraphOutcome`]: what of it is Graph's.
//! - [`address_hasher`], [`user_cache`]: people, known by keyed hashes and for a while.

pub mod address_hasher;
pub mod alerting;
pub mod alerts;
pub mod canary;
pub mod cancel;
pub mod context;
mod error;
pub mod observe;
pub mod operate;
pub mod publish;
pub mod refresh_tokens;
pub mod surroundings;
pub mod timer_run;
pub mod timing;
pub mod unit_context;
pub mod user_cache;
pub mod watch;

pub use error::{GraphOutcome, JobError};

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
