use super::*;

fn pace(requests: u32, seconds: i64) -> Pace {
    Pace::new(Rate { requests, per: chrono::Duration::seconds(seconds) })
}

/// Starts of so many requests asked for at once, in milliseconds from now.
fn at_once(pace: &Pace, count: usize) -> Vec<u128> {
    let now = Instant::now();
    let far = now + Duration::from_secs(3600);
    (0..count).map(|_| (pace.reserve(far).unwrap() - now).as_millis()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_fits_goes_at_once_and_the_rest_follows() {
    assert_eq!(at_once(&pace(3, 1), 8), [0, 0, 0, 1000, 1000, 1000, 2000, 2000]);
}

#[tokio::test(start_paused = true)]
async fn no_stretch_of_time_holds_more_than_the_rate() {
    let pace = pace(3, 1);
    let mut starts = Vec::new();
    for pause in [900, 0, 0, 200, 0, 0, 450, 50, 0, 700] {
        tokio::time::advance(Duration::from_millis(pause)).await;
        let start = pace.reserve(Instant::now() + Duration::from_secs(60)).unwrap();
        tokio::time::sleep_until(start).await;
        starts.push(start);
    }
    for few in starts.windows(4) {
        assert!(few[3] - few[0] >= Duration::from_secs(1), "four within {:?}", few[3] - few[0]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_that_comes_too_late_is_not_taken() {
    let pace = pace(1, 10);
    let soon = Instant::now() + Duration::from_secs(5);
    assert!(pace.reserve(soon).is_some());
    assert_eq!(pace.reserve(soon), None);
    assert_eq!(at_once(&pace, 1), [10_000], "the refused one left no trace");
}

#[tokio::test(start_paused = true)]
async fn a_share_is_kept_to_by_the_requests_that_went_before_too() {
    let pace = pace(4, 1);
    assert_eq!(at_once(&pace, 4), [0, 0, 0, 0]);
    let until = Instant::now() + Duration::from_secs(3);
    pace.keep_to(Share { requests: 2, until });
    assert_eq!(at_once(&pace, 4), [1000, 1000, 2000, 2000]);
    let now = Instant::now();
    assert_eq!(pace.keep_to(Share { requests: 1, until }), Some(now + Duration::from_secs(2)));
    assert_eq!(at_once(&pace, 1), [3000]);
    assert_eq!(pace.reserve(now + Duration::from_secs(3600)), None, "none after its end");
    pace.keep_to(Share { requests: 0, until: now + Duration::from_secs(60) });
    assert_eq!(pace.reserve(now + Duration::from_secs(59)), None);
}

#[tokio::test(start_paused = true)]
async fn what_belongs_together_has_room_together_or_not_at_all() {
    let pace = pace(2, 10);
    let now = Instant::now();
    let at = |seconds| now + Duration::from_secs(seconds);
    assert_eq!(pace.reserve_all(3, now, at(9)), None, "the third is too late, so none is taken");
    assert_eq!(pace.reserve_all(3, now, at(10)).unwrap(), [now, now, at(10)]);
    assert_eq!(pace.reserve_all(2, at(9), at(60)), None, "the first has less time");
    assert_eq!(pace.reserve_all(2, at(10), at(60)).unwrap(), [at(10), at(20)]);
    assert_eq!(pace.reserve(at(20)), Some(at(20)));
    assert_eq!(pace.reserve_all(0, now, now).unwrap(), []);
}
