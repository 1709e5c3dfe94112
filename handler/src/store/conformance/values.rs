//! Values: what was put in comes back the same, kind and all.

use super::{Checked, Place};
use crate::store::table::{Entity, Op};
use serde_json::{Value, json};

pub(super) async fn come_back_as_they_went_in(at: Place) -> Checked {
    for (n, value) in values().into_iter().enumerate() {
        let entity = Entity::from_iter([("value".to_owned(), value)]);
        let row = format!("{n:03}");
        at.tables.insert(at.table, &at.partition, &row, entity.clone()).await?;
        let found = at.get(&row).await?.map(|row| row.entity);
        assert_eq!(found, Some(entity), "written by insert");
    }
    let whole =
        Entity::from_iter(values().into_iter().enumerate().map(|(n, value)| (format!("v{n}"), value)));
    let etag = at.tables.insert(at.table, &at.partition, "whole", Entity::new()).await?;
    assert_eq!(at.get("whole").await?.map(|row| row.entity), Some(Entity::new()), "a row without properties");
    at.tables.replace(at.table, &at.partition, "whole", whole.clone(), &etag).await?;
    assert_eq!(at.get("whole").await?.map(|row| row.entity), Some(whole.clone()), "written by replace");
    at.batch(vec![Op::Insert { row: "batch".to_owned(), entity: whole.clone() }]).await?;
    assert_eq!(at.get("batch").await?.map(|row| row.entity), Some(whole), "written by batch");
    Ok(())
}

fn values() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(i64::from(i32::MAX) + 1),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(1.0),
        json!(-0.5),
        json!(0.1 + 0.2),
        json!(1e300),
        json!(5e-324),
        json!(""),
        json!(" \t\r\n "),
        json!("null"),
        json!("42"),
        json!("{\"looks\":\"nested\"}"),
        json!("[]"),
        json!("2026-11-21T10:00:00Z"),
        json!("11111111-2222-3333-4444-555555555555"),
        json!("Grüße, \u{1F642}, \u{65E5}\u{672C}, \"quoted\", <b>&amp;</b>"),
        json!([]),
        json!({}),
        json!([1, "two", null, [3.5]]),
        json!({"a": {"b": [null, {"c": "\u{1F642}"}]}, "": 1, "odata.type": "Edm.Int64"}),
    ]
}
