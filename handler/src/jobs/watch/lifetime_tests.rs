use super::*;

fn now() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

#[test]
fn renewals_of_what_was_made_together_are_spread_evenly_and_repeatably() {
    let expires = now() + Duration::hours(70);
    let due = |n: u32| renewal(&UserId::new(format!("user-{n}")), now(), expires);
    let mut tenths = [0; 10];
    for n in 0..10_000 {
        let before_half = now() + Duration::hours(35) - due(n);
        assert!(before_half >= Duration::zero() && before_half < Duration::hours(7), "{before_half}");
        tenths[(before_half.num_minutes() / 42) as usize] += 1;
        assert_eq!(due(n), due(n));
    }
    assert!(tenths.iter().all(|count| (850..1_150).contains(count)), "{tenths:?}");
}

#[test]
fn a_life_that_is_over_when_it_is_granted_does_not_bring_us_back_at_once() {
    for minutes in [-60, 0, 1] {
        assert_eq!(renewal(&"a".into(), now(), now() + Duration::minutes(minutes)), now() + SOONEST);
    }
}
