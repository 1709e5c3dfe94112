//! `doctor` and `doctor/mend` under `/api/manage/`: an examination takes as long as what is looked at, so
//! these have a time of their own.

use super::answers::{App, answer, is_known, read};
use super::query;
use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::operate::doctor::check::Fix;
use crate::jobs::operate::doctor::report::Diagnosis;
use crate::jobs::operate::doctor::{self, mend};
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::jobs::surroundings::Surroundings;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use tokio::time::Instant;

pub(super) fn routes() -> Router<Arc<AppContext>> {
    Router::new().route("/doctor", get(get_doctor)).route("/doctor/mend", post(post_mend))
}

async fn get_doctor(State(app): App, RawQuery(query): RawQuery) -> Response {
    answer(examined(&app, query.as_deref()).await)
}

async fn examined(app: &AppContext, query: Option<&str>) -> Result<Diagnosis, OperatorError> {
    let given = query::read(query, query::DOCTOR)?;
    let tenant = given.get("tenant").cloned();
    if let Some(unknown) = tenant.as_ref().filter(|tenant| !is_known(app, tenant)) {
        return Err(OperatorError::Wrong(format!("tenant `{unknown}` is not configured")));
    }
    let is_wanted = |name: &TenantName| tenant.as_deref().is_none_or(|tenant| name.as_str() == tenant);
    Ok(doctor::examine(app, around(app)?, is_wanted, Instant::now() + doctor::WHOLE).await)
}

fn around(app: &AppContext) -> Result<&Surroundings, OperatorError> {
    let nobody = || OperatorError::Conflict("this process does not know what stands around it".to_owned());
    app.around.as_deref().ok_or_else(nobody)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    fix: Fix,
    tenant: Option<TenantName>,
    by: String,
    reason: String,
}

async fn post_mend(State(app): App, body: Bytes) -> Response {
    let done = async {
        let Wish { fix, tenant, by, reason } = read(&body)?;
        let signed = Attribution { by, reason };
        let done = mend::mend(&app, around(&app)?, tenant.as_ref(), fix, &signed).await?;
        Ok(json!({ "done": done }))
    };
    answer(done.await)
}
