//! `manage`: the JSON under `/api/manage/` (design, section 3), forwarded raw by the host, which has checked the function key.
//!
//! Every POST is JSON, of no other site's page ([`own_site`]), takes `{"by": …, "reason": …}` and lands in the audit; every error is `{"error": …}` with a sentence that says
//! what would be right.

mod own_site;

pub use own_site::Origins;

use crate::cancellation::carry::PersonsWord;
use crate::cancellation::table::State as Stage;
use crate::ids::{TenantName, UserId};
use crate::store::StoreError;
use crate::work::desk::Office;
use crate::work::person::{self, Refusal, Signed, Wish};
use crate::work::status::{self, Filter};
use crate::work::{alerts, dispatch, ledger};
use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The routes below `/api/manage`.
pub fn router(office: Arc<Office>, origins: Origins) -> Router {
    let routes = Router::new()
        .route("/status", get(get_status))
        .route("/enrolments", get(get_enrolments))
        .route("/enrolments/{id}", get(get_enrolment))
        .route("/enrolments/{id}/{word}", post(post_word))
        .route("/tenants/{tenant}", get(get_tenant))
        .route("/tenants/{tenant}/valve", post(post_valve))
        .route("/tenants/{tenant}/resync", post(post_resync))
        .route("/tenants/{tenant}/alerts/{kind}", post(post_alert))
        .fallback(|| async { error(StatusCode::NOT_FOUND, "there is no such route; the README lists them") })
        .with_state(office);
    own_site::only_from_our_own(routes, origins)
}

type Desk = State<Arc<Office>>;

async fn get_status(State(office): Desk) -> Response {
    answer(status::status(&office).await.map_err(Refusal::from))
}

async fn get_tenant(State(office): Desk, Path(tenant): Path<String>) -> Response {
    let name = TenantName::new(tenant);
    if !office.desks.contains_key(&name) {
        return refused(&Refusal::NotFound(format!("tenant `{name}` is not configured")));
    }
    answer(status::tenant(&office, &name).await.map_err(Refusal::from))
}

async fn get_enrolments(State(office): Desk, Query(filter): Query<Filter>) -> Response {
    if let Some(wrong) = wrong(&filter, &office) {
        return error(StatusCode::BAD_REQUEST, &wrong);
    }
    answer(status::enrolments(&office, &filter).await.map_err(Refusal::from))
}

async fn get_enrolment(State(office): Desk, Path(id): Path<String>) -> Response {
    answer(story(&office, &id).await)
}

async fn story(office: &Office, id: &str) -> Result<status::Story, Refusal> {
    let unknown = || Refusal::NotFound("there is no enrolment with this id; GET enrolments lists them".to_owned());
    status::story(office, id).await?.ok_or_else(unknown)
}

async fn post_word(State(office): Desk, Path((id, word)): Path<(String, String)>, body: Bytes) -> Response {
    let word = match word.as_str() {
        "approve" => PersonsWord::Approve,
        "ignore" => PersonsWord::Ignore,
        "retry" => PersonsWord::Retry,
        other => return error(StatusCode::NOT_FOUND, &format!("`{other}` is not one of approve, ignore, retry")),
    };
    let done = async {
        let row = person::decide(&office, &id, word, &read::<Signed>(&body)?).await?;
        story(&office, &ledger::id_of(&row.reference())).await
    };
    answer(done.await)
}

#[derive(Deserialize)]
struct ValveWish {
    state: Wish,
    #[serde(flatten)]
    signed: Signed,
}

async fn post_valve(State(office): Desk, Path(tenant): Path<String>, body: Bytes) -> Response {
    let name = TenantName::new(tenant);
    let done = async {
        let wish: ValveWish = read(&body)?;
        person::set_valve(&office, &name, wish.state, &wish.signed).await?;
        let valve = dispatch::valve(&office, &name, office.clock.now()).await?;
        Ok(status::ValveStatus::of(valve))
    };
    answer(done.await)
}

#[derive(Deserialize)]
struct ResyncWish {
    mailbox: Option<String>,
    #[serde(flatten)]
    signed: Signed,
}

async fn post_resync(State(office): Desk, Path(tenant): Path<String>, body: Bytes) -> Response {
    let name = TenantName::new(tenant);
    let done = async {
        let wish: ResyncWish = read(&body)?;
        let user = wish.mailbox.map(|id| UserId::new(id.trim().to_lowercase()));
        person::ask_resync(&office, &name, user.as_ref(), &wish.signed).await
    };
    match done.await {
        Ok(marked) => (StatusCode::ACCEPTED, Json(json!({ "mailboxes": marked }))).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

async fn post_alert(State(office): Desk, Path((tenant, kind)): Path<(String, String)>, body: Bytes) -> Response {
    let name = TenantName::new(tenant);
    let done = async {
        person::settle_alert(&office, &name, &kind, &read(&body)?).await?;
        Ok(alerts::open(&office, &name).await?)
    };
    answer(done.await)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let expected = "send JSON such as {\"by\": \"your name\", \"reason\": \"why\"}";
    serde_json::from_slice(body).map_err(|why| Refusal::Wrong(format!("the body does not fit: {why}; {expected}")))
}

/// A filter that can't match anything is a mistake, and is told instead of answered with an empty list.
fn wrong(filter: &Filter, office: &Office) -> Option<String> {
    if let Some(state) = &filter.state
        && state != status::TAKEN_BACK
        && !Stage::ALL.iter().any(|known| known.word() == state)
    {
        let known: Vec<_> = Stage::ALL.iter().map(|state| state.word()).chain([status::TAKEN_BACK]).collect();
        return Some(format!("state `{state}` is unknown; it is one of {}", known.join(", ")));
    }
    if let Some(tenant) = &filter.tenant
        && !office.desks.keys().any(|known| known.as_str() == tenant)
    {
        return Some(format!("tenant `{tenant}` is not configured"));
    }
    if let Some(after) = &filter.after
        && ledger::by_id(after).is_none()
    {
        return Some("`after` is not an id; pass `next` of the page before".to_owned());
    }
    None
}

fn answer<T: Serialize>(found: Result<T, Refusal>) -> Response {
    match found {
        Ok(value) => Json(value).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::Wrong(why) => error(StatusCode::BAD_REQUEST, why),
        Refusal::NotFound(why) => error(StatusCode::NOT_FOUND, why),
        Refusal::Conflict(why) => error(StatusCode::CONFLICT, why),
        Refusal::Store(trouble) => unavailable(trouble),
    }
}

fn unavailable(trouble: &StoreError) -> Response {
    tracing::error!(%trouble, "the ledger can't be used for the management JSON");
    error(StatusCode::SERVICE_UNAVAILABLE, "the ledger can't be used now; see the log")
}

fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}
