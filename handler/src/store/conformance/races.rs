//! Several writers at once.

use super::{Checked, Place, entity};
use crate::store::table::{Etag, Op, RowRange, StoreError};
use std::sync::Arc;
use tokio::task::JoinSet;

const WRITERS: i64 = 8;

/// The winner's number; fails when there is not exactly one, or when a loser lost for another reason.
async fn winner(mut race: JoinSet<(i64, Result<Etag, StoreError>)>) -> i64 {
    let mut winners = Vec::new();
    while let Some(joined) = race.join_next().await {
        match joined {
            Ok((n, Ok(_))) => winners.push(n),
            Ok((_, Err(error))) => assert!(error.is_lost_race(), "{error}"),
            Err(error) => assert!(!error.is_panic(), "{error}"),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    winners.into_iter().sum()
}

pub(super) async fn one_of_many_replaces_wins(at: Place) -> Checked {
    let (at, etag) = (Arc::new(at), Etag(String::new()));
    let mut read = at.insert("a", -1).await.unwrap_or(etag);
    for _ in 0..5 {
        let mut race = JoinSet::new();
        for n in 0..WRITERS {
            let (at, read) = (Arc::clone(&at), read.clone());
            race.spawn(async move { (n, at.replace("a", n, &read).await) });
        }
        let won = winner(race).await;
        assert_eq!(at.count("a").await?, Some(won));
        read = at.get("a").await?.map_or(read, |row| row.etag);
    }
    Ok(())
}

pub(super) async fn one_of_many_inserts_wins(at: Place) -> Checked {
    let at = Arc::new(at);
    let mut race = JoinSet::new();
    for n in 0..WRITERS {
        let at = Arc::clone(&at);
        race.spawn(async move { (n, at.insert("a", n).await) });
    }
    let won = winner(race).await;
    assert_eq!(at.count("a").await?, Some(won));
    Ok(())
}

pub(super) async fn many_writers_count_right(at: Place) -> Checked {
    const EACH: i64 = 10;
    let at = Arc::new(at);
    at.insert("counter", 0).await?;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let at = Arc::clone(&at);
        writers.spawn(async move {
            for _ in 0..EACH {
                add_one(&at).await?;
            }
            Ok::<(), StoreError>(())
        });
    }
    while let Some(joined) = writers.join_next().await {
        assert!(matches!(joined, Ok(Ok(()))), "{joined:?}");
    }
    assert_eq!(at.count("counter").await?, Some(WRITERS * EACH));
    Ok(())
}

/// Reads and decides again until the write was on the version that was read.
async fn add_one(at: &Place) -> Checked {
    loop {
        let Some(row) = at.get("counter").await? else { return Err(StoreError::Stale) };
        let n = row.entity.get("n").and_then(serde_json::Value::as_i64).unwrap_or(i64::MIN);
        match at.replace("counter", n + 1, &row.etag).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_lost_race() => {}
            Err(error) => return Err(error),
        }
    }
}

pub(super) async fn a_batch_is_seen_whole(at: Place) -> Checked {
    let at = Arc::new(at);
    let rows = ["a", "b", "c"];
    for row in rows {
        at.insert(row, 0).await?;
    }
    let writer = tokio::spawn({
        let at = Arc::clone(&at);
        async move {
            for n in 1..=20 {
                let read = at.scan(RowRange::all(), 10).await?.rows;
                let ops = read.into_iter().map(|row| Op::Replace {
                    row: row.row,
                    entity: entity(n),
                    etag: row.etag,
                });
                at.batch(ops.collect()).await?;
            }
            Ok::<(), StoreError>(())
        }
    });
    while !writer.is_finished() {
        // A store without I/O would never let the writer have its turn.
        tokio::task::yield_now().await;
        let seen = at.scan(RowRange::all(), 10).await?.rows;
        assert!(
            seen.iter().all(|row| seen.first().is_some_and(|first| first.entity == row.entity)),
            "{seen:?}"
        );
    }
    let written = writer.await;
    assert!(matches!(written, Ok(Ok(()))), "{written:?}");
    assert_eq!(at.count("c").await?, Some(20));
    Ok(())
}
