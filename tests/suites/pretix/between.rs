//! A way to pretix on which answers get lost: every request is passed on, and told afterwards.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One request, and what pretix answered to it.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) status: u16,
    pub(crate) answer_headers: HeaderMap,
    pub(crate) answer: String,
}

/// What happens, once, to the next request of this method whose target has this part.
pub(crate) struct Fault {
    pub(crate) method: Method,
    pub(crate) part: &'static str,
    /// So many of them come through first.
    pub(crate) after: u32,
    pub(crate) kind: FaultKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// pretix does it, and the answer is lost.
    LosesAnswer,
    /// It never comes to pretix.
    LosesRequest,
    /// A proxy answers instead: 502, with a page.
    Proxy,
    /// Somebody else does the same an instant before.
    ComesSecond,
}

struct Shared {
    pretix: String,
    here: String,
    http: reqwest::Client,
    seen: Mutex<Vec<Exchange>>,
    faults: Mutex<Vec<Fault>>,
}

#[derive(Clone)]
pub(crate) struct Between(Arc<Shared>);

impl Between {
    pub(crate) async fn start(pretix: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // Another test may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let between = Self(Arc::new(Shared {
            pretix: pretix.to_owned(),
            here: format!("http://{}", listener.local_addr().unwrap()),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            seen: Mutex::default(),
            faults: Mutex::default(),
        }));
        let accepts = between.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let between = accepts.clone();
                // Who hangs up is gone.
                tokio::spawn(async move { between.serve(stream).await.ok() });
            }
        });
        between
    }

    pub(crate) fn url(&self) -> &str {
        &self.0.here
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.0.faults.lock().unwrap().push(fault);
    }

    /// Nothing goes wrong any more.
    pub(crate) fn calm(&self) {
        self.0.faults.lock().unwrap().clear();
    }

    /// All since the last time.
    pub(crate) fn seen(&self) -> Vec<Exchange> {
        std::mem::take(&mut self.0.seen.lock().unwrap())
    }

    fn fault_of(&self, method: &Method, target: &str) -> Option<FaultKind> {
        let mut faults = self.0.faults.lock().unwrap();
        let is_met = |fault: &Fault| fault.method == *method && target.contains(fault.part);
        let first = faults.iter().position(|fault| is_met(fault) && fault.after == 0);
        for (number, fault) in faults.iter_mut().enumerate() {
            if is_met(fault) && first.is_none_or(|first| number != first) {
                fault.after = fault.after.saturating_sub(1);
            }
        }
        first.map(|first| faults.remove(first).kind)
    }

    /// One request a connection.
    async fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let mut words = line.split_whitespace();
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(()) };
        let (method, target) = (Method::from_bytes(method.as_bytes()).unwrap(), target.to_owned());
        let mut headers = HeaderMap::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let length = headers.get("content-length").and_then(|length| length.to_str().ok()?.parse().ok());
        let mut body = vec![0; length.unwrap_or(0)];
        stream.read_exact(&mut body).await?;
        let fault = self.fault_of(&method, &target);
        if fault == Some(FaultKind::LosesRequest) {
            return Ok(());
        }
        if fault == Some(FaultKind::Proxy) {
            let page = "<html>Bad gateway</html>";
            let head = "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{page}", page.len());
            return stream.write_all(answer.as_bytes()).await;
        }
        if fault == Some(FaultKind::ComesSecond) {
            self.pass_on(method.clone(), target.clone(), headers.clone(), body.clone()).await;
        }
        let exchange = self.pass_on(method, target, headers, body).await;
        let mut answer = format!("HTTP/1.1 {} Answer\r\nconnection: close\r\n", exchange.status);
        for (name, value) in &exchange.answer_headers {
            if !matches!(name.as_str(), "connection" | "content-length" | "transfer-encoding") {
                answer.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
            }
        }
        answer.push_str(&format!("content-length: {}\r\n\r\n{}", exchange.answer.len(), exchange.answer));
        self.0.seen.lock().unwrap().push(exchange);
        if fault == Some(FaultKind::LosesAnswer) {
            return Ok(());
        }
        stream.write_all(answer.as_bytes()).await
    }

    async fn pass_on(&self, method: Method, target: String, headers: HeaderMap, body: Vec<u8>) -> Exchange {
        let url: Url = format!("{}{target}", self.0.pretix).parse().unwrap();
        let mut on = headers.clone();
        for own in ["host", "connection", "content-length"] {
            on.remove(own);
        }
        let request = self.0.http.request(method.clone(), url).headers(on).body(body.clone());
        let answer = request.send().await.unwrap();
        let (status, answer_headers) = (answer.status().as_u16(), answer.headers().clone());
        // Links lead back here.
        let answer = answer.text().await.unwrap().replace(&self.0.pretix, &self.0.here);
        let body = String::from_utf8(body).unwrap();
        Exchange { method, target, headers, body, status, answer_headers, answer }
    }
}
