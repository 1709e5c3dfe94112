//! Finds the functions: `<root>/<name>/function.json` as the Functions host wants them, or where there is
//! none of these, `<root>/functions/<name>/function.json` as the repository keeps them. A wrong function.json
//! drops only its function.

use crate::error::{LocalError, Result};
use crate::function_json::{self, Function};
use crate::host_json::HostConfig;
use crate::log::Log;
use crate::settings::Settings;
use std::path::{Path, PathBuf};

/// Sorted by name.
pub(crate) fn discover(
    root: &Path,
    config: &HostConfig,
    settings: &Settings,
    log: &Log,
) -> Result<Vec<Function>> {
    let mut files = folders(root)?;
    let nested = root.join("functions");
    if files.is_empty() && nested.is_dir() {
        files = folders(&nested)?;
    }
    let mut functions: Vec<Function> = Vec::new();
    for (name, file) in files {
        if config.only.as_ref().is_some_and(|only| !only.contains(&name)) {
            log.info(format!("function {name}: left out, host.json `functions` doesn't list it"));
            continue;
        }
        let text = std::fs::read_to_string(&file).map_err(|error| error.to_string());
        let read = check_name(&name)
            .and(text)
            .and_then(|text| function_json::read(&name, &text, &config.route_prefix, settings));
        match read {
            Ok(Some(_)) if is_disabled(&name, settings) => {
                log.info(format!("function {name}: disabled by app setting"))
            }
            Ok(Some(function)) => functions.push(function),
            Ok(None) => log.info(format!("function {name}: disabled")),
            Err(problem) => {
                log.error(format!("function {name} is not loaded: {}: {problem}", file.display()))
            }
        }
    }
    if functions.is_empty() {
        return Err(LocalError::NoFunctions { root: root.to_owned() });
    }
    Ok(functions)
}

fn folders(parent: &Path) -> Result<Vec<(String, PathBuf)>> {
    let io = |source| LocalError::Io { file: parent.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(parent).map_err(io)? {
        let entry = entry.map_err(io)?;
        let file = entry.path().join("function.json");
        if file.is_file() {
            found.push((entry.file_name().to_string_lossy().into_owned(), file));
        }
    }
    found.sort();
    Ok(found)
}

/// Which names the real host takes (reference/functions-host.md#names).
fn check_name(name: &str) -> std::result::Result<(), String> {
    let first = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if !first || !plain || name.len() > 128 || name.eq_ignore_ascii_case("host") {
        return Err(format!(
            "\"{name}\" is not a function name: a letter, then up to 127 letters, digits, `_` or `-`; not \
             `host`"
        ));
    }
    Ok(())
}

fn is_disabled(name: &str, settings: &Settings) -> bool {
    [format!("AzureWebJobs.{name}.Disabled"), format!("AzureWebJobs_{name}_Disabled")]
        .iter()
        .filter_map(|setting| settings.get(setting))
        .any(|value| value == "1" || value.eq_ignore_ascii_case("true"))
}

#[cfg(test)]
#[path = "discovery_tests.rs"]
mod tests;
