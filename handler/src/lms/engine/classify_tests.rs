use super::*;
use crate::lms::engine::testing::{get, path, post, rule, text};
use crate::lms::exchange::{self, Received};
use crate::lms::recipe::rule::Test;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use regex::Regex;
use std::borrow::Cow;

struct Nothing;

impl Variables for Nothing {
    fn get(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

fn answer(status: u16, media_type: &str, body: &str) -> Answer {
    extent(status, media_type, Received::Whole(body.as_bytes().to_vec()))
}

fn extent(status: u16, media_type: &str, body: Received) -> Answer {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, media_type.parse().unwrap())]);
    Answer::read(exchange::Answer { status: StatusCode::from_u16(status).unwrap(), headers, body })
}

fn json(status: u16, body: &str) -> Answer {
    answer(status, "application/json", body)
}

fn verdict(answer: &Answer, request: &Request, rules: &[Rule]) -> Verdict {
    judge(answer, request, rules, &Nothing, DateTime::UNIX_EPOCH).unwrap().verdict
}

fn outcome(answer: &Answer, request: &Request) -> Option<StepOutcome> {
    match verdict(answer, request, &[]) {
        Verdict::Ok => None,
        Verdict::Outcome(outcome) => Some(outcome),
        Verdict::State(state) => panic!("{state:?}"),
    }
}

#[test]
fn without_rules_the_status_says_it() {
    use StepOutcome as O;
    let (read, write) = (get("/x"), post("/x", &[]));
    for (status, reads, writes) in [
        (200, None, None),
        (201, None, None),
        (206, Some(O::Retry), Some(O::UnknownOutcome)),
        (301, Some(O::ConfigBroken), Some(O::ConfigBroken)),
        (400, Some(O::Unclear), Some(O::Unclear)),
        (401, Some(O::AuthBroken), Some(O::AuthBroken)),
        (403, Some(O::AuthBroken), Some(O::AuthBroken)),
        (404, Some(O::ConfigBroken), Some(O::Unclear)),
        (408, Some(O::Retry), Some(O::UnknownOutcome)),
        (409, Some(O::Unclear), Some(O::UnknownOutcome)),
        (410, Some(O::ConfigBroken), Some(O::Unclear)),
        (422, Some(O::Unclear), Some(O::Unclear)),
        (425, Some(O::Retry), Some(O::Retry)),
        (429, Some(O::Retry), Some(O::Retry)),
        (500, Some(O::Retry), Some(O::UnknownOutcome)),
        (503, Some(O::Retry), Some(O::UnknownOutcome)),
        (599, Some(O::Retry), Some(O::UnknownOutcome)),
    ] {
        assert_eq!(outcome(&json(status, "{}"), &read), reads, "{status}");
        assert_eq!(outcome(&json(status, "{}"), &write), writes, "{status}");
    }
    let mut busy = json(503, "{}");
    busy.headers.insert(RETRY_AFTER, "7".parse().unwrap());
    assert_eq!(outcome(&busy, &write), Some(O::Retry));
    let judged = judge(&busy, &write, &[], &Nothing, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!((judged.retry_after, judged.pauses), (Some(Duration::from_secs(7)), true));
}

#[test]
fn what_was_not_promised_is_no_success() {
    let (read, write) = (get("/x"), post("/x", &[]));
    let page = answer(200, "text/html", "<p>Sign in");
    let cut = extent(200, "application/json", Received::Cut(b"[1,".to_vec()));
    for bad in [
        page,
        answer(200, "text/plain", "OK"),
        json(200, ""),
        json(200, " \r\n"),
        cut,
        extent(200, "application/json", Received::Broken),
    ] {
        assert_eq!(outcome(&bad, &read), Some(StepOutcome::Retry), "{}", bad.text);
        assert_eq!(outcome(&bad, &write), Some(StepOutcome::UnknownOutcome), "{}", bad.text);
        // A rule by the status alone does not make it one.
        for good in
            [Verdict::Ok, Verdict::Outcome(StepOutcome::Done), Verdict::Outcome(StepOutcome::NotEnrolled)]
        {
            let rules = [rule(&[200], Vec::new(), good)];
            assert_eq!(
                verdict(&bad, &write, &rules),
                Verdict::Outcome(StepOutcome::UnknownOutcome),
                "{}",
                bad.text
            );
        }
    }
    let with = |expect, empty_is_ok| Request { expect, empty_is_ok, ..post("/x", &[]) };
    assert_eq!(outcome(&json(204, ""), &with(Expect::Json, true)), None);
    assert_eq!(outcome(&json(200, ""), &with(Expect::Empty, false)), None);
    assert_eq!(outcome(&json(200, "{}"), &with(Expect::Empty, false)), Some(StepOutcome::UnknownOutcome));
    assert_eq!(outcome(&answer(200, "text/plain", "true"), &with(Expect::Text, false)), None);
    assert_eq!(outcome(&answer(200, "text/html", "<p>"), &with(Expect::Any, false)), None);
}

#[test]
fn the_first_rule_that_matches_counts() {
    use crate::lms::recipe::words::PlaceState;
    let at = |path_: &str, test| RuleTest::At(path(path_), test);
    let is = |value: &str| Test::Is { value: text(value), ignore_case: false };
    let rules = [
        rule(&[], vec![at("$.errorcode", is("invalidtoken"))], Verdict::Outcome(StepOutcome::AuthBroken)),
        rule(&[], vec![at("$.exception", Test::Exists(true))], Verdict::Outcome(StepOutcome::Unclear)),
        rule(&[404], Vec::new(), Verdict::State(PlaceState::Absent)),
        rule(
            &[200],
            vec![RuleTest::Text(Regex::new("(?i)maintenance").unwrap())],
            Verdict::Outcome(StepOutcome::Retry),
        ),
        rule(
            &[],
            vec![RuleTest::Header("x-reason".to_owned(), is("locked"))],
            Verdict::Outcome(StepOutcome::Refused),
        ),
        rule(&[], vec![at("$.found", Test::IsEmpty(true))], Verdict::Outcome(StepOutcome::UnknownLearner)),
    ];
    let write = post("/x", &[]);
    let says = |answer: &Answer| verdict(answer, &write, &rules);
    let outcome = Verdict::Outcome;
    assert_eq!(
        says(&json(200, r#"{"errorcode": "invalidtoken", "exception": "x"}"#)),
        outcome(StepOutcome::AuthBroken)
    );
    assert_eq!(says(&json(200, r#"{"exception": "x"}"#)), outcome(StepOutcome::Unclear));
    assert_eq!(says(&json(404, r#"{"found": 1}"#)), Verdict::State(PlaceState::Absent));
    assert_eq!(says(&json(404, "")), Verdict::State(PlaceState::Absent));
    assert_eq!(
        says(&answer(404, "text/html", "<html>Not found")),
        outcome(StepOutcome::UnknownOutcome),
        "a proxy"
    );
    assert_eq!(says(&answer(200, "text/html", "<p>Maintenance")), outcome(StepOutcome::Retry));
    // Nothing is missing in what is no JSON.
    assert_eq!(says(&answer(200, "text/html", "<p>")), outcome(StepOutcome::UnknownOutcome));
    assert_eq!(says(&json(200, r#"{"found": []}"#)), outcome(StepOutcome::UnknownLearner));
    let mut locked = json(200, r#"{"found": 1}"#);
    locked.headers.insert("x-reason", "locked".parse().unwrap());
    assert_eq!(says(&locked), outcome(StepOutcome::Refused));
    assert_eq!(says(&json(200, r#"{"found": 1}"#)), Verdict::Ok);
}

#[test]
fn delays_and_words_in_the_body_are_heard() {
    let mut slow = rule(
        &[],
        vec![RuleTest::At(path("$.wait"), Test::Exists(true))],
        Verdict::Outcome(StepOutcome::Retry),
    );
    slow.retry_after = Some(path("$.wait"));
    slow.message = Some(path("$.message"));
    let judged = |body: &str| {
        judge(&json(200, body), &get("/x"), std::slice::from_ref(&slow), &Nothing, DateTime::UNIX_EPOCH)
            .unwrap()
    };
    let first = judged(r#"{"wait": "12.5", "message": "slow down"}"#);
    assert_eq!((first.retry_after, first.pauses), (Some(Duration::from_millis(12_500)), true));
    assert_eq!(first.words.as_deref(), Some("slow down"));
    for (wait, expected) in
        [("1e300", Some(LONGEST)), ("-4", None), ("\"soon\"", None), ("0", None), ("\"NaN\"", None)]
    {
        assert_eq!(judged(&format!(r#"{{"wait": {wait}}}"#)).retry_after, expected, "{wait}");
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40)
}

proptest! {
    /// However wrong an answer is, nothing is taken for good that is not a whole 2xx as it was promised.
    #[test]
    fn good_is_only_what_was_promised(status in 200_u16..600, body in bytes()) {
        let seen = extent(status, "application/json", Received::Whole(body.clone()));
        let is_good = outcome(&seen, &post("/x", &[])).is_none();
        let is_json = serde_json::from_slice::<Value>(&body).is_ok();
        if is_good {
            prop_assert!((200..300).contains(&status) && status != 206);
            prop_assert!(is_json || !seen.text.is_ascii() || seen.json.is_some());
        }
    }
}
