//! How long to wait before something is tried again. Whoever waits brings the first and the longest wait, and
//! the dice.

use std::time::Duration;

/// `first`, doubled so often, and never over `most`.
pub fn doubled(first: Duration, most: Duration, doublings: u32) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(doublings)).min(most)
}

/// Something between `least` and `most`, as the dice fall (0 to 1), so that what failed together does not
/// come back together.
pub fn jittered(least: Duration, most: Duration, dice: f64) -> Duration {
    let room = most.saturating_sub(least);
    least
        + Duration::try_from_secs_f64(room.as_secs_f64() * dice.clamp(0.0, 1.0))
            .map_or(room, |part| part.min(room))
}

#[cfg(test)]
#[path = "backoff_tests.rs"]
mod tests;
