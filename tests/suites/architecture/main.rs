//! The house is as its pages say: arrows between rooms, no circles of files, sizes, and what the comments cite.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod circles;
mod citations;
mod page;
mod source;

use source::Source;
use std::collections::BTreeSet;

/// A file longer than this holds more than one thing.
const LINES: usize = 400;

/// `handler/ARCHITECTURE.md` has a table: room, what it is, may import.
#[test]
fn arrows_point_as_the_page_says() {
    let source = Source::read();
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
    let source = Source::read();
    let left = circles::left(source.arrows());
    assert!(left.is_empty(), "in a circle, or between two:\n{}", left.join("\n"));
}

#[test]
fn no_file_is_longer_than_one_head_can_hold() {
    let source = Source::read();
    let long: Vec<String> = source
        .lengths()
        .filter(|(_, lines)| *lines > LINES)
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "longer than {LINES} lines:\n{}", long.join("\n"));
}

#[test]
fn every_citation_leads_to_a_section() {
    let (count, lost) = citations::check();
    assert!(count > 150, "only {count} citations were found");
    assert!(lost.is_empty(), "lead nowhere:\n{}", lost.join("\n"));
}
