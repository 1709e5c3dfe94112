//! What stands around the app, for whoever looks after the deployment as a whole.

use crate::store::queue_service::QueueService;
use std::sync::Arc;

pub struct Surroundings {
    pub seen_from: SeenFrom,
    /// What was read as the configuration, in words.
    pub configuration: String,
    /// Where the ledger is, in words.
    pub ledger: String,
    /// Whether the store is another machine, with a clock of its own.
    pub is_remote: bool,
    /// `None`: the queues can't be reached from here, because they are the local host's own.
    pub queues: Option<Arc<dyn QueueService>>,
}

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeenFrom {
    /// The deployment itself, under its host.
    Host,
    /// A person's machine, by the configuration there.
    CommandLine,
}
