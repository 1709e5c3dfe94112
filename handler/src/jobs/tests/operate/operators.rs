//! What people decide, and the brake that asks them.

use crate::calendar::event::Answer;
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::{LmsOutcome, OrderEvidence, OrderVerdict};
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::policy::Brake;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::enrolment::wakeups::WakeUpKind;
use crate::functions::manage;
use crate::jobs::operate::operator::{self, Attribution, OperatorError, ValveCommand};
use crate::jobs::testing::consent::links;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{enrolment_ids, valves};
use crate::messages::ChangeType;
use crate::store::Table;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt as _;

fn olga(reason: &str) -> Attribution {
    Attribution { by: "olga".into(), reason: reason.into() }
}

async fn in_review(world: &World) -> String {
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
    enrolment_ids::id_of(&world.row("ana", 1).await.reference())
}

async fn valve(world: &World) -> ValveState {
    valves::valve(&world.app.ledger, &world.tenant.name, world.app.ledger.clock.now()).await.unwrap().state
}

async fn open_alerts(world: &World) -> Vec<AlertKind> {
    let open = alerts::open(&world.app.ledger, &world.tenant.name).await.unwrap();
    open.into_iter().map(|alert| alert.kind).collect()
}

#[tokio::test(start_paused = true)]
async fn what_waits_for_a_person_stands_on_the_review_partition_with_its_evidence() {
    let world = World::new().await;
    let id = in_review(&world).await;
    let reviews = || {
        let agenda = world.agenda().into_iter();
        agenda
            .filter(|(key, _)| key.starts_with("review~contoso/"))
            .map(|(_, row)| row.entry.what)
            .collect::<Vec<_>>()
    };
    let [WakeUpKind::Review { enrolment, verdict, evidence, .. }] = &reviews()[..] else {
        panic!("{:?}", reviews())
    };
    assert_eq!(enrolment_ids::id_of(enrolment), id);
    assert_eq!((*verdict, *evidence), (Some(OrderVerdict::Removed), Some(OrderEvidence::Removal)));
    operator::decide(&world.app, &id, OperatorDecision::Ignore, &olga("a clean-up")).await.unwrap();
    assert_eq!(reviews(), []);
}

#[tokio::test(start_paused = true)]
async fn an_open_alert_remembers_since_when() {
    let world = World::new().await;
    let raise = || alerts::raise(&world.app.ledger, &world.tenant.name, AlertKind::Review);
    raise().await.unwrap();
    let since = world.now();
    world.clock.advance(minutes(5));
    raise().await.unwrap();
    let open = alerts::open(&world.app.ledger, &world.tenant.name).await.unwrap();
    assert_eq!(open.iter().map(|alert| alert.since).collect::<Vec<_>>(), [since]);
}

#[tokio::test(start_paused = true)]
async fn what_is_approved_is_carried_out_and_lands_in_the_audit() {
    let world = World::new().await;
    let id = in_review(&world).await;
    operator::decide(&world.app, &id, OperatorDecision::Approve, &olga("she told me")).await.unwrap();
    world.pass(minutes(2)).await;
    assert_eq!(world.outcome("ana", 1).await, Some(OutcomeKind::Lms(LmsOutcome::Done)));
    let filed = world.tables.dump(Table::Activity);
    let by_olga: Vec<_> = filed.iter().filter(|row| row.entity["by"] == "olga").collect();
    assert_eq!(by_olga.len(), 1);
    assert_eq!(by_olga[0].entity["text"], "Approved: she told me");
}

#[tokio::test(start_paused = true)]
async fn what_is_ignored_keeps_the_place_and_is_not_asked_again() {
    let world = World::new().await;
    let id = in_review(&world).await;
    operator::decide(&world.app, &id, OperatorDecision::Ignore, &olga("a clean-up")).await.unwrap();
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(90)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_attends_after_an_ignore_is_asked_about_again() {
    let world = World::new().await;
    let id = in_review(&world).await;
    operator::decide(&world.app, &id, OperatorDecision::Ignore, &olga("a clean-up")).await.unwrap();
    world.graph.invite("ana", 1);
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Created).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_sign_is_refused() {
    let world = World::new().await;
    let id = in_review(&world).await;
    for signed in [Attribution { by: " ".into(), reason: "x".into() }, olga(""), olga(&"x".repeat(501))] {
        let refused = operator::decide(&world.app, &id, OperatorDecision::Approve, &signed).await;
        assert!(matches!(refused, Err(OperatorError::Wrong(_))), "{signed:?}");
    }
    assert_eq!(world.state("ana", 1).await, State::Review);
}

#[tokio::test(start_paused = true)]
async fn a_stopped_valve_holds_everything_back_until_a_person_opens_it() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    let name = &world.tenant.name;
    operator::set_valve(&world.app, name, ValveCommand::Stopped, &olga("exam week")).await.unwrap();
    world.declined("ana", 1).await;
    world.pass(minutes(60)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Waiting, 0));
    operator::set_valve(&world.app, name, ValveCommand::Open, &olga("over")).await.unwrap();
    world.pass(minutes(2)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    let filed = world.tables.dump(Table::Activity);
    let texts: Vec<_> =
        filed.iter().filter(|row| row.entity["by"] == "olga").map(|row| &row.entity["text"]).collect();
    assert_eq!(texts, ["The valve is stopped: exam week", "The valve is opened: over"]);
}

#[tokio::test(start_paused = true)]
async fn one_decision_too_many_closes_the_valve_for_all_that_is_not_sent() {
    let world = World::with(|tenant| {
        tenant.policy.brake = Brake { decisions: 2, within: minutes(60), per_learner: 9 };
    })
    .await;
    for learner in ["ana", "ben", "cem"] {
        world.invited(learner, 1).await;
        world.declined(learner, 1).await;
    }
    assert_eq!(valve(&world).await, ValveState::Braked);
    assert_eq!(open_alerts(&world).await, ["brake"]);
    world.pass(minutes(120)).await;
    assert_eq!(world.lms.asked(), 0, "nothing is sent, not even what was decided before");

    operator::set_valve(
        &world.app,
        &world.tenant.name,
        ValveCommand::Open,
        &olga("a real cancellation of the coach"),
    )
    .await
    .unwrap();
    world.pass(minutes(3)).await;
    assert_eq!(world.lms.orders().len(), 3);
    assert!(open_alerts(&world).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_count_starts_anew_when_a_person_opens_and_forgets_what_is_out_of_the_window() {
    let world = World::with(|tenant| {
        tenant.policy.brake = Brake { decisions: 2, within: minutes(60), per_learner: 9 };
    })
    .await;
    for session in 1..=4 {
        world.invited("ana", session).await;
        world.declined("ana", session).await;
        world.pass(minutes(31)).await;
    }
    assert_eq!(valve(&world).await, ValveState::Open, "never more than two within an hour");
    for session in 5..=6 {
        world.invited("ana", session).await;
        world.declined("ana", session).await;
    }
    assert_eq!(valve(&world).await, ValveState::Braked);
    world.clock.advance(minutes(1));
    operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Open, &olga("fine")).await.unwrap();
    world.clock.advance(minutes(1));
    for session in 7..=8 {
        world.invited("ana", session).await;
        world.declined("ana", session).await;
    }
    assert_eq!(valve(&world).await, ValveState::Open, "two since the opening");
}

#[tokio::test(start_paused = true)]
async fn too_many_for_one_learner_hold_back_that_learner_alone() {
    let world = World::with(|tenant| {
        tenant.policy.brake = Brake { decisions: 50, within: minutes(60), per_learner: 2 };
    })
    .await;
    for session in 1..=3 {
        world.invited("ana", session).await;
        world.declined("ana", session).await;
    }
    world.invited("ben", 1).await;
    world.declined("ben", 1).await;
    world.pass(minutes(30)).await;
    assert_eq!(world.state("ben", 1).await, State::Done);
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    assert_eq!(world.lms.orders().len(), 1);
    operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Open, &olga("she is ill"))
        .await
        .unwrap();
    world.pass(minutes(3)).await;
    assert_eq!(world.lms.orders().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn reading_the_same_decline_again_is_not_counted_again() {
    let world = World::with(|tenant| {
        tenant.policy.brake = Brake { decisions: 1, within: minutes(60), per_learner: 9 };
    })
    .await;
    world.invited("ana", 1).await;
    for _ in 0..5 {
        world.declined("ana", 1).await;
    }
    assert_eq!(valve(&world).await, ValveState::Open);
    // Nor when something else about it is read.
    for _ in 0..5 {
        world.clock.advance(minutes(1));
        world.graph.copy("ana", 1, |event| event.end = event.end.map(|end| end + minutes(15)));
        world.hint("ana", 1, ChangeType::Updated).await;
    }
    assert_eq!((world.state("ana", 1).await, valve(&world).await), (State::Waiting, ValveState::Open));
}

async fn call(router: &axum::Router, method: &str, path: &str, body: &str) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test(start_paused = true)]
async fn the_management_json_says_what_would_be_right() {
    let world = World::new().await;
    let id = in_review(&world).await;
    let router = manage::router(
        Arc::new(world.app),
        manage::Origins::new(&"https://r.example".parse().unwrap(), None),
        links(),
    );
    let signed = r#"{"by": "olga", "reason": "she told me"}"#;
    let approve = format!("/enrolments/{id}/approve");
    let rows = [
        ("GET", "/nothing".to_owned(), "", 404, "there is no such route"),
        ("GET", "/enrolments?state=gone".to_owned(), "", 400, "it is one of watched, waiting"),
        ("GET", "/enrolments?tenant=nobody".to_owned(), "", 400, "is not configured"),
        ("GET", "/enrolments?after=%2F".to_owned(), "", 400, "is none that we gave"),
        ("GET", "/enrolments/contoso.x.y".to_owned(), "", 404, "no enrolment with this id"),
        ("GET", "/tenants/nobody".to_owned(), "", 404, "is not configured"),
        (
            "GET",
            "/enrolments?status=review".to_owned(),
            "",
            400,
            "1 unknown parameter: `status`; those that are known are tenant, state, session, learner, after, \
             limit",
        ),
        ("GET", "/enrolments?State=review&x=".to_owned(), "", 400, "2 unknown parameters: `State`, `x`"),
        ("GET", "/enrolments?state=review&state=done".to_owned(), "", 400, "given twice"),
        ("GET", "/enrolments?limit=0".to_owned(), "", 400, "a number from 1 to 1000"),
        ("GET", "/status?tenant=contoso".to_owned(), "", 400, "this route takes none"),
        ("GET", "/tenants/contoso?x=1".to_owned(), "", 400, "this route takes none"),
        ("GET", format!("/enrolments/{id}?full=1"), "", 400, "this route takes none"),
        ("GET", "/mailboxes?state=refused".to_owned(), "", 400, "known are tenant, standing, after, limit"),
        (
            "GET",
            "/mailboxes?standing=gone".to_owned(),
            "",
            400,
            "it is one of wanted, watched, failing, no-mailbox, refused",
        ),
        ("GET", "/mailboxes?after=x".to_owned(), "", 400, "is none that we gave"),
        ("POST", format!("{approve}?by=olga"), signed, 400, "this route takes none"),
        (
            "POST",
            approve.clone(),
            r#"{"by": "olga", "reason": "r", "force": true}"#,
            400,
            "unknown field `force`, expected",
        ),
        (
            "POST",
            "/tenants/contoso/valve".to_owned(),
            r#"{"state": "open", "by": "o", "reason": "r", "x": 1}"#,
            400,
            "unknown field `x`, expected one of `state`, `by`, `reason`",
        ),
        (
            "POST",
            "/tenants/contoso/resync".to_owned(),
            r#"{"mailboxes": ["zoe"], "by": "o", "reason": "r"}"#,
            400,
            "unknown field `mailboxes`",
        ),
        (
            "POST",
            "/tenants/contoso/alerts/review/acknowledge".to_owned(),
            r#"{"by": "o", "reason": "r", "until": 1}"#,
            400,
            "unknown field `until`",
        ),
        ("POST", format!("/enrolments/{id}.2.1/approve"), signed, 409, "the place is in generation 1 by now"),
        ("POST", approve.clone(), "", 400, "send JSON such as"),
        ("POST", approve.clone(), r#"{"by": "olga"}"#, 400, "missing field `reason`"),
        ("POST", format!("/enrolments/{id}/accept"), signed, 404, "approve, ignore, retry"),
        ("POST", format!("/enrolments/{id}/retry"), signed, 409, "approve it or ignore it"),
        ("POST", "/tenants/contoso/alerts/blind/acknowledge".to_owned(), signed, 404, "these are: review"),
        (
            "POST",
            "/tenants/contoso/valve".to_owned(),
            r#"{"state": "shut", "by": "o", "reason": "r"}"#,
            400,
            "does not fit",
        ),
        (
            "POST",
            "/tenants/contoso/resync".to_owned(),
            r#"{"mailbox": "zoe", "by": "o", "reason": "r"}"#,
            404,
            "not watched",
        ),
    ];
    for (method, path, body, status, part) in rows {
        let (got, answer) = call(&router, method, &path, body).await;
        assert_eq!(got.as_u16(), status, "{method} {path}: {answer}");
        assert!(answer["error"].as_str().unwrap().contains(part), "{method} {path}: {answer}");
    }
    let (status, story) = call(&router, "POST", &approve, signed).await;
    assert_eq!((status, &story["state"]), (StatusCode::OK, &Value::from("waiting")));
    let stop = r#"{"state": "stopped", "by": "olga", "reason": "exam week"}"#;
    let (_, valve) = call(&router, "POST", "/tenants/contoso/valve", stop).await;
    assert_eq!(
        (&valve["state"], &valve["why"]),
        (&Value::from("stopped"), &Value::from("exam week (by olga)"))
    );
    let (status, tenant) = call(&router, "GET", "/tenants/contoso", "").await;
    assert_eq!((status, &tenant["valve"]["state"]), (StatusCode::OK, &Value::from("stopped")));
}

#[tokio::test(start_paused = true)]
async fn an_alert_whose_end_nobody_sees_is_settled_by_a_person() {
    let world = World::new().await;
    alerts::raise(&world.app.ledger, &contoso(), AlertKind::PoisonChanges).await.unwrap();
    let signed = Attribution { by: "olga".into(), reason: "seen to".into() };
    operator::acknowledge_alert(&world.app, &contoso(), "poison-changes", &signed).await.unwrap();
    assert_eq!(alerts::open(&world.app.ledger, &contoso()).await.unwrap(), []);
    let told = world.tables.dump(Table::Activity);
    assert!(
        told.iter().any(|row| row.entity["text"] == "The alert poison-changes is acknowledged: seen to"),
        "{told:?}"
    );
    let again = operator::acknowledge_alert(&world.app, &contoso(), "poison-changes", &signed).await;
    assert!(matches!(again, Err(OperatorError::NotFound(_))));
}

/// Each route's shape: what scripts and pages stand on.
#[tokio::test(start_paused = true)]
async fn every_route_of_the_management_json_has_its_shape() {
    let world = World::new().await;
    world.watch().await;
    let id = in_review(&world).await;
    let router = manage::router(
        Arc::new(world.app),
        manage::Origins::new(&"https://r.example".parse().unwrap(), None),
        links(),
    );
    let signed = r#"{"by": "olga", "reason": "r"}"#;
    let stop = r#"{"state": "stopped", "by": "olga", "reason": "r"}"#;
    let rows = [
        ("GET", "/status".to_owned(), ""),
        ("GET", "/tenants/contoso?code=key&clientId=default".to_owned(), ""),
        ("GET", "/enrolments?state=review&limit=1".to_owned(), ""),
        ("GET", format!("/enrolments/{id}"), ""),
        ("GET", format!("/enrolments/{id}.1.1"), ""),
        ("GET", "/mailboxes?limit=1".to_owned(), ""),
        ("POST", "/tenants/contoso/alerts/review/acknowledge".to_owned(), signed),
        ("POST", "/tenants/contoso/valve".to_owned(), stop),
        ("POST", "/tenants/contoso/resync".to_owned(), signed),
        ("POST", format!("/enrolments/{id}/approve"), signed),
    ];
    let mut shapes = Vec::new();
    for (method, path, body) in rows {
        let (status, answer) = call(&router, method, &path, body).await;
        shapes.push(format!(
            "{method} {} {}\n  {}",
            path.replace(&id, "{id}"),
            status.as_u16(),
            shape(&answer)
        ));
    }
    insta::assert_snapshot!(shapes.join("\n"));
}

/// A value's members and the kinds of its values, with every time held against the one format.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}: {}", shape(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.first().map(shape).unwrap_or_default()),
        Value::String(text) if chrono::DateTime::parse_from_rfc3339(text).is_ok() => {
            assert!(text.len() == 24 && text.ends_with('Z'), "{text} is no time of the one format");
            "time".to_owned()
        }
        Value::String(_) => "text".to_owned(),
        Value::Number(_) => "number".to_owned(),
        Value::Bool(_) => "bool".to_owned(),
        Value::Null => "null".to_owned(),
    }
}
