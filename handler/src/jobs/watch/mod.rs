//! Who is watched, and that the watching never lapses unseen.

pub mod blind_gaps;
pub mod comparison;
pub mod coverage;
pub mod delivery_silence;
pub mod directory;
pub mod directory_sync;
pub mod failure_policy;
pub mod graph_outage;
pub mod lifetime;
pub mod maintain;
pub mod orphans;
pub mod plan;
pub mod read_in_steps;
pub mod resync;
pub mod resync_organizer;
pub mod resync_schedule;
pub mod subscribe;
pub mod subscription_listing;
pub mod switched_off;
pub mod sync_mailboxes;
pub mod write_budget;
pub mod write_limiter;
