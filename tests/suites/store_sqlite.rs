//! The SQLite store across processes: killed at any instant, and on a file that may not be written.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use regrets::clock::SystemClock;
use regrets::store::{Entity, RowRange, SqliteTables, Table, Tables};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const ROUNDS: u64 = 20;
const WRITERS: [&str; 2] = ["a", "b"];

fn open(path: &Path) -> SqliteTables {
    SqliteTables::open(path, Arc::new(SystemClock)).unwrap()
}

async fn rows(tables: &SqliteTables, table: Table, partition: &str) -> BTreeSet<String> {
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

/// Starts both writers, kills each with SIGKILL after a random number of acknowledgements and a random moment more.
/// Returns the lines that each wrote.
fn run_and_kill(path: &Path, round: u64) -> Vec<(String, Vec<String>)> {
    std::thread::scope(|scope| {
        let running: Vec<_> = WRITERS
            .into_iter()
            .map(|writer| {
                scope.spawn(move || {
                    let mut random = StdRng::seed_from_u64(round * 100 + u64::from(writer.as_bytes()[0]));
                    let (lines, moment) = (random.random_range(1..60), random.random_range(0..3000));
                    let name = format!("{writer}{round:02}");
                    let mut child = Command::new(env!("CARGO_BIN_EXE_store_writer"))
                        .arg(path)
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
async fn a_kill_loses_nothing_acknowledged_and_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let zero = Entity::from_iter([("n".to_owned(), json!(0))]);
    open(&path).insert(Table::Connections, "shared", "counter", zero).await.unwrap();

    let mut acknowledged: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for round in 0..ROUNDS {
        eprintln!("seed {round}");
        for (name, lines) in run_and_kill(&path, round) {
            for line in lines {
                let (what, n) = line.split_once(' ').unwrap();
                let what = ["row", "batch", "count"].into_iter().find(|known| *known == what).unwrap();
                acknowledged.entry(what).or_default().insert(format!("{name}-{n}"));
            }
        }
        let tables = open(&path);
        let single = rows(&tables, Table::Activity, "rows").await;
        let lost: Vec<_> = acknowledged["row"].difference(&single).collect();
        assert!(lost.is_empty(), "seed {round} lost {lost:?}");

        let mut batches: BTreeMap<String, usize> = BTreeMap::new();
        for row in rows(&tables, Table::Enrolments, "batches").await {
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
        assert!((known..=known + unsaid).contains(&counted), "seed {round}: {counted} counted, {known} acknowledged");
    }
}

#[test]
fn conforms_and_agrees_with_a_map() {
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let made = AtomicUsize::new(0);
    let make = || -> Arc<dyn Tables> {
        Arc::new(open(&dir.path().join(format!("{}.db", made.fetch_add(1, Ordering::Relaxed)))))
    };
    runtime.block_on(regrets::store::conformance::run(make()));
    regrets::store::conformance::model::agrees(&runtime, 16, make);
}

/// As another user where this one is root, whom no mode stops.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_says_so() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;

    const NOBODY: u32 = 65_534;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    drop(open(&path));
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();

    // The build directory may be closed to other users.
    let program = dir.path().join("store_writer");
    std::fs::copy(env!("CARGO_BIN_EXE_store_writer"), &program).unwrap();
    let root = std::fs::metadata(dir.path()).unwrap().uid() == 0;
    if root {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let said = |path: &Path| {
        let mut command = Command::new(&program);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.arg(path).arg("a").output().unwrap();
        assert!(!output.status.success(), "the writer wrote");
        let text = String::from_utf8(output.stderr).unwrap();
        text.lines().next().unwrap_or_default().replace(dir.path().to_str().unwrap(), "DIR")
    };
    mode(&path, 0o400);
    insta::assert_snapshot!(said(&path), @"Error: the store can't be used: DIR/ledger.db can't be written; make it writable for this user");
    mode(&path, 0o000);
    insta::assert_snapshot!(said(&path), @"Error: the store can't be used: DIR/ledger.db can't be opened; make it and its directory readable and writable for this user");
    mode(&path, 0o600);
    mode(dir.path(), 0o555);
    insta::assert_snapshot!(said(&path), @"Error: the store can't be used: DIR/ledger.db can't be written; make it and its directory writable for this user");
    insta::assert_snapshot!(said(&dir.path().join("new.db")), @"Error: the store can't be used: DIR/new.db can't be opened; make it and its directory readable and writable for this user");
    mode(dir.path(), 0o755);
}
