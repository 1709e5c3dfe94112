//! What is asked for since a time.

use super::testing::{entry, of_sessions, with};
use crate::lms::Source as _;
use crate::lms::TellsChanges;
use crate::lms::engine::testing::{Answer, Server, budget, engine, get, now, text};
use crate::lms::recipe::connector::Recipes;
use crate::lms::recipe::step::Request;
use crate::sessions::pass::Doubt;
use chrono::TimeDelta;
use serde_json::json;

fn since(is_told: bool) -> Recipes {
    let query = vec![
        ("since".to_owned(), text(r#"{{ since | default("1970-01-01T00:00:00Z") | date("%s") }}"#)),
        ("until".to_owned(), text(r#"{{ now | plus_days("1") }}"#)),
    ];
    let recipes = of_sessions(Request { query, ..get("/sessions") }, None);
    Recipes { sessions_since: is_told, ..recipes }
}

#[tokio::test]
async fn what_changed_is_asked_for_from_a_little_before_and_proves_no_absence() {
    let server = Server::start(|_| Answer::json(200, json!({"all": [entry(1)]}))).await;
    let changed = engine(with(since(true)), &server);
    assert_eq!(changed.tells_changes(), TellsChanges { sessions: true, roster: false });
    let whole = changed.sessions(budget()).await;
    let pass = changed.sessions_since(now(), budget()).await;
    let seen = server.lines();
    let until = "until=2026-11-22T10%3A00%3A00Z";
    assert_eq!(seen[0], format!("GET /sessions?since=0&{until}"));
    let begins = (now() - TimeDelta::minutes(10)).timestamp();
    assert_eq!(seen[1], format!("GET /sessions?since={begins}&{until}"));
    assert!(whole.proves_absence() && pass.doubts.is_empty() && !pass.proves_absence());
    assert_eq!(pass.found.len(), 1);

    // Where that can't be asked, all is read.
    let pass = engine(with(since(false)), &server).sessions_since(now(), budget()).await;
    assert!(pass.proves_absence() && server.lines()[2].contains("since=0&"));
}

#[tokio::test]
async fn a_clock_that_is_far_off_may_have_hidden_a_change() {
    for (date, is_doubted) in
        [("Sat, 21 Nov 2026 10:04:00 GMT", false), ("Sat, 21 Nov 2026 09:52:00 GMT", true)]
    {
        let server = Server::start(move |_| Answer::json(200, json!({"all": []})).with("date", date)).await;
        let pass = engine(with(since(true)), &server).sessions_since(now(), budget()).await;
        let at = "sessions (the LMS's clock is -480 s off)".to_owned();
        let doubts = if is_doubted { vec![Doubt::NotEnded { at }] } else { Vec::new() };
        assert_eq!(pass.doubts, doubts, "{date}");
    }
}
