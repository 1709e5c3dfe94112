//! Totara: seminar events; who holds a place is read of a report alone.

use super::{budget, places, sessions};
use crate::rig::{engine, file, http};
use crate::totara::SETTINGS;
use fake_lms::totara::{COLUMNS, Seminar, Totara};
use fake_lms::{Answer, Fake, Mishap, On};
use regrets::lms::{RosterReach, Source as _};
use serde_json::json;

const STARTS: i64 = 2_088_144_000;

/// Five events, two a page; one of them cancelled, one without a date.
fn world() -> Totara {
    let mut totara = Totara { page: 2, ..Totara::default() };
    for id in 91..96 {
        totara.events.insert(id, 10);
        let dates = if id == 92 { vec![] } else { vec![STARTS, STARTS + 86_400] };
        totara.seminars.insert(id, Seminar { name: "First aid", dates, is_cancelled: id == 93 });
    }
    totara
}

#[tokio::test]
async fn seminar_events_are_sessions() {
    let fake = Fake::start(world()).await;
    let settings = [&[("zone", "Europe/Berlin")], SETTINGS].concat();
    let engine = engine(&file("totara"), fake.url(), &settings, &http());
    assert_eq!((engine.roster_reach(), engine.has_single_read()), (RosterReach::Nothing, false));
    insta::assert_snapshot!(sessions(&engine.sessions(budget()).await), @r"
    91 Scheduled First aid, 10 places
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1
        2036-03-04 08:00 to 11:00 Europe/Berlin in Hall 1
    92 Undated First aid, 10 places
    93 Cancelled First aid, 10 places
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1
        2036-03-04 08:00 to 11:00 Europe/Berlin in Hall 1
    94 Scheduled First aid, 10 places
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1
        2036-03-04 08:00 to 11:00 Europe/Berlin in Hall 1
    95 Scheduled First aid, 10 places
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1
        2036-03-04 08:00 to 11:00 Europe/Berlin in Hall 1
    ");
}

/// A total that does not add up, a client that sees nothing, errors with 200, a cursor that stands still.
#[tokio::test]
async fn what_totara_does_not_show_is_not_gone() {
    let fake = Fake::start(world()).await;
    let engine = engine(&file("totara"), fake.url(), SETTINGS, &http());
    fake.with(|totara| totara.hidden = 1);
    let pass = engine.sessions(budget()).await;
    assert_eq!((pass.found.len(), pass.proves_absence()), (5, false));
    fake.with(|totara| (totara.hidden, totara.sees_nothing) = (0, true));
    let pass = engine.sessions(budget()).await;
    assert!(pass.found.is_empty() && !pass.proves_absence(), "{:?}", pass.doubts);
    fake.with(|totara| totara.sees_nothing = false);
    let mishaps = [
        Mishap::Instead(Answer::json(200, &json!({ "data": { "mod_facetoface_events": null } }))),
        Mishap::Instead(Answer::json(
            200,
            &json!({ "data": { "mod_facetoface_events": {
            "items": [], "total": 0, "next_cursor": "after-0" } } }),
        )),
        Mishap::page(),
        Mishap::gateway(),
        Mishap::LostBefore,
    ];
    for mishap in mishaps {
        // Two pages, and one of those that are cancelled.
        for skip in 0..3 {
            fake.calm();
            fake.plan(On::Reads, skip, 9, mishap.clone());
            let pass = engine.sessions(budget()).await;
            assert!(!pass.proves_absence(), "{mishap:?}, {skip}");
        }
    }
}

/// Three sign-ups of two events, two a page, in words.
fn signed_up() -> Totara {
    let mut totara = world();
    totara.report = Some(COLUMNS.to_vec());
    totara.user(7, "ana");
    totara.user(8, "ben");
    let states =
        [((91, 7), "BOOKED"), ((91, 8), "WAITLISTED"), ((92, 7), "USER_CANCELLED"), ((92, 8), "NOT_SET")];
    totara.bookings.extend(states);
    totara
}

#[tokio::test]
async fn a_report_says_who_has_signed_up() {
    let fake = Fake::start(signed_up()).await;
    let report = [("report", "17"), ("report_event", COLUMNS[0])];
    let by =
        |by| engine(&file("totara"), fake.url(), &[&[("by", by)][..], &report, SETTINGS].concat(), &http());
    let email = by("email");
    assert_eq!(email.roster_reach(), RosterReach::All);
    let pass = email.roster(None, budget()).await;
    assert!(pass.proves_absence(), "{:?}", pass.doubts);
    insta::assert_snapshot!(places(&pass), @r#"
    91 Held ana@contoso.com <ana@contoso.com> ANA
    91 Waitlisted ben@contoso.com <ben@contoso.com> BEN
    92 Cancelled ana@contoso.com <ana@contoso.com> ANA
    92 Unknown("not_set") ben@contoso.com <ben@contoso.com> BEN
    "#);
    let number = places(&by("idnumber").roster(None, budget()).await);
    assert!(number.contains("91 Held E-ana <ana@contoso.com> ANA"), "{number}");
}

/// Columns that nobody has agreed on, another report, pages that break off: none of them empties a session.
#[tokio::test]
async fn a_report_that_is_not_as_agreed_takes_nobody_away() {
    let fake = Fake::start(signed_up()).await;
    let settings = [&[("report", "17"), ("report_event", COLUMNS[0])][..], SETTINGS].concat();
    let engine = engine(&file("totara"), fake.url(), &settings, &http());
    for place in 0..=COLUMNS.len() {
        let mut columns = COLUMNS.to_vec();
        match columns.get_mut(place) {
            Some(column) => *column = "date_sessiondate",
            None => columns.push("date_sessiondate"),
        }
        fake.with(|totara| totara.report = Some(columns));
        let pass = engine.roster(None, budget()).await;
        assert!(pass.found.is_empty() && !pass.proves_absence(), "column {place}: {:?}", pass.found);
    }
    fake.with(|totara| totara.report = None);
    assert!(!engine.roster(None, budget()).await.proves_absence());
    fake.with(|totara| totara.report = Some(COLUMNS.to_vec()));
    for skip in 0..2 {
        for mishap in [Mishap::page(), Mishap::gateway(), Mishap::LostBefore] {
            fake.calm();
            fake.plan(On::Reads, skip, 9, mishap.clone());
            assert!(!engine.roster(None, budget()).await.proves_absence(), "{mishap:?}, {skip}");
        }
    }
}
