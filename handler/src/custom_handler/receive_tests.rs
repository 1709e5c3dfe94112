//! How many large bodies are held side by side.

use super::{LARGE, LARGE_AT_ONCE, Received, receive};
use axum::body::{Body, Bytes};
use futures::{FutureExt as _, stream};
use std::convert::Infallible;

fn large() -> Body {
    let pieces = [vec![b'['; LARGE], vec![b']']];
    Body::from_stream(stream::iter(pieces.map(|piece| Ok::<_, Infallible>(Bytes::from(piece)))))
}

#[tokio::test]
async fn no_more_large_bodies_are_held_than_there_is_room_for() {
    let mut held = Vec::new();
    for _ in 0..LARGE_AT_ONCE {
        held.push(receive(large(), usize::MAX).await);
    }
    let mut next = Box::pin(receive(large(), usize::MAX));
    assert!(next.as_mut().now_or_never().is_none(), "it waits");
    held.pop();
    assert!(matches!(next.await, Received::Whole(_, Some(_))));
}
