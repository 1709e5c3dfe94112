//! Where the reader of a connector file is, and what steps there are.

use crate::config::tree::{Node, Value};
use crate::lms::recipe::connector::RecipeKind;

/// Where the reader is.
#[derive(Debug, Clone, Default)]
pub(super) enum Scope {
    /// Settings alone.
    #[default]
    Base,
    /// What holds for every request.
    Everywhere,
    /// A request for a token.
    TokenRequest { may_refresh: bool },
    /// How a token is sent.
    TokenSent,
    Step {
        recipe: RecipeKind,
        index: usize,
        pages: Pages,
        /// Of an entry: lists around it, and itself; 0 where none is looked at.
        levels: usize,
    },
}

/// What its texts may say of the page that comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pages {
    ByCursor,
    Counted,
    Otherwise,
}

impl Scope {
    pub(super) fn recipe(&self) -> Option<RecipeKind> {
        match self {
            Self::Step { recipe, .. } => Some(*recipe),
            Self::Base | Self::Everywhere | Self::TokenRequest { .. } | Self::TokenSent => None,
        }
    }
}

/// A step as far as others see it.
#[derive(Debug)]
pub(super) struct StepNames {
    pub(super) recipe: RecipeKind,
    pub(super) index: usize,
    pub(super) name: String,
    pub(super) values: Vec<String>,
    /// Of a reading: once for each entry of the one of this name.
    pub(super) each: Option<String>,
    /// Of a reading: for several of these together.
    pub(super) is_batched: bool,
    /// Conditions that compare: what is looked at, and what it must be.
    pub(super) only_if: Vec<(String, String)>,
}

impl StepNames {
    /// Never both of them run, and whichever runs takes the same.
    pub(super) fn stands_for(&self, other: &Self) -> bool {
        let differs = |(value, is): &(String, String)| {
            other.only_if.iter().any(|(known, wants)| known == value && wants != is)
        };
        let sorted = |step: &Self| {
            let mut values = step.values.clone();
            values.sort();
            values
        };
        self.recipe == other.recipe && sorted(self) == sorted(other) && self.only_if.iter().any(differs)
    }

    /// Whether it has run before that place is reached.
    pub(super) fn is_seen(&self, recipe: RecipeKind, index: usize) -> bool {
        let is_earlier = self.recipe == recipe && self.index < index;
        let is_found =
            self.recipe == RecipeKind::Find && recipe != RecipeKind::Find && recipe.is_of_a_place();
        // A cancellation reads before it writes. Giving back may have seen no place at all.
        let is_read = self.recipe == RecipeKind::Read
            && matches!(recipe, RecipeKind::Write | RecipeKind::Verify | RecipeKind::Tidy);
        is_earlier || is_found || is_read
    }
}

/// What a step's conditions compare.
pub(super) fn only_if(step: &Node) -> Vec<(String, String)> {
    let Some(Value::List(conditions)) = step.child("when").map(|when| &when.value) else { return Vec::new() };
    let text = |node: &Node, key: &str| match node.child(key).map(|value| &value.value) {
        Some(Value::Text(text)) => Some(text.trim().to_owned()),
        _ => None,
    };
    let compared = conditions.iter().filter(|condition| condition.child("ignore_case").is_none());
    compared.filter_map(|condition| Some((text(condition, "value")?, text(condition, "is")?))).collect()
}
