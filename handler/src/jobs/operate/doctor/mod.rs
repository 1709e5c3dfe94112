//! `regrets doctor`: looks at everything that must be so for declines to be seen and carried out, and says of
//! each thing what was seen and, where it failed, the one next step.
//!
//! Each check is a value in a file of its own: its name, what it needs, and how it is looked at. [`order`]
//! says in which order they are looked at, which is the order in which faults must be mended, and what is not
//! looked at because of a fault before it. [`examine`] goes through them; [`mend`] mends what is ours to
//! mend; [`daily`] does the same once a day, and turns what it finds into an alert.
//!
//! Where Graph's or Azure's behaviour is not known for sure, the check's own file says so, and comes to a
//! right sentence by either answer.

pub mod check;
mod examine;
pub mod order;
pub mod report;
mod subject;

mod calendar;
mod canary;
mod configuration;
mod credential_age;
pub mod daily;
mod directory;
mod graph;
mod graph_clock;
mod graph_words;
mod host;
mod list;
mod lms;
mod lms_clock;
mod lms_records;
mod lms_secrets;
mod mailboxes;
pub mod mend;
mod permissions;
mod publishing;
mod queue_depths;
mod queues;
mod scope;
mod secrets;
mod storage_clock;
mod subscriptions;
mod switched_off;
mod tables;
mod token;
mod valve;
mod webhook;
mod zones;

pub use examine::{WHOLE, examine, unconfigured};
