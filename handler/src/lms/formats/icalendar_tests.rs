use super::*;

fn feed(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Trainings\r\n{events}END:VCALENDAR\r\n")
}

fn event(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:one@lms\r\nSUMMARY:First aid\r\n{lines}END:VEVENT\r\n")
}

fn reading(text: &str) -> Document {
    read(text, "2027-01-01T00:00:00Z".parse().unwrap(), "2027-12-31T00:00:00Z".parse().unwrap()).unwrap()
}

/// The one event, which is in no doubt.
fn only(lines: &str) -> Value {
    let read = reading(&feed(&event(lines)));
    assert_eq!(read.doubts, []);
    read.json["events"][0].clone()
}

#[test]
fn an_event_says_its_times_in_one_of_three_ways() {
    let part = |lines: &str| only(lines)["parts"][0].clone();
    assert_eq!(
        part("DTSTART:20270301T080000Z\r\nDURATION:PT1H\r\n"),
        json!({ "id": "1", "start": "2027-03-01T08:00:00Z", "end": "2027-03-01T09:00:00Z" })
    );
    assert_eq!(
        part(
            "DTSTART;TZID=W. Europe Standard Time:20270301T090000\r\n\
             DTEND;TZID=W. Europe Standard Time:20270301T100000\r\n"
        ),
        json!({ "id": "1", "zone": "Europe/Berlin",
                "start_wall": "2027-03-01T09:00:00", "end_wall": "2027-03-01T10:00:00" })
    );
    assert_eq!(
        part("DTSTART:20270301T090000\r\nDTEND:20270301T100000\r\n"),
        json!({ "id": "1", "start_wall": "2027-03-01T09:00:00", "end_wall": "2027-03-01T10:00:00" })
    );
    // The end of days is not included in a feed.
    let days = json!({ "id": "1", "start_day": "2027-03-01", "end_day": "2027-03-02" });
    assert_eq!(part("DTSTART;VALUE=DATE:20270301\r\nDTEND;VALUE=DATE:20270303\r\n"), days);
    let day = json!({ "id": "1", "start_day": "2027-03-01", "end_day": "2027-03-01" });
    assert_eq!(part("DTSTART;VALUE=DATE:20270301\r\n"), day);
}

#[test]
fn texts_are_unfolded_and_unescaped() {
    let found = only(
        "DTSTART:20270301T080000Z\r\nDESCRIPTION:Bring a pen\\, and\\npa\r\n per\\; yes\r\n\
         LOCATION:Room \\\\7\r\nURL:https://lms.contoso.com/1\r\nX-ROOM-ID:R7\r\n\
         ORGANIZER;CN=\"Olsen, Eva\":mailto:eva@contoso.com\r\n\
         ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:MAILTO:ana@contoso.com\r\nATTENDEE:urn:uuid:7\r\n",
    );
    assert_eq!(found["description"], "Bring a pen, and\npaper; yes");
    assert_eq!(found["location"], "Room \\7");
    assert_eq!(found["x_room_id"], "R7");
    assert_eq!(found["organizer"], json!({ "address": "eva@contoso.com", "name": "Olsen, Eva" }));
    let people = json!([{ "address": "ana@contoso.com", "name": "Ana", "status": "accepted" }, {}]);
    assert_eq!(found["attendees"], people);
    assert_eq!(found["status"], "confirmed");
}

#[test]
fn a_series_is_one_event_and_a_date_of_it_may_be_moved_or_called_off() {
    let series = event(
        "DTSTART;TZID=Europe/Berlin:20270104T090000\r\nDTEND;TZID=Europe/Berlin:20270104T100000\r\n\
                        RRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE;TZID=Europe/Berlin:20270111T090000\r\n",
    );
    let moved = event(
        "RECURRENCE-ID;TZID=Europe/Berlin:20270118T090000\r\nLOCATION:Room 8\r\n\
                       DTSTART;TZID=Europe/Berlin:20270119T140000\r\nDTEND;TZID=Europe/Berlin:20270119T150000\r\n",
    );
    let off = event("RECURRENCE-ID:20270125T080000Z\r\nSTATUS:CANCELLED\r\nDTSTART:20270125T080000Z\r\n");
    let read = reading(&feed(&format!("{series}{moved}{off}")));
    assert_eq!(read.doubts, []);
    let events = read.json["events"].as_array().unwrap();
    let parts = events[0]["parts"].as_array().unwrap();
    let said: Vec<_> =
        parts.iter().map(|part| (part["id"].as_str().unwrap(), part["start_wall"].as_str())).collect();
    let expected = [
        ("20270104T080000Z", Some("2027-01-04T09:00:00")),
        ("20270118T080000Z", Some("2027-01-19T14:00:00")),
        ("20270125T080000Z", None),
    ];
    assert_eq!((events.len(), said), (1, expected.to_vec()));
    assert_eq!((&parts[1]["location"], &parts[2]["cancelled"]), (&json!("Room 8"), &json!(true)));
}

#[test]
fn a_name_of_a_zone_that_only_the_feed_knows_is_looked_up_there() {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:/lms/1\r\nX-LIC-LOCATION:Europe/Berlin\r\nBEGIN:STANDARD\r\n\
                DTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    let one = event("DTSTART;TZID=/lms/1:20270301T090000\r\n");
    assert_eq!(
        reading(&feed(&format!("{zone}{one}"))).json["events"][0]["parts"][0]["zone"],
        "Europe/Berlin"
    );
    let unknown = "DTSTART;TZID=/lms/1:20270301T090000 (no time zone is called \"/lms/1\")";
    assert!(
        only("DTSTART;TZID=/lms/1:20270301T090000\r\n")["parts"][0]["start"]
            .as_str()
            .unwrap()
            .ends_with(&unknown[35..])
    );
}

/// Who maps it names it; the others go on.
#[test]
fn an_event_that_is_not_understood_stays_one() {
    for lines in [
        "DTSTART:2027-03-01\r\n",
        "RRULE:FREQ=WEEKLY\r\n",
        "DTSTART:20270301T080000Z\r\nRRULE:FREQ=FORTNIGHTLY\r\n",
        "DTSTART:20270301T080000Z\r\nEXRULE:FREQ=WEEKLY\r\n",
        "DTSTART:20270301T080000Z\r\nRDATE;VALUE=PERIOD:20270301T080000Z/PT1H\r\n",
    ] {
        let found = only(lines);
        assert_eq!((&found["uid"], &found["parts"][0]["id"]), (&json!("one@lms"), &json!("1")), "{lines}");
        assert!(found["parts"][0]["start"].as_str().unwrap().contains(['(', ' ']), "{found}");
    }
    let nameless = reading(&feed(&format!(
        "BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n{}",
        event("DTSTART:20270301T080000Z\r\n")
    )));
    assert_eq!(nameless.json["events"].as_array().unwrap().len(), 1);
    let doubt = "an entry of event 1 (it has no UID) has no id that can be read";
    assert_eq!(nameless.doubts.iter().map(ToString::to_string).collect::<Vec<_>>(), [doubt]);
}

#[test]
fn wherever_a_feed_is_cut_it_is_in_doubt_and_no_event_is_another() {
    let (one, two) = (
        event("DTSTART:20270301T080000Z\r\n"),
        event("DTSTART:20270302T080000Z\r\n").replace("one@", "two@"),
    );
    let whole = feed(&format!("{one}{two}"));
    let all = reading(&whole).json["events"].as_array().unwrap().clone();
    assert_eq!(all.len(), 2);
    for end in "BEGIN:VCALENDAR\r\n".len()..whole.trim_end().len() {
        let read = reading(&whole[..end]);
        assert_eq!(
            read.json["events"].as_array().unwrap()[..],
            all[..read.json["events"].as_array().unwrap().len()]
        );
        assert!(!read.doubts.is_empty(), "{end}");
    }
    let behind = reading(&format!("{whole}<p>Warning: out of memory</p>"));
    assert_eq!(behind.doubts, [Doubt::AfterTheEnd { at: "the feed".to_owned() }]);
    let lost = reading(&feed(&one.replace("END:VEVENT\r\n", "")));
    assert!(matches!(lost.doubts[..], [Doubt::Cut { .. }, ..]), "{:?}", lost.doubts);
    let from = "2027-01-01T00:00:00Z".parse().unwrap();
    assert!(read("<!doctype html>", from, from).is_err() && read("", from, from).is_err());
}
