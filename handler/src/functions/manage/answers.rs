//! What every route of the management JSON answers with, and how it reads its body.

use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::operator::OperatorError;
use crate::store::StoreError;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::sync::Arc;

pub(super) type App = State<Arc<AppContext>>;

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, OperatorError> {
    let expected = "send JSON such as {\"by\": \"your name\", \"reason\": \"why\"}";
    serde_json::from_slice(body)
        .map_err(|why| OperatorError::Wrong(format!("the body does not fit: {why}; {expected}")))
}

pub(super) fn is_known(app: &AppContext, tenant: &str) -> bool {
    app.tenants.keys().any(|known| known.as_str() == tenant)
}

pub(super) fn known(app: &AppContext, tenant: String) -> Result<&Arc<TenantContext>, OperatorError> {
    let name = TenantName::new(tenant);
    let unknown = || OperatorError::NotFound(format!("tenant `{name}` is not configured"));
    app.tenants.get(&name).ok_or_else(unknown)
}

pub(super) fn answer<T: Serialize>(found: Result<T, OperatorError>) -> Response {
    match found {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

pub(super) fn refused(refusal: &OperatorError) -> Response {
    match refusal {
        OperatorError::Wrong(why) => error(StatusCode::BAD_REQUEST, why),
        OperatorError::NotFound(why) => error(StatusCode::NOT_FOUND, why),
        OperatorError::Conflict(why) => error(StatusCode::CONFLICT, why),
        OperatorError::Store(failure) => unavailable(failure),
    }
}

fn unavailable(failure: &StoreError) -> Response {
    tracing::error!(trouble = %failure, "the ledger can't be used for the management JSON");
    error(StatusCode::SERVICE_UNAVAILABLE, "the ledger can't be used now; see the log")
}

pub(super) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}
