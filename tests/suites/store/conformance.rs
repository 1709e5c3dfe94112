//! Every store does the same: the checks and the random histories of [`regrets::store::conformance`].

use regrets::store::Tables;
use regrets::store::conformance::{model, run};
use simulator::azurite::Azurite;
use std::sync::Arc;
use suites::ledger::Ledger;
use tokio::runtime::Runtime;

fn conforms(cases: u32, make: impl Fn() -> Arc<dyn Tables>) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(run(make()));
    model::agrees(&runtime, cases, make);
}

#[test]
fn sqlite_conforms_and_agrees_with_a_map() {
    let dir = tempfile::tempdir().unwrap();
    let made = std::sync::atomic::AtomicUsize::new(0);
    conforms(16, || {
        let made = made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ledger::Sqlite(dir.path().join(format!("{made}.db"))).open().unwrap()
    });
}

#[test]
fn azure_tables_conform_and_agree_with_a_map() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let tables = Ledger::fresh_on(&azurite).open().unwrap();
    conforms(48, || Arc::clone(&tables));
}
