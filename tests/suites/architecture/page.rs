//! The table of rooms in `handler/ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};
use suites::checkout::root;

pub(crate) struct MayImport {
    all: bool,
    rooms: BTreeSet<String>,
}

impl MayImport {
    pub(crate) fn allows(&self, room: &str) -> bool {
        self.all || self.rooms.contains(room)
    }
}

/// By room, as `source::room` names it.
pub(crate) fn rooms() -> BTreeMap<String, MayImport> {
    let page = std::fs::read_to_string(root().join("handler/ARCHITECTURE.md")).unwrap();
    let (_, table) = page.split_once("| room | what it is | may import |\n|---|---|---|\n").unwrap();
    table
        .lines()
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
            let [room, _, imports] = cells[..] else { panic!("{line} has not three cells") };
            let words =
                imports.split(|c: char| !c.is_ascii_lowercase() && c != '_').filter(|word| !word.is_empty());
            let rooms: BTreeSet<String> = words.map(str::to_owned).collect();
            let room = room.trim_matches('`').trim_end_matches('/').to_owned();
            (room, MayImport { all: rooms.contains("all"), rooms })
        })
        .collect()
}
