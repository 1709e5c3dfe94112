//! Gathers one tenant's concurrent calls into `$batch` requests, and retries the parts that are worth it.
//!
//! Guarantees: every call is answered, at its deadline at the latest; only failed parts are sent again; a part that may have
//! been done is sent again only if doing it twice is harmless; `Retry-After` is a lower bound; a refused token costs one
//! new token; a call that nobody waits for any more is not retried. What goes into a batch is [`super::queue`]'s to say.

use super::classify::{About, Refusal, classify};
use super::error::{GraphError, Trouble};
use super::queue::{Call, Queue, Reply, out_of_time};
use super::request::Request;
use super::retry::{Backoff, retry_after};
use super::token::Tokens;
use super::wire::{Fault, Incoming, Outgoing, PartAnswer, Wire, envelope, open, part_id};
use crate::clock::Clock;
use futures::stream::{FuturesUnordered, StreamExt};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

/// How many batches of one tenant may be in flight.
const BATCHES: usize = 4;
/// How much later than its deadline a caller stops waiting for the answer, which is due at the deadline.
const GRACE: Duration = Duration::from_millis(100);

/// The door to one tenant's batches. Dropping it ends the work behind it.
pub(super) struct Batcher {
    calls: mpsc::UnboundedSender<Call>,
    deadline: Duration,
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
            road,
        };
        tokio::spawn(worker.run());
        Self { calls, deadline: options.deadline }
    }

    /// One call: the body of the good answer, or why there is none.
    pub(super) async fn call(&self, request: Request) -> Result<Reply, GraphError> {
        let now = Instant::now();
        let deadline = now + self.deadline;
        let (reply, answer) = oneshot::channel();
        let call =
            Call { request, deadline, ready: now, attempt: 0, reauthorized: false, alone: false, last: None, reply };
        if self.calls.send(call).is_err() {
            return Err(stopped());
        }
        match timeout_at(deadline + GRACE, answer).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(stopped()),
            Err(_) => Err(out_of_time()),
        }
    }
}

/// What a batch needs on its way.
struct Road {
    wire: Box<dyn Wire>,
    tokens: Tokens,
    clock: Arc<dyn Clock>,
}

struct Worker {
    arriving: mpsc::UnboundedReceiver<Call>,
    queue: Queue,
    in_flight: FuturesUnordered<Pin<Box<dyn Future<Output = Done> + Send>>>,
    backoff: Backoff,
    road: Arc<Road>,
}

/// A batch that came back.
struct Done {
    fates: Vec<(Call, Fate)>,
    /// The batch as a whole was throttled.
    pause: Option<(Duration, GraphError)>,
}

/// What became of one part.
enum Fate {
    Answered(Reply),
    Failed {
        error: GraphError,
        /// It surely had no effect, so that anything may be sent again.
        untouched: bool,
    },
    /// The token was refused, and there is hope for a new one.
    Reauthorize(GraphError),
    /// The batch was refused as malformed; one of its parts may be the cause.
    Suspect(GraphError),
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
        if let Some((wait, why)) = &done.pause {
            self.queue.pause_all(now + *wait, why);
        }
        for (mut call, fate) in done.fates {
            self.queue.release(&call.request.lane, now);
            let answer = match fate {
                Fate::Answered(reply) => Ok(reply),
                Fate::Failed { error, untouched } => {
                    if let Some(wait) = self.wait(&call, &error, untouched) {
                        if let GraphError::Throttled { after: Some(_), .. } = &error {
                            self.queue.pause(&call.request.lane, now + wait, &error);
                        }
                        tracing::debug!(attempt = call.attempt, ?wait, %error, "a part will be sent again");
                        call.attempt += 1;
                        call.ready = now + wait;
                        call.last = Some(error);
                        self.queue.push(call);
                        continue;
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
        match error {
            GraphError::Throttled { after: Some(after), .. } => Some(*after),
            GraphError::Throttled { after: None, .. } | GraphError::Unavailable(_) => {
                Some(self.backoff.after(call.attempt))
            }
            GraphError::NotFound(_)
            | GraphError::NoMailbox(_)
            | GraphError::Refused(_)
            | GraphError::Unauthorized(_)
            | GraphError::Credential { .. }
            | GraphError::Quota(_)
            | GraphError::Conflict(_)
            | GraphError::TooLong { .. }
            | GraphError::Validation(_)
            | GraphError::Invalid(_) => None,
        }
    }
}

/// Takes one batch to Graph and back.
async fn travel(road: Arc<Road>, calls: Vec<Call>) -> Done {
    let token = match road.tokens.get().await {
        Ok(token) => token,
        Err(error) => return all(calls, |_| Fate::Failed { error: error.clone(), untouched: true }),
    };
    let latest = calls.iter().map(|call| call.deadline).max();
    let within = latest.map_or(Duration::ZERO, |latest| latest.saturating_duration_since(Instant::now()));
    let client_request_id = Uuid::new_v4();
    tracing::debug!(%client_request_id, parts = calls.len(), "batch");
    let body = envelope(calls.iter().map(|call| &call.request));
    let batch = Outgoing { token: &token, client_request_id, body, within };
    let incoming = match road.wire.post(batch).await {
        Ok(incoming) => incoming,
        Err(fault) => {
            let error = unavailable(match fault {
                Fault::NotSent => "noConnection",
                Fault::Broken => "brokenConnection",
            });
            return all(calls, |_| Fate::Failed { error: error.clone(), untouched: fault == Fault::NotSent });
        }
    };
    let mut done = match incoming.status {
        200..=299 => unpack(&road, calls, &incoming),
        _ => refused(&road, calls, &incoming),
    };
    let token_refused = done.fates.iter().any(|(_, fate)| matches!(fate, Fate::Reauthorize(_)));
    if token_refused && !road.tokens.give_up(&token).await {
        for (_, fate) in &mut done.fates {
            if let Fate::Reauthorize(error) = fate {
                *fate = Fate::Failed { error: error.clone(), untouched: true };
            }
        }
    }
    done
}

fn unpack(road: &Road, calls: Vec<Call>, incoming: &Incoming) -> Done {
    let Some(mut answers) = open(&incoming.body) else {
        // Cut short by a proxy, most likely; nothing is known of any part.
        return all(calls, |_| Fate::Failed { error: unavailable("unreadableBatch"), untouched: false });
    };
    let mut index = 0;
    all(calls, |call| {
        let answer = answers.remove(&part_id(index));
        index += 1;
        match answer {
            Some(answer) => fate(road, call.request.about, answer),
            None => Fate::Failed { error: unavailable("missingPart"), untouched: false },
        }
    })
}

fn fate(road: &Road, about: About, answer: PartAnswer) -> Fate {
    if (200..300).contains(&answer.status) {
        return Fate::Answered(answer.body.filter(|body| body.get() != "null"));
    }
    let refusal = Refusal {
        status: answer.status,
        body: answer.body.as_ref().map(|body| body.get()),
        request_id: answer.header("request-id"),
        retry_after: answer.header("retry-after").and_then(|value| retry_after(&value, road.clock.now())),
    };
    let error = classify(about, &refusal);
    match error {
        GraphError::Unauthorized(_) if answer.status == 401 => Fate::Reauthorize(error),
        error => Fate::Failed { error, untouched: is_untouched(answer.status) },
    }
}

/// The batch as a whole was refused: says nothing about what its parts are about.
fn refused(road: &Road, calls: Vec<Call>, incoming: &Incoming) -> Done {
    let refusal = Refusal {
        status: incoming.status,
        body: std::str::from_utf8(&incoming.body).ok(),
        request_id: incoming.request_id.clone(),
        retry_after: incoming.retry_after.as_ref().and_then(|value| retry_after(value, road.clock.now())),
    };
    let error = match classify(About::Directory, &refusal) {
        // Not a mailbox that is refused but the app.
        GraphError::Refused(trouble) => GraphError::Unauthorized(trouble),
        GraphError::NotFound(trouble)
        | GraphError::NoMailbox(trouble)
        | GraphError::Conflict(trouble)
        | GraphError::Quota(trouble)
        | GraphError::Validation(trouble) => GraphError::Invalid(trouble),
        error @ (GraphError::Unauthorized(_)
        | GraphError::Credential { .. }
        | GraphError::TooLong { .. }
        | GraphError::Throttled { .. }
        | GraphError::Unavailable(_)
        | GraphError::Invalid(_)) => error,
    };
    tracing::warn!(%error, parts = calls.len(), "a whole batch was refused");
    let malformed = matches!(incoming.status, 400 | 413 | 422) && calls.len() > 1;
    let untouched = is_untouched(incoming.status);
    let mut done = all(calls, |_| {
        let error = error.clone();
        match incoming.status {
            401 => Fate::Reauthorize(error),
            _ if malformed => Fate::Suspect(error),
            _ => Fate::Failed { error, untouched },
        }
    });
    if let GraphError::Throttled { after: Some(after), .. } = &error {
        done.pause = Some((*after, error.clone()));
    }
    done
}

/// Statuses by which a server says that it did not even begin.
fn is_untouched(status: u16) -> bool {
    matches!(status, 401 | 423 | 424 | 425 | 429 | 503 | 509)
}

fn all(calls: Vec<Call>, mut fate: impl FnMut(&Call) -> Fate) -> Done {
    let fates = calls
        .into_iter()
        .map(|call| {
            let fate = fate(&call);
            (call, fate)
        })
        .collect();
    Done { fates, pause: None }
}

fn unavailable(code: &str) -> GraphError {
    GraphError::Unavailable(Trouble { status: None, code: code.to_owned(), request_id: None })
}

fn stopped() -> GraphError {
    unavailable("stopped")
}

#[cfg(test)]
mod tests;
