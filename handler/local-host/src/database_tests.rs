use super::*;

#[test]
fn a_second_host_on_the_same_data_is_refused_until_the_first_has_gone() {
    let directory = tempfile::tempdir().unwrap();
    let first = Database::open(directory.path()).unwrap();
    assert!(matches!(Database::open(directory.path()), Err(LocalError::Locked { .. })));
    drop(first);
    Database::open(directory.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn the_data_directory_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data");
    let _database = Database::open(&directory).unwrap();
    assert_eq!(std::fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
}

#[cfg(unix)]
#[test]
fn what_others_could_read_before_is_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let place = |name: &str| directory.path().join(name);
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["keys.json", "ledger.db", "ledger.db-wal", "lock", "other.txt"] {
        std::fs::write(place(name), "").unwrap();
        std::fs::set_permissions(place(name), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let _database = Database::open(directory.path()).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory.path()), 0o700);
    for file in std::fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().path()) {
        let expected = if file.ends_with("other.txt") { 0o644 } else { 0o600 };
        assert_eq!(mode(&file), expected, "{}", file.display());
    }
    assert!(place("queues.db-wal").exists(), "SQLite's own files are among them");
}

#[test]
fn a_newer_schema_is_refused_rather_than_guessed_at() {
    let directory = tempfile::tempdir().unwrap();
    drop(Database::open(directory.path()).unwrap());
    let raw = rusqlite::Connection::open(directory.path().join("queues.db")).unwrap();
    raw.pragma_update(None, "user_version", 99).unwrap();
    drop(raw);
    assert!(matches!(Database::open(directory.path()), Err(LocalError::File { .. })));
}
