//! The Functions host, as far as time matters: timers of which no two runs of one are side by side, queues in
//! the order in which messages came, and instances that work on so many of each queue at once. What a
//! function gives back is put into its queue one message after the other; a message whose invocation fails
//! comes again.

use super::scene::Scene;
use super::tables::{Calls, Paced, WHO};
use regrets::custom_handler::{Failure, Function, Invocation};
use regrets::functions::cancel_enrolment::CancelEnrolment;
use regrets::functions::dispatch_due::DispatchDue;
use regrets::functions::housekeeping::Housekeeping;
use regrets::functions::names::{self, binding};
use regrets::functions::observe_changes::ObserveChanges;
use regrets::functions::renew_subscriptions::RenewSubscriptions;
use regrets::functions::tend_mailboxes::TendMailboxes;
use regrets::jobs::context::AppContext;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

pub(crate) const DISPATCH: &str = names::DISPATCH_DUE;
pub(crate) const PLAN: &str = names::RENEW_SUBSCRIPTIONS;
pub(crate) const HOUSEKEEPING: &str = names::HOUSEKEEPING;

/// One run of a timer.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) timer: &'static str,
    pub(crate) took: Duration,
    pub(crate) calls: Calls,
    /// Messages that it gave back.
    pub(crate) sent: usize,
    /// The next one tries again.
    pub(crate) failed: bool,
}

struct Message {
    text: String,
    since: Instant,
    tries: u32,
}

/// What became of a queue's messages.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Seen {
    /// The most that ever waited, and how long one waited at most.
    pub(crate) most: usize,
    pub(crate) longest: Duration,
    pub(crate) done: usize,
    /// Invocations that failed, and messages that failed too often.
    pub(crate) failed: usize,
    pub(crate) poisoned: usize,
}

#[derive(Default)]
pub(crate) struct Queue {
    waiting: Mutex<VecDeque<Message>>,
    arrived: Notify,
    seen: Mutex<Seen>,
    hidden: AtomicUsize,
}

impl Queue {
    pub(crate) fn put(&self, text: String) {
        self.push(Message { text, since: Instant::now(), tries: 0 });
    }

    fn push(&self, message: Message) {
        let mut waiting = self.waiting.lock().unwrap();
        waiting.push_back(message);
        let mut seen = self.seen.lock().unwrap();
        seen.most = seen.most.max(waiting.len());
        self.arrived.notify_one();
    }

    async fn next(&self, poll: Duration) -> Message {
        loop {
            let first = self.waiting.lock().unwrap().pop_front();
            if let Some(message) = first {
                let mut seen = self.seen.lock().unwrap();
                seen.longest = seen.longest.max(message.since.elapsed());
                return message;
            }
            self.arrived.notified().await;
            sleep(poll / 2).await;
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        *self.seen.lock().unwrap()
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.lock().unwrap().len() + self.hidden.load(Ordering::SeqCst)
    }
}

pub(crate) struct Host {
    scene: Arc<Scene>,
    tables: Arc<Paced>,
    instances: Vec<Arc<AppContext>>,
    pub(crate) changes: Arc<Queue>,
    pub(crate) mailboxes: Arc<Queue>,
    pub(crate) cancellations: Arc<Queue>,
    runs: Mutex<Vec<Run>>,
}

impl Host {
    pub(crate) fn new(scene: Arc<Scene>, tables: Arc<Paced>, instances: Vec<Arc<AppContext>>) -> Arc<Self> {
        let (changes, mailboxes, cancellations) = Default::default();
        Arc::new(Self { scene, tables, instances, changes, mailboxes, cancellations, runs: Mutex::default() })
    }

    /// The one that timers run on.
    pub(crate) fn app_context(&self) -> &Arc<AppContext> {
        &self.instances[0]
    }

    pub(crate) fn runs(&self) -> Vec<Run> {
        self.runs.lock().unwrap().clone()
    }

    /// Everything works from now on, until what is given back is dropped.
    pub(crate) fn start(self: &Arc<Self>) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        for app in &self.instances {
            let listeners: [(&'static str, &Arc<Queue>, Arc<dyn Function>); 3] = [
                (names::OBSERVE_CHANGES, &self.changes, Arc::new(ObserveChanges(Arc::clone(app)))),
                (names::TEND_MAILBOXES, &self.mailboxes, Arc::new(TendMailboxes(Arc::clone(app)))),
                (names::CANCEL_ENROLMENT, &self.cancellations, Arc::new(CancelEnrolment(Arc::clone(app)))),
            ];
            for (name, queue, function) in listeners {
                for _ in 0..self.scene.queues.slots {
                    let (host, queue, function) =
                        (Arc::clone(self), Arc::clone(queue), Arc::clone(&function));
                    tasks.spawn(WHO.scope(name, async move { host.listen(name, &queue, &function).await }));
                }
            }
        }
        let app = self.app_context();
        let timers: [(&'static str, u64, u64, Arc<dyn Function>); 3] = [
            (DISPATCH, 60, 0, Arc::new(DispatchDue(Arc::clone(app)))),
            (PLAN, 300, 0, Arc::new(RenewSubscriptions(Arc::clone(app)))),
            (HOUSEKEEPING, 3_600, 1_800, Arc::new(Housekeeping(Arc::clone(app)))),
        ];
        for (name, period, offset, function) in timers {
            let host = Arc::clone(self);
            let (period, mut next) =
                (Duration::from_secs(period), Instant::now() + Duration::from_secs(offset));
            tasks.spawn(async move {
                loop {
                    sleep_until(next).await;
                    host.run(name, &function).await;
                    // What is missed by a run that takes longer is left out.
                    while next <= Instant::now() {
                        next += period;
                    }
                }
            });
        }
        tasks
    }

    /// One quiet hour's housekeeping, and nothing else.
    pub(crate) async fn housekeep(&self) {
        let function: Arc<dyn Function> = Arc::new(Housekeeping(Arc::clone(self.app_context())));
        self.run(HOUSEKEEPING, &function).await;
    }

    async fn listen(&self, name: &'static str, queue: &Arc<Queue>, function: &Arc<dyn Function>) {
        loop {
            let message = queue.next(self.scene.queues.poll).await;
            let data = json!({ binding::MESSAGE: Value::String(message.text.clone()).to_string() });
            match invoke(name, function.as_ref(), &data).await {
                Ok(outputs) => {
                    queue.seen.lock().unwrap().done += 1;
                    self.send(outputs).await;
                }
                Err(_) if message.tries + 1 >= self.scene.queues.tries => {
                    queue.seen.lock().unwrap().poisoned += 1
                }
                Err(_) => {
                    queue.seen.lock().unwrap().failed += 1;
                    let (queue, again) = (Arc::clone(queue), self.scene.queues.again);
                    queue.hidden.fetch_add(1, Ordering::SeqCst);
                    tokio::spawn(async move {
                        sleep(again).await;
                        queue.hidden.fetch_sub(1, Ordering::SeqCst);
                        queue.push(Message { since: Instant::now(), tries: message.tries + 1, ..message });
                    });
                }
            }
        }
    }

    async fn run(&self, timer: &'static str, function: &Arc<dyn Function>) {
        let began = Instant::now();
        self.tables.observer.calls(timer);
        let outputs =
            WHO.scope(timer, invoke(timer, function.as_ref(), &json!({ binding::TIMER: null }))).await;
        let failed = outputs.is_err();
        let outputs = outputs.unwrap_or_default();
        let (took, calls, sent) = (began.elapsed(), self.tables.observer.calls(timer), outputs.len());
        self.runs.lock().unwrap().push(Run { timer, took, calls, sent, failed });
        self.send(outputs).await;
    }

    async fn send(&self, outputs: Vec<(&'static str, String)>) {
        for (output, text) in outputs {
            sleep(self.scene.storage).await;
            match output {
                binding::CHANGES => self.changes.put(text),
                binding::MAILBOXES => self.mailboxes.put(text),
                _ => self.cancellations.put(text),
            }
        }
    }
}

/// What an invocation gives back: cancellations first, as the host goes through the outputs by their names.
async fn invoke(
    name: &str,
    function: &dyn Function,
    data: &Value,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let body = json!({ "Data": data, "Metadata": { "sys": { "MethodName": name } } }).to_string();
    let outputs = function.invoke(Invocation::new(name, body)).await?;
    let mut reply: Value = serde_json::from_slice(&outputs.to_json()?).unwrap();
    let mut texts = Vec::new();
    for output in [binding::CANCELLATIONS, binding::CHANGES, binding::MAILBOXES] {
        let Some(Value::Array(messages)) = reply["Outputs"].get_mut(output).map(Value::take) else {
            continue;
        };
        texts.extend(messages.into_iter().filter_map(|text| Some((output, text.as_str()?.to_owned()))));
    }
    Ok(texts)
}
