//! The build script, on repositories of its own, and what the command says.

#[allow(dead_code, reason = "Cargo runs its main")]
#[path = "../../build.rs"]
mod build;

use build::{commit, watched};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const UNKNOWN: &str = "commit unknown";

/// `None` where there is no git; in CI there is.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    command
        .args(["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always"])
        .args(arguments);
    command
        .env("GIT_COMMITTER_DATE", "2026-11-21T23:30:00+02:00")
        .env("GIT_CONFIG_GLOBAL", folder.join("none"));
    let Ok(output) = command.current_dir(folder).output() else {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "git is missing");
        return None;
    };
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The folders of a workspace, and `handler` in it.
fn archive(root: &Path) -> PathBuf {
    let handler = root.join("handler");
    fs::create_dir_all(handler.join("src")).unwrap();
    for file in [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "handler/build.rs",
        "handler/Cargo.toml",
        "handler/src/lib.rs",
    ] {
        fs::write(root.join(file), file).unwrap();
    }
    handler
}

fn checkout() -> Option<(TempDir, PathBuf)> {
    let root = tempfile::tempdir().unwrap();
    let handler = archive(root.path());
    git(root.path(), &["init", "--quiet"])?;
    git(root.path(), &["add", "."])?;
    git(root.path(), &["commit", "--quiet", "--message", "One"])?;
    Some((root, handler))
}

#[test]
fn a_checkout_a_clone_and_a_work_tree_say_the_same_commit_and_its_date() {
    let Some((root, handler)) = checkout() else { return };
    let hash = git(root.path(), &["rev-parse", "HEAD"]).unwrap();
    let expected = format!("{} 2026-11-21", &hash[..12]);
    assert_eq!(commit(&handler), expected);
    let others = tempfile::tempdir().unwrap();
    let origin = format!("file://{}", root.path().display());
    git(others.path(), &["clone", "--quiet", "--depth", "1", &origin, "clone"]);
    assert_eq!(commit(&others.path().join("clone/handler")), expected);
    let tree = others.path().join("tree");
    git(root.path(), &["worktree", "add", "--quiet", "--detach", &tree.display().to_string()]);
    assert_eq!(commit(&tree.join("handler")), expected);
}

#[test]
fn a_source_archive_has_no_commit_not_even_in_the_repository_of_another() {
    let outer = tempfile::tempdir().unwrap();
    let handler = archive(&outer.path().join("archive"));
    assert_eq!(commit(&handler), UNKNOWN);
    assert_eq!(
        git(outer.path(), &["init", "--quiet"]).map(|_| commit(&handler)).as_deref().unwrap_or(UNKNOWN),
        UNKNOWN
    );
    fs::write(outer.path().join("other"), "other").unwrap();
    git(outer.path(), &["add", "other"]);
    git(outer.path(), &["commit", "--quiet", "--message", "Other"]);
    assert_eq!(commit(&handler), UNKNOWN);
    let before = watched(&handler, false);
    assert_eq!(before.len(), 5, "{before:?}");
    fs::create_dir_all(handler.join("src/tests")).unwrap();
    for test in ["src/tests/one.rs", "src/tests.rs", "src/lib_tests.rs", "README.md"] {
        fs::write(handler.join(test), "").unwrap();
    }
    assert_eq!(watched(&handler, false), before, "a test or a page is watched");
}

#[test]
fn a_changed_source_is_told_and_what_is_not_in_the_binary_is_not() {
    let Some((root, handler)) = checkout() else { return };
    let clean = commit(&handler);
    fs::write(root.path().join("README.md"), "changed").unwrap();
    assert_eq!(commit(&handler), clean);
    for (file, back) in [
        ("handler/src/lib.rs", "handler/src/lib.rs"),
        ("handler/src/new.rs", ""),
        ("Cargo.lock", "Cargo.lock"),
    ] {
        let path = root.path().join(file);
        fs::write(&path, "changed").unwrap();
        assert_eq!(commit(&handler), format!("{clean}, with changes"), "{file}");
        if back.is_empty() {
            fs::remove_file(path).unwrap()
        } else {
            fs::write(path, back).unwrap()
        }
        assert_eq!(commit(&handler), clean, "{file}");
    }
}

/// Cargo builds anew when a watched path is not there, or when it changed.
#[test]
fn a_release_build_follows_a_commit_and_a_development_build_the_source_alone() {
    let Some((root, handler)) = checkout() else { return };
    let dot_git = fs::canonicalize(root.path().join(".git")).unwrap();
    let of_git = |is_release| -> Vec<PathBuf> {
        let paths = watched(&handler, is_release);
        assert!(paths.iter().all(|path| path.exists()), "{paths:?}");
        let real = paths.iter().map(|path| fs::canonicalize(path).unwrap());
        real.filter(|path| path.starts_with(&dot_git)).collect()
    };
    assert_eq!(of_git(false), Vec::<PathBuf>::new());
    for is_packed in [false, true] {
        if is_packed {
            // Such a branch has no file of its own.
            git(root.path(), &["pack-refs", "--all"]);
        }
        let paths = of_git(true);
        let texts =
            || -> Vec<Option<String>> { paths.iter().map(|path| fs::read_to_string(path).ok()).collect() };
        let before = texts();
        git(root.path(), &["commit", "--quiet", "--allow-empty", "--message", "Two"]);
        assert_ne!(texts(), before, "{is_packed}");
    }
}

#[test]
fn the_command_says_version_commit_and_date() {
    let told =
        super::super::parse(["regrets", "--version"].map(Into::into).into_iter()).unwrap_err().to_string();
    let form =
        r"^regrets \d+\.\d+\.\d+ \((commit unknown|[0-9a-f]{12} \d{4}-\d\d-\d\d(, with changes)?)\)\n$";
    assert!(regex::Regex::new(form).unwrap().is_match(&told), "{told}");
}
