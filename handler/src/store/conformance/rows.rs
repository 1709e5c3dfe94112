//! Single rows: insert, replace, delete, and the versions that tie them together.

use super::{Checked, Place, entity};
use crate::store::table::{Etag, Row, StoreError, Table};

pub(super) async fn insert_then_get(at: Place) -> Checked {
    assert_eq!(at.get("a").await?, None);
    let etag = at.insert("a", 1).await?;
    let expected = Row { partition: at.partition.clone(), row: "a".to_owned(), etag, entity: entity(1) };
    assert_eq!(at.get("a").await?, Some(expected));
    Ok(())
}

pub(super) async fn insert_on_a_row_exists(at: Place) -> Checked {
    at.insert("a", 1).await?;
    let again = at.insert("a", 2).await;
    assert!(matches!(again, Err(StoreError::Exists)), "{again:?}");
    assert_eq!(at.count("a").await?, Some(1), "the first insert stands");
    Ok(())
}

pub(super) async fn replace_needs_the_very_version(at: Place) -> Checked {
    let missing = at.replace("a", 1, &Etag("0".to_owned())).await;
    assert!(matches!(missing, Err(StoreError::Stale)), "nothing to replace: {missing:?}");
    let first = at.insert("a", 1).await?;
    let second = at.replace("a", 2, &first).await?;
    assert_ne!(first, second, "each write gives a new version");
    let late = at.replace("a", 3, &first).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(at.count("a").await?, Some(2));
    let same = at.replace("a", 2, &second).await?;
    assert_ne!(second, same, "a write that changes nothing is still a write");
    assert_eq!(at.get("a").await?.map(|row| row.etag), Some(same));
    Ok(())
}

pub(super) async fn delete_with_and_without_etag(at: Place) -> Checked {
    at.delete("a", None).await?;
    let missing = at.delete("a", Some(&Etag("0".to_owned()))).await;
    assert!(matches!(missing, Err(StoreError::Stale)), "nothing to delete: {missing:?}");
    let first = at.insert("a", 1).await?;
    let second = at.replace("a", 2, &first).await?;
    let late = at.delete("a", Some(&first)).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(at.count("a").await?, Some(2));
    at.delete("a", Some(&second)).await?;
    assert_eq!(at.get("a").await?, None);
    at.insert("a", 3).await?;
    at.delete("a", None).await?;
    assert_eq!(at.get("a").await?, None);
    Ok(())
}

pub(super) async fn a_deleted_row_never_gets_its_version_back(at: Place) -> Checked {
    let first = at.insert("a", 1).await?;
    at.delete("a", Some(&first)).await?;
    let second = at.insert("a", 1).await?;
    assert_ne!(first, second);
    let late = at.replace("a", 2, &first).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    let late = at.delete("a", Some(&first)).await;
    assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
    assert_eq!(at.count("a").await?, Some(1));
    Ok(())
}

pub(super) async fn keys_are_told_apart(at: Place) -> Checked {
    let rows = ["a", "A", "a ", "\u{e4}", "a\u{308}", "", "%2F", "'", "a'b", "a&b", "a+b", "a=b:c;d,e.f"];
    for (n, row) in (1..).zip(rows) {
        at.insert(row, n).await?;
    }
    for (n, row) in (1..).zip(rows) {
        assert_eq!(at.count(row).await?, Some(n), "row key {row:?}");
    }
    let elsewhere = Place { partition: format!("{}'", at.partition), tables: at.tables.clone(), ..at };
    assert_eq!(elsewhere.get("a").await?, None, "another partition");
    elsewhere.insert("a", 7).await?;
    let other_table = Place { table: Table::Links, ..elsewhere };
    assert_eq!(other_table.get("a").await?, None, "another table");
    Ok(())
}
