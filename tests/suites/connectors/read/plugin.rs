//! Face-to-face and Booking by the companion plugin.

use super::lies::{Reads, hold};
use super::{at, budget, places, sessions};
use crate::booking;
use crate::facetoface::{ANA, SETTINGS};
use crate::moodle::course;
use crate::rig::{engine, file, http};
use chrono::Utc;
use fake_lms::moodle::Moodle;
use fake_lms::moodle::facetoface::Facetoface;
use fake_lms::{Answer, Fake, Mishap, On};
use regrets::lms::{RosterReach, Source as _, TellsChanges};
use regrets::sessions::absence::SingleRead;
use serde_json::json;

const STARTS: i64 = 2_088_144_000;

/// Five sessions, three a page.
fn fill(activity: &mut Facetoface) {
    (12..17).for_each(|id| activity.session(id, 10));
    activity.page = 3;
    for (id, session) in &mut activity.sessions {
        session.name = format!("First aid {id}");
        session.starts = Some(STARTS);
    }
    let set = |id: u64| activity.sessions.get_mut(&id).unwrap();
    let mut set = set;
    set(12).place = "Hall 1, North";
    set(12).instructor = Some(9);
    set(13).later = vec![STARTS + 86_400];
    set(14).starts = None;
    set(15).is_visible = false;
    set(16).changed = Utc::now().timestamp();
    for (user, state) in [(ANA, "held"), (9, "cancelled"), (20, "waitlisted"), (21, "requested")] {
        activity.sign_up(12, user, state);
    }
    for (user, state) in [(ANA, "attended"), (20, "unknown"), (21, "absent")] {
        activity.sign_up(16, user, state);
    }
}

fn world() -> Moodle {
    let mut moodle = course();
    moodle.user(20, "Cy");
    moodle.user(21, "di");
    fill(&mut moodle.facetoface);
    fill(&mut moodle.booking);
    // Another activity's session is none of this one's.
    moodle.booking.sessions.remove(&13);
    moodle
}

#[tokio::test]
async fn sessions_and_sign_ups_are_read_of_the_plugin() {
    let fake = Fake::start(world()).await;
    let (file, http) = (file("moodle-facetoface"), http());
    let engine = engine(&file, fake.url(), SETTINGS, &http);
    assert_eq!((engine.roster_reach(), engine.has_single_read()), (RosterReach::All, true));
    insta::assert_snapshot!(sessions(&engine.sessions(budget()).await), @"");
    insta::assert_snapshot!(places(&engine.roster(None, budget()).await), @"");
}

#[tokio::test]
async fn options_and_bookings_are_read_of_the_plugin() {
    let fake = Fake::start(world()).await;
    let engine = engine(&file("moodle-booking"), fake.url(), booking::SETTINGS, &http());
    let pass = engine.sessions(budget()).await;
    let ids: Vec<&str> = pass.found.keys().map(|id| id.as_str()).collect();
    assert_eq!((ids, pass.proves_absence()), (vec!["12", "14", "15", "16"], true));
    insta::assert_snapshot!(places(&engine.roster(None, budget()).await), @"");
}

/// The id is what cancelling takes, whatever the learner is known by.
#[tokio::test]
async fn learners_are_named_as_the_tenant_says() {
    let fake = Fake::start(world()).await;
    for (by, learner) in [("email", "cy@contoso.com"), ("username", "cy"), ("idnumber", "E-Cy")] {
        let settings = [&[("by", by)], SETTINGS].concat();
        let engine = engine(&file("moodle-facetoface"), fake.url(), &settings, &http());
        let pass = engine.roster(None, budget()).await;
        assert!(pass.found.values().any(|record| record.person.learner.as_str() == learner), "{by}");
    }
}

#[tokio::test]
async fn what_changed_alone_is_read_where_that_is_asked_for() {
    let fake = Fake::start(world()).await;
    let engine = engine(&file("moodle-facetoface"), fake.url(), SETTINGS, &http());
    assert_eq!(engine.tells_changes(), TellsChanges { sessions: true, roster: true });
    let since = Utc::now();
    let changed = engine.sessions_since(since, budget()).await;
    let ids: Vec<&str> = changed.found.keys().map(|id| id.as_str()).collect();
    assert_eq!((ids, changed.doubts.len(), changed.proves_absence()), (vec!["16"], 0, false));
    let changed = engine.roster_since(since, budget()).await;
    assert!(changed.found.values().all(|record| record.session.as_str() == "16") && changed.found.len() == 3);
}

#[tokio::test]
async fn a_session_is_gone_when_the_plugin_says_so() {
    for connector in ["moodle-facetoface", "moodle-booking"] {
        let fake = Fake::start(world()).await;
        let engine = engine(&file(connector), fake.url(), SETTINGS, &http());
        assert_eq!(engine.is_there(&"12".into(), budget()).await, SingleRead::There);
        assert_eq!(engine.is_there(&"77".into(), budget()).await, SingleRead::Gone);
        fake.with(|moodle| moodle.missing.insert("local/regrets:read"));
        assert_eq!(engine.is_there(&"77".into(), budget()).await, SingleRead::Unknown);
    }
}

/// What the account may not see is left out, and the plugin says so.
#[tokio::test]
async fn what_is_left_out_is_not_gone() {
    let fake = Fake::start(world()).await;
    fake.with(|moodle| moodle.facetoface.sessions.get_mut(&13).unwrap().is_closed = true);
    let engine = engine(&file("moodle-facetoface"), fake.url(), SETTINGS, &http());
    let pass = engine.sessions(budget()).await;
    assert_eq!((pass.found.len(), pass.proves_absence()), (4, false));
    insta::assert_snapshot!(pass.doubts[0], @"");
    assert!(!engine.roster(None, budget()).await.proves_absence());
}

/// The second page is the first again, or its cursor never ends.
#[tokio::test]
async fn pages_that_stand_still_are_a_doubt() {
    for cursor in ["14", "99"] {
        let fake = Fake::start(world()).await;
        let row = json!({ "id": "12", "name": "First aid", "status": "undated", "visible": true, "parts": [],
                          "place": "", "details": "", "capacity": 0, "signups": [], "instructors": [] });
        let page = json!({ "now": 0, "timezone": "Europe/Berlin", "sessions": [row], "nextcursor": cursor,
                           "warnings": [] });
        fake.plan(On::Reads, 0, 99, Mishap::Instead(Answer::json(200, &page)));
        let engine = engine(&file("moodle-facetoface"), fake.url(), SETTINGS, &http());
        let pass = engine.sessions(budget()).await;
        assert!(!pass.proves_absence() && pass.found.len() == 1, "{cursor}: {:?}", pass.doubts);
    }
}

/// One session that nobody understands is named; the others stay.
#[tokio::test]
async fn one_bad_row_keeps_no_other_out() {
    let fake = Fake::start(world()).await;
    let row = |id: &str, status: &str, name: &str| {
        json!({ "id": id, "name": name, "status": status, "visible": true, "place": "", "details": "",
                "parts": [{ "start": STARTS, "end": STARTS + 60 }], "capacity": 0, "signups": [],
                "instructors": [{ "email": "no address", "fullname": "Some One" }] })
    };
    let rows = [row("1", "scheduled", "Good"), row("2", "scheduled", ""), row("3", "frozen", "Odd")];
    let page =
        json!({ "now": 0, "timezone": "Europe/Berlin", "sessions": rows, "nextcursor": "", "warnings": [] });
    fake.plan(On::Reads, 0, 1, Mishap::Instead(Answer::json(200, &page)));
    let engine = engine(&file("moodle-facetoface"), fake.url(), SETTINGS, &http());
    insta::assert_snapshot!(sessions(&engine.sessions(budget()).await), @"");
    assert_eq!(at(STARTS).to_rfc3339(), "2036-03-03T08:00:00+00:00");
}

#[tokio::test]
async fn nothing_that_goes_wrong_is_an_absence() {
    hold(&Reads {
        connector: "moodle-facetoface",
        begin: world,
        settings: SETTINGS,
        session: "12",
        sessions: 5,
    })
    .await;
    hold(&Reads {
        connector: "moodle-booking",
        begin: world,
        settings: SETTINGS,
        session: "12",
        sessions: 4,
    })
    .await;
}
