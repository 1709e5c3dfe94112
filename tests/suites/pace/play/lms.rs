//! One tenant's LMS: takes every cancellation, in its own time, and writes down when; and an instance's way
//! to it, which keeps to the connection's rate as the connectors do.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::clock::Clock;
use regrets::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use regrets::enrolment::policy::Rate;
use regrets::lms::rate_limit::{Pace, Share};
use regrets::lms::{Budget, Connector, Order};
use simulator::forward::FastClock;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

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
    away_until: Mutex<Option<DateTime<Utc>>>,
    /// What came while it was away.
    in_vain: Mutex<Vec<DateTime<Utc>>>,
}

impl Lms {
    pub(crate) fn new(clock: FastClock, time: Duration) -> Self {
        Self {
            clock,
            time,
            calls: Mutex::default(),
            orders: Mutex::default(),
            away_until: Mutex::default(),
            in_vain: Mutex::default(),
        }
    }

    /// In the order in which they came.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    pub(crate) fn repeated(&self) -> usize {
        self.orders.lock().unwrap().values().map(|times| times - 1).sum()
    }

    /// Answers 503 until then.
    pub(crate) fn go_away(&self, until: DateTime<Utc>) {
        *self.away_until.lock().unwrap() = Some(until);
    }

    pub(crate) fn in_vain(&self) -> Vec<DateTime<Utc>> {
        self.in_vain.lock().unwrap().clone()
    }

    async fn asked(&self, order: &Order) -> Reply {
        let now = self.clock.now();
        if self.away_until.lock().unwrap().is_some_and(|until| now < until) {
            self.in_vain.lock().unwrap().push(now);
            sleep(self.time).await;
            return Reply { status: Some(503), ..Reply::new(LmsOutcome::Outage, Reach::Sent) };
        }
        let call = Call {
            at: now,
            session: order.session.as_str().to_owned(),
            learner: order.learner.as_str().to_owned(),
        };
        self.calls.lock().unwrap().push(call);
        *self.orders.lock().unwrap().entry(order.id.clone()).or_default() += 1;
        sleep(self.time).await;
        Reply { status: Some(200), ..Reply::new(LmsOutcome::Done, Reach::Sent) }
    }
}

pub(crate) struct Connection {
    lms: Arc<Lms>,
    pace: Pace,
}

impl Connection {
    pub(crate) fn new(lms: &Arc<Lms>, rate: Rate) -> Self {
        Self { lms: Arc::clone(lms), pace: Pace::new(rate) }
    }
}

#[async_trait]
impl Connector for Connection {
    fn keep_to(&self, share: Share) -> Option<Instant> {
        self.pace.keep_to(share)
    }

    async fn cancel(&self, order: &Order, budget: Budget) -> Reply {
        match self.pace.reserve(budget.starts) {
            Some(start) => {
                sleep_until(start).await;
                self.lms.asked(order).await
            }
            None => Reply::new(LmsOutcome::Outage, Reach::NotTried),
        }
    }
}
