use super::*;

#[test]
fn rests_grow_to_the_bound_and_begin_anew() {
    let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(900), 4);
    let mut rests = Vec::new();
    for _ in 0..4 {
        rests.push(backoff.rest().as_millis());
        backoff.was_taken();
    }
    assert_eq!(rests, [100, 400, 900, 900]);
    backoff.begin_anew();
    assert_eq!(backoff.rest(), Duration::from_millis(100));
}
