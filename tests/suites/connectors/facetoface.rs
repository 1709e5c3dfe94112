//! Moodle's Face-to-face by the companion plugin.

use super::looked_up::{Event, LATER, STARTS, TITLE, event, one};
pub(crate) use super::moodle::ANA;
use super::moodle::course;
use super::situations::{Situation, Table, met, play};
use chrono::Utc;
use fake_lms::moodle::facetoface::Signup;
use fake_lms::moodle::site::{Site, TokenState};
use fake_lms::moodle::{Moodle, TOKEN};
use fake_lms::{Fake, Mishap, On};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, NotEnrolled, Outage, Refused, Superseded, TooLate, Unclear,
    Unexpected, UnknownLearner, UnknownSession,
};
use regrets::lms::Lookup;

pub(crate) const SETTINGS: &[(&str, &str)] = &[("token", TOKEN)];

/// A session in a week, with Ana in it.
pub(crate) fn begin() -> Moodle {
    let mut moodle = course();
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
        met(
            "The service's account was deleted",
            |f| f.with(|m| m.token = TokenState::Account("userdeleted")),
            CredentialBroken,
            &[],
        ),
        met(
            "The service's account is not confirmed",
            |f| f.with(|m| m.token = TokenState::Account("usernotconfirmed")),
            CredentialBroken,
            &[],
        ),
        met("Maintenance", |f| f.with(|m| m.site = Site::Maintenance), Outage, &[]),
        met("Another request holds the session", |f| f.with(|m| m.facetoface.busy = 1), Outage, &[]),
    ]
}

fn named(fake: &Fake<Moodle>, session: u64, name: &str, starts: Option<i64>) {
    fake.with(|moodle| {
        moodle.facetoface.session(session, 10);
        let session = moodle.facetoface.sessions.get_mut(&session).unwrap();
        name.clone_into(&mut session.name);
        session.starts = starts;
    });
}

fn events() -> Vec<Event<Moodle>> {
    vec![
        event(
            "a session of this name at this time",
            |f| {
                named(f, 12, TITLE, Some(STARTS));
                named(f, 13, TITLE, Some(LATER));
            },
            one("12"),
        ),
        event("the name in other letters", |f| named(f, 12, "WORKING on Ladders", Some(STARTS)), one("12")),
        event(
            "a session whose second date is at this time",
            |f| {
                named(f, 12, TITLE, Some(STARTS - 86_400));
                f.with(|m| m.facetoface.sessions.get_mut(&12).unwrap().later.push(STARTS));
            },
            one("12"),
        ),
        event("a session of this name at another time", |f| named(f, 12, TITLE, Some(LATER)), Lookup::None),
        event("a session of this name without a date", |f| named(f, 12, TITLE, None), Lookup::None),
        event(
            "a session of another name at this time",
            |f| named(f, 12, "First aid", Some(STARTS)),
            Lookup::None,
        ),
        event(
            "two sessions of this name at this time",
            |f| {
                named(f, 12, TITLE, Some(STARTS));
                named(f, 13, TITLE, Some(STARTS));
            },
            Lookup::Many,
        ),
        event(
            "two of them, on different pages",
            |f| {
                (12..20).for_each(|id| named(f, id, "First aid", Some(STARTS)));
                named(f, 12, TITLE, Some(STARTS));
                named(f, 19, TITLE, Some(STARTS));
                f.with(|m| m.facetoface.page = 3);
            },
            Lookup::Many,
        ),
        event(
            "the one on the last page",
            |f| {
                (12..20).for_each(|id| named(f, id, "First aid", Some(STARTS)));
                named(f, 19, TITLE, Some(STARTS));
                f.with(|m| m.facetoface.page = 3);
            },
            one("19"),
        ),
        event(
            "one on the first page, and the next page does not come",
            |f| {
                (12..20).for_each(|id| named(f, id, "First aid", Some(STARTS)));
                named(f, 12, TITLE, Some(STARTS));
                f.with(|m| m.facetoface.page = 3);
                f.plan(On::Reads, 1, 99, Mishap::gateway());
            },
            Lookup::Unknown,
        ),
        event("one, and the event has no title", |f| named(f, 12, "", Some(STARTS)), Lookup::None)
            .titled(" "),
        event("one, and the event has no start", |f| named(f, 12, TITLE, None), Lookup::None).undated(),
        event(
            "one, and the account may not read",
            |f| {
                named(f, 12, TITLE, Some(STARTS));
                f.with(|m| m.missing.insert("local/regrets:read"));
            },
            Lookup::Unknown,
        ),
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
        events: events(),
    };
    play(table).await;
}
