//! One of the candidates in an answer, over all its pages: never simply the first.

use super::conditions::{Prepared, Seen};
use crate::lms::recipe::step::Pick;
use crate::lms::recipe::template::{RenderError, Variables};
use serde_json::Value;

/// Takes pages in their order; keeps one candidate and a count, however long the list.
#[derive(Default)]
pub(super) struct Picker {
    found: Option<Value>,
    count: usize,
}

/// What one page held.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// So many entries, fitting or not.
    Rows(usize),
    /// There is no list where there should be one: that is no empty list.
    NoList,
}

pub(super) enum Picked {
    One(Value),
    None,
    Many,
}

impl Picker {
    pub(super) fn feed(
        &mut self,
        pick: &Pick,
        json: Option<&Value>,
        variables: &dyn Variables,
    ) -> Result<Page, RenderError> {
        let Some(json) = json.filter(|json| pick.from.has_list(json)) else { return Ok(Page::NoList) };
        let rows = pick.from.all(json);
        let before = self.count;
        let filter: Vec<_> = pick.filter.iter().map(|(path, test)| (path, Prepared::new(test))).collect();
        for row in &rows {
            let mut fits = true;
            for (path, test) in &filter {
                fits = fits && test.holds(&Seen::at(path, Some(row)), variables)?;
            }
            // Rows move between pages while they are read: the very same one is not another.
            let is_same = before > 0 && self.found.as_ref() == Some(*row);
            if fits && !is_same {
                self.count += 1;
                self.found.get_or_insert_with(|| (*row).clone());
            }
        }
        Ok(Page::Rows(rows.len()))
    }

    pub(super) fn picked(self) -> Picked {
        match (self.count, self.found) {
            (1, Some(found)) => Picked::One(found),
            (0, _) | (_, None) => Picked::None,
            (_, Some(_)) => Picked::Many,
        }
    }
}

#[cfg(test)]
#[path = "pick_tests.rs"]
mod tests;
