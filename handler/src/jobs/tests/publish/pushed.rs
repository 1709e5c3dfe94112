//! What an LMS tells by itself: in any order, twice, late, signed and not, in pieces of a snapshot.

use super::play::*;
use super::rounds::Rounds;
use crate::calendar::zone::Zone;
use crate::config::{PublishSource, PushSource};
use crate::functions::lms_events::router;
use crate::jobs::operate::forecast::storage::TOLD;
use crate::jobs::publish::push::{Taken, take};
use crate::jobs::testing::contoso;
use crate::jobs::testing::tables::Count;
use crate::ledger::source_sessions;
use crate::lms::RosterReach;
use crate::lms::push::read::{LearnerField, Reading};
use crate::lms::webhook::secret::WebhookSecret;
use crate::lms::webhook::signature::Signer;
use crate::publishing::policy::PublishState;
use crate::sessions::vanish_brake::VanishLimits;
use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use tower::ServiceExt as _;

fn secret() -> WebhookSecret {
    WebhookSecret::parse(&STANDARD.encode([7; 32])).unwrap()
}

fn push() -> PushSource {
    let reading = Reading { learner: LearnerField::Email, zone: Zone::named("Europe/London").unwrap() };
    PushSource { secrets: vec![secret()], reading }
}

async fn rounds() -> Rounds {
    Rounds::new(RosterReach::Nothing, |publish| {
        publish.source = PublishSource::Push(push());
        publish.vanish = VanishLimits { few: 50, percent: 20 };
    })
    .await
}

fn session(hour: u32) -> Value {
    let at = |hour: u32| format!("2027-03-01T{hour:02}:00:00Z");
    let part = json!({ "start": at(hour), "end": at(hour + 1) });
    json!({ "session": "4711", "name": "First aid", "parts": [part] })
}

fn place(name: &str, state: &str) -> Value {
    let learner = json!({ "id": name, "email": format!("{name}@contoso.com") });
    json!({ "session": "4711", "learner": learner, "state": state })
}

fn message(kind: &str, at: DateTime<Utc>, data: &Value) -> Vec<u8> {
    json!({ "type": kind, "timestamp": at.to_rfc3339(), "data": data }).to_string().into_bytes()
}

impl Rounds {
    /// Told now, or with the time of another moment.
    async fn told_at(&self, at: DateTime<Utc>, kind: &str, data: &Value) -> Taken {
        let publish = self.world.context().tenant.publish.clone().unwrap();
        let body = message(kind, at, data);
        take(&self.world.app, &contoso(), (&publish, &push()), &body, self.world.now()).await.unwrap()
    }

    async fn told(&self, kind: &str, data: &Value) -> Taken {
        self.world.clock.advance(chrono::Duration::seconds(1));
        let taken = self.told_at(self.world.now(), kind, data).await;
        // Every message comes twice.
        assert_eq!(self.told_at(self.world.now(), kind, data).await, taken);
        taken
    }

    async fn let_out(&self) {
        self.rounds(3).await;
        self.confirm(None).await;
        self.rounds(3).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_told_stands_in_calendars_and_stays_true() {
    let rounds = rounds().await;
    // The place before its session.
    rounds.told("enrolment.upserted", &place("ana", "held")).await;
    rounds.told("session.upserted", &session(10)).await;
    rounds.told("enrolment.upserted", &place("ben", "held")).await;
    rounds.let_out().await;
    assert_eq!(rounds.mailed(), [to("ana", "invited"), to("ben", "invited")]);
    rounds.told("session.upserted", &session(14)).await;
    rounds.rounds(5).await;
    assert_eq!(rounds.mailed(), [to("ana", "changed"), to("ben", "changed")]);
    rounds.told("enrolment.removed", &place("ana", "absent")).await;
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed(), [to("ana", "cancelled")]);
    rounds.told("session.cancelled", &json!({ "session": "4711", "reason": "ill" })).await;
    rounds.rounds(3).await;
    assert_eq!(rounds.mailed(), [to("ben", "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_late_changes_nothing_that_a_newer_one_said() {
    let rounds = rounds().await;
    rounds.told("session.upserted", &session(10)).await;
    rounds.told("enrolment.upserted", &place("ana", "held")).await;
    let then = rounds.world.now();
    rounds.told("session.upserted", &session(14)).await;
    rounds.told("enrolment.upserted", &place("ana", "cancelled")).await;
    rounds.told_at(then, "session.upserted", &session(10)).await;
    rounds.told_at(then, "enrolment.upserted", &place("ana", "held")).await;
    rounds.told_at(then, "session.cancelled", &json!({ "session": "4711" })).await;
    rounds.rounds(4).await;
    assert!(decided_nothing(&rounds).await);
    let row = source_sessions::load(&rounds.world.app.ledger, &contoso(), &the_session()).await.unwrap();
    let start = row.unwrap().session.start().unwrap().to_rfc3339();
    assert_eq!(start, "2027-03-01T14:00:00+00:00");
}

#[tokio::test(start_paused = true)]
async fn what_is_told_asks_the_ledger_as_often_as_is_said() {
    let rounds = rounds().await;
    rounds.told("session.upserted", &session(10)).await;
    rounds.told("enrolment.upserted", &place("ana", "held")).await;
    rounds.let_out().await;
    let mut most = 0;
    for (kind, data) in [
        ("session.upserted", session(14)),
        ("enrolment.upserted", place("ben", "held")),
        ("enrolment.upserted", place("ben", "cancelled")),
    ] {
        rounds.world.clock.advance(chrono::Duration::minutes(1));
        rounds.world.tables.count();
        rounds.told_at(rounds.world.now(), kind, &data).await;
        let Count { gets, scans, writes } = rounds.world.tables.count();
        most = most.max(gets + scans + writes);
    }
    assert_eq!(most as f64, TOLD);
}

/// Nobody is to be mailed.
async fn decided_nothing(rounds: &Rounds) -> bool {
    let told = crate::jobs::publish::decide::show(&rounds.world.app, &contoso()).await.unwrap();
    told.waiting.mails == 0 && rounds.mailed().is_empty()
}

#[tokio::test(start_paused = true)]
async fn only_a_whole_snapshot_proves_that_something_is_gone() {
    let rounds = rounds().await;
    rounds.told("session.upserted", &session(10)).await;
    for name in ["ana", "ben"] {
        rounds.told("enrolment.upserted", &place(name, "held")).await;
    }
    rounds.let_out().await;
    assert_eq!(rounds.mailed().len(), 2);
    let part = |snapshot: &str, number: u32, sessions: &[Value], places: &[Value]| {
        let (sessions, enrolments) = (json!(sessions), json!(places));
        let count = json!({ "snapshot": snapshot, "number": number, "of": 2 });
        let mut part = count.as_object().unwrap().clone();
        part.extend([("sessions".to_owned(), sessions), ("enrolments".to_owned(), enrolments)]);
        Value::Object(part)
    };
    // One half of it says nothing.
    rounds.told("snapshot", &part("s1", 2, &[], &[place("ben", "held")])).await;
    rounds.rounds(5).await;
    assert_eq!(rounds.mailed(), []);
    // Twice a whole one misses Ana.
    for snapshot in ["s2", "s3"] {
        rounds.told("snapshot", &part(snapshot, 2, &[], &[place("ben", "held")])).await;
        rounds.told("snapshot", &part(snapshot, 1, &[session(10)], &[])).await;
        rounds.rounds(5).await;
    }
    assert_eq!(rounds.mailed(), [to("ana", "cancelled")]);
}

#[tokio::test(start_paused = true)]
async fn an_entry_of_a_snapshot_that_is_not_understood_is_named_and_nothing_is_taken_for_it() {
    let rounds = rounds().await;
    rounds.told("session.upserted", &session(10)).await;
    rounds.told("enrolment.upserted", &place("ana", "held")).await;
    rounds.let_out().await;
    rounds.mailed();
    for snapshot in ["s1", "s2", "s3"] {
        let whole = json!({
            "snapshot": snapshot, "number": 1, "of": 1, "sessions": [session(10)],
            "enrolments": [{ "session": "4711", "learner": { "id": "ana" }, "state": "held" }],
        });
        let taken = rounds.told("snapshot", &whole).await;
        assert_eq!(taken.not_understood.len(), 1, "{taken:?}");
        assert!(taken.not_understood[0].starts_with("data.enrolments[0].learner.email: "), "{taken:?}");
        rounds.rounds(5).await;
    }
    assert_eq!(rounds.mailed(), []);
    assert_eq!(rounds.alerts().await, ["source-entry 1"]);
}

async fn posted(rounds: &mut Rounds, tenant: &str, signer: &[WebhookSecret], body: &[u8]) -> (u16, Value) {
    let now = rounds.world.now().timestamp();
    let text = std::str::from_utf8(body).unwrap();
    let request = Request::post(format!("/{tenant}/events"))
        .header("webhook-id", "msg_1")
        .header("webhook-timestamp", now)
        .header("webhook-signature", Signer::new(signer).sign("msg_1", now, text))
        .body(Body::from(body.to_vec()))
        .unwrap();
    let app = Arc::new(rounds.world.instance().await);
    let response = router(app).oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test(start_paused = true)]
async fn only_what_is_signed_is_read_and_each_answer_says_what_would_be_right() {
    let mut rounds = rounds().await;
    let good = message("session.upserted", rounds.world.now(), &session(10));
    let (status, said) = posted(&mut rounds, "contoso", &[secret()], &good).await;
    assert_eq!((status, said), (202, json!({ "sessions": 1, "enrolments": 0 })));
    let other = WebhookSecret::parse(&STANDARD.encode([8; 32])).unwrap();
    let forged = posted(&mut rounds, "contoso", &[other], &good).await;
    assert_eq!(forged.0, 401);
    assert_eq!(
        posted(&mut rounds, "fabrikam", &[secret()], &good).await,
        forged,
        "nobody learns who is here"
    );
    let wrong = message("session.upserted", rounds.world.now(), &json!({ "session": "1", "name": 7 }));
    let (status, said) = posted(&mut rounds, "contoso", &[secret()], &wrong).await;
    assert_eq!(status, 400);
    assert!(said["error"].as_str().unwrap().starts_with("data.name: "), "{said}");
    let later = message("session.painted", rounds.world.now(), &json!({}));
    let (status, said) = posted(&mut rounds, "contoso", &[secret()], &later).await;
    assert_eq!((status, &said["unknown"]), (202, &json!("session.painted")));
    rounds.world.tenant.publish.as_mut().unwrap().publisher.policy.state = PublishState::Off;
    let (status, said) = posted(&mut rounds, "contoso", &[secret()], &good).await;
    assert_eq!(status, 409, "{said}");
}
