//! Who and what is meant at the LMS, and what the place is now. Changes nothing.
//!
//! What was remembered is used, but never believed when it leads nowhere: then it is forgotten, and the LMS
//! asked anew. An account may have been made anew under another id, and "no such place" of the old one is not
//! to be taken for the learner's.

use super::attempt::Attempt;
use super::finding::{End, Finding};
use super::run_steps::run;
use crate::lms::recipe::connector::{RecipeKind, Verified};
use crate::lms::recipe::words::StepOutcome;

/// [`End::Through`] only of a connector that can't read.
pub(super) async fn look(attempt: &mut Attempt<'_>) -> Finding {
    let finding = once(attempt).await;
    if !finding.finds_nothing() || attempt.cached.is_empty() {
        return finding;
    }
    forget(attempt).await;
    attempt.taken.clear();
    once(attempt).await
}

/// What was remembered led nowhere.
pub(super) async fn forget(attempt: &mut Attempt<'_>) {
    attempt.core.cache.drop_all(&attempt.cached).await;
    attempt.cached.clear();
    attempt.fresh = true;
}

async fn once(attempt: &mut Attempt<'_>) -> Finding {
    let found = run(attempt, RecipeKind::Find).await;
    if found.end != End::Through || attempt.core.file.recipes.read.is_empty() {
        return found;
    }
    read(attempt, RecipeKind::Read).await
}

/// A reading, which has to say what the place is.
pub(super) async fn read(attempt: &mut Attempt<'_>, recipe: RecipeKind) -> Finding {
    let finding = run(attempt, recipe).await;
    match finding.end {
        End::Through => Finding {
            at: recipe.word().to_owned(),
            ..Finding::outcome(StepOutcome::Unclear, "the reading does not say what the place is")
        },
        End::State(_) | End::Outcome(_) | End::NoRoom => finding,
    }
}

/// The recipe by which it is seen what became of a cancellation; `None`: by the write's own answer.
pub(super) fn reading_back(attempt: &Attempt<'_>) -> Option<RecipeKind> {
    match attempt.core.file.about.verified {
        Verified::ReadBack => reading_again(attempt),
        Verified::Answer => None,
    }
}

/// The recipe by which a place is read again, if it can be read at all.
pub(super) fn reading_again(attempt: &Attempt<'_>) -> Option<RecipeKind> {
    let recipes = &attempt.core.file.recipes;
    match (recipes.verify.is_empty(), recipes.read.is_empty()) {
        (false, _) => Some(RecipeKind::Verify),
        (true, false) => Some(RecipeKind::Read),
        (true, true) => None,
    }
}

#[cfg(test)]
#[path = "look_tests.rs"]
mod tests;
