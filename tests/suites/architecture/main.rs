//! The house is as its pages say: arrows between rooms, no circles of files, sizes, and what the comments
//! cite.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod circles;
mod citations;
mod columns;
mod page;
mod source;

use source::Source;
use std::collections::BTreeSet;
use suites::checkout::files;

/// A file longer than this holds more than one thing.
const LINES: usize = 400;

/// As in `.rustfmt.toml`, which leaves comments and texts as they are.
const COLUMNS: usize = 110;

/// The `src` of each crate that is built in, and how many files it has at least.
const HANDLER: (&str, usize) = ("handler/src", 250);
const BESIDE_IT: [(&str, usize); 2] = [("handler/local-host/src", 40), ("handler/storage-account/src", 2)];

fn crates() -> impl Iterator<Item = (&'static str, Source)> {
    [HANDLER].into_iter().chain(BESIDE_IT).map(|(folder, fewest)| (folder, Source::read(folder, fewest)))
}

/// `handler/ARCHITECTURE.md` has a table: room, what it is, may import.
#[test]
fn arrows_point_as_the_page_says() {
    let source = Source::read(HANDLER.0, HANDLER.1);
    let page = page::rooms();
    let rooms: BTreeSet<&str> = source.files().map(source::room).collect();
    let named: BTreeSet<&str> = page.keys().map(String::as_str).collect();
    assert_eq!(rooms, named, "rooms of the source (left) and of the page (right)");
    let against: Vec<String> = source
        .arrows()
        .filter(|(from, to)| {
            let (from, to) = (source::room(from), source::room(to));
            from != to && !page[from].allows(to)
        })
        .map(|(from, to)| format!("{from} imports {to}"))
        .collect();
    assert!(against.is_empty(), "against the page:\n{}", against.join("\n"));
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for (folder, source) in crates() {
        let left = circles::left(source.arrows());
        assert!(left.is_empty(), "{folder}: in a circle, or between two:\n{}", left.join("\n"));
    }
}

#[test]
fn no_file_is_longer_than_one_head_can_hold() {
    for (folder, source) in crates() {
        let long: Vec<String> = source
            .lengths()
            .filter(|(_, lines)| *lines > LINES)
            .map(|(file, lines)| format!("{file}: {lines} lines"))
            .collect();
        assert!(long.is_empty(), "{folder}: longer than {LINES} lines:\n{}", long.join("\n"));
    }
}

/// They are for whoever wants them: what a handler needs of them it says by options.
#[test]
fn the_crates_beside_the_handler_do_not_know_it() {
    for (folder, _) in BESIDE_IT {
        for file in files(folder.trim_end_matches("/src"), &["rs", "md", "json", "toml"]) {
            let text = std::fs::read_to_string(&file).unwrap().to_lowercase();
            assert!(!text.contains("regrets"), "{} names the handler", file.display());
        }
    }
}

/// Whoever wants a row asks its repository.
#[test]
fn nobody_but_the_repositories_names_a_table() {
    let source = Source::read(HANDLER.0, HANDLER.1);
    assert!(source.with(r"\bTable::").count() > 10, "the pattern finds nothing");
    let others: Vec<&str> = source
        .with(r"\b(Table|typed)::|\bledger\.tables\b")
        .filter(|file| !matches!(source::room(file), "ledger" | "store"))
        .collect();
    assert!(others.is_empty(), "name a table or a typed row:\n{}", others.join("\n"));
}

#[test]
fn the_names_of_queues_stand_in_one_place() {
    let source = Source::read(HANDLER.0, HANDLER.1);
    let named: Vec<&str> = source.with(r#""regrets-(changes|mailboxes|cancellations)"#).collect();
    assert_eq!(named, ["messages.rs"]);
}

#[test]
fn no_line_is_wider_than_a_window() {
    let mut wide = Vec::new();
    for file in ["handler", "infra/package", "tests"].iter().flat_map(|folder| files(folder, &["rs"])) {
        let text = std::fs::read_to_string(&file).unwrap();
        wide.extend(
            columns::wide(&text, COLUMNS).into_iter().map(|line| format!("{}:{line}", file.display())),
        );
    }
    assert!(wide.is_empty(), "wider than {COLUMNS} columns:\n{}", wide.join("\n"));
}

/// CONTRIBUTING.md#tests: a module and its tests are read apart.
#[test]
fn unit_tests_stand_in_a_file_of_their_own() {
    let inline: Vec<String> =
        ["handler", "infra/package", "tests/simulator", "tests/azurite", "tests/pretix"]
            .iter()
            .flat_map(|folder| files(folder, &["rs"]))
            .filter(|file| std::fs::read_to_string(file).unwrap().lines().any(|line| line == "mod tests {"))
            .map(|file| file.display().to_string())
            .collect();
    assert!(inline.is_empty(), "hold their tests themselves:\n{}", inline.join("\n"));
}

#[test]
fn every_citation_leads_to_a_section() {
    let (count, lost) = citations::check();
    assert!(count > 150, "only {count} citations were found");
    assert!(lost.is_empty(), "lead nowhere:\n{}", lost.join("\n"));
}
