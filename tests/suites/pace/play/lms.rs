//! One tenant's LMS: takes every cancellation, in its own time, and writes down when.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::clock::Clock;
use regrets::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use regrets::lms::{Budget, Connector, Order};
use simulator::forward::FastClock;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) at: DateTime<Utc>,
    pub(crate) session: String,
    pub(crate) learner: String,
}

pub(crate) struct Lms {
    clock: FastClock,
    time: Duration,
    calls: Mutex<Vec<Call>>,
    /// How often each order was asked for.
    orders: Mutex<BTreeMap<String, usize>>,
}

impl Lms {
    pub(crate) fn new(clock: FastClock, time: Duration) -> Self {
        Self { clock, time, calls: Mutex::default(), orders: Mutex::default() }
    }

    /// In the order in which they came.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn repeated(&self) -> usize {
        self.orders.lock().unwrap().values().map(|times| times - 1).sum()
    }
}

#[async_trait]
impl Connector for Lms {
    async fn cancel(&self, order: &Order, _budget: Budget) -> Reply {
        let call = Call {
            at: self.clock.now(),
            session: order.session.as_str().to_owned(),
            learner: order.learner.as_str().to_owned(),
        };
        self.calls.lock().unwrap().push(call);
        *self.orders.lock().unwrap().entry(order.id.clone()).or_default() += 1;
        tokio::time::sleep(self.time).await;
        Reply { status: Some(200), ..Reply::new(LmsOutcome::Done, Reach::Sent) }
    }
}
