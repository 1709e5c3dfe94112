use super::*;
use crate::publishing::content::Fingerprints;
use crate::publishing::event_key::Invitation;
use crate::publishing::testing::at;
use crate::publishing::wish::CallOff;

const LIMITS: SendLimits = SendLimits { messages_a_minute: 25, recipients_a_day: 1_000 };

/// Any minute, at any offset, holds no more than it may, and the mailbox is used to its limit.
#[test]
fn messages_go_at_the_limit_and_never_above_it() {
    let mut sent = Sent::default();
    let (mut now, mut went) = (at(8, 0), Vec::new());
    let began = now;
    while went.len() < 300 {
        match sent.take(1, LIMITS, now) {
            Allowed::Now => {
                went.push(now);
                now += TimeDelta::milliseconds(700);
            }
            Allowed::At(then) => {
                assert!(then > now, "it gets on");
                now = then;
            }
        }
    }
    for from in &went {
        let within = went.iter().filter(|one| *one >= from && **one < *from + TimeDelta::minutes(1)).count();
        assert!(within <= 25, "{within} from {from} on");
    }
    let ideal = 300 / 25 - 1;
    assert!((now - began).num_minutes() <= ideal + 1, "{} minutes", (now - began).num_minutes());
}

#[test]
fn recipients_of_any_day_stay_below_their_number() {
    let mut sent = Sent::default();
    let (mut now, mut went) = (at(0, 7), Vec::new());
    while went.len() < 30 {
        match sent.take(100, LIMITS, now) {
            Allowed::Now => went.push(now),
            Allowed::At(then) => {
                assert!(then > now);
                now = then;
            }
        }
    }
    for from in &went {
        let within = went.iter().filter(|one| *one >= from && **one < *from + TimeDelta::days(1)).count();
        assert!(within <= 10, "{within} from {from} on");
    }
    assert!(now - at(0, 7) <= TimeDelta::hours(49), "{now}");
}

#[test]
fn one_that_is_larger_than_a_day_goes_alone() {
    let mut sent = Sent::default();
    assert_eq!(sent.take(5_000, LIMITS, at(8, 0)), Allowed::Now);
    assert!(matches!(sent.take(1, LIMITS, at(9, 0)), Allowed::At(_)));
}

#[test]
fn a_clock_that_was_ahead_does_not_close_the_mailbox_for_good() {
    let mut sent = Sent::default();
    for _ in 0..25 {
        assert_eq!(sent.take(1, LIMITS, at(8, 0) + TimeDelta::days(400)), Allowed::Now);
    }
    assert_eq!(sent.take(1, LIMITS, at(8, 0)), Allowed::Now);
}

#[test]
fn cancellations_go_first_then_changes_then_invitations_and_the_near_before_the_far() {
    let now = at(8, 0);
    let wanted = Fingerprints::default;
    let create = || Act::Create { invitation: Invitation::FIRST, wanted: wanted() };
    let update = || Act::Update { fields: Default::default(), wanted: wanted() };
    let cancel = || Act::Cancel { why: CallOff::Withdrawn };
    let day = |days| now + TimeDelta::days(days);
    let mut turns = [
        ("invitation of next week", Turn::of(&create(), day(7), now)),
        ("invitation of next month", Turn::of(&create(), day(30), now)),
        ("change of next month", Turn::of(&update(), day(30), now)),
        ("cancellation of next month", Turn::of(&cancel(), day(30), now)),
        ("cancellation of next week", Turn::of(&cancel(), day(7), now)),
        ("invitation of this afternoon", Turn::of(&create(), at(14, 0), now)),
    ];
    turns.sort_by_key(|(_, turn)| *turn);
    let order = turns.map(|(name, _)| name);
    assert_eq!(
        order,
        [
            "invitation of this afternoon",
            "cancellation of next week",
            "cancellation of next month",
            "change of next month",
            "invitation of next week",
            "invitation of next month",
        ]
    );
}
