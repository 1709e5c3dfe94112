//! Learning management systems on loopback: real HTTP servers with a state, which answer, and lie, as the
//! real ones are known to. What is not confirmed of one is a switch of its fake.
//!
//! Each counts the writes that took effect ([`Fake::effects`]), so that a test can say "no second
//! effect", and what goes wrong is planned by the call ([`mishap`]).
//!
//! | module | holds |
//! |---|---|
//! | [`server`] | the listener, the record of calls and effects |
//! | [`mishap`] | what goes wrong on the way: lost answers, throttles, pages, slowness |
//! | [`call`] | a request and an answer, as the products see them |
//! | [`moodle`] | Moodle's core, the companion plugin for Face-to-face and Booking |
//! | [`canvas`], [`open_edx`], [`totara`] | one product each |
//! | [`receiver`] | the endpoint of a vendor |
//! | [`token`] | OAuth2 tokens, and that they expire |
//! | [`replay`] | recorded exchanges, played back |
//! | [`script`] | exchanges that are written by hand |

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "this is all test; clippy exempts only the functions that are marked so"
)]

pub mod call;
pub mod canvas;
pub mod mishap;
pub mod moodle;
pub mod open_edx;
pub mod receiver;
pub mod replay;
pub mod script;
pub mod server;
pub mod token;
pub mod totara;

pub use call::{Answer, Call};
pub use mishap::{Mishap, On};
pub use server::{Fake, Product};
