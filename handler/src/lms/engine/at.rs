//! Where one is in a connector file.

use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::step::{Request, Step};

/// Which step a request belongs to.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) recipe: RecipeKind,
    pub(super) step: &'a Step,
    pub(super) request: &'a Request,
}
