//! Nothing works, nothing is lost, and what is wrong is said.

use super::*;
use crate::custom_handler::{readiness, router};
use crate::functions::names::{POISON_CANCELLATIONS, POISON_CHANGES, POISON_MAILBOXES, POISON_SESSIONS};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use tower::ServiceExt as _;

async fn ask(method: &str, path: &str, body: Value) -> (u16, Value) {
    let (announcer, ready) = readiness();
    let problem = Problem {
        message: "regrets.toml:10:22: bad".to_owned(),
        key: Some("tenant.contoso.policy.grace".to_owned()),
        line: Some(10),
        column: Some(22),
    };
    announcer.ready(app(Reason { error: "configuration", problems: vec![problem] }));
    let request = Request::builder().method(method).uri(path).body(Body::from(body.to_string())).unwrap();
    let response = router(ready).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn status_says_what_is_wrong_and_where() {
    let problem = json!({
        "message": "regrets.toml:10:22: bad", "key": "tenant.contoso.policy.grace", "line": 10, "column": 22,
    });
    for path in ["status", "enrolments/1/approve"] {
        let (status, body) = ask("GET", &format!("{}/{path}", route::MANAGE_PREFIX), Value::Null).await;
        assert_eq!((status, body), (503, json!({ "error": "configuration", "problems": [problem] })));
    }
}

/// Each function but those of the poison queues, which could lose their messages by failing.
#[tokio::test]
async fn every_invocation_fails_and_a_poisoned_message_goes_back_to_its_queue() {
    let text = r#"{"v":1,"tenant":"contoso"}"#;
    let message = json!({ "Data": { "message": json!(text).to_string() }, "Metadata": {} });
    let back = [
        (POISON_CHANGES, binding::CHANGES),
        (POISON_MAILBOXES, binding::MAILBOXES),
        (POISON_SESSIONS, binding::SESSIONS),
        (POISON_CANCELLATIONS, binding::CANCELLATIONS),
    ];
    for name in NAMES {
        let (status, body) = ask("POST", &format!("/{name}"), message.clone()).await;
        match back.iter().find(|(poison, _)| *poison == name) {
            Some((_, output)) => {
                assert_eq!((status, &body["Outputs"]), (200, &json!({ *output: [text] })), "{name}")
            }
            None => assert_eq!(status, 500, "{name}: {body}"),
        }
    }
}
