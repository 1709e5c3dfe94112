//! Subscriptions, directory, comparisons.

mod delivery_silence;
mod failure_policy;
mod graph_outage;
pub(crate) mod maintaining;
mod orphans;
mod planning;
mod read_in_steps;
mod released;
mod resync_schedule;
mod resyncing;
mod subscription_listing;
mod switched_off;
mod write_budget;
