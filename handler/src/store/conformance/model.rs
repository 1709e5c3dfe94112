//! Random operations, compared step by step with a plain map. How a failure is played again:
//! [`crate::replay`].

use super::{Place, entity};
use crate::replay;
use crate::store::table::{Etag, Op, Page, RowRange, StoreError, Tables};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Few rows, so that operations meet.
const ROWS: [&str; 5] = ["", "a", "a0", "b", "\u{e9}"];

#[derive(Debug, Clone)]
enum Step {
    Insert(usize),
    Replace(usize, Version),
    Delete(usize, Option<Version>),
    Batch(Vec<Part>),
    Get(usize),
    Scan { from: Option<usize>, to: Option<usize>, limit: usize },
}

#[derive(Debug, Clone)]
enum Part {
    Insert(usize),
    Put(usize),
    Replace(usize, Version),
    Delete(usize, Version),
}

/// Which of the row's versions a conditional write names.
#[derive(Debug, Clone, Copy)]
enum Version {
    Current,
    /// One of those the row had before, or one that never was.
    Old(usize),
}

#[derive(Default, Clone)]
struct Model {
    rows: BTreeMap<usize, (Etag, i64)>,
    past: BTreeMap<usize, Vec<Etag>>,
}

impl Model {
    fn etag(&self, row: usize, version: Version) -> Etag {
        let past = self.past.get(&row).map(Vec::as_slice).unwrap_or_default();
        let named = match version {
            Version::Current => self.rows.get(&row).map(|(etag, _)| etag).or(past.last()),
            Version::Old(n) => n.checked_rem(past.len()).and_then(|n| past.get(n)),
        };
        named.cloned().unwrap_or_else(|| Etag("0".to_owned()))
    }

    fn is_current(&self, row: usize, etag: &Etag) -> bool {
        self.rows.get(&row).is_some_and(|(current, _)| current == etag)
    }

    fn put(&mut self, row: usize, etag: Etag, n: i64) {
        self.forget(row);
        self.rows.insert(row, (etag, n));
    }

    fn forget(&mut self, row: usize) {
        if let Some((old, _)) = self.rows.remove(&row) {
            self.past.entry(row).or_default().push(old);
        }
    }
}

/// Fails with the shortest sequence of operations after which `make`'s store and the map differ.
///
/// `make` may give the same store each time: every case works in a partition of its own.
pub fn agrees(runtime: &Runtime, cases: u32, make: impl Fn() -> Arc<dyn Tables>) {
    let outcome = TestRunner::new(replay::cases(cases)).run(&prop::collection::vec(step(), 1..40), |steps| {
        let at = Place::new(&make());
        runtime.block_on(compare(at, steps))
    });
    assert!(outcome.is_ok(), "{outcome:?}");
}

fn step() -> impl Strategy<Value = Step> {
    let row = 0..ROWS.len();
    prop_oneof![
        3 => row.clone().prop_map(Step::Insert),
        3 => (row.clone(), version()).prop_map(|(row, version)| Step::Replace(row, version)),
        2 => (row.clone(), prop::option::of(version())).prop_map(|(row, version)| Step::Delete(row, version)),
        2 => prop::collection::vec(part(), 1..5).prop_map(Step::Batch),
        1 => row.clone().prop_map(Step::Get),
        2 => (prop::option::of(row.clone()), prop::option::of(row), 1_usize..7)
            .prop_map(|(from, to, limit)| Step::Scan { from, to, limit }),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    let row = 0..ROWS.len();
    prop_oneof![
        row.clone().prop_map(Part::Insert),
        row.clone().prop_map(Part::Put),
        (row.clone(), version()).prop_map(|(row, version)| Part::Replace(row, version)),
        (row, version()).prop_map(|(row, version)| Part::Delete(row, version)),
    ]
}

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![4 => Just(Version::Current), 1 => (0_usize..8).prop_map(Version::Old)]
}

fn name(row: usize) -> &'static str {
    ROWS.get(row).copied().unwrap_or_default()
}

async fn compare(at: Place, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    for (n, step) in (0..).zip(steps) {
        take(&at, &mut model, n, step).await?;
        let page = at.scan(RowRange::all(), 100).await.map_err(fail)?;
        prop_assert_eq!(contents(&page), expected(&model, None, None, 100).0);
    }
    Ok(())
}

async fn take(at: &Place, model: &mut Model, n: i64, step: Step) -> Result<(), TestCaseError> {
    match step {
        Step::Insert(row) => match at.insert(name(row), n).await {
            Ok(etag) => {
                prop_assert!(!model.rows.contains_key(&row), "inserted over a row");
                model.put(row, etag, n);
            }
            Err(error) => {
                prop_assert!(matches!(error, StoreError::Exists) && model.rows.contains_key(&row), "{error}")
            }
        },
        Step::Replace(row, version) => {
            let etag = model.etag(row, version);
            let fits = model.is_current(row, &etag);
            match at.replace(name(row), n, &etag).await {
                Ok(etag) => {
                    prop_assert!(fits, "replaced another version");
                    model.put(row, etag, n);
                }
                Err(error) => prop_assert!(matches!(error, StoreError::Stale) && !fits, "{error}"),
            }
        }
        Step::Delete(row, version) => {
            let etag = version.map(|version| model.etag(row, version));
            let fits = etag.as_ref().is_none_or(|etag| model.is_current(row, etag));
            match at.delete(name(row), etag.as_ref()).await {
                Ok(()) => {
                    prop_assert!(fits, "deleted another version");
                    model.forget(row);
                }
                Err(error) => prop_assert!(matches!(error, StoreError::Stale) && !fits, "{error}"),
            }
        }
        Step::Batch(parts) => batch(at, model, n, parts).await?,
        Step::Get(row) => {
            let found = at.get(name(row)).await.map_err(fail)?;
            let found = found.map(|found| (found.etag, found.entity));
            prop_assert_eq!(found, model.rows.get(&row).map(|(etag, n)| (etag.clone(), entity(*n))));
        }
        Step::Scan { from, to, limit } => {
            let range = RowRange {
                from: from.map(|row| name(row).to_owned()),
                to: to.map(|row| name(row).to_owned()),
            };
            let page = at.scan(range, limit).await.map_err(fail)?;
            let (rows, next) = expected(model, from, to, limit);
            prop_assert_eq!(contents(&page), rows);
            prop_assert_eq!(page.next, next.map(|row| name(row).to_owned()));
        }
    }
    Ok(())
}

async fn batch(at: &Place, model: &mut Model, n: i64, mut parts: Vec<Part>) -> Result<(), TestCaseError> {
    let mut named = Vec::new();
    parts.retain(|part| {
        let (Part::Insert(row) | Part::Put(row) | Part::Replace(row, _) | Part::Delete(row, _)) = part;
        let first = !named.contains(row);
        named.push(*row);
        first
    });
    let mut failure = None;
    let mut ops = Vec::new();
    for part in &parts {
        let (op, fits, lost) = match *part {
            Part::Insert(row) => {
                let op = Op::Insert { row: name(row).to_owned(), entity: entity(n) };
                (op, !model.rows.contains_key(&row), StoreError::Exists)
            }
            Part::Put(row) => {
                (Op::Put { row: name(row).to_owned(), entity: entity(n) }, true, StoreError::Exists)
            }
            Part::Replace(row, version) => {
                let etag = model.etag(row, version);
                let fits = model.is_current(row, &etag);
                (Op::Replace { row: name(row).to_owned(), entity: entity(n), etag }, fits, StoreError::Stale)
            }
            Part::Delete(row, version) => {
                let etag = model.etag(row, version);
                let fits = model.is_current(row, &etag);
                (Op::Delete { row: name(row).to_owned(), etag }, fits, StoreError::Stale)
            }
        };
        ops.push(op);
        if !fits && failure.is_none() {
            failure = Some(lost);
        }
    }
    let done = at.batch(ops).await;
    prop_assert_eq!(done.err().map(|error| error.to_string()), failure.as_ref().map(ToString::to_string));
    if failure.is_some() {
        return Ok(());
    }
    for part in parts {
        match part {
            Part::Insert(row) | Part::Put(row) | Part::Replace(row, _) => {
                let written = at.get(name(row)).await.map_err(fail)?;
                let etag =
                    written.map(|found| found.etag).ok_or_else(|| TestCaseError::fail("a row is missing"))?;
                model.put(row, etag, n);
            }
            Part::Delete(row, _) => model.forget(row),
        }
    }
    Ok(())
}

type Contents = Vec<(String, Etag, super::Entity)>;

fn contents(page: &Page) -> Contents {
    page.rows.iter().map(|row| (row.row.clone(), row.etag.clone(), row.entity.clone())).collect()
}

/// `ROWS` stand in byte order, so that indices compare as keys do.
fn expected(
    model: &Model,
    from: Option<usize>,
    to: Option<usize>,
    limit: usize,
) -> (Contents, Option<usize>) {
    let within = |row: &usize| from.is_none_or(|from| *row >= from) && to.is_none_or(|to| *row < to);
    let mut rows = model.rows.iter().filter(|(row, _)| within(row));
    let taken = rows.by_ref().take(limit);
    let contents = taken.map(|(row, (etag, n))| (name(*row).to_owned(), etag.clone(), entity(*n))).collect();
    (contents, rows.next().map(|(row, _)| *row))
}

fn fail(error: StoreError) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}
