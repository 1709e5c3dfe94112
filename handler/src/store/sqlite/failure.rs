//! From SQLite's result codes to [`StoreError`]: what is to be mended, and what is to be tried again.

use crate::store::table::StoreError;
use rusqlite::ErrorCode;
use std::path::Path;

/// What a statement can end with. The file's name is added where the connection is known.
#[derive(Debug)]
pub(super) enum Fault {
    Store(StoreError),
    Sqlite(rusqlite::Error),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Store(error)
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sqlite(error)
    }
}

impl Fault {
    pub(super) fn at(self, path: &Path) -> StoreError {
        match self {
            Fault::Store(error) => error,
            Fault::Sqlite(error) => explain(&error, path),
        }
    }

    /// Another process holds the file just now.
    pub(super) fn is_busy(&self) -> bool {
        match self {
            Fault::Store(_) => false,
            Fault::Sqlite(error) => {
                matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
            }
        }
    }
}

fn explain(error: &rusqlite::Error, path: &Path) -> StoreError {
    let file = path.display();
    let Some(code) = error.sqlite_error_code() else {
        return StoreError::Unusable(format!(
            "{file} does not hold the columns that this version wrote: {error}"
        ));
    };
    // SQLite's codes are an open set (`ErrorCode` is non-exhaustive).
    #[allow(clippy::wildcard_enum_match_arm)]
    match code {
        ErrorCode::DiskFull => StoreError::Unusable(format!("the disk of {file} is full; make room on it")),
        ErrorCode::ReadOnly => StoreError::Unusable(format!(
            "{file} can't be written; make it and its directory writable for this user"
        )),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::AuthorizationForStatementDenied => {
            StoreError::Unusable(cannot_open(path))
        }
        ErrorCode::NotADatabase => StoreError::Unusable(format!(
            "{file} is not an SQLite database; name another file, or move this one away"
        )),
        ErrorCode::DatabaseCorrupt => StoreError::Unusable(format!(
            "{file} is damaged ({error}); put back a backup, or save what `sqlite3 {file} .recover` still \
             finds"
        )),
        ErrorCode::SystemIoFailure => {
            StoreError::Unusable(format!("the disk of {file} fails ({error}); look at the system's log"))
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            StoreError::Unavailable(format!("another process holds {file} for long: {error}"))
        }
        ErrorCode::OutOfMemory => StoreError::Unavailable(format!("no memory left to work on {file}")),
        ErrorCode::TooBig => StoreError::Invalid(format!("a row is larger than SQLite takes: {error}")),
        _ => StoreError::Unusable(format!("SQLite refused to work on {file}: {error}")),
    }
}

/// SQLite says "unable to open database file" for all of these; the operator needs to know which it is.
fn cannot_open(path: &Path) -> String {
    let file = path.display();
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    match std::fs::metadata(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            format!("the directory {} is missing; make it, or name another file", directory.display())
        }
        Err(error) => format!("the directory {} can't be read: {error}", directory.display()),
        Ok(found) if !found.is_dir() => {
            format!("{} is not a directory; name another file", directory.display())
        }
        Ok(_) if path.is_dir() => format!("{file} is a directory; name a file in it"),
        Ok(_) => {
            format!("{file} can't be opened; make it and its directory readable and writable for this user")
        }
    }
}
