//! Canvas: a section stands for a session.

use super::looked_up::{Event, TITLE, event, one};
use super::situations::{Situation, Table, met, play};
use fake_lms::canvas::{Canvas, Date, TOKEN};
use fake_lms::{Answer, Fake, Mishap, On};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, NotEnrolled, Outage, Refused, Superseded, TooLate, Unclear,
    Unexpected, UnknownLearner, UnknownSession,
};
use regrets::lms::Lookup;

pub(crate) const ANA: u64 = 10_000_000_000_000_007;
pub(crate) const SECTION: u64 = 4711;
pub(crate) const SETTINGS: &[(&str, &str)] = &[("token", TOKEN)];
pub(crate) const STUDENT: &str = "StudentEnrollment";

/// A section with a teacher, and Ana.
pub(crate) fn begin() -> Canvas {
    let mut canvas = Canvas::default();
    canvas.sections.insert(SECTION, 42);
    canvas.sections.insert(4712, 42);
    canvas.user(ANA, "ana");
    canvas.user(10_000_000_000_000_009, "ana.lang");
    canvas.enrol(10_000_000_000_000_009, SECTION, "TeacherEnrollment", "active");
    canvas.enrol(ANA, SECTION, STUDENT, "active");
    canvas.enrol(ANA, 4712, STUDENT, "active");
    canvas
}

fn in_state(fake: &Fake<Canvas>, state: &'static str) {
    fake.with(|canvas| {
        let mine = canvas.enrolments.values_mut().filter(|row| row.user == ANA && row.section == SECTION);
        mine.for_each(|row| row.state = state);
    });
}

const INACTIVE: &[&str] = &["inactive 10000000000000007 in section 4711"];
const DELETED: &[&str] = &["deleted 10000000000000007 in section 4711"];

fn places() -> Vec<Situation<Canvas>> {
    vec![
        met("An active enrolment", |_| {}, Done, INACTIVE),
        met("Removed instead of made inactive", |_| {}, Done, DELETED).with(&[("task", "delete")]),
        met("Invited, and has not accepted", |f| in_state(f, "invited"), Done, INACTIVE),
        met("Waits for the course to be published", |f| in_state(f, "creation_pending"), Done, INACTIVE),
        met("Inactive already", |f| in_state(f, "inactive"), AlreadyCancelled, &[]),
        met("Deleted already", |f| in_state(f, "deleted"), NotEnrolled, &[]),
        met("The course is over for the learner", |f| in_state(f, "completed"), TooLate, &[]),
        met(
            "Not in the section",
            |f| f.with(|c| c.enrolments.retain(|_, row| row.user != ANA)),
            NotEnrolled,
            &[],
        ),
        met(
            "Only a teacher in the section",
            |f| {
                f.with(|c| {
                    c.enrolments.retain(|_, row| row.user != ANA);
                    c.enrol(ANA, SECTION, "TeacherEnrollment", "active");
                })
            },
            NotEnrolled,
            &[],
        ),
        met(
            "Two live enrolments in one section",
            |f| {
                f.with(|c| {
                    c.enrol(ANA, SECTION, STUDENT, "active");
                })
            },
            Unclear,
            &[],
        ),
        met(
            "Enrolled after the decision",
            |f| {
                f.with(|c| {
                    c.enrolments
                        .values_mut()
                        .for_each(|row| row.created_at = "2099-01-01T00:00:00Z".to_owned());
                })
            },
            Superseded,
            &[],
        ),
        met(
            "Lists that show everything by default",
            |f| f.with(|c| c.lists_all_by_default = true),
            Done,
            INACTIVE,
        ),
        met("The filter by user is not obeyed", |f| f.with(|c| c.ignores_user_filter = true), Done, INACTIVE),
        met(
            "10,000 students, page by page",
            |f| {
                f.with(|c| {
                    c.ignores_user_filter = true;
                    (1..10_000).for_each(|user| {
                        c.enrol(user, SECTION, STUDENT, "active");
                    });
                })
            },
            Done,
            INACTIVE,
        ),
        met("By the login", |_| {}, Done, INACTIVE).of("ana").with(&[("by", "login")]),
        met("By the id of the student information system", |_| {}, Done, INACTIVE)
            .of("E-ana")
            .with(&[("by", "sis")])
            .in_session("sis_section_id:S-4711"),
        met("Nobody has this address", |_| {}, UnknownLearner, &[]).of("nobody@contoso.com"),
        met("Two accounts with one address", |f| f.with(|c| c.user(8, "ana")), Unclear, &[]),
        met("No such section", |_| {}, UnknownSession, &[]).in_session("77"),
    ]
}

fn answers() -> Vec<Situation<Canvas>> {
    vec![
        met("The token is wrong", |_| {}, CredentialBroken, &[]).with(&[("token", "another")]),
        met("The role may not change enrolments", |f| f.with(|c| c.may_not_manage = true), Unexpected, &[]),
        met("The enrolment can't be changed", |f| f.with(|c| c.refuses = true), Refused, &[]),
        met("Throttled, with 403", |f| f.with(|c| c.throttled = 1), Outage, &[]),
        met(
            "The write is throttled, with 403",
            |f| {
                let answer = Answer::text(403, "text/plain", "403 Forbidden (Rate Limit Exceeded)");
                f.plan(On::Writes, 0, 1, Mishap::Instead(answer));
            },
            Outage,
            &[],
        ),
        met(
            "Ended by somebody else meanwhile",
            |f| {
                let gone = Answer::json(404, &serde_json::json!({ "errors": [{ "message": "gone" }] }));
                f.plan(On::Writes, 0, 1, Mishap::After(gone));
            },
            Done,
            INACTIVE,
        ),
        met(
            "Not found, and still there",
            |f| {
                let gone = Answer::json(404, &serde_json::json!({ "errors": [{ "message": "gone" }] }));
                f.plan(On::Writes, 0, 1, Mishap::Instead(gone));
            },
            Unclear,
            &[],
        ),
        met("The list can't be read", |f| f.plan(On::Reads, 2, 9, Mishap::gateway()), Outage, &[]),
    ]
}

/// A course of this name with the sections 4711 and 4712.
fn course(fake: &Fake<Canvas>, name: &'static str) {
    fake.with(|canvas| canvas.courses.insert(42, name));
}

fn dated(fake: &Fake<Canvas>, entry: u64, section: u64, start: &'static str) {
    fake.with(|canvas| canvas.dates.insert(entry, Date { section, start, state: "active" }));
}

/// The same moment as the others', as Canvas may write it.
const THEN: &str = "2036-03-03T09:00:00+01:00";
const UID: &str = "event-calendar-event-5";

fn events() -> Vec<Event<Canvas>> {
    vec![
        event(
            "a course of this name, and one of its sections has a date at this time",
            |f| {
                course(f, TITLE);
                f.with(|c| c.courses.insert(43, "Working on ladders, part two"));
                dated(f, 5, 4711, THEN);
                dated(f, 6, 4712, "2036-03-10T08:00:00Z");
            },
            one("4711"),
        ),
        event(
            "one, and no section has a date at this time",
            |f| {
                course(f, TITLE);
                dated(f, 5, 4711, "2036-03-10T08:00:00Z");
            },
            Lookup::None,
        ),
        event(
            "one, and the date at this time was deleted",
            |f| {
                course(f, TITLE);
                f.with(|c| c.dates.insert(5, Date { section: 4711, start: THEN, state: "deleted" }));
            },
            Lookup::None,
        ),
        event(
            "one, and two of its sections have a date at this time",
            |f| {
                course(f, TITLE);
                dated(f, 5, 4711, THEN);
                dated(f, 6, 4712, THEN);
            },
            Lookup::Many,
        ),
        event(
            "two courses of this name",
            |f| {
                course(f, TITLE);
                f.with(|c| c.courses.insert(43, TITLE));
                dated(f, 5, 4711, THEN);
            },
            Lookup::Many,
        ),
        event(
            "two courses of this name, on different pages",
            |f| {
                course(f, TITLE);
                f.with(|c| {
                    c.page = 1;
                    c.courses.insert(43, "Working on ladders, part two");
                    c.courses.insert(44, TITLE);
                });
                dated(f, 5, 4711, THEN);
            },
            Lookup::Many,
        ),
        event(
            "a course of another name, and a date at this time",
            |f| {
                course(f, "First aid");
                dated(f, 5, 4711, THEN);
            },
            Lookup::None,
        ),
        event("one, and the event has no title", |f| dated(f, 5, 4711, THEN), Lookup::None).titled(""),
        event("one, and the event has no start", |f| course(f, TITLE), Lookup::None).undated(),
        event("a section's calendar entry with the event's uid", |f| dated(f, 5, 4711, THEN), one("4711"))
            .titled("Whatever")
            .with_uid(UID),
        event(
            "one with the event's uid, which has moved",
            |f| dated(f, 5, 4711, "2036-03-10T08:00:00Z"),
            Lookup::None,
        )
        .titled("Whatever")
        .with_uid(UID),
        event(
            "a course of this name, and the throttle does not end",
            |f| {
                course(f, TITLE);
                f.with(|c| c.throttled = 99);
            },
            Lookup::Unknown,
        ),
    ]
}

#[tokio::test]
async fn every_situation_of_canvas_has_its_outcome() {
    let situations = [places(), answers()].into_iter().flatten().collect();
    let table = Table {
        connector: "canvas",
        begin,
        settings: SETTINGS,
        session: "4711",
        effects: INACTIVE,
        situations,
        events: events(),
    };
    play(table).await;
}
