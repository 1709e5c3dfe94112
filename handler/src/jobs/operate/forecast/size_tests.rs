use super::*;
use crate::config::WatchMode;
use crate::jobs::testing::tenant;

fn is(seen: f64, expected: f64) {
    assert!((seen - expected).abs() < 0.001, "{seen} is not {expected}");
}

/// 240 mailboxes with one place each in ten days, told two weeks ahead, for four hours.
fn size() -> Size {
    Size { sessions: 2.4, learners: 10.0, declines: 0.0, ..Size::of(240.0, 1.0) }
}

#[test]
fn a_place_makes_a_mailbox_near_for_a_day() {
    // 24 places among 240: 0.1 a day, so that one is ahead in 1 - e^-0.1 of the time.
    let load = size().load(&tenant());
    is(load.learners.near, 0.095_163);
    is(load.learners.episodes, 0.1 * 0.904_837);
}

#[test]
fn a_comparison_sees_what_is_ahead_and_what_was_today() {
    // Ahead, given that there is one: 0.1 / 0.095163; an hour beyond; and of 28 hours what has begun.
    let load = size().load(&tenant());
    is(load.learners.shown, 1.050_833 + 0.1 / 24.0 + 0.1 * 28.0 / 24.0);
    is(load.learners.gone, 0.0);
    // Fourteen days, and those 28 hours.
    is(load.learners.all_shown, 0.1 * (14.0 + 28.0 / 24.0));
}

#[test]
fn what_was_declined_is_missing() {
    // All decline, somewhere in the two weeks: of the 25 hours ahead 25 - 25² / 672 are without the copy.
    let load = Size { declines: 24.0, ..size() }.load(&tenant());
    let share = (25.0 - 625.0 / 672.0) / 25.0;
    is(load.learners.gone, (1.050_833 + 0.1 / 24.0) * share + 0.1 * 4.0 / 24.0);
    is(load.learners.shown, (1.050_833 + 0.1 / 24.0) * (1.0 - share));
    is(load.learners.all_gone, 0.1 * (7.0 + 4.0 / 24.0));
    // One who keeps the copy is there still.
    let kept = Size { declines: 24.0, removed: 0.0, ..size() }.load(&tenant());
    is(kept.learners.gone, 0.0);
    is(kept.looks, 0.0);
}

#[test]
fn a_short_lead_makes_short_windows() {
    // Told half a day ahead: near for 12 hours.
    let load = Size { lead_days: 0.5, ..size() }.load(&tenant());
    is(load.learners.near, 1.0 - (-0.05_f64).exp());
}

#[test]
fn changes_are_counted_by_whose_they_are() {
    let load = Size { declines: 4.0, moved: 1.0, ..size() }.load(&tenant());
    is(load.changes.private, 4_800.0);
    // 24 invitations, 20 acceptances, ten learners of a session that was moved.
    is(load.changes.shown, 54.0);
    is(load.changes.gone, 4.0);
    let mut tenant = tenant();
    tenant.watch.mode = WatchMode::Organizer;
    let load = size().load(&tenant);
    is(load.changes.private, 0.0);
    is(load.mailboxes, 0.0);
}

#[test]
fn nothing_is_nothing() {
    let load = Size { sessions: 0.0, declines: 0.0, ..Size::of(0.0, 0.0) }.load(&tenant());
    is(load.learners.near, 0.0);
    assert!(load.learners.shown.is_finite() && load.organizer.shown.is_finite(), "{load:?}");
}
