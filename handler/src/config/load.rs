//! Finds and reads the configuration's file.

use super::parse::{inspect_in, without_a_file};
use super::problem::{ConfigErrors, Problem, ProblemKind};
use super::{Config, Env, Inspection, StoreConfig};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Far more than any configuration; keeps a wrong path (a device, a database) from filling the memory.
const MOST_BYTES: u64 = 1024 * 1024;

/// The configuration of the deployment under `root`, the folder of `host.json`.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn load(root: &Path, env: &Env) -> Result<Config, ConfigErrors> {
    inspect_file(root, &path_of(root, env)?, env).outcome
}

/// As [`load`], of this very file, and tells which app settings it asks for. Those are looked at where the
/// file can't be read, too.
pub fn inspect_file(root: &Path, path: &Path, env: &Env) -> Inspection {
    match read(path) {
        Ok(text) => inspect_text(root, path, &text, env),
        Err(unreadable) => without_a_file(Vec::new(), unreadable.problems().to_vec(), env),
    }
}

/// As [`inspect_file`], where not even its name is known.
pub fn inspect_settings(why: &ConfigErrors, env: &Env) -> Inspection {
    without_a_file(Vec::new(), why.problems().to_vec(), env)
}

/// The file's path: `REGRETS_CONFIG`, seen from the root, or `regrets.toml` in it.
pub fn path_of(root: &Path, env: &Env) -> Result<PathBuf, ConfigErrors> {
    const NAME: &str = "REGRETS_CONFIG";
    let named = env.get(NAME).map(|value| value.trim()).filter(|value| !value.is_empty());
    match named {
        Some(url) if url.starts_with("https://") || url.starts_with("http://") => {
            let why = "names a URL, which is not supported yet by this build".to_owned();
            let problem = Problem::new(ProblemKind::Setting { name: NAME.to_owned(), why });
            Err(ConfigErrors::single(
                problem.hint("name a file, or leave it out for regrets.toml beside host.json"),
            ))
        }
        Some(path) => Ok(root.join(path)),
        None => Ok(root.join("regrets.toml")),
    }
}

pub(super) fn inspect_text(root: &Path, path: &Path, text: &str, env: &Env) -> Inspection {
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut inspection = inspect_in(folder, &path.display().to_string(), text, env);
    let of_meaning = inspection.meaning.as_mut().and_then(|meaning| meaning.store.as_mut());
    for store in
        inspection.outcome.as_mut().ok().map(|config| &mut config.store).into_iter().chain(of_meaning)
    {
        if let StoreConfig::Sqlite(store) = store {
            *store = root.join(&*store);
        }
    }
    inspection
}

pub(super) fn read(path: &Path) -> Result<String, ConfigErrors> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        let problem = Problem::new(unreadable(path, error.to_string()));
        return Err(ConfigErrors::single(problem.hint(
            "the configuration stands in regrets.toml beside host.json, or in the file that REGRETS_CONFIG \
             names",
        )));
    }
    if bytes.len() as u64 > MOST_BYTES {
        return Err(ConfigErrors::single(Problem::new(unreadable(
            path,
            "the file is larger than 1 MiB".to_owned(),
        ))));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|byte| **byte == b'\n').count() + 1;
        let problem = Problem::new(unreadable(path, format!("line {line} is not UTF-8")));
        ConfigErrors::single(problem.hint("TOML is written in UTF-8: save the file in that encoding"))
    })
}

fn unreadable(path: &Path, why: String) -> ProblemKind {
    ProblemKind::Unreadable { path: path.display().to_string(), why }
}

/// The environment and, below it, the `Values` of `local.settings.json` in `root`, as Core Tools take them:
/// what is set in the environment wins (reference/functions-host.md#environment).
///
/// # Errors
/// The file is there but can't be read.
pub fn with_local_settings(root: &Path, mut env: Env) -> Result<Env, ConfigErrors> {
    for (name, value) in values_of_local_settings(root)? {
        env.entry(name).or_insert(value);
    }
    Ok(env)
}

/// The `Values` of `local.settings.json`; nothing where there is no such file.
pub(super) fn values_of_local_settings(root: &Path) -> Result<Env, ConfigErrors> {
    let path = root.join("local.settings.json");
    if !path.exists() {
        return Ok(Env::new());
    }
    let text = read(&path)?;
    let parsed: serde_json::Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            ConfigErrors::single(Problem::new(unreadable(&path, format!("not valid JSON: {error}"))))
        })?;
    let values = parsed.get("Values").and_then(serde_json::Value::as_object);
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    Ok(values.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect())
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
