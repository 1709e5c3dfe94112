//! Moodle's Booking by the companion plugin.

pub(crate) use super::moodle::ANA;
use super::moodle::{course, lacking};
use super::situations::{Situation, Table, met, play};
use chrono::Utc;
use fake_lms::Fake;
use fake_lms::moodle::facetoface::{Facetoface, Signup};
use fake_lms::moodle::site::{Site, TokenState};
use fake_lms::moodle::{Moodle, TOKEN};
use regrets::enrolment::lms_answer::LmsOutcome::{
    AlreadyCancelled, CredentialBroken, Done, NotEnrolled, Outage, Refused, Superseded, TooLate, Unclear,
    Unexpected, UnknownLearner, UnknownSession,
};

pub(crate) const SETTINGS: &[(&str, &str)] = &[("token", TOKEN)];

/// An option in a week, which Ana has booked; and a session of Face-to-face that has the same id.
pub(crate) fn begin() -> Moodle {
    let mut moodle = course();
    for activity in [&mut moodle.booking, &mut moodle.facetoface] {
        activity.session(41, 10);
        activity.sign_up(41, ANA, "held");
    }
    moodle
}

fn booking(fake: &Fake<Moodle>, change: impl FnOnce(&mut Facetoface)) {
    fake.with(|moodle| change(&mut moodle.booking));
}

fn answered(fake: &Fake<Moodle>, state: &'static str) {
    booking(fake, |booking| booking.sign_up(41, ANA, state));
}

fn starting(fake: &Fake<Moodle>, in_seconds: i64) {
    let starts = Some(Utc::now().timestamp() + in_seconds);
    booking(fake, |booking| booking.sessions.get_mut(&41).unwrap().starts = starts);
}

const CANCELLED: &[&str] = &["cancel 7 in session 41"];

fn places() -> Vec<Situation<Moodle>> {
    vec![
        met("Booked", |_| {}, Done, CANCELLED),
        met("On the waiting list", |f| answered(f, "waitlisted"), Done, CANCELLED),
        met("Waiting to be confirmed", |f| answered(f, "requested"), Done, CANCELLED),
        met("Cancelled already", |f| answered(f, "cancelled"), AlreadyCancelled, &[]),
        met("Not booked", |f| booking(f, |b| b.signups.clear()), NotEnrolled, &[]),
        met("Presence was taken, or the option completed", |f| answered(f, "attended"), TooLate, &[]),
        met(
            "In a shopping cart, paid, in slots, or booked more than once",
            |f| answered(f, "unknown"),
            Unclear,
            &[],
        ),
        met("The option has begun", |f| starting(f, -60), TooLate, &[]),
        met(
            "It has no date",
            |f| booking(f, |b| b.sessions.get_mut(&41).unwrap().starts = None),
            Done,
            CANCELLED,
        ),
        met(
            "Booked after the decision",
            |f| {
                booking(f, |booking| {
                    let given = Some(Utc::now().timestamp() + 60);
                    booking.signups.insert((41, ANA), Signup { state: "held", given });
                });
            },
            Superseded,
            &[],
        ),
        met(
            "Learners may not cancel in this Booking",
            |f| booking(f, |b| b.sessions.get_mut(&41).unwrap().is_cancellable = false),
            Refused,
            &[],
        ),
        met(
            "The time in which learners may cancel is over",
            |f| booking(f, |b| b.sessions.get_mut(&41).unwrap().is_late = true),
            TooLate,
            &[],
        ),
        met(
            "Somebody waits, and moves up",
            |f| booking(f, |b| b.sign_up(41, 9, "waitlisted")),
            Done,
            CANCELLED,
        ),
        met("Nobody has this address", |_| {}, UnknownLearner, &[]).of("nobody@contoso.com"),
        met("Two accounts with one address", |f| f.with(|m| m.user(8, "ana")), Unclear, &[]),
        met("The address in capital letters", |_| {}, Done, CANCELLED).of("ANA@CONTOSO.COM"),
        met("By user name", |_| {}, Done, CANCELLED).of("ana").with(&[("by", "username")]),
        met("No such option", |_| {}, UnknownSession, &[]).in_session("77"),
        met("The option is no number", |_| {}, UnknownSession, &[]).in_session("fire-safety"),
    ]
}

fn rights_and_troubles() -> Vec<Situation<Moodle>> {
    vec![
        met("The site has no Booking", |f| f.with(|m| m.has_booking = false), Unexpected, &[]),
        met("May not read", |f| lacking(f, "local/regrets:read"), Unexpected, &[]),
        met("May not cancel", |f| lacking(f, "local/regrets:cancel"), Unexpected, &[]),
        met("The token is wrong", |_| {}, CredentialBroken, &[]).with(&[("token", "another")]),
        met(
            "The service's account was deleted",
            |f| f.with(|m| m.token = TokenState::Account("userdeleted")),
            CredentialBroken,
            &[],
        ),
        met("Maintenance", |f| f.with(|m| m.site = Site::Maintenance), Outage, &[]),
        met("Another request holds the option", |f| f.with(|m| m.facetoface.busy = 1), Outage, &[]),
    ]
}

#[tokio::test]
async fn every_situation_of_booking_has_its_outcome() {
    let situations = places().into_iter().chain(rights_and_troubles()).collect();
    let table = Table {
        connector: "moodle-booking",
        begin,
        settings: SETTINGS,
        session: "41",
        effects: CANCELLED,
        situations,
        events: Vec::new(),
    };
    play(table).await;
}

#[tokio::test]
async fn face_to_face_is_left_alone() {
    use super::rig::{ATTEMPT, LEARNER, engine, file, http, order};
    use regrets::lms::{Budget, Connector as _};
    let fake = Fake::start(begin()).await;
    let engine = engine(&file("moodle-booking"), fake.url(), SETTINGS, &http());
    let reply = engine.cancel(&order("41", LEARNER), Budget::of(ATTEMPT)).await;
    assert_eq!(reply.outcome, Done);
    let states = fake.with(|moodle| (moodle.booking.state(41, ANA), moodle.facetoface.state(41, ANA)));
    assert_eq!(states, ("cancelled", "held"));
}
