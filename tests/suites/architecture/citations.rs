//! `handler/reference/<page>.md#<section>`, wherever it stands: the page is there, and has a heading of that
//! anchor.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use suites::checkout::{files, root};

/// How many were found, and which lead nowhere.
pub(crate) fn check() -> (usize, Vec<String>) {
    let pages = pages(&root().join("handler/reference"));
    let citation = Regex::new(r"\breference/([\w.-]+\.md)(?:#([\w-]+))?").unwrap();
    let (mut count, mut lost) = (0, Vec::new());
    for file in files("", &["rs", "md", "toml", "bicep"]) {
        let text = std::fs::read_to_string(&file).unwrap();
        for found in citation.captures_iter(&text) {
            count += 1;
            let is_there = pages.get(&found[1]).is_some_and(|sections| {
                found.get(2).is_none_or(|section| sections.contains(section.as_str()))
            });
            if !is_there {
                lost.push(format!("{}: {}", file.strip_prefix(root()).unwrap().display(), &found[0]));
            }
        }
    }
    (count, lost)
}

/// The sections of each page, as GitHub names their anchors.
fn pages(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let heading = Regex::new(r"(?m)^#+ (.+)$").unwrap();
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let sections = heading.captures_iter(&text).map(|found| anchor(&found[1])).collect();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), sections)
        })
        .collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c))
        .collect::<String>();
    kept.trim().replace(' ', "-")
}
