//! Open edX: a course run stands for a session.

use super::situations::{Situation, Table, met, play};
use fake_lms::open_edx::OpenEdx;
use fake_lms::token::{CLIENT_ID, CLIENT_SECRET};
use fake_lms::{Answer, Fake, Mishap, On};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, NotEnrolled, Outage, Refused, Superseded, Unexpected,
    UnknownLearner, UnknownSession,
};

pub(crate) const COURSE: &str = "course-v1:Contoso+Fire+2027";
pub(crate) const SETTINGS: &[(&str, &str)] =
    &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET), ("allow_course_unenrol", "true")];

/// Ana in a paid mode.
pub(crate) fn begin() -> OpenEdx {
    let mut edx = OpenEdx::default();
    edx.enrol("ana", COURSE, "verified", true);
    edx
}

fn row(fake: &Fake<OpenEdx>, change: fn(&mut fake_lms::open_edx::Enrolment)) {
    fake.with(|edx| edx.enrolments.values_mut().for_each(change));
}

const DEACTIVATED: &[&str] = &["deactivate ana in course-v1:Contoso+Fire+2027"];

fn situations() -> Vec<Situation<OpenEdx>> {
    vec![
        met("An active enrolment", |_| {}, Done, DEACTIVATED),
        met(
            "Inactive already: the same call would add one",
            |f| row(f, |row| row.is_active = false),
            AlreadyCancelled,
            &[],
        ),
        met(
            "Never enrolled: the same call would add one",
            |f| f.with(|e| e.enrolments.clear()),
            NotEnrolled,
            &[],
        ),
        met("Taking a course away is not allowed", |_| {}, Refused, &[])
            .with(&[("allow_course_unenrol", "false")]),
        met(
            "Enrolled after the decision",
            |f| row(f, |row| row.created = "2099-01-01T00:00:00Z".to_owned()),
            Superseded,
            &[],
        ),
        met("By user name", |_| {}, Done, DEACTIVATED).of("ana").with(&[("by", "username")]),
        met("Nobody has this address", |_| {}, UnknownLearner, &[]).of("nobody@contoso.com"),
        met("Nobody has this name", |_| {}, UnknownLearner, &[]).of("nobody").with(&[("by", "username")]),
        met("Two names where one is meant", |_| {}, UnknownLearner, &[])
            .of("nobody,ana")
            .with(&[("by", "username")]),
        met("The session is no course key", |_| {}, UnknownSession, &[]).in_session("fire-safety"),
        met("The client may not act for others", |f| f.with(|e| e.hides_others = true), Unexpected, &[]),
        met("The client is not known", |f| f.with(|e| e.tokens.is_rejected = true), CredentialBroken, &[]),
        met(
            "The token is not taken",
            |f| f.plan(On::Writes, 0, 1, Mishap::Instead(Answer::text(401, "application/json", "{}"))),
            Done,
            DEACTIVATED,
        ),
        met(
            "The token is never taken",
            |f| f.plan(On::Any, 1, 99, Mishap::Instead(Answer::text(401, "application/json", "{}"))),
            CredentialBroken,
            &[],
        ),
        met(
            "The mode does not fit",
            |f| {
                let said = serde_json::json!({ "message": "Enrollment mode mismatch" });
                f.plan(On::Writes, 0, 1, Mishap::Instead(Answer::json(400, &said)));
            },
            Refused,
            &[],
        ),
        met(
            "Answered as if it had been added",
            |f| {
                let said = serde_json::json!({ "user": "ana", "is_active": true });
                f.plan(On::Writes, 0, 1, Mishap::Instead(Answer::json(200, &said)));
            },
            Outage,
            &[],
        ),
    ]
}

#[tokio::test]
async fn every_situation_of_open_edx_has_its_outcome() {
    let situations = situations();
    let table = Table {
        connector: "open-edx",
        begin,
        settings: SETTINGS,
        session: COURSE,
        effects: DEACTIVATED,
        situations,
        events: Vec::new(),
    };
    play(table).await;
}
