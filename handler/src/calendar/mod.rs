//! The calendar domain: what an event is, whether it is ours, what its copies say, what that means, what follows.
//! No I/O; the time is a value.

pub mod event;
