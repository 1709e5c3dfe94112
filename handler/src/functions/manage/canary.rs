//! `tenants/{tenant}/canary` under `/api/manage/`: how the test declines went, and one more of them.

use super::answers::{App, answer, read, refused};
use crate::ids::TenantName;
use crate::jobs::canary::ask;
use crate::jobs::context::AppContext;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<AppContext>> {
    Router::new().route("/tenants/{tenant}/canary", get(get_canary).post(post_canary))
}

async fn get_canary(State(app): App, Path(tenant): Path<String>) -> Response {
    answer(ask::show(&app, &TenantName::new(tenant)).await)
}

async fn post_canary(State(app): App, Path(tenant): Path<String>, body: Bytes) -> Response {
    let done = async { ask::run(&app, &TenantName::new(tenant), &read(&body)?).await };
    match done.await {
        Ok(told) => (StatusCode::ACCEPTED, Json(told)).into_response(),
        Err(refusal) => refused(&refusal),
    }
}
