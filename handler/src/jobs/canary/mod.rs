//! The canary: a test learner declines a test session each day, from end to end.
//!
//! An event is made in the organizer's calendar, with the test learner as the one who is invited
//! (`canary_kit`); once its invitation is linked ([`recognition`]) the test learner declines it. From there
//! on it goes the road of every decline, with nothing of its own but that the brake does not count it and
//! nobody takes it for a learner's. When the LMS has answered, the event is taken away, and the place is
//! given back where the LMS can ([`give_back`]).
//!
//! [`run`] is the row and its states; [`step`] goes from one to the next; [`advance`] is the planning round's
//! turn; [`stage`] and [`stuck`] say where one hangs; [`told`] and [`ask`] are for people.

pub mod advance;
pub mod ask;
mod give_back;
mod next;
mod recognition;
pub mod run;
pub mod stage;
mod step;
mod stuck;
pub mod told;
