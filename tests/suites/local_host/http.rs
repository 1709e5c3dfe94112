//! HTTP triggers: routes, keys, the wrapped request and every way to answer it, forward mode.

use super::stage::{PATIENCE, Stage, TOKEN, outputs};
use anyhow::Result;
use functions_local_host::{Chaos, Level, Picks};
use serde_json::{Value, json};
use std::time::Duration;

async fn post(url: &str, body: &str) -> Result<(u16, String)> {
    let response = reqwest::Client::new().post(url).body(body.to_owned()).send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

#[tokio::test]
async fn routes_methods_and_keys_decide_who_gets_in() -> Result<()> {
    let stage = Stage::new()?;
    let http = |level: &str, methods: Value, route: &str| {
        json!([
            { "type": "httpTrigger", "name": "req", "authLevel": level, "methods": methods, "route": route },
            { "type": "http", "direction": "out", "name": "res" },
        ])
    };
    stage.function("open", http("anonymous", json!(["post"]), "graph/notifications"))?;
    stage.function("keyed", http("function", json!(["get"]), "keyed/{*rest}"))?;
    stage.function("master", http("admin", json!(["get"]), "master"))?;
    stage
        .function("tick", json!([{ "type": "timerTrigger", "name": "timer", "schedule": "0 0 0 1 1 *" }]))?;
    let host = stage.start().await?;
    let (function, master) = (host.keys().function.clone(), host.keys().master.clone());
    let client = reqwest::Client::new();
    let rows: Vec<(&str, String, Option<&str>, u16)> = vec![
        ("GET", "/".into(), None, 200),
        ("POST", "/api/graph/notifications".into(), None, 204),
        ("GET", "/api/graph/notifications".into(), None, 404),
        ("POST", "/graph/notifications".into(), None, 404),
        ("POST", "/open".into(), None, 404),
        ("GET", "/API/Keyed/A/b/".into(), Some(&function), 204),
        ("GET", format!("/api/keyed/{}", "a".repeat(8 * 1024)), Some(&function), 414),
        ("GET", "/api/keyed/a/b".into(), None, 401),
        ("GET", "/api/keyed/a/b".into(), Some("wrong"), 401),
        ("GET", "/api/keyed/a/b".into(), Some(&function), 204),
        ("GET", format!("/api/keyed?code={function}"), None, 204),
        ("GET", "/api/master".into(), Some(&function), 401),
        ("GET", "/api/master".into(), Some(&master), 204),
        ("POST", "/admin/functions/tick".into(), Some(&function), 401),
        ("GET", "/admin/functions/tick".into(), Some(&master), 405),
        ("POST", "/admin/functions/nobody".into(), Some(&master), 404),
        ("POST", "/admin/functions/open".into(), Some(&master), 400),
        ("POST", "/admin/functions/tick".into(), Some(&master), 202),
    ];
    for (method, path, key, expected) in rows {
        let mut request = client.request(method.parse()?, format!("{}{path}", host.url()));
        if let Some(key) = key {
            request = request.header("x-functions-key", key);
        }
        assert_eq!(request.send().await?.status().as_u16(), expected, "{method} {path} with {key:?}");
    }
    stage.calls("tick", 1).await?;
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_handler_is_posted_a_chunked_body_at_the_functions_name_with_the_hosts_headers() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    let host = stage.start().await?;
    let request = reqwest::Client::new()
        .post(format!("{}/api/submit?validationToken=a%2Bb", host.url()))
        .header("x-ms-client-principal", "forged")
        .header("content-type", "application/json")
        .body(r#"{"a":1}"#);
    assert_eq!(request.send().await?.status().as_u16(), 204);
    let seen = stage.requests()?.remove(0);
    assert_eq!((&seen["method"], &seen["path"]), (&json!("POST"), &json!("/submit")));
    assert_eq!(seen["headers"]["transfer-encoding"], "chunked");
    assert_eq!(seen["headers"].get("content-length"), None);
    assert_eq!(seen["headers"]["content-type"], "application/json; charset=utf-8");
    for header in ["x-azure-functions-invocationid", TOKEN.0, "user-agent"] {
        assert!(seen["headers"].get(header).is_some(), "{header}");
    }
    assert_eq!(seen["headers"]["x-azure-functions-hostversion"], "4.1037.0.0");
    assert_eq!(seen["headers"].get("traceparent"), None);
    let payload = stage.payloads("submit")?.remove(0);
    assert_eq!(payload["Data"]["req"]["Body"], r#"{"a":1}"#);
    assert_eq!(payload["Data"]["req"]["Query"]["validationToken"], "a+b");
    assert_eq!(
        payload["Data"]["req"]["Headers"].get("X-Ms-Client-Principal"),
        None,
        "only Azure's front end may say who it is"
    );
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_callers_chunked_body_is_dropped_as_on_the_real_host() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    let host = stage.start().await?;
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>("lost")]);
    let body = reqwest::Body::wrap_stream(chunks);
    let response =
        reqwest::Client::new().post(format!("{}/api/submit", host.url())).body(body).send().await?;
    assert_eq!(response.status().as_u16(), 204);
    assert_eq!(stage.payloads("submit")?[0]["Data"]["req"].get("Body"), None);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_chunked_body_to_a_forwarded_function_is_500_and_reaches_nobody() -> Result<()> {
    let stage = Stage::new()?;
    stage.configure("/customHandler/enableForwardingHttpRequest", json!(true))?;
    stage.function(
        "manage",
        json!([
            { "type": "httpTrigger", "name": "req", "authLevel": "anonymous", "route": "manage/{*path}" },
            { "type": "http", "direction": "out", "name": "res" },
        ]),
    )?;
    let host = stage.start().await?;
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>("{}")]);
    let body = reqwest::Body::wrap_stream(chunks);
    let response =
        reqwest::Client::new().post(format!("{}/api/manage/status", host.url())).body(body).send().await?;
    assert_eq!(response.status().as_u16(), 500);
    assert!(stage.requests()?.is_empty() && stage.log.has(Level::Error, "chunked"));
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn outputs_are_stored_before_the_caller_is_answered() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    stage.script(
        "submit",
        outputs(json!({ "res": { "statusCode": 202, "headers": { "Content-Type": "application/json" },
        "body": "{\"ok\":1}" },
            "jobs": ["{\"k\": 1}", "deadbeef"] })),
    )?;
    let host = stage.start().await?;
    let response = reqwest::Client::new().post(format!("{}/api/submit", host.url())).send().await?;
    assert_eq!(response.status().as_u16(), 202);
    assert_eq!(response.headers()["content-type"], "application/json");
    // Ended as by a kill the moment the answer was there.
    host.crash().await;
    let host = stage.start().await?;
    let texts: Vec<String> = host.messages("jobs").await?.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["{\"k\": 1}", "deadbeef"]);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_reply_that_the_real_host_would_not_carry_out_fails_with_500_and_says_why() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    let host = stage.start().await?;
    for (reply, line) in [
        (json!({ "body": "" }), "would hang until functionTimeout"),
        (json!({ "body": "", "status": 204 }), "would hang until functionTimeout"),
        (json!({ "body": "null" }), "would hang until functionTimeout"),
        (json!({ "contentType": "text/plain" }), "reads application/json only"),
        (json!({ "contentType": "application/problem+json" }), "reads application/json only"),
        (json!({ "contentType": null }), "reads application/json only"),
        (json!({ "body": "oops {}" }), "not JSON"),
        (json!({ "body": "[]" }), "not a JSON object"),
        (json!({ "status": 500 }), "the handler answered 500"),
        (json!({ "status": 302, "headers": { "location": "/worker" } }), "a redirect"),
        (outputs(json!({ "res": null })), "fails on null"),
        (
            outputs(json!({ "res": { "headers": { "Set-Cookie": ["a", "b"] } } })),
            "header Set-Cookie is an array",
        ),
        (outputs(json!({ "res": { "headers": { "X": null } } })), "header X is null"),
        (outputs(json!({ "jobs": "deadbeef" })), "reads as base64"),
        (outputs(json!({ "jobs": [{ "k": 1 }] })), "indented JSON"),
        (outputs(json!({ "jobs": ["good", null] })), "element 1 is null"),
        (outputs(json!({ "job": ["misspelt"] })), "Outputs.job would be ignored"),
        (outputs(json!({ "jobs": ["first", "x".repeat(49_153)] })), "at most 65536"),
    ] {
        let before = stage.log.lines().len();
        stage.script("submit", reply.clone())?;
        assert_eq!(post(&format!("{}/api/submit", host.url()), "{}").await?, (500, String::new()), "{reply}");
        let said = stage.log.lines().split_off(before);
        assert!(
            said.iter().any(|said| said.level == Level::Error && said.text.contains(line)),
            "{reply}: {said:?}"
        );
    }
    // Only the over-size row got as far as sending, and what was sent before stays sent.
    let texts: Vec<String> = host.messages("jobs").await?.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["first"]);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_send_that_fails_fails_the_invocation_and_keeps_what_was_sent() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    stage.script("submit", outputs(json!({ "res": { "statusCode": 202 }, "jobs": ["a", "b", "c"] })))?;
    let host = stage.start().await?;
    host.set_chaos(Chaos { fail_send: Picks::These([2].into()), ..Chaos::default() });
    let url = format!("{}/api/submit", host.url());
    assert_eq!(post(&url, "{}").await?, (500, String::new()));
    assert_eq!(post(&url, "{}").await?.0, 202, "only the second send was to fail");
    let texts: Vec<String> = host.messages("jobs").await?.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["a", "a", "b", "c"]);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_invocation_goes_on_when_its_caller_hangs_up() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    let mut reply = outputs(json!({ "jobs": ["kept"] }));
    reply["gate"] = json!("go");
    stage.script("submit", reply)?;
    let host = stage.start().await?;
    let url = format!("{}/api/submit", host.url());
    let caller = tokio::spawn(async move { post(&url, "{}").await });
    stage.calls("submit", 1).await?;
    caller.abort();
    assert!(caller.await.is_err(), "the caller has gone");
    stage.open("go")?;
    host.idle(PATIENCE).await?;
    assert_eq!(host.messages("jobs").await?.len(), 1);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn forward_mode_passes_the_request_and_any_answer_as_they_are() -> Result<()> {
    let stage = Stage::new()?;
    stage.configure("/customHandler/enableForwardingHttpRequest", json!(true))?;
    stage.function(
        "manage",
        json!([
            { "type": "httpTrigger", "name": "req", "authLevel": "anonymous", "route": "manage/{*path}" },
            { "type": "http", "direction": "out", "name": "res" },
        ]),
    )?;
    stage.submit()?;
    let host = stage.start().await?;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    for (status, location) in [(200, None), (404, None), (302, Some("/elsewhere"))] {
        let headers = location.map_or(json!({}), |location| json!({ "location": location }));
        stage.script(
            "status",
            json!({ "status": status, "headers": headers, "contentType": "text/html", "body": "<p>" }),
        )?;
        let url = format!("{}/api/manage/status?a=1&b=%2B+&a=2", host.url());
        let response =
            client.put(url).header("x-own", "kept").header("x-own", "twice").body("text").send().await?;
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(
            response.headers().get("location").map(|value| value.as_bytes()),
            location.map(str::as_bytes)
        );
        assert_eq!(response.headers()["content-type"], "text/html");
        assert_eq!(response.text().await?, "<p>");
    }
    let seen = stage.requests()?.remove(0);
    assert_eq!(
        (&seen["method"], &seen["path"]),
        (&json!("PUT"), &json!("/api/manage/status?a=1,2&b=%2B%20"))
    );
    assert_eq!((&seen["body"], &seen["headers"]["x-own"]), (&json!("text"), &json!("kept, twice")));
    assert_eq!(seen["headers"]["host"], host.url().trim_start_matches("http://"));
    // A function with a queue output is wrapped whatever the setting says.
    assert_eq!(post(&format!("{}/api/submit", host.url()), "{}").await?.0, 204);
    assert_eq!(stage.payloads("submit")?.len(), 1);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_time_out_kills_the_handler_and_all_that_it_was_doing_but_is_no_crash() -> Result<()> {
    let stage = Stage::new()?;
    stage.configure("/functionTimeout", json!("00:00:01"))?;
    stage.submit()?;
    stage.script("submit", json!({ "gate": "never" }))?;
    let host = stage.start().await?;
    let url = format!("{}/api/submit", host.url());
    let first = tokio::spawn({
        let url = url.clone();
        async move { post(&url, "{}").await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let second = tokio::spawn(async move { post(&url, "{}").await });
    assert_eq!(first.await??.0, 500);
    assert_eq!(second.await??.0, 500);
    assert!(stage.log.has(Level::Error, "longer than functionTimeout"));
    stage.until("a second handler", |stage| Ok(stage.starts().len() == 2)).await?;
    // So often that as many crashes would have ended the host.
    for starts in 3..=5 {
        assert_eq!(post(&format!("{}/api/submit", host.url()), "{}").await?.0, 500);
        stage.until("another handler", |stage| Ok(stage.starts().len() == starts)).await?;
    }
    stage.script("submit", json!({}))?;
    assert_eq!(post(&format!("{}/api/submit", host.url()), "{}").await?.0, 204);
    assert_eq!(host.failure(), None);
    host.stop().await;
    Ok(())
}
