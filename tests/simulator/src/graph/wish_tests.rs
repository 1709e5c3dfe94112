use super::*;
use serde_json::json;

fn good() -> Value {
    json!({
        "changeType": "created,updated,deleted",
        "resource": "users/3f2c1a70-1111-4a4a-9b9b-0123456789ab/events",
        "notificationUrl": "https://hook.example.org/graph",
        "lifecycleNotificationUrl": "https://hook.example.org/graph",
        "expirationDateTime": "2026-11-28T00:00:00Z",
        "clientState": "s",
    })
}

#[test]
fn a_wish_with_one_thing_wrong_is_refused() {
    let rules = SubscriptionRules::default();
    assert!(Wish::read(Some(&good()), &rules).is_ok());
    let wrong = [
        ("changeType", json!("created,moved")),
        ("changeType", Value::Null),
        ("resource", json!("me/events")),
        ("resource", json!("users/o'hara@contoso.com/events")),
        ("resource", json!("users/x/messages")),
        ("resource", json!("users/x/events?$filter=a")),
        ("notificationUrl", json!("http://hook.example.org/graph")),
        ("notificationUrl", json!("hook")),
        ("lifecycleNotificationUrl", json!("http://hook.example.org/graph")),
        ("expirationDateTime", json!("tomorrow")),
        ("clientState", json!("x".repeat(129))),
        ("latestSupportedTlsVersion", json!("1.2")),
        ("includeResourceData", json!(true)),
    ];
    for (name, value) in wrong {
        let mut body = good();
        body[name] = value.clone();
        assert_eq!(Wish::read(Some(&body), &rules).unwrap_err().status, 400, "{name} = {value}");
    }
}
