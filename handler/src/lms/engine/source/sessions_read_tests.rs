use super::super::testing::{at, entry, made, one, reading, session_fields, time, with};
use super::*;
use crate::lms::Source as _;
use crate::lms::engine::testing::{Answer, Server, budget, engine, get, take};
use crate::lms::recipe::connector::Recipes;
use crate::lms::recipe::reading::{ApartFields, SessionFields, SpanFields};
use serde_json::{Value, json};

/// Courses; sessions of each; dates of each.
fn recipes() -> Recipes {
    let mut courses = reading("courses", get("/courses"), "$[*]", Gives::Parents);
    courses.step.take = vec![take("id", "$.id")];
    let fields = SessionFields { span: SpanFields::default(), ..session_fields() };
    let mut all = reading("all", get("/all/{{ courses.id }}"), "$[*]", Gives::Session(Box::new(fields)));
    all.each = Some("courses".to_owned());
    let fields = ApartFields {
        session: one(at("$.session")),
        id: one(at("$.id")),
        title: Vec::new(),
        cancelled: one(at("$.off")),
        span: SpanFields {
            zone: made("Europe/Berlin"),
            start: time("$.start"),
            end: time("$.end"),
            ..SpanFields::default()
        },
    };
    let mut dates = reading("dates", get("/dates/{{ courses.id }}"), "$[*]", Gives::Part(Box::new(fields)));
    dates.each = Some("courses".to_owned());
    Recipes { sessions: vec![courses, all, dates], ..Recipes::default() }
}

fn date(id: &str, session: &str, day: u32) -> Value {
    let (start, end) =
        (format!("2027-03-{day:02}T09:00:00+01:00"), format!("2027-03-{day:02}T12:00:00+01:00"));
    json!({"id": id, "session": session, "start": start, "end": end})
}

fn sessions(ids: &[u32]) -> Answer {
    let all: Vec<Value> = ids.iter().map(|id| entry(*id)).collect();
    Answer::json(200, json!(all))
}

async fn pass(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Pass<SessionId, Session> {
    let server = Server::start(move |seen| match seen.target.as_str() {
        "/courses" => Answer::json(200, json!([{"id": "a"}, {"id": "b"}])),
        target => answer(target),
    })
    .await;
    engine(with(recipes()), &server).sessions(budget()).await
}

fn told(pass: &Pass<SessionId, Session>) -> Vec<String> {
    let found = pass.found.values().map(|session| {
        let parts: Vec<&str> = session.parts.iter().map(|part| part.id.0.as_str()).collect();
        format!("{} {:?} {}", session.id, session.state, parts.join(" "))
    });
    let out = pass.quarantined.iter().map(|out| format!("{:?} out: {}", out.id, out.problem));
    found.chain(out).collect()
}

#[tokio::test]
async fn dates_come_to_their_sessions_in_the_order_of_their_starts() {
    let pass = pass(|target| match target {
        "/all/a" => sessions(&[1, 2]),
        "/dates/a" => {
            let mut off = date("y", "1", 9);
            off["off"] = json!(true);
            Answer::json(200, json!([date("z", "1", 5), date("x", "1", 3), off]))
        }
        "/all/b" => sessions(&[3]),
        _ => Answer::json(200, json!([date("w", "3", 4), date("w", "3", 4)])),
    })
    .await;
    assert_eq!(told(&pass), ["1 Scheduled x z y", "2 Undated ", "3 Scheduled w"]);
    assert!(pass.proves_absence(), "{:?}", pass.doubts);
    assert!(pass.found[&SessionId::new("1")].parts[2].cancelled);
}

/// What is not known of one course's dates is no news of its sessions; the other's are told.
#[tokio::test]
async fn a_session_whose_dates_did_not_all_come_is_kept_out() {
    let wrong =
        || Answer::json(200, json!([date("x", "1", 3), {"id": "y", "session": "1", "start": "soon"}]));
    let nameless = || Answer::json(200, json!([date("x", "1", 3), {"id": "y", "start": "soon"}]));
    let again = || Answer::json(200, json!([date("x", "1", 3), date("x", "1", 4)]));
    let ended = "its dates were not read to their end";
    for (name, dates, first, second) in [
        ("403", Answer::json(403, "{}"), Some(ended), Some(ended)),
        ("500", Answer::json(500, "{}"), Some(ended), Some(ended)),
        ("no list", Answer::json(200, "{}"), Some(ended), Some(ended)),
        ("a date that is not understood", wrong(), Some("one of its dates is not understood"), None),
        ("one that is of no session", nameless(), Some(ended), Some(ended)),
        ("one that comes twice, and not the same", again(), None, None),
    ] {
        let pass = pass(move |target| match target {
            "/all/a" => sessions(&[1, 2]),
            "/all/b" => sessions(&[3]),
            "/dates/a" => dates.clone(),
            _ => Answer::json(200, json!([date("w", "3", 4)])),
        })
        .await;
        for (id, why) in [("1", first), ("2", second), ("3", None)] {
            let id = SessionId::new(id);
            let why_told = pass.quarantined.iter().rev().find(|out| out.id.as_deref() == Some(id.as_str()));
            assert_eq!(why_told.map(|out| out.problem.as_str()), why, "{name}, {id}: {:?}", told(&pass));
            assert_eq!(pass.found.contains_key(&id), why.is_none(), "{name}, {id}");
            assert!(pass.has(&id), "{name}, {id}: it is not missing");
        }
        assert!(!pass.proves_absence() || name == "a date that is not understood", "{name}");
    }
}

#[tokio::test]
async fn a_date_of_no_session_is_named_and_what_was_never_asked_for_is_not_known() {
    let pass = pass(|target| match target {
        "/all/a" => sessions(&[1]),
        "/all/b" => sessions(&[]),
        "/dates/a" => Answer::json(200, json!([date("x", "1", 3), date("v", "77", 3)])),
        _ => Answer::json(200, json!([])),
    })
    .await;
    assert_eq!(
        told(&pass),
        ["1 Scheduled x", "Some(\"77\") out: it is a date of a session that no reading gives"]
    );
    assert!(pass.proves_absence());

    // A credential that is refused ends the pass: no dates were asked for.
    let server = Server::start(|seen| match seen.target.as_str() {
        "/courses" => Answer::json(200, json!([{"id": "a"}])),
        "/all/a" => sessions(&[1]),
        _ => Answer::json(401, "{}"),
    })
    .await;
    let file = with(recipes());
    let pass = engine(file, &server).sessions(budget()).await;
    assert!(pass.found.is_empty() && pass.has(&SessionId::new("1")) && !pass.proves_absence());
}
