//! Reading an invocation's body: chunked or not, never more than the function cares for.

use crate::invocation_deadline;
use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::StreamExt as _;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

/// Bytes of wrapped request that are read at most. The host takes 100 MiB from a client
/// (reference/functions-host.md#wrapped-requests); JSON doubles a text of nothing but quotes; the rest is for
/// headers and metadata. axum's own limit of 2 MB would be far too low.
pub const REQUEST_LIMIT: usize = 256 * 1024 * 1024;

/// A body above this is large. Graph's posts are far below, and so is every queue message.
const LARGE: usize = 256 * 1024;

/// Large bodies that are held side by side; the others wait unread, so that many together need no more memory
/// than these.
const LARGE_AT_ONCE: usize = 2;

static LANES: Semaphore = Semaphore::const_new(LARGE_AT_ONCE);

/// Silence after which a large body gives up its place. The host has all of it before it sends the first
/// byte.
const SILENCE: Duration = invocation_deadline::WHOLE;

/// Room for a large body: to be kept until nothing of it is held any more.
pub(crate) type Room = Option<SemaphorePermit<'static>>;

#[derive(Debug)]
pub(crate) enum Received {
    Whole(Bytes, Room),
    /// More than `keep` bytes; all of it was read, so that the host gets its answer and keeps the connection.
    TooLarge,
    /// More than [`REQUEST_LIMIT`]: the rest is unread.
    Endless,
    /// Others hold the room for large bodies.
    NoRoom,
    /// The connection broke.
    Broken,
}

pub(crate) async fn receive(body: Body, keep: usize) -> Received {
    let mut stream = body.into_data_stream();
    let (mut first, mut whole) = (Bytes::new(), Vec::new());
    let (mut read, mut room): (usize, Room) = (0, None);
    while let Some(chunk) = next(&mut stream, room.is_some()).await {
        let Ok(chunk) = chunk else { return Received::Broken };
        read += chunk.len();
        if read > keep {
            drop((first, whole, room));
            return discard(stream, read).await;
        }
        if read > LARGE && room.is_none() {
            match timeout(invocation_deadline::WHOLE, LANES.acquire()).await {
                Ok(acquired) => room = acquired.ok(),
                Err(_) => return Received::NoRoom,
            }
        }
        if first.is_empty() && whole.is_empty() {
            first = chunk;
            continue;
        }
        // Grown in place: gathering the chunks first would hold a large body twice.
        whole.extend_from_slice(&std::mem::take(&mut first));
        whole.extend_from_slice(&chunk);
    }
    Received::Whole(if whole.is_empty() { first } else { whole.into() }, room)
}

/// The next piece of a body; that of one which holds up others must come in time.
async fn next(stream: &mut BodyDataStream, holds_room: bool) -> Option<Result<Bytes, ()>> {
    let next = match holds_room {
        true => timeout(SILENCE, stream.next()).await.unwrap_or(Some(Err(axum::Error::new("silence")))),
        false => stream.next().await,
    };
    next.map(|piece| piece.map_err(drop))
}

async fn discard(mut chunks: BodyDataStream, mut read: usize) -> Received {
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else { return Received::Broken };
        read += chunk.len();
        if read > REQUEST_LIMIT {
            return Received::Endless;
        }
    }
    Received::TooLarge
}

#[cfg(test)]
#[path = "receive_tests.rs"]
mod tests;
