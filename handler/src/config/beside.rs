//! Where the configuration stands, and what stands beside it: a folder, or what was read of a blob's.

use super::problem::{ConfigErrors, Problem, ProblemKind};
use super::read_file::read;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The files that were read beside a configuration, by the names that it gives them; `None` where one can't
/// be read.
pub(super) type Files = BTreeMap<String, Option<String>>;

#[derive(Debug)]
pub(super) enum Beside {
    /// Files are read when they are asked for.
    Folder(PathBuf),
    /// What was fetched, by name.
    Fetched(BTreeMap<String, Fetched>),
}

/// One file of a blob's folder.
#[derive(Debug, Clone)]
pub(super) struct Fetched {
    /// How it is called in what is said of it.
    pub(super) shown: String,
    pub(super) text: Result<String, ConfigErrors>,
}

/// For whoever reads no file at all.
pub(super) static NOTHING: Beside = Beside::Fetched(BTreeMap::new());

impl Beside {
    /// How it is called, and what is in it.
    pub(super) fn read(&self, name: &str) -> (String, Result<String, ConfigErrors>) {
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                (path.display().to_string(), read(&path))
            }
            Self::Fetched(fetched) => match fetched.get(name) {
                Some(Fetched { shown, text }) => (shown.clone(), text.clone()),
                None => {
                    let why = "it has not been read".to_owned();
                    let kind = ProblemKind::Unreadable { path: name.to_owned(), why };
                    (name.to_owned(), Err(ConfigErrors::single(Problem::new(kind))))
                }
            },
        }
    }

    /// A file that can't be read counts as one that is as it was only where it could not be read before.
    pub(super) fn are_as_they_were(&self, files: &Files) -> bool {
        files.iter().all(|(name, text)| self.read(name).1.ok() == *text)
    }

    /// Those of these files that nobody has fetched; none in a folder.
    pub(super) fn unread<'a>(&self, files: &'a Files) -> Vec<&'a str> {
        match self {
            Self::Folder(_) => Vec::new(),
            Self::Fetched(fetched) => {
                files.keys().filter(|name| !fetched.contains_key(*name)).map(String::as_str).collect()
            }
        }
    }
}
