//! `tenants/{tenant}/publish` under `/api/manage/`: what is published, what would be, and what a person says
//! to it.

use super::answers::{App, answer, read};
use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::publish::{decide, withdraw};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<AppContext>> {
    Router::new()
        .route("/tenants/{tenant}/publish", get(get_publish))
        .route("/tenants/{tenant}/publish/confirm", post(post_confirm))
        .route("/tenants/{tenant}/publish/withdraw", get(get_withdraw).post(post_withdraw))
}

async fn get_publish(State(app): App, Path(tenant): Path<String>) -> Response {
    answer(decide::show(&app, &TenantName::new(tenant)).await)
}

async fn post_confirm(State(app): App, Path(tenant): Path<String>, body: Bytes) -> Response {
    let done = async { decide::confirm(&app, &TenantName::new(tenant), &read(&body)?).await };
    answer(done.await)
}

async fn get_withdraw(State(app): App, Path(tenant): Path<String>) -> Response {
    answer(withdraw::show(&app, &TenantName::new(tenant)).await)
}

async fn post_withdraw(State(app): App, Path(tenant): Path<String>, body: Bytes) -> Response {
    let done = async { withdraw::ask(&app, &TenantName::new(tenant), &read(&body)?).await };
    answer(done.await)
}
