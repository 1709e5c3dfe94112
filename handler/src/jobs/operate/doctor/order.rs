//! In which order things are looked at, which is the order in which they must be mended; and what is not
//! looked at because something before it failed. Pure.
//!
//! Guarantees: whatever a check needs comes before it, and beyond that the order of the list stands; two
//! faults are both named where neither needs the other, and only the first one where it explains the second;
//! what is passed over names the fault that must be mended first, never one that was itself passed over.

use super::check::{CheckId, Verdict};
use std::collections::BTreeMap;

/// What the order is made of.
pub trait Needs {
    fn id(&self) -> CheckId;
    fn needs(&self) -> &[CheckId];
}

/// The same things in the order in which they are looked at. What needs itself, by whichever way, keeps its
/// place in the list; a need that is not in the list counts as met.
pub fn in_order<T: Needs>(checks: &[T]) -> Vec<&T> {
    let mut left: Vec<&T> = checks.iter().collect();
    let mut ordered: Vec<&T> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_open = |need: &CheckId| left.iter().any(|check| check.id() == *need);
        let ready = left.iter().position(|check| !check.needs().iter().any(is_open));
        ordered.push(left.remove(ready.unwrap_or(0)));
    }
    ordered
}

/// What became of the checks so far.
#[derive(Debug, Clone, Default)]
pub struct Standings(BTreeMap<CheckId, Standing>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Clear,
    Failed,
    Behind(CheckId),
}

impl Standings {
    /// The fault because of which a check with these needs is not looked at; that of the first need counts.
    pub fn behind(&self, needs: &[CheckId]) -> Option<CheckId> {
        needs.iter().find_map(|need| match self.0.get(need) {
            Some(Standing::Failed) => Some(*need),
            Some(Standing::Behind(fault)) => Some(*fault),
            Some(Standing::Clear) | None => None,
        })
    }

    /// A warning holds up nothing, nor does what can't be told.
    pub fn note(&mut self, check: CheckId, verdict: Verdict) {
        let standing = match verdict {
            Verdict::Failed => Standing::Failed,
            Verdict::Ok | Verdict::Warning | Verdict::Skipped => Standing::Clear,
        };
        self.0.insert(check, standing);
    }

    pub fn note_behind(&mut self, check: CheckId, fault: CheckId) {
        self.0.insert(check, Standing::Behind(fault));
    }
}

#[cfg(test)]
#[path = "order_tests.rs"]
mod tests;
