//! One reading of a source from its beginning to its end, and how far it may be believed.
//!
//! A pass is complete only if every page and every branch ended by its rule and nothing contradicts itself.
//! A doubtful pass may add and change; it removes nothing.

use std::collections::BTreeMap;
use std::fmt;

/// What was read, by id.
#[derive(Debug, Clone)]
pub struct Pass<K: Ord, T> {
    pub found: BTreeMap<K, T>,
    /// Entries that could not be understood: named, kept out, and no reason to remove what they may be.
    pub quarantined: Vec<Quarantined>,
    pub doubts: Vec<Doubt>,
    /// It read all there is, and not only what changed since a cursor.
    pub is_whole: bool,
}

/// An entry that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Its id, as far as that could be read.
    pub id: Option<String>,
    /// Where it stood: the recipe's path, a line of a file.
    pub at: String,
    /// What was wrong, and what would be right.
    pub problem: String,
}

/// Why a pass proves no absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// A page or a branch did not end by its rule: time, budget or a cap.
    NotEnded { at: String },
    /// 401 or 403.
    Forbidden { at: String },
    /// Nothing where there was something.
    EmptySuspect { at: String },
    /// The total that the LMS says changed while it was read, or is not what came.
    TotalsDiffer { said: u64, came: u64 },
    /// One id came twice with different content.
    Twice { id: String },
    /// The next page is the page that was read.
    CursorStands { at: String },
    /// Bytes after a feed's end.
    AfterTheEnd { at: String },
    /// The body is shorter than it says, or a component in it is cut.
    Cut { at: String },
    /// Some entry has no id that could be read: it may be any of them.
    Unnamed { at: String },
}

impl<K: Ord, T> Default for Pass<K, T> {
    fn default() -> Self {
        Self { found: BTreeMap::new(), quarantined: Vec::new(), doubts: Vec::new(), is_whole: true }
    }
}

impl<K: Ord + Clone + fmt::Display, T: PartialEq> Pass<K, T> {
    /// An entry. The same one twice is none too many; another under the same id is a doubt, and the later one
    /// counts.
    pub fn see(&mut self, id: K, entry: T) {
        if self.found.get(&id).is_some_and(|known| *known != entry) {
            self.doubts.push(Doubt::Twice { id: id.to_string() });
        }
        self.found.insert(id, entry);
    }

    pub fn quarantine(&mut self, entry: Quarantined) {
        if entry.id.is_none() {
            self.doubts.push(Doubt::Unnamed { at: entry.at.clone() });
        }
        self.quarantined.push(entry);
    }

    pub fn doubt(&mut self, doubt: Doubt) {
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }

    /// What is not in it is not there.
    pub fn proves_absence(&self) -> bool {
        self.is_whole && self.doubts.is_empty()
    }

    /// There, or in quarantine.
    pub fn has(&self, id: &K) -> bool {
        let name = id.to_string();
        self.found.contains_key(id)
            || self.quarantined.iter().any(|entry| entry.id.as_deref() == Some(name.as_str()))
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEnded { at } => write!(f, "{at} was not read to its end"),
            Self::Forbidden { at } => write!(f, "{at} may not be read"),
            Self::EmptySuspect { at } => write!(f, "{at} is empty, and was not before"),
            Self::TotalsDiffer { said, came } => write!(f, "the LMS says {said} entries, and {came} came"),
            Self::Twice { id } => write!(f, "{id} came twice, and not the same"),
            Self::CursorStands { at } => write!(f, "{at} shows the same page again"),
            Self::AfterTheEnd { at } => write!(f, "{at} goes on after its end"),
            Self::Cut { at } => write!(f, "{at} is cut short"),
            Self::Unnamed { at } => write!(f, "an entry of {at} has no id that can be read"),
        }
    }
}

#[cfg(test)]
#[path = "pass_tests.rs"]
mod tests;
