//! What all triggers share.

use crate::chaos::Faults;
use crate::clock::Clock;
use crate::function_json::Function;
use crate::host_json::HostConfig;
use crate::invoker::Invoker;
use crate::keys::Keys;
use crate::log::Log;
use crate::notifier::Notifier;
use crate::queues::Queues;
use crate::timer_status::TimerStatuses;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(super) struct Context {
    pub(super) functions: Vec<Arc<Function>>,
    pub(super) config: HostConfig,
    pub(super) keys: Keys,
    pub(super) invoker: Invoker,
    pub(super) queues: Queues,
    pub(super) statuses: TimerStatuses,
    pub(super) faults: Arc<Faults>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) log: Log,
    /// Notifies when the clock was moved by hand.
    pub(super) moved: Notifier,
    /// The largest request body in bytes.
    pub(super) body_limit: usize,
    /// Take on nothing new.
    pub(super) closing: CancellationToken,
    /// Drop everything.
    pub(super) dropping: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Context {
    pub(super) fn function(&self, name: &str) -> Option<&Arc<Function>> {
        self.functions.iter().find(|function| function.name.eq_ignore_ascii_case(name))
    }

    /// Runs until it is done or the host drops everything, whoever else stops waiting for it.
    pub(super) fn spawn<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<Option<T>> {
        let dropping = self.dropping.clone();
        self.tasks.spawn(async move { dropping.run_until_cancelled_owned(work).await })
    }

    /// As [`Context::spawn`], for what a stop does not wait for.
    pub(super) fn spawn_loose(&self, work: impl Future<Output = ()> + Send + 'static) {
        let dropping = self.dropping.clone();
        tokio::spawn(async move { dropping.run_until_cancelled_owned(work).await });
    }
}
