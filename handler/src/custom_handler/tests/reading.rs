//! Invocations in the host's shapes (reference/functions-host.md#wrapped-requests).

use super::read;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const MESSAGE: &str = r#"{"jobId":"a1","n":2}"#;

fn queue(value: &Value) -> String {
    json!({
        "Data": { "message": value },
        "Metadata": {
            "DequeueCount": "1", "ExpirationTime": "2026-11-28T10:00:00+00:00",
            "Id": "\"6f9f4c1e-0a52-4d2f-9d52-2f6f3f6f7a10\"", "jobId": "\"a1\"", "n": "\"2\"",
            "sys": { "MethodName": "worker", "UtcNow": "2026-11-21T10:00:05.1234567Z" },
        },
    })
    .to_string()
}

async fn queue_text(body: String) -> String {
    read(body, |invocation| Ok(invocation.queue_text("message")?)).await
}

#[tokio::test]
async fn a_queue_text_is_the_same_however_often_the_host_encoded_it() {
    let twice = Value::String(Value::String(MESSAGE.to_owned()).to_string());
    let cases = [
        ("twice, as the host does", twice, MESSAGE),
        ("once, as old hosts did", json!(MESSAGE), MESSAGE),
        ("parsed", serde_json::from_str(MESSAGE).unwrap(), MESSAGE),
        ("binary", json!(STANDARD.encode(MESSAGE)), MESSAGE),
        ("plain text, twice", json!("\"hello\""), "hello"),
        ("plain text, once", json!("hello"), "hello"),
        ("text that looks like base64, twice", json!("\"abcd\""), "abcd"),
        ("text that looks like base64, once", json!("abcd"), "abcd"),
        ("a JSON string as the message, twice", json!("\"\\\"x\\\"\""), "\"x\""),
        ("empty, twice", json!("\"\""), ""),
        ("a number", json!(5), "5"),
    ];
    for (name, value, expected) in cases {
        assert_eq!(queue_text(queue(&value)).await, expected, "{name}");
    }
}

#[tokio::test]
async fn what_a_message_writes_into_the_metadata_changes_nothing() {
    let body = r#"{ "Metadata": { "message": "\"forged\"", "DequeueCount": {"a": []}, "Data": "x", "sys": null },
                    "Data": { "other": 1, "message": "\"true\"" }, "Unknown": [{}] }"#;
    assert_eq!(queue_text(body.to_owned()).await, "true");
}

#[tokio::test]
async fn a_bad_invocation_fails_and_says_what_is_wrong() {
    let mut errors = Vec::new();
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"Data": null}"#,
        r#"{"Data": {"msg": 1, "x": 2}}"#,
        r#"{"Data": 5}"#,
    ] {
        errors.push(format!("{body} => {}", queue_text(body.to_owned()).await));
    }
    errors.push(format!(
        "bad UTF-8 => {}",
        read(b"{\"Data\": {\"message\": \"\xff\"}}".as_slice(), |invocation| {
            Ok(invocation.queue_text("message")?)
        })
        .await
    ));
    insta::assert_snapshot!(errors.join("\n"), @r#"
     => failed: the invocation has no body; the Functions host sends {"Data": {…}, "Metadata": {…}}
    { => failed: the invocation's body is not the Functions host's JSON object (line 1, column 1); is this handler called by something else?
    [] => failed: the invocation's body is not the Functions host's JSON object (line 1, column 0); is this handler called by something else?
    null => failed: the invocation's body is not the Functions host's JSON object (line 1, column 4); is this handler called by something else?
    {} => failed: the invocation has no binding `message` (it has: none); compare function.json
    {"Data": null} => failed: the invocation has no binding `message` (it has: none); compare function.json
    {"Data": {"msg": 1, "x": 2}} => failed: the invocation has no binding `message` (it has: msg, x); compare function.json
    {"Data": 5} => failed: the invocation's body is not the Functions host's JSON object (line 1, column 10); is this handler called by something else?
    bad UTF-8 => failed: the invocation's body is not the Functions host's JSON object (line 1, column 23); is this handler called by something else?
    "#);
}

fn http(request: Value) -> String {
    json!({ "Data": { "req": request }, "Metadata": { "id": "\"5\"", "Headers": {}, "Query": "?x" } })
        .to_string()
}

fn host_request() -> Value {
    json!({
        "Url": "https://host.example/api/order?x=1&x=2", "Method": "POST",
        "Query": { "x": "1,2", "token": "a+b%2Bc d" },
        "Headers": { "Content-Type": ["application/json"], "Accept": ["*/*", "text/plain"], "X-Old": "one" },
        "Params": { "id": "5", "missing": null, "number": 7 },
        "Identities": [ { "AuthenticationType": null, "IsAuthenticated": false, "Claims": [] } ],
        "Body": "{\"id\":1005}", "New": { "deep": [1, { "x": null }] },
    })
}

async fn seen(request: Value) -> String {
    read(http(request), |invocation| {
        let (request, body) = invocation.http_request("req", |body| match std::str::from_utf8(body) {
            Ok(text) => format!("text {text}"),
            Err(_) => format!("binary {body:?}"),
        })?;
        let body = body.unwrap_or_else(|| "none".to_owned());
        Ok(format!(
            "{} {} x={:?} token={:?} type={:?} accept={:?} old={:?} id={:?} missing={:?} number={:?} body: \
             {body}",
            request.method,
            request.url,
            request.query("x"),
            request.query("token"),
            request.header("content-type"),
            request.header("ACCEPT"),
            request.header("x-old"),
            request.param("id"),
            request.param("missing"),
            request.param("number"),
        ))
    })
    .await
}

#[tokio::test]
async fn an_http_request_is_read_as_the_host_wraps_it() {
    insta::assert_snapshot!(seen(host_request()).await,
    @r#"POST https://host.example/api/order?x=1&x=2 x=Some("1,2") token=Some("a+b%2Bc d") type=Some("application/json") accept=Some("*/*") old=Some("one") id=Some("5") missing=None number=Some("7") body: text {"id":1005}"#);
}

#[tokio::test]
async fn old_and_odd_hosts_requests_are_read_too() {
    let with = |changes: &[(&str, Value)]| {
        let mut request = host_request();
        for (key, value) in changes {
            request[*key] = value.clone();
        }
        request
    };
    let stream = json!({ "content-type": ["application/octet-stream"] });
    let cases = [
        (
            "query as an object's text",
            with(&[("Query", json!("{\"x\":\"1\",\"token\":\"a%2Bb\"}"))]),
            "x=Some(\"1\") token=Some(\"a%2Bb\")",
        ),
        (
            "query as a query string",
            with(&[("Query", json!("?x=1&token=a%2Bb"))]),
            "x=Some(\"1\") token=Some(\"a+b\")",
        ),
        ("no query", with(&[("Query", Value::Null)]), "x=None"),
        ("no body", with(&[("Body", Value::Null)]), "body: none"),
        ("parsed body", with(&[("Body", json!({ "id": [1] }))]), "body: text {\"id\":[1]}"),
        ("octets", with(&[("Headers", stream.clone()), ("Body", json!("AP8="))]), "body: binary [0, 255]"),
        ("octets that are no base64", with(&[("Headers", stream), ("Body", json!("{}"))]), "body: text {}"),
        ("nothing at all", json!({}), "body: none"),
        ("null", Value::Null, "failed: binding `req` of the invocation can't be read as an HTTP request"),
    ];
    for (name, request, expected) in cases {
        let seen = seen(request).await;
        assert!(seen.contains(expected), "{name}: {seen}");
    }
}

async fn timer(value: Value) -> String {
    let body = json!({ "Data": { "timer": value }, "Metadata": { "sys": {} } }).to_string();
    read(body, |invocation| {
        let timer = invocation.timer("timer")?;
        let time = |time: Option<chrono::DateTime<chrono::Utc>>| {
            time.map_or("-".to_owned(), |time| time.to_rfc3339())
        };
        let status = timer.schedule_status.map_or("unmonitored".to_owned(), |status| {
            format!("{} {} {}", time(status.last), time(status.next), time(status.last_updated))
        });
        Ok(format!("{} {status}", if timer.is_past_due { "late" } else { "due" }))
    })
    .await
}

#[tokio::test]
async fn a_timer_is_read_whatever_its_dates_look_like() {
    let status =
        |last: &str| json!({ "Last": last, "Next": "2026-11-21T10:00:00+00:00", "LastUpdated": "soon" });
    let cases = [
        (
            json!({ "Schedule": {}, "ScheduleStatus": status("2026-11-21T10:55:00.0012+01:00"),
            "IsPastDue": true }),
            "late 2026-11-21T09:55:00.001200+00:00 2026-11-21T10:00:00+00:00 -",
        ),
        (
            json!({ "ScheduleStatus": status("0001-01-01T00:00:00"), "IsPastDue": false }),
            "due - 2026-11-21T10:00:00+00:00 -",
        ),
        (
            json!({ "ScheduleStatus": status("0001-01-01T00:00:00+01:00") }),
            "due - 2026-11-21T10:00:00+00:00 -",
        ),
        (
            json!({ "ScheduleStatus": status("2026-11-21T09:55:00") }),
            "due 2026-11-21T09:55:00+00:00 2026-11-21T10:00:00+00:00 -",
        ),
        (json!({ "ScheduleStatus": null, "IsPastDue": false }), "due unmonitored"),
        (json!("{\"ScheduleStatus\":null,\"IsPastDue\":true}"), "late unmonitored"),
        (json!({ "isPastDue": "True", "ScheduleStatus": 5 }), "late unmonitored"),
        (Value::Null, "due unmonitored"),
    ];
    for (value, expected) in cases {
        assert_eq!(timer(value.clone()).await, expected, "{value}");
    }
}
