//! Reading an invocation's body: chunked or not, never more than the function cares for.

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures::StreamExt as _;

/// Bytes of wrapped request that are read at most. The host takes 100 MiB from a client (contract sheet 2.5); JSON doubles
/// a text of nothing but quotes; the rest is for headers and metadata. axum's own limit of 2 MB would be far too low.
pub const REQUEST_LIMIT: usize = 256 * 1024 * 1024;

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
    let mut stream = body.into_data_stream();
    let mut chunks: Vec<Bytes> = Vec::new();
    let mut read = 0;
    while let Some(chunk) = stream.next().await {
        let Ok(chunk) = chunk else { return Received::Broken };
        read += chunk.len();
        if read > keep {
            drop(chunks);
            return discard(stream, read).await;
        }
        chunks.push(chunk);
    }
    match <[Bytes; 1]>::try_from(chunks) {
        Ok([whole]) => Received::Whole(whole),
        Err(chunks) => Received::Whole(chunks.concat().into()),
    }
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
