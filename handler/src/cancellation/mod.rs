//! The cancellation domain: an enrolment's states, what each event does to them, and when to try again.
//! No I/O; the time and the dice are values.
//!
//! - [`table`]: state × event, written out, no empty cell.
//! - [`enrolment`]: the one row that is the truth about one learner in one session. [`fit`]: so that no row is too large.
//! - [`see`]: what a reading of the calendar does to that row, with the looks that weak verdicts need. [`whole`]: what several
//!   items that stand for one place say together. [`generation`]: when a new generation begins. [`step`]: what an event of the
//!   table does. `called_off`: what the organizer cancelled stays so.
//!   `unexplained`: what is gone, and nobody can say why, ends with a person.
//!   [`meanwhile`]: what the organizer's list is worth while nothing else can be read. [`words`]: how that is told.
//! - [`carry`]: what the way to the LMS does to it: due, claim, outcome, people's decisions.
//! - [`choices`]: what a person's word would do.
//! - [`agenda`]: which wake-ups a row needs; a pure function of the row, so that what is missing can be re-derived.
//! - [`late`]: by whose delay it came too late.
//! - [`retry`], [`valve`]: when to try again, and when not to try at all.
//! - [`brake`]: how many decisions in how short a time are too many.
//!
pub mod agenda;
pub mod brake;
mod called_off;
pub mod carry;
pub mod choices;
pub mod enrolment;
pub mod fit;
pub mod generation;
pub mod late;
pub mod meanwhile;
pub mod retry;
pub mod see;
pub mod step;
pub mod table;
mod unexplained;
pub mod valve;
pub mod whole;
pub mod words;
