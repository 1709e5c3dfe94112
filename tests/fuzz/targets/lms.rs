//! An LMS on loopback that answers as it is told to, and else honestly, as the one of the page for authors.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// An answer instead of the honest one.
#[derive(Debug, Clone)]
pub(super) struct Instead {
    pub(super) status: u16,
    pub(super) header: (&'static str, &'static str),
    pub(super) body: Vec<u8>,
    /// The connection ends after so many bytes.
    pub(super) cut: Option<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Lms {
    /// By the request's number.
    pub(super) instead: Vec<Option<Instead>>,
    pub(super) asked: usize,
    pub(super) freed: usize,
}

pub(super) async fn serve(listener: TcpListener, lms: Arc<Mutex<Lms>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, Arc::clone(&lms)));
    }
}

/// One request for each connection.
async fn answer(mut stream: TcpStream, lms: Arc<Mutex<Lms>>) {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    while !read.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(count) if count > 0 => read.extend_from_slice(&chunk[..count]),
            Ok(_) | Err(_) => return,
        }
    }
    let wire = said(&lms, &String::from_utf8_lossy(&read));
    _ = stream.write_all(&wire).await;
    _ = stream.shutdown().await;
}

fn said(lms: &Mutex<Lms>, request: &str) -> Vec<u8> {
    let mut lms = lms.lock().unwrap();
    let number = lms.asked;
    lms.asked += 1;
    let instead = lms.instead.get(number).cloned().flatten();
    let is_write = request.starts_with("DELETE");
    if is_write && instead.as_ref().is_none_or(|instead| instead.status < 300) {
        lms.freed += 1;
    }
    let Some(Instead { status, header, body, cut }) = instead else {
        let status = if lms.freed > 0 { "FREED" } else { "TAKEN" };
        let body = if request.starts_with("GET /api/people") {
            r#"{"people":[{"id":17,"mail":"ana@contoso.com"}]}"#.to_owned()
        } else if is_write {
            String::new()
        } else {
            format!(r#"{{"seats":[{{"id":9,"person":17,"status":"{status}"}}]}}"#)
        };
        return wire(200, ("content-type", "application/json"), body.as_bytes());
    };
    let mut all = wire(status, header, &body);
    all.truncate(cut.unwrap_or(all.len()));
    all
}

fn wire(status: u16, (name, value): (&str, &str), body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} Said\r\nconnection: close\r\n{name}: {value}\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
