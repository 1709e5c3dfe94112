//! The calendar domain: what an event is, whether it is ours, what its copies say, what that means.
//! No I/O; the time is a value.

pub mod event;
pub mod event_select;
pub mod evidence;
pub mod learning;
pub mod link;
pub mod matching;
pub mod reading;
pub mod room;
pub mod verdict;
pub mod windows_zone;
pub mod zone;
