//! Property tests whose failures can be played again.
//!
//! Guarantees: a property that fails says with which seed the failing case was made, before it was made
//! small; that case alone is played again by the command that is said with it; nothing is ever written into
//! the source tree.
//!
//! ```text
//! REPLAY_CASE='cc 5f…' PROPTEST_CASES=0 cargo test -p regrets --lib <the property's name>
//! ```
//!
//! `PROPTEST_CASES` says how many new cases are made after it. A seed is good for one property, on code in
//! which the choices that the property makes are the same: what a seed has found stays found by a test with a
//! name. Where a whole run is to be the same again, proptest takes `PROPTEST_RNG_SEED`, a number.

use proptest::test_runner::{Config, FailurePersistence, PersistedSeed};
use std::any::Any;
use std::fmt::Debug;

/// The environment variable that names a case to play before any other.
const ASKED: &str = "REPLAY_CASE";

/// So many cases, after the one that is asked for.
///
/// # Panics
/// What is asked for is no seed.
#[expect(clippy::panic, reason = "whoever asks for what is no seed is told so before anything is tried")]
pub fn cases(cases: u32) -> Config {
    let asked = std::env::var(ASKED).ok().map(|text| seed(&text).unwrap_or_else(|wrong| panic!("{wrong}")));
    replaying(cases, asked)
}

fn replaying(cases: u32, asked: Option<PersistedSeed>) -> Config {
    let seeds = Seeds { asked: asked.into_iter().collect(), failed: Vec::new() };
    Config { cases, failure_persistence: Some(Box::new(seeds)), ..Config::default() }
}

fn seed(text: &str) -> Result<PersistedSeed, String> {
    text.trim().parse().map_err(|()| {
        format!(
            "{ASKED} is {text:?}, which is no seed. A failed property says one: `cc` and 64 hexadecimal \
                 digits."
        )
    })
}

/// Where proptest would have a file.
#[derive(Debug, Clone, PartialEq)]
struct Seeds {
    asked: Vec<PersistedSeed>,
    failed: Vec<PersistedSeed>,
}

impl FailurePersistence for Seeds {
    fn load_persisted_failures2(&self, _: Option<&'static str>) -> Vec<PersistedSeed> {
        self.asked.clone()
    }

    #[expect(clippy::print_stderr, reason = "the test's own output, which is shown where it fails")]
    fn save_persisted_failure2(&mut self, _: Option<&'static str>, seed: PersistedSeed, _: &dyn Debug) {
        eprintln!(
            "To play the failing case again: {ASKED}='{seed}' PROPTEST_CASES=0, and this property alone."
        );
        self.failed.push(seed);
    }

    fn box_clone(&self) -> Box<dyn FailurePersistence> {
        Box::new(self.clone())
    }

    fn eq(&self, other: &dyn FailurePersistence) -> bool {
        other.as_any().downcast_ref::<Self>() == Some(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
