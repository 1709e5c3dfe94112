//! What a connector file says, as checked values: how one LMS is asked whether a learner has a place, how
//! the place is cancelled, and how it is seen to be gone. Nothing here does I/O, and nothing is checked here
//! again: the reader of the file has done that (`config/connector_file`).
//!
//! - [`connector`]: the whole: its head, its settings, its recipes.
//! - [`step`]: one request and what is made of its answer.
//! - [`reading`]: lists of sessions and of who holds a place, and what becomes of an entry.
//! - [`rule`]: what an answer means.
//! - [`auth`]: how requests are signed in.
//! - [`template`]: texts with placeholders, escaped by where they stand.
//! - [`json_path`]: where something stands in an answer.
//! - [`cost`]: how many requests one cancellation makes.
//! - [`words`]: states of a place, and outcomes.

pub mod auth;
pub mod connector;
mod cost;
pub mod json_path;
pub mod reading;
pub mod rule;
pub mod step;
pub mod template;
pub mod words;
