//! How long one invocation waits in all: for Graph, for the store, for permits, for somebody else who is at
//! the same thing.
//!
//! Guarantees, for whatever runs [`within`] it, whichever retries, pauses and time-outs come together on its
//! way:
//!
//! - Graph is not waited for beyond [`ASKING`], so that there is time to write down what could not be asked;
//! - nothing is waited for beyond [`JUDGING`], so that there is time to put what was cut off on the agenda;
//! - at [`WHOLE`] the invocation ends, and its message comes again.
//!
//! An answer that comes within [`QUICK`] is work and no waiting: much work that goes well is not cut off
//! before [`LONGEST`]. Nor is the time of an LMS that has the order ([`not_counted`]): whoever hung up on it
//! would not know what became of it.
//!
//! Carried by the task, by tokio's clock. Outside of an invocation nothing is limited: timers have budgets of
//! their own ([`crate::jobs::timer_run`]), and each call its own time-out.

use parking_lot::{Mutex, MutexGuard};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// No invocation waits longer.
pub const WHOLE: Duration = Duration::from_secs(10);
/// Of it, for what asks Graph.
pub const ASKING: Duration = Duration::from_secs(6);
/// Of it, for all that comes before what was cut off is put on the agenda.
pub const JUDGING: Duration = Duration::from_secs(8);
/// What is answered so soon was not waited for.
pub const QUICK: Duration = Duration::from_secs(1);
/// However well it goes: the host's `functionTimeout` is five minutes, and an invocation that meets it takes
/// its neighbours down.
pub const LONGEST: Duration = Duration::from_secs(60);

tokio::task_local! {
    static PATIENCE: Patience;
}

#[derive(Clone)]
struct Patience(Arc<Mutex<State>>);

#[derive(Clone, Copy)]
struct State {
    /// Moves on with what is work and no waiting.
    ends: Instant,
    latest: Instant,
    answered: Instant,
    /// An LMS has the order.
    stands: bool,
}

impl Patience {
    fn begin() -> Self {
        let now = Instant::now();
        let state = State { ends: now + WHOLE, latest: now + LONGEST, answered: now, stands: false };
        Self(Arc::new(Mutex::new(state)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock()
    }
}

/// The time of this invocation is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Over;

/// Does the work of one invocation. Cut off at its end, at any await, as by a kill.
pub fn within<F: Future>(work: F) -> impl Future<Output = Result<F::Output, Over>> {
    // On the heap: futures that hold one another by value overflow a thread's stack.
    let work = Box::pin(work);
    async move { PATIENCE.scope(Patience::begin(), cut(WHOLE, work)).await.ok_or(Over) }
}

/// Does a part of it, and leaves time to put it on the agenda. `None`: there was none for it.
pub fn judging<F: Future>(work: F) -> impl Future<Output = Option<F::Output>> {
    cut(JUDGING, Box::pin(work))
}

/// Does what is nobody's waiting: an LMS has the order.
pub async fn not_counted<F: Future>(work: F) -> F::Output {
    let Some(patience) = current() else { return work.await };
    let began = Instant::now();
    patience.state().stands = true;
    let done = work.await;
    let now = Instant::now();
    let mut state = patience.state();
    state.stands = false;
    state.ends += now - began;
    state.latest += now - began;
    state.answered = now;
    drop(state);
    done
}

/// Somebody has answered, and well.
pub fn answered() {
    let Some(patience) = current() else { return };
    let now = Instant::now();
    let mut state = patience.state();
    let passed = now.saturating_duration_since(state.answered);
    if passed <= QUICK {
        state.ends = (state.ends + passed).min(state.latest);
    }
    state.answered = now;
}

/// When the invocation ends; `None` where there is none.
pub fn ends() -> Option<Instant> {
    until(WHOLE)
}

/// Until when Graph is asked.
pub fn asks_until() -> Option<Instant> {
    until(ASKING)
}

/// Until when anything is begun.
pub fn judges_until() -> Option<Instant> {
    until(JUDGING)
}

/// Graph is not asked any more: what it was asked last may not have been answered for that reason alone.
pub fn has_asked() -> bool {
    is_over(asks_until())
}

/// Nothing new is begun.
pub fn has_judged() -> bool {
    is_over(judges_until())
}

fn is_over(until: Option<Instant>) -> bool {
    until.is_some_and(|until| until <= Instant::now())
}

fn until(part: Duration) -> Option<Instant> {
    let patience = current()?;
    let state = patience.state();
    (!state.stands).then(|| state.ends - (WHOLE - part))
}

/// For tests of what keeps to it by itself: so much is left, and nobody cuts it off.
#[cfg(test)]
pub(crate) async fn with<F: Future>(left: Duration, work: F) -> F::Output {
    let patience = Patience::begin();
    patience.state().ends = Instant::now() + left;
    PATIENCE.scope(patience, work).await
}

fn current() -> Option<Patience> {
    PATIENCE.try_with(Clone::clone).ok()
}

async fn cut<F: Future>(part: Duration, mut work: Pin<Box<F>>) -> Option<F::Output> {
    if is_over(until(part)) {
        return None;
    }
    loop {
        // While an LMS has the order there is no end, and it is looked for again.
        let end = until(part).or_else(|| current().map(|_| Instant::now() + QUICK));
        let Some(end) = end else { return Some(work.await) };
        tokio::select! {
            biased;
            done = &mut work => return Some(done),
            () = sleep_until(end) => if is_over(until(part)) { return None; },
        }
    }
}

#[cfg(test)]
#[path = "invocation_deadline_tests.rs"]
mod tests;
