//! Canvas: a section stands for a session.

use super::situations::{Situation, Table, met, play};
use fake_lms::canvas::{Canvas, TOKEN};
use fake_lms::{Answer, Fake, Mishap, On};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, NotEnrolled, Outage, Refused, Superseded, TooLate, Unclear,
    Unexpected, UnknownLearner, UnknownSession,
};

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
    };
    play(table).await;
}
