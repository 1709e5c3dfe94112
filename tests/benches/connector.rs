//! What a connector file costs: the engine's own time for one request to an LMS (filling in templates,
//! judging the answer, picking and taking out of it), beside a bare client that sends the same requests and
//! reads the same bytes.
//!
//! The file is the one of the page for authors. The LMS answers on loopback in a thread of its own; counted
//! is the processor time of the thread that asks, so that waiting costs nothing. Alternating rounds, medians.
//!
//! `cargo bench -p suites --bench connector` takes some seconds. The last line is JSON.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use regrets::clock::SystemClock;
use regrets::config::connector_file;
use regrets::enrolment::lms_answer::Place;
use regrets::enrolment::policy::Rate;
use regrets::http::client::{HttpOptions, client};
use regrets::ids::{LearnerKey, SessionId, TenantName};
use regrets::lms::engine::connector::Engine;
use regrets::lms::engine::settings::{SettingValue, Settings};
use regrets::lms::{Budget, Connector as _};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const PAGE: &str = include_str!("../../handler/src/lms/README.md");
const ROUNDS: usize = 15;
const CALLS: u32 = 400;
/// What one request may cost beside the bare one.
const MOST: Duration = Duration::from_micros(50);

#[derive(Clone)]
struct Lms {
    people: String,
    seats: String,
}

/// `seats` of other people, and the learner's in their midst.
fn lms(seats: usize) -> Lms {
    let others = (0..seats).map(|n| json!({ "id": 100 + n, "person": 1_000 + n, "status": "TAKEN" }));
    let mut seats: Vec<Value> = others.collect();
    seats.insert(seats.len() / 2, json!({ "id": 9, "person": 17, "status": "TAKEN" }));
    Lms {
        people: json!({ "people": [{ "id": 17, "mail": "Ana@contoso.com" }] }).to_string(),
        seats: json!({ "seats": seats }).to_string(),
    }
}

fn serve(lms: Lms) -> String {
    let (said, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            said.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
            let json = |body: String| ([(CONTENT_TYPE, "application/json")], body);
            let router = Router::new()
                .route("/api/people", get(move |State(lms): State<Lms>| async move { json(lms.people) }))
                .route(
                    "/api/sessions/4711/seats",
                    get(move |State(lms): State<Lms>| async move { json(lms.seats) }),
                )
                .with_state(lms);
            axum::serve(listener, router).await.unwrap();
        });
    });
    hears.recv().unwrap()
}

fn engine(base: &str) -> Engine {
    let (_, part) = PAGE.split_once("```toml\n").unwrap();
    let (text, _) = part.split_once("```").unwrap();
    let file = connector_file::read("larkspur.toml", text).unwrap_or_else(|errors| panic!("{errors}"));
    let values = BTreeMap::from([
        ("base_url".to_owned(), SettingValue::Text(base.to_owned())),
        ("key".to_owned(), SettingValue::Secret("a key of the benchmark".to_owned().into())),
    ]);
    let settings = Settings { values, ..Settings::default() };
    let rate = Rate { requests: 1_000_000, per: chrono::Duration::seconds(1) };
    let http = client(&HttpOptions { redirects: 0, ..HttpOptions::default() }).unwrap();
    Engine::new(Arc::new(file), TenantName::from("bench"), settings, rate, http, Arc::new(SystemClock))
        .unwrap()
}

/// Of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

/// The processor time of a look, by the engine and by the bare client.
async fn measure(seats: usize) -> (Duration, Duration, usize) {
    let answers = lms(seats);
    let size = answers.seats.len();
    let base = serve(answers);
    let engine = engine(&base);
    let bare = client(&HttpOptions { redirects: 0, ..HttpOptions::default() }).unwrap();
    let (session, learner) = (SessionId::from("4711"), LearnerKey::from("ana@contoso.com"));
    let urls =
        [format!("{base}/api/people?mail=ana%40contoso.com"), format!("{base}/api/sessions/4711/seats")];
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let began = processor_time();
        for _ in 0..CALLS {
            let place = engine.place(&session, &learner, Budget::of(Duration::from_secs(60))).await;
            assert_eq!(place, Place::Given);
        }
        let engine_took = processor_time() - began;
        let began = processor_time();
        for _ in 0..CALLS {
            for url in &urls {
                let answer =
                    bare.get(url).header("X-Api-Key", "a key of the benchmark").send().await.unwrap();
                assert!(!answer.bytes().await.unwrap().is_empty());
            }
        }
        let bare_took = processor_time() - began;
        // The first round warms up.
        if round > 0 {
            ours.push(engine_took / CALLS);
            theirs.push(bare_took / CALLS);
        }
    }
    (median(ours), median(theirs), size)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    println!("processor time of one request, in µs: with the connector file · a bare client · its own cost");
    let mut all = Vec::new();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    // A look asks who, in an answer of one row, and what. With one row both requests cost the same.
    let mut first = None;
    for seats in [0, 50, 500] {
        let (ours, theirs, size) = runtime.block_on(measure(seats));
        let (who, bare_who) = *first.get_or_insert((ours / 2, theirs / 2));
        let (ours, theirs) = (ours.saturating_sub(who), theirs.saturating_sub(bare_who));
        let own = ours.saturating_sub(theirs);
        let verdict = if own <= MOST { "" } else { "  (more than 50)" };
        println!(
            "  a list of {:>3} ({size:>6} bytes): {:>6.1} · {:>6.1} · {:>6.1}{verdict}",
            seats + 1,
            micros(ours),
            micros(theirs),
            micros(own)
        );
        all.push(
            json!({ "rows": seats + 1, "engine": micros(ours), "bare": micros(theirs), "own": micros(own) }),
        );
    }
    println!("{}", json!({ "connector": all }));
}
