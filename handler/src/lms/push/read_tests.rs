use super::*;
use serde_json::json;

fn reading() -> Reading {
    Reading { learner: LearnerField::Email, zone: Zone::named("Europe/Berlin").unwrap() }
}

fn told(body: &Value) -> Result<Told, Wrong> {
    read(body.to_string().as_bytes(), reading())
}

fn message(kind: &str, data: Value) -> Value {
    json!({ "type": kind, "timestamp": "2027-01-01T00:00:00Z", "data": data })
}

/// As the companion plugin for Moodle writes it.
fn first_aid() -> Value {
    json!({
        "id": "moodle_1", "provider": "mod_facetoface", "session": "12", "course": "3", "name": "First aid",
        "visible": true, "dated": true, "timezone": "Europe/Berlin",
        "parts": [
            { "start": "2027-03-02T08:00:00Z", "end": "2027-03-02T16:00:00Z" },
            { "start": "2027-03-01T08:00:00Z", "end": "2027-03-01T16:00:00Z" },
        ],
        "place": "Room 7", "capacity": 12, "cancellable": true,
    })
}

fn anas() -> Value {
    json!({
        "id": "moodle_2", "provider": "mod_facetoface", "session": "12", "course": "3",
        "learner": { "id": "5", "email": "Ana@contoso.com" }, "state": "held", "previousState": "absent",
        "since": "2027-01-01T00:00:00Z", "causedBy": null,
    })
}

fn with(mut data: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        data[name] = value.clone();
    }
    data
}

fn session_of(data: Value) -> Session {
    let told = told(&message("session.upserted", data)).unwrap();
    let Told::Session(session) = told else { panic!("{told:?}") };
    session
}

fn place_of(kind: &str, data: Value) -> PlaceRecord {
    let told = told(&message(kind, data)).unwrap();
    let Told::Place(record) = told else { panic!("{told:?}") };
    record
}

#[test]
fn a_session_is_read_with_its_parts_in_their_order_and_its_wall_time() {
    let session = session_of(first_aid());
    assert_eq!((session.id.as_str(), session.title.as_str()), ("12", "First aid"));
    assert_eq!((session.state, session.capacity), (SessionState::Scheduled, Some(12)));
    let ids: Vec<&str> = session.parts.iter().map(|part| part.id.0.as_str()).collect();
    assert_eq!(ids, ["2", "1"]);
    let Span::Timed { start, .. } = &session.parts[0].span else { panic!("{:?}", session.parts[0].span) };
    assert_eq!(
        (start.wall.to_string().as_str(), start.zone.name()),
        ("2027-03-01 09:00:00", "Europe/Berlin")
    );
    assert_eq!(session.parts[1].venue.as_ref().unwrap().name, "Room 7");
}

#[test]
fn each_state_of_a_session_is_told_from_the_others() {
    let cases = [
        (json!({}), SessionState::Scheduled),
        (json!({ "visible": false }), SessionState::Hidden),
        (json!({ "dated": false }), SessionState::Undated),
        (json!({ "parts": [] }), SessionState::Undated),
        (json!({ "cancelled": true }), SessionState::Cancelled),
        (json!({ "cancelled": true, "visible": false }), SessionState::Cancelled),
    ];
    for (changes, state) in cases {
        assert_eq!(session_of(with(first_aid(), changes.clone())).state, state, "{changes}");
    }
}

#[test]
fn dates_alone_are_whole_days() {
    let days = json!({ "parts": [{ "start": "2027-03-01", "end": "2027-03-02" }] });
    let span = session_of(with(first_aid(), days)).parts[0].span.clone();
    assert!(matches!(span, Span::Days { .. }), "{span:?}");
}

#[test]
fn each_state_of_a_place_is_read_and_none_has_a_default() {
    let cases = [
        ("held", RecordState::Held),
        ("requested", RecordState::Requested),
        ("waitlisted", RecordState::Waitlisted),
        ("invited", RecordState::Invited),
        ("declined", RecordState::Declined),
        ("cancelled", RecordState::Cancelled),
        ("attended", RecordState::Attended),
        ("no_show", RecordState::NoShow),
        ("absent", RecordState::Tombstone),
        ("Held", RecordState::Unknown("Held".into())),
        ("", RecordState::Unknown(String::new())),
    ];
    for (word, state) in cases {
        assert_eq!(place_of("enrolment.upserted", with(anas(), json!({ "state": word }))).state, state);
    }
}

#[test]
fn a_removed_place_is_gone_unless_the_message_contradicts_itself() {
    let gone = place_of("enrolment.removed", with(anas(), json!({ "state": "cancelled" })));
    assert_eq!((gone.state, gone.id.0.as_str()), (RecordState::Tombstone, "12/5"));
    let both = place_of("enrolment.removed", anas());
    assert!(matches!(both.state, RecordState::Unknown(_)), "{:?}", both.state);
}

/// Each body, and what its sender reads.
#[test]
fn what_is_wrong_is_named_with_its_place_and_what_would_be_right() {
    let upsert = |changes: Value| message("session.upserted", with(first_aid(), changes));
    let enrol = |changes: Value| message("enrolment.upserted", with(anas(), changes));
    let part = |start: &str, end: &str| json!({ "parts": [{ "start": start, "end": end }] });
    let cases = [
        json!({ "data": {} }),
        json!([1]),
        message("session.upserted", json!({ "session": "12" })),
        message("session.upserted", json!("12")),
        upsert(json!({ "session": "" })),
        upsert(json!({ "session": 12 })),
        upsert(json!({ "timezone": "Mars/Olympus" })),
        upsert(part("2027-03-01T09:00:00", "2027-03-01T10:00:00")),
        upsert(part("2027-03-01T09:00:00Z", "2027-03-01T08:00:00Z")),
        upsert(part("2027-03-02", "2027-03-01")),
        upsert(json!({ "link": "http://example.com" })),
        enrol(json!({ "learner": { "id": "5" } })),
        enrol(json!({ "learner": { "id": "" } })),
        enrol(json!({ "since": "yesterday" })),
        message("snapshot", json!({ "snapshot": "s", "number": 3, "of": 2 })),
    ];
    let texts: Vec<String> = cases.iter().map(|body| told(body).unwrap_err().to_string()).collect();
    insta::assert_snapshot!(texts.join("\n"));
    assert!(read(b"<html>", reading()).unwrap_err().to_string().starts_with("the body: is not JSON"));
}

#[test]
fn a_kind_that_nobody_knows_is_no_error() {
    let told = told(&message("course.archived", json!({}))).unwrap();
    assert_eq!(told, Told::Unknown { kind: "course.archived".into() });
}

#[test]
fn one_bad_entry_of_a_snapshot_is_named_and_the_others_are_read() {
    let data = json!({
        "snapshot": "s1", "number": 1, "of": 1,
        "sessions": [first_aid(), { "session": "13" }, 7],
        "enrolments": [anas(), { "session": "12", "learner": { "id": "6" } }],
    });
    let Told::Snapshot(snapshot) = told(&message("snapshot", data)).unwrap() else { panic!("a snapshot") };
    assert_eq!((snapshot.sessions.len(), snapshot.places.len()), (1, 1));
    let named: Vec<(Option<&str>, &str)> =
        snapshot.quarantined.iter().map(|one| (one.id.as_deref(), one.at.as_str())).collect();
    assert_eq!(
        named,
        [(Some("13"), "data.sessions[1]"), (None, "data.sessions[2]"), (Some("12/6"), "data.enrolments[1]")]
    );
}

proptest::proptest! {
    #[test]
    fn no_body_makes_it_panic(body in "\\PC{0,200}") {
        let _ = read(body.as_bytes(), reading());
    }
}
