//! Before anything is written: what may be written at all, and the time and room for it and for reading back.

use super::attempt::Attempt;
use super::conditions::all_hold;
use super::effect::Effect;
use super::finding::Finding;
use super::look::{reading_again, reading_back};
use super::run_steps::forbidden;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::step::{Request, Step};
use std::time::Duration;

/// The error says why nothing is written.
pub(super) fn before_writing(attempt: &mut Attempt<'_>, recipe: RecipeKind) -> Result<(), Finding> {
    let file = std::sync::Arc::clone(&attempt.core.file);
    let steps = file.recipes.of(recipe);
    if recipe == RecipeKind::Write
        && steps.iter().any(|step| attempt.core.forbids(step) && would_run(attempt, step, steps))
    {
        return Err(forbidden());
    }
    let requests =
        |recipe: RecipeKind| file.recipes.of(recipe).iter().filter_map(|step| step.request.as_ref());
    let is_write = |request: &&Request| Effect::of(request) == Effect::Writes;
    let writes = requests(recipe).find(is_write).map_or(Duration::ZERO, |request| request.timeout);
    let again = if recipe == RecipeKind::Write { reading_back(attempt) } else { reading_again(attempt) };
    let reads =
        again.and_then(|again| requests(again).next()).map_or(Duration::ZERO, |request| request.timeout);
    // Further requests of the recipe, of which most are passed over, take their room as they come.
    let count = 1 + again.map_or(0, |again| requests(again).count());
    attempt.make_room(count, writes, reads)
}

/// Whether this step would write, as far as can be known before the first one has.
fn would_run(attempt: &Attempt<'_>, step: &Step, steps: &[Step]) -> bool {
    let writes = step.request.as_ref().is_some_and(|request| Effect::of(request) == Effect::Writes);
    let depends = step.when.iter().flat_map(|condition| condition.value.placeholders()).any(|(name, _)| {
        name.split_once('.').is_some_and(|(of, _)| steps.iter().any(|step| step.name == of))
    });
    writes && (depends || all_hold(&step.when, &attempt.scope(None)).unwrap_or(true))
}

#[cfg(test)]
#[path = "room_tests.rs"]
mod tests;
