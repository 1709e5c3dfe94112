//! Tables (CSV) and calendar feeds, as files that this machine sees and over HTTP.

use super::{budget, places, sessions};
use crate::page::hold_reading;
use crate::rig::{engine, file, http};
use fake_lms::token::{CLIENT_ID, CLIENT_SECRET, Tokens};
use fake_lms::{Answer, Call, Fake, Product};
use regrets::lms::engine::connector::Engine;
use regrets::lms::{RosterReach, Source as _};
use serde_json::{Value, json};
use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use url::Url;

/// A file, last written so many seconds ago.
fn laid_down(folder: &TempDir, name: &str, text: &str, seconds: u64) -> String {
    let path = folder.path().join(name);
    let mut file = File::create(&path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(seconds)).unwrap();
    Url::from_file_path(path).unwrap().to_string()
}

fn reads(name: &str, settings: &[(&str, &str)]) -> Engine {
    let given = [settings, &[("zone", "Europe/Berlin"), ("roster", "")]].concat();
    engine(&file(name), &"https://unused.invalid".parse().unwrap(), &given, &http())
}

const TABLE: &str = "\
     Session;Title;Start;End;Place;Session state;Instructor;Instructor email;\
     Email;Learner;Name;State\n\
     4711;First aid;2036-03-03 09:00;2036-03-03 12:00;Hall 1;;Eva;eva@contoso.com;\
     Ana@contoso.com;;Ana;\n\
     4711;First aid;2036-03-03 09:00;2036-03-03 12:00;Hall 1;;Eva;eva@contoso.com;\
     ben@contoso.com;B-7;Ben;waitlisted\n\
     4712;Ladders;2036-03-04;2036-03-05;;cancelled;;;ana@contoso.com;;Ana;held\n\
     4713;Fire;2036-03-06T09:00:00+01:00;2036-03-06T10:00:00+01:00;;;;;;;;\n\
     4714;Knots;2036-03-07 9 o'clock;;;;;;cem@contoso.com;;Cem;booked\n\
";

#[tokio::test]
async fn a_table_says_sessions_and_places() {
    let folder = tempfile::tempdir().unwrap();
    let url = laid_down(&folder, "places.csv", TABLE, 120);
    let engine = reads("csv", &[("url", &url)]);
    assert_eq!((engine.roster_reach(), engine.has_single_read()), (RosterReach::All, false));
    let pass = engine.sessions(budget()).await;
    assert!(pass.proves_absence());
    insta::assert_snapshot!(sessions(&pass), @r"
    4711 Scheduled First aid, led by Eva <eva@contoso.com>
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1
    4712 Cancelled Ladders
        2036-03-03 23:00 to 23:00 Europe/Berlin
    4713 Scheduled Fire
        2036-03-06 08:00 to 09:00 Europe/Berlin
    out: 4714 sessions.lines.start `2036-03-07 9 o'clock` is not of kind any, as 2027-03-03T09:00:00+01:00, 2027-03-03 09:00 or 2027-03-03
    ");
    let pass = engine.roster(None, budget()).await;
    assert!(pass.proves_absence());
    insta::assert_snapshot!(places(&pass), @r#"
    4711 Held ana@contoso.com <ana@contoso.com> Ana
    4711 Waitlisted B-7 <ben@contoso.com> Ben
    4712 Held ana@contoso.com <ana@contoso.com> Ana
    4714 Unknown("booked") cem@contoso.com <cem@contoso.com> Cem
    "#);
    hold_reading(&file("csv"));
}

/// A file that is written just now, is not there, is cut, is empty, or is no table.
#[tokio::test]
async fn what_a_table_does_not_show_is_not_gone() {
    let folder = tempfile::tempdir().unwrap();
    let cut = TABLE.len() - 7;
    let cases = [
        ("fresh.csv", TABLE, 5),
        ("cut.csv", &TABLE[..cut], 120),
        ("head.csv", TABLE.split_inclusive('\n').next().unwrap(), 120),
        ("empty.csv", "", 120),
        ("page.csv", "<!doctype html><p>Sign in</p>", 120),
    ];
    let mut said = String::new();
    for (name, text, seconds) in cases {
        let url = laid_down(&folder, name, text, seconds);
        let pass = reads("csv", &[("url", &url)]).roster(None, budget()).await;
        assert!(!pass.proves_absence(), "{name}");
        said.push_str(&format!("{name}: {} places; {}\n", pass.found.len(), pass.doubts[0]));
    }
    let nowhere = Url::from_file_path(folder.path().join("none.csv")).unwrap().to_string();
    let pass = reads("csv", &[("url", &nowhere)]).sessions(budget()).await;
    said.push_str(&format!("none.csv: {}", pass.doubts[0]));
    insta::assert_snapshot!(said, @r"
    fresh.csv: 0 places; roster.places (the file changed less than a minute ago: it may not be whole) was not read to its end
    cut.csv: 3 places; roster.places: line 6, the last, which has no end, is cut short
    head.csv: 0 places; roster.places is empty, and was not before
    empty.csv: 0 places; roster.places (an empty answer) was not read to its end
    page.csv: 0 places; roster.places (a page, as from a sign-in or a proxy, instead of the file) was not read to its end
    none.csv: sessions.lines (the file can't be read: entity not found) was not read to its end
    ");
}

const FEED: &str = "BEGIN:VCALENDAR\r
X-WR-TIMEZONE:Europe/Berlin\r
BEGIN:VEVENT\r
UID:4711@lms\r
SUMMARY:First aid\\, part one\r
LOCATION:Hall 1\r
DTSTART;TZID=Europe/Berlin:20360303T090000\r
DTEND;TZID=Europe/Berlin:20360303T120000\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4712@lms\r
SUMMARY:Ladders\r
STATUS:CANCELLED\r
DTSTART;VALUE=DATE:20360304\r
DTEND;VALUE=DATE:20360306\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4713@lms\r
SUMMARY:Fire\r
DTSTART:20360306T080000Z\r
DURATION:PT1H\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4714@lms\r
SUMMARY:Knots\r
DTSTART:at nine\r
END:VEVENT\r
END:VCALENDAR\r
";

#[tokio::test]
async fn a_feed_says_sessions_and_a_table_beside_it_who_is_in_them() {
    let folder = tempfile::tempdir().unwrap();
    let feed = laid_down(&folder, "trainings.ics", FEED, 120);
    let alone = reads("icalendar", &[("url", &feed)]);
    assert_eq!(alone.roster_reach(), RosterReach::Nothing, "nobody is known to be in none of them");
    let pass = alone.sessions(budget()).await;
    assert!(pass.proves_absence());
    insta::assert_snapshot!(sessions(&pass), @r#"
    4711@lms Scheduled First aid, part one
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1
    4712@lms Cancelled Ladders
        2036-03-03 23:00 to 23:00 Europe/Berlin
    4713@lms Scheduled Fire
        2036-03-06 08:00 to 09:00 Europe/Berlin
    out: 4714@lms sessions.events.start `DTSTART:at nine ("at nine" is no time, s` is not of kind iso, as 2027-03-03T09:00:00+01:00
    "#);
    let pass = alone.roster(None, budget()).await;
    assert!(pass.found.is_empty() && pass.proves_absence(), "{:?}", pass.doubts);
    let table = laid_down(&folder, "places.csv", "session,email\n4711@lms,ana@contoso.com\n", 120);
    let pass = reads("icalendar", &[("url", &feed), ("roster", &table)]).roster(None, budget()).await;
    insta::assert_snapshot!(places(&pass), @"4711@lms Held ana@contoso.com <ana@contoso.com> -");
    for end in [FEED.len() - 20, FEED.len() / 2, 40] {
        let cut = laid_down(&folder, "cut.ics", &FEED[..end], 120);
        assert!(!reads("icalendar", &[("url", &cut)]).sessions(budget()).await.proves_absence(), "{end}");
    }
    hold_reading(&file("icalendar"));
}

/// A student information system: 150 students of one class, tokens, and a feed beside it.
struct School {
    tokens: Tokens,
    students: Vec<Value>,
}

impl Product for School {
    fn writes(&self, _: &Call) -> bool {
        false
    }

    fn answer(&mut self, call: &Call, _: &mut Vec<String>) -> Answer {
        match call.path.as_str() {
            "/token" => self.tokens.issue(call),
            // The feed is somebody else's, who is not to see a token.
            "/classes.ics" if call.header("authorization").is_empty() => {
                Answer::text(200, "text/calendar", &FEED.replace("UID:4711@lms", "UID:c-1"))
            }
            _ if !self.tokens.are_taken(call) => Answer::json(401, &json!({ "imsx_codeMajor": "failure" })),
            "/v1p2/classes/c-1/students" => {
                let number = |name: &str| call.query(name).unwrap().parse::<usize>().unwrap();
                let page: Vec<&Value> =
                    self.students.iter().skip(number("offset")).take(number("limit")).collect();
                Answer::json(200, &json!({ "users": page }))
            }
            _ => Answer::json(404, &json!({ "imsx_codeMajor": "failure" })),
        }
    }
}

#[tokio::test]
async fn a_class_has_its_dates_of_the_feed_and_its_students_of_one_roster() {
    let student = |number: u32| {
        let status = if number == 7 { "tobedeleted" } else { "active" };
        json!({ "sourcedId": format!("s-{number}"), "status": status,
                "givenName": "Ana", "familyName": "Alba", "username": format!("ana{number}"),
                "email": format!("ana{number}@contoso.com") })
    };
    let school = School { tokens: Tokens::sent_as("Bearer"), students: (0..150).map(student).collect() };
    let fake = Fake::start(school).await;
    let at = |path: &str| fake.url().join(path).unwrap().to_string();
    let (feed, token) = (at("classes.ics"), at("token"));
    let settings = [
        ("feed", feed.as_str()),
        ("token_url", &token),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("zone", ""),
    ];
    let engine = engine(&file("one-roster"), &fake.url().join("v1p2").unwrap(), &settings, &http());
    assert_eq!((engine.roster_reach(), engine.has_single_read()), (RosterReach::Session, false));
    let pass = engine.sessions(budget()).await;
    let told = sessions(&pass);
    assert!(told.contains("\nc-1 Scheduled First aid, part one"), "{told}");
    let pass = engine.roster(Some(&"c-1".into()), budget()).await;
    assert!(pass.proves_absence(), "{:?}", pass.doubts);
    let told = places(&pass);
    assert_eq!((pass.found.len(), told.matches(" Held ").count()), (150, 149));
    assert!(told.contains("c-1 Tombstone ana7@contoso.com <ana7@contoso.com> Ana Alba"), "{told}");
    // A class that is not known there proves nothing.
    let pass = engine.roster(Some(&"c-2".into()), budget()).await;
    assert!(pass.found.is_empty() && !pass.proves_absence());
    hold_reading(&file("one-roster"));
}
