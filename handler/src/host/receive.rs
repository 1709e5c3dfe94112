//! Reading an invocation's body: chunked or not, never more than the function cares for.

use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;

/// Bytes of wrapped request that are read at most. The host takes 100 MiB from a client (contract sheet 2.5); JSON doubles
/// a text of nothing but quotes; the rest is for headers and metadata. axum's own limit of 2 MB would be far too low.
pub const REQUEST_LIMIT: usize = 256 * 1024 * 1024;

const FIRST_BUFFER: usize = 64 * 1024;

#[derive(Debug)]
pub(crate) enum Received {
    Whole(Bytes),
    /// More than `keep` bytes; all of it was read, so that the host gets its answer and keeps the connection.
    TooLarge,
    /// More than [`REQUEST_LIMIT`]: the rest is unread.
    Endless,
    /// The connection broke.
    Broken,
}

pub(crate) async fn receive(body: Body, keep: usize) -> Received {
    let mut chunks = body.into_data_stream();
    let first = match chunks.next().await {
        None => return Received::Whole(Bytes::new()),
        Some(Ok(first)) => first,
        Some(Err(_)) => return Received::Broken,
    };
    if first.len() > keep {
        return discard(chunks, first.len()).await;
    }
    let mut whole: Option<BytesMut> = None;
    while let Some(chunk) = chunks.next().await {
        let Ok(chunk) = chunk else { return Received::Broken };
        let buffer = whole.get_or_insert_with(|| {
            let mut buffer = BytesMut::with_capacity(FIRST_BUFFER.max(2 * first.len()));
            buffer.extend_from_slice(&first);
            buffer
        });
        if buffer.len() + chunk.len() > keep {
            let read = buffer.len() + chunk.len();
            drop(whole);
            return discard(chunks, read).await;
        }
        buffer.extend_from_slice(&chunk);
    }
    Received::Whole(whole.map_or(first, BytesMut::freeze))
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
