use super::*;
use crate::clock::ManualClock;
use crate::store::conformance;
use crate::store::sqlite::options::SqliteOptions;
use rusqlite::Connection;
use serde_json::json;
use std::time::Duration;
use tempfile::TempDir;

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_600_000, 0).unwrap()))
}

fn open(path: &Path) -> SqliteTables {
    SqliteTables::open(path, clock()).unwrap()
}

fn text(length: usize) -> Entity {
    Entity::from_iter([("text".to_owned(), json!("x".repeat(length)))])
}

/// What a store that can't be opened says.
fn refusal(path: &Path) -> String {
    match SqliteTables::open(path, clock()) {
        Err(StoreError::Unusable(why)) => why.replace(path.parent().unwrap().to_str().unwrap(), "DIR"),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("opened"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conforms() {
    let dir = directory();
    conformance::run(Arc::new(open(&dir.path().join("ledger.db")))).await;
}

#[test]
fn agrees_with_a_map() {
    let dir = directory();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let tables: Arc<dyn Tables> = Arc::new(open(&dir.path().join("ledger.db")));
    conformance::model::agrees(&runtime, 64, || Arc::clone(&tables));
}

#[tokio::test]
async fn time_is_the_given_clocks() {
    let dir = directory();
    let tables = open(&dir.path().join("ledger.db"));
    assert_eq!(tables.now().await.unwrap(), clock().now());
}

#[tokio::test]
async fn rows_outlive_the_process_that_wrote_them() {
    let dir = directory();
    let path = dir.path().join("ledger.db");
    let etag = open(&path).insert(Table::Links, "p", "r", text(3)).await.unwrap();
    let found = open(&path).get(Table::Links, "p", "r").await.unwrap().unwrap();
    assert_eq!((found.etag, found.entity), (etag, text(3)));
}

#[tokio::test]
async fn several_processes_may_make_and_use_the_file_at_once() {
    let dir = directory();
    let path = dir.path().join("ledger.db");
    let stores: Vec<_> = std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| open(&path))).collect();
        opening.into_iter().map(|opened| opened.join().unwrap()).collect()
    });
    for (n, store) in stores.iter().enumerate() {
        store.insert(Table::Agenda, "p", &n.to_string(), Entity::new()).await.unwrap();
    }
    for store in &stores {
        assert_eq!(store.scan(Table::Agenda, "p", RowRange::all(), 100).await.unwrap().rows.len(), 8);
    }
}

#[tokio::test]
async fn a_read_does_not_wait_for_a_write() {
    let dir = directory();
    let path = dir.path().join("ledger.db");
    let tables = SqliteTables::open_with(
        &path,
        clock(),
        SqliteOptions { patience: Duration::from_millis(50), ..SqliteOptions::default() },
    )
    .unwrap();
    tables.insert(Table::Links, "p", "r", text(1)).await.unwrap();

    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; DELETE FROM links").unwrap();
    assert!(tables.get(Table::Links, "p", "r").await.unwrap().is_some(), "reads what is committed");
    let held = tables.insert(Table::Links, "p", "s", text(1)).await;
    assert!(matches!(held, Err(StoreError::Unavailable(_))), "{held:?}");
    other.execute_batch("ROLLBACK").unwrap();
    tables.insert(Table::Links, "p", "s", text(1)).await.unwrap();
}

#[tokio::test]
async fn a_dropped_write_is_whole_or_absent() {
    let dir = directory();
    let tables = open(&dir.path().join("ledger.db"));
    for n in 0..50 {
        let ops = (0..10).map(|k| Op::Insert { row: format!("{n:02}-{k}"), entity: text(100) }).collect();
        let write = tables.batch(Table::Links, "p", ops);
        // Polled once, then dropped: the write is left to itself.
        assert!(futures::poll!(std::pin::pin!(write)).is_pending());
    }
    tables.insert(Table::Links, "p", "last", Entity::new()).await.unwrap();
    for n in 0..50 {
        let range = RowRange::prefix(&format!("{n:02}-"));
        let found = tables.scan(Table::Links, "p", range, 100).await.unwrap().rows.len();
        assert!(found == 0 || found == 10, "{found} rows of a batch of 10");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_still_serves_reads() {
    let dir = directory();
    let path = dir.path().join("ledger.db");
    let full = SqliteOptions { max_pages: Some(40), ..SqliteOptions::default() };
    let tables = SqliteTables::open_with(&path, clock(), full).unwrap();
    let mut written = 0;
    let failure = loop {
        match tables.insert(Table::Links, "p", &format!("{written:03}"), text(4000)).await {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the limit does not hold");
    };
    let why = failure.to_string().replace(dir.path().to_str().unwrap(), "DIR");
    insta::assert_snapshot!(why, @"the store can't be used: the disk of DIR/ledger.db is full; make room on \
                                   it");

    let ops = vec![
        Op::Insert { row: "small".to_owned(), entity: Entity::new() },
        Op::Insert { row: "large".to_owned(), entity: text(30_000) },
    ];
    assert!(matches!(tables.batch(Table::Links, "p", ops).await, Err(StoreError::Unusable(_))));
    let rows = tables.scan(Table::Links, "p", RowRange::all(), 1000).await.unwrap().rows;
    assert_eq!(rows.len(), written, "all that was acknowledged, nothing of what failed");

    for row in rows.iter().take(5) {
        tables.delete(Table::Links, "p", &row.row, None).await.unwrap();
    }
    tables.insert(Table::Links, "p", "again", text(4000)).await.unwrap();
}

#[tokio::test]
async fn deleted_space_goes_back_to_the_file_system() {
    let dir = directory();
    let path = dir.path().join("ledger.db");
    let tables = open(&path);
    for n in 0..2 {
        for batch in 0..10 {
            let row = |k| format!("{n}-{batch}-{k}");
            let ops = (0..20).map(|k| Op::Insert { row: row(k), entity: text(32_000) }).collect();
            tables.batch(Table::Activity, "p", ops).await.unwrap();
        }
    }
    let pages = || -> i64 {
        Connection::open(&path).unwrap().query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap()
    };
    let before = pages();
    for row in tables.scan(Table::Activity, "p", RowRange::all(), 1000).await.unwrap().rows {
        tables.delete(Table::Activity, "p", &row.row, None).await.unwrap();
    }
    for _ in 0..300 {
        tables.delete(Table::Activity, "p", "nothing", None).await.unwrap();
    }
    let after = pages();
    assert!(before > 3000, "{before} pages filled");
    assert!(after < before / 2, "{after} of {before} pages left");
}

#[tokio::test]
async fn a_row_that_is_no_object_is_named() {
    let dir = directory();
    let path = dir.path().join("ledger.db");
    let tables = open(&path);
    for (row, json) in [("cut", "{\"n\":"), ("list", "[]")] {
        let sql = "INSERT INTO links VALUES ('p', ?1, 'e', ?2)";
        Connection::open(&path).unwrap().execute(sql, [row, json]).unwrap();
    }
    let mut said = Vec::new();
    for row in ["cut", "list"] {
        said.push(tables.get(Table::Links, "p", row).await.unwrap_err().to_string());
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    row links/p/cut can't be read: not JSON: EOF while parsing a value at line 1 column 5
    row links/p/list can't be read: not a JSON object
    ");
}

#[test]
fn what_can_not_be_opened_says_what_to_mend_and_is_left_alone() {
    type Make = fn(&Path);
    let cases: [(&str, &str, Make); 6] = [
        ("of another program", "theirs.db", |path| {
            Connection::open(path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
        }),
        ("a newer schema", "newer.db", |path| {
            drop(open(path));
            Connection::open(path).unwrap().pragma_update(None, "user_version", 2).unwrap();
        }),
        ("no database", "letter.db", |path| {
            std::fs::write(path, "a letter to the editor, ".repeat(100)).unwrap();
        }),
        ("a missing directory", "missing/none.db", |_| {}),
        ("a file for a directory", "file/ledger.db", |path| {
            std::fs::write(path.parent().unwrap(), "").unwrap();
        }),
        ("a directory for a file", "folder", |path| std::fs::create_dir(path).unwrap()),
    ];
    let mut said = Vec::new();
    for (what, name, make) in cases {
        let dir = directory();
        let path = dir.path().join(name);
        make(&path);
        let before = std::fs::read(&path).ok();
        said.push(format!("{what}: {}", refusal(&path)));
        assert_eq!(std::fs::read(&path).ok(), before, "{what}");
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    of another program: DIR/theirs.db is a database of another program; name another file
    a newer schema: DIR/newer.db was written by a newer version of regrets (schema 2; this one knows 1); use that version, or another file
    no database: DIR/letter.db is not an SQLite database; name another file, or move this one away
    a missing directory: the directory DIR is missing; make it, or name another file
    a file for a directory: DIR is not a directory; name another file
    a directory for a file: DIR/folder is a directory; name a file in it
    ");
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = directory();
    let path = dir.path().join("ledger.db");
    let _tables = open(&path);
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let mode = std::fs::metadata(dir.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} has mode {mode:o}");
    }
}
