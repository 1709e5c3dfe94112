use crate::enrolment::lms_answer::{LmsOutcome, Place};
use crate::lms::engine::testing::{
    Answer, Lms, Seen, Server, budget, engine, file, get, order, path, pick, post, rule, step, take, text,
};
use crate::lms::engine::trace::{SeenAnswer, SeenRequest, Trace};
use crate::lms::health::HealthVerdict;
use crate::lms::recipe::connector::ConnectorFile;
use crate::lms::recipe::rule::{RuleTest, Test};
use crate::lms::recipe::step::{Condition, Paging, PagingKind, Step};
use crate::lms::recipe::words::{PlaceState, StepOutcome, Verdict};
use crate::lms::{Connector as _, EventFacts, Lookup};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

fn paged() -> ConnectorFile {
    let mut file = file();
    let request = file.recipes.find[0].request.as_mut().unwrap();
    request.paging = Some(Paging { kind: PagingKind::Link, most: 3 });
    file
}

#[tokio::test]
async fn all_pages_are_read_before_anybody_is_picked() {
    let lms = Lms::showing("held");
    for (last, expected) in [
        (r#"[]"#, LmsOutcome::Done),
        (r#"[{"id": 9, "mail": "ana@contoso.com"}]"#, LmsOutcome::Unclear),
        (r#"{"error": "x"}"#, LmsOutcome::Unclear),
    ] {
        "held".clone_into(&mut lms.state.lock().unwrap());
        let knows = Arc::clone(&lms);
        let server = Server::start(move |seen: &Seen| match seen.target.as_str() {
            "/users?after=2" => Answer::json(200, last),
            _ if seen.target.starts_with("/users") => {
                knows.answer(seen).with("link", "</users?after=2>; rel=\"next\"")
            }
            _ => knows.answer(seen),
        })
        .await;
        let reply = engine(paged(), &server).cancel(&order(), budget()).await;
        assert_eq!(reply.outcome, expected, "{last} {reply:?}");
        assert_eq!(server.lines()[1], "GET /users?after=2");
    }
}

#[tokio::test]
async fn pages_without_an_end_and_a_later_page_that_is_gone_are_in_doubt() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_: &Seen| {
        let next = format!("</users?after={}>; rel=next", count.fetch_add(1, Ordering::SeqCst));
        Answer::json(200, "[]").with("link", &next)
    })
    .await;
    let reply = engine(paged(), &server).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, server.lines().len()), (LmsOutcome::Outage, 3), "{reply:?}");

    let mut file = paged();
    file.recipes.find[0].rules = vec![rule(&[404], Vec::new(), Verdict::Outcome(StepOutcome::NotEnrolled))];
    let server = Server::start(|seen: &Seen| match seen.target.contains("after") {
        true => Answer::json(404, "{}"),
        false => Answer::json(200, "[]").with("link", "</users?after=1>; rel=next"),
    })
    .await;
    let reply = engine(file, &server).cancel(&order(), budget()).await;
    assert_eq!(reply.outcome, LmsOutcome::Outage, "{reply:?}");
}

#[tokio::test]
async fn what_was_found_is_remembered_until_it_leads_nowhere() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    // The account is made anew, under another id.
    let id = Arc::new(AtomicUsize::new(7));
    let is = Arc::clone(&id);
    let server = Server::start(move |seen: &Seen| {
        let id = is.load(Ordering::SeqCst);
        if seen.target.starts_with("/users") {
            return Answer::json(200, format!(r#"[{{"id": {id}, "mail": "ana@contoso.com"}}]"#));
        }
        if seen.target.starts_with("/places") && !seen.target.ends_with(&format!("/{id}")) {
            return Answer::json(404, "{}");
        }
        knows.answer(seen)
    })
    .await;
    let mut file = file();
    file.recipes.find[0].request.as_mut().unwrap().cache = Some(Duration::from_secs(3600));
    let engine = engine(file, &server);
    let order = order();
    let place = || engine.place(&order.session, &order.learner, budget());
    assert_eq!((place().await, place().await), (Place::Given, Place::Given));
    assert_eq!(server.lines().len(), 3, "found once: {:?}", server.lines());
    id.store(8, Ordering::SeqCst);
    assert_eq!(place().await, Place::Given);
    let lines = server.lines();
    let expected = ["GET /places/4711/7", "GET /users?mail=ana%40contoso.com", "GET /places/4711/8"];
    assert_eq!(lines[3..], expected);
}

#[tokio::test]
async fn steps_are_passed_over_and_recipes_end_early() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let server = Server::start(move |seen: &Seen| knows.answer(seen)).await;
    let when = |value: &str, is: &str| Condition {
        value: text(value),
        test: Test::Is { value: text(is), ignore_case: false },
    };
    let mut file = file();
    let mut never = step("never", get("/never"));
    never.when = vec![when("{{ session }}", "other")];
    let mut ends = step("ends", get("/x"));
    ends.request = None;
    ends.exit = Some(Verdict::Outcome(StepOutcome::TooLate));
    ends.when = vec![when("{{ user.id }}", "7")];
    file.recipes.find.insert(0, never);
    file.recipes.find.push(ends);
    let reply = engine(file, &server).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, server.lines().len()), (LmsOutcome::TooLate, 1), "{reply:?}");
    assert_eq!(reply.message, None);
}

#[tokio::test]
async fn a_bulk_answer_is_judged_by_its_own_entry() {
    for (body, expected) in [
        (r#"{"results": [{"id": 7, "success": true}]}"#, LmsOutcome::Done),
        (r#"{"results": [{"id": 7, "success": false, "why": "locked by HR"}]}"#, LmsOutcome::Refused),
        (r#"{"results": [{"id": 8, "success": true}]}"#, LmsOutcome::Done),
    ] {
        let lms = Lms::showing("held");
        let knows = Arc::clone(&lms);
        let server = Server::start(move |seen: &Seen| {
            let honest = knows.answer(seen);
            if seen.target == "/cancel" { Answer::json(200, body) } else { honest }
        })
        .await;
        let mut file = file();
        let mut picks =
            pick("$.results[*]", "$.id", "{{ user.id }}", Verdict::Outcome(StepOutcome::UnknownOutcome));
        let failed = Test::Is { value: text("false"), ignore_case: false };
        let mut refused =
            rule(&[], vec![RuleTest::At(path("$.success"), failed)], Verdict::Outcome(StepOutcome::Refused));
        refused.message = Some(path("$.why"));
        picks.rules = vec![refused];
        file.recipes.write[0].pick = Some(picks);
        let reply = engine(file, &server).cancel(&order(), budget()).await;
        assert_eq!(reply.outcome, expected, "{body} {reply:?}");
        if expected == LmsOutcome::Refused {
            assert_eq!(reply.message.as_deref(), Some("`write.cancel`: “locked by HR”"));
        }
    }
}

#[tokio::test]
async fn a_session_is_looked_up_or_nobody_says_which() {
    for (body, expected) in [
        (r#"[{"uid": "abc", "id": 4711}]"#, Lookup::One("4711".into())),
        (r#"[{"uid": "other", "id": 4711}]"#, Lookup::None),
        (r#"[]"#, Lookup::None),
        (r#"[{"uid": "abc", "id": 1}, {"uid": "abc", "id": 2}]"#, Lookup::Many),
        (r#"{"error": 1}"#, Lookup::Unknown),
    ] {
        let server = Server::start(move |_: &Seen| Answer::json(200, body)).await;
        let mut file = file();
        let mut by_uid = step("by_uid", get("/sessions"));
        by_uid.pick = Some(pick(
            "$[*]",
            "$.uid",
            "{{ event.ical_uid }}",
            Verdict::Outcome(StepOutcome::UnknownSession),
        ));
        by_uid.take = vec![take("session", "$.id")];
        file.recipes.lookup = vec![by_uid];
        let event =
            EventFacts { ical_uid: Some("abc".to_owned()), title: String::new(), start: None, end: None };
        let engine = engine(file, &server);
        assert!(engine.can_look_up());
        assert_eq!(engine.lookup(&event, budget()).await, expected, "{body}");
    }
}

#[tokio::test]
async fn a_look_up_that_ends_as_unclear_by_itself_says_that_several_fit() {
    let server = Server::start(|_: &Seen| Answer::json(200, "[]")).await;
    for (exit, expected) in
        [(StepOutcome::Unclear, Lookup::Many), (StepOutcome::UnknownSession, Lookup::None)]
    {
        let mut file = file();
        let both =
            Step { request: None, exit: Some(Verdict::Outcome(exit)), ..step("both", get("/sessions")) };
        file.recipes.lookup = vec![both];
        let event = EventFacts { ical_uid: None, title: String::new(), start: None, end: None };
        assert_eq!(engine(file, &server).lookup(&event, budget()).await, expected);
    }
}

#[tokio::test]
async fn a_probe_tells_a_refused_credential_from_an_outage() {
    for (answer, expected) in [
        (Answer::json(200, "{}"), HealthVerdict::Well),
        (Answer::json(401, "{}"), HealthVerdict::CredentialBroken),
        (Answer::json(404, "{}"), HealthVerdict::ConfigBroken),
        (Answer::json(500, "{}"), HealthVerdict::Outage),
        (Answer::page(200), HealthVerdict::Outage),
        (Answer::json(418, "{}"), HealthVerdict::Unclear),
    ] {
        let said = answer.clone();
        let server = Server::start(move |_: &Seen| said.clone()).await;
        let mut file = file();
        file.recipes.probe = vec![step("me", get("/me"))];
        let health = engine(file, &server).probe(budget()).await.unwrap();
        assert_eq!(health.verdict, expected, "{answer:?} {health:?}");
    }
}

#[derive(Default)]
struct Recorder(Mutex<Vec<String>>);

impl Trace for Recorder {
    fn request(&self, request: &SeenRequest) {
        self.0.lock().unwrap().push(format!("{request:?}"));
    }

    fn answer(&self, answer: &SeenAnswer) {
        self.0.lock().unwrap().push(format!("{answer:?}"));
    }
}

#[tokio::test]
async fn who_listens_hears_everything_but_secrets_and_people() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let server = Server::start(move |seen: &Seen| knows.answer(seen).with("set-cookie", "SID=abcdef")).await;
    let mut file = file();
    let placement = crate::lms::recipe::auth::Placement::Query {
        name: "key".to_owned(),
        value: text("{{ settings.token }}"),
    };
    file.auth = crate::lms::recipe::auth::Auth::Fixed(placement);
    let recorder = Arc::new(Recorder::default());
    let trace: Arc<dyn Trace> = recorder.clone();
    let reply = engine(file, &server).with_trace(trace).cancel(&order(), budget()).await;
    assert_eq!(reply.outcome, LmsOutcome::Done);
    assert_eq!(reply.after, Some(PlaceState::Cancelled));
    assert!(server.lines()[0].contains("key=s3cret-token"));
    let heard = recorder.0.lock().unwrap().clone();
    assert_eq!(heard.len(), 8);
    for line in &heard {
        assert!(!line.contains("s3cret") && !line.contains("contoso") && !line.contains("abcdef"), "{line}");
    }
    assert!(heard[4].contains("writes: true") && heard[4].contains("/cancel?key=***"), "{}", heard[4]);
}

#[tokio::test]
async fn an_lms_that_asks_for_quiet_is_not_asked_again() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let server =
        Server::start(move |seen: &Seen| knows.answer(seen).with("x-remaining", "0").with("x-reset", "300"))
            .await;
    let engine = engine(file(), &server);
    let reply = engine.cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, server.lines().len()), (LmsOutcome::Outage, 1), "{reply:?}");
    assert_eq!(reply.pause, Some(Duration::from_secs(300)));
    assert_eq!(reply.reach, crate::enrolment::lms_answer::Reach::NotTried);
    let again = engine.cancel(&order(), budget()).await;
    assert_eq!((again.outcome, server.lines().len()), (LmsOutcome::Outage, 1));
    assert!(again.retry_after > Some(Duration::from_secs(290)));
}

#[tokio::test]
async fn a_form_needs_no_value_twice() {
    // A step that runs again (reading back) replaces what it took.
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let server = Server::start(move |seen: &Seen| knows.answer(seen)).await;
    let mut file = file();
    file.recipes.read[0].take = vec![take("status", "$.status")];
    file.recipes.tidy = vec![step("told", post("/told", &[("was", "{{ place.status }}")]))];
    let reply = engine(file, &server).cancel(&order(), budget()).await;
    assert_eq!(reply.outcome, LmsOutcome::Done);
    assert_eq!(server.seen().last().unwrap().body, "was=cancelled");
}
