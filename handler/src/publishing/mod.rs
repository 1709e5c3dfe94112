//! The publishing domain: which events are to stand in calendars, which were written, and the acts between.
//! No I/O; the time is a value.
//!
//! - [`event_key`]: names one event for good, without tenant, connection or file: by it an event is found
//!   again after a lost answer or a lost ledger.
//! - [`wish`]: what is to become of one event; [`standing`]: how that follows from the LMS's word and a
//!   decline.
//! - [`content`]: what an event says, and the fingerprints of what was wanted last; [`compose`]: how
//!   that is made of a session; [`learner_text`]: in a tenant's own words.
//! - [`join_link`]: our own address in the place of a meeting's link.
//! - [`session_event`]: the session's own event, for its instructors, and that in the organization's
//!   calendar. [`seats`]: who is listed in one event for all. [`mails`]: how many a request mails.
//! - [`booking`]: which room is booked, and what it has said.
//! - [`written`]: the row of one event: what was wanted last, what is under way.
//! - [`plan`]: wish against row: the table of acts. [`carried_out`]: the row after each, and all that follow.
//!   [`policy`]: what a tenant wants sent.
//! - [`words`]: Regrets' own words in it, by language.
//! - [`send_gate`]: how many mails go out before a person is asked.
//! - [`organizer_calendar`]: what vanishes from an organizer's calendar, and not by us.
//! - [`shown`]: what an event shows of what we have written; [`edits`]: who wins where a person edits it.
//! - [`budget`]: messages a minute and recipients a day; who comes first.

pub mod booking;
pub mod budget;
pub mod carried_out;
pub mod compose;
pub mod content;
pub mod edits;
pub mod event_key;
pub mod join_link;
pub mod learner_text;
pub mod mails;
pub mod organizer_calendar;
pub mod plan;
pub mod policy;
pub mod seats;
pub mod send_gate;
pub mod session_event;
pub mod shown;
pub mod standing;
pub mod wish;
pub mod words;
pub mod written;

#[cfg(test)]
pub(crate) mod testing;
