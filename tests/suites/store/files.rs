//! The SQLite file as another program or user leaves it.

use super::open_file;
use std::path::Path;
use std::process::Command;

/// As another user where this one is root, whom no mode stops.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_written_says_so() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    use std::os::unix::process::CommandExt as _;

    const NOBODY: u32 = 65_534;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    drop(open_file(&path));
    let mode =
        |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();

    // The build directory may be closed to other users.
    let program = dir.path().join("store_writer");
    std::fs::copy(env!("CARGO_BIN_EXE_store_writer"), &program).unwrap();
    let root = std::fs::metadata(dir.path()).unwrap().uid() == 0;
    if root {
        chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
        chown(dir.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let said = |path: &Path| {
        let mut command = Command::new(&program);
        if root {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.arg(format!("sqlite:{}", path.display())).arg("a").output().unwrap();
        assert!(!output.status.success(), "the writer wrote");
        let text = String::from_utf8(output.stderr).unwrap();
        text.lines().next().unwrap_or_default().replace(dir.path().to_str().unwrap(), "DIR")
    };
    mode(&path, 0o400);
    insta::assert_snapshot!(said(&path), @"Error: the store can't be used: DIR/ledger.db can't be written; \
                                           make it writable for this user");
    mode(&path, 0o000);
    insta::assert_snapshot!(said(&path), @"Error: the store can't be used: DIR/ledger.db can't be opened; \
                                           make it and its directory readable and writable for this user");
    mode(&path, 0o600);
    mode(dir.path(), 0o555);
    insta::assert_snapshot!(said(&path), @"Error: the store can't be used: DIR/ledger.db can't be written; \
                                           make it and its directory writable for this user");
    insta::assert_snapshot!(said(&dir.path().join("new.db")), @"Error: the store can't be used: DIR/new.db \
        can't be opened; make it and its directory readable and writable for this user");
    mode(dir.path(), 0o755);
}
