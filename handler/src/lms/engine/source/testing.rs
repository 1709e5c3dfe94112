//! For tests: readings, built by hand.

use crate::lms::engine::testing::{file, get, path, step, text};
use crate::lms::recipe::connector::{ConnectorFile, Recipes};
use crate::lms::recipe::reading::{
    Gives, PlaceFields, Reading, RecordWord, SessionFields, SessionWord, SpanFields, StateIn, StateMap,
    TextSource, TimeKind, TimeSource, Whence,
};
use crate::lms::recipe::step::{Paging, PagingKind, Request};
use serde_json::{Value, json};

pub(super) fn at(text: &str) -> Whence {
    Whence::Path { at: path(text), up: 0 }
}

pub(super) fn up(text: &str) -> Whence {
    Whence::Path { at: path(text), up: 1 }
}

pub(super) fn one(whence: Whence) -> Vec<TextSource> {
    vec![TextSource { whence, languages: Vec::new(), when: Vec::new() }]
}

pub(super) fn made(template: &str) -> Vec<TextSource> {
    one(Whence::Made(text(template)))
}

pub(super) fn map<W: Copy>(whence: Whence, words: &[(&str, W)]) -> StateMap<W> {
    let words = words.iter().map(|(word, state)| ((*word).to_owned(), *state)).collect();
    StateMap { whence, words, when: Vec::new() }
}

pub(super) fn time(place: &str) -> Vec<TimeSource> {
    vec![TimeSource { whence: at(place), kind: TimeKind::Iso, format: None }]
}

pub(super) fn session_fields() -> SessionFields {
    let words = [("open", SessionWord::Scheduled), ("off", SessionWord::Cancelled)];
    SessionFields {
        id: one(at("$.id")),
        aliases: Vec::new(),
        title: one(at("$.name")),
        description: Vec::new(),
        reason: Vec::new(),
        state: StateIn::Maps(vec![map(at("$.state"), &words)]),
        capacity: None,
        instructors: None,
        parts: None,
        span: SpanFields {
            zone: made("Europe/Berlin"),
            start: time("$.start"),
            end: time("$.end"),
            ..SpanFields::default()
        },
    }
}

pub(super) fn place_fields() -> PlaceFields {
    PlaceFields {
        id: one(at("$.id")),
        session: Vec::new(),
        learner: one(at("$.mail")),
        address: one(at("$.mail")),
        name: Vec::new(),
        language: Vec::new(),
        state: StateIn::Maps(vec![
            map(at("$.off"), &[("true", RecordWord::Cancelled)]),
            map(up("$.status"), &[("paid", RecordWord::Held), ("void", RecordWord::Cancelled)]),
        ]),
        since: Vec::new(),
        is_test: one(up("$.test")),
    }
}

pub(super) fn reading(name: &str, request: Request, records: &str, gives: Gives) -> Reading {
    Reading {
        step: step(name, request),
        each: None,
        batch: None,
        finds_each: false,
        never_empty: false,
        records: path(records),
        explode: Vec::new(),
        filter: Vec::new(),
        total: None,
        left_out: None,
        gives,
    }
}

pub(super) fn paged(kind: PagingKind, most: u32) -> Request {
    Request { paging: Some(Paging { kind, most }), ..get("/sessions") }
}

pub(super) fn by_next() -> Request {
    paged(PagingKind::Next(path("$.next")), 5)
}

pub(super) fn of_sessions(request: Request, total: Option<&str>) -> Recipes {
    let gives = Gives::Session(Box::new(session_fields()));
    let mut reading = reading("dates", request, "$.all[*]", gives);
    reading.total = total.map(path);
    Recipes { sessions: vec![reading], ..Recipes::default() }
}

pub(super) fn with(recipes: Recipes) -> ConnectorFile {
    ConnectorFile { recipes, ..file() }
}

pub(super) fn entry(id: u32) -> Value {
    let (start, end) = ("2027-03-03T09:00:00+01:00", "2027-03-03T12:00:00+01:00");
    json!({"id": id, "name": format!("S{id}"), "state": "open", "start": start, "end": end})
}
