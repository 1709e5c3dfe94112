//! One recipe, step by step: what it takes from its answers, and how it ends.
//!
//! A recipe ends with the first step that says what the place is, or that does not go well. A step that is
//! passed over takes nothing; one whose candidates are none, and which goes on, takes empty texts.

use super::answer::Answer;
use super::at::At;
use super::attempt::Attempt;
use super::classify::entry;
use super::conditions::all_hold;
use super::effect::Effect;
use super::finding::{End, Finding};
use super::lookup_cache::Key;
use super::paging::{Next, Pages};
use super::pick::{Page, Picked, Picker};
use super::request::{RequestError, Unsigned, build};
use super::state;
use super::take::take;
use super::variables::PageAt;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::step::{Pick, Request, Step};
use crate::lms::recipe::template::RenderError;
use crate::lms::recipe::words::{StepOutcome, Verdict};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// All pages of one reading together, bytes.
const ALL_PAGES: usize = 32 * 1024 * 1024;

/// What steps before the last have shown of the place.
#[derive(Default, Clone, Copy)]
struct Shown {
    given: Option<DateTime<Utc>>,
    started: bool,
}

pub(super) async fn run(attempt: &mut Attempt<'_>, recipe: RecipeKind) -> Finding {
    let file = std::sync::Arc::clone(&attempt.core.file);
    let mut shown = Shown::default();
    for step in file.recipes.of(recipe) {
        match all_hold(&step.when, &attempt.scope(None)) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => return config(&error).at(recipe, &step.name),
        }
        let ended = match (&step.request, step.exit) {
            (Some(request), _) => one_step(attempt, At { recipe, step, request }, &mut shown).await,
            (None, Some(exit)) => Some(exited(recipe, step, exit)),
            (None, None) => None,
        };
        if let Some(ended) = ended {
            let given = ended.given.or(shown.given);
            return Finding { given, started: shown.started, ..ended.at(recipe, &step.name) };
        }
    }
    Finding { given: shown.given, started: shown.started, ..Finding::new(End::Through) }
}

/// The author's reason is told with an outcome; a state says all itself. What a look-up leaves unclear of its
/// own accord is that more than one session fits.
fn exited(recipe: RecipeKind, step: &Step, exit: Verdict) -> Finding {
    match exit {
        Verdict::Outcome(StepOutcome::Unclear) if recipe == RecipeKind::Lookup => {
            Finding { many: true, ..Finding::new(exit) }
        }
        Verdict::Outcome(outcome) if !step.about.is_empty() => Finding::outcome(outcome, step.about.as_str()),
        Verdict::Outcome(_) | Verdict::State(_) | Verdict::Ok => Finding::new(exit),
    }
}

fn config(error: &RenderError) -> Finding {
    Finding::outcome(StepOutcome::ConfigBroken, error.to_string())
}

impl From<RenderError> for Finding {
    fn from(error: RenderError) -> Self {
        config(&error)
    }
}

impl From<RequestError> for Finding {
    fn from(error: RequestError) -> Self {
        Self::outcome(StepOutcome::ConfigBroken, error.to_string())
    }
}

/// `None`: on with the next step.
async fn one_step(attempt: &mut Attempt<'_>, at: At<'_>, shown: &mut Shown) -> Option<Finding> {
    try_step(attempt, at, shown).await.err()
}

/// The error is how the recipe ends, be it well or not.
async fn try_step(attempt: &mut Attempt<'_>, at: At<'_>, shown: &mut Shown) -> Result<(), Finding> {
    let (step, request) = (at.step, at.request);
    if at.recipe == RecipeKind::Write && Effect::of(request) == Effect::Writes && attempt.core.forbids(step) {
        return Err(forbidden());
    }
    let first = unsigned(attempt, request, request.paging.as_ref().map(Pages::first))?;
    let key = request.cache.map(|keeps| (Key::of(at.recipe.word(), &step.name, &first), keeps));
    if let Some((key, _)) = key
        && !attempt.fresh
        && let Some(values) = attempt.core.cache.get(&key).await
    {
        attempt.cached.push(key);
        for (name, value) in values.iter() {
            attempt.taken.set(&step.name, name, value.clone());
        }
        return Ok(());
    }
    let (answer, picker) = all_pages(attempt, at, first).await?;
    let picked = match (&step.pick, picker) {
        (Some(pick), Some(picker)) => match picker.picked() {
            Picked::One(entry) => Some(entry),
            Picked::None => {
                return match pick.none {
                    Verdict::Ok => {
                        for take in &step.take {
                            attempt.taken.set(&step.name, &take.name, String::new());
                        }
                        Ok(())
                    }
                    none @ (Verdict::State(_) | Verdict::Outcome(_)) => Err(Finding {
                        status: Some(answer.status),
                        ..Finding::because(none, "no entry of the answer fits")
                    }),
                };
            }
            Picked::Many => {
                let why = "more than one entry of the answer fits";
                return Err(Finding { many: true, ..Finding::because(pick.many, why) });
            }
        },
        _ => None,
    };
    if let (Some(pick), Some(entry)) = (&step.pick, &picked) {
        judge_entry(attempt, pick, &answer, entry)?;
    }
    let effect = Effect::of(request);
    let values = take(&step.take, &answer, picked.as_ref(), &attempt.scope(None)).map_err(|name| {
        misshapen(effect, &answer, format!("there is no `{name}` in the answer, or more than one"))
    })?;
    for (name, value) in &values {
        attempt.taken.set(&step.name, name, value.clone());
    }
    if let Some((key, keeps)) = key {
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        attempt.core.cache.put(key, values, keeps).await;
    }
    place(step, &answer, picked.as_ref(), effect, shown)
}

fn unsigned(attempt: &Attempt<'_>, request: &Request, page: Option<PageAt<'_>>) -> Result<Unsigned, Finding> {
    let core = attempt.core;
    Ok(build(request, &core.hosts, &core.file.service.headers, &attempt.scope(page))?)
}

/// All pages: the last answer, and what was picked of all of them.
async fn all_pages(
    attempt: &mut Attempt<'_>,
    at: At<'_>,
    first: Unsigned,
) -> Result<(Answer, Option<Picker>), Finding> {
    let (request, pick) = (at.request, at.step.pick.as_ref());
    let effect = Effect::of(request);
    let mut pages = request.paging.as_ref().map(Pages::new);
    let mut picker = pick.map(|_| Picker::default());
    let (mut unsigned_page, mut size) = (first, 0_usize);
    loop {
        if let Some(pages) = &pages {
            unsigned_page.url = pages.address(unsigned_page.url);
        }
        let from = unsigned_page.url.clone();
        let (answer, judged) = attempt.ask(at, unsigned_page).await?;
        let is_first = pages.as_ref().is_none_or(Pages::is_first);
        match judged.verdict {
            Verdict::Ok => {}
            // The list was there a moment ago.
            verdict @ (Verdict::State(_) | Verdict::Outcome(_))
                if !is_first && speaks_of_the_whole(verdict) =>
            {
                let why = "a later page is answered as if there were nothing";
                return Err(Finding::outcome(effect.not_as_promised(), why));
            }
            verdict @ (Verdict::State(_) | Verdict::Outcome(_)) => {
                return Err(Finding {
                    why: judged.why.or_else(|| Some(format!("HTTP {}", answer.status))),
                    words: judged.words,
                    status: Some(answer.status),
                    retry_after: judged.retry_after,
                    ..Finding::new(verdict)
                });
            }
        }
        let rows = match (pick, &mut picker) {
            (Some(pick), Some(picker)) => {
                match picker.feed(pick, answer.json.as_ref(), &attempt.scope(None))? {
                    Page::Rows(rows) => rows,
                    Page::NoList => {
                        let why = format!("there is no list at `{}`", pick.from.as_str());
                        return Err(misshapen(effect, &answer, why));
                    }
                }
            }
            _ => 0,
        };
        let Some(pages) = &mut pages else { return Ok((answer, picker)) };
        size = size.saturating_add(answer.size);
        let next = match pages.advance(&answer, rows, &from, &attempt.core.hosts) {
            Next::More if size > ALL_PAGES => Next::Doubt("all pages together are longer than is read"),
            next @ (Next::End | Next::More | Next::Doubt(_) | Next::Repeats(_) | Next::Foreign(_)) => next,
        };
        match next {
            Next::End => return Ok((answer, picker)),
            Next::More => unsigned_page = unsigned(attempt, request, Some(pages.at()))?,
            Next::Doubt(why) => return Err(Finding::outcome(effect.not_as_promised(), why)),
            Next::Repeats(why) => {
                let outcome = match effect {
                    Effect::Reads => StepOutcome::ConfigBroken,
                    Effect::Writes => effect.not_as_promised(),
                };
                return Err(Finding::outcome(outcome, why));
            }
            Next::Foreign(why) => return Err(Finding::outcome(StepOutcome::ConfigBroken, why)),
        }
    }
}

/// Says something of what was asked for, and not of the exchange.
fn speaks_of_the_whole(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Ok | Verdict::State(_) => true,
        Verdict::Outcome(outcome) => !matches!(
            outcome,
            StepOutcome::AuthBroken
                | StepOutcome::ConfigBroken
                | StepOutcome::Retry
                | StepOutcome::UnknownOutcome
                | StepOutcome::Unclear
        ),
    }
}

/// What the picked entry says of itself.
fn judge_entry(attempt: &Attempt<'_>, pick: &Pick, answer: &Answer, picked: &Value) -> Result<(), Finding> {
    let Some((rule, words)) = entry(&pick.rules, answer, picked, &attempt.scope(None))? else {
        return Ok(());
    };
    match rule.then {
        Verdict::Ok => Ok(()),
        verdict @ (Verdict::State(_) | Verdict::Outcome(_)) => {
            Err(Finding { words, status: Some(answer.status), ..Finding::new(verdict) })
        }
    }
}

/// JSON, but not as the connector knows it.
fn misshapen(effect: Effect, answer: &Answer, why: String) -> Finding {
    let outcome = match effect {
        Effect::Reads => StepOutcome::Unclear,
        Effect::Writes => StepOutcome::UnknownOutcome,
    };
    Finding { words: answer.words(effect), status: Some(answer.status), ..Finding::outcome(outcome, why) }
}

/// What a step shows of the place; with a state the recipe ends.
fn place(
    step: &Step,
    answer: &Answer,
    picked: Option<&Value>,
    effect: Effect,
    shown: &mut Shown,
) -> Result<(), Finding> {
    let json = picked.or(answer.json.as_ref());
    let unclear = |why| misshapen(effect, answer, why);
    if let Some(path) = &step.given {
        shown.given = state::given(path, json).map_err(unclear)?.or(shown.given);
    }
    if let Some(path) = &step.started {
        shown.started |= state::started(path, json).map_err(unclear)?;
    }
    match &step.state {
        Some(of) => Err(Finding::new(End::State(state::state(of, json).map_err(unclear)?))),
        None => Ok(()),
    }
}

/// The connector would take away more than one place.
pub(super) fn forbidden() -> Finding {
    let why = "this connector would take away membership of the whole course, and the tenant has not allowed \
               that; if it is meant, set `allow_course_unenrol = true`";
    Finding::outcome(StepOutcome::Refused, why)
}

#[cfg(test)]
#[path = "run_steps_tests.rs"]
mod tests;
