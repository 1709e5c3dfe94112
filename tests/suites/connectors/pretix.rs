//! What the connector `pretix` asked of a real pretix, and what that answered, played back: its page is made
//! of it, so that nobody needs a pretix to hold it.

#[path = "../pretix/cases.rs"]
mod cases;

use super::page::{Found, Row, hold};
use super::recorded::folder;
use super::rig::{ATTEMPT, engine, file, http, order};
use super::situations::answer;
use cases::{ANA, CASES, DECIDED, EVENTS, LOOKED_UP, SESSION};
use fake_lms::Fake;
use fake_lms::replay::{Exchange, Replay, situations};
use fake_lms::server::Seen;
use regrets::lms::{Budget, Connector as _};
use std::collections::BTreeMap;

const SETTINGS: &[(&str, &str)] = &[("token", "TOKEN"), ("organizer", "acme")];

fn writes(seen: &Seen) -> bool {
    seen.call.method != "GET"
}

/// What took effect: pretix refuses with another status.
fn effects(seen: &[Seen]) -> usize {
    let done = |seen: &&Seen| seen.answer.as_ref().is_some_and(|answer| (200..300).contains(&answer.status));
    seen.iter().filter(|seen| writes(seen)).filter(done).count()
}

/// The answer to what cancels, and not to what tidies up behind it.
fn told(seen: &[Seen]) -> String {
    let cancels = |seen: &&Seen| writes(seen) && seen.call.path.contains("/order");
    seen.iter().rfind(cancels).or(seen.last()).map_or_else(|| "nothing is sent".to_owned(), answer)
}

struct Recorded(BTreeMap<String, Vec<Exchange>>);

impl Recorded {
    async fn play(&mut self, name: &str) -> Fake<Replay> {
        Fake::start(Replay::new(self.0.remove(name).unwrap_or_else(|| panic!("{name} is not recorded"))))
            .await
    }
}

fn off(fake: &Fake<Replay>) -> Vec<String> {
    fake.with(|replay| replay.left().into_iter().chain(replay.unknown.clone()).collect())
}

#[tokio::test]
async fn every_recorded_situation_ends_as_it_did_and_makes_the_page() {
    let (file, http) = (file("pretix"), http());
    let mut recorded = Recorded(situations(&folder("pretix")).unwrap());
    let (mut rows, mut found, mut wrong) = (Vec::new(), Vec::new(), Vec::new());
    for case in CASES {
        let fake = recorded.play(case.name).await;
        let mut order = order(SESSION, ANA);
        order.decided_at = DECIDED.parse().unwrap();
        let reply = engine(&file, fake.url(), SETTINGS, &http).cancel(&order, Budget::of(ATTEMPT)).await;
        if reply.outcome != case.outcome || !off(&fake).is_empty() {
            wrong.push(format!("{}: {reply:?}\n  {:?}", case.name, off(&fake)));
        }
        let seen = fake.seen();
        rows.push(Row {
            situation: case.situation.to_owned(),
            answer: told(&seen),
            outcome: reply.outcome,
            effects: effects(&seen),
        });
    }
    for event in EVENTS {
        // What says too little is not asked about.
        let fake = Fake::start(Replay::new(recorded.0.remove(event.name).unwrap_or_default())).await;
        let host = fake.url().as_str().trim_start_matches("http://").trim_end_matches('/').to_owned();
        let facts = event.facts(LOOKED_UP, SESSION, &host);
        let seen = engine(&file, fake.url(), SETTINGS, &http).lookup(&facts, Budget::of(ATTEMPT)).await;
        if seen != event.expected(SESSION) || !off(&fake).is_empty() {
            wrong.push(format!("{}: {seen:?}\n  {:?}", event.name, off(&fake)));
        }
        found.push(Found { event: event.situation.to_owned(), found: seen });
    }
    wrong.extend(recorded.0.keys().map(|name| format!("{name} is never played")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    hold(&file, &rows, &found);
}
