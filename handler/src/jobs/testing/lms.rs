//! An LMS that can be scripted. It keeps the promise of the connector's documentation: a repeated order id is
//! the same request, and of one enrolment the highest generation and decision wins.

use crate::enrolment::attempt::ConnectorIdentity;
use crate::enrolment::lms_answer::{LmsOutcome, Place, Reach, Reply, RestoreOutcome, Restored};
use crate::enrolment::place_state::PlaceState;
use crate::ids::{LearnerKey, SessionId};
use crate::jobs::testing::lms_source::TellingSource;
use crate::lms::Source;
use crate::lms::rate_limit::Share;
use crate::lms::{Budget, Connector, EventFacts, Lookup, Order};
use async_trait::async_trait;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

#[derive(Default)]
pub(crate) struct FakeLms {
    state: Mutex<State>,
    /// Gives way to other workers before it answers.
    pub(crate) yields: AtomicBool,
    /// Takes the order and never answers: whoever asked is killed meanwhile.
    pub(crate) silent: AtomicBool,
    /// It can be read, and shows this.
    pub(crate) shows: Mutex<Option<Place>>,
    /// How often it was read.
    pub(crate) read: AtomicUsize,
    /// What a look-up of an event answers, by its `iCalUId`; and how often somebody looked.
    pub(crate) knows: Mutex<BTreeMap<String, Lookup>>,
    pub(crate) looked_up: Mutex<Vec<EventFacts>>,
    /// It can give places back.
    pub(crate) gives_back: AtomicBool,
    /// Whether it has a place to give.
    pub(crate) room: Mutex<Room>,
    /// What it says of itself.
    pub(crate) identity: Mutex<Option<ConnectorIdentity>>,
    /// What it tells of its sessions, where it does.
    pub(crate) tells: Option<TellingSource>,
    /// Is asked in its place.
    pub(crate) instead: Mutex<Option<Arc<dyn Connector>>>,
}

/// What it says to whoever wants a place back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Room {
    #[default]
    Free,
    Full,
    /// There is none, and the learner is in the line for one.
    Line,
}

/// What was asked of it, with the generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Cancel(u32),
    Back(u32),
}

/// Session, learner, generation, decision.
pub(crate) type Effect = (String, String, u32, u32);

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    always: Option<Reply>,
    orders: Vec<Order>,
    /// How often a place was cancelled, by what the order named.
    effects: BTreeMap<Effect, usize>,
    seen: BTreeSet<String>,
    /// The highest generation and decision of each enrolment.
    highest: BTreeMap<(String, String), (u32, u32)>,
    /// Orders whose sender was told that it is done.
    told: BTreeSet<String>,
    /// How often an order came again after that.
    repeated: usize,
    /// The answers to the next attempts to give back.
    script_back: VecDeque<Restored>,
    always_back: Option<Restored>,
    orders_back: Vec<Order>,
    /// How often a place was given back: session, learner, generation.
    given_back: BTreeMap<(String, String, u32), usize>,
    /// Places that are not there, as they truly are.
    gone: BTreeSet<(String, String)>,
    /// All that was asked of it, in that order.
    log: Vec<Asked>,
}

pub(crate) fn reply(outcome: LmsOutcome) -> Reply {
    Reply { status: Some(200), ..Reply::new(outcome, Reach::Sent) }
}

/// No connection comes about.
pub(crate) fn down() -> Reply {
    Reply::new(LmsOutcome::Outage, Reach::NotReached)
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

    pub(crate) fn effects(&self) -> BTreeMap<Effect, usize> {
        self.state.lock().unwrap().effects.clone()
    }

    /// The answers to the next attempts to give back. Unsaid, it does what it is asked: it reads, and gives
    /// back what is not held.
    pub(crate) fn script_back(&self, replies: impl IntoIterator<Item = Restored>) {
        self.state.lock().unwrap().script_back.extend(replies);
    }

    /// The answer to every attempt to give back from now on; `None`: it does what it is asked.
    pub(crate) fn always_back(&self, reply: Option<Restored>) {
        self.state.lock().unwrap().always_back = reply;
    }

    /// The generations in which a place was given back, each with how often.
    pub(crate) fn effects_back(&self) -> BTreeMap<u32, usize> {
        let state = self.state.lock().unwrap();
        state.given_back.iter().map(|((_, _, generation), count)| (*generation, *count)).collect()
    }

    /// All that was asked of it, in that order.
    pub(crate) fn log(&self) -> Vec<Asked> {
        self.state.lock().unwrap().log.clone()
    }

    /// Whether any place is gone, as it truly is.
    pub(crate) fn is_gone(&self) -> bool {
        !self.state.lock().unwrap().gone.is_empty()
    }

    pub(crate) fn orders_back(&self) -> Vec<Order> {
        self.state.lock().unwrap().orders_back.clone()
    }

    /// How often a place was given back.
    pub(crate) fn given_back(&self) -> usize {
        self.state.lock().unwrap().given_back.values().sum()
    }

    /// How often an order came again although its sender had been told that it is done.
    pub(crate) fn repeated(&self) -> usize {
        self.state.lock().unwrap().repeated
    }

    pub(crate) fn cancelled(&self, learner: &str, session: u32) -> usize {
        let learner = format!("{learner}@contoso.com");
        self.effects()
            .iter()
            .filter(|((s, l, ..), _)| *s == session.to_string() && *l == learner)
            .map(|(_, n)| n)
            .sum()
    }

    /// What it shows from now on to whoever reads it; `None`: it can't be read.
    pub(crate) fn shows(&self, place: Option<Place>) {
        *self.shows.lock().unwrap() = place;
    }

    fn answer_back(&self, order: &Order) -> Restored {
        let room = *self.room.lock().unwrap();
        let mut state = self.state.lock().unwrap();
        state.orders_back.push(order.clone());
        state.log.push(Asked::Back(order.generation));
        let place = (order.session.as_str().to_owned(), order.learner.as_str().to_owned());
        let is_held = !state.gone.contains(&place);
        let sent = |outcome| Restored::new(outcome, Reach::Sent);
        let told = match room {
            _ if is_held => Restored { before: Some(PlaceState::Held), ..sent(RestoreOutcome::AlreadyHeld) },
            Room::Free => Restored {
                before: Some(PlaceState::Cancelled),
                after: Some(PlaceState::Held),
                ..sent(RestoreOutcome::GivenBack)
            },
            Room::Full => sent(RestoreOutcome::Full),
            Room::Line => sent(RestoreOutcome::Waitlisted),
        };
        let reply = state.script_back.pop_front().or(state.always_back.clone()).unwrap_or(told);
        // An outage after it was sent: it did what it was asked, and the answer is lost.
        let acts = reply.outcome == RestoreOutcome::GivenBack
            || (reply.outcome == RestoreOutcome::Outage && reply.reach == Reach::Sent);
        if acts && !is_held && room == Room::Free {
            state.gone.remove(&place);
            *state.given_back.entry((place.0, place.1, order.generation)).or_default() += 1;
        }
        reply
    }

    fn answer(&self, order: &Order) -> Reply {
        let mut state = self.state.lock().unwrap();
        state.orders.push(order.clone());
        state.log.push(Asked::Cancel(order.generation));
        state.repeated += usize::from(state.told.contains(&order.id));
        let reply = state.script.pop_front().or(state.always.clone()).unwrap_or(reply(LmsOutcome::Done));
        // An outage after the order was sent is the lie that hurts: it did what it was asked, and said that
        // it did not.
        let acts = matches!(reply.outcome, LmsOutcome::Done)
            || (reply.outcome == LmsOutcome::Outage && reply.reach == Reach::Sent);
        let (session, learner) = (order.session.as_str().to_owned(), order.learner.as_str().to_owned());
        let place = (session.clone(), learner.clone());
        let number = (order.generation, order.decision);
        let highest = state.highest.get(&place).copied().unwrap_or_default();
        if acts && number >= highest && state.seen.insert(order.id.clone()) {
            state.gone.insert(place.clone());
            state.highest.insert(place, number);
            *state.effects.entry((session, learner, number.0, number.1)).or_default() += 1;
        }
        if reply.outcome == LmsOutcome::Done {
            state.told.insert(order.id.clone());
        }
        reply
    }
}

#[async_trait]
impl Connector for FakeLms {
    fn source(&self) -> Option<&dyn Source> {
        self.tells.as_ref().map(|tells| tells as &dyn Source)
    }

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

    fn requests_per_order(&self) -> u32 {
        self.instead.lock().unwrap().as_ref().map_or(1, |instead| instead.requests_per_order())
    }

    fn keep_to(&self, share: Share) -> Option<Instant> {
        self.instead.lock().unwrap().as_ref().and_then(|instead| instead.keep_to(share))
    }

    fn identity(&self) -> Option<ConnectorIdentity> {
        self.identity.lock().unwrap().clone()
    }

    fn can_look_up(&self) -> bool {
        true
    }

    async fn lookup(&self, event: &EventFacts, _: Budget) -> Lookup {
        self.looked_up.lock().unwrap().push(event.clone());
        let known = self.knows.lock().unwrap();
        known.get(event.ical_uid.as_deref().unwrap_or_default()).cloned().unwrap_or(Lookup::None)
    }

    fn can_restore(&self) -> bool {
        self.gives_back.load(Ordering::SeqCst)
    }

    async fn restore(&self, order: &Order, _: Budget) -> Restored {
        let reply = self.answer_back(order);
        if self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.yields.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        reply
    }

    fn can_read(&self) -> bool {
        self.shows.lock().unwrap().is_some()
    }

    async fn place(&self, _: &SessionId, _: &LearnerKey, _: Budget) -> Place {
        self.read.fetch_add(1, Ordering::SeqCst);
        self.shows.lock().unwrap().unwrap_or(Place::Unknown)
    }
}
