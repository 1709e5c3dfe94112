//! The sessions domain: what an LMS says of its dated sessions and of who holds a place in them, and how far
//! that may be believed. No I/O; the time is a value.
//!
//! - [`session`]: a session and its dated parts; [`moment`]: an instant *and* the wall time in its zone.
//! - [`place_record`]: one of the LMS's records of a place; [`place`]: the place, which is the *set* of them.
//! - [`pass`]: one reading of a source from end to end, and whether it was complete.
//! - [`absence`]: what is not there any more: only a tombstone, a cancelled state, or absence from a complete
//!   pass *and* a single read that says "gone" removes anything.
//! - [`vanish_brake`]: when more vanishes at once than may be believed, a person is asked.
//! - [`join`]: whom a way into a session leads on, and when. [`words`]: when a session is, by language.

pub mod absence;
pub mod join;
pub mod moment;
pub mod pass;
pub mod place;
pub mod place_record;
pub mod session;
pub mod vanish_brake;
pub mod words;
