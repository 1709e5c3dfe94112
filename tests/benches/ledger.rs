//! What the ledger does in a second, on SQLite and on Azure Tables side by side, and what one decline asks of
//! it, which is the bill: the service is paid by the transaction.
//!
//! Azure Tables is Azurite on loopback: a real account answers in some milliseconds, and does more at once.
//! The rows are as large as an enrolment's. `one` is a single worker after another; `sixteen` are that many
//! side by side, in partitions of their own.
//!
//! A decline is counted in process, through the code that the functions call, from the hint that the
//! learner's copy is gone to the recorded outcome, with the default policy. `late` is one whose answer
//! reaches the organizer only after the first look.
//!
//! `cargo bench -p suites --bench ledger` takes about a minute. The last line is JSON.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod support {
    pub(crate) mod decline;
    pub(crate) mod deployment;
    pub(crate) mod recording;
}

use anyhow::{Context as _, Result};
use regrets::store::{Entity, Op, RowRange, StoreError, Table, Tables};
use serde_json::{Map, Value, json};
use simulator::azurite::Azurite;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use suites::ledger::Ledger;
use support::decline::{self, Steps};

/// Transactions of a decline that are aimed at.
const AIM: usize = 16;
/// How long each figure is measured.
const MEASURE: Duration = Duration::from_millis(1_500);

fn main() -> Result<()> {
    let runtime = regrets::cli::runtime::start()?;
    runtime.block_on(run())
}

async fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let sqlite = Ledger::Sqlite(folder.path().join("ledger.db")).open()?;
    let azurite = Azurite::start_or_skip()?;
    let azure = azurite.as_ref().map(|azurite| Ledger::fresh_on(azurite).open()).transpose()?;

    let mut summary = Map::new();
    println!("\n  {:<34}{:>12}{:>12}", "operations a second", "SQLite", "Azurite");
    for workers in [1_usize, 16] {
        for what in [Operation::Insert, Operation::Get, Operation::Replace, Operation::Batch, Operation::Scan]
        {
            let of_sqlite = rate(&sqlite, what, workers).await?;
            let of_azure = match &azure {
                Some(azure) => Some(rate(azure, what, workers).await?),
                None => None,
            };
            let name = format!("{} by {workers}", what.name());
            let shown = of_azure.map_or_else(|| "-".to_owned(), |rate| format!("{rate:.0}"));
            println!("  {name:<34}{of_sqlite:>12.0}{shown:>12}");
            let key = format!("{}_{}", what.key(), if workers == 1 { "one" } else { "sixteen" });
            summary.insert(key, json!({"sqlite": of_sqlite.round(), "azurite": of_azure.map(f64::round)}));
        }
    }

    for (name, late) in [("decline", false), ("late_decline", true)] {
        let ledger = match &azurite {
            Some(azurite) => Ledger::fresh_on(azurite),
            None => Ledger::Sqlite(folder.path().join(format!("{name}.db"))),
        };
        let steps = decline::one(ledger.open()?, late).await?;
        summary.insert(format!("transactions_per_{name}"), json!(show(name, &steps)));
    }
    summary.insert("aim".to_owned(), json!(AIM));
    println!("{}", Value::Object(summary));
    Ok(())
}

/// Prints the list. What is before the decline doesn't count; what a tick asks with nothing due is shown, for
/// it asks the same with a decline.
fn show(name: &str, steps: &Steps) -> usize {
    let total: usize = steps.iter().skip(decline::BEFORE).map(|(_, asked)| asked.len()).sum();
    println!("\n  {name}: {total} transactions");
    for (n, (step, asked)) in steps.iter().enumerate() {
        let counted = if n < decline::BEFORE { "not counted: " } else { "" };
        println!("    {counted}{step}: {}", asked.len());
        for one in asked.iter().filter(|_| n > 0) {
            println!("      {one}");
        }
    }
    total
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Insert,
    Get,
    Replace,
    Batch,
    Scan,
}

/// Rows of a batch, and of a page.
const BATCH: usize = 10;
const PAGE: usize = 100;

impl Operation {
    fn name(self) -> &'static str {
        match self {
            Operation::Insert => "inserts",
            Operation::Get => "point reads",
            Operation::Replace => "conditional replacements",
            Operation::Batch => "batches of 10",
            Operation::Scan => "pages of 100",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Operation::Insert => "insert",
            Operation::Get => "get",
            Operation::Replace => "replace",
            Operation::Batch => "batch_of_10",
            Operation::Scan => "page_of_100",
        }
    }
}

/// About what a decided enrolment takes.
fn entity(n: u64) -> Entity {
    let text = "a decided enrolment is about as long as this, or so ".repeat(2);
    Entity::from_iter([
        ("n".to_owned(), json!(n)),
        (
            "decision".to_owned(),
            json!({"verdict": "declined", "evidence": "organizer-copy", "by": text, "at": text}),
        ),
        ("link".to_owned(), json!({"partition": text, "row": text})),
        ("state".to_owned(), json!("waiting")),
        ("due".to_owned(), json!("2026-11-21T10:00:00.000Z")),
    ])
}

async fn rate(tables: &Arc<dyn Tables>, what: Operation, workers: usize) -> Result<f64> {
    let done = AtomicU64::new(0);
    let begin = Instant::now();
    let work = (0..workers).map(|_| worker(tables, what, &done, begin));
    futures::future::try_join_all(work).await?;
    Ok(done.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64())
}

async fn worker(tables: &Arc<dyn Tables>, what: Operation, done: &AtomicU64, begin: Instant) -> Result<()> {
    let table = Table::Enrolments;
    let partition = uuid::Uuid::new_v4().simple().to_string();
    let at = partition.as_str();
    let row = |n: u64| format!("{n:08}");
    match what {
        Operation::Insert => {
            again(done, begin, async |n| tables.insert(table, at, &row(n), entity(n)).await.map(|_| ())).await
        }
        Operation::Get => {
            tables.insert(table, at, "row", entity(0)).await?;
            again(done, begin, async |_| tables.get(table, at, "row").await.map(|_| ())).await
        }
        Operation::Replace => {
            let mut etag = tables.insert(table, at, "row", entity(0)).await?;
            while begin.elapsed() < MEASURE {
                etag = tables.replace(table, at, "row", entity(1), &etag).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        }
        Operation::Batch => {
            again(done, begin, async |n| {
                let ops = (0..BATCH)
                    .map(|m| Op::Insert { row: format!("{n:08}-{m}"), entity: entity(n) })
                    .collect();
                tables.batch(table, at, ops).await
            })
            .await
        }
        Operation::Scan => {
            let ops = (0..PAGE as u64).map(|n| Op::Insert { row: row(n), entity: entity(n) }).collect();
            tables.batch(table, at, ops).await?;
            again(done, begin, async |_| tables.scan(table, at, RowRange::all(), PAGE).await.map(|_| ()))
                .await
        }
    }
}

async fn again<F>(done: &AtomicU64, begin: Instant, operation: F) -> Result<()>
where
    F: AsyncFn(u64) -> Result<(), StoreError>,
{
    for n in 0.. {
        if begin.elapsed() > MEASURE {
            break;
        }
        operation(n).await.context("the ledger")?;
        done.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}
