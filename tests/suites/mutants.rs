//! The list of mutants stays in step with the code: each can still be placed, exactly once. Running them
//! takes too long for every change; see `tests/mutants/README.md`.

use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Mutant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    name: String,
    file: String,
    find: String,
    replace: String,
    find_too: Option<String>,
    replace_too: Option<String>,
}

#[test]
fn every_mutant_can_be_placed_exactly_once() {
    let root = suites::checkout::root();
    let text = std::fs::read_to_string(root.join("tests/mutants/list.toml")).unwrap();
    let list: List = toml::from_str(&text).unwrap();
    assert!(list.mutant.len() >= 100, "{} are left", list.mutant.len());
    let mut names = BTreeSet::new();
    let mut wrong = Vec::new();
    for Mutant { name, file, find, replace, find_too, replace_too } in &list.mutant {
        if !names.insert(name) {
            wrong.push(format!("{name}: two are called so"));
        }
        let Ok(code) = std::fs::read_to_string(root.join(file)) else {
            wrong.push(format!("{name}: there is no {file}"));
            continue;
        };
        let mut edits = vec![(find, replace)];
        match (find_too, replace_too) {
            (Some(find), Some(replace)) => edits.push((find, replace)),
            (None, None) => {}
            (Some(_), None) | (None, Some(_)) => {
                wrong.push(format!("{name}: one half of the second edit is missing"))
            }
        }
        for (find, replace) in edits {
            let times = code.matches(find.as_str()).count();
            if times != 1 {
                wrong.push(format!("{name}: `{find}` occurs {times} times in {file}"));
            }
            if find == replace {
                wrong.push(format!("{name}: it changes nothing"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
