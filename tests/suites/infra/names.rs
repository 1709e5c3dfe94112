//! Queues, tables and functions are called the same everywhere.

use crate::text::{all, read};
use regrets::functions::names::{NAMES, queue};
use regrets::store::Table;
use std::collections::BTreeSet;
use suites::checkout::root;

/// `infra/names.json`, which Bicep and `infra/verify` read, so that nobody has to write a name a second time.
fn page() -> String {
    let timers: Vec<&str> =
        NAMES.into_iter().filter(|name| function(name).contains("timerTrigger")).collect();
    let page = serde_json::json!({
        "functions": NAMES,
        "timers": timers,
        "queues": QUEUES,
        "poisonQueues": QUEUES.map(|name| format!("{name}-poison")),
        "tables": Table::ALL.map(Table::in_account),
    });
    format!("{}\n", serde_json::to_string_pretty(&page).unwrap())
}

fn function(name: &str) -> String {
    read(&format!("functions/{name}/function.json"))
}

const QUEUES: [&str; 4] = [queue::CHANGES, queue::MAILBOXES, queue::CANCELLATIONS, queue::SESSIONS];

#[test]
fn the_names_are_those_of_the_code() {
    if std::env::var_os("REGRETS_WRITE_PAGES").is_some() {
        std::fs::write(root().join("infra/names.json"), page()).unwrap();
    }
    assert!(
        read("infra/names.json") == page(),
        "write it anew: REGRETS_WRITE_PAGES=1 cargo test -p suites --test infra names"
    );
}

#[test]
fn the_queues_are_those_of_the_functions() {
    let bound: BTreeSet<String> =
        NAMES.iter().flat_map(|name| all(r#""queueName": "([^"]+)""#, &function(name))).collect();
    let poison =
        [queue::CHANGES_POISON, queue::MAILBOXES_POISON, queue::CANCELLATIONS_POISON, queue::SESSIONS_POISON];
    assert_eq!(QUEUES.map(|name| format!("{name}-poison")), poison);
    assert_eq!(bound, QUEUES.into_iter().chain(poison).map(str::to_owned).collect());
}

#[test]
fn templates_and_scripts_take_the_names_from_their_one_place() {
    let storage = read("infra/modules/storage.bicep");
    assert!(storage.contains("loadJsonContent('../names.json')"));
    for list in ["for queue in concat(names.queues, names.poisonQueues)", "for table in names.tables"] {
        assert!(storage.contains(list), "{list}");
    }
    // `verify` picks queues and tables by their name here and there, but has no list of its own.
    let script = read("infra/verify");
    for list in ["functions", "timers", "queues", "tables"] {
        assert!(script.contains(&format!("{list}=$(named {list})")), "{list}");
    }
    let known = [QUEUES.map(str::to_owned).to_vec(), Table::ALL.map(Table::in_account).to_vec()].concat();
    for name in all(r"\b(regrets-?[a-z]+)\b", &script.replace("regrets-state-keys", "")) {
        assert!(
            known.contains(&name) || ["regrets-", "regrets"].contains(&name.as_str()),
            "verify names {name}"
        );
    }
}

/// Somebody who looks for a table by the name that a document gives must find it.
#[test]
fn documents_call_tables_as_the_account_does() {
    for document in ["SECURITY.md", "infra/README.md", "infra/OPERATIONS.md"] {
        let text = read(document);
        for table in Table::ALL {
            for short in [format!("`{}`", table.name()), format!("table {}", table.name())] {
                assert!(!text.contains(&short), "{document} says {short}; it is {}", table.in_account());
            }
        }
    }
}

#[test]
fn the_host_reaches_storage_by_the_one_connection_that_is_set() {
    let settings = read("infra/modules/app.bicep");
    for name in NAMES {
        for connection in all(r#""connection": "([^"]+)""#, &read(&format!("functions/{name}/function.json")))
        {
            assert!(settings.contains(&format!("{connection}__accountName: ")), "{name}: {connection}");
            // Without these two a user-assigned identity is not found.
            assert!(
                settings.contains(&format!("{connection}__credential: 'managedidentity'")),
                "{name}: {connection}"
            );
            assert!(settings.contains(&format!("{connection}__clientId: ")), "{name}: {connection}");
        }
    }
}

#[test]
fn what_is_stored_is_told_table_by_table() {
    let told = all(r"(?m)^\| table `(\w+)` \|", &read("SECURITY.md"));
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), Table::ALL.map(Table::in_account).into());
}
