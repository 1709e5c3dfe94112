//! The LMS: takes cancellations, is away now and then, and remembers what took effect.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::clock::Clock;
use regrets::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use regrets::lms::{Budget, Connector, Order};
use simulator::forward::FastClock;
use std::collections::BTreeMap;
use std::sync::Mutex;

#[derive(Debug, Clone)]
pub(crate) struct Effect {
    pub(crate) at: DateTime<Utc>,
    pub(crate) session: String,
    pub(crate) learner: String,
}

pub(crate) struct Lms {
    clock: FastClock,
    /// By the order's id: what took effect first, and how often it was asked for.
    effects: Mutex<BTreeMap<String, (Effect, usize)>>,
    asked: Mutex<u64>,
}

impl Lms {
    pub(crate) fn new(clock: FastClock) -> Self {
        Self { clock, effects: Mutex::default(), asked: Mutex::default() }
    }

    pub(crate) fn effects(&self) -> Vec<Effect> {
        self.effects.lock().unwrap().values().map(|(effect, _)| effect.clone()).collect()
    }

    /// Orders that came again after they had taken effect.
    pub(crate) fn repeated(&self) -> usize {
        self.effects.lock().unwrap().values().map(|(_, times)| times - 1).sum()
    }
}

#[async_trait]
impl Connector for Lms {
    async fn cancel(&self, order: &Order, _budget: Budget) -> Reply {
        let asked = {
            let mut asked = self.asked.lock().unwrap();
            *asked += 1;
            *asked
        };
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        let reply = |outcome, reach| Reply::new(outcome, reach);
        if asked.is_multiple_of(29) {
            return reply(LmsOutcome::Outage, Reach::NotReached);
        }
        let effect = Effect {
            at: self.clock.now(),
            session: order.session.as_str().to_owned(),
            learner: order.learner.as_str().to_owned(),
        };
        let mut effects = self.effects.lock().unwrap();
        match effects.get_mut(&order.id) {
            Some((_, times)) => {
                *times += 1;
                reply(LmsOutcome::AlreadyCancelled, Reach::Sent)
            }
            None => {
                effects.insert(order.id.clone(), (effect, 1));
                reply(LmsOutcome::Done, Reach::Sent)
            }
        }
    }
}
