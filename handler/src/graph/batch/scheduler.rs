//! Which calls go into the next batch, and when to look again. No I/O; the time is a value.
//!
//! Guarantees, at every moment: at most [`PARTS`] calls in a batch; at most four calls of one mailbox in
//! flight; a call whose lane must wait holds up no other lane; first come, first served within a lane; a call
//! that can't start before its deadline fails at once, and with the reason that keeps it waiting;
//! subscriptions are written by full batches rather than one by one.

use crate::graph::error::{Failure, GraphError};
use crate::graph::request::{Lane, Request};
use serde_json::value::RawValue;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// The most parts that a `$batch` may have (reference/graph-limits.md#batches).
pub(crate) const PARTS: usize = 20;
/// How long a call waits for company.
pub(crate) const LINGER: Duration = Duration::from_millis(5);
/// How long a write of a subscription does: nobody waits for it, and thousands of them must fill their
/// batches.
const LINGER_OF_WRITES: Duration = Duration::from_millis(100);

/// The body of a good answer; `None` where there is none.
pub(crate) type Reply = Option<Box<RawValue>>;

/// A request, and how it fared so far.
pub(crate) struct Call {
    pub(crate) request: Request,
    pub(crate) deadline: Instant,
    /// Not before.
    pub(crate) ready: Instant,
    pub(crate) attempt: u32,
    /// It was refused for its token once.
    pub(crate) reauthorized: bool,
    /// Its batch was refused as malformed: it travels alone, to see whether it was the cause.
    pub(crate) alone: bool,
    pub(crate) last: Option<GraphError>,
    pub(crate) reply: oneshot::Sender<Result<Reply, GraphError>>,
}

#[derive(Default)]
struct LaneState {
    in_flight: usize,
    pause: Option<Pause>,
}

#[derive(Clone)]
struct Pause {
    until: Instant,
    why: GraphError,
}

#[derive(Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Call>,
    lanes: HashMap<Lane, LaneState>,
    pause: Option<Pause>,
}

impl Queue {
    pub(crate) fn push(&mut self, call: Call) {
        self.waiting.push_back(call);
    }

    /// Nothing of this lane starts before `until`.
    pub(crate) fn pause(&mut self, lane: &Lane, until: Instant, why: &GraphError) {
        let state = self.lanes.entry(lane.clone()).or_default();
        state.pause = later(state.pause.take(), until, why);
    }

    /// Nothing at all starts before `until`.
    pub(crate) fn pause_all(&mut self, until: Instant, why: &GraphError) {
        self.pause = later(self.pause.take(), until, why);
    }

    /// A call of this lane came back.
    pub(crate) fn release(&mut self, lane: &Lane, now: Instant) {
        if let Some(state) = self.lanes.get_mut(lane) {
            state.in_flight = state.in_flight.saturating_sub(1);
            if state.in_flight == 0 && state.pause.as_ref().is_none_or(|pause| pause.until <= now) {
                self.lanes.remove(lane);
            }
        }
    }

    /// Takes out the calls that nobody waits for any more, and answers those whose time has run out.
    pub(crate) fn sweep(&mut self, now: Instant) {
        let waiting = std::mem::take(&mut self.waiting);
        for call in waiting {
            if call.reply.is_closed() {
                continue;
            }
            let pause = self.pause_of(&call);
            let start = pause.map_or(call.ready, |pause| pause.until.max(call.ready));
            if start < call.deadline && now < call.deadline {
                self.waiting.push_back(call);
                continue;
            }
            let error = match (pause, call.last) {
                (Some(pause), _) if now < pause.until => left(&pause.why, pause.until - now),
                (_, Some(error)) => error,
                (_, None) => out_of_time(),
            };
            // The caller may have gone in this very moment; then nobody misses the answer.
            let _ = call.reply.send(Err(error));
        }
    }

    /// The next batch, if one is to go now.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Vec<Call>> {
        let mut chosen: Vec<usize> = Vec::new();
        let mut taken: HashMap<&Lane, usize> = HashMap::new();
        let mut due = false;
        for (index, call) in self.waiting.iter().enumerate() {
            if self.start(call) > now || !self.has_room(call, &taken) || (call.alone && !chosen.is_empty()) {
                continue;
            }
            chosen.push(index);
            *taken.entry(&call.request.lane).or_default() += 1;
            due |= now >= call.ready + linger(call);
            if call.alone || chosen.len() == PARTS {
                due = true;
                break;
            }
        }
        if !due {
            return None;
        }
        // From the back, so that the indices stay right.
        let mut batch: Vec<Call> =
            chosen.iter().rev().filter_map(|index| self.waiting.remove(*index)).collect();
        batch.reverse();
        for call in &batch {
            self.lanes.entry(call.request.lane.clone()).or_default().in_flight += 1;
        }
        Some(batch)
    }

    /// When something changes by the mere passing of time. What waits for a call in flight is not counted.
    pub(crate) fn wake(&self, now: Instant) -> Option<Instant> {
        self.waiting
            .iter()
            .map(|call| {
                let due = self.start(call) + linger(call);
                if due > now { due.min(call.deadline) } else { call.deadline }
            })
            .min()
    }

    fn start(&self, call: &Call) -> Instant {
        self.pause_of(call).map_or(call.ready, |pause| pause.until.max(call.ready))
    }

    fn pause_of(&self, call: &Call) -> Option<&Pause> {
        let lane = self.lanes.get(&call.request.lane).and_then(|state| state.pause.as_ref());
        [lane, self.pause.as_ref()].into_iter().flatten().max_by_key(|pause| pause.until)
    }

    fn has_room(&self, call: &Call, taken: &HashMap<&Lane, usize>) -> bool {
        let lane = &call.request.lane;
        let in_flight = self.lanes.get(lane).map_or(0, |state| state.in_flight);
        in_flight + taken.get(lane).copied().unwrap_or(0) < lane.width()
    }
}

fn linger(call: &Call) -> Duration {
    if call.request.writes_subscription() { LINGER_OF_WRITES } else { LINGER }
}

fn later(old: Option<Pause>, until: Instant, why: &GraphError) -> Option<Pause> {
    match old {
        Some(old) if old.until >= until => Some(old),
        Some(_) | None => Some(Pause { until, why: why.clone() }),
    }
}

/// The same refusal, with what is left of the wait.
fn left(why: &GraphError, left: Duration) -> GraphError {
    let mut why = why.clone();
    if let GraphError::Throttled { after, .. } = &mut why {
        *after = Some(left);
    }
    why
}

pub(crate) fn out_of_time() -> GraphError {
    GraphError::Unavailable(Failure { status: None, code: "deadline".to_owned(), request_id: None })
}
