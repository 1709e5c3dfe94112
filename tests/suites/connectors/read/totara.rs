//! Totara: seminar events; who holds a place can't be listed.

use super::{budget, sessions};
use crate::rig::{engine, file, http};
use crate::totara::SETTINGS;
use fake_lms::totara::{Seminar, Totara};
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
