//! `POST /kit` on the control port: acts a canary's test in the mailboxes of this world, as
//! handler/src/canary_kit/over_http.rs asks. Signed as the LMS's orders are, with the same secret.

use crate::handle::World;
use crate::lms::signature::{Signed, verify};
use crate::world::Model;
use crate::world::act::{ActError, Cancel, Invite, Reply, Who};
use crate::world::item::Answer;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    act: Act,
    test: String,
    organizer: String,
    learner: String,
    subject: Option<String>,
    body: Option<String>,
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
    #[serde(default)]
    properties: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Act {
    Look,
    Invite,
    Decline,
    TakeAway,
}

pub(crate) async fn kit(State(world): State<World>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let signed = Signed {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let told = |status: StatusCode, why: String| (status, Json(json!({ "message": why }))).into_response();
    if let Err(wrong) = verify(&world.0.options.lms_secrets, &signed, &body, Utc::now()) {
        return told(StatusCode::UNAUTHORIZED, wrong);
    }
    let asked: Asked = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(error) => return told(StatusCode::BAD_REQUEST, format!("not an act: {error}")),
    };
    match perform(&world, &asked) {
        Ok(()) => Json(shown(&world.0.model.lock(), &asked)).into_response(),
        Err(error) => told(StatusCode::CONFLICT, error.to_string()),
    }
}

/// As Exchange would name it, and the same for the same test.
fn uid(test: &str) -> String {
    format!("040000008200E00074C5B7101A82E008-{test}")
}

/// What was done is not done again.
fn perform(world: &World, asked: &Asked) -> Result<(), ActError> {
    let session = uid(&asked.test);
    let (is_there, is_declined) = {
        let model = world.0.model.lock();
        (model.meeting(&session).is_ok(), copy(&model, asked).is_none_or(|(_, declined)| declined))
    };
    let who = || Who { learner: asked.learner.clone(), session: session.clone() };
    match (asked.act, is_there) {
        (Act::Look, _) | (Act::Invite, true) | (Act::Decline | Act::TakeAway, false) => Ok(()),
        (Act::Invite, false) => {
            let (Some(start), Some(end)) = (asked.start, asked.end) else { return Err(ActError::Backwards) };
            let wanted = Invite {
                subject: asked.subject.clone().unwrap_or_default(),
                body: asked.body.clone().unwrap_or_default(),
                ical_uid: Some(session.clone()),
                extended: asked.properties.clone(),
                enrol: false,
                ..Invite::new(&asked.test, &asked.organizer, &[&asked.learner], start, end)
            };
            world.act(|model, now| model.invite(&wanted, now))
        }
        (Act::Decline, true) if is_declined => Ok(()),
        (Act::Decline, true) => world.decline(&Reply::new(&asked.learner, &session)),
        (Act::TakeAway, true) => {
            world.cancel(&Cancel { session: session.clone() })?;
            for whose in [&asked.organizer, &asked.learner] {
                let has_copy = {
                    let model = world.0.model.lock();
                    model.whose(whose).is_some_and(|(_, user)| user.mailbox.copy(&session).is_some())
                };
                if has_copy {
                    world.clean_up(&Who { learner: whose.clone(), ..who() })?;
                }
            }
            Ok(())
        }
    }
}

/// The test learner's copy, and whether it is declined.
fn copy<'a>(model: &'a Model, asked: &Asked) -> Option<(&'a str, bool)> {
    let (_, user) = model.whose(&asked.learner)?;
    let item = user.mailbox.copy(&uid(&asked.test))?;
    Some((item.mutable.as_str(), item.status.answer == Answer::Declined))
}

fn shown(model: &Model, asked: &Asked) -> Value {
    let ical_uid = uid(&asked.test);
    let original = model.whose(&asked.organizer).and_then(|(_, user)| user.mailbox.copy(&ical_uid));
    json!({
        "event": original.map(|item| json!({ "id": item.mutable, "iCalUId": ical_uid })),
        "copy": copy(model, asked).map(|(id, declined)| json!({ "id": id, "declined": declined })),
    })
}
