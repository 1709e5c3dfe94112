use super::*;

fn lines(seed: u64, play: Duration) -> Vec<String> {
    let cast = Cast::new(24, seed, 1_000);
    let mut deeds = troubles(seed, &cast, play);
    deeds.sort_by_key(|deed| deed.at);
    assert!(deeds.iter().all(|deed| Duration::from_millis(deed.at) < play));
    deeds.into_iter().map(|deed| format!("{} {}", deed.at, deed.line.unwrap())).collect()
}

#[test]
fn the_same_seed_gives_the_same_troubles() {
    let play = Duration::from_secs(20);
    assert_eq!(lines(1, play), lines(1, play));
    assert_ne!(lines(1, play), lines(2, play));
}

#[test]
fn every_trouble_comes_in_a_play_that_is_long_enough() {
    let lines = lines(1, Duration::from_secs(40)).join("\n");
    for (trouble, _) in TROUBLES {
        assert!(lines.contains(trouble), "{trouble}");
    }
    assert!(lines.contains("never told") && lines.contains("everything at once"));
}
