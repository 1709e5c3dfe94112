//! Batches: all or nothing.

use super::{Checked, Place, entity};
use crate::store::table::{Etag, Op, RowRange, StoreError};

fn insert(row: &str, n: i64) -> Op {
    Op::Insert { row: row.to_owned(), entity: entity(n) }
}

pub(super) async fn do_all_their_operations(at: Place) -> Checked {
    at.batch(Vec::new()).await?;
    let changed = at.insert("changed", 1).await?;
    let gone = at.insert("gone", 1).await?;
    at.batch(vec![
        insert("new", 1),
        Op::Replace { row: "changed".to_owned(), entity: entity(2), etag: changed.clone() },
        Op::Delete { row: "gone".to_owned(), etag: gone },
    ])
    .await?;
    assert_eq!(at.count("new").await?, Some(1));
    assert_eq!(at.count("changed").await?, Some(2));
    assert_eq!(at.get("gone").await?, None);
    let late = at.replace("changed", 3, &changed).await;
    assert!(matches!(late, Err(StoreError::Stale)), "a batch gives new versions too: {late:?}");
    Ok(())
}

pub(super) async fn put_what_is_new_and_what_is_there(at: Place) -> Checked {
    let old = at.insert("there", 1).await?;
    let put = |row: &str, n| Op::Put { row: row.to_owned(), entity: entity(n) };
    for n in [2, 2, 3] {
        at.batch(vec![put("there", n), put("new", n)]).await?;
        assert_eq!((at.count("there").await?, at.count("new").await?), (Some(n), Some(n)));
    }
    let late = at.replace("there", 4, &old).await;
    assert!(matches!(late, Err(StoreError::Stale)), "what is put is a new version: {late:?}");
    Ok(())
}

pub(super) async fn change_nothing_when_one_fails(at: Place) -> Checked {
    let old = at.insert("a", 1).await?;
    let now = at.replace("a", 2, &old).await?;
    let b = at.insert("b", 1).await?;
    let before = at.scan(RowRange::all(), 10).await?;

    let good =
        || vec![insert("new", 1), Op::Replace { row: "b".to_owned(), entity: entity(9), etag: b.clone() }];
    let missing = || Etag("0".to_owned());
    let stale = [
        Op::Replace { row: "a".to_owned(), entity: entity(3), etag: old.clone() },
        Op::Delete { row: "a".to_owned(), etag: old.clone() },
        Op::Replace { row: "missing".to_owned(), entity: entity(3), etag: missing() },
        Op::Delete { row: "missing".to_owned(), etag: missing() },
    ];
    for op in stale {
        for at_front in [true, false] {
            let mut ops = good();
            ops.insert(if at_front { 0 } else { ops.len() }, op.clone());
            let failed = at.batch(ops).await;
            assert!(matches!(failed, Err(StoreError::Stale)), "{op:?}: {failed:?}");
            assert_eq!(at.scan(RowRange::all(), 10).await?, before, "{op:?}");
        }
    }
    let mut ops = good();
    ops.push(insert("a", 5));
    let failed = at.batch(ops).await;
    assert!(matches!(failed, Err(StoreError::Exists)), "{failed:?}");
    assert_eq!(at.scan(RowRange::all(), 10).await?, before);

    let mut ops = good();
    ops.push(Op::Delete { row: "a".to_owned(), etag: now });
    at.batch(ops).await
}

pub(super) async fn of_a_hundred(at: Place) -> Checked {
    at.batch((0..100).map(|n| insert(&format!("{n:03}"), n)).collect()).await?;
    assert_eq!(at.scan(RowRange::all(), 1000).await?.rows.len(), 100);
    Ok(())
}
