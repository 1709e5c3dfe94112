//! The handler's HTTP surface: `GET /` for the host's probes, `POST /<function>` for wrapped invocations, and
//! the paths that the host forwards as they came (reference/functions-host.md#first-rules).

use crate::custom_handler::app::{App, Ready};
use crate::custom_handler::failure::Failure;
use crate::custom_handler::function::Function;
use crate::custom_handler::invocation::Invocation;
use crate::custom_handler::outputs::Outputs;
use crate::custom_handler::receive::{REQUEST_LIMIT, Received, receive};
use crate::custom_handler::replies::{problem, reply};
use crate::host_version;
use crate::invocation_deadline;
use crate::telemetry::panic_text;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;

/// How long an invocation waits for the functions. One that fails is tried again; one that meets the function
/// timeout takes the process down with it (reference/functions-host.md#time-outs).
const READY_WITHIN: Duration = invocation_deadline::WHOLE;

/// The handler's routes. Works from the start; invocations wait until `ready` holds an [`App`].
pub fn router(ready: Ready) -> axum::Router {
    axum::Router::new().route("/", get(probe)).fallback(dispatch).with_state(Arc::new(ready))
}

/// Readiness and health probe: the host takes any answer and asks often
/// (reference/functions-host.md#readiness).
async fn probe() -> Response {
    reply(StatusCode::OK, r#"{"handler":"regrets"}"#)
}

async fn dispatch(State(ready): State<Arc<Ready>>, request: Request) -> Response {
    let Some(app) = app(&ready).await else {
        tracing::error!(path = request.uri().path(), "invocation refused: the functions are not ready");
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "the functions are not ready; see the handler's log",
        );
    };
    let version = request.headers().get(host_version::HEADER).and_then(|version| version.to_str().ok());
    version.into_iter().for_each(host_version::note);
    let path = request.uri().path();
    let name = path.strip_prefix('/').unwrap_or(path);
    match app.functions.get_key_value(name) {
        Some((&name, function)) if request.method() == Method::POST => {
            invoke(name, function.as_ref(), request).await
        }
        Some((&name, _)) => problem(
            StatusCode::METHOD_NOT_ALLOWED,
            &format!("function `{name}` is invoked by POST, not {}", request.method()),
        ),
        None if name.contains('/') => forward(&app, request).await,
        None => {
            let known = app.functions.keys().copied().collect::<Vec<_>>().join(", ");
            tracing::error!(path = request.uri().path(), "no such function");
            problem(
                StatusCode::NOT_FOUND,
                &format!("no function `{name}`; this handler has: {known} (names are case-sensitive)"),
            )
        }
    }
}

async fn app(ready: &Ready) -> Option<Arc<App>> {
    if let Some(app) = ready.borrow().as_ref() {
        return Some(Arc::clone(app));
    }
    let mut ready = ready.clone();
    let waited = tokio::time::timeout(READY_WITHIN, ready.wait_for(Option::is_some)).await;
    waited.ok()?.ok()?.as_ref().map(Arc::clone)
}

async fn forward(app: &App, request: Request) -> Response {
    match AssertUnwindSafe(app.forwarded.clone().oneshot(request)).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => problem(StatusCode::INTERNAL_SERVER_ERROR, "it failed; see the handler's log"),
    }
}

async fn invoke(name: &'static str, function: &dyn Function, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let id = text("x-azure-functions-invocationid");
    let mut held = None;
    let outcome = match receive(body, function.request_limit()).await {
        Received::Whole(body, room) => {
            held = room;
            let invocation = Invocation::new(name, body)
                .with_headers(id.map(str::to_owned), text("traceparent").map(str::to_owned));
            match AssertUnwindSafe(function.invoke(invocation)).catch_unwind().await {
                Ok(outcome) => outcome,
                Err(panic) => Err(Failure::Panicked(panic_text(panic.as_ref()).to_owned())),
            }
        }
        Received::TooLarge => function.too_large(),
        Received::Endless => Err(Failure::RequestTooLarge { limit: REQUEST_LIMIT }),
        Received::NoRoom => Err(Failure::Work("too many large requests at once".to_owned())),
        Received::Broken => {
            Err(Failure::Work("the connection broke before the whole request was read".to_owned()))
        }
    };
    let answer = outcome.as_ref().map_err(ToString::to_string).and_then(json_of);
    // What was large is gone by now, but for the answer.
    drop((outcome, held));
    match answer {
        Ok(text) => reply(StatusCode::OK, text),
        Err(error) => {
            tracing::error!(function = name, invocation = id, error, "invocation failed");
            problem(StatusCode::INTERNAL_SERVER_ERROR, &error)
        }
    }
}

fn json_of(outputs: &Outputs) -> Result<Vec<u8>, String> {
    outputs.to_json().map_err(|failure| failure.to_string())
}
