//! When more vanishes at once than may be believed.
//!
//! Guarantees: beyond the configured share nothing is removed until a person has said so; a source that names
//! all of its entries anew is told from one that lost them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VanishLimits {
    /// So many may vanish in a pass, however large a share that is.
    pub few: usize,
    /// Of what was known, in percent.
    pub percent: u8,
}

impl Default for VanishLimits {
    fn default() -> Self {
        Self { few: 3, percent: 20 }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vanished {
    /// As may happen on any day.
    Believable,
    /// A person is asked.
    TooMany { missing: usize, known: usize },
    /// Every id is another, and titles and times are the same: the source was moved or restored.
    NamedAnew { pairs: usize },
}

/// `missing` and `new`: ids with a hash of what does not change when an entry is named anew, its title and
/// times. `known`: how many there were, without those that are over.
pub fn judge(
    missing: &BTreeMap<String, u64>,
    new: &BTreeMap<String, u64>,
    known: usize,
    limits: VanishLimits,
) -> Vanished {
    if missing.is_empty() || known == 0 {
        return Vanished::Believable;
    }
    let mut unpaired: BTreeMap<u64, usize> = BTreeMap::new();
    for likeness in new.values() {
        *unpaired.entry(*likeness).or_default() += 1;
    }
    let mut pairs = 0;
    for likeness in missing.values() {
        if let Some(left) = unpaired.get_mut(likeness).filter(|left| **left > 0) {
            *left -= 1;
            pairs += 1;
        }
    }
    // One that was deleted and made again is a new one; two in three of all are not.
    if missing.len() > limits.few && pairs * 3 >= missing.len() * 2 && missing.len() * 3 >= known * 2 {
        return Vanished::NamedAnew { pairs };
    }
    let share = missing.len().saturating_mul(100);
    if missing.len() > limits.few && share > known.saturating_mul(usize::from(limits.percent)) {
        return Vanished::TooMany { missing: missing.len(), known };
    }
    Vanished::Believable
}

#[cfg(test)]
#[path = "vanish_brake_tests.rs"]
mod tests;
