//! A slow LMS has its own share of an instance's slots, and nobody else waits behind its backlog. The queue
//! is worked on as the host does it: so many messages are received, and no more before fewer than the
//! threshold run.

use crate::custom_handler::{Function as _, Invocation};
use crate::enrolment::lms_answer::Reply;
use crate::enrolment::policy::Rate;
use crate::enrolment::transitions::State;
use crate::functions::cancel_enrolment::CancelEnrolment;
use crate::ids::TenantName;
use crate::jobs::cancel::connection_slots::SHARE;
use crate::jobs::cancel::dispatch;
use crate::jobs::context::AppContext;
use crate::jobs::testing::lms::FakeLms;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::Ledger;
use crate::lms::{Budget, Connector, Order};
use crate::messages::Cancellation;
use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const BACKLOG: u32 = 200;
const SLOW: Duration = Duration::from_secs(8);

fn adatum() -> TenantName {
    "adatum".into()
}

/// An LMS that takes so long for each, and who asked it when.
struct Timed {
    takes: Duration,
    inner: Arc<FakeLms>,
    at_once: AtomicUsize,
    most: AtomicUsize,
    asked: Mutex<Vec<(Instant, String)>>,
}

impl Timed {
    fn new(takes: Duration, inner: &Arc<FakeLms>) -> Arc<Self> {
        let (at_once, most, asked) = Default::default();
        Arc::new(Self { takes, inner: Arc::clone(inner), at_once, most, asked })
    }

    fn asked(&self) -> Vec<(Instant, String)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Connector for Timed {
    async fn cancel(&self, order: &Order, budget: Budget) -> Reply {
        self.asked.lock().unwrap().push((Instant::now(), order.session.as_str().to_owned()));
        let now = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        sleep(self.takes).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        self.inner.cancel(order, budget).await
    }
}

/// `regrets-cancellations` and its one listener.
struct Queue {
    waiting: Mutex<VecDeque<Cancellation>>,
    batch: usize,
    threshold: usize,
    delivered: AtomicUsize,
}

impl Queue {
    /// As `host.json` has it.
    fn configured() -> Self {
        let host = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../host.json")).unwrap();
        let host: serde_json::Value = serde_json::from_str(&host).unwrap();
        let number =
            |name: &str| usize::try_from(host["extensions"]["queues"][name].as_u64().unwrap()).unwrap();
        Self::new(number("batchSize"), number("newBatchThreshold"))
    }

    fn new(batch: usize, threshold: usize) -> Self {
        Self { waiting: Mutex::default(), batch, threshold, delivered: AtomicUsize::default() }
    }

    fn send(&self, messages: impl IntoIterator<Item = Cancellation>) {
        self.waiting.lock().unwrap().extend(messages);
    }

    async fn listen<'a>(&self, work: impl Fn(Cancellation) -> Pin<Box<dyn Future<Output = ()> + 'a>>) {
        let mut running = FuturesUnordered::new();
        loop {
            let some: Vec<Cancellation> = {
                let mut waiting = self.waiting.lock().unwrap();
                let count = self.batch.min(waiting.len());
                waiting.drain(..count).collect()
            };
            if some.is_empty() {
                tokio::select! {
                    () = sleep(Duration::from_secs(2)) => {}
                    Some(()) = running.next(), if !running.is_empty() => {}
                }
                continue;
            }
            self.delivered.fetch_add(some.len(), Ordering::SeqCst);
            running.extend(some.into_iter().map(&work));
            while running.len() > self.threshold {
                running.next().await;
            }
        }
    }
}

/// Two tenants in one deployment, each with an LMS of its own; the slow one has a backlog that is due.
async fn two() -> (World, Arc<Timed>, Arc<Timed>) {
    let rate = Rate { requests: 1_000, per: chrono::Duration::seconds(1) };
    let mut world = World::with(|tenant| tenant.lms.rate = rate).await;
    world.neighbour("adatum", None).await;
    let (slow, quick) = (Timed::new(SLOW, &world.lms), Timed::new(Duration::from_millis(200), &world.lms));
    for (tenant, lms) in [(contoso(), Arc::clone(&slow)), (adatum(), Arc::clone(&quick))] {
        Arc::get_mut(world.app.tenants.get_mut(&tenant).unwrap()).unwrap().lms = lms;
    }
    for session in 1..=BACKLOG {
        world.graph.invite("ana", session);
        world.declined("ana", session).await;
        world.clock.advance(chrono::Duration::milliseconds(1));
    }
    world.clock.advance(minutes(10));
    (world, slow, quick)
}

/// The ledger's clock goes with the one that sleepers wait for, and a tick comes every minute.
async fn time_passes(world: &World, queue: &Queue, minutes: u32) {
    for second in 0..minutes * 60 {
        if second % 60 == 0 {
            queue.send(dispatch::dispatch(&world.app, None).await.unwrap().cancellations);
        }
        sleep(Duration::from_secs(1)).await;
        world.clock.advance(chrono::Duration::seconds(1));
    }
}

/// Ben, of the other tenant, is the last in the queue.
async fn ben_declines(world: &World) -> Cancellation {
    let mut others = dispatch::dispatch(&world.app, None).await.unwrap().cancellations;
    assert!(others.is_empty(), "{}", others.len());
    let now = world.clock.clone();
    let hints = [world.graph.hint("ben", 1, crate::messages::ChangeType::Created)];
    world.graph.invite("ben", 1);
    world.graph.answer("ben", 1, crate::calendar::event::Answer::Declined);
    world.know(&adatum(), "ben").await;
    let changes = crate::messages::Changes { tenant: adatum(), ..crate::jobs::testing::changes(&hints) };
    crate::jobs::observe::hints::observe(&world.app, &changes).await.unwrap();
    now.advance(minutes(10));
    others = dispatch::dispatch(&world.app, None).await.unwrap().cancellations;
    others.into_iter().find(|message| message.tenant == adatum()).unwrap()
}

fn invocation(message: &Cancellation) -> Invocation {
    let text = serde_json::to_string(&serde_json::to_string(message).unwrap()).unwrap();
    let body = serde_json::json!({"Data": {"message": text}, "Metadata": {}}).to_string();
    Invocation::new("cancel-enrolment", body)
}

/// After how long Ben's order reaches the LMS when 200 of the slow tenant stand before him.
async fn until_ben_is_heard(
    world: &World,
    quick: &Timed,
    queue: &Queue,
    function: Option<&CancelEnrolment>,
) -> Duration {
    queue.send(dispatch::dispatch(&world.app, None).await.unwrap().cancellations);
    assert_eq!(queue.waiting.lock().unwrap().len(), BACKLOG as usize);
    queue.send([ben_declines(world).await]);
    let began = Instant::now();
    let work = |message: Cancellation| -> Pin<Box<dyn Future<Output = ()>>> {
        let app: &AppContext = &world.app;
        match function {
            Some(function) => Box::pin(async move {
                function.invoke(invocation(&message)).await.unwrap();
            }),
            None => Box::pin(async move {
                crate::jobs::cancel::attempt::cancel(app, &message).await.unwrap();
            }),
        }
    };
    let heard = async {
        while quick.asked().is_empty() {
            sleep(Duration::from_millis(100)).await;
        }
        quick.asked()[0].0 - began
    };
    tokio::select! {
        took = heard => took,
        () = queue.listen(work) => unreachable!("the listener never ends"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_lms_with_a_backlog_keeps_no_other_tenant_waiting() {
    // Without shares, and with the slots that there were.
    let (world, _, quick) = two().await;
    let before = until_ben_is_heard(&world, &quick, &Queue::new(4, 2), None).await;
    let (world, slow, quick) = two().await;
    let queue = Queue::configured();
    let function = CancelEnrolment(Arc::new(context_of(&world)));
    let after = until_ben_is_heard(&world, &quick, &queue, Some(&function)).await;
    println!(
        "a single cancellation behind 200 of a tenant whose LMS takes 8 s: {before:?} before, {after:?} now"
    );
    assert!(before > Duration::from_secs(50), "{before:?}");
    assert!(after < Duration::from_secs(3), "{after:?}");
    assert!(slow.most.load(Ordering::SeqCst) <= SHARE);
}

/// The same tenants, for the function.
fn context_of(world: &World) -> AppContext {
    AppContext {
        ledger: Ledger { tables: world.app.ledger.tables.clone(), clock: world.app.ledger.clock.clone() },
        timing: world.app.timing,
        tenants: world.app.tenants.clone(),
        alerts: world.app.alerts.clone(),
        around: None,
        join: None,
    }
}

/// The share is used: the backlog takes as long as its LMS takes for it, in order, each once, and what stands
/// in line costs nothing.
#[tokio::test(start_paused = true)]
async fn the_slow_tenant_has_its_share_in_full_and_in_order() {
    let (world, slow, _) = two().await;
    let queue = Queue::configured();
    let function = &CancelEnrolment(Arc::new(context_of(&world)));
    let began = Instant::now();
    let work = |message: Cancellation| -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {
            let began = Instant::now();
            function.invoke(invocation(&message)).await.unwrap();
            assert!(began.elapsed() < Duration::from_secs(180), "{:?}", began.elapsed());
        })
    };
    tokio::select! {
        () = time_passes(&world, &queue, 12) => {}
        () = queue.listen(work) => {}
    }
    let asked = slow.asked();
    assert_eq!(asked.len(), BACKLOG as usize, "each is asked for once");
    assert_eq!(slow.most.load(Ordering::SeqCst), SHARE);
    let took = asked.last().unwrap().0 - began;
    let ideal = SLOW * (BACKLOG / u32::try_from(SHARE).unwrap());
    println!(
        "a backlog of 200 with {SHARE} at once: {took:?} (ideal {ideal:?}), {} deliveries",
        queue.delivered.load(Ordering::SeqCst)
    );
    assert!(took < ideal * 5 / 4, "{took:?}");
    let order: Vec<u32> = asked.iter().map(|(_, session)| session.parse().unwrap()).collect();
    let out_of_turn = order.windows(2).filter(|pair| pair[0] > pair[1]).count();
    assert!(out_of_turn < 12, "{order:?}");
    for session in 1..=BACKLOG {
        let row = world.row("ana", session).await;
        assert_eq!((row.state, row.attempt.tries), (State::Done, 1), "{session}");
    }
    world.assert_sound("in the end");
}

/// Killed with a line in memory: all of it stands on the agenda, and is woken again.
#[tokio::test(start_paused = true)]
async fn what_stood_in_line_when_the_process_died_is_woken_again() {
    let (mut world, slow, _) = two().await;
    let queue = Queue::configured();
    {
        let function = &CancelEnrolment(Arc::new(context_of(&world)));
        let work = |message: Cancellation| -> Pin<Box<dyn Future<Output = ()>>> {
            Box::pin(async move { drop(function.invoke(invocation(&message)).await) })
        };
        tokio::select! {
            () = time_passes(&world, &queue, 1) => {}
            () = queue.listen(work) => {}
        }
    }
    assert!(slow.asked().len() < 40, "{}", slow.asked().len());
    world.restart().await;
    for _ in 0..30 {
        world.clock.advance(minutes(1));
        world.tick().await;
    }
    for session in 1..=BACKLOG {
        assert_eq!(world.state("ana", session).await, State::Done, "{session}");
        assert_eq!(world.lms.cancelled("ana", session), 1, "{session}");
    }
    world.assert_sound("in the end");
}

/// Whoever stands in line costs the ledger nothing, and is no attempt.
#[tokio::test(start_paused = true)]
async fn a_message_beyond_the_share_ends_at_once_and_asks_nobody() {
    let (world, slow, _) = two().await;
    let function = &CancelEnrolment(Arc::new(context_of(&world)));
    let messages = dispatch::dispatch(&world.app, None).await.unwrap().cancellations;
    let (first, others) = messages.split_at(SHARE);
    let running = futures::future::join_all(first.iter().map(|message| function.invoke(invocation(message))));
    let beyond = async {
        sleep(Duration::from_secs(1)).await;
        world.tables.count();
        let began = Instant::now();
        for message in others.iter().chain(others) {
            function.invoke(invocation(message)).await.unwrap();
        }
        let count = world.tables.count();
        assert_eq!((began.elapsed(), count.gets, count.scans, count.writes), (Duration::ZERO, 0, 0, 0));
        assert_eq!(slow.asked().len(), SHARE);
    };
    tokio::select! {
        _ = running => unreachable!("they go on with who is in line"),
        () = beyond => {}
    }
}
