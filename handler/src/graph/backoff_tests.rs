use super::*;

#[test]
fn the_wait_grows_within_bounds_and_is_spread() {
    let mut backoff = Backoff::new(Some(7));
    for (attempt, most) in [(0, 500), (1, 1_000), (3, 4_000), (5, 16_000), (40, 16_000)] {
        let waits: Vec<_> = (0..200).map(|_| backoff.after(attempt)).collect();
        let (low, high) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
        let most = Duration::from_millis(most);
        assert!(*low >= LEAST && *high <= most, "{attempt}: {low:?} to {high:?}");
        assert!(*low < most / 4 && *high > most * 3 / 4, "{attempt}: not spread: {low:?} to {high:?}");
    }
}
