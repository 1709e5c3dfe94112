//! After a cancellation: the answer is taken back, the place is given anew.

use super::acts::*;
use super::ends::*;
use super::row::{Row, row};

pub(super) const GENERATIONS: &[Row] = &[
    row(
        "taken back",
        "takes-back",
        &[("watched", declines_and_keeps), ("done", accepts)],
        "watched attending/learner-copy -; gone, 1 effects",
    ),
    row(
        "taken back, place given back by hand, declined again",
        "declines-twice",
        &[
            ("watched", declines_and_keeps),
            ("done", accepts_a_place_given_back),
            ("watched", declines_and_keeps),
        ],
        "done declined/learner-copy done; gone, 2 effects",
    ),
    row(
        "taken back from Deleted Items, declined again",
        "removes-twice",
        &[("watched", declines), ("done", accepts_a_place_given_back), ("watched", declines)],
        "done declined/organizer-copy done; gone, 2 effects",
    ),
    row(
        "invited again after the cancellation",
        "back-from-removed",
        &[("watched", declines), ("done", invites_again)],
        INVITED_ANEW,
    ),
    row(
        "invited again after the cancellation",
        "back-from-kept",
        &[("watched", declines_and_keeps), ("done", invites_again)],
        INVITED_ANEW,
    ),
    row(
        "invited again, and declined again",
        "back-and-declines",
        &[("watched", declines), ("done", invites_again), ("watched", declines)],
        "done declined/organizer-copy done; gone, 2 effects",
    ),
    // The organizer's copy may still show the decline of the generation before.
    row(
        "invited again, and removed without a word",
        "back-and-deletes",
        &[("watched", declines), ("done", invites_again), ("watched", deletes)],
        "review removed/removal -; has place, 1 effects",
    ),
];
