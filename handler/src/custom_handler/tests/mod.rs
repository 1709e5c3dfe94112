//! What a handler must do (reference/functions-host.md#first-rules), through the real router.

mod reading;
mod replying;
mod serving;

use crate::custom_handler::failure::Failure;
use crate::custom_handler::{App, Function, Invocation, Outputs, Ready, readiness, router};
use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use tower::ServiceExt as _;

/// A function made of a closure.
struct Closure<F>(F);

#[async_trait]
impl<F> Function for Closure<F>
where
    F: Fn(Invocation) -> Result<Outputs, Failure> + Send + Sync + 'static,
{
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure> {
        (self.0)(invocation)
    }
}

fn one(function: impl Function) -> App {
    let functions: BTreeMap<&'static str, Arc<dyn Function>> = [("worker", Arc::new(function) as _)].into();
    App::new(functions, Vec::new())
}

fn serving(app: App) -> Ready {
    let (announcer, ready) = readiness();
    announcer.ready(app);
    ready
}

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path).header("Content-Type", "application/json; charset=utf-8").body(body.into()).unwrap()
}

/// Sends, and checks what holds for every reply of ours: JSON, an object, never empty, never 204.
async fn send(ready: &Ready, request: Request<Body>) -> (StatusCode, Value) {
    let response = router(ready.clone()).oneshot(request).await.unwrap();
    let status = response.status();
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let json: Value = serde_json::from_slice(&body).unwrap();
    assert!(json.is_object(), "{json}");
    assert_ne!(status, StatusCode::NO_CONTENT);
    (status, json)
}

/// What `read` makes of `body`, carried out through a real invocation's log; a failure's text after `failed:
/// `.
async fn read<F>(body: impl Into<Body>, read: F) -> String
where
    F: Fn(Invocation) -> Result<String, Failure> + Send + Sync + 'static,
{
    let ready = serving(one(Closure(move |invocation| Ok(Outputs::new().log(read(invocation)?)))));
    match send(&ready, post("/worker", body)).await {
        (StatusCode::OK, json) => json["Logs"][0].as_str().unwrap().to_owned(),
        (_, json) => format!("failed: {}", json["error"].as_str().unwrap()),
    }
}
