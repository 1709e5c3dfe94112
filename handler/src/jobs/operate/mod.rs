//! What operators see and do, and what is tidied up.

pub mod canary_json;
pub mod consent;
pub mod dead_letters;
pub mod disconnect;
pub mod doctor;
pub mod forecast;
pub mod health;
mod health_facts;
mod held_back;
pub mod housekeeping;
pub mod mailbox_list;
pub mod management_json;
pub mod operator;
pub mod publish_json;
mod retention_while_off;
pub mod session_visit;
pub mod stale_links;
pub mod stale_snapshots;
mod stale_tokens;
pub mod status;
pub mod waiting_wakeups;
