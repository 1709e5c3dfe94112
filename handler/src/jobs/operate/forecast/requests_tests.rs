use super::*;
use crate::config::WatchMode;
use crate::jobs::operate::forecast::load::{CalendarLoad, ChangeLoad};
use crate::jobs::testing::{address, tenant};

/// Whose organizers may be read.
fn watching(mode: WatchMode, organizers: usize) -> Tenant {
    let mut tenant = tenant();
    tenant.watch.mode = mode;
    tenant.watch.mailboxes = Mailboxes::Group("learners".to_owned());
    tenant.watch.organizers = (0..organizers).map(|n| address(&format!("learning{n}@contoso.com"))).collect();
    tenant
}

fn is(all: &Requests, kind: RequestKind, expected: f64) {
    let seen = all.of(kind).mean();
    assert!((seen - expected).abs() < 0.01, "{}: {seen} is not {expected}", kind.name());
}

#[test]
fn a_near_calendar_has_its_sessions_read_each_time() {
    // 13 mailboxes × 22.1538 comparisons, less the whole ones; two sessions each, one of which is gone.
    let calendar = CalendarLoad { near: 1.0, shown: 1.0, gone: 1.0, ..CalendarLoad::default() };
    let load = Load { mailboxes: 13.0, learners: calendar, ..Load::default() };
    let near = 13.0 * (22.153_846 - 0.996_540);
    let alone = of(&watching(WatchMode::Attendees, 0), &load);
    is(&alone, RequestKind::Event, 2.0 * near);
    is(&alone, RequestKind::Shown, 2.0 * near);
    is(&alone, RequestKind::ByICalUid, near);
    // Where the organizer may be read, their copy is asked for besides.
    let asked = of(&watching(WatchMode::Attendees, 1), &load);
    is(&asked, RequestKind::Event, 3.0 * near);
    is(&asked, RequestKind::Shown, 3.0 * near);
    is(&asked, RequestKind::ByICalUid, near);
}

#[test]
fn a_private_change_is_read_once() {
    let changes = ChangeLoad { private: 500.0, ..ChangeLoad::default() };
    let load = Load { mailboxes: 10.0, changes, ..Load::default() };
    let all = of(&watching(WatchMode::Attendees, 0), &load);
    is(&all, RequestKind::Event, 500.0);
    is(&all, RequestKind::Shown, 0.0);
}

#[test]
fn the_organizer_alone_is_asked_for_each_answer() {
    let changes = ChangeLoad { organizers: 100.0, ..ChangeLoad::default() };
    let load =
        Load { organizers: 1.0, people: 50.0, changes, answers: 60.0, declines: 10.0, ..Load::default() };
    let all = of(&watching(WatchMode::Organizer, 1), &load);
    is(&all, RequestKind::Event, 170.0);
    is(&all, RequestKind::Shown, 170.0);
    is(&all, RequestKind::ByICalUid, 0.0);
    is(&all, RequestKind::Members, 0.0);
    // Every 31.5 hours, and half a round.
    is(&all, RequestKind::Renew, 1_440.0 / (1_890.0 + 2.5));
}

#[test]
fn a_small_directory_is_read_in_each_round_and_a_large_one_each_hour() {
    let tenant = watching(WatchMode::Attendees, 0);
    let of = |mailboxes| of(&tenant, &Load { mailboxes, ..Load::default() });
    is(&of(2_000.0), RequestKind::Members, 3.0 * 288.0);
    // 58 minutes: found by the round after 60.
    is(&of(10_000.0), RequestKind::Members, 11.0 * 24.0);
    is(&of(10_000.0), RequestKind::Subscriptions, 200.0);
}

#[test]
fn organizers_are_followed_in_each_round() {
    let load = Load { mailboxes: 10.0, organizers: 2.0, ..Load::default() };
    // And begun anew once a day.
    is(&of(&watching(WatchMode::Attendees, 2), &load), RequestKind::Delta, 2.0 * 289.0);
    is(&of(&watching(WatchMode::Organizer, 2), &load), RequestKind::Delta, 0.0);
}
