//! The listener, and the record of calls and effects.

use crate::call::{Answer, Call};
use crate::mishap::{Mishap, Mishaps, On};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use parking_lot::Mutex;
use simulator::serve::{lose, serve};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

/// An LMS without a wire.
pub trait Product: Send + 'static {
    /// Carries the call out and answers it. Each write that took effect is told as one effect.
    fn answer(&mut self, call: &Call, effects: &mut Vec<String>) -> Answer;

    /// Whether the call is meant to change something.
    fn writes(&self, call: &Call) -> bool;
}

/// One call and what it got; no answer: the connection ended.
#[derive(Debug, Clone)]
pub struct Seen {
    pub call: Call,
    pub writes: bool,
    pub answer: Option<Answer>,
}

struct Inner<P> {
    product: P,
    effects: Vec<String>,
    seen: Vec<Seen>,
    mishaps: Mishaps,
}

/// Runs until dropped.
pub struct Fake<P> {
    url: Url,
    inner: Arc<Mutex<Inner<P>>>,
    stop: CancellationToken,
}

impl<P: Product> Fake<P> {
    /// Must be called inside a Tokio runtime.
    pub async fn start(product: P) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let inner = Inner { product, effects: Vec::new(), seen: Vec::new(), mishaps: Mishaps::default() };
        let inner = Arc::new(Mutex::new(inner));
        let stop = CancellationToken::new();
        let router = Router::new().fallback(handle::<P>).with_state(Arc::clone(&inner));
        tokio::spawn(serve(listener, None, router, || false, stop.clone()));
        Self { url, inner, stop }
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Looks at the LMS, or changes it, as its own people do.
    pub fn with<T>(&self, act: impl FnOnce(&mut P) -> T) -> T {
        act(&mut self.inner.lock().product)
    }

    /// From the `skip`-th call of this kind on, so many times.
    pub fn plan(&self, on: On, skip: usize, times: usize, mishap: Mishap) {
        self.inner.lock().mishaps.plan(on, skip, times, mishap);
    }

    /// Nothing goes wrong any more.
    pub fn calm(&self) {
        self.inner.lock().mishaps.clear();
    }

    /// Writes that took effect, in their order.
    pub fn effects(&self) -> Vec<String> {
        self.inner.lock().effects.clone()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.inner.lock().seen.clone()
    }

    /// Forgets calls and effects, and keeps the LMS as it is.
    pub fn forget(&self) {
        let mut inner = self.inner.lock();
        inner.effects.clear();
        inner.seen.clear();
    }
}

impl<P> Drop for Fake<P> {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn handle<P: Product>(
    State(inner): State<Arc<Mutex<Inner<P>>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let call = Call::new(method, &uri, headers, &body);
    // What it has heard it does, even when whoever asked is gone before it answers.
    let (answer, delay) = inner.lock().carry_out(call);
    tokio::time::sleep(delay).await;
    answer.map_or_else(lose, |answer| response(&answer))
}

impl<P: Product> Inner<P> {
    fn carry_out(&mut self, call: Call) -> (Option<Answer>, Duration) {
        let writes = self.product.writes(&call);
        let mishap = self.mishaps.take(writes);
        let mut delay = Duration::ZERO;
        let answer = match mishap {
            Some(Mishap::LostBefore) => None,
            Some(Mishap::Instead(answer)) => Some(answer),
            Some(Mishap::LostAfter) => {
                self.product.answer(&call, &mut self.effects);
                None
            }
            Some(Mishap::After(answer)) => {
                self.product.answer(&call, &mut self.effects);
                Some(answer)
            }
            Some(Mishap::Slow(wait)) => {
                delay = wait;
                Some(self.product.answer(&call, &mut self.effects))
            }
            None => Some(self.product.answer(&call, &mut self.effects)),
        };
        self.seen.push(Seen { call, writes, answer: answer.clone() });
        (answer, delay)
    }
}

fn response(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, Body::from(answer.body.clone())).into_response();
    let headers = response.headers_mut();
    headers.remove("content-type");
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    response
}
