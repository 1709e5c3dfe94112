//! An LMS that can be scripted. It keeps the promise of the connector's documentation: a repeated order id is the same request.

use crate::lms::{Budget, Connector, LmsOutcome, Order, Reach, Reply};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub(crate) struct FakeLms {
    state: Mutex<State>,
    /// Gives way to other workers before it answers.
    pub(crate) yields: AtomicBool,
    /// Takes the order and never answers: whoever asked is killed meanwhile.
    pub(crate) silent: AtomicBool,
    /// Is asked in its place.
    pub(crate) instead: Mutex<Option<Arc<dyn Connector>>>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    always: Option<Reply>,
    orders: Vec<Order>,
    /// (session, learner, generation) → how often a place was cancelled.
    effects: BTreeMap<(String, String, u32), usize>,
    seen: BTreeMap<String, ()>,
    /// Orders whose sender was told that it is done.
    told: BTreeSet<String>,
    /// How often an order came again after that.
    repeated: usize,
}

pub(crate) fn reply(outcome: LmsOutcome) -> Reply {
    Reply { outcome, message: None, status: Some(200), retry_after: None, reach: Reach::Sent }
}

/// No connection comes about.
pub(crate) fn down() -> Reply {
    Reply { outcome: LmsOutcome::Outage, message: None, status: None, retry_after: None, reach: Reach::NotReached }
}

impl FakeLms {
    /// The answers to the next attempts.
    pub(crate) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        self.state.lock().unwrap().script.extend(replies);
    }

    /// The answer to every attempt from now on; `None`: it does what it is asked.
    pub(crate) fn always(&self, reply: Option<Reply>) {
        self.state.lock().unwrap().always = reply;
    }

    pub(crate) fn orders(&self) -> Vec<Order> {
        self.state.lock().unwrap().orders.clone()
    }

    pub(crate) fn asked(&self) -> usize {
        self.state.lock().unwrap().orders.len()
    }

    pub(crate) fn effects(&self) -> BTreeMap<(String, String, u32), usize> {
        self.state.lock().unwrap().effects.clone()
    }

    /// How often an order came again although its sender had been told that it is done.
    pub(crate) fn repeated(&self) -> usize {
        self.state.lock().unwrap().repeated
    }

    pub(crate) fn cancelled(&self, learner: &str, session: u32) -> usize {
        let learner = format!("{learner}@contoso.com");
        self.effects().iter().filter(|((s, l, _), _)| *s == session.to_string() && *l == learner).map(|(_, n)| n).sum()
    }

    fn answer(&self, order: &Order) -> Reply {
        let mut state = self.state.lock().unwrap();
        state.orders.push(order.clone());
        state.repeated += usize::from(state.told.contains(&order.id));
        let reply = state.script.pop_front().or(state.always.clone()).unwrap_or(reply(LmsOutcome::Done));
        // An outage after the order was sent is the lie that hurts: it did what it was asked, and said that it did not.
        let acts = matches!(reply.outcome, LmsOutcome::Done)
            || (reply.outcome == LmsOutcome::Outage && reply.reach == Reach::Sent);
        if acts && state.seen.insert(order.id.clone(), ()).is_none() {
            let key = (order.session.as_str().to_owned(), order.learner.as_str().to_owned(), order.generation);
            *state.effects.entry(key).or_default() += 1;
        }
        if reply.outcome == LmsOutcome::Done {
            state.told.insert(order.id.clone());
        }
        reply
    }
}

#[async_trait]
impl Connector for FakeLms {
    async fn cancel(&self, order: &Order, budget: Budget) -> Reply {
        let instead = self.instead.lock().unwrap().clone();
        if let Some(instead) = instead {
            return instead.cancel(order, budget).await;
        }
        if self.yields.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        let reply = self.answer(order);
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.yields.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        reply
    }
}
