use super::super::classify::About;
use super::super::request::Lane;
use super::super::testing::{Counted, ScriptedWire, SentBatch, Step};
use super::*;
use crate::clock::SystemClock;
use futures::future::join_all;
use serde_json::{Value, json};
use std::collections::HashMap;
use tokio::time::{advance, sleep, timeout};

fn batcher(wire: &ScriptedWire) -> Batcher {
    let options =
        BatchOptions { deadline: Duration::from_secs(25), clock: Arc::new(SystemClock), seed: Some(1) };
    Batcher::start(wire.clone(), Tokens::new(Counted::default()), options)
}

fn read(mailbox: &str, item: usize) -> Request {
    let lane = Lane::Mailbox(mailbox.to_owned());
    Request::new("GET", format!("/users/{mailbox}/events/{item}"), About::Event, lane)
}

fn write() -> Request {
    let request = Request::new("POST", "/subscriptions".into(), About::NewSubscription, Lane::Subscriptions);
    Request { repeatable: false, body: Some(json!({})), ..request }
}

/// Answers with the URL itself.
fn fine(url: &str) -> (u16, Value, Value) {
    (200, json!({}), json!({"url": url}))
}

fn failing(status: u16) -> (u16, Value, Value) {
    (status, json!({}), json!({"error": {"code": "Whatever"}}))
}

fn url(reply: Result<Reply, GraphError>) -> String {
    let body: Value = serde_json::from_str(reply.unwrap().unwrap().get()).unwrap();
    body["url"].as_str().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn batches_hold_twenty_parts_and_four_of_a_mailbox() {
    let wire = ScriptedWire::by(|batch, _| Step::each(batch, fine));
    let batcher = batcher(&wire);
    let busy = (0..30).map(|item| read("busy", item));
    let calls: Vec<Request> = busy.chain((0..200).map(|item| read(&format!("m{item}"), item))).collect();
    let answers = join_all(calls.iter().map(|request| batcher.call(request.clone()))).await;
    for (request, answer) in calls.iter().zip(answers) {
        assert_eq!(url(answer), request.path);
    }
    let sent = wire.sent();
    assert!(sent.iter().any(|batch| batch.parts.len() == 20), "full batches are made");
    assert_eq!(sent.iter().map(|batch| batch.parts.len()).sum::<usize>(), 230, "each part is sent once");
    let busy = |batch: &SentBatch| batch.urls().iter().filter(|url| url.contains("busy")).count();
    for batch in &sent {
        assert!(batch.parts.len() <= 20);
        // Each takes 100 ms, so what began within that time before is in flight still.
        let beside: Vec<&SentBatch> = sent
            .iter()
            .filter(|other| other.at <= batch.at && batch.at < other.at + Duration::from_millis(100))
            .collect();
        assert!(beside.len() <= BATCHES, "{} batches in flight", beside.len());
        assert!(beside.iter().map(|batch| busy(batch)).sum::<usize>() <= 4, "five requests on one mailbox");
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_goes_at_once_and_a_lonely_call_after_a_moment() {
    let wire = ScriptedWire::by(|batch, _| Step::each(batch, fine));
    let batcher = batcher(&wire);
    let begin = Instant::now();
    let mailboxes: Vec<String> = (0..20).map(|number| format!("m{number}")).collect();
    join_all(mailboxes.iter().map(|mailbox| batcher.call(read(mailbox, 1)))).await;
    assert_eq!(wire.sent()[0].at, begin);
    let begin = Instant::now();
    batcher.call(read("one", 1)).await.unwrap();
    let waited = wire.sent()[1].at - begin;
    assert!(!waited.is_zero() && waited < Duration::from_millis(10), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn only_the_failed_part_is_sent_again_and_not_before_it_may() {
    let wire = ScriptedWire::by(|batch, before| {
        Step::each(batch, |url| match (before, url.contains("m2")) {
            (0, true) => {
                (429, json!({"RETRY-after": "2.128"}), json!({"error": {"code": "TooManyRequests"}}))
            }
            _ => fine(url),
        })
    });
    let batcher = batcher(&wire);
    let answers = join_all(["m1", "m2", "m3"].map(|mailbox| batcher.call(read(mailbox, 1)))).await;
    assert!(answers.iter().all(Result::is_ok));
    let sent = wire.sent();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1].urls(), ["/users/m2/events/1"]);
    let waited = sent[1].at - sent[0].at - Duration::from_millis(100);
    assert!(waited >= Duration::from_millis(2128) && waited < Duration::from_millis(2200), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_mailbox_waits_alone() {
    let wire = ScriptedWire::by(|batch, before| {
        Step::each(batch, |url| match (before, url.contains("slow")) {
            (0, true) => (429, json!({"Retry-After": 10}), json!({})),
            _ => fine(url),
        })
    });
    let batcher = batcher(&wire);
    let begin = Instant::now();
    let later = async |mailbox: &'static str| {
        sleep(Duration::from_secs(1)).await;
        batcher.call(read(mailbox, 2)).await.unwrap();
        begin.elapsed()
    };
    let (first, slow, quick) = tokio::join!(batcher.call(read("slow", 1)), later("slow"), later("quick"));
    first.unwrap();
    assert!(slow >= Duration::from_secs(10), "its own lane waits: {slow:?}");
    assert!(quick < Duration::from_millis(1200), "others go on: {quick:?}");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_batch_holds_up_the_tenant() {
    let wire = ScriptedWire::by(|batch, before| match before {
        0 => Step::Answer(429, vec![("retry-after", "5")], String::new()),
        _ => Step::each(batch, fine),
    });
    let batcher = batcher(&wire);
    let other = async {
        sleep(Duration::from_secs(1)).await;
        batcher.call(read("other", 1)).await
    };
    let (one, other) = tokio::join!(batcher.call(read("one", 1)), other);
    assert!(one.is_ok() && other.is_ok());
    let sent = wire.sent();
    assert_eq!(sent.len(), 2, "both go together once they may");
    assert!(sent[1].at - sent[0].at >= Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_costs_one_new_token() {
    let outer = |batch: &SentBatch, _| match batch.token.as_str() {
        "t0" => Step::Answer(401, vec![], r#"{"error":{"code":"InvalidAuthenticationToken"}}"#.into()),
        _ => Step::each(batch, fine),
    };
    let inner = |batch: &SentBatch, _| {
        Step::each(
            batch,
            |url| if batch.token == "t0" && url.contains("m1") { failing(401) } else { fine(url) },
        )
    };
    for wire in [ScriptedWire::by(outer), ScriptedWire::by(inner)] {
        let batcher = batcher(&wire);
        let answers = join_all(["m1", "m2"].map(|mailbox| batcher.call(read(mailbox, 1)))).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let tokens: Vec<String> = wire.sent().into_iter().map(|batch| batch.token).collect();
        assert_eq!(tokens, ["t0", "t1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_that_are_never_accepted_are_not_asked_for_again_and_again() {
    let wire = ScriptedWire::by(|_, _| Step::Answer(401, vec![], String::new()));
    let batcher = batcher(&wire);
    for item in 0..10 {
        assert!(matches!(batcher.call(read("m", item)).await, Err(GraphError::Unauthorized(_))));
    }
    assert_eq!(wire.sent().last().unwrap().token, "t1");
}

#[tokio::test(start_paused = true)]
async fn every_call_is_answered_however_the_answers_come() {
    let wire = ScriptedWire::by(|batch, before| {
        let good = |part: &Value| {
            (part["id"].as_str().unwrap().to_owned(), 200, json!({}), json!({"url": part["url"]}))
        };
        let again = batch.parts.first().map(|part| {
            let (id, ..) = good(part);
            (id, 500, json!({}), json!({}))
        });
        match before {
            0 => Step::Answer(200, vec![], r#"{"responses":[{"id":"1","#.into()),
            // Reversed, the last one missing, the first one answered twice, and one that nobody asked for.
            1 => {
                let reversed: Vec<_> = batch.parts.iter().rev().skip(1).map(good).collect();
                Step::parts(reversed.into_iter().chain(again).chain([(
                    "99".into(),
                    200,
                    json!({}),
                    json!({}),
                )]))
            }
            _ => Step::each(batch, fine),
        }
    });
    let batcher = batcher(&wire);
    let calls: Vec<Request> = (0..5).map(|number| read(&format!("m{number}"), number)).collect();
    let answers = join_all(calls.iter().map(|request| batcher.call(request.clone()))).await;
    for (request, answer) in calls.iter().zip(answers) {
        assert_eq!(url(answer), request.path);
    }
}

#[tokio::test(start_paused = true)]
async fn an_outage_ends_at_the_deadline() {
    let wire = ScriptedWire::by(|batch, _| Step::each(batch, |_| failing(503)));
    let batcher = batcher(&wire);
    let begin = Instant::now();
    let answer = batcher.call(read("m", 1)).await;
    assert!(
        matches!(&answer, Err(GraphError::Unavailable(failure)) if failure.status == Some(503)),
        "{answer:?}"
    );
    assert!(begin.elapsed() <= Duration::from_secs(25) + GRACE, "{:?}", begin.elapsed());
    assert!(wire.sent().len() > 3, "it was tried again: {}", wire.sent().len());
}

/// Whoever asked looks whether it was done. A 429 says that it was not.
#[tokio::test(start_paused = true)]
async fn what_mails_people_is_not_sent_again_after_503() {
    for (status, sent) in [(503, 1), (429, 2)] {
        let wire = ScriptedWire::by(move |batch, number| {
            let retry = json!({"Retry-After": "1"});
            Step::each(batch, |url| if number == 0 { (status, retry.clone(), json!({})) } else { fine(url) })
        });
        let mailing = Request { mails: true, repeatable: false, ..read("m", 1) };
        assert_eq!(batcher(&wire).call(mailing).await.is_ok(), sent == 2, "{status}");
        assert_eq!(wire.sent().len(), sent, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_deadline_is_not_waited_for() {
    let wire =
        ScriptedWire::by(|batch, _| Step::each(batch, |_| (429, json!({"Retry-After": "60"}), json!({}))));
    let batcher = batcher(&wire);
    let begin = Instant::now();
    let Err(GraphError::Throttled { after: Some(after), .. }) = batcher.call(read("m", 1)).await else {
        panic!("not throttled");
    };
    assert!(after > Duration::from_secs(59) && after <= Duration::from_secs(60), "{after:?}");
    advance(Duration::from_secs(20)).await;
    let Err(GraphError::Throttled { after: Some(left), .. }) = batcher.call(read("m", 2)).await else {
        panic!("not throttled");
    };
    assert!(
        left > Duration::from_secs(39) && left <= Duration::from_secs(40),
        "what is left of it: {left:?}"
    );
    assert!(begin.elapsed() < Duration::from_secs(21), "nobody is kept waiting");
    assert_eq!(wire.sent().len(), 1, "and Graph is not asked again");
}

#[tokio::test(start_paused = true)]
async fn one_malformed_part_does_not_sink_the_others() {
    let wire = ScriptedWire::by(|batch, _| match batch.urls().iter().any(|url| url.contains("bad")) {
        true => Step::Answer(400, vec![], r#"{"error":{"code":"BadRequest"}}"#.into()),
        false => Step::each(batch, fine),
    });
    let batcher = batcher(&wire);
    let answers = join_all(["m1", "bad", "m2"].map(|mailbox| batcher.call(read(mailbox, 1)))).await;
    assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
    assert!(matches!(answers[1], Err(GraphError::Invalid(_))));
}

#[tokio::test(start_paused = true)]
async fn a_refused_batch_says_nothing_of_its_parts() {
    for (status, is_expected) in [
        (404, (|error| matches!(error, GraphError::Invalid(_))) as fn(&GraphError) -> bool),
        (403, |error| matches!(error, GraphError::Unauthorized(_))),
        (302, |error| matches!(error, GraphError::Invalid(_))),
    ] {
        let body = r#"{"error":{"code":"ErrorItemNotFound"}}"#;
        let wire = ScriptedWire::by(move |_, _| Step::Answer(status, vec![], body.into()));
        let error = batcher(&wire).call(read("m", 1)).await.unwrap_err();
        assert!(is_expected(&error), "{status}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_not_done_twice() {
    type First = fn(&SentBatch) -> Step;
    let cases: [(First, usize); 6] = [
        (|batch| Step::each(batch, |_| failing(500)), 1),
        (|batch| Step::each(batch, |_| failing(504)), 1),
        (|_| Step::Fault { sent: true }, 1),
        (|_| Step::Answer(200, vec![], "<html>".into()), 1),
        (|_| Step::Fault { sent: false }, 2),
        (|batch| Step::each(batch, |_| failing(503)), 2),
    ];
    for (number, (first, expected)) in cases.into_iter().enumerate() {
        let wire = ScriptedWire::by(
            move |batch, before| if before == 0 { first(batch) } else { Step::each(batch, fine) },
        );
        let answer = batcher(&wire).call(write()).await;
        assert_eq!(wire.sent().len(), expected, "case {number}");
        assert_eq!(answer.is_ok(), expected == 2, "case {number}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_nobody_waits_for_is_not_retried() {
    let wire = ScriptedWire::by(|batch, _| Step::each(batch, |_| failing(503)));
    let batcher = batcher(&wire);
    // Long enough for the first answer (105 ms), too short for the shortest back-off after it.
    assert!(timeout(Duration::from_millis(120), batcher.call(read("m", 1))).await.is_err());
    sleep(Duration::from_secs(30)).await;
    assert_eq!(wire.sent().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_sent() {
    struct Broken;
    #[async_trait::async_trait]
    impl crate::graph::auth::tokens::Fetch<GraphError> for Broken {
        async fn fetch(&self) -> Result<crate::graph::auth::tokens::Fetched, GraphError> {
            Err(crate::graph::auth::entra_errors::credential(
                Some(401),
                "invalid_client".into(),
                None,
                "mend it",
            ))
        }
    }
    let wire = ScriptedWire::by(|batch, _| Step::each(batch, fine));
    let options =
        BatchOptions { deadline: Duration::from_secs(25), clock: Arc::new(SystemClock), seed: Some(1) };
    let batcher = Batcher::start(wire.clone(), Tokens::new(Broken), options);
    assert!(matches!(batcher.call(read("m", 1)).await, Err(GraphError::Credential { .. })));
    assert!(wire.sent().is_empty());
}

#[tokio::test(start_paused = true)]
async fn first_come_first_served_within_a_mailbox() {
    let wire = ScriptedWire::by(|batch, _| Step::each(batch, fine));
    let batcher = batcher(&wire);
    join_all((0..12).map(|item| batcher.call(read("m", item)))).await;
    let mut order: HashMap<String, usize> = HashMap::new();
    for batch in wire.sent() {
        for url in batch.urls() {
            let next = order.len();
            order.insert(url, next);
        }
    }
    assert!((0..12).all(|item| order[&format!("/users/m/events/{item}")] == item), "{order:?}");
}

/// Thousands of tasks of a tenant whose Graph is silent, some at a time, as a queue hands them over.
#[tokio::test(start_paused = true)]
async fn a_silent_graph_is_left_alone_and_asked_again_after_a_while() {
    let begin = Instant::now();
    let wire = ScriptedWire::by(move |batch, _| match begin.elapsed() < Duration::from_secs(300) {
        true => Step::Fault { sent: false },
        false => Step::each(batch, fine),
    });
    let batcher = batcher(&wire);
    let mut failed = 0;
    for message in 0..100 {
        let calls = (0..20).map(|item| batcher.call(read(&format!("m{message}-{item}"), 1)));
        failed += join_all(calls)
            .await
            .iter()
            .filter(|answer| matches!(answer, Err(GraphError::Unavailable(_))))
            .count();
    }
    assert_eq!(failed, 2_000);
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(60), "not 25 seconds for each: {took:?}");
    sleep(Duration::from_secs(300)).await;
    batcher.call(read("m", 1)).await.unwrap();
    batcher.call(read("m", 2)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_mailbox_that_fails_does_not_make_graph_a_silent_one() {
    let wire = ScriptedWire::by(|batch, _| {
        Step::each(batch, |url| if url.contains("moving") { failing(503) } else { fine(url) })
    });
    let batcher = batcher(&wire);
    for _ in 0..4 {
        assert!(batcher.call(read("moving", 1)).await.is_err());
    }
    let begin = Instant::now();
    batcher.call(read("other", 1)).await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
}
