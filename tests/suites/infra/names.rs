//! Queues, tables and functions are called the same everywhere.

use crate::text::{all, inside, read, words};
use regrets::functions::names::{NAMES, queue};
use regrets::store::Table;
use std::collections::BTreeSet;

fn list(head: &str) -> BTreeSet<String> {
    words(&inside(&read("infra/modules/storage.bicep"), head)).into_iter().collect()
}

#[test]
fn the_queues_are_those_of_the_functions() {
    let bound: BTreeSet<String> = NAMES
        .iter()
        .flat_map(|name| all(r#""queueName": "([^"]+)""#, &read(&format!("functions/{name}/function.json"))))
        .collect();
    let known = [
        queue::CHANGES,
        queue::CHANGES_POISON,
        queue::MAILBOXES,
        queue::MAILBOXES_POISON,
        queue::CANCELLATIONS,
        queue::CANCELLATIONS_POISON,
    ];
    assert_eq!(bound, known.map(str::to_owned).into());
    assert_eq!(list("var queueNames = ["), bound);
}

#[test]
fn the_tables_are_those_of_the_ledger() {
    assert_eq!(list("var tableNames = ["), Table::ALL.map(|table| table.name().to_owned()).into());
}

/// Which are triggered by what is read off `functions/`; the script must know them all.
#[test]
fn verify_knows_every_function_queue_and_table() {
    let script = read("infra/verify");
    let line = |name: &str| -> BTreeSet<String> {
        let found = all(&format!(r"(?m)^{name}='([^']+)'"), &script);
        assert_eq!(found.len(), 1, "{name}");
        found[0].split(' ').map(str::to_owned).collect()
    };
    assert_eq!(line("functions"), NAMES.map(str::to_owned).into());
    assert_eq!(line("tables"), Table::ALL.map(|table| table.name().to_owned()).into());
    let timers: BTreeSet<String> = NAMES
        .iter()
        .filter(|name| read(&format!("functions/{name}/function.json")).contains("timerTrigger"))
        .map(|name| (*name).to_owned())
        .collect();
    assert_eq!(line("timers"), timers);
    assert_eq!(line("queues"), [queue::CHANGES, queue::MAILBOXES, queue::CANCELLATIONS].map(str::to_owned).into());
}

#[test]
fn the_host_reaches_storage_by_the_one_connection_that_is_set() {
    let settings = read("infra/modules/app.bicep");
    for name in NAMES {
        for connection in all(r#""connection": "([^"]+)""#, &read(&format!("functions/{name}/function.json"))) {
            assert!(settings.contains(&format!("{connection}__accountName: ")), "{name}: {connection}");
            // Without these two a user-assigned identity is not found.
            assert!(settings.contains(&format!("{connection}__credential: 'managedidentity'")), "{name}: {connection}");
            assert!(settings.contains(&format!("{connection}__clientId: ")), "{name}: {connection}");
        }
    }
}

#[test]
fn what_is_stored_is_told_table_by_table() {
    let told = all(r"(?m)^\| table `(\w+)` \|", &read("SECURITY.md"));
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), Table::ALL.map(|table| table.name().to_owned()).into());
}
