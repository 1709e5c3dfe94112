//! Gathers one tenant's concurrent calls into `$batch` requests, and retries the parts that are worth it.
//!
//! Guarantees: every call is answered, at its deadline at the latest, or when the patience of its invocation
//! ends; only failed parts are sent again; a part that may have been done is sent again only if doing it
//! twice is harmless; `Retry-After` is a lower bound; a refused token costs one new token; a call that nobody
//! waits for any more is not retried; where nobody has been answered for as long as a call may take, calls
//! fail at once for a while instead of each taking its time, so that one tenant's outage takes no other's
//! place. What goes into a batch is [`super::batch::scheduler`]'s to say, and what comes of it
//! [`super::batch::exchange`]'s.

pub(crate) mod envelope;
mod exchange;
pub(crate) mod scheduler;

use super::auth::tokens::Tokens;
use super::backoff::Backoff;
use super::batch::envelope::Wire;
use super::batch::exchange::{Done, Fate, Road, Sign, travel, unavailable};
use super::batch::scheduler::{Call, Queue, Reply, out_of_time};
use super::error::GraphError;
use super::request::Request;
use crate::clock::Clock;
use crate::invocation_deadline;
use futures::stream::{FuturesUnordered, StreamExt};
use secrecy::SecretString;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};

/// How many batches of one tenant may be in flight.
const BATCHES: usize = 4;
/// A Graph that is silent is left alone for so much longer than a call may wait.
const REST: Duration = Duration::from_secs(5);
/// How much later than its deadline a caller stops waiting for the answer, which is due at the deadline.
const GRACE: Duration = Duration::from_millis(100);

/// The door to one tenant's batches. Dropping it ends the work behind it.
pub(super) struct Batcher {
    calls: mpsc::UnboundedSender<Call>,
    deadline: Duration,
    road: Arc<Road>,
}

pub(super) struct BatchOptions {
    /// From a call to its answer, retries included.
    pub(super) deadline: Duration,
    /// For `Retry-After` as a date.
    pub(super) clock: Arc<dyn Clock>,
    /// Makes the back-off repeatable, for tests.
    pub(super) seed: Option<u64>,
}

impl Batcher {
    /// Starts the work behind the door: must be called within a Tokio runtime.
    pub(super) fn start(wire: impl Wire, tokens: Tokens, options: BatchOptions) -> Self {
        let (calls, arriving) = mpsc::unbounded_channel();
        let road = Arc::new(Road { wire: Box::new(wire), tokens, clock: options.clock });
        let worker = Worker {
            arriving,
            queue: Queue::default(),
            in_flight: FuturesUnordered::new(),
            backoff: Backoff::new(options.seed),
            deadline: options.deadline,
            silent: None,
            road: Arc::clone(&road),
        };
        tokio::spawn(worker.run());
        Self { calls, deadline: options.deadline, road }
    }

    /// A token that was asked for just now; the batches go by it from here on.
    pub(super) async fn fresh_token(&self) -> Result<Arc<SecretString>, GraphError> {
        self.road.tokens.fresh().await
    }

    /// The token that the batches go by.
    pub(super) async fn held_token(&self) -> Result<Arc<SecretString>, GraphError> {
        self.road.tokens.get().await
    }

    /// One call: the body of the good answer, or why there is none.
    pub(super) async fn call(&self, request: Request) -> Result<Reply, GraphError> {
        let now = Instant::now();
        let own = now + self.deadline;
        let deadline = invocation_deadline::asks_until().map_or(own, |until| own.min(until));
        if deadline <= now {
            return Err(out_of_time());
        }
        let (reply, answer) = oneshot::channel();
        let call = Call {
            request,
            deadline,
            ready: now,
            attempt: 0,
            reauthorized: false,
            alone: false,
            last: None,
            reply,
        };
        if self.calls.send(call).is_err() {
            return Err(stopped());
        }
        match timeout_at(deadline + GRACE, answer).await {
            Ok(Ok(result)) => {
                if !result.as_ref().is_err_and(GraphError::is_away) {
                    invocation_deadline::answered();
                }
                result
            }
            Ok(Err(_)) => Err(stopped()),
            Err(_) => Err(out_of_time()),
        }
    }
}

struct Worker {
    arriving: mpsc::UnboundedReceiver<Call>,
    queue: Queue,
    in_flight: FuturesUnordered<Pin<Box<dyn Future<Output = Done> + Send>>>,
    backoff: Backoff,
    deadline: Duration,
    /// Since when nobody has been answered.
    silent: Option<Instant>,
    road: Arc<Road>,
}

impl Worker {
    async fn run(mut self) {
        loop {
            let now = Instant::now();
            self.queue.sweep(now);
            while self.in_flight.len() < BATCHES
                && let Some(calls) = self.queue.take(now)
            {
                self.in_flight.push(Box::pin(travel(Arc::clone(&self.road), calls)));
            }
            let wake = self.queue.wake(now);
            tokio::select! {
                Some(done) = self.in_flight.next() => self.settle(done),
                call = self.arriving.recv() => match call {
                    Some(call) => {
                        self.queue.push(call);
                        while let Ok(call) = self.arriving.try_recv() {
                            self.queue.push(call);
                        }
                    }
                    None => return,
                },
                () = sleep_until(wake.unwrap_or(now)), if wake.is_some() => {}
            }
        }
    }

    fn settle(&mut self, done: Done) {
        let now = Instant::now();
        match done.sign() {
            Sign::Well => self.silent = None,
            Sign::Silent(why) => {
                let since = *self.silent.get_or_insert(now);
                if now >= since + self.deadline {
                    tracing::warn!(%why, "Graph answers nobody; it is left alone for a while");
                    self.queue.pause_all(now + self.deadline + REST, &why);
                }
            }
            Sign::Unclear => {}
        }
        if let Some((wait, why)) = &done.pause {
            self.queue.pause_all(now + *wait, why);
        }
        for (mut call, fate) in done.fates {
            self.queue.release(&call.request.lane, now);
            let answer = match fate {
                Fate::Answered(reply) => Ok(reply),
                Fate::Failed { error, untouched } => {
                    let status = error.failure().and_then(|failure| failure.status);
                    let untouched = untouched && !(call.request.mails && status == Some(503));
                    if let Some(wait) = self.wait(&call, &error, untouched) {
                        if error.wait().is_some() {
                            self.queue.pause(&call.request.lane, now + wait, &error);
                        }
                        tracing::debug!(attempt = call.attempt, ?wait, %error, "a part will be sent again");
                        call.attempt += 1;
                        call.ready = now + wait;
                        call.last = Some(error);
                        self.queue.push(call);
                        continue;
                    }
                    if let Some(wait) = error.wait() {
                        self.queue.pause(&call.request.lane, now + wait, &error);
                    }
                    Err(error)
                }
                Fate::Reauthorize(error) if !call.reauthorized => {
                    call.reauthorized = true;
                    call.ready = now;
                    call.last = Some(error);
                    self.queue.push(call);
                    continue;
                }
                Fate::Suspect(error) if !call.alone => {
                    call.alone = true;
                    call.ready = now;
                    call.last = Some(error);
                    self.queue.push(call);
                    continue;
                }
                Fate::Reauthorize(error) | Fate::Suspect(error) => Err(error),
            };
            // A caller that has gone misses nothing.
            let _ = call.reply.send(answer);
        }
    }

    /// How long to wait before the next try; `None` where none is worth it.
    fn wait(&mut self, call: &Call, error: &GraphError, untouched: bool) -> Option<Duration> {
        if !untouched && !call.request.repeatable {
            return None;
        }
        error.wait().or_else(|| error.is_away().then(|| self.backoff.after(call.attempt)))
    }
}

fn stopped() -> GraphError {
    unavailable("stopped")
}

#[cfg(test)]
mod tests;
