use super::*;
use serde_json::json;

fn call(body: Value) -> Call {
    let mut call = Call::new("PATCH", "users/x/events/y").unwrap();
    call.body = Some(body);
    call
}

fn code(body: Value) -> String {
    let answer = Written::read(&call(body)).unwrap_err();
    assert_eq!(answer.status, 400);
    answer.body.unwrap()["error"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn what_no_event_has_and_what_is_the_servers_is_refused() {
    for name in READ_ONLY {
        let mut body = Map::new();
        body.insert(name.to_owned(), Value::Null);
        assert_eq!(code(Value::Object(body)), "ErrorInvalidPropertySet", "{name}");
    }
    assert_eq!(code(json!({ "colour": "red" })), "RequestBodyRead");
    assert_eq!(code(json!({ "showAs": "away" })), "RequestBodyRead");
    assert_eq!(code(json!({ "importance": "urgent" })), "RequestBodyRead");
    assert_eq!(code(json!({ "body": { "contentType": "markdown", "content": "x" } })), "RequestBodyRead");
    assert_eq!(
        code(json!({ "attendees": [{ "emailAddress": { "address": "a@b" }, "type": "boss" }] })),
        "RequestBodyRead"
    );
    assert_eq!(code(json!({ "recurrence": {} })), "BadRequest");
    assert_eq!(code(json!([])), "BadRequest");
    for address in ["", "ana", "@contoso.com", "ana@", "an a@contoso.com"] {
        let attendees = json!([{ "emailAddress": { "address": address } }]);
        assert_eq!(code(json!({ "attendees": attendees })), "ErrorInvalidRecipients", "{address}");
    }
    let crowd: Vec<Value> =
        (0..501).map(|n| json!({ "emailAddress": { "address": format!("a{n}@b") } })).collect();
    assert_eq!(code(json!({ "attendees": crowd })), "ErrorInvalidRequest");
}

#[test]
fn the_id_of_an_extended_property_has_its_form() {
    let guid = "{66f5a359-4659-4830-9070-00047ec6ac6e}";
    for id in [
        format!("String {guid} Name Key"),
        format!("Integer {guid} Id 0x8012"),
        format!("String {guid} Name A b"),
    ] {
        assert!(is_property_id(&id), "{id}");
    }
    let wrong = [
        "Key".to_owned(),
        format!("String {guid} name Key"),
        format!("String {guid} Name "),
        format!("String{guid} Name Key"),
        format!("String {} Name Key", guid.trim_matches(['{', '}'])),
        format!("String {guid} Id 12"),
        "String {x} Name Key".to_owned(),
    ];
    for id in wrong {
        assert_eq!(
            code(json!({ "singleValueExtendedProperties": [{ "id": id, "value": "x" }] })),
            "ErrorInvalidProperty"
        );
    }
}

#[test]
fn a_place_without_a_name_is_none_and_one_stands_for_all() {
    let places = |body: Value| Written::read(&call(body)).unwrap().places();
    let names =
        |body: Value| -> Vec<String> { places(body).unwrap().into_iter().map(|place| place.name).collect() };
    assert_eq!(names(json!({ "location": { "displayName": "Room 1" } })), ["Room 1"]);
    assert_eq!(names(json!({ "location": { "displayName": "" } })), [""; 0]);
    assert_eq!(names(json!({ "locations": [{ "displayName": "A" }, { "displayName": "B" }] })), ["A", "B"]);
    assert_eq!(places(json!({ "subject": "x" })), None);
}
