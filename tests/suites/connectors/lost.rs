//! Answers that are lost after the write, with different seeds: no second effect, and nothing is called done
//! that is not. `REGRETS_LOST_ANSWERS` says how many; in full: 1000.

use super::rig::{ATTEMPT, LEARNER, engine, file, http, order};
use super::{booking, canvas, facetoface, moodle, moodle_group, open_edx, totara};
use fake_lms::receiver::{self, Receiver};
use fake_lms::{Fake, Mishap, On, Product};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use regrets::clock::SystemClock;
use regrets::config::WebhookSecret;
use regrets::enrolment::lms_answer::{LmsOutcome, Reach};
use regrets::enrolment::policy::Rate;
use regrets::lms::webhook::WebhookConnector;
use regrets::lms::{Budget, Connector};
use std::sync::Arc;
use url::Url;

const FEW: u64 = 100;
/// More attempts than mishaps.
const MOST: u32 = 12;

/// The write's answer is lost, in one of the ways in which answers are; and some more goes wrong around it.
fn misfortune<P: Product>(fake: &Fake<P>, dice: &mut StdRng) {
    let lost = match dice.random_range(0..5) {
        0 | 1 => Mishap::LostAfter,
        2 => Mishap::gateway_after(),
        3 => Mishap::page_after(),
        _ => Mishap::empty_after(),
    };
    for _ in 0..dice.random_range(0..2) {
        fake.plan(On::Writes, 0, 1, if dice.random() { Mishap::LostBefore } else { Mishap::gateway() });
    }
    fake.plan(On::Writes, dice.random_range(0..2), 1, lost);
    for _ in 0..dice.random_range(0..4) {
        let mishap = match dice.random_range(0..3) {
            0 => Mishap::LostAfter,
            1 => Mishap::gateway(),
            _ => Mishap::page(),
        };
        fake.plan(On::Reads, dice.random_range(0..8), 1, mishap);
    }
}

/// Of a connector file.
async fn many_times<P: Product>(
    connector: &str,
    settings: &[(&str, &str)],
    session: &str,
    begin: fn() -> P,
    is_gone: fn(&P) -> bool,
) {
    let (file, http) = (file(connector), http());
    let instance = |url: &Url| engine(&file, url, settings, &http);
    many_times_of(connector, instance, session, begin, is_gone).await;
}

async fn many_times_of<P: Product, C: Connector>(
    connector: &str,
    new: impl Fn(&Url) -> C,
    session: &str,
    begin: fn() -> P,
    is_gone: fn(&P) -> bool,
) {
    let (mut done, mut unseen) = (0, 0);
    let seeds = std::env::var("REGRETS_LOST_ANSWERS").ok().map_or(FEW, |text| text.parse().unwrap());
    for seed in 0..seeds {
        let mut dice = StdRng::seed_from_u64(seed);
        let fake = Fake::start(begin()).await;
        misfortune(&fake, &mut dice);
        let mut instance = new(fake.url());
        let mut order = order(session, LEARNER);
        let mut last = LmsOutcome::Outage;
        for attempt in 1..=MOST {
            order.attempt = attempt;
            // Another instance, which remembers nothing: not even that no token was to be had a moment ago.
            if dice.random() || attempt % 4 == 0 {
                instance = new(fake.url());
            }
            let reply = instance.cancel(&order, Budget::of(ATTEMPT)).await;
            order.may_be_repeated |= reply.reach == Reach::Sent;
            last = reply.outcome;
            let gone = fake.with(|product| is_gone(product));
            let says_gone =
                matches!(last, LmsOutcome::Done | LmsOutcome::AlreadyCancelled | LmsOutcome::NotEnrolled);
            assert!(
                !says_gone || gone,
                "{connector}, seed {seed}: {last:?}, and the place is there: {reply:?}"
            );
            if last != LmsOutcome::Outage {
                assert!(says_gone, "{connector}, seed {seed}: {reply:?}\n{:?}", fake.effects());
                break;
            }
        }
        let effects = fake.effects();
        assert_eq!(effects.len(), 1, "{connector}, seed {seed}: {last:?}, {effects:?}");
        if last == LmsOutcome::Done {
            done += 1;
        } else {
            unseen += 1;
        }
    }
    assert_eq!(done + unseen, seeds, "{connector}");
    assert!(done > seeds / 2, "{connector}: only {done} were seen to be done by the attempt itself");
}

#[tokio::test]
async fn moodle_suspends_once() {
    let is_gone = |moodle: &fake_lms::moodle::Moodle| !moodle.is_active(moodle::ANA, moodle::COURSE);
    many_times("moodle", moodle::SETTINGS, "6", moodle::begin, is_gone).await;
}

#[tokio::test]
async fn moodle_unenrols_once() {
    let settings: Vec<_> = moodle::UNENROL.iter().chain(moodle::SETTINGS).copied().collect();
    let is_gone = |moodle: &fake_lms::moodle::Moodle| !moodle.is_member(moodle::ANA, moodle::COURSE);
    many_times("moodle", &settings, "6", moodle::begin, is_gone).await;
}

#[tokio::test]
async fn moodle_group_removes_once() {
    let is_gone = |moodle: &fake_lms::moodle::Moodle| !moodle.groups[&41].members.contains_key(&moodle::ANA);
    many_times("moodle-group", moodle_group::SETTINGS, "6:41", moodle::begin, is_gone).await;
}

#[tokio::test]
async fn facetoface_cancels_once() {
    let is_gone =
        |moodle: &fake_lms::moodle::Moodle| moodle.facetoface.state(12, facetoface::ANA) == "cancelled";
    many_times("moodle-facetoface", facetoface::SETTINGS, "12", facetoface::begin, is_gone).await;
}

#[tokio::test]
async fn booking_cancels_once() {
    let is_gone = |moodle: &fake_lms::moodle::Moodle| moodle.booking.state(41, booking::ANA) == "cancelled";
    many_times("moodle-booking", booking::SETTINGS, "41", booking::begin, is_gone).await;
}

#[tokio::test]
async fn canvas_deactivates_once() {
    let is_gone = |canvas: &fake_lms::canvas::Canvas| {
        let mut mine = canvas.enrolments.values();
        mine.all(|row| row.user != canvas::ANA || row.section != canvas::SECTION || row.state == "inactive")
    };
    many_times("canvas", canvas::SETTINGS, "4711", canvas::begin, is_gone).await;
}

#[tokio::test]
async fn open_edx_deactivates_once() {
    let is_gone = |edx: &fake_lms::open_edx::OpenEdx| edx.enrolments.values().all(|row| !row.is_active);
    many_times("open-edx", open_edx::SETTINGS, open_edx::COURSE, open_edx::begin, is_gone).await;
}

#[tokio::test]
async fn totara_cancels_once() {
    let is_gone = |totara: &fake_lms::totara::Totara| {
        totara.bookings.get(&(totara::EVENT, totara::ANA)) == Some(&"USER_CANCELLED")
    };
    many_times("totara", totara::SETTINGS, "91", totara::begin, is_gone).await;
}

/// Its receiver can't be asked what it did: all hangs on the id, which is the same for every attempt.
#[tokio::test]
async fn webhook_cancels_once() {
    let http = http();
    let new = |url: &Url| {
        let secret = WebhookSecret::parse(receiver::SECRET).unwrap();
        let rate = Rate { requests: 10_000, per: chrono::Duration::seconds(1) };
        let url = url.join("hooks/regrets").unwrap();
        WebhookConnector::new(url, &[secret], rate, http.clone(), Arc::new(SystemClock))
    };
    let begin = || Receiver::with("4711", LEARNER);
    many_times_of("webhook", new, "4711", begin, |receiver: &Receiver| receiver.places.is_empty()).await;
}
