use super::super::testing::{at, made, map, one, paged, place_fields, reading, with};
use crate::ids::SessionId;
use crate::lms::Source as _;
use crate::lms::engine::testing::{Answer, Server, budget, engine, get, path, post, take, text};
use crate::lms::recipe::connector::Recipes;
use crate::lms::recipe::reading::{Gives, PlaceFields, Reading, RecordWord, StateIn};
use crate::lms::recipe::step::{PagesEnd, Paging, PagingKind, Request};
use crate::sessions::pass::Doubt;
use serde_json::{Value, json};

fn people(request: Request, records: &str) -> Reading {
    let fields = PlaceFields {
        id: one(at("$.id")),
        session: made("42"),
        learner: one(at("$.mail")),
        address: one(at("$.mail")),
        state: StateIn::Always(RecordWord::Held),
        is_test: Vec::new(),
        ..place_fields()
    };
    reading("people", request, records, Gives::Place(Box::new(fields)))
}

fn person(id: u64) -> Value {
    json!({"id": id, "mail": format!("p{id}@contoso.com")})
}

/// Members are ids; who they are is asked for two together.
fn batched() -> Recipes {
    let mut members = reading("members", get("/members"), "$[*]", Gives::Parents);
    members.step.take = vec![take("id", "$.id")];
    let request = post("/people", &[("by", "id"), ("ids[]", "{{ members.id }}")]);
    let mut people = people(Request { reads: true, ..request }, "$[*]");
    people.each = Some("members".to_owned());
    people.batch = Some(2);
    people.finds_each = true;
    Recipes { roster: vec![members, people], ..Recipes::default() }
}

#[tokio::test]
async fn a_batch_asks_for_several_at_once_and_misses_none() {
    for (name, gone, is_whole) in [("all are there", 0, true), ("one is not", 2, false)] {
        let server = Server::start(move |seen| match seen.target.as_str() {
            "/members" => Answer::json(200, json!([{"id": 1}, {"id": 2}, {"id": 3}])),
            _ => {
                let ids =
                    seen.body.split("ids%5B%5D=").skip(1).map(|id| id.trim_end_matches('&').parse::<u64>());
                let found = ids.map(Result::unwrap).filter(|id| *id != gone).map(person);
                Answer::json(200, json!(found.collect::<Vec<_>>()))
            }
        })
        .await;
        let pass = engine(with(batched()), &server).roster(None, budget()).await;
        let bodies: Vec<String> = server.seen().into_iter().map(|seen| seen.body).collect();
        assert_eq!(bodies, ["", "by=id&ids%5B%5D=1&ids%5B%5D=2", "by=id&ids%5B%5D=3"], "{name}");
        assert_eq!(
            (pass.found.len(), pass.proves_absence()),
            (if is_whole { 3 } else { 2 }, is_whole),
            "{name}"
        );
        let doubts: &[Doubt] = if is_whole { &[] } else { &[Doubt::TotalsDiffer { said: 2, came: 1 }] };
        assert_eq!(pass.doubts, doubts, "{name}");
    }
}

#[tokio::test]
async fn an_empty_list_is_a_doubt_where_it_may_mean_a_right() {
    let mut recipes = Recipes { roster: vec![people(get("/people"), "$[*]")], ..Recipes::default() };
    let server = Server::start(|_| Answer::json(200, "[]")).await;
    let engine_of = |recipes: &Recipes| engine(with(recipes.clone()), &server);
    assert!(engine_of(&recipes).roster(None, budget()).await.proves_absence());
    recipes.roster[0].never_empty = true;
    let pass = engine_of(&recipes).roster(None, budget()).await;
    assert_eq!(pass.doubts, [Doubt::EmptySuspect { at: "roster.people".to_owned() }]);
}

/// The LMS says itself that something is missing.
#[tokio::test]
async fn what_is_left_out_is_a_doubt() {
    let mut reading = people(get("/people"), "$.all[*]");
    reading.left_out = Some(path("$.warnings[*]"));
    let recipes = Recipes { roster: vec![reading], ..Recipes::default() };
    for (warnings, doubts) in [
        (json!([]), vec![]),
        (json!(null), vec![]),
        (json!([{"item": "course"}]), vec![Doubt::Forbidden { at: "a part of roster.people".to_owned() }]),
    ] {
        let answer = json!({"all": [person(1)], "warnings": warnings});
        let server = Server::start(move |_| Answer::json(200, &answer)).await;
        let pass = engine(with(recipes.clone()), &server).roster(None, budget()).await;
        assert_eq!((pass.found.len(), pass.doubts), (1, doubts));
    }
}

/// Pages that are counted in the body; and a cursor of two values of a page's last entry.
#[tokio::test]
async fn pages_are_turned_wherever_the_lms_reads_their_number() {
    let count = PagingKind::Offset { query: None, size: 2, size_query: None, ends: PagesEnd::Short };
    let keys = PagingKind::Cursor { at: vec![path("$[-1].at"), path("$[-1].id")], query: None };
    for (name, kind, field, bodies) in [
        ("offset", count, "{{ page.offset }}", ["from=0", "from=2"]),
        ("keyset", keys, "{{ page.cursor }}", ["from=", "from=t2+2"]),
    ] {
        let request = Request {
            reads: true,
            paging: Some(Paging { kind, most: 9 }),
            ..post("/people", &[("from", field)])
        };
        let recipes = Recipes { roster: vec![people(request, "$[*]")], ..Recipes::default() };
        let server = Server::start(|seen| {
            let rows = |ids: &[u64]| {
                let rows =
                    ids.iter().map(|id| json!({"id": id, "mail": "a@contoso.com", "at": format!("t{id}")}));
                Answer::json(200, json!(rows.collect::<Vec<_>>()))
            };
            match seen.body.as_str() {
                "from=0" | "from=" => rows(&[1, 2]),
                "from=2" | "from=t2+2" => rows(&[3]),
                _ => rows(&[]),
            }
        })
        .await;
        let pass = engine(with(recipes), &server).roster(None, budget()).await;
        let seen: Vec<String> = server.seen().into_iter().map(|seen| seen.body).take(2).collect();
        assert_eq!((seen, pass.found.len()), (bodies.map(str::to_owned).to_vec(), 3), "{name}");
        assert!(pass.proves_absence(), "{name}: {:?}", pass.doubts);
    }
}

/// A page that was there already, under another cursor.
#[tokio::test]
async fn a_cursor_that_leads_nowhere_new_is_a_doubt() {
    let keys = PagingKind::Cursor { at: vec![path("$.next")], query: Some("after".to_owned()) };
    let recipes = Recipes { roster: vec![people(paged(keys, 9), "$.all[*]")], ..Recipes::default() };
    let server = Server::start(|seen| {
        let next = seen.target.len();
        Answer::json(200, json!({"all": [person(1)], "next": format!("{next}")}))
    })
    .await;
    let pass = engine(with(recipes), &server).roster(None, budget()).await;
    assert_eq!(pass.doubts, [Doubt::CursorStands { at: "roster.people".to_owned() }]);
    assert!(pass.found.len() == 1 && !pass.proves_absence());
}

/// A text that counts only for some settings, and one that stands beside the list.
#[tokio::test]
async fn a_text_has_its_conditions_and_sees_the_whole_answer() {
    let mut reading = people(get("/people/{{ session }}"), "$.all[*]");
    if let Gives::Place(fields) = &mut reading.gives {
        let mut never = made("{{ record.mail }}");
        never[0].when = vec![crate::lms::recipe::step::Condition {
            value: text("{{ session }}"),
            test: crate::lms::recipe::rule::Test::Is { value: text("43"), ignore_case: false },
        }];
        fields.learner = never.into_iter().chain(made("{{ answer.site }}-{{ record.id }}")).collect();
        fields.session = Vec::new();
        fields.state = StateIn::Maps(vec![map(at("$.id"), &[("1", RecordWord::Invited)])]);
    }
    let recipes = Recipes { roster: vec![reading], roster_of_a_session: true, ..Recipes::default() };
    let answer = json!({"site": "north", "all": [person(1)]});
    let server = Server::start(move |_| Answer::json(200, &answer)).await;
    for (session, learner) in [("42", "north-1"), ("43", "p1@contoso.com")] {
        let engine = engine(with(recipes.clone()), &server);
        let pass = engine.roster(Some(&SessionId::new(session)), budget()).await;
        let found: Vec<&str> = pass.found.values().map(|record| record.person.learner.as_str()).collect();
        assert_eq!(found, [learner]);
    }
}
