//! Writers that are killed at any instant: what was acknowledged is there, and no batch is there by half.

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use regrets::store::{Entity, RowRange, Table, Tables};
use serde_json::{Value, json};
use simulator::azurite::Azurite;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;
use suites::ledger::Ledger;

const ROUNDS: u64 = 20;
const WRITERS: [&str; 2] = ["a", "b"];

async fn rows(tables: &dyn Tables, table: Table, partition: &str) -> BTreeSet<String> {
    let (mut found, mut range) = (BTreeSet::new(), RowRange::all());
    loop {
        let page = tables.scan(table, partition, range, 1000).await.unwrap();
        found.extend(page.rows.into_iter().map(|row| row.row));
        match page.next {
            Some(next) => range = RowRange { from: Some(next), to: None },
            None => return found,
        }
    }
}

/// Starts both writers, kills each with SIGKILL after a random number of acknowledgements and a random moment
/// more. Returns the lines that each wrote.
fn run_and_kill(ledger: &Ledger, round: u64) -> Vec<(String, Vec<String>)> {
    std::thread::scope(|scope| {
        let running: Vec<_> = WRITERS
            .into_iter()
            .map(|writer| {
                scope.spawn(move || {
                    let mut random = StdRng::seed_from_u64(round * 100 + u64::from(writer.as_bytes()[0]));
                    let (lines, moment) = (random.random_range(1..60), random.random_range(0..3000));
                    let name = format!("{writer}{round:02}");
                    let mut child = Command::new(env!("CARGO_BIN_EXE_store_writer"))
                        .arg(ledger.to_string())
                        .arg(&name)
                        .stdout(Stdio::piped())
                        .spawn()
                        .unwrap();
                    let mut read = BufReader::new(child.stdout.take().unwrap()).lines();
                    let mut seen: Vec<String> = read.by_ref().take(lines).map(Result::unwrap).collect();
                    assert_eq!(seen.len(), lines, "the writer ended by itself");
                    std::thread::sleep(Duration::from_micros(moment));
                    child.kill().unwrap();
                    child.wait().unwrap();
                    seen.extend(read.map(Result::unwrap));
                    (name, seen)
                })
            })
            .collect();
        running.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

#[tokio::test]
async fn a_kill_loses_nothing_acknowledged_and_leaves_nothing_half_written_on_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    kill_again_and_again(&Ledger::Sqlite(dir.path().join("ledger.db")), ROUNDS).await;
}

/// The service outlives its client, so that nothing can be half written but by us: fewer rounds will do.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_nothing_acknowledged_and_leaves_nothing_half_written_on_azurite() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    kill_again_and_again(&Ledger::fresh_on(&azurite), 6).await;
}

async fn kill_again_and_again(ledger: &Ledger, rounds: u64) {
    let zero = Entity::from_iter([("n".to_owned(), json!(0))]);
    ledger.open().unwrap().insert(Table::Connections, "shared", "counter", zero).await.unwrap();

    let mut acknowledged: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for round in 0..rounds {
        eprintln!("seed {round}");
        for (name, lines) in run_and_kill(ledger, round) {
            for line in lines {
                let (what, n) = line.split_once(' ').unwrap();
                let what = ["row", "batch", "count"].into_iter().find(|known| *known == what).unwrap();
                acknowledged.entry(what).or_default().insert(format!("{name}-{n}"));
            }
        }
        let tables = ledger.open().unwrap();
        let single = rows(tables.as_ref(), Table::Activity, "rows").await;
        let lost: Vec<_> = acknowledged["row"].difference(&single).collect();
        assert!(lost.is_empty(), "seed {round} lost {lost:?}");

        let mut batches: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows(tables.as_ref(), Table::Enrolments, "batches").await {
            *batches.entry(row.rsplit_once('-').unwrap().0.to_owned()).or_default() += 1;
        }
        let torn: Vec<_> = batches.iter().filter(|(_, rows)| **rows != 5).collect();
        assert!(torn.is_empty(), "seed {round} left half a batch: {torn:?}");
        let lost: Vec<_> =
            acknowledged.entry("batch").or_default().iter().filter(|id| !batches.contains_key(*id)).collect();
        assert!(lost.is_empty(), "seed {round} lost {lost:?}");

        let counter = tables.get(Table::Connections, "shared", "counter").await.unwrap().unwrap();
        let counted = counter.entity.get("n").and_then(Value::as_u64).unwrap();
        let known = acknowledged.entry("count").or_default().len() as u64;
        // Each kill may hit between a write and its line.
        let unsaid = (round + 1) * WRITERS.len() as u64;
        assert!(
            (known..=known + unsaid).contains(&counted),
            "seed {round}: {counted} counted, {known} acknowledged"
        );
    }
}
