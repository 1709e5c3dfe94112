use super::*;
use crate::host_json;
use crate::log::Level;
use std::collections::BTreeMap;

const HOST: &str =
    r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "handler"}}}"#;
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
    let (packaged, _) =
        found(&[("tick/function.json", TIMER), ("functions/other/function.json", TIMER)], &[]);
    assert_eq!(packaged.unwrap(), ["tick"]);
    let (repository, _) =
        found(&[("functions/b/function.json", TIMER), ("functions/a/function.json", TIMER)], &[]);
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
