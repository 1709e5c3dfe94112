use super::*;
use crate::enrolment::lms_answer::Reach;
use crate::lms::Connector as _;
use crate::lms::engine::testing::{
    Answer, Lms, Seen, Server, budget, engine, engine_with, file, order, path, post, rule, settings, step,
};
use crate::lms::recipe::connector::ConnectorFile;
use crate::lms::recipe::rule::{RuleTest, Test};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The reply to one attempt at an LMS that shows this, and whose answers are changed so.
async fn cancelled(
    file: ConnectorFile,
    lms: &Arc<Lms>,
    order: &Order,
    change: impl Fn(&Seen, Answer) -> Answer + Send + Sync + 'static,
) -> (Reply, Vec<String>) {
    let knows = Arc::clone(lms);
    let server = Server::start(move |seen| change(seen, knows.answer(seen))).await;
    let reply = engine(file, &server).cancel(order, budget()).await;
    (reply, server.lines())
}

fn as_it_is(_: &Seen, answer: Answer) -> Answer {
    answer
}

const ALL: [&str; 4] =
    ["GET /users?mail=ana%40contoso.com", "GET /places/4711/7", "POST /cancel", "GET /places/4711/7"];

#[tokio::test]
async fn a_place_is_read_cancelled_and_read_again() {
    let lms = Lms::showing("held");
    let (reply, lines) = cancelled(file(), &lms, &order(), as_it_is).await;
    assert_eq!(reply.outcome, LmsOutcome::Done, "{reply:?}");
    assert_eq!((reply.before, reply.after), (Some(PlaceState::Held), Some(PlaceState::Cancelled)));
    assert_eq!(reply.reach, Reach::Sent);
    assert_eq!(lines, ALL);
    assert_eq!(*lms.writes.lock().unwrap(), ["user=7&session=4711"]);
}

#[tokio::test]
async fn what_is_not_to_be_cancelled_is_not_written_to() {
    for (state, expected) in [
        ("absent", LmsOutcome::NotEnrolled),
        ("cancelled", LmsOutcome::AlreadyCancelled),
        ("cohort", LmsOutcome::HeldElsewhere),
        ("been", LmsOutcome::TooLate),
        ("mystery", LmsOutcome::Unclear),
    ] {
        let lms = Lms::showing(state);
        let (reply, lines) = cancelled(file(), &lms, &order(), as_it_is).await;
        assert_eq!((reply.outcome, reply.reach), (expected, Reach::NotReached), "{state}: {reply:?}");
        assert_eq!(lines.len(), 2, "{state}");
    }
}

#[tokio::test]
async fn a_place_that_was_given_after_the_decision_is_left_alone() {
    let lms = Lms::showing("held");
    for (given, expected) in [
        ("2026-11-21T09:59:00Z", LmsOutcome::Superseded),
        ("1795255140", LmsOutcome::Superseded),
        ("1795255140000", LmsOutcome::Superseded),
        ("not a time", LmsOutcome::Unclear),
        ("2026-11-21T09:00:00Z", LmsOutcome::Done),
    ] {
        *lms.given.lock().unwrap() = Some(given.to_owned());
        let (reply, _) = cancelled(file(), &lms, &order(), as_it_is).await;
        assert_eq!(reply.outcome, expected, "{given}: {reply:?}");
    }
    assert_eq!(lms.writes(), 1);
}

#[tokio::test]
async fn a_session_that_has_begun_is_too_late() {
    let lms = Lms::showing("held");
    let begun = |seen: &Seen, answer: Answer| match seen.target.starts_with("/places") {
        true => Answer::json(200, r#"{"status": "held", "started": 1}"#),
        false => answer,
    };
    let (reply, _) = cancelled(file(), &lms, &order(), begun).await;
    assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::TooLate, 0));
}

#[tokio::test]
async fn a_write_that_is_answered_well_and_does_nothing_is_not_done() {
    for (still_held, expected) in [
        (StepOutcome::HeldElsewhere, LmsOutcome::HeldElsewhere),
        (StepOutcome::Unclear, LmsOutcome::Unclear),
        (StepOutcome::Retry, LmsOutcome::Outage),
    ] {
        let lms = Lms::showing("held");
        let lies = |seen: &Seen, answer: Answer| match seen.target.as_str() {
            "/cancel" => answer,
            _ if seen.target.starts_with("/places") => Answer::json(200, r#"{"status": "held"}"#),
            _ => answer,
        };
        let mut file = file();
        file.after_write.still_held = Verdict::Outcome(still_held);
        let (reply, _) = cancelled(file, &lms, &order(), lies).await;
        assert_eq!((reply.outcome, reply.reach), (expected, Reach::Sent), "{reply:?}");
        assert_eq!(reply.after, Some(PlaceState::Held));
    }
}

#[tokio::test]
async fn an_lms_whose_readings_come_late_is_read_again() {
    let lms = Lms::showing("held");
    let late = AtomicUsize::new(0);
    let lags = move |seen: &Seen, answer: Answer| {
        if seen.target.starts_with("/places") && late.fetch_add(1, Ordering::SeqCst) < 3 {
            return Answer::json(200, r#"{"status": "held"}"#);
        }
        answer
    };
    let mut file = file();
    file.after_write.reads = 3;
    let (reply, lines) = cancelled(file.clone(), &lms, &order(), lags).await;
    assert_eq!((reply.outcome, lines.len()), (LmsOutcome::Done, 6), "{reply:?}");

    // Without the time for that nobody knows.
    let lms = Lms::showing("held");
    let stale = |seen: &Seen, answer: Answer| match seen.target.starts_with("/places") {
        true => Answer::json(200, r#"{"status": "held"}"#),
        false => answer,
    };
    file.after_write.wait = Duration::from_secs(100);
    let (reply, _) = cancelled(file, &lms, &order(), stale).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Outage, Reach::Sent), "{reply:?}");
}

#[tokio::test]
async fn what_an_lms_shows_of_a_learner_is_not_told() {
    let shows = |seen: &Seen, answer: Answer| match seen.target.split(['?', '/']).nth(1) {
        Some("places") => Answer::json(200, r#"{"status": "ana bell", "name": "Ana Bell"}"#),
        _ => answer,
    };
    let (reply, _) = cancelled(file(), &Lms::showing("held"), &order(), shows).await;
    assert_eq!(reply.outcome, LmsOutcome::Unclear);
    let told = reply.message.unwrap();
    assert!(told.starts_with("`read.place`: a state that the connector does not know"), "{told}");
    assert!(!told.contains("Bell") && !told.contains("ana"), "{told}");
}

/// The reply to the write is lost at each of its bytes: the LMS has done it, and what is read says so.
#[tokio::test]
async fn a_lost_reply_is_found_out_by_reading() {
    let whole = Answer::json(200, r#"{"ok": true}"#).wire().len();
    for bytes in 0..=whole {
        let lms = Lms::showing("held");
        let loses = move |seen: &Seen, answer: Answer| match seen.target.as_str() {
            "/cancel" => answer.cut(bytes),
            _ => answer,
        };
        let (reply, _) = cancelled(file(), &lms, &order(), loses).await;
        assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::Done, 1), "{bytes} bytes: {reply:?}");
    }
}

/// The same where it was lost on its way to the LMS: nothing was done, and the next attempt does it.
#[tokio::test]
async fn a_request_that_never_arrived_is_no_done() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let lost = AtomicUsize::new(0);
    let server = Server::start(move |seen| {
        if seen.target == "/cancel" && lost.fetch_add(1, Ordering::SeqCst) == 0 {
            return Answer::empty(200).cut(0);
        }
        knows.answer(seen)
    })
    .await;
    let engine = engine(file(), &server);
    let first = engine.cancel(&order(), budget()).await;
    assert_eq!((first.outcome, first.reach), (LmsOutcome::Outage, Reach::Sent), "{first:?}");
    assert_eq!((first.after, lms.writes()), (Some(PlaceState::Held), 0));
    let second = engine.cancel(&Order { attempt: 2, may_be_repeated: true, ..order() }, budget()).await;
    assert_eq!((second.outcome, lms.writes()), (LmsOutcome::Done, 1), "{second:?}");
}

#[tokio::test]
async fn after_a_write_only_a_reading_says_done() {
    for answer in [
        Answer::page(200),
        Answer::empty(200),
        Answer::empty(204),
        Answer::json(206, "{}"),
        Answer::json(409, "{}"),
        Answer::json(408, "{}"),
        Answer::json(500, "{}"),
        Answer::json(502, "{}"),
        Answer::page(503),
        Answer::json(404, "{}"),
        Answer::json(400, "{}"),
    ] {
        // Carried out or not, and the same answer.
        for is_done in [true, false] {
            let lms = Lms::showing("held");
            let said = answer.clone();
            let says = move |seen: &Seen, answer: Answer| match seen.target.as_str() {
                "/cancel" => said.clone(),
                _ if seen.target.starts_with("/places") && !is_done => {
                    Answer::json(200, r#"{"status": "held"}"#)
                }
                _ => answer,
            };
            let (reply, lines) = cancelled(file(), &lms, &order(), says).await;
            assert_eq!(lines.len(), 4, "{answer:?} {reply:?}");
            assert_eq!(reply.outcome == LmsOutcome::Done, is_done, "{answer:?} {reply:?}");
            if !is_done {
                let expected = [LmsOutcome::Outage, LmsOutcome::Unclear];
                assert!(expected.contains(&reply.outcome), "{answer:?} {reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_was_not_carried_out_is_not_read_again() {
    for (answer, expected) in [
        (Answer::json(401, "{}"), LmsOutcome::CredentialBroken),
        (Answer::json(403, "{}"), LmsOutcome::CredentialBroken),
        (Answer::json(429, "{}").with("retry-after", "30"), LmsOutcome::Outage),
        (Answer::json(503, "{}").with("retry-after", "30"), LmsOutcome::Outage),
        (Answer::empty(302).with("location", "/elsewhere"), LmsOutcome::Unexpected),
    ] {
        let lms = Lms::showing("held");
        let said = answer.clone();
        let says = move |seen: &Seen, answer: Answer| match seen.target.as_str() {
            "/cancel" => said.clone(),
            _ => answer,
        };
        let (reply, lines) = cancelled(file(), &lms, &order(), says).await;
        assert_eq!((reply.outcome, lines.len()), (expected, 3), "{answer:?} {reply:?}");
        let waits = (expected == LmsOutcome::Outage).then_some(Duration::from_secs(30));
        assert_eq!((reply.retry_after, reply.pause), (waits, waits), "{answer:?}");
    }
}

#[tokio::test]
async fn only_a_connector_that_can_not_read_back_is_believed() {
    let done =
        vec![rule(&[200], vec![RuleTest::At(path("$.ok"), exists())], Verdict::Outcome(StepOutcome::Done))];
    let mut blind = file();
    blind.about.verified = Verified::Answer;
    blind.recipes.read.clear();
    blind.recipes.write[0].rules = done.clone();
    let lms = Lms::showing("held");
    let (reply, lines) = cancelled(blind.clone(), &lms, &order(), as_it_is).await;
    assert_eq!((reply.outcome, lines.len(), reply.after), (LmsOutcome::Done, 2, None), "{reply:?}");

    // A page is not believed, whatever a rule makes of its status.
    blind.recipes.write[0].rules = vec![rule(&[200], Vec::new(), Verdict::Outcome(StepOutcome::Done))];
    let page = |seen: &Seen, answer| if seen.target == "/cancel" { Answer::page(200) } else { answer };
    let (reply, _) = cancelled(blind, &lms, &order(), page).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Outage, Reach::Sent), "{reply:?}");

    let mut reads = file();
    reads.recipes.write[0].rules = done;
    let lies = |seen: &Seen, answer: Answer| match seen.target.starts_with("/places") {
        true => Answer::json(200, r#"{"status": "held"}"#),
        false => answer,
    };
    let (reply, _) = cancelled(reads, &lms, &order(), lies).await;
    assert_eq!(reply.outcome, LmsOutcome::Unclear, "{reply:?}");
}

fn exists() -> Test {
    Test::Exists(true)
}

#[tokio::test]
async fn what_hangs_on_the_place_is_tidied_up_and_told_where_not() {
    let mut file = file();
    file.recipes.tidy = vec![step("voucher", post("/cancel", &[("voucher", "{{ user.id }}")]))];
    let lms = Lms::showing("held");
    let (reply, lines) = cancelled(file.clone(), &lms, &order(), as_it_is).await;
    assert_eq!((reply.outcome, reply.message, lines.len()), (LmsOutcome::Done, None, 5));

    let lms = Lms::showing("cancelled");
    let (reply, lines) = cancelled(file.clone(), &lms, &order(), as_it_is).await;
    assert_eq!((reply.outcome, lines.len()), (LmsOutcome::AlreadyCancelled, 2), "somebody else's");
    let repeated = Order { may_be_repeated: true, ..order() };
    let fails = |seen: &Seen, answer| match seen.target == "/cancel" {
        true => Answer::json(500, r#"{"message": "no voucher s3cret-token of ana@contoso.com"}"#),
        false => answer,
    };
    let (reply, lines) = cancelled(file, &lms, &repeated, fails).await;
    assert_eq!((reply.outcome, lines.len()), (LmsOutcome::AlreadyCancelled, 3));
    let told = reply.message.unwrap();
    assert!(told.contains("could not be tidied up") && told.contains("no voucher *** of ***"), "{told}");
}

#[tokio::test]
async fn an_lms_that_is_not_there_is_an_outage_and_nothing_was_sent() {
    let reply = engine_with(file(), settings("http://127.0.0.1:9")).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Outage, Reach::NotReached), "{reply:?}");
    assert!(!reply.message.unwrap().contains("127.0.0.1"));
}

fn any_answer() -> impl Strategy<Value = Answer> {
    let body = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..60),
        Just(br#"{"status": "cancelled"}"#.to_vec()),
        Just(br#"{"status": "held", "given": "x", "started": {}}"#.to_vec()),
        Just(b"<html>".to_vec()),
        Just(br#"[{"id": 99999999999999999999999, "mail": "ana@contoso.com"}]"#.to_vec()),
        Just(br#"{"status": "#.to_vec()),
    ];
    let headers = prop_oneof![
        Just(("content-type", "application/json")),
        Just(("content-type", "text/html")),
        Just(("retry-after", "1")),
        Just(("location", "//elsewhere/x")),
        Just(("x-remaining", "0")),
        Just(("link", "<http://127.0.0.1/>; rel=next")),
    ];
    (100_u16..600, body, headers, prop::option::of(0_usize..120)).prop_map(
        |(status, body, (name, value), cut)| {
            let answer =
                Answer::empty(if status < 200 { status + 100 } else { status }).bytes(body).with(name, value);
            match cut {
                Some(cut) => answer.cut(cut),
                None => answer,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever an LMS answers to anything: no panic, no more requests than the recipes have, and no "done"
    /// but by a reading after the write that shows the place gone.
    #[test]
    fn no_answer_makes_it_say_done_without_a_reading(
        answers in prop::collection::vec(prop::option::weighted(0.4, any_answer()), 4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let lms = Lms::showing("held");
            let knows = Arc::clone(&lms);
            let count = AtomicUsize::new(0);
            let server = Server::start(move |seen| {
                let index = count.fetch_add(1, Ordering::SeqCst);
                let honest = knows.answer(seen);
                answers.get(index).cloned().flatten().unwrap_or(honest)
            }).await;
            let reply = engine(file(), &server).cancel(&order(), budget()).await;
            let lines = server.lines();
            // A redirect within the origin may add some.
            assert!(lines.len() <= 4 + 3 * 4, "{lines:?}");
            assert!(lms.writes() <= 1 + 3);
            if reply.outcome == LmsOutcome::Done {
                assert!(reply.after.is_some_and(PlaceState::is_gone), "{reply:?}");
                assert!(lines.len() >= 4 && lines.last().unwrap().starts_with("GET /places"), "{lines:?}");
            }
            if reply.reach != Reach::Sent {
                assert_eq!(lms.writes(), 0);
            }
        });
    }
}
