use super::*;

fn lines(seed: u64, play: Duration) -> Vec<String> {
    lines_of(seed, play, true)
}

fn lines_of(seed: u64, play: Duration, lms_is_simulated: bool) -> Vec<String> {
    let cast = Cast::new(24, seed, 1_000, crate::cast::Inviter::Others);
    let mut actions = faults(seed, &cast, play, lms_is_simulated);
    actions.sort_by_key(|action| action.at);
    assert!(actions.iter().all(|action| Duration::from_millis(action.at) < play));
    actions.into_iter().map(|action| format!("{} {}", action.at, action.line.unwrap())).collect()
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let play = Duration::from_secs(20);
    assert_eq!(lines(1, play), lines(1, play));
    assert_ne!(lines(1, play), lines(2, play));
}

#[test]
fn every_fault_comes_in_a_play_that_is_long_enough() {
    let lines = lines(1, Duration::from_secs(40)).join("\n");
    for (line, _) in FAULTS {
        assert!(lines.contains(line), "{line}");
    }
    assert!(lines.contains("never told") && lines.contains("everything at once"));
}

#[test]
fn a_real_lms_is_not_made_to_fail() {
    let lines = lines_of(1, Duration::from_secs(40), false).join("\n");
    assert!(!lines.contains("the LMS") && lines.contains("Graph throttles"), "{lines}");
}
