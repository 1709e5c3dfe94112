//! The Functions host, as far as time matters: timers that fire whatever else is under way, and queues of
//! which so many messages are worked on side by side.

use crate::counts::Heard;
use crate::deployment::Deployment;
use regrets::functions::names::{
    CANCEL_ENROLMENT, DISPATCH_DUE, GRAPH_WEBHOOK, HOUSEKEEPING, OBSERVE_CHANGES, RENEW_SUBSCRIPTIONS,
    TEND_MAILBOXES,
};
use regrets::jobs::cancel::{attempt, dispatch};
use regrets::jobs::context::AppContext;
use regrets::jobs::observe::hints;
use regrets::jobs::operate::housekeeping;
use regrets::jobs::watch::{delivery_silence, maintain, plan};
use regrets::messages::{Cancellation, Changes, Mailboxes, VERSION};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::spawn_local;

/// `batchSize` + `newBatchThreshold` of host.json.
const AT_ONCE: usize = 16;
const PLAN: Duration = Duration::from_secs(5 * 60);
const DISPATCH: Duration = Duration::from_secs(60);
const HEARD: Duration = Duration::from_secs(10 * 60);
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);
/// Hints in a message of `regrets-changes`.
const HINTS: usize = 100;

pub(crate) struct Host {
    pub(crate) deployment: Deployment,
    app: RefCell<Arc<AppContext>>,
    invocations: RefCell<BTreeMap<&'static str, u64>>,
    attempts: RefCell<BTreeMap<&'static str, u64>>,
    pub(crate) changes: UnboundedSender<Changes>,
    pub(crate) mailboxes: UnboundedSender<Mailboxes>,
    cancellations: UnboundedSender<Cancellation>,
}

/// The ledger in memory never fails, so an invocation that does is a defect.
macro_rules! done {
    ($work:expr) => {
        match $work.await {
            Ok(done) => done,
            Err(error) => panic!("an invocation failed: {error}"),
        }
    };
}

impl Host {
    pub(crate) async fn start(deployment: Deployment) -> Rc<Self> {
        let app = RefCell::new(Arc::new(deployment.app_context().await));
        let ((changes, observing), (mailboxes, tending)) = (unbounded_channel(), unbounded_channel());
        let (cancellations, cancelling) = unbounded_channel();
        let host = Rc::new(Self {
            deployment,
            app,
            invocations: RefCell::default(),
            attempts: RefCell::default(),
            changes,
            mailboxes,
            cancellations,
        });
        let webhook = host.deployment.webhook(host.changes.clone(), host.mailboxes.clone());
        host.deployment.world.connect(Arc::new(webhook));

        host.work(observing, async |host: &Self, message: Changes| {
            host.invoked(OBSERVE_CHANGES);
            done!(hints::observe(&host.app_context(), &message));
        });
        host.work(tending, async |host: &Self, message: Mailboxes| host.tend(message).await);
        host.work(cancelling, async |host: &Self, message: Cancellation| {
            host.invoked(CANCEL_ENROLMENT);
            let result = done!(attempt::cancel(&host.app_context(), &message));
            *host.attempts.borrow_mut().entry(result.outcome()).or_default() += 1;
        });
        host.every(PLAN, async |host: &Self| {
            host.invoked(RENEW_SUBSCRIPTIONS);
            for message in done!(plan::plan(&host.app_context(), None)) {
                drop(host.mailboxes.send(message));
            }
        });
        host.every(DISPATCH, async |host: &Self| {
            host.invoked(DISPATCH_DUE);
            let wake = done!(dispatch::dispatch(&host.app_context(), None));
            wake.cancellations.into_iter().for_each(|message| drop(host.cancellations.send(message)));
            wake.changes.into_iter().for_each(|message| drop(host.changes.send(message)));
        });
        host.every(HEARD, async |host: &Self| {
            for (tenant, count) in host.deployment.drops.drain_heard() {
                done!(delivery_silence::count_delivered(&host.app_context(), &tenant, count));
            }
        });
        host.every(DAILY, async |host: &Self| {
            host.invoked(HOUSEKEEPING);
            done!(housekeeping::housekeep(&host.app_context()));
            // The host starts another process now and then; what was in memory is gone.
            let anew = Arc::new(host.deployment.app_context().await);
            host.app.replace(anew);
        });
        host
    }

    pub(crate) fn app_context(&self) -> Arc<AppContext> {
        Arc::clone(&self.app.borrow())
    }

    fn invoked(&self, function: &'static str) {
        *self.invocations.borrow_mut().entry(function).or_default() += 1;
    }

    /// How often each function was called; the webhook by the posts that it was sent.
    pub(crate) fn invocations(&self) -> BTreeMap<&'static str, u64> {
        let mut all = self.invocations.borrow().clone();
        all.insert(GRAPH_WEBHOOK, self.heard().posts as u64);
        all
    }

    /// What attempts to cancel came to.
    pub(crate) fn attempts(&self) -> BTreeMap<&'static str, u64> {
        self.attempts.borrow().clone()
    }

    /// What Graph told.
    pub(crate) fn heard(&self) -> Heard {
        self.deployment.heard.lock().unwrap().clone()
    }

    async fn tend(&self, message: Mailboxes) {
        self.invoked(TEND_MAILBOXES);
        let maintained = done!(maintain::maintain(&self.app_context(), &message));
        if let Some(rest) = maintained.rest {
            drop(self.mailboxes.send(rest));
        }
        for some in maintained.hints.chunks(HINTS) {
            let tenant = message.tenant.clone();
            drop(self.changes.send(Changes { v: VERSION, trace: None, tenant, hints: some.to_vec() }));
        }
    }

    /// Fires on time, whatever the last one is at still.
    fn every(self: &Rc<Self>, time: Duration, work: impl AsyncFn(&Self) + Copy + 'static) {
        let host = Rc::clone(self);
        spawn_local(async move {
            let mut ticks = tokio::time::interval(time);
            loop {
                ticks.tick().await;
                let host = Rc::clone(&host);
                spawn_local(async move { work(&host).await });
            }
        });
    }

    fn work<M: 'static>(
        self: &Rc<Self>,
        queue: UnboundedReceiver<M>,
        work: impl AsyncFn(&Self, M) + Copy + 'static,
    ) {
        let queue = Rc::new(Mutex::new(queue));
        for _ in 0..AT_ONCE {
            let (host, queue) = (Rc::clone(self), Rc::clone(&queue));
            spawn_local(async move {
                while let Some(message) = next(&queue).await {
                    work(&host, message).await;
                }
            });
        }
    }
}

async fn next<M>(queue: &Mutex<UnboundedReceiver<M>>) -> Option<M> {
    queue.lock().await.recv().await
}
