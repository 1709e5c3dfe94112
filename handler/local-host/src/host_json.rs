//! `host.json`: what of it concerns this host, with the real host's defaults
//! (reference/functions-queues.md#settings).

use crate::error::{LocalError, Result};
use crate::json_node::{Complaint, Node};
use crate::settings::Settings;
use serde_json::{Map, Value};
use std::path::Path;
use std::time::Duration;

/// An app setting of this prefix overrides one value: `AzureFunctionsJobHost__extensions__queues__batchSize`.
const OVERRIDE: &str = "AzureFunctionsJobHost__";

#[derive(Debug, Clone)]
pub(crate) struct HostConfig {
    /// Without slashes; may be empty.
    pub(crate) route_prefix: String,
    pub(crate) queues: QueueOptions,
    /// None where host.json says "-1".
    pub(crate) function_timeout: Option<Duration>,
    pub(crate) executable: String,
    pub(crate) working_directory: Option<String>,
    pub(crate) arguments: Vec<String>,
    pub(crate) initialization: Duration,
    pub(crate) forwarding: bool,
    /// `functions`: the only names to load.
    pub(crate) only: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QueueOptions {
    pub(crate) batch_size: u32,
    pub(crate) new_batch_threshold: u32,
    pub(crate) max_polling: Duration,
    /// How long a message stays invisible after it *failed*.
    pub(crate) visibility: Duration,
    pub(crate) max_dequeues: u32,
    pub(crate) encoding: Encoding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Base64,
    None,
}

pub(crate) fn read(root: &Path, settings: &Settings) -> Result<HostConfig> {
    let file = root.join("host.json");
    let complain = |problem: String| LocalError::File { file: file.clone(), problem };
    let text = std::fs::read_to_string(&file).map_err(|error| {
        complain(format!("{error}; start in the folder that holds host.json, or name it by --root"))
    })?;
    let mut value: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| complain(error.to_string()))?;
    for (name, text) in settings.iter() {
        if let Some(path) = name.strip_prefix(OVERRIDE) {
            set(&mut value, &mut path.split("__"), text);
        }
    }
    understand(&Node::root(&value), settings).map_err(complain)
}

fn understand(root: &Node<'_>, settings: &Settings) -> std::result::Result<HostConfig, Complaint> {
    let version = root.get("version");
    if version.required_text()? != "2.0" {
        return Err(version.complain("\"2.0\""));
    }
    if root.get("retry").is_there() {
        return Err("retry: a retry policy for all functions multiplies the attempts at queue messages: put it into the timer's function.json".into());
    }
    let handler = root.get("customHandler");
    if handler.get("enableProxyingHttpRequest").flag()?.unwrap_or(false) {
        return Err("customHandler.enableProxyingHttpRequest: not supported here, and older hosts ignore it: use enableForwardingHttpRequest".into());
    }
    let description = handler.get("description");
    if !description.is_object() {
        return Err(description.complain("an object with defaultExecutablePath"));
    }
    let arguments = description.get("arguments").texts()?.unwrap_or_default();
    if let Some(argument) = arguments.iter().find(|argument| argument.contains(char::is_whitespace)) {
        return Err(format!(
            "customHandler.description.arguments: \"{argument}\" holds a space, at which the Functions host would split it"
        ));
    }
    let expand = |node: Node<'_>| -> std::result::Result<String, Complaint> { settings.expand(node.required_text()?) };
    Ok(HostConfig {
        route_prefix: root
            .get("extensions")
            .get("http")
            .get("routePrefix")
            .text()?
            .unwrap_or("api")
            .trim_matches('/')
            .to_owned(),
        queues: queues(&root.get("extensions").get("queues"))?,
        function_timeout: time_out(&root.get("functionTimeout"))?,
        executable: expand(description.get("defaultExecutablePath"))?,
        working_directory: description.get("workingDirectory").text()?.map(|text| settings.expand(text)).transpose()?,
        arguments: arguments.iter().map(|argument| settings.expand(argument)).collect::<std::result::Result<_, _>>()?,
        initialization: handler.get("initializationTimeout").duration()?.unwrap_or(Duration::from_secs(30)),
        forwarding: handler.get("enableForwardingHttpRequest").flag()?.unwrap_or(false),
        only: root.get("functions").texts()?,
    })
}

fn queues(node: &Node<'_>) -> std::result::Result<QueueOptions, Complaint> {
    let batch_size = node.get("batchSize").count(1, 32)?.unwrap_or(16);
    let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
    let polling = node.get("maxPollingInterval");
    // Two seconds is the default of a development host; a minute would only make one machine slower.
    let max_polling = polling.duration()?.unwrap_or(Duration::from_secs(2));
    if max_polling < Duration::from_millis(100) {
        return Err(polling.complain("at least \"00:00:00.1\""));
    }
    let encoding = node.get("messageEncoding");
    Ok(QueueOptions {
        batch_size,
        new_batch_threshold: node
            .get("newBatchThreshold")
            .count(0, u32::MAX)?
            .unwrap_or((batch_size / 2).saturating_mul(cores)),
        max_polling,
        visibility: node.get("visibilityTimeout").duration()?.unwrap_or_default(),
        max_dequeues: node.get("maxDequeueCount").count(1, u32::MAX)?.unwrap_or(5),
        encoding: match encoding.text()? {
            None => Encoding::Base64,
            Some(text) if text.eq_ignore_ascii_case("base64") => Encoding::Base64,
            Some(text) if text.eq_ignore_ascii_case("none") => Encoding::None,
            Some(_) => return Err(encoding.complain("\"base64\" or \"none\"")),
        },
    })
}

fn time_out(node: &Node<'_>) -> std::result::Result<Option<Duration>, Complaint> {
    if node.text()? == Some("-1") {
        return Ok(None);
    }
    let limit = node.duration()?.unwrap_or(Duration::from_secs(30 * 60));
    if limit < Duration::from_secs(1) {
        return Err(node.complain("at least \"00:00:01\", or \"-1\" for none"));
    }
    Ok(Some(limit))
}

fn set(value: &mut Value, path: &mut std::str::Split<'_, &str>, text: &str) {
    let Some(key) = path.next() else {
        *value = Value::String(text.to_owned());
        return;
    };
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Some(object) = value.as_object_mut() else { return };
    let key = object.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned().unwrap_or_else(|| key.to_owned());
    set(object.entry(key).or_insert(Value::Null), path, text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn config(text: &str, settings: &[(&str, &str)]) -> Result<HostConfig> {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("host.json"), text).unwrap();
        let own: BTreeMap<String, String> =
            settings.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        read(root.path(), &Settings::gather(root.path(), &own, false)?)
    }

    const LEAST: &str = r#"{"version": "2.0", "customHandler": {"description": {"defaultExecutablePath": "handler"}}}"#;

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
            (long(r#""batchSize": 33"#), "extensions.queues.batchSize: expected a whole number from 1 to 32, found 33"),
            (long(r#""visibilityTimeout": "30""#), "extensions.queues.visibilityTimeout: \"30\" is not a duration"),
            (long(r#""maxPollingInterval": "00:00:00.05""#), "at least \"00:00:00.1\""),
            (long(r#""messageEncoding": "utf8""#), "\"base64\" or \"none\""),
            (with(r#""functionTimeout": "00:00:00""#), "functionTimeout: expected at least"),
            (with(r#""retry": {}"#), "retry:"),
        ] {
            let error = config(&text, &[]).unwrap_err().to_string();
            assert!(error.contains("host.json") && error.contains(part), "{error}");
        }
    }
}
