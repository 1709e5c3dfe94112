//! How many entries of a list came, and how many there should be.

use super::broken::Broken;
use crate::lms::recipe::json_path::{self, JsonPath};
use crate::lms::recipe::reading::Reading;
use crate::sessions::pass::Doubt;
use serde_json::Value;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

/// The rows of a list over all its pages, as hashes.
#[derive(Default)]
pub(super) struct Rows {
    seen: HashSet<u64>,
    hasher: RandomState,
    said: Option<u64>,
}

impl Rows {
    /// Whether any of them was not seen before.
    pub(super) fn see(&mut self, page: &[&Value]) -> bool {
        let before = self.seen.len();
        for row in page {
            self.seen.insert(self.hasher.hash_one(row.to_string()));
        }
        self.seen.len() > before
    }

    /// A row that comes twice is one: rows move between pages while these are read, and another is left out.
    fn came(&self) -> u64 {
        u64::try_from(self.seen.len()).unwrap_or(u64::MAX)
    }

    pub(super) fn says(&mut self, total: &JsonPath, json: &Value, at: &str) -> Option<Doubt> {
        let found = total.one(json).and_then(json_path::text).and_then(|text| text.parse().ok());
        let Some(said) = found else {
            return Some(Broken::off(at, format!("no number at {}", total.as_str())).doubt);
        };
        match self.said.replace(said) {
            Some(before) if before != said => Some(Doubt::TotalsDiffer { said, came: before }),
            Some(_) | None => None,
        }
    }

    /// At the end of the list. `asked`: how many entries were asked for by their ids, each of which is one.
    pub(super) fn hold(&self, reading: &Reading, asked: Option<usize>, at: &str) -> Result<(), Broken> {
        let came = self.came();
        let asked =
            asked.filter(|_| reading.finds_each).map(|asked| u64::try_from(asked).unwrap_or(u64::MAX));
        let doubt = match (self.said, asked) {
            (Some(said), _) if said != came => Doubt::TotalsDiffer { said, came },
            (_, Some(said)) if came < said => Doubt::TotalsDiffer { said, came },
            _ if reading.never_empty && came == 0 => Doubt::EmptySuspect { at: at.to_owned() },
            _ => return Ok(()),
        };
        Err(Broken { doubt, is_over: false })
    }
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
