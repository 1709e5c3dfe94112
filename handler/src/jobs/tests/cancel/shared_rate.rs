//! Several instances keep to one rate ([`crate::enrolment::rate_shares`]): each request of theirs is counted.

use crate::calendar::event::Answer;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::policy::Rate;
use crate::enrolment::transitions::State;
use crate::jobs::cancel::attempt;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::cancel::connection_slots::SHARE;
use crate::jobs::context::AppContext;
use crate::jobs::testing::lms::{FakeLms, reply};
use crate::jobs::testing::tables::Count;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::valves;
use crate::lms::rate_limit::{Pace, Share};
use crate::lms::{Budget, Connector, Order};
use crate::messages::ChangeType;
use async_trait::async_trait;
use chrono::Duration;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use std::sync::{Arc, Mutex};
use std::time::Duration as Real;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, sleep_until};

const RATE: Rate = Rate { requests: 5, per: Duration::seconds(1) };
const COST: u32 = 3;

/// Makes several requests for each order, one after the other, each within its share of the rate.
struct Stepwise {
    pace: Pace,
    requests: Arc<Mutex<Vec<Instant>>>,
    dice: Mutex<StdRng>,
}

#[async_trait]
impl Connector for Stepwise {
    fn requests_per_order(&self) -> u32 {
        COST
    }

    fn keep_to(&self, share: Share) -> Option<Instant> {
        self.pace.keep_to(share)
    }

    async fn cancel(&self, _: &Order, budget: Budget) -> Reply {
        for step in 0..COST {
            let Some(start) = self.pace.reserve(if step == 0 { budget.starts } else { budget.ends }) else {
                let reach = if step == 0 { Reach::NotTried } else { Reach::NotReached };
                return Reply::new(LmsOutcome::Outage, reach);
            };
            sleep_until(start).await;
            self.requests.lock().unwrap().push(Instant::now());
            let took = self.dice.lock().unwrap().random_range(20..900);
            sleep(Real::from_millis(took)).await;
        }
        reply(LmsOutcome::Done)
    }
}

struct Instance {
    app: Arc<AppContext>,
    slots: Arc<Semaphore>,
}

struct Deployment {
    world: World,
    instances: Vec<Instance>,
    requests: Arc<Mutex<Vec<Instant>>>,
    dice: StdRng,
}

impl Deployment {
    async fn new(instances: usize, seed: u64) -> Self {
        let world = World::with(|tenant| tenant.lms.rate = RATE).await;
        let requests = Arc::new(Mutex::new(Vec::new()));
        let mut all = Vec::new();
        for n in 0..instances {
            let lms = Arc::new(FakeLms::default());
            let dice = Mutex::new(StdRng::seed_from_u64(seed * 100 + n as u64));
            let connector = Stepwise { pace: Pace::new(RATE), requests: requests.clone(), dice };
            *lms.instead.lock().unwrap() = Some(Arc::new(connector));
            let app = Arc::new(world.instance_with(&lms).await);
            all.push(Instance { app, slots: Arc::new(Semaphore::new(SHARE)) });
        }
        // The ledger's clock goes with tokio's.
        let clock = world.clock.clone();
        tokio::spawn(async move {
            loop {
                sleep(Real::from_millis(1)).await;
                clock.advance(Duration::milliseconds(1));
            }
        });
        Self { world, instances: all, requests, dice: StdRng::seed_from_u64(seed) }
    }

    async fn decline(&self, sessions: std::ops::RangeInclusive<u32>) {
        for session in sessions {
            self.world.graph.invite("ana", session);
            self.world.graph.answer("ana", session, Answer::Declined);
            self.world.hint("ana", session, ChangeType::Created).await;
        }
    }

    /// One tick; what it wakes goes to any of the first `among` instances, in any order and late.
    async fn tick(&mut self, among: usize) {
        let wake = crate::jobs::cancel::dispatch::dispatch(&self.instances[0].app, None).await.unwrap();
        for message in wake.cancellations {
            let Instance { app, slots } = &self.instances[self.dice.random_range(0..among)];
            let (app, slots) = (app.clone(), slots.clone());
            let late = Real::from_millis(self.dice.random_range(0..70_000));
            tokio::spawn(async move {
                sleep(late).await;
                let _slot = slots.acquire().await.unwrap();
                attempt::cancel(&app, &message).await.unwrap()
            });
        }
    }

    /// The most requests in any stretch of the rate's `per`. The store's clock goes in whole milliseconds.
    fn most_at_once(&self) -> usize {
        let mut requests = self.requests.lock().unwrap().clone();
        requests.sort_unstable();
        let within = RATE.per.to_std().unwrap() - Real::from_millis(2);
        let from = |(first, began): (usize, &Instant)| {
            requests.iter().skip(first).take_while(|at| **at - *began < within).count()
        };
        requests.iter().enumerate().map(from).max().unwrap_or(0)
    }

    async fn is_over(&self, sessions: u32) -> bool {
        let mut done = 0;
        for session in 1..=sessions {
            done += u32::from(self.world.state("ana", session).await == State::Done);
        }
        done == sessions
    }
}

#[tokio::test(start_paused = true)]
async fn three_instances_together_never_exceed_the_rate_and_use_it() {
    for seed in 0..2 {
        const SESSIONS: u32 = 120;
        let mut deployment = Deployment::new(3, seed).await;
        deployment.decline(1..=SESSIONS).await;
        sleep(Real::from_secs(600)).await;
        let began = Instant::now();
        let mut ticks = 0;
        while !deployment.is_over(SESSIONS).await {
            // Instances come, and go.
            let among = [1, 3, 3, 2][ticks / 3 % 4];
            deployment.tick(among).await;
            sleep(Real::from_secs(60)).await;
            ticks += 1;
            assert!(ticks < 60, "seed {seed}: {} requests", deployment.requests.lock().unwrap().len());
        }
        let most = deployment.most_at_once();
        assert!(most <= RATE.requests as usize, "seed {seed}: {most} within a second");
        let minutes = began.elapsed().as_secs() / 60;
        let count = deployment.requests.lock().unwrap().len();
        println!("seed {seed}: {count} requests in {minutes} minutes, at most {most} in a second");
        assert!(minutes <= 12, "seed {seed}: {minutes} minutes for {count} requests");
        assert_eq!(deployment.world.lms.asked(), 0, "all went by the instances");
    }
}

/// The second of them needs a share of the rate, which costs one read and one write of the valve; and none
/// goes without one beside it.
#[tokio::test(start_paused = true)]
async fn a_quiet_day_costs_no_share() {
    let world = World::with(|tenant| tenant.lms.rate = Rate { requests: 2, per: Duration::seconds(1) }).await;
    let mut costs = Vec::new();
    for session in 1..=2 {
        world.invited("ana", session).await;
        world.declined("ana", session).await;
    }
    world.clock.advance(minutes(10));
    let wake = world.dispatch().await;
    assert_eq!(wake.cancellations.len(), 2);
    assert!(
        wake.cancellations.iter().all(|message| message.free_until.is_none()),
        "two of two is not little"
    );
    for message in &wake.cancellations {
        world.tables.count();
        assert!(matches!(world.cancel(message).await, AttemptResult::Asked(_)));
        costs.push(world.tables.count());
    }
    let valve = valves::valve(&world.app.ledger, &contoso(), world.now()).await.unwrap();
    assert_eq!(valve.rate.shares.iter().map(|share| share.requests).collect::<Vec<_>>(), [2]);

    let quiet = World::with(|tenant| tenant.lms.rate = Rate { requests: 4, per: Duration::seconds(1) }).await;
    for session in 1..=2 {
        quiet.invited("ana", session).await;
        quiet.declined("ana", session).await;
    }
    quiet.clock.advance(minutes(10));
    for message in &quiet.dispatch().await.cancellations {
        assert!(message.free_until.is_some());
        quiet.tables.count();
        assert!(matches!(quiet.cancel(message).await, AttemptResult::Asked(_)));
        costs.push(quiet.tables.count());
    }
    let valve = valves::valve(&quiet.app.ledger, &contoso(), quiet.now()).await.unwrap();
    assert!(valve.rate.shares.is_empty() && valve.rate.free.len() == 1, "{valve:?}");
    let [first, second, free, also] = costs.try_into().unwrap();
    let without: Count = free;
    assert_eq!((second, also), (without, without), "a share that is held costs nothing either");
    assert_eq!((first.gets, first.writes), (without.gets + 1, without.writes + 1));
}

/// A message that comes after its time needs a share, as one of an older build does.
#[tokio::test(start_paused = true)]
async fn what_comes_late_does_not_go_free() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let wake = world.dispatch().await;
    world.clock.advance(minutes(2));
    world.deliver(&wake).await;
    let valve = valves::valve(&world.app.ledger, &contoso(), world.now()).await.unwrap();
    assert_eq!(valve.rate.shares.iter().map(|share| share.requests).collect::<Vec<_>>(), [9]);
}
