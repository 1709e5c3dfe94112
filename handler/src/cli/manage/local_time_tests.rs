use super::*;
use chrono::FixedOffset;

#[test]
fn times_in_sentences_are_the_readers_and_quotations_stay() {
    let zone = FixedOffset::east_opt(9 * 3600).unwrap();
    for (text, told) in [
        (
            "declined at 2026-11-21 20:00:00 UTC. Decided; due 2026-11-21 20:10:00 UTC.",
            "declined at 2026-11-22 05:00:00+09:00. Decided; due 2026-11-22 05:10:00+09:00.",
        ),
        (
            "The LMS said “since 2026-11-21 20:00:00 UTC”; again at 2026-11-21 20:10:00 UTC",
            "The LMS said “since 2026-11-21 20:00:00 UTC”; again at 2026-11-22 05:10:00+09:00",
        ),
        ("All times are UTC, é UTC", "All times are UTC, é UTC"),
        ("2026-13-41 20:00:00 UTC", "2026-13-41 20:00:00 UTC"),
    ] {
        assert_eq!(sentence(text, &zone), told);
    }
}
