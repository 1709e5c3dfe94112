//! Lists from their first page to their last, and what is listed under each entry.

use super::broken::{Broken, not_asked, refused};
use super::row::{Row, RowScope, Unmapped};
use super::rows::Rows;
use super::text::value;
use crate::lms::engine::at::At;
use crate::lms::engine::attempt::Attempt;
use crate::lms::engine::conditions::{Prepared, Seen, all_hold};
use crate::lms::engine::paging::{Next, Pages};
use crate::lms::engine::request::{RequestError, Unsigned, build};
use crate::lms::engine::variables::PageAt;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::json_path::JsonPath;
use crate::lms::recipe::reading::{Gives, Reading, Whence};
use crate::lms::recipe::step::{Request, TakeAt};
use crate::lms::recipe::template::{RenderError, Variables};
use crate::lms::recipe::words::Verdict;
use crate::sessions::pass::Doubt;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Of one pass: what an LMS sends without end is not read without end.
const MOST_ENTRIES: usize = 500_000;

/// What takes the entries of a pass.
pub(super) trait Entries: Send {
    /// `at`: where it stands, for people; `around`: what was taken of it and of the entries around it.
    fn entry(
        &mut self,
        reading: &Reading,
        at: &str,
        around: Around<'_>,
        row: &Row<'_>,
        variables: &dyn Variables,
    );

    /// Of what the reading lists under these entries.
    fn doubt(&mut self, reading: &Reading, around: Around<'_>, doubt: Doubt);
}

/// Values of an entry and of those around it: step, name, value.
type Values<'f> = Vec<(&'f str, &'f str, String)>;
pub(super) type Around<'a> = &'a [(&'a str, &'a str, String)];

pub(super) async fn read(attempt: &mut Attempt<'_>, recipe: RecipeKind, entries: &mut impl Entries) {
    let file = std::sync::Arc::clone(&attempt.core.file);
    let mut listed: BTreeMap<&str, Vec<Values<'_>>> = BTreeMap::new();
    let mut count = 0;
    let readings = file.recipes.readings(recipe);
    for (index, reading) in readings.iter().enumerate() {
        let (step, Some(request)) = (&reading.step, &reading.step.request) else { continue };
        let alone = vec![Values::new()];
        let around = match &reading.each {
            None => &alone,
            Some(each) => listed.get(each.as_str()).unwrap_or(const { &Vec::new() }),
        };
        let mut found = Vec::new();
        let at = format!("{}.{}", recipe.word(), step.name);
        for batch in batches(reading, around) {
            let Some(first) = batch.first() else { continue };
            let values = &shared(reading, first);
            know(attempt, first);
            match all_hold(&step.when, &attempt.scope(None)) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => {
                    entries.doubt(reading, values, Broken::off(&at, error).doubt);
                    continue;
                }
            }
            let mut branch = Branch { recipe, reading, request, at: &at, batch, values, found: &mut found };
            if let Err(broken) = branch.read(attempt, entries, &mut count).await {
                tracing::warn!(tenant = %attempt.core.tenant, doubt = %broken.doubt, "a reading is in doubt");
                branch.doubt(entries, &broken.doubt);
                if broken.is_over {
                    let unread = readings.iter().skip(index);
                    unread.for_each(|reading| entries.doubt(reading, &[], broken.doubt.clone()));
                    return;
                }
            }
        }
        listed.entry(step.name.as_str()).or_default().append(&mut found);
    }
}

/// Entries for which one request is made.
fn batches<'v, 'f>(reading: &Reading, around: &'v [Values<'f>]) -> impl Iterator<Item = &'v [Values<'f>]> {
    let most = reading.batch.unwrap_or(1).max(1);
    let together = move |one: &Values<'f>, next: &Values<'f>| shared(reading, one) == shared(reading, next);
    around.chunk_by(together).flat_map(move |alike| alike.chunks(most))
}

/// What holds for all that comes of one request: of a batch, not what was taken of each of its entries.
fn shared<'f>(reading: &Reading, values: &Values<'f>) -> Values<'f> {
    let own = reading.each.as_deref().filter(|_| reading.batch.is_some());
    values.iter().filter(|(step, ..)| Some(*step) != own).cloned().collect()
}

fn know(attempt: &mut Attempt<'_>, values: &Values<'_>) {
    attempt.taken.clear();
    for (step, name, value) in values {
        attempt.taken.set(step, name, value.clone());
    }
}

/// One list, under one entry of another, or under several.
struct Branch<'b, 'f> {
    recipe: RecipeKind,
    reading: &'f Reading,
    request: &'f Request,
    at: &'b str,
    batch: &'b [Values<'f>],
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
        let asked = reading.batch.map(|_| self.batch.len());
        loop {
            let page = pages.as_ref().map(Pages::at);
            let core = attempt.core;
            let mut unsigned = self.unsigned(attempt, page).map_err(|error| Broken::off(self.at, error))?;
            if let Some(pages) = &pages {
                unsigned.url = pages.address(unsigned.url);
            }
            let from = unsigned.url.clone();
            let at = At { recipe: self.recipe, step: &reading.step, request };
            let (answer, judged) =
                attempt.ask(at, unsigned).await.map_err(|finding| not_asked(self.at, &finding))?;
            if judged.verdict != Verdict::Ok {
                return Err(refused(self.at, &answer, &judged));
            }
            // The connector says that this is how a list ends.
            if !answer.is_success() || (answer.is_empty() && request.empty_is_ok) {
                return rows.hold(reading, asked, self.at);
            }
            let Some(json) = answer.json.as_ref().filter(|json| reading.records.has_list(json)) else {
                return Err(Broken::off(self.at, format!("no list at {}", reading.records.as_str())));
            };
            answer.doubts.iter().for_each(|doubt| self.doubt(entries, &at_of(self.at, doubt)));
            let page = reading.records.all(json);
            let is_new = rows.see(&page);
            if !is_new && !page.is_empty() && pages.as_ref().is_some_and(|pages| !pages.is_first()) {
                let at = self.at.to_owned();
                return Err(Broken { doubt: Doubt::CursorStands { at }, is_over: false });
            }
            if let Some(total) = &reading.total
                && let Some(doubt) = rows.says(total, json, self.at)
            {
                self.doubt(entries, &doubt);
            }
            if let Some(left_out) = &reading.left_out
                && left_out.all(json).iter().any(|one| !one.is_null())
            {
                let at = format!("a part of {}", self.at);
                self.doubt(entries, &Doubt::Forbidden { at });
            }
            self.page(attempt, entries, (json, &page), count)?;
            let Some(pages) = &mut pages else { return rows.hold(reading, asked, self.at) };
            match pages.advance(&answer, page.len(), &from, &core.hosts) {
                Next::End => return rows.hold(reading, asked, self.at),
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

    /// Of each of a batch.
    fn doubt(&self, entries: &mut impl Entries, doubt: &Doubt) {
        self.batch.iter().for_each(|values| entries.doubt(self.reading, values, doubt.clone()));
    }

    fn unsigned(
        &self,
        attempt: &mut Attempt<'_>,
        page: Option<PageAt<'_>>,
    ) -> Result<Unsigned, RequestError> {
        let core = attempt.core;
        let mut unsigned: Option<Unsigned> = None;
        for values in self.batch {
            know(attempt, values);
            let scope = attempt.scope(page);
            match &mut unsigned {
                Some(unsigned) => {
                    let each = self.reading.each.as_deref().unwrap_or_default();
                    unsigned.repeat(self.request, &format!("{each}."), &scope)?;
                }
                None => {
                    let first = build(self.request, &core.hosts, &core.file.service.headers, &scope)?;
                    unsigned = Some(first);
                }
            }
        }
        know(attempt, self.values);
        match unsigned {
            Some(unsigned) => Ok(unsigned),
            None => build(self.request, &core.hosts, &core.file.service.headers, &attempt.scope(page)),
        }
    }

    fn page(
        &mut self,
        attempt: &Attempt<'_>,
        entries: &mut impl Entries,
        (answer, page): (&Value, &[&Value]),
        count: &mut usize,
    ) -> Result<(), Broken> {
        let scope = attempt.scope(None);
        let filter: Vec<_> =
            self.reading.filter.iter().map(|(path, test)| (path, Prepared::new(test))).collect();
        for entry in page {
            for row in self.innermost(Row::new(answer, entry), &self.reading.explode)? {
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
        let reading = self.reading;
        let mut values = Cow::Borrowed(self.values);
        if !reading.step.take.is_empty() {
            match self.taken(row, scope) {
                Ok(taken) => values = Cow::Owned(taken),
                // What is listed under it is not read.
                Err(unmapped) => {
                    let at = format!("{} ({})", self.at, unmapped.problem);
                    entries.doubt(reading, self.values, Doubt::Unnamed { at });
                }
            }
        }
        match &reading.gives {
            Gives::Session(_) | Gives::Part(_) | Gives::Place(_) => {
                entries.entry(reading, self.at, &values, row, scope);
            }
            Gives::Parents => {}
        }
        if let Cow::Owned(values) = values {
            self.found.push(values);
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

/// Where in which list.
fn at_of(list: &str, doubt: &Doubt) -> Doubt {
    let within = |at: &String| format!("{list}: {at}");
    match doubt {
        Doubt::Cut { at } => Doubt::Cut { at: within(at) },
        Doubt::AfterTheEnd { at } => Doubt::AfterTheEnd { at: within(at) },
        Doubt::Unnamed { at } => Doubt::Unnamed { at: within(at) },
        Doubt::NotEnded { .. }
        | Doubt::Forbidden { .. }
        | Doubt::EmptySuspect { .. }
        | Doubt::TotalsDiffer { .. }
        | Doubt::Twice { .. }
        | Doubt::CursorStands { .. } => doubt.clone(),
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

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
