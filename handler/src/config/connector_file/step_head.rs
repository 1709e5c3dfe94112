//! What a step and a reading begin with: the list that they stand in, a name, a line about it, and how
//! their pages are turned.

use super::file_reader::FileReader;
use super::scope::{Pages, Scope};
use super::step_shape::Paging;
use crate::config::table::{At, May, Must};
use crate::config::tree::Value;
use crate::lms::recipe::connector::RecipeKind;

/// Of one recipe.
pub(super) const MOST: usize = 40;

impl FileReader<'_> {
    /// Each of a list of `many`; all of them are looked at, so that every slip is told.
    pub(super) fn each_of<'n, K, T>(
        &mut self,
        given: At<'n, Vec<K>>,
        many: &str,
        mut read: impl FnMut(&mut Self, usize, At<'n, K>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.list(given, &format!("a list of {many}: begin each with [[…]]"))?;
        if items.len() > MOST {
            let why = format!("{} {many}: a recipe has at most {MOST}", items.len());
            self.wrong_key(given.node, why, "too many", None);
        }
        let found: Vec<Option<T>> = items
            .iter()
            .take(MOST)
            .enumerate()
            .map(|(index, item)| read(self, index, At::new(item)))
            .collect();
        self.scope = Scope::default();
        found.into_iter().collect()
    }

    /// The name under which later ones find its values.
    pub(super) fn head_name(
        &mut self,
        given: Must<'_, String>,
        recipe: RecipeKind,
        index: usize,
    ) -> Option<String> {
        let name = self.required(given, "a name; its values are {{ name.value }}")?;
        let text = self.text(&name, "a name of a-z, 0-9 and _ that begins with a letter")?;
        self.step_name(name.node, text, recipe, index);
        Some(text.to_owned())
    }

    /// Nothing where nothing is said.
    pub(super) fn head_about(&mut self, given: May<'_, String>, expected: &str) -> Option<String> {
        match given {
            Some(about) => self.text(&about, expected).map(str::to_owned),
            None => Some(String::new()),
        }
    }
}

/// What its texts may say of a page.
pub(super) fn pages(paging: May<'_, Paging<'_>>) -> Pages {
    match paging.and_then(|paging| paging.node.child("kind")).map(|kind| &kind.value) {
        Some(Value::Text(kind)) if kind.trim() == "cursor" => Pages::ByCursor,
        Some(Value::Text(kind)) if ["page", "offset"].contains(&kind.trim()) => Pages::Counted,
        _ => Pages::Otherwise,
    }
}
