//! `POST /admin/functions/<name>` with `{"input": "<text>"}` and the master key: runs a timer or queue
//! function once (reference/functions-host.md#manual-runs). The answer is 202, before the function runs. A
//! timer that is run by hand runs beside its own runs.

use crate::context::Context;
use crate::error::{LocalError, Result};
use crate::function_json::{Function, Trigger};
use crate::keys::key;
use crate::payload::{self, QueueCall};
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

const LARGEST: usize = 1024 * 1024;

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    input: Option<String>,
}

pub(super) async fn run(context: &Arc<Context>, name: &str, request: Request) -> Response {
    if !key(request.uri(), request.headers()).is_some_and(|key| context.keys.is_master(&key)) {
        return (StatusCode::UNAUTHORIZED, "x-functions-key must be the master key of keys.json\n")
            .into_response();
    }
    if *request.method() != Method::POST {
        return (StatusCode::METHOD_NOT_ALLOWED, [("allow", "POST")]).into_response();
    }
    let Some(function) = context.function(name) else {
        return (StatusCode::NOT_FOUND, format!("there is no function `{name}`\n")).into_response();
    };
    if matches!(function.trigger, Trigger::Http(_)) {
        return (StatusCode::BAD_REQUEST, format!("`{name}` has an HTTP trigger: call its route\n"))
            .into_response();
    }
    let bytes = match axum::body::to_bytes(request.into_body(), LARGEST).await {
        Ok(bytes) if bytes.is_empty() => bytes::Bytes::from_static(b"{}"),
        Ok(bytes) => bytes,
        Err(_) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
    };
    let body: Body = match serde_json::from_slice(&bytes) {
        Ok(body) => body,
        Err(error) => {
            return (StatusCode::BAD_REQUEST, format!("{error}; expected {{\"input\": \"text\"}}\n"))
                .into_response();
        }
    };
    let (context_of_run, function) = (Arc::clone(context), Arc::clone(function));
    // Its failure is said in the log; nobody waits for it, neither we nor a stop.
    context.spawn_loose(async move {
        let _ = once(&context_of_run, &function, &body.input.unwrap_or_default()).await;
    });
    StatusCode::ACCEPTED.into_response()
}

/// Runs a queue function on `input`, which lies in no queue, or a timer function; waits for its outcome.
pub(super) async fn once(context: &Context, function: &Function, input: &str) -> Result<()> {
    let now = context.clock.now();
    let payload = match &function.trigger {
        Trigger::Http(_) => {
            return Err(LocalError::Failed(format!(
                "`{}` has an HTTP trigger: call its route",
                function.name
            )));
        }
        Trigger::Queue(trigger) => {
            let (id, receipt) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
            let call = QueueCall {
                id: &id,
                content: input.as_bytes(),
                receipt: &receipt,
                dequeues: 0,
                inserted: now,
                expires: now + TimeDelta::days(7),
                visible: now,
            };
            payload::queue(&function.name, &trigger.binding, trigger.binary, &call, now)
        }
        Trigger::Timer(trigger) => {
            let status = if trigger.monitor { context.statuses.get(&function.name).await? } else { None };
            payload::timer(&function.name, &trigger.binding, status.as_ref(), false, now)
        }
    };
    let outcome = context.invoker.invoke(function, &payload).await;
    outcome.map(|_| ()).map_err(|failure| LocalError::Failed(failure.to_string()))
}
