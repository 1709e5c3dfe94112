//! `lms-events`: `POST /api/lms/{tenant}/events`, forwarded raw by the host: what an LMS tells by itself,
//! signed as Standard Webhooks.
//!
//! Guarantees: 202 is only said when all of it is in the ledger; what is not signed is not read, and its
//! sender learns nothing of which tenants there are; every other answer says what would be right.

use crate::ids::TenantName;
use crate::invocation_deadline;
use crate::jobs::context::AppContext;
use crate::jobs::publish::push::{PushError, Signed, Taken, receive};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::json;
use std::sync::Arc;

/// What is read of a body.
const MOST: usize = 1 << 20;

/// The routes below `/api/lms`.
pub fn router(app: Arc<AppContext>) -> Router {
    Router::new()
        .route("/{tenant}/events", post(events))
        .route_layer(from_fn(in_time))
        .layer(DefaultBodyLimit::max(MOST))
        .fallback(nothing)
        .with_state(app)
}

async fn nothing() -> Response {
    error(StatusCode::NOT_FOUND, "there is POST /api/lms/<tenant>/events, and nothing else")
}

async fn events(
    State(app): State<Arc<AppContext>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let tenant = TenantName::new(tenant);
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = text("webhook-id");
    let signed = Signed { id, timestamp: text("webhook-timestamp"), signature: text("webhook-signature") };
    let refused = match receive(&app, &tenant, signed, &body).await {
        Ok(taken) => {
            let Taken { sessions, enrolments, .. } = taken;
            tracing::info!(%tenant, id, sessions, enrolments, "the LMS has told of them");
            return (StatusCode::ACCEPTED, Json(taken)).into_response();
        }
        Err(refused) => refused,
    };
    let status = match &refused {
        PushError::Headers(_) => StatusCode::BAD_REQUEST,
        PushError::NotSigned(_) => StatusCode::UNAUTHORIZED,
        PushError::Off => StatusCode::CONFLICT,
        PushError::Wrong(wrong) => {
            tracing::warn!(%tenant, id, %wrong, "a message of the LMS is not understood");
            StatusCode::BAD_REQUEST
        }
        PushError::Job(failure) => {
            tracing::error!(%tenant, id, %failure, "a message of the LMS could not be written down");
            let why = "it could not be written down now; send it again";
            return error(StatusCode::SERVICE_UNAVAILABLE, why);
        }
    };
    error(status, &refused.to_string())
}

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}

/// The sender does not wait for a silent ledger longer than anybody does.
async fn in_time(request: Request, next: Next) -> Response {
    match invocation_deadline::within(next.run(request)).await {
        Ok(response) => response,
        Err(invocation_deadline::Over) => {
            error(StatusCode::SERVICE_UNAVAILABLE, "it took too long to write it down; send it again")
        }
    }
}
