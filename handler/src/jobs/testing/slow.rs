//! An LMS of four slow steps, and none of the help that a repeated order id is: two requests are two
//! requests. A place is read, its cancellation requested, confirmed, and read back. Each step takes so long
//! that they don't fit into one attempt, and a step that was begun takes effect although whoever asked is
//! gone by then.

use crate::clock::{Clock, ManualClock};
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::jobs::testing::lms::reply;
use crate::lms::{Budget, Connector, Order};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::sleep;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Enrolled,
    Requested,
    Cancelled,
}

#[derive(Debug, Clone)]
pub(crate) struct Write {
    pub(crate) attempt: u32,
    pub(crate) began: DateTime<Utc>,
    pub(crate) ended: Option<DateTime<Utc>>,
    /// What was left of the budget when it began.
    pub(crate) left: Duration,
}

pub(crate) struct SlowLms {
    clock: ManualClock,
    /// How long a step takes, which is also its time-out.
    pub(crate) step: Duration,
    stage: Arc<Mutex<Stage>>,
    /// How often a place was cancelled.
    effects: Arc<Mutex<usize>>,
    writes: Arc<Mutex<Vec<Write>>>,
}

impl SlowLms {
    pub(crate) fn new(clock: ManualClock, step: Duration) -> Self {
        let stage = Arc::new(Mutex::new(Stage::Enrolled));
        Self { clock, step, stage, effects: Arc::default(), writes: Arc::default() }
    }

    pub(crate) fn effects(&self) -> usize {
        *self.effects.lock().unwrap()
    }

    pub(crate) fn writes(&self) -> Vec<Write> {
        self.writes.lock().unwrap().clone()
    }

    async fn read(&self) -> Stage {
        sleep(self.step).await;
        *self.stage.lock().unwrap()
    }

    /// A write that is sent goes its way, whoever waits for it. False: there was no time to begin it.
    async fn write(&self, order: &Order, budget: Budget, to: Stage) -> bool {
        let left = budget.left();
        if left < self.step {
            return false;
        }
        let began = self.clock.now();
        let index = {
            let mut writes = self.writes.lock().unwrap();
            writes.push(Write { attempt: order.attempt, began, ended: None, left });
            writes.len() - 1
        };
        let (clock, stage, effects, writes) = (
            self.clock.clone(),
            Arc::clone(&self.stage),
            Arc::clone(&self.effects),
            Arc::clone(&self.writes),
        );
        let step = self.step;
        let sent = tokio::spawn(async move {
            sleep(step).await;
            *stage.lock().unwrap() = to;
            *effects.lock().unwrap() += usize::from(to == Stage::Cancelled);
            writes.lock().unwrap()[index].ended = Some(clock.now());
        });
        sent.await.unwrap();
        true
    }
}

#[async_trait]
impl Connector for SlowLms {
    async fn cancel(&self, order: &Order, budget: Budget) -> Reply {
        let gave_up =
            |reach| Reply { outcome: LmsOutcome::Outage, reach, status: None, ..reply(LmsOutcome::Outage) };
        // Whoever takes over reads first what the one before has brought about.
        let mut stage = self.read().await;
        if stage == Stage::Cancelled {
            return reply(LmsOutcome::AlreadyCancelled);
        }
        if stage == Stage::Enrolled {
            if !self.write(order, budget, Stage::Requested).await {
                return gave_up(Reach::NotTried);
            }
            stage = Stage::Requested;
        }
        if stage == Stage::Requested && !self.write(order, budget, Stage::Cancelled).await {
            return gave_up(Reach::Sent);
        }
        if budget.left() < self.step {
            return reply(LmsOutcome::Accepted);
        }
        match self.read().await {
            Stage::Cancelled => reply(LmsOutcome::Done),
            Stage::Enrolled | Stage::Requested => reply(LmsOutcome::Accepted),
        }
    }
}
