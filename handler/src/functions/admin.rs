//! `admin`: the JSON under `/api/admin/` (design, section 3), forwarded raw by the host, which has checked the function key.
//! Of it, `status` and `enrolments` for now.

use crate::store::StoreError;
use crate::work::desk::Office;
use crate::work::status::{self, Filter};
use axum::Json;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;

/// The routes below `/api/admin`.
pub fn router(office: Arc<Office>) -> Router {
    Router::new()
        .route("/status", get(get_status))
        .route("/enrolments", get(get_enrolments))
        .route("/enrolments/{id}", get(get_enrolment))
        .with_state(office)
}

async fn get_status(State(office): State<Arc<Office>>) -> Response {
    answer(status::status(&office).await)
}

async fn get_enrolments(State(office): State<Arc<Office>>, Query(filter): Query<Filter>) -> Response {
    if let Some(wrong) = wrong(&filter, &office) {
        return error(StatusCode::BAD_REQUEST, &wrong);
    }
    answer(status::enrolments(&office, &filter).await)
}

async fn get_enrolment(State(office): State<Arc<Office>>, Path(id): Path<String>) -> Response {
    match status::story(&office, &id).await {
        Ok(Some(story)) => Json(story).into_response(),
        Ok(None) => error(StatusCode::NOT_FOUND, "there is no enrolment with this id; GET enrolments lists them"),
        Err(trouble) => unavailable(&trouble),
    }
}

/// A filter that can't match anything is a mistake, and is told instead of answered with an empty list.
fn wrong(filter: &Filter, office: &Office) -> Option<String> {
    use crate::cancellation::table::State as S;
    if let Some(state) = &filter.state
        && !S::ALL.iter().any(|known| known.word() == state)
    {
        let known: Vec<_> = S::ALL.iter().map(|state| state.word()).collect();
        return Some(format!("state `{state}` is unknown; it is one of {}", known.join(", ")));
    }
    if let Some(tenant) = &filter.tenant
        && !office.desks.keys().any(|known| known.as_str() == tenant)
    {
        return Some(format!("tenant `{tenant}` is not configured"));
    }
    if let Some(after) = &filter.after
        && crate::work::ledger::by_id(after).is_none()
    {
        return Some("`after` is not an id; pass `next` of the page before".to_owned());
    }
    None
}

fn answer<T: Serialize>(found: Result<T, StoreError>) -> Response {
    match found {
        Ok(value) => Json(value).into_response(),
        Err(trouble) => unavailable(&trouble),
    }
}

fn unavailable(trouble: &StoreError) -> Response {
    tracing::error!(%trouble, "the ledger can't be read for the admin JSON");
    error(StatusCode::SERVICE_UNAVAILABLE, "the ledger can't be read now; see the log")
}

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}
