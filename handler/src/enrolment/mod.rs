//! The cancellation domain: an enrolment's states, what each event does to them, and when to try again.
//! No I/O; the time and the dice are values.
//!
//! - [`transitions`]: state × event, written out, no empty cell. [`apply_event`]: what an event of the table
//!   does to a row.
//! - [`enrolment`]: the one row that is the truth about one learner in one session. [`part`]: one of the
//!   calendar items that stand for it; [`attempt`]: one way to the LMS; [`decision`]: what is decided.
//!   `size_limits`: no row is too large.
//! - [`judge_place`]: from the evidence about a place to its row. [`apply_reading`]: what one reading does to
//!   it. [`place_verdict`]: what several items that stand for one place say together. [`generation`]: when a
//!   new generation begins. [`settle_schedule`]: when it is looked at again. `organizer_cancelled`: what the
//!   organizer cancelled stays so. `unexplained`: what is gone, and nobody can say why, ends with a person.
//!   [`organizer_list`]: what the organizer's list is worth while nothing else can be read.
//!   `against_decision`: what a reading says against the decision that stands.
//! - [`lms_order`]: the way to the LMS: due, claim, outcome. [`before_sending`], [`deadline`],
//!   [`lms_reread`]: what may keep a cancellation from it, what comes too late, and what the LMS shows
//!   afterwards.
//! - [`give_back`]: what was cancelled is given back to who accepts again in time.
//! - [`operator_decision`], [`operator_choices`]: what a person's decision does, and would do.
//! - [`wakeups`]: which wake-ups a row needs; a pure function of the row, so that what is missing can be
//!   re-derived.
//! - [`backoff`], [`valve`], [`brake`]: when to try again, when not to try at all, and how many decisions are
//!   too many. [`rate_shares`]: how several instances keep to one rate.
//! - [`policy`], [`lms_answer`], [`delay`], [`wording`]: what a tenant wants, what an LMS may answer, by
//!   whose delay it came too late, and how all this is told.

mod against_decision;
pub mod apply_event;
pub mod apply_reading;
pub mod attempt;
pub mod backoff;
pub mod before_sending;
pub mod brake;
pub mod canary;
pub mod deadline;
pub mod decision;
pub mod delay;
#[expect(clippy::module_inception, reason = "the aggregate has the name of its room")]
pub mod enrolment;
pub mod generation;
pub mod give_back;
pub mod judge_place;
pub mod lms_answer;
pub mod lms_order;
pub mod lms_reread;
pub mod operator_choices;
pub mod operator_decision;
mod organizer_cancelled;
pub mod organizer_list;
pub mod part;
pub mod place_state;
pub mod place_verdict;
pub mod policy;
pub mod rate_shares;
pub mod settle_schedule;
pub mod size_limits;
pub mod transitions;
mod unexplained;
pub mod valve;
pub mod wakeups;
pub mod wording;
