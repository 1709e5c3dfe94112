use super::*;
use crate::clock::ManualClock;
use crate::enrolment::lms_answer::{LmsOutcome, Reach};
use crate::lms::engine::testing::{
    Answer, Lms, Seen, Server, budget, engine, file, get, http, now, order, rate, setting, settings, step,
    text,
};
use crate::lms::recipe::auth::{Auth, Placement};
use crate::lms::recipe::connector::SettingKind;
use crate::lms::recipe::step::Target;
use crate::lms::recipe::template::{Position, Template};
use futures::future::join_all;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

fn refused(file: ConnectorFile, settings: Settings) -> String {
    let clock = Arc::new(ManualClock::at(now()));
    let engine = Engine::new(Arc::new(file), "contoso".into(), settings, rate(), http(), clock);
    engine.err().unwrap().to_string()
}

#[test]
fn a_connection_that_can_not_be_made_says_why_and_shows_no_value() {
    let plain = refused(file(), settings("http://lms.example/s3cret-path"));
    assert!(plain.contains("made-up") && plain.contains("https"), "{plain}");
    assert!(!plain.contains("s3cret"), "{plain}");
    let none = refused(file(), settings("lms.example"));
    assert!(none.contains("no address"), "{none}");
    let mut unknown = file();
    unknown.auth =
        Auth::Fixed(Placement::Query { name: "key".to_owned(), value: text("{{ settings.other }}") });
    let error = refused(unknown, settings("https://lms.example"));
    assert!(error.contains("settings.other"), "{error}");
}

#[tokio::test]
async fn it_says_what_it_is_and_can() {
    let server = Server::start(|_: &Seen| Answer::json(200, "{}")).await;
    let plain = engine(file(), &server);
    let identity = plain.identity().unwrap();
    assert_eq!((identity.name.as_str(), identity.hash.as_deref()), ("made-up", Some("0123456789abcdef")));
    assert_eq!(plain.requests_per_order(), 4);
    assert!(plain.can_read() && !plain.can_restore() && !plain.can_look_up());
    assert_eq!(plain.probe(budget()).await, None);
    let mut blind = file();
    blind.recipes.read.clear();
    let blind = engine(blind, &server);
    assert!(!blind.can_read());
    assert_eq!(blind.place(&"1".into(), &"a".into(), budget()).await, Place::Unknown);
    assert!(server.lines().is_empty());
}

#[tokio::test]
async fn the_same_learner_is_cancelled_by_one_at_a_time() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let server = Server::start(move |seen| knows.answer(seen)).await;
    let engine = engine(file(), &server);
    let order = order();
    let replies = join_all((0..3).map(|_| engine.cancel(&order, budget()))).await;
    let mut outcomes: Vec<LmsOutcome> = replies.iter().map(|reply| reply.outcome).collect();
    outcomes.sort_by_key(|outcome| *outcome != LmsOutcome::Done);
    assert_eq!(outcomes, [LmsOutcome::Done, LmsOutcome::AlreadyCancelled, LmsOutcome::AlreadyCancelled]);
    assert_eq!(lms.writes(), 1, "the others have read what the first has done");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_requests_are_on_their_way_than_the_file_says() {
    for (concurrency, expected) in [(1, 1), (2, 2)] {
        let lms = Lms::showing("held");
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (in_flight, seen_most) = (Arc::clone(&now), Arc::clone(&most));
        let server = Server::start(move |seen| {
            seen_most.fetch_max(in_flight.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(5));
            in_flight.fetch_sub(1, Ordering::SeqCst);
            lms.answer(seen)
        })
        .await;
        let mut file = file();
        file.service.concurrency = concurrency;
        let engine = engine(file, &server);
        let order = order();
        join_all((0..6).map(|_| engine.place(&order.session, &order.learner, budget()))).await;
        assert_eq!(server.lines().len(), 12);
        assert!(most.load(Ordering::SeqCst) <= expected, "{concurrency}: {most:?}");
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let long = vec![b' '; 300_000];
    let server = Server::start(move |seen: &Seen| match seen.target.starts_with("/places") {
        true => Answer::json(200, r#"{"status": "held"}"#).bytes([b"{}".to_vec(), long.clone()].concat()),
        false => knows.answer(seen),
    })
    .await;
    let mut file = file();
    file.service.read_limit = 1000;
    let reply = engine(file, &server).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::Outage, 0), "{reply:?}");
    assert!(reply.message.unwrap().contains("longer than is read"));
}

#[tokio::test]
async fn redirects_are_followed_where_nothing_can_be_lost() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let server = Server::start(move |seen: &Seen| match seen.target.as_str() {
        // A read, by all of them; within the origin.
        "/users?mail=ana%40contoso.com" => Answer::empty(302).with("location", "/users/?mail=ana"),
        // A write, by one that keeps it what it is.
        "/cancel" => Answer::empty(308).with("location", "/cancel/"),
        _ => knows.answer(seen),
    })
    .await;
    let reply = engine(file(), &server).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, lms.writes()), (LmsOutcome::Done, 1), "{reply:?}");
    assert_eq!(server.seen()[4].body, "user=7&session=4711");

    // Never to another host, with the learner and the credential.
    let elsewhere = Server::start(|_: &Seen| Answer::json(200, "[]")).await;
    let to = elsewhere.url();
    let server = Server::start(move |_: &Seen| Answer::empty(302).with("location", &to)).await;
    let reply = engine(file(), &server).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, elsewhere.lines().len()), (LmsOutcome::Unexpected, 0), "{reply:?}");
}

#[tokio::test]
async fn a_get_that_writes_is_a_write() {
    let lms = Lms::showing("held");
    let knows = Arc::clone(&lms);
    let server = Server::start(move |seen: &Seen| match seen.target.as_str() {
        "/cancel" => {
            knows.answer(seen);
            Answer::empty(302).with("location", "/login")
        }
        _ => knows.answer(seen),
    })
    .await;
    let mut file = file();
    file.recipes.write =
        vec![step("cancel", crate::lms::recipe::step::Request { reads: false, ..get("/cancel") })];
    let reply = engine(file, &server).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Unexpected, Reach::Sent), "{reply:?}");
    assert_eq!(server.lines().len(), 3, "it is not sent again to where it is redirected");
}

#[tokio::test]
async fn an_address_in_an_answer_leads_to_allowed_hosts_only() {
    let lms = Lms::showing("held");
    let other = {
        let knows = Arc::clone(&lms);
        Server::start(move |seen| knows.answer(seen)).await
    };
    let (knows, to) = (Arc::clone(&lms), other.url());
    let server = Server::start(move |seen: &Seen| match seen.target.starts_with("/users") {
        true => Answer::json(
            200,
            format!(r#"[{{"id": 7, "mail": "ana@contoso.com", "home": "{to}/places/1/7"}}]"#),
        ),
        false => knows.answer(seen),
    })
    .await;
    let mut file = file();
    file.settings.push(setting("other_url", SettingKind::Url));
    file.recipes.find[0].take.push(crate::lms::engine::testing::take("home", "$.home"));
    let there = Template::parse("{{ user.home }}", Position::Url).unwrap();
    file.recipes.read[0].request.as_mut().unwrap().target = Target::Url(there);
    let with = |hosts: Vec<String>| {
        let settings = Settings { hosts, ..settings(&server.url()) };
        let clock = Arc::new(ManualClock::at(now()));
        Engine::new(Arc::new(file.clone()), "contoso".into(), settings, rate(), http(), clock).unwrap()
    };
    let reply = with(Vec::new()).cancel(&order(), budget()).await;
    assert_eq!((reply.outcome, other.lines().len()), (LmsOutcome::Unexpected, 0), "{reply:?}");
    assert!(reply.message.unwrap().contains("`hosts`"));
    let allowed = other.url().trim_start_matches("http://").to_owned();
    let reply = with(vec![allowed]).cancel(&order(), budget()).await;
    assert_eq!(reply.outcome, LmsOutcome::Done, "{reply:?}");
}
