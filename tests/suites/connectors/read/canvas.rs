//! Canvas: sections with their dates, and the students in them.

use super::lies::{Reads, hold};
use super::{budget, places, sessions};
use crate::canvas::{SETTINGS, STUDENT};
use crate::rig::{engine, file, http};
use fake_lms::Fake;
use fake_lms::canvas::{Canvas, Date};
use regrets::lms::{RosterReach, Source as _};
use regrets::sessions::absence::SingleRead;

/// Twelve courses, of which one has three sections; entries are shown two a page.
fn world() -> Canvas {
    let mut canvas = Canvas::default();
    canvas.page = 2;
    for course in 42..54 {
        canvas.courses.insert(course, "First aid");
        canvas.sections.insert(course * 100, course);
    }
    canvas.sections.insert(4201, 42);
    canvas.sections.insert(4202, 42);
    let dates = [
        (1, 4200, "2036-03-03T08:00:00Z", "active"),
        (2, 4200, "2036-03-04T08:00:00Z", "active"),
        (3, 4201, "2036-07-03T08:00:00Z", "active"),
        (4, 4202, "2036-03-05T08:00:00Z", "deleted"),
        (5, 5300, "2036-03-06T08:00:00Z", "active"),
    ];
    for (id, section, start, state) in dates {
        canvas.dates.insert(id, Date { section, start, state });
    }
    for (id, name) in [(7, "Ana"), (8, "ben"), (9, "cy"), (10, "di"), (11, "ed"), (12, "teacher")] {
        canvas.user(10_000_000_000_000_000 + id, name);
    }
    let states = ["active", "invited", "creation_pending", "inactive", "completed"];
    for (id, state) in (7..12).zip(states) {
        canvas.enrol(10_000_000_000_000_000 + id, 4200, STUDENT, state);
    }
    canvas.enrol(10_000_000_000_000_012, 4200, "TeacherEnrollment", "active");
    canvas.enrol(10_000_000_000_000_012, 4200, "StudentViewEnrollment", "active");
    canvas
}

#[tokio::test]
async fn sections_with_their_dates_are_sessions() {
    let fake = Fake::start(world()).await;
    let settings = [&[("zone", "Europe/Berlin")], SETTINGS].concat();
    let engine = engine(&file("canvas"), fake.url(), &settings, &http());
    assert_eq!((engine.roster_reach(), engine.has_single_read()), (RosterReach::Session, true));
    let pass = engine.sessions(budget()).await;
    insta::assert_snapshot!(sessions(&pass), @r"
    4200 Scheduled First aid = sis_section_id:S-4200
        2036-03-03 08:00 to 11:00 Europe/Berlin in Hall 1
        2036-03-04 08:00 to 11:00 Europe/Berlin in Hall 1
    4201 Scheduled First aid = sis_section_id:S-4201
        2036-07-03 08:00 to 11:00 Europe/Berlin in Hall 1
    4202 Undated First aid = sis_section_id:S-4202
    4300 Undated First aid = sis_section_id:S-4300
    4400 Undated First aid = sis_section_id:S-4400
    4500 Undated First aid = sis_section_id:S-4500
    4600 Undated First aid = sis_section_id:S-4600
    4700 Undated First aid = sis_section_id:S-4700
    4800 Undated First aid = sis_section_id:S-4800
    4900 Undated First aid = sis_section_id:S-4900
    5000 Undated First aid = sis_section_id:S-5000
    5100 Undated First aid = sis_section_id:S-5100
    5200 Undated First aid = sis_section_id:S-5200
    5300 Scheduled First aid = sis_section_id:S-5300
        2036-03-06 08:00 to 11:00 Europe/Berlin in Hall 1
    ");
    assert!(!format!("{pass:?}").contains("secret"), "what a host may know is never read");
}

#[tokio::test]
async fn students_are_read_as_their_enrolments_say() {
    let fake = Fake::start(world()).await;
    let settings = [("by", "email"), SETTINGS[0]];
    let by_address = engine(&file("canvas"), fake.url(), &settings, &http());
    insta::assert_snapshot!(places(&by_address.roster(Some(&"4200".into()), budget()).await), @r"
    4200 Held ana@contoso.com <ana@contoso.com> Learner 10000000000000007
    4200 Invited ben@contoso.com <ben@contoso.com> Learner 10000000000000008
    4200 Requested cy@contoso.com <cy@contoso.com> Learner 10000000000000009
    4200 Cancelled di@contoso.com <di@contoso.com> Learner 10000000000000010
    4200 Attended ed@contoso.com <ed@contoso.com> Learner 10000000000000011
    ");
    // Where addresses may not be seen nobody has one, and nobody is invited.
    fake.with(|canvas| canvas.shows_addresses = false);
    let pass = by_address.roster(Some(&"4200".into()), budget()).await;
    assert!(pass.found.len() == 5 && pass.found.values().all(|record| record.person.address.is_none()));
    let mut learners = Vec::new();
    for by in ["login", "sis"] {
        let engine = engine(&file("canvas"), fake.url(), &[("by", by), SETTINGS[0]], &http());
        let pass = engine.roster(Some(&"4200".into()), budget()).await;
        learners
            .extend(pass.found.into_values().next().map(|record| record.person.learner.as_str().to_owned()));
    }
    assert_eq!(learners, ["ana", "E-Ana"]);
    // What is listed twice because Canvas shows more than was asked for is one.
    fake.with(|canvas| canvas.lists_all_by_default = true);
    let pass = by_address.roster(Some(&"4200".into()), budget()).await;
    assert_eq!((pass.found.len(), pass.proves_absence()), (5, true));
}

#[tokio::test]
async fn a_section_is_gone_when_canvas_does_not_find_it() {
    let fake = Fake::start(world()).await;
    let engine = engine(&file("canvas"), fake.url(), SETTINGS, &http());
    for (id, read) in
        [("4200", SingleRead::There), ("sis_section_id:S-4200", SingleRead::There), ("77", SingleRead::Gone)]
    {
        assert_eq!(engine.is_there(&id.into(), budget()).await, read, "{id}");
    }
    // A throttle looks like a matter of rights, and neither says anything.
    fake.with(|canvas| canvas.throttled = 9);
    assert_eq!(engine.is_there(&"77".into(), budget()).await, SingleRead::Unknown);
}

#[tokio::test]
async fn nothing_that_goes_wrong_is_an_absence() {
    let begin = || {
        let mut canvas = world();
        canvas.courses.retain(|course, _| *course < 44);
        canvas.sections.retain(|_, course| *course < 44);
        canvas
    };
    hold(&Reads { connector: "canvas", begin, settings: SETTINGS, session: "4200", sessions: 4 }).await;
}
