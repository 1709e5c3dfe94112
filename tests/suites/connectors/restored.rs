//! A place that was cancelled is given back, where the LMS can; nothing is created that was not there.

use super::rig::{ATTEMPT, LEARNER, engine, file, http, order};
use super::{booking, canvas, facetoface, moodle, moodle_group, open_edx, totara};
use fake_lms::{Fake, Mishap, On, Product};
use regrets::enrolment::lms_answer::{LmsOutcome, RestoreOutcome};
use regrets::lms::{Budget, Connector as _};

/// Cancels, lets something happen, gives back: what that comes to, and all effects.
async fn round<P: Product>(
    connector: &str,
    settings: &[(&str, &str)],
    session: &str,
    begin: fn() -> P,
    between: fn(&Fake<P>),
) -> (RestoreOutcome, Vec<String>) {
    let fake = Fake::start(begin()).await;
    let engine = engine(&file(connector), fake.url(), settings, &http());
    let order = order(session, LEARNER);
    let reply = engine.cancel(&order, Budget::of(ATTEMPT)).await;
    assert_eq!(reply.outcome, LmsOutcome::Done, "{connector}: {reply:?}");
    between(&fake);
    fake.forget();
    let restored = engine.restore(&order, Budget::of(ATTEMPT)).await;
    (restored.outcome, fake.effects())
}

#[tokio::test]
async fn what_was_made_inactive_is_made_active_again() {
    let moodle = round("moodle", moodle::SETTINGS, "6", moodle::begin, |_| {}).await;
    assert_eq!(moodle, (RestoreOutcome::GivenBack, vec!["revive 7 in 6".to_owned()]));
    let group = round("moodle-group", moodle_group::SETTINGS, "6:41", moodle::begin, |_| {}).await;
    assert_eq!(group, (RestoreOutcome::GivenBack, vec!["add 7 to group 41".to_owned()]));
    let session = round("moodle-facetoface", facetoface::SETTINGS, "12", facetoface::begin, |_| {}).await;
    assert_eq!(session, (RestoreOutcome::GivenBack, vec!["restore 7 in session 12".to_owned()]));
    let option = round("moodle-booking", booking::SETTINGS, "41", booking::begin, |_| {}).await;
    assert_eq!(option, (RestoreOutcome::GivenBack, vec!["restore 7 in session 41".to_owned()]));
    let canvas = round("canvas", canvas::SETTINGS, "4711", canvas::begin, |_| {}).await;
    let said = format!("reactivate {} in section 4711", canvas::ANA);
    assert_eq!(canvas, (RestoreOutcome::GivenBack, vec![said]));
    let edx = round("open-edx", open_edx::SETTINGS, open_edx::COURSE, open_edx::begin, |_| {}).await;
    assert_eq!(edx, (RestoreOutcome::GivenBack, vec![format!("activate ana in {}", open_edx::COURSE)]));
    let totara = round("totara", totara::SETTINGS, "91", totara::begin, |_| {}).await;
    assert_eq!(totara, (RestoreOutcome::GivenBack, vec!["book 7 in event 91: BOOKED".to_owned()]));
}

#[tokio::test]
async fn what_was_deleted_in_canvas_is_enrolled_anew() {
    let settings: Vec<_> = [("task", "delete")].iter().chain(canvas::SETTINGS).copied().collect();
    let canvas = round("canvas", &settings, "4711", canvas::begin, |_| {}).await;
    assert_eq!(canvas, (RestoreOutcome::GivenBack, vec![format!("active {} in section 4711", canvas::ANA)]));
}

#[tokio::test]
async fn a_lost_answer_gives_back_once() {
    let lost = |fake: &Fake<fake_lms::moodle::Moodle>| fake.plan(On::Writes, 0, 1, Mishap::LostAfter);
    let moodle = round("moodle", moodle::SETTINGS, "6", moodle::begin, lost).await;
    assert_eq!(moodle, (RestoreOutcome::GivenBack, vec!["revive 7 in 6".to_owned()]));
}

#[tokio::test]
async fn moodle_creates_no_enrolment_that_is_not_there_any_more() {
    let gone = |fake: &Fake<fake_lms::moodle::Moodle>| {
        fake.with(|moodle| moodle.enrolments.retain(|enrolment| enrolment.user != moodle::ANA));
    };
    let moodle = round("moodle", moodle::SETTINGS, "6", moodle::begin, gone).await;
    assert_eq!(moodle, (RestoreOutcome::Refused, Vec::new()));
    let settings: Vec<_> = moodle::UNENROL.iter().chain(moodle::SETTINGS).copied().collect();
    let unenrolled = round("moodle", &settings, "6", moodle::begin, |_| {}).await;
    assert_eq!(unenrolled, (RestoreOutcome::Refused, Vec::new()));
}

#[tokio::test]
async fn nobody_is_passed_over() {
    let full = |fake: &Fake<fake_lms::moodle::Moodle>| {
        fake.with(|moodle| moodle.facetoface.sessions.get_mut(&12).unwrap().capacity = 0);
    };
    let session = round("moodle-facetoface", facetoface::SETTINGS, "12", facetoface::begin, full).await;
    assert_eq!(session, (RestoreOutcome::Full, Vec::new()));
    let waiting = |fake: &Fake<fake_lms::moodle::Moodle>| {
        fake.with(|moodle| {
            moodle.booking.sessions.get_mut(&41).unwrap().capacity = 1;
            moodle.booking.sign_up(41, 9, "held");
        });
    };
    let option = round("moodle-booking", booking::SETTINGS, "41", booking::begin, waiting).await;
    assert_eq!(option, (RestoreOutcome::Full, Vec::new()));
    let taken = |fake: &Fake<fake_lms::totara::Totara>| {
        fake.with(|totara| totara.events.insert(totara::EVENT, 0));
    };
    let totara = round("totara", totara::SETTINGS, "91", totara::begin, taken).await;
    assert_eq!(totara, (RestoreOutcome::Waitlisted, vec!["book 7 in event 91: WAITLISTED".to_owned()]));
}
