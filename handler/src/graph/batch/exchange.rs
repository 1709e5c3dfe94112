//! One batch's way to Graph and back, and what became of each of its parts.
//!
//! Guarantees that every part has a fate, whatever came back; and that a refusal of the batch as a whole is
//! never read as a word about what its parts are about: an event is gone only where the mailbox says so.

use super::envelope::{Fault, Incoming, Outgoing, PartAnswer, Wire, envelope, open, part_id};
use super::scheduler::{Call, Reply};
use crate::clock::Clock;
use crate::graph::auth::tokens::Tokens;
use crate::graph::backoff::retry_after;
use crate::graph::classify::{About, Refusal, classify};
use crate::graph::error::{Failure, GraphError};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// What a batch needs on its way.
pub(crate) struct Road {
    pub(crate) wire: Box<dyn Wire>,
    pub(crate) tokens: Tokens,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A batch that came back.
pub(crate) struct Done {
    pub(crate) fates: Vec<(Call, Fate)>,
    /// The batch as a whole was throttled.
    pub(crate) pause: Option<(Duration, GraphError)>,
}

/// What a batch says about Graph as a whole.
pub(crate) enum Sign {
    /// It answers.
    Well,
    /// Nobody is answered: no token, no connection, an outage.
    Silent(GraphError),
    /// One mailbox may be the cause, or one token.
    Unclear,
}

impl Done {
    pub(crate) fn sign(&self) -> Sign {
        let mut lanes = HashSet::new();
        let mut silent = None;
        for (call, fate) in &self.fates {
            lanes.insert(&call.request.lane);
            match fate {
                Fate::Failed {
                    error: error @ (GraphError::Unavailable(_) | GraphError::Credential { .. }),
                    ..
                } => {
                    silent = Some(error);
                }
                Fate::Answered(_) | Fate::Failed { .. } => return Sign::Well,
                Fate::Reauthorize(_) | Fate::Suspect(_) => return Sign::Unclear,
            }
        }
        let by_a_part =
            |error: &GraphError| matches!(error, GraphError::Unavailable(Failure { status: Some(_), .. }));
        match silent {
            Some(error) if lanes.len() > 1 || !by_a_part(error) => Sign::Silent(error.clone()),
            Some(_) | None => Sign::Unclear,
        }
    }
}

/// What became of one part.
pub(crate) enum Fate {
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

/// Takes one batch to Graph and back.
pub(crate) async fn travel(road: Arc<Road>, calls: Vec<Call>) -> Done {
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
    if answer.status == 401 {
        return Fate::Reauthorize(error);
    }
    Fate::Failed { error, untouched: is_untouched(answer.status) }
}

/// The batch as a whole was refused: says nothing about what its parts are about.
fn refused(road: &Road, calls: Vec<Call>, incoming: &Incoming) -> Done {
    let refusal = Refusal {
        status: incoming.status,
        body: std::str::from_utf8(&incoming.body).ok(),
        request_id: incoming.request_id.clone(),
        retry_after: incoming.retry_after.as_ref().and_then(|value| retry_after(value, road.clock.now())),
    };
    let error = classify(About::Directory, &refusal).of_whole_batch();
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
    if let Some(after) = error.wait() {
        done.pause = Some((after, error.clone()));
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

pub(crate) fn unavailable(code: &str) -> GraphError {
    GraphError::Unavailable(Failure { status: None, code: code.to_owned(), request_id: None })
}
