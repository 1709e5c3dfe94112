//! Several items that stand for one place: the occurrences of a series, two events for one session.

use super::acts::*;
use super::ends::*;
use super::row::{Cast, Row, row};

pub(super) const SERIES: &[Row] = &[
    row("whole series accepted", "series-accepts", &[("watched", accepts)], ANY_STAYS).cast(Cast::Series),
    row("whole series declined", "series-declines", &[("watched", declines)], ANY_DONE).cast(Cast::Series),
    row("whole series declined, kept", "series-keeps", &[("watched", declines_and_keeps)], ANY_DONE)
        .cast(Cast::Series),
    row("whole series deleted", "series-deletes", &[("watched", deletes)], ANY_REVIEW).cast(Cast::Series),
    row("whole series moved", "series-moves", &[("watched", accepts), ("watched", moves)], ANY_STAYS)
        .cast(Cast::Series),
    row(
        "whole series moved, then declined",
        "series-moves-and-declines",
        &[("watched", moves), ("watched", declines)],
        ANY_DONE,
    )
    .cast(Cast::Series),
    row("whole series cancelled", "series-called-off", &[("watched", calls_off)], ANY_STAYS)
        .cast(Cast::Series),
    row("one occurrence declined", "series-declines-one", &[("watched", declines_one)], ANY_REVIEW)
        .cast(Cast::Series),
    row(
        "one occurrence declined, kept",
        "series-keeps-one",
        &[("watched", declines_and_keeps_one)],
        ANY_REVIEW,
    )
    .cast(Cast::Series),
    row("one occurrence deleted", "series-deletes-one", &[("watched", deletes_one)], ANY_REVIEW)
        .cast(Cast::Series),
    row(
        "one occurrence declined, and accepted again",
        "series-wavers",
        &[("watched", declines_and_keeps_one), ("review", accepts_one)],
        ANY_STAYS,
    )
    .cast(Cast::Series),
    row(
        "every occurrence declined by itself",
        "series-declines-each",
        &[("watched", declines_each)],
        ANY_DONE,
    )
    .cast(Cast::Series),
    // Declined all but the one that was accepted before; whether that answer stands is Exchange's to say.
    row(
        "one occurrence accepted, then the series declined, kept",
        "series-keeps-but-one",
        &[("watched", accepts_one), ("watched", declines_and_keeps)],
        ANY_REVIEW,
    )
    .cast(Cast::Series)
    .or(&[("seriesAnswerReachesExceptions", ANY_DONE)]),
    row(
        "organizer cancels one occurrence",
        "series-loses-one",
        &[("watched", accepts), ("watched", calls_one_off)],
        ANY_STAYS,
    )
    .cast(Cast::Series),
    row(
        "organizer moves one occurrence",
        "series-retimed",
        &[("watched", accepts), ("watched", retimes_one)],
        ANY_STAYS,
    )
    .cast(Cast::Series),
    // Parts: two events for one session.
    row("one of two events declined", "one-of-two", &[("watched", declines_the_second)], ANY_REVIEW)
        .cast(Cast::Twice),
    row("both events declined", "both-of-two", &[("watched", declines_both)], ANY_DONE).cast(Cast::Twice),
];
