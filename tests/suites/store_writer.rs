//! `store_writer <ledger> <name>`: writes to a ledger without end and says what was acknowledged, until it is
//! killed.
//!
//! Each round: a row of its own, a batch of [`BATCH`] rows, one more on the shared counter; a line `ack
//! <round>` on stdout after all three are acknowledged, and `row`, `batch` before it.

use anyhow::{Context as _, bail};
use regrets::store::{Entity, Op, Table, Tables};
use serde_json::{Value, json};
use std::io::Write as _;
use suites::ledger::Ledger;

const BATCH: usize = 5;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(ledger), Some(name)) = (arguments.next(), arguments.next()) else {
        bail!("usage: store_writer <ledger> <name>");
    };
    let tables = ledger.parse::<Ledger>()?.open()?;
    // Enough that a batch does not fit one page: half of it might be on the disk.
    let entity = || Entity::from_iter([("text".to_owned(), json!("x".repeat(3000)))]);
    for round in 0_u32.. {
        tables.insert(Table::Activity, "rows", &format!("{name}-{round}"), entity()).await?;
        acknowledge("row", round)?;
        let row = |n| format!("{name}-{round}-{n}");
        let ops = (0..BATCH).map(|n| Op::Insert { row: row(n), entity: entity() }).collect();
        tables.batch(Table::Enrolments, "batches", ops).await?;
        acknowledge("batch", round)?;
        count(tables.as_ref()).await?;
        acknowledge("count", round)?;
    }
    Ok(())
}

async fn count(tables: &dyn Tables) -> anyhow::Result<()> {
    loop {
        let row = tables.get(Table::Connections, "shared", "counter").await?.context("no counter")?;
        let n = row.entity.get("n").and_then(Value::as_u64).context("a counter without a number")?;
        let next = Entity::from_iter([("n".to_owned(), json!(n + 1))]);
        match tables.replace(Table::Connections, "shared", "counter", next, &row.etag).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_lost_race() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

fn acknowledge(what: &str, round: u32) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{what} {round}")?;
    Ok(out.flush()?)
}
