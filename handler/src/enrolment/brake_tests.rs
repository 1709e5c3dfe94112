use super::*;
use chrono::Duration;

fn brake() -> Brake {
    Brake { decisions: 5, within: Duration::hours(1), per_learner: 2 }
}

fn decisions(learners: &[&str]) -> Vec<Counted> {
    learners
        .iter()
        .map(|learner| Counted { at: DateTime::UNIX_EPOCH, learner: (*learner).to_owned() })
        .collect()
}

#[test]
fn one_more_than_the_number_trips_it() {
    assert_eq!(judge(&decisions(&["a", "b", "c", "d", "e"]), "e", brake()), Trip::No);
    assert_eq!(judge(&decisions(&["a", "b", "c", "d", "e", "f"]), "f", brake()), Trip::Tenant);
    assert_eq!(judge(&decisions(&["a", "a"]), "a", brake()), Trip::No);
    assert_eq!(judge(&decisions(&["a", "a", "a"]), "a", brake()), Trip::Learner);
    assert_eq!(judge(&decisions(&["a", "a", "a", "b"]), "b", brake()), Trip::No, "another learner's");
}

#[test]
fn a_persons_opening_starts_the_count_anew() {
    let now: DateTime<Utc> = "2026-11-21T12:00:00Z".parse().unwrap();
    let ago = |minutes| now - Duration::minutes(minutes);
    assert_eq!(counts_from(brake(), None, now), ago(60));
    assert_eq!(counts_from(brake(), Some(ago(10)), now), ago(10));
    assert_eq!(counts_from(brake(), Some(ago(90)), now), ago(60));
}
