//! Face-to-face and Booking by the companion plugin.

use super::lies::{Reads, hold};
use super::{budget, places, sessions};
use crate::booking;
use crate::facetoface::{ANA, SETTINGS};
use crate::moodle::course;
use crate::rig::{engine, file, http};
use chrono::Utc;
use fake_lms::moodle::Moodle;
use fake_lms::moodle::facetoface::{Facetoface, Session};
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
    let mut set = |id: u64, change: fn(&mut Session)| change(activity.sessions.get_mut(&id).unwrap());
    set(12, |one| (one.place, one.instructor) = ("Hall 1, North", Some(9)));
    set(13, |one| one.later = vec![STARTS + 86_400]);
    set(14, |one| one.starts = None);
    set(15, |one| one.is_visible = false);
    set(16, |one| one.changed = Utc::now().timestamp());
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
    insta::assert_snapshot!(sessions(&engine.sessions(budget()).await), @r"
    12 Scheduled First aid 12, 10 places, led by Learner 9 <ben@contoso.com>
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1, North
    13 Scheduled First aid 13, 10 places
        2036-03-03 08:00 to 11:00 Europe/Berlin
        2036-03-04 08:00 to 11:00 Europe/Berlin
    14 Undated First aid 14, 10 places
    15 Hidden First aid 15, 10 places
        2036-03-03 08:00 to 11:00 Europe/Berlin
    16 Scheduled First aid 16, 10 places
        2036-03-03 08:00 to 11:00 Europe/Berlin
    ");
    insta::assert_snapshot!(places(&engine.roster(None, budget()).await), @r#"
    12 Waitlisted cy@contoso.com <cy@contoso.com> Learner 20
    12 Requested di@contoso.com <di@contoso.com> Learner 21
    12 Held ana@contoso.com <ana@contoso.com> Learner 7
    12 Cancelled ben@contoso.com <ben@contoso.com> Learner 9
    16 Unknown("unknown") cy@contoso.com <cy@contoso.com> Learner 20
    16 Declined di@contoso.com <di@contoso.com> Learner 21
    16 NoShow ana@contoso.com <ana@contoso.com> Learner 7
    "#);
}

#[tokio::test]
async fn options_and_bookings_are_read_of_the_plugin() {
    let fake = Fake::start(world()).await;
    let engine = engine(&file("moodle-booking"), fake.url(), booking::SETTINGS, &http());
    let pass = engine.sessions(budget()).await;
    let ids: Vec<&str> = pass.found.keys().map(|id| id.as_str()).collect();
    assert_eq!((ids, pass.proves_absence()), (vec!["12", "14", "15", "16"], true));
    insta::assert_snapshot!(places(&engine.roster(None, budget()).await), @r#"
    12 Waitlisted cy@contoso.com <cy@contoso.com> Learner 20
    12 Requested di@contoso.com <di@contoso.com> Learner 21
    12 Held ana@contoso.com <ana@contoso.com> Learner 7
    12 Cancelled ben@contoso.com <ben@contoso.com> Learner 9
    16 Unknown("unknown") cy@contoso.com <cy@contoso.com> Learner 20
    16 Declined di@contoso.com <di@contoso.com> Learner 21
    16 Attended ana@contoso.com <ana@contoso.com> Learner 7
    "#);
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
    insta::assert_snapshot!(pass.doubts[0], @"a part of sessions.dated may not be read");
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
    insta::assert_snapshot!(sessions(&engine.sessions(budget()).await), @r#"
    1 Scheduled Good, led by Some One <->
        2036-03-03 08:00 to 08:01 Europe/Berlin
    3 Unknown("frozen") Odd, led by Some One <->
        2036-03-03 08:00 to 08:01 Europe/Berlin
    out: 2 sessions.dated.title nothing stands at `$.name`
    "#);
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
