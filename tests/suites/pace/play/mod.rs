//! A deployment of many tenants on tokio's paused clock, at the pace of a storage account in Azure.
//!
//! The handler's own code runs in this process, called as the host's timers and queues call it. Every call of
//! the ledger takes its time, as do Graph and the LMS; what is computed takes none. So a run shows what waits
//! for what, and the same on every machine.
//!
//! - [`scene`]: how large it is, and who is who. [`tables`]: the ledger. [`graph`], [`lms`]: the other sides.
//!   [`host`]: timers, queues and instances. [`stage`]: the story: invitations, quiet days, a backlog, its
//!   way out. [`outage`]: another one: an LMS is away for two days. [`figures`]: what was seen.

pub(crate) mod figures;
pub(crate) mod graph;
pub(crate) mod host;
pub(crate) mod lms;
pub(crate) mod outage;
pub(crate) mod scene;
pub(crate) mod stage;
pub(crate) mod tables;
