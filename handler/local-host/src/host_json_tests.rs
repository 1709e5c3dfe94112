use super::*;
use std::collections::BTreeMap;

fn config(text: &str, settings: &[(&str, &str)]) -> Result<HostConfig> {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("host.json"), text).unwrap();
    let own: BTreeMap<String, String> =
        settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    read(root.path(), &Settings::gather(root.path(), &own, false)?)
}

const LEAST: &str =
    r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "handler"}}}"#;

#[test]
fn defaults_are_those_of_the_real_host() {
    let config = config(LEAST, &[]).unwrap();
    assert_eq!(config.route_prefix, "api");
    assert_eq!((config.queues.batch_size, config.queues.max_dequeues), (16, 5));
    assert_eq!(config.queues.visibility, Duration::ZERO);
    assert_eq!(config.queues.encoding, Encoding::Base64);
    assert_eq!(config.function_timeout, Some(Duration::from_secs(1800)));
    assert_eq!(config.initialization, Duration::from_secs(30));
    assert!(!config.forwarding);
}

#[test]
fn app_settings_override_any_value_in_any_case() {
    let overrides = [
        ("AzureFunctionsJobHost__extensions__queues__batchSize", "3"),
        ("AzureFunctionsJobHost__customhandler__description__defaultexecutablepath", "%NAME%"),
        ("AzureFunctionsJobHost__functionTimeout", "-1"),
        ("NAME", "other"),
    ];
    let config = config(LEAST, &overrides).unwrap();
    assert_eq!(config.queues.batch_size, 3);
    assert_eq!(config.executable, "other");
    assert_eq!(config.function_timeout, None);
}

#[test]
fn a_wrong_value_is_named_with_its_place_and_what_would_be_right() {
    let with = |extra: &str| LEAST.replacen('{', &format!("{{{extra}, "), 1);
    let long = |value: &str| with(&format!(r#""extensions": {{"queues": {{{value}}}}}"#));
    for (text, part) in [
        ("{".to_owned(), "line 1 column 1"),
        (r#"{"version": "1.0"}"#.to_owned(), "version: expected \"2.0\", found \"1.0\""),
        (r#"{"version": "2.0"}"#.to_owned(), "customHandler.description: is missing"),
        (
            long(r#""batchSize": 33"#),
            "extensions.queues.batchSize: expected a whole number from 1 to 32, found 33",
        ),
        (
            long(r#""visibilityTimeout": "30""#),
            "extensions.queues.visibilityTimeout: \"30\" is not a duration",
        ),
        (long(r#""maxPollingInterval": "00:00:00.05""#), "at least \"00:00:00.1\""),
        (long(r#""messageEncoding": "utf8""#), "\"base64\" or \"none\""),
        (with(r#""functionTimeout": "00:00:00""#), "functionTimeout: expected at least"),
        (with(r#""retry": {}"#), "retry:"),
    ] {
        let error = config(&text, &[]).unwrap_err().to_string();
        assert!(error.contains("host.json") && error.contains(part), "{error}");
    }
}
