//! Which source this binary is made of: `0.1.0 (6e386c0a4b1d 2026-11-29)`. The commit comes from
//! `handler/build.rs`.

pub(super) const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("REGRETS_COMMIT"), ")");

#[cfg(test)]
#[path = "version_tests.rs"]
mod tests;
