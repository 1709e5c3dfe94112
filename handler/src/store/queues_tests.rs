use super::*;
use axum::http::{HeaderMap, Uri};
use std::sync::{Arc, Mutex};

/// What was asked for, by a service that answers each with the next of these.
async fn asked(answers: &[u16]) -> (Result<(), String>, Vec<String>) {
    let (asked, answers) = (Arc::new(Mutex::new(Vec::new())), answers.to_vec());
    let seen = Arc::clone(&asked);
    let answer = move |method: Method, uri: Uri, headers: HeaderMap| {
        let mut seen = seen.lock().unwrap();
        let status = answers[seen.len()];
        let signed = headers["authorization"].to_str().unwrap().starts_with("SharedKey acc:");
        assert!(signed && headers.contains_key("x-ms-date"));
        seen.push(format!("{method} {uri}"));
        async move { StatusCode::from_u16(status).unwrap() }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let text = format!(
        "AccountName=acc;AccountKey=a2V5;QueueEndpoint=http://{};TableEndpoint=http://127.0.0.1:1",
        listener.local_addr().unwrap()
    );
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(answer)).await });
    let account = StorageAccount::from_connection_string(&text).unwrap();
    let made = try_make(&account, &["one", "two", "three"]).await;
    let asked = asked.lock().unwrap().clone();
    (made, asked)
}

#[tokio::test]
async fn what_is_missing_is_made_and_what_is_there_left_alone() {
    assert_eq!(
        asked(&[201, 204, 409]).await,
        (Ok(()), ["one", "two", "three"].map(|it| format!("PUT /{it}")).into())
    );
}

#[tokio::test]
async fn a_role_that_may_not_is_told_once() {
    let (made, asked) = asked(&[204, 403]).await;
    assert_eq!((made.unwrap_err().contains("queue two"), asked.len()), (true, 2));
}
