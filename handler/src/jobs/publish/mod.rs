//! From what an LMS tells of its sessions and places to what stands in calendars.
//!
//! - [`source`]: what is asked of the LMS beside its passes. [`merge_sessions`], [`merge_places`]: a
//!   pass into the ledger. [`vanish`]: what vanished in numbers that nobody believes waits for a person.
//! - [`facts`]: what is known of one session. [`wish`]: what our own row of a place says of it.
//! - [`publish_session`]: one session, from rows to acts; [`published`]: what came of it. [`act`]: one act,
//!   written down, then done; [`look_up`]: what became of one whose answer was lost. [`compose`]: an
//!   event's words for Graph. [`link`]: the tie by which a decline of it is found.
//! - [`preview`]: the same, only counted. [`retention`]: what is over goes.

pub mod act;
mod compose;
pub mod facts;
mod link;
mod look_up;
pub mod merge_places;
pub mod merge_sessions;
pub mod preview;
pub mod publish_session;
pub mod published;
pub mod retention;
pub mod source;
pub mod vanish;
mod wish;
