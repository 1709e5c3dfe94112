//! What `regrets --version` says beside the version: the commit and its date, so that a binary can be laid
//! beside its source.
//!
//! - One commit makes one text: nothing of the build's machine or day is in it.
//! - A source archive has no commit. "unknown" is said then, also where the archive lies in another
//!   repository.
//! - Nothing is built again for its sake, but that a release build follows a new commit. A development build
//!   asks anew when the source changes: what it says may be an older commit, of which the source is the same.

#![allow(clippy::print_stdout, reason = "Cargo reads what is printed")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the binary is made of, seen from this folder, as git names it.
const SOURCE: [&str; 4] = ["*.rs", "*.toml", "../Cargo.toml", "../Cargo.lock"];

/// What a hook of git says to the programs that it runs.
const OF_HOOKS: [&str; 3] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"];

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    for path in watched(&folder, is_release) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rustc-env=REGRETS_COMMIT={}", commit(&folder));
}

/// `6e386c0a4b1d 2026-11-29`, `6e386c0a4b1d 2026-11-29, with changes` or `commit unknown`.
pub(crate) fn commit(folder: &Path) -> String {
    // Somebody else's repository around an archive doesn't know this file.
    let is_ours = git(folder, &["ls-files", "--error-unmatch", "build.rs"]).is_some();
    let told = git(folder, &["log", "-1", "--no-show-signature", "--format=%H %cs"]).filter(|_| is_ours);
    let Some((hash, date)) = told.as_deref().and_then(|told| told.split_once(' ')) else {
        return "commit unknown".to_owned();
    };
    let status = ["--no-optional-locks", "status", "--porcelain", "--"];
    let changes = git(folder, &[status.as_slice(), SOURCE.as_slice()].concat());
    let changes = if changes.is_some_and(|changes| changes.is_empty()) { "" } else { ", with changes" };
    format!("{} {date}{changes}", hash.get(..12).unwrap_or(hash))
}

/// What Cargo looks at before it asks again. All of it is there: Cargo takes what is not for changed.
pub(crate) fn watched(folder: &Path, is_release: bool) -> Vec<PathBuf> {
    let mut paths = files(folder);
    paths.extend(["../Cargo.toml", "../Cargo.lock"].map(|path| folder.join(path)));
    if is_release {
        let branch = git(folder, &["symbolic-ref", "--quiet", "HEAD"]);
        for name in ["HEAD", "logs/HEAD"].into_iter().chain(branch.as_deref()) {
            paths.extend(git(folder, &["rev-parse", "--git-path", name]).map(|path| folder.join(path)));
        }
    }
    paths.retain(|path| path.exists());
    paths.sort();
    paths
}

/// Without the tests: who writes one waits for no other build.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path()) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name == "tests" || name == "testing" || name.ends_with("_tests") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs" || kind == "toml") {
            found.push(path);
        }
    }
    found
}

/// What git prints, without the last line's end; `None` where it fails or is not there.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    OF_HOOKS.iter().for_each(|name| {
        command.env_remove(name);
    });
    let output = command.current_dir(folder).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim_end().to_owned())
}
