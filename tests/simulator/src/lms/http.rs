//! The LMS's listener: the hook of handler/reference/lms-contract.md#request, and the roster for people.

use super::forward::{self, Asked};
use super::signature::{Signed, verify};
use super::{Order, OrderData, Outcome};
use crate::faults::Fault;
use crate::handle::World;
use crate::serve::lose;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn router(world: World) -> Router {
    Router::new()
        .route("/hooks/regrets", post(hook))
        .route("/sessions", get(sessions))
        .route("/sessions/{id}", get(session))
        .with_state(world)
}

/// Every answer ends its connection, so that an LMS that goes down is down for everybody at once.
fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [("connection", "close")], Json(body)).into_response()
}

async fn hook(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (id, timestamp, signature) =
        (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
    // Signatures go by the machine's clock: the sender knows no other.
    let now = chrono::Utc::now();
    if let Err(wrong) = verify(&world.0.options.lms_secrets, &Signed { id, timestamp, signature }, &body, now)
    {
        return answer(401, &json!({ "message": wrong }));
    }
    if matches!(serde_json::from_slice::<Kind>(&body), Ok(Kind { kind }) if kind == "test.ping") {
        return pong(&world);
    }
    let order: Order = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(error) => return answer(400, &json!({ "message": format!("not an order: {error}") })),
    };
    if let Err(wrong) = check(&order, id) {
        return answer(400, &json!({ "message": wrong }));
    }
    // What the LMS has heard it does, even when whoever asked is gone before it answers.
    let id = id.to_owned();
    let asked = Asked { headers: headers.clone(), body };
    tokio::spawn(async move { carry_out(&world, id, order.data, asked).await })
        .await
        .unwrap_or_else(|_| lose())
}

/// A ping changes nothing, and meets what an order would meet on its way.
fn pong(world: &World) -> Response {
    let mut response = match world.fault(instead) {
        Some((_, response)) => response.unwrap_or_else(lose),
        None => (StatusCode::NO_CONTENT, [("connection", "close")]).into_response(),
    };
    if let Some(date) = world.dated(|fault| {
        let Fault::LmsClock { seconds } = fault else { return None };
        Some(*seconds)
    }) {
        response.headers_mut().insert("date", date);
    }
    response
}

#[derive(serde::Deserialize)]
struct Kind {
    #[serde(rename = "type")]
    kind: String,
}

async fn carry_out(world: &World, id: String, order: OrderData, asked: Asked) -> Response {
    if let Some(ms) = world.fault(|fault| {
        let Fault::LmsSlow { ms } = fault else { return None };
        Some(*ms)
    }) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    if let Some((name, response)) = world.fault(instead) {
        world.0.lms.lock().note_fault(&id, &order, world.0.now(), &name);
        return response.unwrap_or_else(lose);
    }
    if let Some(receiver) = &world.0.options.lms_receiver {
        let answer = forward::pass_on(receiver, asked).await;
        world.0.lms.lock().note_answer(&id, &order, world.0.now(), &forward::outcome(answer.as_ref()));
        let is_lost = world.fault(|fault| (*fault == Fault::LmsLoseReply).then_some(())).is_some();
        return answer.filter(|_| !is_lost).map_or_else(lose, forward::Answer::into_response);
    }
    let later = world.fault(|fault| {
        let Fault::LmsTakesItsTime { ms } = fault else { return None };
        Some(Duration::from_millis(*ms))
    });
    let outcome = match later {
        Some(later) => later_on(world, &id, &order, later),
        None => world.0.lms.lock().cancel(&id, &order, world.0.now()),
    };
    if outcome == Outcome::Done {
        world.tell_of_place(&order.session, &order.learner, Some(&id));
    }
    if world.fault(|fault| (*fault == Fault::LmsLoseReply).then_some(())).is_some() {
        return lose();
    }
    match outcome {
        Outcome::Done => answer(200, &json!({ "message": "the place is free" })),
        Outcome::Accepted
        | Outcome::AlreadyCancelled
        | Outcome::NotEnrolled
        | Outcome::TooLate
        | Outcome::Refused => answer(200, &json!({ "outcome": outcome.as_str() })),
        Outcome::UnknownLearner | Outcome::UnknownSession => {
            answer(404, &json!({ "outcome": outcome.as_str() }))
        }
    }
}

/// Takes the order now and carries it out after a while.
fn later_on(world: &World, id: &str, order: &OrderData, later: Duration) -> Outcome {
    let outcome = world.0.lms.lock().accept(id, order, world.0.now());
    if outcome == Outcome::Accepted {
        let (then, id, order) = (world.clone(), id.to_owned(), order.clone());
        world.spawn(async move {
            tokio::time::sleep(later).await;
            then.0.lms.lock().finish(&id, &order, then.0.now());
            then.tell_of_place(&order.session, &order.learner, Some(&id));
        });
    }
    outcome
}

/// What handler/reference/lms-contract.md#request promises of the body beyond its shape.
fn check(order: &Order, webhook_id: &str) -> Result<(), String> {
    let data = &order.data;
    let wrong = |what: &str, value: &str| Err(format!("{what} '{value}' is not known"));
    if order.kind != "enrolment.cancel" {
        return wrong("type", &order.kind);
    }
    if data.id != webhook_id {
        return Err(format!("data.id '{}' is not the webhook-id '{webhook_id}'", data.id));
    }
    if !["declined", "removed", "unseen"].contains(&data.verdict.as_str()) {
        return wrong("verdict", &data.verdict);
    }
    if !["learner-copy", "organizer-copy", "removal"].contains(&data.evidence.as_str()) {
        return wrong("evidence", &data.evidence);
    }
    if data.generation == 0 || data.decision == 0 || data.attempt == 0 {
        return Err("generation, decision and attempt count from 1".to_owned());
    }
    Ok(())
}

/// The answer that a fault gives instead of doing anything, and its name in the log; no answer: the
/// connection is closed.
fn instead(fault: &Fault) -> Option<(String, Option<Response>)> {
    if let Fault::LmsStatus { status, retry_after } = fault {
        let mut response = answer(*status, &json!({ "message": "not now" }));
        if let Some(value) = retry_after.as_deref().and_then(|after| after.parse().ok()) {
            response.headers_mut().insert("retry-after", value);
        }
        return Some((format!("fault {status}"), Some(response)));
    }
    if let Fault::LmsLie { outcome, message } = fault {
        let response = answer(200, &json!({ "outcome": outcome, "message": message }));
        return Some((format!("lie {outcome}"), Some(response)));
    }
    if let Fault::LmsHtml { status } = fault {
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::OK);
        let head = [("content-type", "text/html"), ("connection", "close")];
        let page = "<html><body><h1>Please sign in</h1></body></html>";
        return Some((format!("html {status}"), Some((status, head, page).into_response())));
    }
    (*fault == Fault::LmsDown).then(|| ("down".to_owned(), None))
}

/// Whether connections are to be closed as they come.
pub(crate) fn is_down(world: &World) -> bool {
    world.fault(|fault| (*fault == Fault::LmsDown).then_some(())).is_some()
}

async fn sessions(State(world): State<World>) -> Response {
    let lms = world.0.lms.lock();
    answer(200, &json!(lms.sessions()))
}

async fn session(State(world): State<World>, Path(id): Path<String>) -> Response {
    let lms = world.0.lms.lock();
    match lms.sessions().get(&id) {
        Some(session) => answer(200, &json!(session)),
        None => answer(404, &json!({ "message": format!("the LMS has no session '{id}'") })),
    }
}
