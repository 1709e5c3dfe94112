//! Finds the functions: `<root>/<name>/function.json` as the Functions host wants them, or where there is none of these,
//! `<root>/functions/<name>/function.json` as the repository keeps them. A wrong function.json drops only its function.

use crate::error::{LocalError, Result};
use crate::function_json::{self, Function};
use crate::host_json::HostConfig;
use crate::log::Log;
use crate::settings::Settings;
use std::path::{Path, PathBuf};

/// Sorted by name.
pub(crate) fn discover(root: &Path, config: &HostConfig, settings: &Settings, log: &Log) -> Result<Vec<Function>> {
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
            Err(problem) => log.error(format!("function {name} is not loaded: {}: {problem}", file.display())),
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
            "\"{name}\" is not a function name: a letter, then up to 127 letters, digits, `_` or `-`; not `host`"
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
mod tests {
    use super::*;
    use crate::host_json;
    use crate::log::Level;
    use std::collections::BTreeMap;

    const HOST: &str = r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "handler"}}}"#;
    const TIMER: &str = r#"{"bindings": [{"type": "timerTrigger", "name": "timer", "schedule": "0 * * * * *"}]}"#;

    fn found(files: &[(&str, &str)], settings: &[(&str, &str)]) -> (Result<Vec<String>>, Log) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        std::fs::write(root.path().join("host.json"), HOST).unwrap();
        let own: BTreeMap<String, String> =
            settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let settings = Settings::gather(root.path(), &own, false).unwrap();
        let config = host_json::read(root.path(), &settings).unwrap();
        let log = Log::memory();
        let functions = discover(root.path(), &config, &settings, &log);
        (functions.map(|functions| functions.into_iter().map(|function| function.name).collect()), log)
    }

    #[test]
    fn the_packaged_layout_wins_over_the_repository_layout() {
        let (packaged, _) = found(&[("tick/function.json", TIMER), ("functions/other/function.json", TIMER)], &[]);
        assert_eq!(packaged.unwrap(), ["tick"]);
        let (repository, _) = found(&[("functions/b/function.json", TIMER), ("functions/a/function.json", TIMER)], &[]);
        assert_eq!(repository.unwrap(), ["a", "b"]);
    }

    #[test]
    fn a_wrong_function_json_drops_only_its_function_and_says_so() {
        let (functions, log) =
            found(&[("good/function.json", TIMER), ("bad/function.json", "{"), ("9x/function.json", TIMER)], &[]);
        assert_eq!(functions.unwrap(), ["good"]);
        assert!(
            log.has(Level::Error, "function bad is not loaded")
                && log.has(Level::Error, "\"9x\" is not a function name")
        );
    }

    #[test]
    fn an_app_setting_disables_a_function_and_none_left_is_an_error() {
        let (functions, _) = found(&[("tick/function.json", TIMER)], &[("AzureWebJobs.tick.Disabled", "true")]);
        assert!(matches!(functions, Err(LocalError::NoFunctions { .. })));
    }
}
