//! Reads the configuration where it is a file.

use super::beside::Beside;
use super::location::{Location, not_here};
use super::parse::{inspect_in, without_a_file};
use super::problem::{ConfigErrors, Problem};
use super::read_file::{read, unreadable};
use super::{Config, Env, Inspection, StoreConfig};
use std::path::{Path, PathBuf};

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
        Ok(text) => {
            let beside = Beside::Folder(path.parent().unwrap_or(Path::new("")).to_owned());
            inspect_text(root, &beside, &path.display().to_string(), &text, env)
        }
        Err(unreadable) => without_a_file(Vec::new(), unreadable.problems().to_vec(), env),
    }
}

/// As [`inspect_file`], where not even its name is known.
pub fn inspect_settings(why: &ConfigErrors, env: &Env) -> Inspection {
    without_a_file(Vec::new(), why.problems().to_vec(), env)
}

/// The file's path: `REGRETS_CONFIG`, seen from the root, or `regrets.toml` in it.
///
/// # Errors
/// It is a blob, which only who serves can read; or what is named is neither.
pub fn path_of(root: &Path, env: &Env) -> Result<PathBuf, ConfigErrors> {
    match Location::of(root, env)? {
        Location::File(path) => Ok(path),
        Location::Blob(blob) => Err(not_here(&blob)),
    }
}

/// What is said of this text, which errors call by this name.
pub(super) fn inspect_text(root: &Path, beside: &Beside, shown: &str, text: &str, env: &Env) -> Inspection {
    let mut inspection = inspect_in(beside, shown, text, env);
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
