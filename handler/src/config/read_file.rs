//! Reads one text whole, or says why it is none.

use super::problem::{ConfigErrors, Problem, ProblemKind};
use std::io::Read as _;
use std::path::Path;

/// Far more than any configuration; keeps a wrong path (a device, a database) from filling the memory.
pub(super) const MOST_BYTES: usize = 1024 * 1024;

pub(super) fn read(path: &Path) -> Result<String, ConfigErrors> {
    let mut bytes = Vec::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES as u64 + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        let problem = Problem::new(unreadable(path, error.to_string()));
        return Err(ConfigErrors::single(problem.hint(
            "the configuration stands in regrets.toml beside host.json, or in the file that REGRETS_CONFIG \
             names",
        )));
    }
    if bytes.len() > MOST_BYTES {
        let why = "the file is larger than 1 MiB".to_owned();
        return Err(ConfigErrors::single(Problem::new(unreadable(path, why))));
    }
    utf8(&path.display().to_string(), bytes)
}

/// The text of what was read of the file that errors call by this name.
pub(super) fn utf8(shown: &str, bytes: Vec<u8>) -> Result<String, ConfigErrors> {
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        let why = format!("line {line} is not UTF-8");
        let problem = Problem::new(ProblemKind::Unreadable { path: shown.to_owned(), why });
        ConfigErrors::single(problem.hint("TOML is written in UTF-8: save the file in that encoding"))
    })
}

pub(super) fn unreadable(path: &Path, why: String) -> ProblemKind {
    ProblemKind::Unreadable { path: path.display().to_string(), why }
}
