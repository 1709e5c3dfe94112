//! `regrets forecast`, as somebody calls it who plans a deployment.

use crate::{regrets, stage};
use serde_json::Value;
use simulator::stage::Stage;
use simulator::{CLIENT_SECRET, LMS_SECRET};
use std::process::{Output, Stdio};
use suites::setup;

async fn forecast(stage: &Stage, args: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(regrets());
    command
        .args(["forecast", "--root"])
        .arg(&stage.root)
        .args(args)
        .env_clear()
        .env("CONTOSO_CLIENT_SECRET", CLIENT_SECRET)
        .env("CONTOSO_LMS_SECRET", LMS_SECRET)
        .env("GRAPH_ENDPOINT", stage.simulator.graph_url())
        .env("AZURE_AUTHORITY_HOST", stage.simulator.authority_url())
        .env("SSL_CERT_FILE", stage.root.join("ca.pem"));
    command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_directory_says_how_many_learners_there_are() {
    let stage = stage(setup(&["ana", "ben", "cem"]), |_| {}).await;

    let found = forecast(&stage, &["--count", "--json"]).await;
    let told = String::from_utf8_lossy(&found.stderr).into_owned();
    assert_eq!(found.status.code(), Some(0), "{told}");
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found["assumed"]["mailboxes"], 3.0, "{found:#}");
    assert!(found["requests_a_day"]["all"]["least"].as_f64().unwrap() > 0.0, "{found:#}");

    let found = forecast(&stage, &["--mailboxes", "10000"]).await;
    let told = String::from_utf8(found.stdout).unwrap();
    assert_eq!(found.status.code(), Some(0), "{told}");
    assert!(
        told.contains("At 10,000 mailboxes you make ") && told.contains("the nearest limit is "),
        "{told}"
    );

    let found = forecast(&stage, &[]).await;
    assert_eq!(found.status.code(), Some(2));
}
