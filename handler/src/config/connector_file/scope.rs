//! Where the reader of a connector file is, and what steps there are.

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
    TokenRequest {
        may_refresh: bool,
    },
    /// How a token is sent.
    TokenSent,
    Step {
        recipe: RecipeKind,
        index: usize,
        has_cursor: bool,
    },
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
}
