//! The way of a decision to the LMS.

pub mod attempt;
pub mod automatic_replies;
pub mod brake;
pub mod connection_slots;
pub mod dispatch;
pub mod rollout;
pub mod settings_cache;
