//! `lms-events`: `POST /api/lms/{tenant}/events`, forwarded raw by the host: what an LMS tells by itself, signed
//! as Standard Webhooks.
//!
//! Guarantees: 202 is only said when all of it is in the ledger; what is not signed is not read, and its
//! sender learns nothing of which tenants there are; every other answer says what would be right.

use crate::config::{PublishSource, PushSource};
use crate::ids::TenantName;
use crate::invocation_deadline;
use crate::jobs::context::AppContext;
use crate::jobs::publish::push::{PushError, take};
use crate::lms::push::verify::{Headers, Refused, verify};
use crate::publishing::policy::PublishState;
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
        .fallback(|| async {
            error(StatusCode::NOT_FOUND, "there is POST /api/lms/<tenant>/events, and nothing else")
        })
        .with_state(app)
}

async fn events(
    State(app): State<Arc<AppContext>>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let tenant = TenantName::new(tenant);
    let context = app.tenants.get(&tenant);
    let publish = context.and_then(|context| context.tenant.publish.as_ref());
    let pushes = publish.and_then(|publish| match &publish.source {
        PublishSource::Lms => None,
        PublishSource::Push(push) => Some((publish, push)),
    });
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let given = Headers {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
    };
    let secrets = pushes.map(|(_, PushSource { secrets, .. })| secrets.as_slice()).unwrap_or_default();
    let now = app.ledger.clock.now();
    let id = match verify(given, &body, secrets, now) {
        Ok(id) => id.to_owned(),
        Err(refused @ (Refused::Missing(_) | Refused::NotATime)) => {
            return error(StatusCode::BAD_REQUEST, &refused.to_string());
        }
        Err(refused @ (Refused::Stale { .. } | Refused::NotSigned)) => {
            return error(StatusCode::UNAUTHORIZED, &refused.to_string());
        }
    };
    let (Some((publish, push)), Some(context)) = (pushes, context) else {
        return error(StatusCode::UNAUTHORIZED, &Refused::NotSigned.to_string());
    };
    if !context.tenant.active || publish.publisher.policy.state == PublishState::Off {
        let why = "publishing is switched off here, so nothing is taken; send it again once it is on";
        return error(StatusCode::CONFLICT, why);
    }
    match take(&app, &tenant, (publish, push), &body, now).await {
        Ok(taken) => {
            tracing::info!(%tenant, id, sessions = taken.sessions, enrolments = taken.enrolments, "taken from the LMS");
            (StatusCode::ACCEPTED, Json(taken)).into_response()
        }
        Err(PushError::Wrong(wrong)) => {
            tracing::warn!(%tenant, id, %wrong, "a message of the LMS is not understood");
            error(StatusCode::BAD_REQUEST, &wrong.to_string())
        }
        Err(PushError::Job(failure)) => {
            tracing::error!(%tenant, id, %failure, "a message of the LMS could not be written down");
            error(StatusCode::SERVICE_UNAVAILABLE, "it could not be written down now; send it again")
        }
    }
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
