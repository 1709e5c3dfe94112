//! `host.json`: what of it concerns this host, with the real host's defaults
//! (reference/functions-queues.md#settings).

use crate::error::{LocalError, Result};
use crate::json_input::{self, Complaint, count, duration, flag, one_of, unexpected};
use crate::settings::Settings;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
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

/// `extensions.queues`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct QueueOptions {
    #[serde(deserialize_with = "count::<_, 1, 32>")]
    pub(crate) batch_size: u32,
    #[serde(deserialize_with = "threshold")]
    new_batch_threshold: Option<u32>,
    #[serde(rename = "maxPollingInterval", deserialize_with = "polling")]
    pub(crate) max_polling: Duration,
    /// How long a message stays invisible after it *failed*.
    #[serde(rename = "visibilityTimeout", deserialize_with = "duration")]
    pub(crate) visibility: Duration,
    #[serde(rename = "maxDequeueCount", deserialize_with = "count::<_, 1, { u32::MAX }>")]
    pub(crate) max_dequeues: u32,
    #[serde(rename = "messageEncoding")]
    pub(crate) encoding: Encoding,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            batch_size: 16,
            new_batch_threshold: None,
            // The default of a development host; a minute would only make one machine slower.
            max_polling: Duration::from_secs(2),
            visibility: Duration::ZERO,
            max_dequeues: 5,
            encoding: Encoding::Base64,
        }
    }
}

impl QueueOptions {
    pub(crate) fn new_batch_threshold(&self) -> u32 {
        let cores = || {
            std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
        };
        self.new_batch_threshold.unwrap_or_else(|| (self.batch_size / 2).saturating_mul(cores()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Base64,
    None,
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        one_of(deserializer, &[("base64", Self::Base64), ("none", Self::None)])
    }
}

/// The keys of the file that are read.
const NAMES: [&str; 22] = [
    "version",
    "functionTimeout",
    "functions",
    "retry",
    "customHandler",
    "description",
    "defaultExecutablePath",
    "workingDirectory",
    "arguments",
    "enableForwardingHttpRequest",
    "enableProxyingHttpRequest",
    "initializationTimeout",
    "extensions",
    "http",
    "routePrefix",
    "queues",
    "batchSize",
    "newBatchThreshold",
    "maxPollingInterval",
    "visibilityTimeout",
    "maxDequeueCount",
    "messageEncoding",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct File {
    version: Option<String>,
    #[serde(default = "half_an_hour", deserialize_with = "time_out")]
    function_timeout: Option<Duration>,
    functions: Option<Vec<String>>,
    retry: Option<IgnoredAny>,
    #[serde(default)]
    custom_handler: Handler,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Handler {
    description: Option<Description>,
    #[serde(deserialize_with = "flag")]
    enable_forwarding_http_request: bool,
    #[serde(deserialize_with = "flag")]
    enable_proxying_http_request: bool,
    #[serde(deserialize_with = "some_duration")]
    initialization_timeout: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object with defaultExecutablePath")]
struct Description {
    default_executable_path: String,
    working_directory: Option<String>,
    #[serde(default)]
    arguments: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Extensions {
    http: Http,
    queues: QueueOptions,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Http {
    route_prefix: Option<String>,
}

fn half_an_hour() -> Option<Duration> {
    Some(Duration::from_secs(30 * 60))
}

fn time_out<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<Duration>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value == "-1" {
        return Ok(None);
    }
    let limit = at_least(&value, Duration::from_secs(1), "at least \"00:00:01\", or \"-1\" for none")?;
    Ok(Some(limit))
}

fn polling<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Duration, D::Error> {
    at_least(&Value::deserialize(deserializer)?, Duration::from_millis(100), "at least \"00:00:00.1\"")
}

fn at_least<E: serde::de::Error>(
    value: &Value,
    least: Duration,
    expected: &str,
) -> std::result::Result<Duration, E> {
    let found = duration(value).map_err(E::custom)?;
    if found < least { Err(unexpected(expected, value)) } else { Ok(found) }
}

fn some_duration<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Option<Duration>, D::Error> {
    duration(deserializer).map(Some)
}

fn threshold<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<u32>, D::Error> {
    count::<_, 0, { u32::MAX }>(deserializer).map(Some)
}

pub(crate) fn read(root: &Path, settings: &Settings) -> Result<HostConfig> {
    let file = root.join("host.json");
    let complain = |problem: String| LocalError::File { file: file.clone(), problem };
    let text = std::fs::read_to_string(&file).map_err(|error| {
        complain(format!("{error}; start in the folder that holds host.json, or name it by --root"))
    })?;
    let mut value = json_input::parse(&text).map_err(complain)?;
    for (name, text) in settings.iter() {
        if let Some(path) = name.strip_prefix(OVERRIDE) {
            set(&mut value, &mut path.split("__"), text);
        }
    }
    json_input::read(value, &NAMES).and_then(|file| understand(file, settings)).map_err(complain)
}

fn understand(file: File, settings: &Settings) -> std::result::Result<HostConfig, Complaint> {
    match file.version.as_deref() {
        Some("2.0") => {}
        Some(other) => return Err(format!("version: expected \"2.0\", found \"{other}\"")),
        None => return Err("version: is missing; expected \"2.0\"".into()),
    }
    if file.retry.is_some() {
        return Err(
            "retry: a retry policy for all functions multiplies the attempts at queue messages: put \
                    it into the timer's function.json"
                .into(),
        );
    }
    let handler = file.custom_handler;
    if handler.enable_proxying_http_request {
        return Err(
            "customHandler.enableProxyingHttpRequest: not supported here, and older hosts ignore it: \
                    use enableForwardingHttpRequest"
                .into(),
        );
    }
    let Some(description) = handler.description else {
        return Err(
            "customHandler.description: is missing; expected an object with defaultExecutablePath".into()
        );
    };
    let expand = |text: &String| settings.expand(text);
    if let Some(argument) =
        description.arguments.iter().find(|argument| argument.contains(char::is_whitespace))
    {
        return Err(format!(
            "customHandler.description.arguments: \"{argument}\" holds a space, at which the Functions host \
             would split it"
        ));
    }
    Ok(HostConfig {
        route_prefix: file
            .extensions
            .http
            .route_prefix
            .as_deref()
            .unwrap_or("api")
            .trim_matches('/')
            .to_owned(),
        queues: file.extensions.queues,
        function_timeout: file.function_timeout,
        executable: expand(&description.default_executable_path)?,
        working_directory: description.working_directory.as_ref().map(expand).transpose()?,
        arguments: description.arguments.iter().map(expand).collect::<std::result::Result<_, _>>()?,
        initialization: handler.initialization_timeout.unwrap_or(Duration::from_secs(30)),
        forwarding: handler.enable_forwarding_http_request,
        only: file.functions,
    })
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
    let key =
        object.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned().unwrap_or_else(|| key.to_owned());
    set(object.entry(key).or_insert(Value::Null), path, text);
}

#[cfg(test)]
#[path = "host_json_tests.rs"]
mod tests;
