//! Moodle's core: courses and groups, with the calendar for their dates.

use super::lies::{Reads, hold};
use super::{budget, places, sessions};
use crate::moodle::{ANA, COURSE, SETTINGS, course};
use crate::rig::{engine, file, http};
use fake_lms::Fake;
use fake_lms::moodle::calendar::Entry;
use fake_lms::moodle::{Method, Moodle};
use regrets::lms::{RosterReach, Source as _};
use regrets::sessions::absence::SingleRead;

const STARTS: i64 = 1_804_064_400;
const GROUP_SETTINGS: &[(&str, &str)] = &[("token", fake_lms::moodle::TOKEN), ("zone", "Europe/Berlin")];

/// A course with two dates and one without; two groups, of which one has a date.
fn world() -> Moodle {
    let mut moodle = course();
    moodle.course(8);
    moodle.course(9);
    moodle.user(20, "Cy");
    moodle.courses.get_mut(&9).unwrap().is_hidden = true;
    for user in [ANA, 9, 20] {
        moodle.enrol(user, COURSE, Method::Manual);
    }
    moodle.suspend(9, COURSE);
    moodle.group(41, COURSE, "2027-03-03");
    moodle.group(42, COURSE, "");
    [ANA, 20].into_iter().for_each(|user| moodle.join(user, 41));
    let mut entry = |id: u64, group, starts, lasts| {
        moodle.calendar.insert(id, Entry { course: COURSE, group, starts, lasts });
    };
    entry(1, None, STARTS, 10_800);
    entry(2, None, STARTS + 86_400, 0);
    entry(3, Some(41), STARTS, 10_800);
    // Long over.
    entry(4, None, STARTS - 5 * 365 * 86_400, 10_800);
    moodle
}

#[tokio::test]
async fn courses_with_the_entries_of_their_calendars_are_sessions() {
    let fake = Fake::start(world()).await;
    let engine = engine(&file("moodle"), fake.url(), SETTINGS, &http());
    assert_eq!((engine.roster_reach(), engine.has_single_read()), (RosterReach::Session, true));
    insta::assert_snapshot!(sessions(&engine.sessions(budget()).await), @r"
    6 Scheduled Course 6
        2027-03-03 09:00 to 12:00 UTC
        2027-03-04 09:00 to 10:00 UTC
    8 Undated Course 8
    9 Hidden Course 9
    ");
    assert_eq!(fake.seen().len(), 2, "the calendars of all courses are one request");
    insta::assert_snapshot!(places(&engine.roster(Some(&"6".into()), budget()).await), @r"
    6 Held cy@contoso.com <cy@contoso.com> Learner 20
    6 Held ana@contoso.com <ana@contoso.com> Learner 7
    6 Cancelled ben@contoso.com <ben@contoso.com> Learner 9
    ");
}

#[tokio::test]
async fn groups_with_their_entries_are_sessions() {
    let fake = Fake::start(world()).await;
    let by_id = engine(&file("moodle-group"), fake.url(), GROUP_SETTINGS, &http());
    insta::assert_snapshot!(sessions(&by_id.sessions(budget()).await), @r"
    6:41 Scheduled Course 6: Group 41
        2027-03-03 09:00 to 12:00 Europe/Berlin
    6:42 Undated Course 6: Group 42
    ");
    insta::assert_snapshot!(places(&by_id.roster(Some(&"6:41".into()), budget()).await), @r"
    6:41 Held cy@contoso.com <cy@contoso.com> Learner 20
    6:41 Held ana@contoso.com <ana@contoso.com> Learner 7
    ");

    let settings = [&[("group_by", "idnumber")], GROUP_SETTINGS].concat();
    let by_number = engine(&file("moodle-group"), fake.url(), &settings, &http());
    insta::assert_snapshot!(sessions(&by_number.sessions(budget()).await), @r"
    6:2027-03-03 Scheduled Course 6: Group 41 = 6:41
        2027-03-03 09:00 to 12:00 Europe/Berlin
    ");
    let pass = by_number.roster(Some(&"6:2027-03-03".into()), budget()).await;
    assert_eq!((pass.found.len(), pass.proves_absence()), (2, true));
    for (id, read) in [("6:41", SingleRead::There), ("6:77", SingleRead::Gone), ("77:41", SingleRead::Gone)] {
        assert_eq!(by_id.is_there(&id.into(), budget()).await, read, "{id}");
    }
}

#[tokio::test]
async fn a_course_is_gone_when_moodle_says_that_there_is_none() {
    let fake = Fake::start(world()).await;
    let engine = engine(&file("moodle"), fake.url(), SETTINGS, &http());
    assert_eq!(engine.is_there(&"6".into(), budget()).await, SingleRead::There);
    assert_eq!(engine.is_there(&"77".into(), budget()).await, SingleRead::Gone);
    fake.with(|moodle| moodle.courses.get_mut(&6).unwrap().is_closed = true);
    assert_eq!(engine.is_there(&"6".into(), budget()).await, SingleRead::Unknown);
}

/// Where a right is missing Moodle shows nothing, or less.
#[tokio::test]
async fn a_missing_right_is_no_absence() {
    for right in ["moodle/user:viewdetails", "moodle/course:enrolreview", "moodle/course:viewparticipants"] {
        let fake = Fake::start(world()).await;
        fake.with(|moodle| moodle.missing.insert(right));
        let engine = engine(&file("moodle"), fake.url(), SETTINGS, &http());
        let pass = engine.roster(Some(&"6".into()), budget()).await;
        assert!(!pass.proves_absence(), "{right}");
    }
    for right in ["moodle/user:viewdetails", "moodle/course:managegroups"] {
        let fake = Fake::start(world()).await;
        fake.with(|moodle| moodle.missing.insert(right));
        let engine = engine(&file("moodle-group"), fake.url(), GROUP_SETTINGS, &http());
        let pass = engine.roster(Some(&"6:41".into()), budget()).await;
        assert!(!pass.proves_absence(), "{right}");
    }
    // The calendar of groups: their dates are not known, so they are not told.
    let fake = Fake::start(world()).await;
    fake.with(|moodle| moodle.missing.insert("moodle/calendar:manageentries"));
    let engine = engine(&file("moodle-group"), fake.url(), GROUP_SETTINGS, &http());
    let pass = engine.sessions(budget()).await;
    assert!(pass.found.is_empty() && pass.quarantined.len() == 2 && !pass.proves_absence());
}

#[tokio::test]
async fn nothing_that_goes_wrong_is_an_absence() {
    hold(&Reads { connector: "moodle", begin: world, settings: SETTINGS, session: "6", sessions: 3 }).await;
    let settings = GROUP_SETTINGS;
    hold(&Reads { connector: "moodle-group", begin: world, settings, session: "6:41", sessions: 2 }).await;
}
