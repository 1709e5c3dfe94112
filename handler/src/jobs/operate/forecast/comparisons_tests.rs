use super::*;
use crate::config::WatchMode;
use crate::jobs::testing::tenant;

fn watching(mode: WatchMode) -> Tenant {
    let mut tenant = tenant();
    tenant.watch.mode = mode;
    tenant
}

fn near(near: f64, unreadable: f64) -> Load {
    let calendar = CalendarLoad { near, unreadable, ..CalendarLoad::default() };
    Load {
        mailboxes: 130.0,
        organizers: 1.0,
        learners: calendar.clone(),
        organizer: calendar,
        ..Load::default()
    }
}

fn is(seen: f64, expected: f64) {
    assert!((seen - expected).abs() < 0.01, "{seen} is not {expected}");
}

#[test]
fn who_has_a_session_soon_is_compared_every_65_minutes() {
    // 1,440 / 65 = 22.15 a day, of which a whole one (1,440 / 1,445 = 0.9965) is one.
    let seen = of_learners(&watching(WatchMode::Attendees), &near(1.0, 0.0));
    is(seen.whole, 130.0 * 0.99654);
    is(seen.near, 130.0 * (22.15385 - 0.99654));
    is(seen.vain, 0.0);
}

#[test]
fn who_has_none_is_compared_once_a_day() {
    let seen = of_learners(&watching(WatchMode::Attendees), &near(0.0, 0.0));
    is(seen.all(), 130.0 * 0.99654);
}

#[test]
fn what_cant_be_read_is_tried_in_each_round() {
    // Half of a day: 144 rounds, and half of 22.15.
    let seen = of_learners(&watching(WatchMode::Attendees), &near(1.0, 0.5));
    is(seen.vain, 130.0 * 144.0);
    is(seen.near, 130.0 * (11.07692 - 0.99654));
}

#[test]
fn each_side_is_compared_only_where_it_is_watched() {
    let load = near(0.5, 0.0);
    assert_eq!(of_learners(&watching(WatchMode::Organizer), &load), Comparisons::default());
    assert_eq!(of_organizers(&watching(WatchMode::Attendees), &load), Comparisons::default());
    assert!(of_organizers(&watching(WatchMode::Both), &load).near > 0.0);
}

#[test]
fn somebody_is_tried_where_nobody_was_compared() {
    // One organizer who has a session in half of the time: compared in a 26th of the rounds.
    let (least, most) = tries(&watching(WatchMode::Organizer), &near(0.5, 0.0));
    is(most, 288.0 * (1.0 - 0.5 / 13.0));
    is(least, 288.0 * (12.0_f64 / 13.0).sqrt());
    // Of many, three are tried; where all are compared in other rounds, in none.
    let (least, most) = tries(&watching(WatchMode::Attendees), &near(1.0, 0.0));
    is(most, 864.0 * 12.0 / 13.0);
    assert!(least < 0.1, "{least}");
}
