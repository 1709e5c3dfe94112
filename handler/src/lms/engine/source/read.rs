//! Lists from their first page to their last, and what is listed under each entry.

use super::row::{Row, RowScope, Unmapped};
use super::text::value;
use crate::lms::engine::answer::{Answer, Extent};
use crate::lms::engine::at::At;
use crate::lms::engine::attempt::Attempt;
use crate::lms::engine::conditions::{Prepared, Seen, all_hold};
use crate::lms::engine::finding::{End, Finding};
use crate::lms::engine::paging::{Next, Pages};
use crate::lms::engine::request::build;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::json_path::{self, JsonPath};
use crate::lms::recipe::reading::{Gives, Reading, Whence};
use crate::lms::recipe::step::{Request, TakeAt};
use crate::lms::recipe::template::{RenderError, Variables};
use crate::lms::recipe::words::{StepOutcome, Verdict};
use crate::sessions::pass::Doubt;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

/// Of one pass: what an LMS sends without end is not read without end.
const MOST_ENTRIES: usize = 500_000;

/// What takes the entries of a pass.
pub(super) trait Entries: Send {
    /// `at`: where it stands, for people.
    fn entry(&mut self, reading: &Reading, at: &str, row: &Row<'_>, variables: &dyn Variables);

    fn doubt(&mut self, doubt: Doubt);
}

/// Values of an entry and of those around it: step, name, value.
type Values<'f> = Vec<(&'f str, &'f str, String)>;

/// What was not read to its end.
struct Broken {
    doubt: Doubt,
    /// Nothing else can be read in this pass.
    is_over: bool,
}

impl Broken {
    fn off(at: &str, why: impl std::fmt::Display) -> Self {
        Self { doubt: Doubt::NotEnded { at: format!("{at} ({why})") }, is_over: false }
    }
}

pub(super) async fn read(attempt: &mut Attempt<'_>, recipe: RecipeKind, entries: &mut impl Entries) {
    let file = std::sync::Arc::clone(&attempt.core.file);
    let mut listed: BTreeMap<&str, Vec<Values<'_>>> = BTreeMap::new();
    let mut count = 0;
    for reading in file.recipes.readings(recipe) {
        let (step, Some(request)) = (&reading.step, &reading.step.request) else { continue };
        let alone = vec![Values::new()];
        let around = match &reading.each {
            None => &alone,
            Some(each) => listed.get(each.as_str()).unwrap_or(const { &Vec::new() }),
        };
        let mut found = Vec::new();
        let at = format!("{}.{}", recipe.word(), step.name);
        for values in around {
            attempt.taken.clear();
            for (step, name, value) in values {
                attempt.taken.set(step, name, value.clone());
            }
            match all_hold(&step.when, &attempt.scope(None)) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => {
                    entries.doubt(Broken::off(&at, error).doubt);
                    continue;
                }
            }
            let mut branch = Branch { recipe, reading, request, at: &at, values, found: &mut found };
            if let Err(broken) = branch.read(attempt, entries, &mut count).await {
                tracing::warn!(tenant = %attempt.core.tenant, doubt = %broken.doubt, "a reading is in doubt");
                entries.doubt(broken.doubt);
                if broken.is_over {
                    return;
                }
            }
        }
        listed.entry(step.name.as_str()).or_default().append(&mut found);
    }
}

/// One list, under one entry of another.
struct Branch<'b, 'f> {
    recipe: RecipeKind,
    reading: &'f Reading,
    request: &'f Request,
    at: &'b str,
    values: &'b Values<'f>,
    found: &'b mut Vec<Values<'f>>,
}

impl Branch<'_, '_> {
    async fn read(
        &mut self,
        attempt: &mut Attempt<'_>,
        entries: &mut impl Entries,
        count: &mut usize,
    ) -> Result<(), Broken> {
        let (reading, request) = (self.reading, self.request);
        let mut pages = request.paging.as_ref().map(Pages::new);
        let mut rows = Rows::default();
        loop {
            let cursor = pages.as_ref().and_then(Pages::cursor);
            let core = attempt.core;
            let scope = attempt.scope(cursor);
            let mut unsigned = build(request, &core.hosts, &core.file.service.headers, &scope)
                .map_err(|error| Broken::off(self.at, error))?;
            if let Some(pages) = &pages {
                unsigned.url = pages.address(unsigned.url);
            }
            let from = unsigned.url.clone();
            let at = At { recipe: self.recipe, step: &reading.step, request };
            let (answer, judged) =
                attempt.ask(at, unsigned).await.map_err(|finding| not_asked(self.at, &finding))?;
            if judged.verdict != Verdict::Ok {
                return Err(refused(self.at, &answer, judged.why.as_deref()));
            }
            // The connector says that this is how a list ends.
            if !answer.is_success() || (answer.is_empty() && request.empty_is_ok) {
                return rows.total_holds();
            }
            let Some(json) = answer.json.as_ref().filter(|json| reading.records.has_list(json)) else {
                return Err(Broken::off(self.at, format!("no list at {}", reading.records.as_str())));
            };
            let page = reading.records.all(json);
            let is_new = rows.see(&page);
            if !is_new && !page.is_empty() && pages.as_ref().is_some_and(|pages| !pages.is_first()) {
                let at = self.at.to_owned();
                return Err(Broken { doubt: Doubt::CursorStands { at }, is_over: false });
            }
            if let Some(total) = &reading.total
                && let Some(doubt) = rows.says(total, json, self.at)
            {
                entries.doubt(doubt);
            }
            self.page(attempt, entries, &page, count)?;
            let Some(pages) = &mut pages else { return rows.total_holds() };
            match pages.advance(&answer, page.len(), &from, &core.hosts) {
                Next::End => return rows.total_holds(),
                Next::More => {}
                Next::Repeats(_) => {
                    let at = self.at.to_owned();
                    return Err(Broken { doubt: Doubt::CursorStands { at }, is_over: false });
                }
                Next::Doubt(why) => return Err(Broken::off(self.at, why)),
                Next::Foreign(why) => return Err(Broken::off(self.at, why)),
            }
        }
    }

    fn page(
        &mut self,
        attempt: &Attempt<'_>,
        entries: &mut impl Entries,
        page: &[&Value],
        count: &mut usize,
    ) -> Result<(), Broken> {
        let scope = attempt.scope(None);
        let filter: Vec<_> =
            self.reading.filter.iter().map(|(path, test)| (path, Prepared::new(test))).collect();
        for entry in page {
            for row in self.innermost(Row::new(entry), &self.reading.explode)? {
                *count += 1;
                if *count > MOST_ENTRIES {
                    let broken = Broken::off(self.at, format!("more than {MOST_ENTRIES} entries"));
                    return Err(Broken { is_over: true, ..broken });
                }
                if fits(&filter, &row, &scope).map_err(|error| Broken::off(self.at, error))? {
                    self.entry(entries, &row, &scope);
                }
            }
        }
        Ok(())
    }

    fn innermost<'v>(&self, row: Row<'v>, explode: &[JsonPath]) -> Result<Vec<Row<'v>>, Broken> {
        let Some((list, deeper)) = explode.split_first() else { return Ok(vec![row]) };
        let Some(entry) = row.at(0).filter(|entry| list.has_list(entry)) else {
            return Err(Broken::off(self.at, format!("no list at {}", list.as_str())));
        };
        let mut rows = Vec::new();
        for inner in list.all(entry) {
            rows.extend(self.innermost(row.within(inner), deeper)?);
        }
        Ok(rows)
    }

    fn entry(&mut self, entries: &mut impl Entries, row: &Row<'_>, scope: &dyn Variables) {
        match &self.reading.gives {
            Gives::Session(_) | Gives::Place(_) => entries.entry(self.reading, self.at, row, scope),
            Gives::Parents => match self.taken(row, scope) {
                Ok(values) => self.found.push(values),
                // What is listed under it is not read.
                Err(unmapped) => {
                    let at = format!("{} ({})", self.at, unmapped.problem);
                    entries.doubt(Doubt::Unnamed { at });
                }
            },
        }
    }
}

impl<'f> Branch<'_, 'f> {
    fn taken(&self, row: &Row<'_>, around: &dyn Variables) -> Result<Values<'f>, Unmapped> {
        let scope = RowScope { row, around };
        let mut values = self.values.clone();
        for take in &self.reading.step.take {
            let whence = match &take.at {
                TakeAt::Json(path) => Whence::Path { at: path.clone(), up: 0 },
                TakeAt::Value(template) => Whence::Made(template.clone()),
                TakeAt::Header(_) | TakeAt::Text(_) => continue,
            };
            let wrong = |problem| Unmapped::new("take", problem);
            let found = match value(&whence, &scope).map_err(wrong)? {
                Some(found) => found,
                None if take.is_optional => String::new(),
                None => return Err(Unmapped::new("take", format!("an entry has no `{}`", take.name))),
            };
            values.push((self.reading.step.name.as_str(), take.name.as_str(), found));
        }
        Ok(values)
    }
}

/// The rows of a list over all its pages, as hashes.
#[derive(Default)]
struct Rows {
    seen: HashSet<u64>,
    hasher: RandomState,
    said: Option<u64>,
}

impl Rows {
    /// Whether any of them was not seen before.
    fn see(&mut self, page: &[&Value]) -> bool {
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

    fn says(&mut self, total: &JsonPath, json: &Value, at: &str) -> Option<Doubt> {
        let found = total.one(json).and_then(json_path::text).and_then(|text| text.parse().ok());
        let Some(said) = found else {
            return Some(Broken::off(at, format!("no number at {}", total.as_str())).doubt);
        };
        match self.said.replace(said) {
            Some(before) if before != said => Some(Doubt::TotalsDiffer { said, came: before }),
            Some(_) | None => None,
        }
    }

    fn total_holds(&self) -> Result<(), Broken> {
        match self.said {
            Some(said) if said != self.came() => {
                Err(Broken { doubt: Doubt::TotalsDiffer { said, came: self.came() }, is_over: false })
            }
            Some(_) | None => Ok(()),
        }
    }
}

fn fits(
    filter: &[(&JsonPath, Prepared<'_>)],
    row: &Row<'_>,
    scope: &dyn Variables,
) -> Result<bool, RenderError> {
    for (path, test) in filter {
        if !test.holds(&Seen::at(path, row.at(0)), scope)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// There is no answer.
fn not_asked(at: &str, finding: &Finding) -> Broken {
    let why = finding.why.as_deref().unwrap_or("no answer");
    match finding.end {
        End::Outcome(StepOutcome::AuthBroken) => {
            Broken { doubt: Doubt::Forbidden { at: at.to_owned() }, is_over: true }
        }
        End::NoRoom => Broken { is_over: true, ..Broken::off(at, why) },
        End::Outcome(_) | End::State(_) | End::Through => Broken::off(at, why),
    }
}

/// The answer is none of this list.
fn refused(at: &str, answer: &Answer, why: Option<&str>) -> Broken {
    let at_all = at.to_owned();
    let doubt = match answer.status {
        401 | 403 => Doubt::Forbidden { at: at_all },
        206 => Doubt::Cut { at: at_all },
        _ if answer.extent != Extent::Whole || is_cut(answer) => Doubt::Cut { at: at_all },
        status => return Broken::off(at, why.map_or(format!("HTTP {status}"), str::to_owned)),
    };
    Broken { doubt, is_over: false }
}

/// JSON that ends too early.
fn is_cut(answer: &Answer) -> bool {
    let parsed = serde_json::from_str::<serde::de::IgnoredAny>(&answer.text);
    answer.is_success() && !answer.is_empty() && parsed.is_err_and(|error| error.is_eof())
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
