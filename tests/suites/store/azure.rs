//! What only Azure Tables can do, and suffer.

use chrono::Utc;
use regrets::clock::SystemClock;
use regrets::config::StorageAccount;
use regrets::store::rules::{PAGE_ROWS, STRING_UTF16_UNITS};
use regrets::store::{AzureTables, Entity, Op, RowRange, StoreError, Table, Tables};
use serde_json::json;
use simulator::azurite::Azurite;
use std::collections::BTreeSet;
use std::sync::Arc;
use suites::ledger::Ledger;

fn one(n: usize) -> Entity {
    Entity::from_iter([("n".to_owned(), json!(n))])
}

fn inserts(rows: impl Iterator<Item = usize>, entity: impl Fn(usize) -> Entity) -> Vec<Op> {
    rows.map(|n| Op::Insert { row: format!("{n:05}"), entity: entity(n) }).collect()
}

/// Many workers meet an account without any table, as after a deployment.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_writers_make_the_tables_together() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let ledger = Ledger::fresh_on(&azurite);
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..24 {
        let ledger = ledger.clone();
        writers.spawn(async move {
            // As if each were a process of its own.
            let tables = ledger.open().unwrap();
            let table = Table::ALL[n % Table::ALL.len()];
            if n % 2 == 0 {
                tables.insert(table, "p", &format!("{n:05}"), one(n)).await.map(|_| ())
            } else {
                tables.batch(table, "p", inserts(n..=n, one)).await
            }
        });
    }
    while let Some(written) = writers.join_next().await {
        written.unwrap().unwrap();
    }
    let tables = ledger.open().unwrap();
    for table in Table::ALL {
        let rows = tables.scan(table, "p", RowRange::all(), 100).await.unwrap().rows;
        assert_eq!(rows.len(), 24 / Table::ALL.len(), "{table:?}");
    }
}

/// The service gives at most a thousand rows at a time, and a token for the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_partition_is_read_to_its_end_however_long_it_is() {
    const ROWS: usize = 2 * PAGE_ROWS + 150;
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let tables = Ledger::fresh_on(&azurite).open().unwrap();
    for first in (0..ROWS).step_by(100) {
        tables.batch(Table::Links, "p", inserts(first..(first + 100).min(ROWS), one)).await.unwrap();
    }
    for limit in [PAGE_ROWS - 1, PAGE_ROWS] {
        let (mut seen, mut pages, mut range) = (BTreeSet::new(), 0, RowRange::all());
        loop {
            let page = tables.scan(Table::Links, "p", range, limit).await.unwrap();
            assert!(page.rows.len() <= limit);
            pages += 1;
            for row in page.rows {
                assert!(seen.insert(row.row.clone()), "{} came twice", row.row);
            }
            match page.next {
                Some(next) => range = RowRange { from: Some(next), to: None },
                None => break,
            }
        }
        assert_eq!((seen.len(), pages), (ROWS, 3), "in pages of {limit}");
    }
}

/// One megabyte a row and four a batch are what the service takes.
#[tokio::test(flavor = "multi_thread")]
async fn the_largest_batch_goes_in_and_comes_back() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let tables = Ledger::fresh_on(&azurite).open().unwrap();
    let text = "x".repeat(STRING_UTF16_UNITS);
    let large = |_| Entity::from_iter((0..15).map(|n| (format!("p{n:02}"), json!(text))));
    tables.batch(Table::Links, "p", inserts(0..4, large)).await.unwrap();
    let page = tables.scan(Table::Links, "p", RowRange::all(), 10).await.unwrap();
    assert!(page.rows.len() == 4 && page.rows.iter().all(|row| row.entity == large(0)));
}

/// The answer to such a batch looks like success from outside; the rows tell.
#[tokio::test(flavor = "multi_thread")]
async fn one_stale_version_undoes_a_whole_batch() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let tables = Ledger::fresh_on(&azurite).open().unwrap();
    tables.batch(Table::Enrolments, "p", inserts(0..20, one)).await.unwrap();
    let before = tables.scan(Table::Enrolments, "p", RowRange::all(), 100).await.unwrap().rows;
    tables.replace(Table::Enrolments, "p", "00013", one(99), &before[13].etag).await.unwrap();
    let now = tables.scan(Table::Enrolments, "p", RowRange::all(), 100).await.unwrap();

    let replace = |n: usize| {
        let row = &before[n];
        Op::Replace { row: row.row.clone(), entity: one(n + 1000), etag: row.etag.clone() }
    };
    let mut ops: Vec<Op> = (0..20).map(replace).collect();
    let failed = tables.batch(Table::Enrolments, "p", ops.clone()).await;
    assert!(matches!(failed, Err(StoreError::Stale)), "{failed:?}");
    assert_eq!(tables.scan(Table::Enrolments, "p", RowRange::all(), 100).await.unwrap(), now);
    ops.remove(13);
    tables.batch(Table::Enrolments, "p", ops).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_told_and_a_wrong_key_is_named() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let tables = Ledger::fresh_on(&azurite).open().unwrap();
    let off = (tables.now().await.unwrap() - Utc::now()).num_milliseconds();
    assert!(off.abs() < 1_500, "{off} ms off on the same machine");

    let endpoint = azurite.table_endpoint();
    let text = format!("AccountName=devstoreaccount1;AccountKey=d3Jvbmc=;TableEndpoint={endpoint}");
    let account = StorageAccount::from_connection_string(&text).unwrap();
    let strangers = AzureTables::open(&account, Arc::new(SystemClock)).unwrap();
    let refused = strangers.get(Table::Links, "p", "r").await.unwrap_err().to_string();
    assert!(refused.contains("AccountKey in AzureWebJobsStorage"), "{refused}");
}

/// Nobody wants emulators of past runs to go on.
#[tokio::test(flavor = "multi_thread")]
async fn azurite_ends_with_whoever_started_it() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let address =
        azurite.table_endpoint().trim_start_matches("http://").split('/').next().unwrap().to_owned();
    assert!(std::net::TcpStream::connect(&address).is_ok());
    drop(azurite);
    assert!(std::net::TcpStream::connect(&address).is_err(), "it goes on listening at {address}");
}
