//! Graph's listener: reads a request, asks who calls, and writes the answer.

use super::auth::Caller;
use super::call::{Answer, Call};
use super::query::bad;
use super::{admit, batch, carry_out, record, refusal};
use crate::faults::Fault;
use crate::handle::World;
use crate::serve::lose;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

const MOST_BODY: usize = 4 * 1024 * 1024;

pub(crate) async fn graph(State(world): State<World>, request: Request) -> Response {
    if let Some(slow) = world.fault(|fault| {
        let Fault::GraphSlow { ms } = fault else { return None };
        Some(Duration::from_millis(*ms))
    }) {
        tokio::time::sleep(slow).await;
    }
    if let Some(status) = world.fault(|fault| {
        let Fault::GraphHtml { status } = fault else { return None };
        Some(*status)
    }) {
        return html(status);
    }
    let echoed = request.headers().get("client-request-id").cloned();
    let answer = answer(&world, request).await;
    if world.fault(|fault| (*fault == Fault::GraphLost).then_some(())).is_some() {
        return lose();
    }
    let mut response = write(answer);
    if let Some(date) = world.dated(|fault| {
        let Fault::GraphClock { seconds } = fault else { return None };
        Some(*seconds)
    }) {
        response.headers_mut().insert("date", date);
    }
    if let Some(id) = echoed {
        response.headers_mut().insert("client-request-id", id);
    }
    response
}

async fn answer(world: &World, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map(|target| target.as_str()).unwrap_or_default();
    let Some(target) = target.strip_prefix("/v1.0/") else {
        return bad("Invalid version: only v1.0 is spoken here.");
    };
    let Ok(mut call) = Call::new(parts.method.as_str(), target) else {
        return bad("The request's target can't be read.");
    };
    for (name, value) in &parts.headers {
        let value = value.to_str().unwrap_or_default();
        let known = call.headers.entry(name.as_str().to_owned()).or_default();
        if known.is_empty() { known.push_str(value) } else { known.push_str(&format!(",{value}")) }
    }
    let caller = match world.authenticate(call.header("authorization")) {
        Ok(caller) => caller,
        Err(refusal) => {
            record(world, None, call, &refusal);
            return refusal;
        }
    };
    match read_body(body, &call).await {
        Ok(body) => call.body = body,
        Err(refusal) => return refusal,
    }
    if call.method == "POST" && call.path == ["$batch"] {
        return outer(world, &caller, call).await;
    }
    let admission = admit(world, &caller, &call);
    carry_out(world, &caller, call, admission).await
}

async fn outer(world: &World, caller: &Caller, call: Call) -> Answer {
    let refused = world.fault(|fault| refusal(fault, true).map(|(_, answer)| answer));
    let answer = match refused {
        Some(answer) => answer,
        None => batch::run(world, caller, call.body.as_ref()).await,
    };
    world.0.count(|counters| counters.batches += 1);
    record(world, Some(caller), call, &answer);
    answer
}

async fn read_body(body: Body, call: &Call) -> Result<Option<Value>, Answer> {
    let bytes = to_bytes(body, MOST_BODY)
        .await
        .map_err(|_| Answer::error(413, "RequestEntityTooLarge", "The body is too large."))?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if !call.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return Err(Answer::error(
            415,
            "UnsupportedMediaType",
            "A body needs Content-Type: application/json.",
        ));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|_| bad("Unable to read JSON request payload."))
}

fn html(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, [("content-type", "text/html")], "<html><body><h1>Service unavailable</h1></body></html>")
        .into_response()
}

fn write(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut builder = Response::builder().status(status).header("request-id", Uuid::new_v4().to_string());
    for (name, value) in &answer.headers {
        builder = builder.header(*name, value);
    }
    let body = match &answer.body {
        Some(body) => {
            builder = builder.header("content-type", "application/json;odata.metadata=minimal;charset=utf-8");
            Body::from(body.to_string())
        }
        None => Body::empty(),
    };
    builder.body(body).unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}
