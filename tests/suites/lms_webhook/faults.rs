//! Redirects, lost replies, connections that never came about.

use super::receiver::{KEY, Lms, cancel, connector, line};
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

#[tokio::test]
async fn redirects_keep_the_post_and_the_origin_or_are_refused() {
    let elsewhere = Lms::answering(|_| StatusCode::OK.into_response()).await;
    let foreign = elsewhere.url.to_string();
    let lms = Lms::answering(move |uri| {
        let moved =
            |status: StatusCode, to: &str| (status, [(header::LOCATION, to.to_owned())]).into_response();
        match uri.path() {
            "/kept" => moved(StatusCode::PERMANENT_REDIRECT, "/hooks/v2?x=1"),
            "/twice" => moved(StatusCode::TEMPORARY_REDIRECT, "kept"),
            "/loop" => moved(StatusCode::PERMANENT_REDIRECT, "/loop"),
            "/foreign" => moved(StatusCode::PERMANENT_REDIRECT, &format!("{foreign}&token=hunter2")),
            "/https" => moved(StatusCode::PERMANENT_REDIRECT, "https://127.0.0.1/hooks"),
            "/nowhere" => StatusCode::TEMPORARY_REDIRECT.into_response(),
            "/301" => moved(StatusCode::MOVED_PERMANENTLY, "/kept"),
            "/302" => moved(StatusCode::FOUND, "/kept"),
            "/303" => moved(StatusCode::SEE_OTHER, "/kept"),
            _ => StatusCode::OK.into_response(),
        }
    })
    .await;
    let mut lines = Vec::new();
    for path in ["/kept", "/twice", "/loop", "/foreign", "/https", "/nowhere", "/301", "/302", "/303"] {
        let reply = cancel(&connector(&lms.url.join(path).unwrap())).await;
        let seen = lms.seen();
        assert!(seen.iter().all(|seen| seen.method == Method::POST && seen.is_signed_with(KEY)), "{path}");
        lines.push(format!("{path} x{}: {}", seen.len(), line(&reply)));
    }
    assert_eq!(elsewhere.seen().len(), 0, "the order went to a host that nobody configured");
    insta::assert_snapshot!(lines.join("\n").replace(elsewhere.url.authority(), "ELSEWHERE"), @r"
    /kept x2: 200 Done Sent: -
    /twice x3: 200 Done Sent: -
    /loop x4: 308 Unexpected Sent: redirected more than 3 times; set `lms.url` to the final address
    /foreign x1: 308 Unexpected Sent: redirected to another origin (http://ELSEWHERE), which is not followed; if it is right, set `lms.url` to it
    /https x1: 308 Unexpected Sent: redirected to another origin (https://127.0.0.1), which is not followed; if it is right, set `lms.url` to it
    /nowhere x1: 307 Unexpected Sent: redirected without a usable `Location`; set `lms.url` to the final address
    /301 x1: 301 Unexpected Sent: HTTP 301 would turn the POST into a GET; set `lms.url` to the final address, or answer 308
    /302 x1: 302 Unexpected Sent: HTTP 302 would turn the POST into a GET; set `lms.url` to the final address, or answer 308
    /303 x1: 303 Unexpected Sent: HTTP 303 would turn the POST into a GET; set `lms.url` to the final address, or answer 308
    ");
}

/// A server that reads one request and then does what `then` says with the connection.
async fn raw<F>(then: impl FnOnce(tokio::net::TcpStream) -> F + Send + 'static) -> Url
where
    F: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut read = Vec::new();
        while !read.ends_with(b"}}") {
            let mut some = [0; 4096];
            let count = stream.read(&mut some).await.unwrap();
            assert!(count > 0, "the request broke off");
            read.extend_from_slice(&some[..count]);
        }
        then(stream).await;
    });
    url
}

#[tokio::test]
async fn a_lost_reply_is_an_outage_that_may_have_arrived() {
    let mut lines = Vec::new();
    let closed = raw(async |stream| drop(stream)).await;
    lines.push(format!("closed: {}", line(&cancel(&connector(&closed)).await)));

    let cut = raw(async |mut stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"outcome\": ";
        stream.write_all(head.as_bytes()).await.unwrap();
    })
    .await;
    lines.push(format!("cut: {}", line(&cancel(&connector(&cut)).await)));

    let garbled =
        raw(async |mut stream| stream.write_all(b"220 mail.contoso.com ESMTP\r\n").await.unwrap()).await;
    lines.push(format!("garbled: {}", line(&cancel(&connector(&garbled)).await)));

    let silent = raw(async |stream| {
        let _open = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let impatient = connector(&silent).with_answer_timeout(Duration::from_millis(200));
    lines.push(format!("silent: {}", line(&cancel(&impatient).await)));

    let dripping = raw(async |mut stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{").await.unwrap();
        std::future::pending::<()>().await;
    })
    .await;
    let impatient = connector(&dripping).with_answer_timeout(Duration::from_millis(200));
    lines.push(format!("dripping: {}", line(&cancel(&impatient).await)));
    insta::assert_snapshot!(lines.join("\n"), @r"
    closed: - Outage Sent: no answer: connection closed before message completed
    cut: 200 Outage Sent: the answer broke off
    garbled: - Outage Sent: no answer: invalid HTTP version parsed
    silent: - Outage Sent: no answer in time
    dripping: 200 Outage Sent: the answer broke off
    ");
}

#[tokio::test]
async fn no_connection_is_an_outage_that_did_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let refused: Url =
        format!("http://{}/hook?token=hunter2", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let plain = Lms::answering(|_| StatusCode::OK.into_response()).await;
    let mut no_tls = plain.url.clone();
    no_tls.set_scheme("https").unwrap();
    let lines = [line(&cancel(&connector(&refused)).await), line(&cancel(&connector(&no_tls)).await)];
    assert_eq!(plain.seen().len(), 0);
    insta::assert_snapshot!(lines.join("\n"), @r"
    - Outage NotReached: no connection: Connection refused (os error 111)
    - Outage NotReached: no connection: received corrupt message of type InvalidContentType
    ");
}
