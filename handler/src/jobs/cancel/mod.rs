//! The way of a decision to the LMS.

pub mod attempt;
pub mod attempt_result;
pub mod automatic_replies;
pub mod before_sending;
pub mod brake;
pub mod connection_slots;
pub mod dispatch;
mod give_back;
mod of_tenants;
pub(crate) mod rate_admission;
pub mod rate_lease;
pub mod record_outcome;
pub mod reread;
pub mod rollout;
pub mod settings_cache;
