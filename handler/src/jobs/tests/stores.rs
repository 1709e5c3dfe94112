//! The ledger's properties, its races and its kills once more, on the stores that it is kept in outside of
//! tests.

use super::{kills, oracle};
use crate::clock::SystemClock;
use crate::config::StorageAccount;
use crate::jobs::testing::stores::on;
use crate::store::azure_tables::AzureOptions;
use crate::store::{AzureTables, Tables};
use azurite::Azurite;
use std::sync::{Arc, LazyLock};

fn all(tests: &[fn()]) {
    for test in tests {
        test();
    }
}

/// Tables of their own for each world, in one account.
fn on_azurite(work: impl FnOnce()) {
    // Ends with this process.
    static AZURITE: LazyLock<Option<Azurite>> = LazyLock::new(|| Azurite::start_or_skip().unwrap());
    let Some(azurite) = &*AZURITE else { return };
    let account = StorageAccount::from_connection_string(&azurite.connection_string()).unwrap();
    let make = move || {
        let prefix = format!("t{}", uuid::Uuid::new_v4().simple());
        let options = AzureOptions { prefix, ..AzureOptions::default() };
        Arc::new(AzureTables::open_with(&account, Arc::new(SystemClock), options).unwrap()) as Arc<dyn Tables>
    };
    on(make, work);
}

/// A file of their own for each world.
#[cfg(feature = "local")]
fn on_sqlite(work: impl FnOnce()) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let make = move || {
        let file = path.join(uuid::Uuid::new_v4().simple().to_string());
        Arc::new(crate::store::SqliteTables::open(file, Arc::new(SystemClock)).unwrap()) as Arc<dyn Tables>
    };
    on(make, work);
}

/// Whoever adds a property or a kill finds out here that it has to hold on the real stores, too.
#[test]
fn none_is_left_out() {
    let sources = [
        include_str!("oracle/mod.rs"),
        include_str!("observe/order.rs"),
        include_str!("observe/interleaving.rs"),
        include_str!("kills/cancel.rs"),
        include_str!("kills/consent.rs"),
        include_str!("kills/observe.rs"),
        include_str!("kills/operate.rs"),
        include_str!("kills/watch.rs"),
        include_str!("refresh_tokens.rs"),
    ];
    let written: usize = sources
        .iter()
        .flat_map(|source| ["#[test]", "#[tokio::test("].map(|it| source.matches(it).count()))
        .sum();
    let there = [
        oracle::ALL,
        crate::jobs::tests::observe::order::ALL,
        super::observe::interleaving::ALL,
        super::refresh_tokens::ALL,
        &kills::ALL.concat(),
    ]
    .concat();
    assert_eq!(there.len(), written);
}

macro_rules! tests {
    ($($name:ident, $tests:expr;)*) => {
        mod azure_tables {
            $(#[test]
            fn $name() {
                super::on_azurite(|| super::all($tests));
            })*
        }

        #[cfg(feature = "local")]
        mod sqlite {
            $(#[test]
            fn $name() {
                super::on_sqlite(|| super::all($tests));
            })*
        }
    };
}

tests! {
    the_ledger_is_what_the_rules_say, super::oracle::ALL;
    hints_come_in_any_order, crate::jobs::tests::observe::order::ALL;
    refresh_tokens_are_kept, crate::jobs::tests::refresh_tokens::ALL;
    workers_take_turns, crate::jobs::tests::observe::interleaving::ALL;
    whatever_is_killed_heals, &super::kills::ALL.concat();
}
