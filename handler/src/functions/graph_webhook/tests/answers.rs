//! Statuses and bodies: the handshake, and posts that are worth nothing.

use super::{Webhook, change, wrapped};
use axum::body::Body;
use serde_json::{Value, json};

#[tokio::test]
async fn the_handshake_gives_the_token_back_as_the_host_decoded_it() {
    let webhook = Webhook::new();
    let long = "x".repeat(1024);
    for token in [
        "Validation: Testing client application reachability for subscription Request-Id: 5731e5c5",
        "a%2Bb+c&d=\"é\"",
        "{\"a\":1}",
        &long,
    ] {
        let answer =
            webhook.invoke(wrapped(&json!({ "marker": "m", "validationToken": token }), &Value::Null)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, token));
        assert_eq!(answer.content_type.as_deref(), Some("text/plain; charset=utf-8"));
        assert_eq!(answer.headers["X-Content-Type-Options"], "nosniff");
        assert!(answer.changes.is_empty() && answer.mailboxes.is_empty());
    }
    assert_eq!(webhook.counted(), "dropped: ");
}

#[tokio::test]
async fn a_token_with_markup_or_over_1_kib_is_refused_and_not_given_back() {
    let webhook = Webhook::new();
    for token in ["<script>alert(1)</script>", "a>b", "", &"x".repeat(1025), &"é".repeat(513)] {
        let answer = webhook.invoke(wrapped(&json!({ "validationToken": token }), &Value::Null)).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, ""), "{token}");
    }
    assert_eq!(webhook.counted(), "dropped: -/bad_token: 5");
}

#[tokio::test]
async fn posts_that_are_worth_nothing_are_answered_without_saying_why() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let cases: Vec<(&str, Value, u64, &str)> = vec![
        ("no body", Value::Null, 400, "-/chunked_or_empty: 1"),
        ("blank body", json!(" \r\n"), 400, "-/chunked_or_empty: 1"),
        ("no JSON", json!("value=1"), 400, "-/not_json: 1"),
        ("cut off", json!("{\"value\": [{\"clientState\""), 400, "-/not_json: 1"),
        ("two texts", json!("{} {}"), 400, "-/not_json: 1"),
        ("deep and cut off", json!("[".repeat(100_000)), 400, "-/not_json: 1"),
        ("deep array", json!(deep("[", "]")), 202, "-/no_items: 1"),
        ("deep list", json!(format!("{{\"value\":{}}}", deep("[", "]"))), 202, "-/malformed_item: 1"),
        (
            "deep items",
            json!(format!("{{\"value\":[{{\"x\":{}}}]}}", deep("{\"a\":[", "]}"))),
            202,
            "-/no_client_state: 1",
        ),
        (
            "deep field",
            json!(format!("{{\"value\":[{{\"clientState\":{}}}]}}", deep("[", "]"))),
            202,
            "-/no_client_state: 1",
        ),
        ("a number", json!("5"), 202, "-/no_items: 1"),
        ("an array", json!("[[{\"clientState\":\"x\"}]]"), 202, "-/no_items: 1"),
        ("no value", json!("{}"), 202, "-/no_items: 1"),
        ("null value", json!("{\"value\":null,\"x\":1}"), 202, "-/no_items: 1"),
        ("value of the wrong type", json!("{\"value\":{\"a\":[1]}}"), 202, "-/no_items: 1"),
        ("an empty list", json!("{\"value\":[]}"), 202, ""),
        (
            "items of the wrong type",
            json!("{\"value\":[1,\"x\",null,[\"x\"],{}]}"),
            202,
            "-/malformed_item: 4, -/no_client_state: 1",
        ),
    ];
    let webhook = Webhook::new();
    for (name, body, status, counted) in cases {
        let answer = webhook.invoke(wrapped(&json!({}), &body)).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{name}");
        assert!(answer.changes.is_empty() && answer.mailboxes.is_empty(), "{name}");
        assert_eq!(webhook.counted(), format!("dropped: {counted}"), "{name}");
    }
}

#[tokio::test]
async fn a_post_of_4_mib_is_taken_and_a_larger_one_is_413() {
    let webhook = Webhook::new();
    let sized = |size: usize| {
        let head = json!({ "value": [change("updated", "e1")] }).to_string();
        Value::String(format!("{head}{}", " ".repeat(size - head.len())))
    };
    let limit = 4 * 1024 * 1024;
    let taken = webhook.invoke(wrapped(&json!({}), &sized(limit))).await;
    assert_eq!((taken.status, taken.changes.len()), (202, 1));
    let refused = webhook.invoke(wrapped(&json!({}), &sized(limit + 1))).await;
    assert_eq!((refused.status, refused.changes.len(), refused.body.as_str()), (413, 0, ""));
    assert_eq!(webhook.counted(), "dropped: -/too_large: 1");
    let vast = webhook.invoke(Body::from(vec![b' '; 30 * limit / 4])).await;
    assert_eq!(
        (vast.status, webhook.counted().as_str()),
        (413, "dropped: -/too_large: 1"),
        "not even parsed"
    );
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_no_json_whatever_they_are_called() {
    use base64::Engine as _;
    let webhook = Webhook::new();
    let post = |bytes: &[u8]| {
        let body = base64::engine::general_purpose::STANDARD.encode(bytes);
        let wrapped = wrapped(&json!({}), &json!(body));
        webhook.invoke(wrapped.replace("application/json; charset=utf-8", "application/octet-stream"))
    };
    assert_eq!(post(b"{\"value\":[{\"clientState\":\"\xff\"}]}").await.status, 400);
    assert_eq!(webhook.counted(), "dropped: -/not_json: 1");
    let good = json!({ "value": [change("updated", "e1")] }).to_string();
    assert_eq!(post(good.as_bytes()).await.changes.len(), 1, "good JSON under another name");
}
