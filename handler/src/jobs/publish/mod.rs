//! From what an LMS tells of its sessions and places to what stands in calendars.
//!
//! - [`source`]: what is asked of the LMS beside its passes. [`merge_sessions`], [`merge_places`]: a
//!   pass into the ledger. [`vanish`]: what vanished in numbers that nobody believes waits for a person.
//! - [`chosen`]: who is written to while it is tried. [`facts`]: what is known of one session. [`wish`]:
//!   what our own row of a place says of it.
//! - [`publish_session`]: one session, from rows to acts; [`published`]: what came of it. [`act`]: one act,
//!   written down, then done; [`look_up`]: what became of one whose answer was lost; [`call_off`],
//!   [`setback`]: how it is called off, and what follows where it is not done. [`compose`]: an event's words
//!   for Graph. [`link`]: the tie by which a decline of it is found.
//! - [`take_over`]: what a lost ledger has published before; [`unbroken`]: since when none was lost.
//!   [`organizers`]: whose calendars are written in.
//! - [`session_wish`]: the session's own event, and that in the organization's calendar; [`read_back`]: what
//!   was answered to it; [`meet`], [`book`], [`way_in`]: its meeting, its room, and who waits for both.
//! - [`for_all`]: learners in the session's own event; [`list`]: who is invited to one that stands;
//!   [`answers`]: what was answered to it is judged before it is written.
//! - [`sync`]: what is due, and who may be mailed ([`send_gate`]); [`hurry`]: what waits for no round.
//!   [`work`]: what a message asks for; [`lms_source`]: the connection that is read; [`source_state`]: how
//!   reading goes.
//! - [`push`]: what an LMS tells by itself.
//! - [`join`]: whom our page leads on into a meeting.
//! - [`edited`]: what a person has edited in an organizer's calendar.
//! - [`vanished`]: what is missed in an organizer's calendar, one by one or in number;
//!   [`calendars`]: whether all is there.
//! - [`told`]: how it goes, and what would be mailed. [`decide`]: what a person says to it.
//!   [`withdraw`]: all of it is called off. [`again`]: what was taken away is made again.
//!   [`retention`]: what is over goes.

pub mod act;
pub mod again;
mod answers;
mod book;
pub mod calendars;
mod call_off;
pub mod chosen;
mod compose;
pub mod decide;
pub(crate) mod edited;
pub mod facts;
mod for_all;
mod hurry;
pub mod join;
mod link;
mod list;
mod lms_source;
mod look_up;
mod meet;
pub mod merge_places;
pub mod merge_sessions;
mod organizers;
pub mod publish_session;
pub mod published;
pub mod push;
mod read_back;
pub mod retention;
pub mod send_gate;
mod session_wish;
mod setback;
pub mod source;
pub mod source_state;
pub mod sync;
mod take_over;
pub mod told;
pub mod unbroken;
pub mod vanish;
pub(crate) mod vanished;
mod way_in;
mod wish;
pub mod withdraw;
pub mod work;
