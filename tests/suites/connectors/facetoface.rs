//! Moodle's Face-to-face by the companion plugin.

use super::situations::{Situation, Table, met, play};
use chrono::Utc;
use fake_lms::Fake;
use fake_lms::moodle::facetoface::Signup;
use fake_lms::moodle::site::Site;
use fake_lms::moodle::{Moodle, TOKEN};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, NotEnrolled, Outage, Refused, Superseded, TooLate, Unclear,
    Unexpected, UnknownLearner, UnknownSession,
};

pub(crate) const ANA: u64 = 7;
pub(crate) const SETTINGS: &[(&str, &str)] = &[("token", TOKEN)];

/// A session in a week, with Ana in it.
pub(crate) fn begin() -> Moodle {
    let mut moodle = Moodle::default();
    moodle.course(6);
    moodle.user(ANA, "ana");
    moodle.user(9, "ben");
    moodle.facetoface.session(12, 10);
    moodle.facetoface.sign_up(12, ANA, "held");
    moodle
}

fn signed_up(fake: &Fake<Moodle>, state: &'static str) {
    fake.with(|moodle| moodle.facetoface.sign_up(12, ANA, state));
}

fn starting(fake: &Fake<Moodle>, in_seconds: i64) {
    fake.with(|moodle| {
        moodle.facetoface.sessions.get_mut(&12).unwrap().starts = Some(Utc::now().timestamp() + in_seconds);
    });
}

const CANCELLED: &[&str] = &["cancel 7 in session 12"];

fn situations() -> Vec<Situation<Moodle>> {
    vec![
        met("Signed up", |_| {}, Done, CANCELLED),
        met("On the wait list", |f| signed_up(f, "waitlisted"), Done, CANCELLED),
        met("Waiting for approval", |f| signed_up(f, "requested"), Done, CANCELLED),
        met("Cancelled already", |f| signed_up(f, "cancelled"), AlreadyCancelled, &[]),
        met("Not signed up", |f| f.with(|m| m.facetoface.signups.clear()), NotEnrolled, &[]),
        met("Attendance was taken", |f| signed_up(f, "attended"), TooLate, &[]),
        met("A status that nobody knows", |f| signed_up(f, "unknown"), Unclear, &[]),
        met("The session has begun", |f| starting(f, -60), TooLate, &[]),
        met(
            "Signed up after the decision",
            |f| {
                f.with(|m| {
                    let given = Some(Utc::now().timestamp() + 60);
                    m.facetoface.signups.insert((12, ANA), Signup { state: "held", given });
                })
            },
            Superseded,
            &[],
        ),
        met(
            "Cancelling is switched off for the session",
            |f| f.with(|m| m.facetoface.sessions.get_mut(&12).unwrap().is_cancellable = false),
            Refused,
            &[],
        ),
        met(
            "Somebody waits, and moves up",
            |f| f.with(|m| m.facetoface.sign_up(12, 9, "waitlisted")),
            Done,
            CANCELLED,
        ),
        met("Nobody has this address", |_| {}, UnknownLearner, &[]).of("nobody@contoso.com"),
        met("Two accounts with one address", |f| f.with(|m| m.user(8, "ana")), Unclear, &[]),
        met("The address in capital letters", |_| {}, Done, CANCELLED).of("ANA@CONTOSO.COM"),
        met("By user name", |_| {}, Done, CANCELLED).of("ana").with(&[("by", "username")]),
        met("No such session", |_| {}, UnknownSession, &[]).in_session("77"),
        met("The session is no number", |_| {}, UnknownSession, &[]).in_session("fire-safety"),
        met(
            "The plugin is not there",
            |f| {
                f.with(|m| {
                    m.without.extend(["local_regrets_get_signup", "local_regrets_cancel_signup"]);
                })
            },
            Unexpected,
            &[],
        ),
        met(
            "May not read",
            |f| {
                f.with(|m| {
                    m.missing.insert("local/regrets:read");
                })
            },
            Unexpected,
            &[],
        ),
        met(
            "May not cancel",
            |f| {
                f.with(|m| {
                    m.missing.insert("local/regrets:cancel");
                })
            },
            Unexpected,
            &[],
        ),
        met("The token is wrong", |_| {}, CredentialBroken, &[]).with(&[("token", "another")]),
        met("Maintenance", |f| f.with(|m| m.site = Site::Maintenance), Outage, &[]),
        met("Another request holds the session", |f| f.with(|m| m.facetoface.busy = 1), Outage, &[]),
    ]
}

#[tokio::test]
async fn every_situation_of_facetoface_has_its_outcome() {
    let situations = situations();
    let table = Table {
        connector: "moodle-facetoface",
        begin,
        settings: SETTINGS,
        session: "12",
        effects: CANCELLED,
        situations,
    };
    play(table).await;
}
