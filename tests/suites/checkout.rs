//! The files of this checkout, for the suites that read them.

use std::path::{Path, PathBuf};

/// Where nobody writes by hand.
const MADE: [&str; 3] = ["target", "node_modules", ".git"];

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Every file of these kinds under a folder of the checkout, in order.
///
/// # Panics
/// There is none: whoever looks for nothing shows nothing.
pub fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let is = |extension: &&str| path.extension().is_some_and(|other| other == *extension);
            if path.is_dir() {
                if !MADE.iter().any(|made| path.ends_with(made)) {
                    folders.push(path);
                }
            } else if extensions.iter().any(is) {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no file of {extensions:?} under {folder}");
    found
}
