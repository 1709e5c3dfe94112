//! Limits: what a table refuses is refused as [`StoreError::Invalid`] with the rule's name, and what just
//! fits goes in.

use super::{Checked, Place, entity};
use crate::store::rules;
use crate::store::table::{Entity, Etag, Op, RowRange, StoreError};
use serde_json::{Value, json};
use std::fmt::Debug;

#[track_caller]
fn refused<T: Debug>(result: Result<T, StoreError>, rule: &str) {
    match result {
        Err(StoreError::Invalid(why)) => assert!(why.contains(rule), "{why:?} does not say {rule:?}"),
        other => assert!(matches!(other, Err(StoreError::Invalid(_))), "should break {rule:?}: {other:?}"),
    }
}

fn one(name: &str, value: Value) -> Entity {
    Entity::from_iter([(name.to_owned(), value)])
}

pub(super) async fn keys(at: Place) -> Checked {
    for bad in ["a/b", "a\\b", "a#b", "a?b", "a\tb", "a\nb", "a\u{0}b", "a\u{7f}b", "a\u{85}b"] {
        refused(at.insert(bad, 1).await, "a row key holds no");
        refused(at.get(bad).await, "a row key holds no");
        refused(at.replace(bad, 1, &Etag("0".to_owned())).await, "a row key holds no");
        refused(at.delete(bad, None).await, "a row key holds no");
        refused(
            at.batch(vec![Op::Insert { row: bad.to_owned(), entity: entity(1) }]).await,
            "a row key holds no",
        );
        refused(at.tables.insert(at.table, bad, "a", entity(1)).await, "a partition key holds no");
        refused(at.tables.scan(at.table, bad, RowRange::all(), 1).await, "a partition key holds no");
    }
    at.insert(&"k".repeat(rules::KEY_UTF16_UNITS), 1).await?;
    refused(at.insert(&"k".repeat(rules::KEY_UTF16_UNITS + 1), 1).await, "a row key has at most");
    // Three bytes of UTF-8 each, one unit of UTF-16.
    refused(at.insert(&"\u{65E5}".repeat(342), 1).await, "a row key has at most");
    Ok(())
}

pub(super) async fn properties(at: Place) -> Checked {
    let many = |count: usize| Entity::from_iter((0..count).map(|n| (format!("p{n}"), json!(n))));
    at.tables.insert(at.table, &at.partition, "most", many(rules::PROPERTIES)).await?;
    refused(
        at.tables.insert(at.table, &at.partition, "a", many(rules::PROPERTIES + 1)).await,
        "a row has at most 252",
    );
    for bad in ["", "1st", "a-b", "a.b", "a b", "odata.etag", "größe"] {
        refused(
            at.tables.insert(at.table, &at.partition, "a", one(bad, json!(1))).await,
            "a property name is",
        );
    }
    refused(
        at.tables.insert(at.table, &at.partition, "a", one(&"p".repeat(256), json!(1))).await,
        "a property name is",
    );
    for taken in ["PartitionKey", "RowKey", "Timestamp"] {
        refused(
            at.tables.insert(at.table, &at.partition, "a", one(taken, json!(1))).await,
            "belongs to the service",
        );
    }
    refused(
        at.tables.insert(at.table, &at.partition, "a", one("n", json!(u64::MAX))).await,
        "an integer is at most",
    );
    assert_eq!(at.get("a").await?, None, "nothing of what was refused is there");
    Ok(())
}

pub(super) async fn sizes(at: Place) -> Checked {
    let fits = "x".repeat(rules::STRING_UTF16_UNITS);
    at.tables.insert(at.table, &at.partition, "fits", one("text", json!(fits))).await?;
    let insert = |entity| at.tables.insert(at.table, &at.partition, "a", entity);
    refused(insert(one("text", json!(format!("{fits}x")))).await, "a property has at most");
    // Two units each.
    refused(insert(one("text", json!("\u{1F642}".repeat(16 * 1024 + 1)))).await, "a property has at most");
    refused(insert(one("nested", json!([fits]))).await, "a property has at most");
    let large = |count: usize| Entity::from_iter((0..count).map(|n| (format!("p{n:02}"), json!(fits))));
    at.tables.insert(at.table, &at.partition, "large", large(15)).await?;
    refused(insert(large(16)).await, "a row has at most 1048576 bytes");
    Ok(())
}

pub(super) async fn batches(at: Place) -> Checked {
    let insert = |n: usize, entity| Op::Insert { row: format!("{n:03}"), entity };
    let too_many = (0..=rules::BATCH_OPS).map(|n| insert(n, entity(1))).collect();
    refused(at.batch(too_many).await, "a batch has at most 100 operations");
    let twice = vec![insert(1, entity(1)), Op::Delete { row: "001".to_owned(), etag: Etag("0".to_owned()) }];
    refused(at.batch(twice).await, "each row once");
    let large = Entity::from_iter(
        (0..15).map(|n| (format!("p{n:02}"), json!("x".repeat(rules::STRING_UTF16_UNITS)))),
    );
    let too_large = (0..5).map(|n| insert(n, large.clone())).collect();
    refused(at.batch(too_large).await, "a batch has at most 4194304 bytes");
    assert_eq!(at.scan(RowRange::all(), 10).await?.rows, Vec::new(), "nothing of what was refused is there");
    Ok(())
}

pub(super) async fn pages(at: Place) -> Checked {
    refused(at.scan(RowRange::all(), 0).await, "a page has 1 to 1000 rows");
    refused(at.scan(RowRange::all(), rules::PAGE_ROWS + 1).await, "a page has 1 to 1000 rows");
    Ok(())
}
