//! `tenants/{tenant}/publish` under `/api/manage/`: what is published, what would be, and what a person says
//! to it.

use super::answers::{App, answer, read};
use super::query;
use crate::ids::{Address, LearnerKey, SessionId, TenantName};
use crate::jobs::context::AppContext;
use crate::jobs::operate::operator::OperatorError;
use crate::jobs::publish::again::{self, Named};
use crate::jobs::publish::{decide, withdraw};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<AppContext>> {
    Router::new()
        .route("/tenants/{tenant}/publish", get(get_publish))
        .route("/tenants/{tenant}/publish/confirm", post(post_confirm))
        .route("/tenants/{tenant}/publish/withdraw", get(get_withdraw).post(post_withdraw))
        .route("/tenants/{tenant}/publish/again", get(get_again).post(post_again))
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

async fn get_again(State(app): App, Path(tenant): Path<String>, RawQuery(query): RawQuery) -> Response {
    let done = async { again::show(&app, &TenantName::new(tenant), named(query.as_deref())?).await };
    answer(done.await)
}

async fn post_again(State(app): App, Path(tenant): Path<String>, body: Bytes) -> Response {
    let done = async { again::ask(&app, &TenantName::new(tenant), &read(&body)?).await };
    answer(done.await)
}

fn named(query: Option<&str>) -> Result<Named, OperatorError> {
    let mut given = query::read(query, query::AGAIN)?;
    Ok(Named {
        session: given.remove("session").map(SessionId::new),
        learner: given.remove("learner").map(LearnerKey::new),
        organizer: given.remove("organizer").map(|text| Address::new(&text)),
    })
}
