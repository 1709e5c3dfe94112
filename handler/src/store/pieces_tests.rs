use super::*;
use crate::replay::cases;
use proptest::prelude::*;
use serde_json::json;

fn entity(value: Value) -> Entity {
    Entity::from_iter([("long".to_owned(), value), ("short".to_owned(), json!(7))])
}

#[test]
fn what_is_short_stays_as_it_is() {
    let short = entity(json!(["a", "b"]));
    assert_eq!(cut(short.clone()), short);
    assert_eq!(join(short.clone()).unwrap(), short);
}

#[test]
fn a_piece_that_is_missing_is_an_error() {
    let mut row = cut(entity(json!("x".repeat(100_000))));
    row.remove("long__1").unwrap();
    assert!(join(row).is_err());
    let mut row = cut(entity(json!("x".repeat(100_000))));
    assert_eq!(row.len(), 5, "four pieces, and what is short");
    row.remove("long__3").unwrap();
    assert!(join(row).is_err());
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn whatever_is_long_is_taken_by_the_tables_and_read_again(
        text in r#"(json:|text:)?["\\\u{1}ü€😀a]{1,20}"#, times in 1_usize..4_000, list in any::<bool>(),
    ) {
        let long = text.repeat(times);
        let whole = entity(if list { json!([long, {"a": long}]) } else { json!(long) });
        let row = cut(whole.clone());
        let units = rules::utf16_units(&json!(whole).to_string());
        prop_assert!(rules::entity("p", "r", &row).is_ok() || units > 500_000, "{} units", units);
        prop_assert_eq!(join(row).unwrap(), whole);
    }
}
