//! The way to the LMS.

mod after_deadline;
mod automatic;
mod claim;
mod connection_slots;
mod decisions;
mod dispatching;
mod give_back;
mod outages;
mod proposed_times;
mod shared_rate;
mod slow_lms;
mod tenant_without_secret;
mod unexpected_answers;
