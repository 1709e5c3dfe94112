use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_wait_doubles_to_the_longest_and_never_overflows() {
    let waits: Vec<_> = (0..5).map(|n| doubled(SECOND, 10 * SECOND, n).as_secs()).collect();
    assert_eq!(waits, [1, 2, 4, 8, 10]);
    assert_eq!(doubled(SECOND, Duration::MAX, u32::MAX), SECOND * u32::MAX);
    assert_eq!(doubled(SECOND, Duration::ZERO, 0), Duration::ZERO);
}

#[test]
fn dice_choose_between_the_least_and_the_most() {
    for (dice, expected) in
        [(0.0, 2), (0.5, 3), (1.0, 4), (-1.0, 2), (7.0, 4), (f64::NAN, 4), (f64::INFINITY, 4)]
    {
        assert_eq!(jittered(2 * SECOND, 4 * SECOND, dice), expected * SECOND, "{dice}");
    }
    assert_eq!(
        jittered(4 * SECOND, 2 * SECOND, 0.5),
        4 * SECOND,
        "the least counts where it is more than the most"
    );
    assert_eq!(jittered(Duration::ZERO, Duration::MAX, 1.0), Duration::MAX);
}
