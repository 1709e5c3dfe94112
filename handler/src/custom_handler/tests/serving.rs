//! Ports, connections and the time before the functions are ready (reference/functions-host.md#readiness).

use super::{Closure, one, post, send, serving};
use crate::custom_handler::{App, Invocation, Outputs, ServeError, listen, port, readiness, serve};
use axum::body::Body;
use axum::http::{Request, StatusCode, Uri};
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn exchange(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&answer).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
            if body.len() >= length.parse().unwrap() {
                return text;
            }
        }
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "the connection was closed after {text}");
    }
}

#[tokio::test]
async fn probes_are_answered_before_the_functions_are_ready_and_after() {
    let listener = listen(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    assert!(address.ip().is_loopback() && address.is_ipv4());
    let (announcer, ready) = readiness();
    let server = tokio::spawn(serve(listener, ready, None));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let probe = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    assert!(exchange(&mut stream, probe).await.starts_with("HTTP/1.1 200"));
    announcer.ready(one(Closure(|_| Ok(Outputs::new()))));
    assert!(exchange(&mut stream, probe).await.starts_with("HTTP/1.1 200"));
    server.abort();
}

#[tokio::test]
async fn where_the_host_has_a_token_nobody_else_is_answered() {
    let (announcer, ready) = readiness();
    announcer.ready(one(Closure(|_| Ok(Outputs::new()))));
    let listener = listen(0).await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, ready, Some("s3cret".into())));
    for (token, status) in
        [("", 403), ("x-regrets-local-token: s3cre", 403), ("X-Regrets-Local-Token: s3cret", 200)]
    {
        for call in ["GET / HTTP/1.1", "POST /worker HTTP/1.1"] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let head = [call, "Host: h", "Content-Length: 2", token].join("\r\n");
            let request = format!("{}\r\n\r\n{{}}", head.trim_end());
            let answer = exchange(&mut stream, request.as_bytes()).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{call} {token}: {answer}");
        }
    }
    server.abort();
}

/// axum alone would try again for ever, and the host would find nobody.
#[cfg(unix)]
#[tokio::test]
async fn a_port_on_which_nobody_can_call_any_more_ends_the_server_with_its_reason() {
    let listener = listen(0).await.unwrap();
    let same: std::os::fd::OwnedFd = std::os::fd::AsFd::as_fd(&listener).try_clone_to_owned().unwrap();
    let (_announcer, ready) = readiness();
    let server = tokio::spawn(serve(listener, ready, None));
    std::net::TcpStream::from(same).shutdown(std::net::Shutdown::Both).unwrap();
    let ended = tokio::time::timeout(std::time::Duration::from_secs(30), server).await.unwrap().unwrap();
    let error = ended.unwrap_err();
    assert!(error.to_string().starts_with("the server on the handler's port stopped: "), "{error}");
}

#[tokio::test]
async fn a_large_chunked_request_is_taken_and_the_connection_kept() {
    let (announcer, ready) = readiness();
    announcer.ready(one(Closure(|invocation: Invocation| {
        Ok(Outputs::new().log(invocation.queue_text("message")?.len().to_string()))
    })));
    let listener = listen(0).await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let server = tokio::spawn(serve(listener, ready, None));
    // Over axum's default of 2 MB, without a Content-Length, as the host sends in Azure.
    let text = "x".repeat(3 * 1024 * 1024);
    let body = format!(r#"{{"Data":{{"message":"\"{text}\""}},"Metadata":{{}}}}"#);
    let mut request = b"POST /worker HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for chunk in body.as_bytes().chunks(16 * 1024) {
        request.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        request.extend_from_slice(chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    for _ in 0..2 {
        let answer = exchange(&mut stream, &request).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"3145728\""), "{answer}");
    }
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn an_early_invocation_waits_until_the_functions_are_ready() {
    let (announcer, ready) = readiness();
    let early = tokio::spawn(async move { send(&ready, post("/worker", "{}")).await });
    tokio::time::sleep(crate::invocation_deadline::WHOLE / 2).await;
    assert!(!early.is_finished());
    announcer.ready(one(Closure(|_| Ok(Outputs::new()))));
    assert_eq!(early.await.unwrap().0, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn an_invocation_fails_when_the_functions_never_come() {
    let (announcer, ready) = readiness();
    assert_eq!(send(&ready, post("/worker", "{}")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    drop(announcer);
    let before = tokio::time::Instant::now();
    assert_eq!(send(&ready, post("/worker", "{}")).await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert!(before.elapsed().is_zero(), "no need to wait for functions that can't come any more");
}

#[tokio::test]
async fn functions_can_be_replaced_while_serving() {
    let (announcer, ready) = readiness();
    for name in ["first", "second"] {
        announcer.ready(one(Closure(move |_| Ok(Outputs::new().log(name)))));
        assert_eq!(send(&ready, post("/worker", "{}")).await.1["Logs"][0], name);
    }
}

#[tokio::test]
async fn forwarded_requests_arrive_as_they_came_but_for_the_prefix() {
    let admin = axum::Router::new().route(
        "/enrolments/{id}",
        axum::routing::get(
            |uri: Uri| async move { axum::Json(serde_json::json!({ "uri": uri.to_string() })) },
        ),
    );
    let ready = serving(App::new(BTreeMap::new(), vec![("/api/manage", admin)]));
    let get = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    let (status, json) = send(&ready, get("/api/manage/enrolments/5?a=b%20c")).await;
    assert_eq!((status, json["uri"].as_str()), (StatusCode::OK, Some("/enrolments/5?a=b%20c")));
    assert_eq!(send(&ready, get("/api/other")).await.0, StatusCode::NOT_FOUND);
    assert_eq!(send(&ready, get("/api/manageistrator/x")).await.0, StatusCode::NOT_FOUND);
}

#[test]
fn a_bad_port_is_named() {
    assert_eq!(port(Some("7071")).unwrap(), 7071);
    let errors = [None, Some(" "), Some("0"), Some("65536"), Some("x")]
        .map(|value| port(value).unwrap_err().to_string());
    insta::assert_snapshot!(errors.join("\n"), @"
    FUNCTIONS_CUSTOMHANDLER_PORT is not set: this command is started by the Azure Functions host, which sets \
    it; on one machine without that host, run `regrets local`
    FUNCTIONS_CUSTOMHANDLER_PORT is not set: this command is started by the Azure Functions host, which sets \
    it; on one machine without that host, run `regrets local`
    FUNCTIONS_CUSTOMHANDLER_PORT is `0`; it must be a port number from 1 to 65535
    FUNCTIONS_CUSTOMHANDLER_PORT is `65536`; it must be a port number from 1 to 65535
    FUNCTIONS_CUSTOMHANDLER_PORT is `x`; it must be a port number from 1 to 65535
    ");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = listen(0).await.unwrap();
    let taken = first.local_addr().unwrap().port();
    let error = listen(taken).await.unwrap_err();
    assert!(matches!(error, ServeError::Listen { port, .. } if port == taken));
    assert!(error.to_string().starts_with(&format!("can't listen on 127.0.0.1:{taken}: ")), "{error}");
}
