use super::*;

fn there_and_back(value: Value) -> Value {
    let entity = Entity::from_iter([("value".to_owned(), value)]);
    let mut body = encode("p", "r", &entity);
    body.insert("odata.etag".to_owned(), json!("W/\"1\""));
    body.insert("odata.metadata".to_owned(), json!("http://127.0.0.1/$metadata#x/@Element"));
    body.insert("Timestamp".to_owned(), json!("2026-11-21T10:00:00.1Z"));
    body.insert("Timestamp@odata.type".to_owned(), json!("Edm.DateTime"));
    let mut back = decode(body).unwrap();
    assert_eq!((back.row.as_str(), back.etag), ("r", Some(Etag("W/\"1\"".to_owned()))));
    assert_eq!(back.entity.len(), 1, "{:?}", back.entity);
    back.entity.remove("value").unwrap()
}

#[test]
fn every_kind_comes_back() {
    for value in [
        json!(null),
        json!(true),
        json!(0),
        json!(i32::MIN),
        json!(i64::from(i32::MAX) + 1),
        json!(i64::MIN),
        json!(1.0),
        json!(5e-324),
        json!(""),
        json!("json:"),
        json!("json:[1]"),
        json!("text:json:1"),
        json!("2026-11-21T10:00:00Z"),
        json!([]),
        json!({"a": [1, null, "json:2"]}),
    ] {
        assert_eq!(there_and_back(value.clone()), value);
    }
}

#[test]
fn a_whole_number_that_was_a_fraction_stays_one() {
    // Some services print 1.0 as 1.
    let body = json!({"RowKey": "r", "v": 1, "v@odata.type": "Edm.Double"});
    let Value::Object(body) = body else { panic!("{body}") };
    assert_eq!(decode(body).unwrap().entity.get("v"), Some(&json!(1.0)));
}

#[test]
fn what_somebody_else_wrote_is_told_by_its_property() {
    for (body, told) in [
        (json!({"v": 1}), "it has no RowKey"),
        (json!({"RowKey": "r", "v": "json:{hunter2"}), "the property v is not the JSON it is said to be"),
        (json!({"RowKey": "r", "v": "x", "v@odata.type": "Edm.Int64"}), "the property v is not the integer"),
    ] {
        let Value::Object(body) = body else { panic!("{body}") };
        let why = decode(body).unwrap_err();
        assert!(why.starts_with(told), "{why}");
    }
}
