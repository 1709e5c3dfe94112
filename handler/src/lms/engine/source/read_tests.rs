//! Each doubt, and what is listed under what.

use super::super::testing::{
    by_next, entry, made, of_sessions, one, paged, reading, session_fields, up, with,
};
use crate::ids::SessionId;
use crate::lms::Budget;
use crate::lms::Source as _;
use crate::lms::engine::testing::{Answer, Server, budget, engine, get, path, take};
use crate::lms::recipe::connector::Recipes;
use crate::lms::recipe::reading::{Gives, SessionFields};
use crate::lms::recipe::rule::Test;
use crate::lms::recipe::step::{PagesEnd, PagingKind};
use crate::sessions::pass::{Doubt, Pass};
use crate::sessions::session::{Session, SessionState};
use serde_json::{Value, json};
use std::time::Duration;

async fn pass(
    recipes: Recipes,
    answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> Pass<SessionId, Session> {
    let server = Server::start(move |seen| answer(&seen.target)).await;
    engine(with(recipes), &server).sessions(budget()).await
}

fn ids<K: Ord + ToString, T>(pass: &Pass<K, T>) -> Vec<String> {
    pass.found.keys().map(ToString::to_string).collect()
}

/// Page `n` of the target's query.
fn page_of(target: &str) -> u32 {
    target.rsplit_once("page=").map_or(1, |(_, page)| page.parse().unwrap())
}

#[tokio::test]
async fn all_pages_are_a_complete_pass() {
    let answer = |target: &str| {
        let page = page_of(target);
        let next = (page < 3).then(|| format!("/sessions?page={}", page + 1));
        Answer::json(200, json!({"count": 3, "next": next, "all": [entry(page)]}))
    };
    let pass = pass(of_sessions(by_next(), Some("$.count")), answer).await;
    assert_eq!((ids(&pass), pass.doubts.as_slice()), (vec!["1".into(), "2".into(), "3".into()], &[][..]));
    assert!(pass.proves_absence() && pass.quarantined.is_empty());
    let first = &pass.found[&SessionId::new("1")];
    assert_eq!((first.state.clone(), first.parts.len()), (SessionState::Scheduled, 1));
    assert_eq!(first.parts[0].span.start().to_rfc3339(), "2027-03-03T08:00:00+00:00");
}

/// What is answered to the second page, and what the pass doubts then. The first page's entry is found.
#[tokio::test]
async fn each_way_not_to_end_is_a_doubt() {
    let at = || "sessions.dates".to_owned();
    let off = |why: &str| Doubt::NotEnded { at: format!("sessions.dates ({why})") };
    let cut = serde_json::to_string(&json!({"count": 2, "all": [entry(2)]})).unwrap();
    let half = cut[..cut.len() / 2].to_owned();
    let cases: Vec<(&str, Answer, Doubt)> = vec![
        ("401", Answer::json(401, "{}"), Doubt::Forbidden { at: at() }),
        ("403", Answer::json(403, "{}"), Doubt::Forbidden { at: at() }),
        ("404", Answer::json(404, "{}"), off("HTTP 404")),
        ("500", Answer::json(500, "{}"), off("HTTP 500")),
        ("a page", Answer::page(200), off("a page, as from a sign-in or a proxy, instead of JSON")),
        ("cut by the wire", Answer::json(200, &cut).cut(120), Doubt::Cut { at: at() }),
        ("cut by the LMS", Answer::json(200, half), Doubt::Cut { at: at() }),
        ("a part", Answer::json(206, &cut), Doubt::Cut { at: at() }),
        ("no list", Answer::json(200, json!({"count": 2})), off("no list at $.all[*]")),
        ("null", Answer::json(200, json!({"count": 2, "all": null})), off("no list at $.all[*]")),
        (
            "other total",
            Answer::json(200, json!({"count": 9, "all": [entry(2)]})),
            Doubt::TotalsDiffer { said: 9, came: 2 },
        ),
        (
            "fewer",
            Answer::json(200, json!({"count": 2, "all": []})),
            Doubt::TotalsDiffer { said: 2, came: 1 },
        ),
        ("no total", Answer::json(200, json!({"all": [entry(2)]})), off("no number at $.count")),
        (
            "the same page",
            Answer::json(200, json!({"count": 2, "next": "/sessions?page=3", "all": [entry(1)]})),
            Doubt::CursorStands { at: at() },
        ),
        (
            "the same cursor",
            Answer::json(200, json!({"count": 2, "next": "/sessions?page=2", "all": [entry(2)]})),
            Doubt::CursorStands { at: at() },
        ),
    ];
    for (name, second, doubt) in cases {
        let answer = move |target: &str| match page_of(target) {
            1 => Answer::json(200, json!({"count": 2, "next": "/sessions?page=2", "all": [entry(1)]})),
            _ => second.clone(),
        };
        let pass = pass(of_sessions(by_next(), Some("$.count")), answer).await;
        assert!(pass.doubts.contains(&doubt), "{name}: {:?}", pass.doubts);
        assert!(pass.found.contains_key(&SessionId::new("1")) && !pass.proves_absence(), "{name}");
    }
}

#[tokio::test]
async fn caps_and_time_are_doubts() {
    let endless = |target: &str| {
        let page = page_of(target);
        Answer::json(200, json!({"next": format!("/sessions?page={}", page + 1), "all": [entry(page)]}))
    };
    let found = pass(of_sessions(by_next(), None), endless).await;
    assert_eq!(
        found.doubts,
        [Doubt::NotEnded { at: "sessions.dates (more pages than are read)".to_owned() }]
    );
    assert_eq!(found.found.len(), 5);

    let server = Server::start(move |seen| endless(&seen.target)).await;
    let engine = engine(with(of_sessions(by_next(), None)), &server);
    let found = engine.sessions(Budget::of(Duration::from_millis(500))).await;
    assert!(matches!(found.doubts.as_slice(), [Doubt::NotEnded { .. }]) && found.found.is_empty());
    assert!(server.lines().is_empty(), "nothing is begun that can't be ended");
}

/// A server that shows its last page for every page behind it.
#[tokio::test]
async fn a_page_number_that_stands_still_is_a_doubt() {
    let kind = PagingKind::Page {
        query: Some("page".to_owned()),
        from: 1,
        size: 1,
        size_query: None,
        ends: PagesEnd::Empty,
    };
    let found = pass(of_sessions(paged(kind, 9), None), |target: &str| {
        Answer::json(200, json!({"all": [entry(page_of(target).min(2))]}))
    })
    .await;
    assert_eq!(found.doubts, [Doubt::CursorStands { at: "sessions.dates".to_owned() }]);
    assert_eq!(ids(&found), ["1", "2"]);
}

#[tokio::test]
async fn what_can_t_be_understood_is_kept_out_and_named() {
    let wrong = |change: Value| {
        let mut entry = entry(7);
        entry.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        entry
    };
    for (change, id, at, problem) in [
        (json!({"id": null}), None, "id", "nothing stands at `$.id`"),
        (json!({"id": {"a": 1}}), None, "id", "a list or a map stands at `$.id`"),
        (json!({"name": " "}), Some("7"), "title", "nothing stands at `$.name`"),
        (json!({"state": null}), Some("7"), "state", "no state stands at `$.state`"),
        (json!({"start": "tomorrow"}), Some("7"), "start", "`tomorrow` is not of kind iso, as 2027"),
        (json!({"end": null}), Some("7"), "end", "a length would do"),
    ] {
        let shown = change.to_string();
        let list = json!({"all": [entry(1), wrong(change), entry(2)]});
        let pass = pass(of_sessions(get("/sessions"), None), move |_| Answer::json(200, &list)).await;
        let [out] = pass.quarantined.as_slice() else { panic!("{shown}: {:?}", pass.quarantined) };
        assert_eq!(
            (out.id.as_deref(), out.at.as_str()),
            (id, format!("sessions.dates.{at}").as_str()),
            "{shown}"
        );
        assert!(out.problem.contains(problem), "{shown}: {}", out.problem);
        assert_eq!(
            (ids(&pass), pass.proves_absence()),
            (vec!["1".into(), "2".into()], id.is_some()),
            "{shown}"
        );
        assert!(id.is_none() || pass.has(&SessionId::new("7")));
    }
}

/// A word in no map is kept as it is; a session without a date is known.
#[tokio::test]
async fn an_unknown_state_and_a_missing_date_are_told() {
    let list = json!({"all": [
        {"id": 1, "name": "a", "state": "frozen"}, {"id": 2, "name": "b", "state": "open"},
        {"id": 3, "name": "c", "state": "off", "start": null},
    ]});
    let pass = pass(of_sessions(get("/sessions"), None), move |_| Answer::json(200, &list)).await;
    let states: Vec<SessionState> = pass.found.into_values().map(|session| session.state).collect();
    let frozen = SessionState::Unknown("frozen".to_owned());
    assert_eq!(states, [frozen, SessionState::Undated, SessionState::Cancelled]);
}

/// `courses` are listed, and under each its groups with their dates.
fn nested() -> Recipes {
    let mut courses = reading("courses", get("/courses"), "$[*]", Gives::Parents);
    courses.step.take = vec![take("id", "$.id")];
    let fields = SessionFields {
        id: made("{{ courses.id }}/{{ parent.id }}/{{ record.id }}"),
        title: one(up("$.name")),
        ..session_fields()
    };
    let mut dates =
        reading("dates", get("/courses/{{ courses.id }}"), "$.groups[*]", Gives::Session(Box::new(fields)));
    dates.each = Some("courses".to_owned());
    dates.explode = vec![path("$.dates[*]")];
    dates.filter = vec![(path("$.hidden"), Test::Exists(false))];
    Recipes { sessions: vec![courses, dates], ..Recipes::default() }
}

#[tokio::test]
async fn lists_within_lists_know_what_is_around_them() {
    let answer = |target: &str| {
        let mut hidden = entry(3);
        hidden["hidden"] = json!(true);
        match target {
            "/courses" => Answer::json(200, json!([{"id": "a"}, {"id": "b"}])),
            "/courses/a" => Answer::json(
                200,
                json!({"groups": [
                    {"id": 1, "name": "North", "dates": [entry(1), entry(2), hidden]},
                {"id": 2, "name": "South", "dates": []},
                ]}),
            ),
            _ => Answer::json(200, json!({"groups": [{"id": 1, "name": "West", "dates": [entry(1)]}]})),
        }
    };
    let found = pass(nested(), answer).await;
    assert_eq!(ids(&found), ["a/1/1", "a/1/2", "b/1/1"]);
    assert_eq!(found.found[&SessionId::new("b/1/1")].title, "West");
    assert!(found.proves_absence(), "{:?}", found.doubts);
}

/// One branch that can't be read leaves the others, and the pass in doubt.
#[tokio::test]
async fn one_bad_branch_makes_the_pass_doubtful_and_stops_nothing() {
    let answer = |target: &str| match target {
        "/courses" => Answer::json(200, json!([{"id": "a"}, {"id": null}, {"id": "b"}])),
        "/courses/a" => Answer::json(403, "{}"),
        _ => Answer::json(
            200,
            json!({"groups": [{"id": 1, "name": "W", "dates": [entry(1)]}, {"id": 2, "name": "E"}]}),
        ),
    };
    let found = pass(nested(), answer).await;
    assert_eq!(ids(&found), ["b/1/1"]);
    let unnamed = Doubt::Unnamed { at: "sessions.courses (an entry has no `id`)".to_owned() };
    let forbidden = Doubt::Forbidden { at: "sessions.dates".to_owned() };
    let no_list = Doubt::NotEnded { at: "sessions.dates (no list at $.dates[*])".to_owned() };
    assert_eq!(found.doubts, [unnamed, forbidden, no_list]);
}
