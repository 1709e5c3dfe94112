//! A configuration in a blob: by the rules of a file, at the start and later.

use super::start::{Alone, GOOD};
use serde_json::{Value, json};
use simulator::blobs::Blobs;
use std::time::{Duration, Instant};
use suites::PATIENCE;

async fn alone(blobs: &Blobs) -> Alone {
    let url = blobs.url("regrets.toml");
    Alone::start("", &[("REGRETS_CONFIG", &url), ("REGRETS_LOCAL", "1"), ("REGRETS_LOCAL_HASTE", "20")])
}

/// The status, as soon as this holds of it.
async fn until(handler: &Alone, code: u16, what: &str, holds: impl Fn(&Value) -> bool) {
    let since = Instant::now();
    loop {
        let status = handler.status(code).await;
        if holds(&status) {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{what}: {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn alerts(status: &Value) -> &Value {
    &status["tenants"]["contoso"]["alerts"]
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_start_a_wrong_or_unreachable_blob_is_told_until_it_is_good() {
    let blobs = Blobs::start().await.unwrap();
    blobs.answer_with(Some(503));
    let handler = alone(&blobs).await;
    let says = |text: &'static str| move |status: &Value| status["problems"].to_string().contains(text);
    until(&handler, 503, "unreachable", says("/config/regrets.toml: answered with 503")).await;
    blobs.answer_with(None);
    until(&handler, 503, "missing", says("/config/regrets.toml: answered with 404 BlobNotFound")).await;
    blobs.put("regrets.toml", &GOOD.replace("\"10m\"", "\"10\""));
    until(&handler, 503, "wrong", says("`10` needs a unit")).await;
    blobs.put("regrets.toml", GOOD);
    blobs.cut(Some(40));
    until(&handler, 503, "half of it", says("it came in part")).await;
    blobs.cut(None);
    until(&handler, 200, "good", |status| status["tenants"]["contoso"].is_object()).await;
    let lines = format!("{:?}", handler.errors.lock().unwrap());
    assert!(lines.contains("alert") && lines.contains("/config/regrets.toml") && !lines.contains("s3cret"));
}

#[tokio::test(flavor = "multi_thread")]
async fn later_the_last_good_one_stays_in_force_and_an_alert_tells() {
    let blobs = Blobs::start().await.unwrap();
    blobs.put("regrets.toml", GOOD);
    let handler = alone(&blobs).await;
    handler.status(200).await;
    type Turn = fn(&Blobs);
    let turns: [(&str, Turn); 4] = [
        ("gone", |blobs| blobs.remove("regrets.toml")),
        ("forbidden", |blobs| blobs.answer_with(Some(403))),
        ("large", |blobs| blobs.put("regrets.toml", &format!("{GOOD}\n{}", "#".repeat(1024 * 1024)))),
        ("wrong", |blobs| blobs.put("regrets.toml", &GOOD.replace("directory", "dirctory"))),
    ];
    for (what, turn) in turns {
        turn(&blobs);
        until(&handler, 200, what, |status| alerts(status)[0]["kind"] == "configuration").await;
        blobs.answer_with(None);
        blobs.put("regrets.toml", GOOD);
        until(&handler, 200, what, |status| *alerts(status) == json!([])).await;
    }
    let (since, (sent, same)) = (Instant::now(), blobs.sent());
    assert!(sent < 12, "sent {sent} times");
    while blobs.sent().1 == same {
        assert!(since.elapsed() < PATIENCE, "it is not asked for by its ETag");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(blobs.sent().0, sent, "what is the same is not sent again");
    assert!(!format!("{:?}", handler.errors.lock().unwrap()).contains("s3cret"));
}
