//! The files of a crate that run, and which imports which, read off their `use` lines. A re-export is looked
//! through to what it gives.

use regex::Regex;
use std::collections::BTreeMap;
use suites::checkout;

/// Segments below `crate`.
type Module = Vec<String>;

struct Use {
    /// Of the file it stands in.
    module: Module,
    is_public: bool,
    /// Below `crate`.
    path: Module,
    /// Under which name, where it is public.
    name: String,
}

pub(crate) struct Source {
    /// Paths below the crate's `src`, by module.
    files: BTreeMap<Module, String>,
    lines: BTreeMap<String, usize>,
    /// Without the tests that stand in them.
    texts: BTreeMap<String, String>,
    uses: Vec<Use>,
}

/// The folder a file is in, or `root`.
pub(crate) fn room(file: &str) -> &str {
    file.split_once('/').map_or("root", |(room, _)| room)
}

/// Tests and what they stand on: not part of the house.
fn is_test(path: &str) -> bool {
    let is_one = |part: &str| part == "tests" || part == "testing" || part == "conformance";
    path.split('/').any(|part| {
        let name = part.trim_end_matches(".rs");
        is_one(name) || name.ends_with("_tests") || name.ends_with("_conformance")
    })
}

impl Source {
    /// `folder` is the crate's `src`, and has more files than `fewest`.
    pub(crate) fn read(folder: &str, fewest: usize) -> Self {
        let root = checkout::root().join(folder);
        let (mut files, mut lines, mut texts) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for path in checkout::files(folder, &["rs"]) {
            let file = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            if is_test(&file) || file == "main.rs" {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let module = module_of(&file);
            lines.insert(file.clone(), text.lines().count());
            texts.push((module.clone(), text));
            files.insert(module, file);
        }
        assert!(files.len() > fewest, "only {} files were found in {folder}", files.len());
        let mut uses = Vec::new();
        for (module, text) in &texts {
            uses.extend(uses_of(module, text, &files));
        }
        let texts = texts.into_iter().map(|(module, text)| {
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            (files[&module].clone(), code.to_owned())
        });
        Self { lines, uses, texts: texts.collect(), files }
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.values().map(String::as_str)
    }

    /// The files in which something of this pattern stands.
    pub(crate) fn with(&self, pattern: &str) -> impl Iterator<Item = &str> {
        let pattern = Regex::new(pattern).unwrap();
        self.texts.iter().filter(move |(_, text)| pattern.is_match(text)).map(|(file, _)| file.as_str())
    }

    /// Of each file, with the tests that stand in it.
    pub(crate) fn lengths(&self) -> impl Iterator<Item = (&str, usize)> {
        self.lines.iter().map(|(file, lines)| (file.as_str(), *lines))
    }

    /// Who imports from whom. Who only hands on what another has is no end of an arrow.
    pub(crate) fn arrows(&self) -> impl Iterator<Item = (&str, &str)> {
        self.uses
            .iter()
            .filter(|one| !one.is_public)
            .map(|one| (self.files[&one.module].as_str(), self.origin(&one.path, 0)))
            .filter(|(from, to)| from != to)
    }

    /// The file that has what this path names.
    fn origin(&self, path: &[String], depth: usize) -> &str {
        assert!(depth < 32, "{path:?} is handed on in a circle");
        let known = (0..=path.len()).rev().find(|n| self.files.contains_key(&path[..*n])).unwrap_or_default();
        let (module, rest) = path.split_at(known);
        let handed_on = rest.first().and_then(|name| {
            self.uses.iter().find(|one| one.is_public && one.module == module && one.name == *name)
        });
        match handed_on {
            Some(one) => self.origin(&[&one.path[..], &rest[1..]].concat(), depth + 1),
            None => self.files[module].as_str(),
        }
    }
}

fn module_of(file: &str) -> Module {
    let mut module: Module = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|last| last == "mod" || last == "lib") {
        module.pop();
    }
    module
}

fn uses_of(module: &[String], text: &str, files: &BTreeMap<Module, String>) -> Vec<Use> {
    let statement = Regex::new(r"(?m)^(pub(?:\([a-z]+\))? )?use ([^;]+);").unwrap();
    let mut uses = Vec::new();
    for found in statement.captures_iter(text) {
        let mut leaves = Vec::new();
        let tree: String = found[2].split_whitespace().collect::<Vec<_>>().join(" ");
        spread(&tree, &[], &mut leaves);
        for (path, name) in leaves {
            if let Some(path) = below_crate(module, path, files) {
                uses.push(Use { module: module.to_vec(), is_public: found.get(1).is_some(), path, name });
            }
        }
    }
    uses
}

/// `a::{b, c::d as e}` as `a::b` and `a::c::d`, the second under the name `e`.
fn spread(tree: &str, before: &[String], leaves: &mut Vec<(Module, String)>) {
    if let Some((path, group)) = tree.split_once('{') {
        let before = [before, &segments(path)].concat();
        for one in split(group.trim().trim_end_matches('}')) {
            spread(one, &before, leaves);
        }
        return;
    }
    let (path, name) =
        tree.split_once(" as ").unwrap_or((tree, tree.rsplit("::").next().unwrap_or_default()));
    let path: Module = [before, &segments(path)].concat().into_iter().filter(|part| part != "*").collect();
    match path.split_last() {
        Some((last, before)) if last == "self" && !before.is_empty() => {
            leaves.push((before.to_vec(), before.last().cloned().unwrap_or_default()));
        }
        Some(_) | None => leaves.push((path, name.to_owned())),
    }
}

fn segments(path: &str) -> Module {
    path.split("::").map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// At the commas that are in no inner group.
fn split(group: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(group[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(group[from..].trim());
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// `None`: of another crate.
fn below_crate(module: &[String], path: Module, files: &BTreeMap<Module, String>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let ups = path.iter().take_while(|part| *part == "super").count();
            Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat())
        }
        name => {
            let child = [module, &[name.to_owned()]].concat();
            files.contains_key(&child).then(|| [module, &path].concat())
        }
    }
}

#[test]
fn a_tree_of_imports_is_spread() {
    let mut leaves = Vec::new();
    spread("a::{self, b::{C, d::E as F}, g::*}", &[], &mut leaves);
    let told: Vec<String> = leaves.iter().map(|(path, name)| format!("{} {name}", path.join("::"))).collect();
    assert_eq!(told, ["a a", "a::b::C C", "a::b::d::E F", "a::g *"]);
}
