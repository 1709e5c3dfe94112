//! What a record says of a place, and what a single read says of a session.

use super::super::testing::{entry, place_fields, reading, with};
use crate::ids::SessionId;
use crate::lms::Source as _;
use crate::lms::engine::testing::{Answer, Server, budget, engine, get, path, rule, step};
use crate::lms::recipe::connector::Recipes;
use crate::lms::recipe::reading::Gives;
use crate::lms::recipe::words::{StepOutcome, Verdict};
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Pass;
use crate::sessions::place_record::{PlaceRecord, RecordId, RecordState};
use serde_json::{Value, json};

async fn records(orders: Value) -> Pass<RecordId, PlaceRecord> {
    let mut places =
        reading("places", get("/orders/{{ session }}"), "$[*]", Gives::Place(Box::new(place_fields())));
    places.explode = vec![path("$.places[*]")];
    let recipes = Recipes { roster: vec![places], roster_of_a_session: true, ..Recipes::default() };
    let server = Server::start(move |_| Answer::json(200, &orders)).await;
    let pass = engine(with(recipes), &server).roster(Some(&SessionId::new("42")), budget()).await;
    assert_eq!(server.lines(), ["GET /orders/42"]);
    pass
}

/// Presence says nothing: the order's state and the place's own do.
#[tokio::test]
async fn a_place_is_what_its_maps_say() {
    let pass = records(json!([
        {"status": "paid", "test": false, "places": [
            {"id": 1, "mail": "Ana@contoso.com"}, {"id": 2, "mail": "bo@contoso.com", "off": true},
        ]},
        {"status": "void", "test": false, "places": [{"id": 3, "mail": "cy@contoso.com"}]},
        {"status": "odd", "test": true, "places": [{"id": 4, "mail": null}]},
        {"status": "paid", "test": null, "places": [{"id": 5, "mail": "di@contoso.com"}]},
        {"status": "paid", "test": false, "places": [{"id": 6, "mail": "nobody"}]},
    ]))
    .await;
    let told: Vec<_> = pass
        .found
        .values()
        .map(|record| {
            (
                record.id.0.as_str(),
                record.person.address.is_some(),
                record.person.is_test,
                record.state.clone(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("1", true, false, RecordState::Held),
            ("2", true, false, RecordState::Cancelled),
            ("3", true, false, RecordState::Cancelled),
            ("4", false, true, RecordState::Unknown("odd".to_owned())),
        ]
    );
    assert_eq!(pass.found[&RecordId("4".to_owned())].person.learner.as_str(), "record:4");
    let out: Vec<_> = pass.quarantined.iter().map(|out| (out.id.as_deref(), out.at.as_str())).collect();
    assert_eq!(out, [(Some("5"), "roster.places.is_test"), (Some("6"), "roster.places.address")]);
    assert!(pass.quarantined.iter().all(|out| !out.problem.contains("nobody")), "nobody's address is told");
    assert!(pass.proves_absence() && pass.found.values().all(|record| record.session.as_str() == "42"));
}

#[tokio::test]
async fn a_single_read_tells_gone_only_where_the_lms_does() {
    let gone = rule(&[404, 410], Vec::new(), Verdict::Outcome(StepOutcome::UnknownSession));
    let mut one = step("one", get("/sessions/{{ session }}"));
    one.rules = vec![gone];
    let recipes = Recipes { session: vec![one], ..Recipes::default() };
    for (name, answer, read) in [
        ("there", Answer::json(200, entry(1)), SingleRead::There),
        ("404", Answer::json(404, "{}"), SingleRead::Gone),
        ("410", Answer::empty(410), SingleRead::Gone),
        ("somebody's 404", Answer::page(404), SingleRead::Unknown),
        ("401", Answer::json(401, "{}"), SingleRead::Unknown),
        ("403", Answer::json(403, "{}"), SingleRead::Unknown),
        ("500", Answer::json(500, "{}"), SingleRead::Unknown),
        ("cut", Answer::json(200, entry(1)).cut(120), SingleRead::Unknown),
        ("empty", Answer::empty(200), SingleRead::Unknown),
    ] {
        let server = Server::start(move |_| answer.clone()).await;
        let engine = engine(with(recipes.clone()), &server);
        assert_eq!(engine.is_there(&SessionId::new("1"), budget()).await, read, "{name}");
    }
}
