//! The LMS's hook and its faults, and the control API.

use crate::client::{ANA, Caller, LEARNING, plain, tomorrow, training};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use simulator::{Fault, LMS_SECRET, TenantSeed};

/// Signs and posts an order; `None`: the connection ended without an answer.
async fn post(caller: &Caller, id: &str, secret: &str) -> Option<reqwest::Response> {
    let order = json!({
        "type": "enrolment.cancel",
        "timestamp": chrono::Utc::now(),
        "data": {
            "id": id, "tenant": "contoso", "session": "4711", "learner": ANA, "generation": 1,
            "decision": 1, "verdict": "declined",
            "evidence": "learner-copy", "declinedAt": null, "sessionStart": null, "attempt": 1,
        },
    });
    let (body, timestamp) = (order.to_string(), chrono::Utc::now().timestamp());
    let key = STANDARD.decode(secret.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    let request = caller.simulator.http().post(format!("{}/hooks/regrets", caller.simulator.lms_url()));
    let request = request.header("webhook-id", id).header("webhook-timestamp", timestamp);
    request.header("webhook-signature", signature).body(body).send().await.ok()
}

async fn outcome(caller: &Caller, id: &str) -> (u16, Value) {
    let answer = post(caller, id, LMS_SECRET).await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn enrolled() -> Caller {
    let caller = Caller::open(plain()).await;
    caller.world().invite(&training()).unwrap();
    caller
}

#[tokio::test]
async fn a_cancellation_takes_effect_once_however_often_it_is_asked_for() {
    let caller = enrolled().await;
    assert!(caller.world().is_enrolled("4711", ANA));
    assert_eq!(outcome(&caller, "a").await.0, 200);
    assert_eq!(outcome(&caller, "a").await, (200, json!({ "message": "the place is free" })));
    assert_eq!(outcome(&caller, "b").await, (200, json!({ "outcome": "already_cancelled" })));
    assert_eq!(caller.world().cancellations("4711", ANA), 1);
    let repeats: Vec<bool> = caller.world().effects().iter().map(|effect| effect.repeat).collect();
    assert_eq!(repeats, [false, true, false]);
    let roster = caller
        .simulator
        .http()
        .get(format!("{}/sessions/4711", caller.simulator.lms_url()))
        .send()
        .await
        .unwrap();
    assert_eq!(roster.json::<Value>().await.unwrap()["roster"][ANA]["enrolled"], false);
}

/// A receiver of somebody else's in the LMS's place: what is signed arrives as it was signed, and the answer
/// goes back.
#[tokio::test]
async fn orders_are_passed_on_to_a_receiver_and_its_answers_are_kept() {
    use axum::http::{HeaderMap, StatusCode};
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&seen);
    let receive = async move |headers: HeaderMap, body: String| {
        let id = headers["webhook-id"].to_str().unwrap().to_owned();
        kept.lock().unwrap().push((
            id.clone(),
            headers["webhook-signature"].to_str().unwrap().to_owned(),
            body,
        ));
        match id.as_str() {
            "unknown" => (StatusCode::NOT_FOUND, r#"{"outcome": "Unknown_Session"}"#),
            "broken" => (StatusCode::INTERNAL_SERVER_ERROR, "stack trace"),
            _ => (StatusCode::OK, ""),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: url::Url = format!("http://{}/hook", listener.local_addr().unwrap()).parse().unwrap();
    let app = axum::Router::new().route("/hook", axum::routing::post(receive));
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let caller = Caller::open(simulator::Options { lms_receiver: Some(url), ..plain() }).await;
    let world = caller.world();
    world.invite(&training()).unwrap();

    assert_eq!(
        post(&caller, "a", &STANDARD.encode("another secret of a stranger")).await.unwrap().status(),
        401
    );
    assert_eq!(post(&caller, "broken", LMS_SECRET).await.unwrap().text().await.unwrap(), "stack trace");
    assert_eq!(outcome(&caller, "unknown").await, (404, json!({ "outcome": "Unknown_Session" })));
    world.inject_times(Fault::LmsDown, 1);
    assert!(world.is_enrolled("4711", ANA));
    world.clear_faults();
    world.inject_times(Fault::LmsLoseReply, 1);
    assert!(post(&caller, "a", LMS_SECRET).await.is_none());
    assert_eq!(post(&caller, "a", LMS_SECRET).await.unwrap().status(), 200);
    assert!(!world.is_enrolled("4711", ANA), "as the receiver says");
    let effects: Vec<_> = world
        .effects()
        .into_iter()
        .map(|effect| (effect.outcome, effect.repeat, effect.took_effect))
        .collect();
    let expected = [
        ("HTTP 500", false, false),
        ("unknown_session", false, false),
        ("done", false, true),
        ("done", true, false),
    ];
    assert_eq!(effects, expected.map(|(outcome, repeat, took)| (outcome.to_owned(), repeat, took)));
    assert_eq!(seen.lock().unwrap().len(), 4, "the forged one did not arrive");
}

#[tokio::test]
async fn a_wrong_signature_is_401_and_has_no_effect() {
    let caller = enrolled().await;
    let other = format!("whsec_{}", STANDARD.encode("another secret"));
    assert_eq!(post(&caller, "a", &other).await.unwrap().status(), 401);
    assert!(caller.world().is_enrolled("4711", ANA) && caller.world().effects().is_empty());
}

#[tokio::test]
async fn each_fault_of_the_lms_does_what_it_says() {
    let caller = enrolled().await;
    let world = caller.world();
    world.inject_times(Fault::LmsStatus { status: 503, retry_after: Some("7".to_owned()) }, 1);
    let answer = post(&caller, "a", LMS_SECRET).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (503, "7"));
    world.inject_times(Fault::LmsLie { outcome: "refused".to_owned(), message: None }, 1);
    assert_eq!(outcome(&caller, "a").await.1["outcome"], "refused");
    world.inject_times(Fault::LmsHtml { status: 200 }, 1);
    assert!(post(&caller, "a", LMS_SECRET).await.unwrap().text().await.unwrap().starts_with("<html>"));
    world.inject(Fault::LmsDown);
    assert!(post(&caller, "a", LMS_SECRET).await.is_none());
    world.clear_faults();
    assert!(world.is_enrolled("4711", ANA), "none of these had an effect");

    world.inject_times(Fault::LmsLoseReply, 1);
    assert!(post(&caller, "a", LMS_SECRET).await.is_none());
    assert_eq!(world.cancellations("4711", ANA), 1, "the effect came, the reply did not");
    assert_eq!(outcome(&caller, "a").await.0, 200);
    assert_eq!(world.cancellations("4711", ANA), 1);
}

#[tokio::test]
async fn an_lms_that_takes_its_time_says_accepted_until_it_is_done() {
    let caller = enrolled().await;
    let world = caller.world();
    world.inject_times(Fault::LmsTakesItsTime { ms: 150 }, 1);
    assert_eq!(outcome(&caller, "a").await, (200, json!({ "outcome": "accepted" })));
    assert_eq!(outcome(&caller, "a").await, (200, json!({ "outcome": "accepted" })));
    assert!(world.is_enrolled("4711", ANA));
    while world.is_enrolled("4711", ANA) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(outcome(&caller, "a").await, (200, json!({ "message": "the place is free" })));
    assert_eq!((world.cancellations("4711", ANA), world.altered()), (1, 0));
}

#[tokio::test]
async fn what_the_lms_has_heard_it_does_though_the_caller_is_gone() {
    let caller = enrolled().await;
    let world = caller.world();
    world.inject_times(Fault::LmsSlow { ms: 200 }, 1);
    let impatient =
        tokio::time::timeout(std::time::Duration::from_millis(100), post(&caller, "a", LMS_SECRET)).await;
    assert!(impatient.is_err() && world.is_enrolled("4711", ANA));
    while world.is_enrolled("4711", ANA) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(outcome(&caller, "a").await.0, 200);
    assert_eq!(world.cancellations("4711", ANA), 1);
}

#[tokio::test]
async fn people_act_over_http_and_are_told_what_is_wrong() {
    let caller = Caller::open(plain()).await;
    let (http, control) = (caller.simulator.http(), caller.simulator.control_url().to_owned());
    let act = async |name: &str, body: Value| {
        let answer = http.post(format!("{control}/acts/{name}")).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let invitation = serde_json::to_value(training()).unwrap();
    assert_eq!(act("invite", invitation).await, (200, json!({ "done": "invite" })));
    assert_eq!(act("decline", json!({ "learner": ANA, "session": "4711", "keep": true })).await.0, 200);
    let (status, body) = act("decline", json!({ "learner": "zed@contoso.com", "session": "4711" })).await;
    assert_eq!(
        (status, body["error"].as_str().unwrap()),
        (409, "'zed@contoso.com' is not invited to '4711'")
    );
    assert_eq!(act("decline", json!({ "learner": ANA })).await.0, 400);
    assert_eq!(act("dance", json!({})).await.0, 404);
    let out = json!({ "group": "learners", "user": ANA, "isMember": false });
    assert_eq!(act("member", out).await.0, 200);
    let stranger = json!({ "group": "learners", "user": "zed@contoso.com", "isMember": true });
    assert_eq!(act("member", stranger).await.0, 409);
    let members = format!(
        "groups/{}/transitiveMembers/microsoft.graph.user?$count=true&$select=mail",
        TenantSeed::contoso().group_id("learners")
    );
    let left = caller.send("GET", &members, &[("ConsistencyLevel", "eventual")], None).await.body;
    assert_eq!(left["value"], json!([{ "mail": "bo@contoso.com" }, { "mail": "cy@contoso.com" }]));
    let fault = json!({ "fault": { "kind": "lmsStatus", "status": 503, "retryAfter": "2" }, "times": 3 });
    let answer = http.post(format!("{control}/faults")).json(&fault).send().await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["faults"][0]["retryAfter"], "2");
    let world: Value = http.get(format!("{control}/world")).send().await.unwrap().json().await.unwrap();
    assert_eq!(world["users"][1]["events"][0]["status"]["answer"], "declined");
    assert_eq!(world["sessions"]["4711"]["roster"][ANA]["enrolled"], true);
    let help = http.get(&control).send().await.unwrap().text().await.unwrap();
    assert!(help.contains("remove_cancelled"));
}

#[tokio::test]
async fn every_act_is_there_over_http_and_says_why_it_can_not_be_done() {
    let caller = Caller::open(plain()).await;
    let (http, control) = (caller.simulator.http(), caller.simulator.control_url().to_owned());
    let act = async |name: &str, body: Value| {
        let answer = http.post(format!("{control}/acts/{name}")).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap()["error"].as_str().unwrap_or_default().to_owned())
    };
    let whole = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (first, second) = (tomorrow(), tomorrow() + Duration::days(7));
    let series = json!({
        "organizer": LEARNING, "attendees": ["team@contoso.com"], "session": "s", "start": whole(first),
        "end": whole(first + Duration::hours(2)), "occurrences": [whole(first), whole(second)],
    });
    let who = json!({ "learner": ANA, "session": "s" });
    let of = |occurrence, other: Value| {
        let mut body = json!({ "session": "s", "occurrence": whole(occurrence) });
        body.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        body
    };
    let time =
        json!({ "start": whole(second + Duration::days(1)), "end": whole(second + Duration::days(2)) });
    let bo = json!({ "learner": ANA, "to": "bo@contoso.com", "session": "s", "enrol": true });
    let share = json!({ "from": "bo@contoso.com", "with": ANA });
    let ana = json!({ "learner": ANA });
    // Each is done once, and then makes no sense any more.
    let lines: [(&str, Value, &str); 13] = [
        ("list", json!({ "address": "team@contoso.com", "members": [ANA] }), ""),
        ("invite", series, "a meeting with the iCalUId 'lms-s@contoso.com' exists already: give another one"),
        ("forward", bo, "'bo@contoso.com' is invited to 's' already"),
        (
            "share_calendar",
            share,
            "the calendar of 'bo@contoso.com' can't be shared with 'ana@contoso.com': it is shared with them \
             already",
        ),
        ("retime_occurrence", of(second, time), ""),
        ("cancel_occurrence", of(second, json!({})), "the meeting has no occurrence that starts at"),
        ("auto_decline", who.clone(), "'ana@contoso.com' has no copy of 's' in the calendar"),
        (
            "restore",
            who.clone(),
            "'ana@contoso.com' has a copy of 's' in the calendar: nothing is to be restored",
        ),
        ("clean_up", who.clone(), "'ana@contoso.com' has no copy of 's' in the calendar"),
        ("empty_calendar", ana.clone(), ""),
        ("disable_mailbox", ana.clone(), "the mailbox of 'ana@contoso.com' is disabled: enable it first"),
        ("enable_mailbox", ana, "the mailbox of 'ana@contoso.com' is not disabled"),
        ("matrix", json!({ "unsetTime": "year4501" }), ""),
    ];
    let help = http.get(&control).send().await.unwrap().text().await.unwrap();
    for (name, body, wrong) in lines {
        assert_eq!(act(name, body.clone()).await, (200, String::new()), "{name}");
        let (status, why) = act(name, body).await;
        assert_eq!(status, if wrong.is_empty() { 200 } else { 409 }, "{name}: {why}");
        assert!(why.starts_with(wrong), "{name}: {why}");
        assert!(help.contains(&format!("\n  {name} ")), "{name} is not in the help");
    }
    let (status, why) = act("matrix", json!({ "gravity": true })).await;
    assert!(status == 400 && why.contains("gravity"), "{why}");
    let world: Value = http.get(format!("{control}/world")).send().await.unwrap().json().await.unwrap();
    assert_eq!(
        (&world["matrix"]["unsetTime"], &world["matrix"]["etagOnDeleted"]),
        (&json!("year4501"), &json!(true))
    );
    assert!(caller.world().is_enrolled("s", ANA) && caller.world().is_enrolled("s", "bo@contoso.com"));
    assert!(!caller.world().is_enrolled("s", "team@contoso.com"), "places are for people");
}

#[tokio::test]
async fn effects_are_counted_by_decision() {
    let caller = enrolled().await;
    let world = caller.world();
    assert_eq!(outcome(&caller, "a").await.0, 200);
    world.enrol("4711", ANA).unwrap();
    assert_eq!(outcome(&caller, "a").await.0, 200);
    assert!(world.is_enrolled("4711", ANA), "the repeat of an old cancellation leaves the new place alone");
    assert_eq!(outcome(&caller, "b").await.0, 200);
    assert_eq!(
        world.cancellations_by_decision("4711", ANA),
        [((1, 1), 2)].into(),
        "two effects of one decision are seen"
    );
}
