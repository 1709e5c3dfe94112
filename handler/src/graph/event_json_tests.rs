use super::*;
use serde_json::json;

#[test]
fn an_organizers_copy_is_read_with_everybodys_answers() {
    let event = event(
        &json!({
            "id": "AAk=", "iCalUId": "lms-7@x", "type": "singleInstance", "isOrganizer": true,
            "isCancelled": false,
            "seriesMasterId": null, "originalStart": null, "responseRequested": false,
            "subject": "Fire safety",
            "organizer": {"emailAddress": {"name": "Learning", "address": "Learning@Example.org"}},
            "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
            "start": {"dateTime": "2026-02-02T08:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-02-02T10:00:00.0000000", "timeZone": "UTC"},
            "attendees": [
                {"type": "required", "status": {"response": "declined", "time": "2026-01-15T09:30:00Z"},
                 "emailAddress": {"address": "Ada@example.org"}, "proposedNewTime": {"start": {}}},
                {"type": "optional", "status": {"response": "pondering"}, "proposedNewTime": null,
                "emailAddress": {"address": "bo@example.org"}},
                {"type": "resource", "status": null, "emailAddress": {"address": "room4@example.org"}},
                {"type": "required", "emailAddress": {"name": "nobody"}},
            ],
            "singleValueExtendedProperties": [{"id": "String {g} Name \
                                                      LmsSessionId", "value": "4711"}, {"id": "x"}],
            "body": {"contentType": "text", "content": "session 4711"}
        }),
        Zone::default(),
    )
    .unwrap();
    let answers: Vec<_> =
        event.attendees.iter().map(|a| (a.address.as_str(), a.response.answer, a.is_resource)).collect();
    assert_eq!(
        answers,
        [
            ("ada@example.org", Answer::Declined, false),
            ("bo@example.org", Answer::None, false),
            ("room4@example.org", Answer::None, true),
        ]
    );
    assert_eq!(event.attendees[0].response.at, Some("2026-01-15T09:30:00Z".parse().unwrap()));
    assert_eq!(event.attendees.iter().map(|a| a.proposes).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(event.response_requested, Some(false));
    assert_eq!(event.response, Response { answer: Answer::Organizer, at: None });
    assert_eq!(event.organizer.unwrap().as_str(), "learning@example.org");
    assert_eq!(event.start, Some("2026-02-02T08:00:00Z".parse().unwrap()));
    assert_eq!(event.extended["String {g} Name LmsSessionId"], "4711");
    assert_eq!(event.body.as_deref(), Some("session 4711"));
}

#[test]
fn an_event_needs_nothing_but_its_id() {
    let bare = event(
        &json!({
            "id": "AAk=", "attendees": null, "start": "noon", "type": "hologram", "isCancelled": "yes",
            "responseStatus": 1,
            "organizer": [], "originalStart": 5, "seriesMasterId": "AAm=", "iCalUId": ""
        }),
        Zone::default(),
    )
    .unwrap();
    assert_eq!((bare.kind, bare.response, bare.is_cancelled), (EventKind::Occurrence, Response::NONE, false));
    assert_eq!(bare.response_requested, None);
    assert_eq!((bare.start, bare.ical_uid, bare.attendees.len()), (None, None, 0));
    assert_eq!(event(&json!({"iCalUId": "x"}), Zone::default()), None);
}

#[test]
fn an_all_day_event_is_a_date_in_its_own_zone_or_the_tenants() {
    let times = |all_day: bool, own: &str, shown: &str, tenants: &str| {
        let time = json!({"dateTime": format!("{shown}.0000000"), "timeZone": "UTC"});
        let value = json!({"id": "AAk=", "isAllDay": all_day, "originalStartTimeZone": own, "start": time,
        "end": time});
        let event = event(&value, Zone::named(tenants).unwrap()).unwrap();
        assert_eq!(event.end, event.start, "the end follows the start's zone where it has none of its own");
        event.start.unwrap().to_rfc3339()
    };
    for (all_day, own, shown, tenants, wanted) in [
        (true, "W. Europe Standard Time", "2026-11-22T00:00:00", "UTC", "2026-11-21T23:00:00+00:00"),
        (true, "Asia/Tokyo", "2026-11-22T00:00:00", "Europe/Berlin", "2026-11-21T15:00:00+00:00"),
        (true, "", "2026-11-22T00:00:00", "Europe/Berlin", "2026-11-21T23:00:00+00:00"),
        (
            true,
            "tzone://Microsoft/Custom",
            "2026-11-22T00:00:00",
            "Pacific Standard Time",
            "2026-11-22T08:00:00+00:00",
        ),
        (true, "UTC", "2026-11-22T00:00:00", "Europe/Berlin", "2026-11-22T00:00:00+00:00"),
        // The other answer of Exchange: the midnight itself, written out in UTC.
        (true, "W. Europe Standard Time", "2026-11-21T23:00:00", "UTC", "2026-11-21T23:00:00+00:00"),
        (
            false,
            "W. Europe Standard Time",
            "2026-11-22T00:00:00",
            "Europe/Berlin",
            "2026-11-22T00:00:00+00:00",
        ),
    ] {
        assert_eq!(times(all_day, own, shown, tenants), wanted, "{all_day} {own:?} {shown} {tenants}");
    }
}
