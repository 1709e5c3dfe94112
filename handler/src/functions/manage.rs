//! `manage`: the JSON under `/api/manage/` (reference/rules.md#management), forwarded raw by the host, which
//! has checked the function key.
//!
//! Every POST is JSON, of no other site's page ([`own_site`]), takes `{"by": …, "reason": …}` and lands in
//! the audit; every error is `{"error": …}` with a sentence that says what would be right.

mod answers;
mod canary;
mod consent;
mod doctor;
mod own_site;
mod publish;
mod query;

use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::transitions::State as Stage;
use crate::ids::{TenantName, UserId};
use crate::invocation_deadline;
use crate::jobs::alerts::try_out;
use crate::jobs::context::AppContext;
use crate::jobs::operate::consent::links::ConsentLinks;
use crate::jobs::operate::disconnect;
use crate::jobs::operate::mailbox_list;
use crate::jobs::operate::mailbox_list::MailboxFilter;
use crate::jobs::operate::operator::{self, Attribution, OperatorError, ValveCommand};
use crate::jobs::operate::status::{self, Filter, List};
use crate::ledger::mailboxes::SubscriptionState;
use crate::ledger::{enrolment_ids, valves};
use answers::{App, answer, error, is_known, known, read, refused};
use axum::body::Bytes;
use axum::extract::{MatchedPath, Path, RawQuery, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
pub use own_site::Origins;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The routes below `/api/manage`.
pub fn router(app: Arc<AppContext>, origins: Origins, links: Arc<ConsentLinks>) -> Router {
    let routes = Router::new()
        .route("/status", get(get_status))
        .route("/enrolments", get(get_enrolments))
        .route("/enrolments/{id}", get(get_enrolment))
        .route("/enrolments/{id}/{word}", post(post_word))
        .route("/tenants/{tenant}", get(get_tenant))
        .route("/tenants/{tenant}/valve", post(post_valve))
        .route("/tenants/{tenant}/resync", post(post_resync))
        .route("/tenants/{tenant}/disconnect", get(get_disconnect).post(post_disconnect))
        .route("/tenants/{tenant}/alerts/{kind}/acknowledge", post(post_acknowledge))
        .route("/alerts/test", post(post_alerts_test))
        .route("/mailboxes", get(get_mailboxes))
        .merge(consent::routes(links))
        .merge(canary::routes())
        .merge(publish::routes())
        .route_layer(middleware::from_fn(only_known))
        .route_layer(middleware::from_fn(in_time))
        .merge(doctor::routes().route_layer(middleware::from_fn(only_known)))
        .fallback(|| async {
            error(StatusCode::NOT_FOUND, "there is no such route; infra/OPERATIONS.md lists them")
        })
        .with_state(app);
    own_site::only_from_our_own(routes, origins)
}

async fn get_status(State(app): App) -> Response {
    answer(status::status(&app).await.map_err(OperatorError::from))
}

async fn get_tenant(State(app): App, Path(tenant): Path<String>) -> Response {
    let done = async {
        let name = &known(&app, tenant)?.tenant.name;
        Ok(status::tenant(&app, name).await?)
    };
    answer(done.await)
}

async fn get_enrolments(State(app): App, RawQuery(query): RawQuery) -> Response {
    let done = async {
        let given = query::read(query.as_deref(), query::ENROLMENTS)?;
        let [tenant, state, session, learner, after, limit] =
            ["tenant", "state", "session", "learner", "after", "limit"].map(|name| given.get(name).cloned());
        let filter = Filter { tenant, state, session, learner, after, limit: query::limit(limit)? };
        match wrong(&filter, &app) {
            Some(wrong) => Err(OperatorError::Wrong(wrong)),
            None => Ok(status::enrolments(&app, &filter).await?),
        }
    };
    answer(done.await)
}

async fn get_mailboxes(State(app): App, RawQuery(query): RawQuery) -> Response {
    let done = async {
        let given = query::read(query.as_deref(), query::MAILBOXES)?;
        let [tenant, standing, after, limit] =
            ["tenant", "standing", "after", "limit"].map(|name| given.get(name).cloned());
        if let Some(unknown) = tenant.as_ref().filter(|tenant| !is_known(&app, tenant)) {
            return Err(OperatorError::Wrong(format!("tenant `{unknown}` is not configured")));
        }
        if let Some(unknown) =
            standing.as_ref().filter(|wanted| !SubscriptionState::ALL.iter().any(|one| one.word() == *wanted))
        {
            let known: Vec<_> = SubscriptionState::ALL.iter().map(|one| one.word()).collect();
            return Err(OperatorError::Wrong(format!(
                "standing `{unknown}` is unknown; it is one of {}",
                known.join(", ")
            )));
        }
        if after.as_ref().is_some_and(|after| mailbox_list::mailbox_cursor(after).is_none()) {
            return Err(OperatorError::Wrong(query::AFTER.to_owned()));
        }
        let filter = MailboxFilter { tenant, standing, after, limit: query::limit(limit)? };
        Ok(mailbox_list::mailboxes(&app, &filter).await?)
    };
    answer(done.await)
}

/// Routes that take no parameters refuse all of them.
async fn only_known(route: MatchedPath, request: Request, next: Next) -> Response {
    let known = query::KNOWN.iter().find(|(of, _)| route.as_str().ends_with(of));
    let known = known.map_or(&[][..], |(_, known)| *known);
    match query::read(request.uri().query(), known) {
        Ok(_) => next.run(request).await,
        Err(refusal) => refused(&refusal),
    }
}

/// A person does not wait for a silent ledger longer than a message does.
async fn in_time(request: Request, next: Next) -> Response {
    match invocation_deadline::within(next.run(request)).await {
        Ok(response) => response,
        Err(invocation_deadline::Over) => {
            tracing::error!("the management JSON waits for the ledger in vain");
            error(StatusCode::SERVICE_UNAVAILABLE, "the ledger does not answer in time; see the log")
        }
    }
}

async fn get_enrolment(State(app): App, Path(id): Path<String>) -> Response {
    answer(story(&app, &id).await)
}

async fn story(app: &AppContext, id: &str) -> Result<status::Story, OperatorError> {
    let unknown = || {
        OperatorError::NotFound(
            "there is no enrolment with this id; `regrets ledger list` and GET enrolments show them all"
                .to_owned(),
        )
    };
    status::story(app, id).await?.ok_or_else(unknown)
}

async fn post_word(State(app): App, Path((id, word)): Path<(String, String)>, body: Bytes) -> Response {
    let word = match word.as_str() {
        "approve" => OperatorDecision::Approve,
        "ignore" => OperatorDecision::Ignore,
        "retry" => OperatorDecision::Retry,
        other => {
            return error(StatusCode::NOT_FOUND, &format!("`{other}` is not one of approve, ignore, retry"));
        }
    };
    let done = async {
        let row = {
            let Said { by, reason, late } = read(&body)?;
            operator::decide_late(&app, &id, word, &Attribution { by, reason }, late).await?
        };
        story(&app, &enrolment_ids::id_of(&row.reference())).await
    };
    answer(done.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    by: String,
    reason: String,
    /// Even after the deadline.
    #[serde(default)]
    late: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValveWish {
    state: ValveCommand,
    by: String,
    reason: String,
}

async fn post_valve(State(app): App, Path(tenant): Path<String>, body: Bytes) -> Response {
    let name = TenantName::new(tenant);
    let done = async {
        let ValveWish { state, by, reason } = read(&body)?;
        operator::set_valve(&app, &name, state, &Attribution { by, reason }).await?;
        let valve = valves::valve(&app.ledger, &name, app.ledger.clock.now()).await?;
        Ok(status::ValveStatus::of(valve))
    };
    answer(done.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResyncWish {
    mailbox: Option<String>,
    by: String,
    reason: String,
}

async fn post_resync(State(app): App, Path(tenant): Path<String>, body: Bytes) -> Response {
    let name = TenantName::new(tenant);
    let done = async {
        let ResyncWish { mailbox, by, reason } = read(&body)?;
        let user = mailbox.map(|id| UserId::new(id.trim().to_lowercase()));
        operator::ask_resync(&app, &name, user.as_ref(), &Attribution { by, reason }).await
    };
    match done.await {
        Ok(marked) => (StatusCode::ACCEPTED, Json(json!({ "mailboxes": marked }))).into_response(),
        Err(refusal) => refused(&refusal),
    }
}

async fn get_disconnect(State(app): App, Path(tenant): Path<String>) -> Response {
    answer(disconnect::list(&app, &TenantName::new(tenant)).await)
}

async fn post_disconnect(State(app): App, Path(tenant): Path<String>, body: Bytes) -> Response {
    let done = async { disconnect::remove(&app, &TenantName::new(tenant), &read(&body)?).await };
    answer(done.await)
}

async fn post_acknowledge(
    State(app): App,
    Path((tenant, kind)): Path<(String, String)>,
    body: Bytes,
) -> Response {
    let name = TenantName::new(tenant);
    let done = async {
        operator::acknowledge_alert(&app, &name, &kind, &read(&body)?).await?;
        Ok(List { items: status::open_alerts(&app, &name).await?, next: None })
    };
    answer(done.await)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelWish {
    channel: Option<String>,
}

/// Changes nothing, so nobody signs for it.
async fn post_alerts_test(State(app): App, body: Bytes) -> Response {
    let done = async {
        let wish: ChannelWish = serde_json::from_slice(&body).map_err(|why| {
            let expected = "send {} or {\"channel\": \"its name\"}";
            OperatorError::Wrong(format!("the body does not fit: {why}; {expected}"))
        })?;
        try_out::try_out(&app, wish.channel.as_deref()).await
    };
    answer(done.await)
}

/// A filter that can't match anything is a mistake, and is told instead of answered with an empty list.
fn wrong(filter: &Filter, app: &AppContext) -> Option<String> {
    if let Some(state) = &filter.state
        && state != status::TAKEN_BACK
        && !Stage::ALL.iter().any(|known| known.word() == state)
    {
        let known: Vec<_> = Stage::ALL.iter().map(|state| state.word()).chain([status::TAKEN_BACK]).collect();
        return Some(format!("state `{state}` is unknown; it is one of {}", known.join(", ")));
    }
    if let Some(tenant) = &filter.tenant
        && !is_known(app, tenant)
    {
        return Some(format!("tenant `{tenant}` is not configured"));
    }
    if let Some(after) = &filter.after
        && enrolment_ids::by_id(after).is_none()
    {
        return Some(query::AFTER.to_owned());
    }
    None
}
