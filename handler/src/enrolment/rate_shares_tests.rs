use super::*;
use crate::enrolment::apply_reading::tests::noon;
use crate::enrolment::lms_order::BUDGET;

const RATE: Rate = Rate { requests: 5, per: Duration::seconds(1) };

fn at(seconds: i64) -> DateTime<Utc> {
    noon() + Duration::seconds(seconds)
}

fn take(valve: &mut RateShares, holder: &str, now: DateTime<Utc>) -> u32 {
    *valve = valve.with_share(holder, now, RATE, now);
    valve.share_of(holder)
}

fn sum(valve: &RateShares, now: DateTime<Utc>) -> u32 {
    let counts = |share: &&RateShare| share.until + RATE.per > now;
    valve.shares.iter().filter(counts).map(|share| share.requests).sum()
}

#[test]
fn one_instance_has_all_of_the_rate_and_whoever_comes_gets_an_even_part() {
    let mut valve = RateShares::default();
    assert_eq!(take(&mut valve, "a", at(0)), 5);
    assert_eq!(take(&mut valve, "b", at(1)), 0, "no room yet");
    assert_eq!(take(&mut valve, "c", at(1)), 0);
    assert_eq!(take(&mut valve, "a", at(20)), 2, "room is made");
    assert_eq!(take(&mut valve, "b", at(20)), 0, "what was begun a moment ago still counts");
    assert_eq!(take(&mut valve, "b", at(21)), 2);
    assert_eq!(take(&mut valve, "c", at(21)), 1);
    assert_eq!(sum(&valve, at(21)), 5);
}

#[test]
fn a_share_counts_until_the_last_of_its_starts() {
    let mut valve = RateShares::default();
    take(&mut valve, "a", at(0));
    take(&mut valve, "b", at(0));
    // Starts are taken until the 30th second.
    valve = valve.with_share("a", at(30), RATE, at(20));
    assert_eq!((valve.share_of("a"), take(&mut valve, "b", at(30))), (3, 0));
    assert_eq!(take(&mut valve, "b", at(31)), 2);
}

#[test]
fn who_is_killed_keeps_its_share_until_it_is_over() {
    let mut valve = RateShares::default();
    take(&mut valve, "a", at(0));
    let over = LENGTH.num_seconds();
    assert_eq!(take(&mut valve, "b", at(over)), 0);
    assert_eq!(take(&mut valve, "b", at(over + 1)), 5);
}

#[test]
fn more_instances_than_requests_wait_for_one_another() {
    let mut valve = RateShares::default();
    for round in 0..20 {
        let now = at(round * 20);
        for holder in ["a", "b", "c", "d", "e", "f", "g"] {
            take(&mut valve, holder, now);
            assert!(sum(&valve, now) <= 5, "{:?}", valve.shares);
        }
    }
    let busy = valve.shares.iter().filter(|share| share.requests > 0).count();
    assert_eq!(busy, 5, "{:?}", valve.shares);
    assert!(valve.shares.len() < 20, "nothing piles up: {:?}", valve.shares);
}

#[test]
fn what_is_little_goes_without_a_share_and_is_kept_free_of_shares() {
    let mut valve = RateShares::default();
    assert!(valve.goes_free(2, RATE, at(0)), "two of five");
    assert!(!valve.goes_free(1, RATE, at(60)), "three of five, and the first may still be at it");
    assert_eq!(take(&mut valve, "a", at(60)), 3, "what goes free is kept free");
    // Nothing goes free for which the shares leave no room.
    let later = at(60 + LENGTH.num_seconds());
    assert!(!valve.goes_free(1, RATE, later));
    assert!(valve.goes_free(1, RATE, at(400)), "{valve:?}");
    let slowest = Rate { requests: 1, per: Duration::seconds(1) };
    assert!(!RateShares::default().goes_free(1, slowest, at(0)), "one may be all that there is");
}

#[test]
fn an_attempt_is_as_long_as_its_budget() {
    assert_eq!(ATTEMPT.to_std().unwrap(), BUDGET);
}

#[test]
fn what_only_looks_something_up_takes_one_request_and_no_even_part() {
    let looking = RateShares::default().with_permit(at(20), RATE, at(0)).unwrap();
    let mut valve = looking.clone();
    assert!(valve.goes_free(2, RATE, at(1)), "there is room beside it");
    assert_eq!(take(&mut valve, "a", at(1)), 2, "the rest, but for what is free");
    assert_eq!(valve.with_permit(at(21), RATE, at(1)), None, "no room");
    let mut busy = looking;
    assert_eq!(take(&mut busy, "a", at(1)), 4);
    assert_eq!(take(&mut busy, "a", at(21)), 5, "it is over");
    assert!(!busy.goes_free(1, RATE, at(21)), "no room");
}
