//! The ledger in Azure Tables: the binary learns of it by its app settings alone, as on Azure.

use crate::{regrets, stage};
use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::json;
use simulator::azurite::Azurite;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suites::{becomes, decline, drained, invite, known, setup, story};
use tokio::io::AsyncBufReadExt as _;

#[tokio::test(flavor = "multi_thread")]
async fn declines_are_cancelled_once_with_the_ledger_in_azure_tables() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let names = ["ana", "ben"];
    let mut setup = setup(&names);
    // Empty, so that the local host doesn't choose a file for us.
    setup.env = vec![
        ("REGRETS_STORE", Some(String::new())),
        ("AzureWebJobsStorage", Some(azurite.connection_string())),
        // What the client library says at this level must not reach the log.
        ("RUST_LOG", Some("debug,azure_core=trace".to_owned())),
    ];
    let mut stage = stage(setup, |world| invite(world, "4711", &names)).await;
    known(&stage, 2).await;
    decline(stage.simulator.world(), "ana", "4711");
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;

    stage.restart().await.unwrap();
    decline(stage.simulator.world(), "ben", "4711");
    becomes(&stage, "4711", "ben", "done declined/organizer-copy done; gone, 1 effects").await;
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;
    assert!(story(&stage, "4711", "ana").await.len() > 1, "the activity is in the tables too");
    drained(&stage).await;

    assert!(!stage.root.join(".regrets/ledger.db").exists(), "there is a file beside the tables");
    let log = stage.log().join("\n");
    assert!(log.contains("\"level\":\"DEBUG\""), "the log says little");
    assert!(!log.contains("SharedKey"), "the log shows what was signed");
}

/// The host gives the app its identity by two settings and an endpoint; the token goes to the tables, and
/// what is missing is said as an alert.
#[tokio::test(flavor = "multi_thread")]
async fn the_apps_own_identity_opens_the_account_or_the_missing_role_is_named() {
    let asked: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
    let record = Arc::clone(&asked);
    let answer = move |request: Request| {
        let record = Arc::clone(&record);
        async move {
            let header = |name: &str| {
                request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
            };
            record
                .lock()
                .unwrap()
                .push((request.uri().to_string(), header("authorization") + &header("x-identity-header")));
            if request.uri().path().starts_with("/identity") {
                let expires = chrono::Utc::now().timestamp() + 3600;
                let token = json!({"access_token": "the-token", "expires_on": expires.to_string(),
                "token_type": "Bearer", "resource": "r"});
                return axum::Json(token).into_response();
            }
            let body = json!({"odata.error": {"code": "AuthorizationPermissionMismatch",
            "message": {"value": "hunter2"}}});
            (StatusCode::FORBIDDEN, axum::Json(body)).into_response()
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });

    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("regrets.toml"), crate::host::start::GOOD).unwrap();
    let port =
        std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
    let mut command = tokio::process::Command::new(regrets());
    command
        .current_dir(root.path())
        .env_clear()
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command.envs([
        ("FUNCTIONS_CUSTOMHANDLER_PORT", port.as_str()),
        ("SECRET", "s3cret"),
        ("LMS_SECRET", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        ("REGRETS_STATE_KEYS", "a:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        ("AzureWebJobsStorage__accountName", "contoso"),
        ("AzureWebJobsStorage__tableServiceUri", &format!("{here}/contoso")),
        ("AzureWebJobsStorage__credential", "managedidentity"),
        ("AzureWebJobsStorage__clientId", "identity-1"),
        ("IDENTITY_ENDPOINT", &format!("{here}/identity")),
        ("IDENTITY_HEADER", "the-header"),
    ]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = tokio::io::BufReader::new(child.stderr.take().unwrap()).lines();
    let said = tokio::time::timeout(Duration::from_secs(20), stderr.next_line()).await;
    let said =
        said.unwrap_or_else(|_| panic!("it says nothing: {:?}", asked.lock().unwrap())).unwrap().unwrap();
    assert!(said.contains(r#""alert":"start""#), "{said}");
    // What is missing may yet be given: it is tried again.
    assert!(child.try_wait().unwrap().is_none());
    assert!(
        said.contains("the storage account contoso refuses us (AuthorizationPermissionMismatch)"),
        "{said}"
    );
    assert!(said.contains("Storage Table Data Contributor"), "{said}");
    assert!(!said.contains("the-token") && !said.contains("hunter2"), "{said}");

    let asked = asked.lock().unwrap().clone();
    assert!(
        asked[0].0.contains("client_id=identity-1") && asked[0].0.contains("storage.azure.com"),
        "{asked:?}"
    );
    assert_eq!(asked[0].1, "the-header");
    assert!(asked[1].0.starts_with("/contoso/regretsconnections("), "{asked:?}");
    assert_eq!(asked[1].1, "Bearer the-token");
}
