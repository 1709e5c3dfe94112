//! `function.json`: one function with its trigger and its outputs (reference/functions-host.md#discovery).

use crate::json_input::{self, Complaint, flag, one_of, unexpected};
use crate::queue_name::QueueName;
use crate::route::Route;
use crate::schedule::Schedule;
use crate::settings::Settings;
use axum::http::Method;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};
use serde_json::Value;

#[derive(Debug, Clone)]
pub(crate) struct Function {
    /// The folder's name; the handler is called at `/<name>`, in this case.
    pub(crate) name: String,
    pub(crate) trigger: Trigger,
    /// The binding of type `http`, direction `out`.
    pub(crate) response: Option<String>,
    pub(crate) outputs: Vec<QueueOutput>,
    /// function.json carries a `retry` policy, which this host doesn't run.
    pub(crate) has_retry: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Trigger {
    Http(HttpTrigger),
    Queue(QueueTrigger),
    Timer(TimerTrigger),
}

#[derive(Debug, Clone)]
pub(crate) struct HttpTrigger {
    pub(crate) binding: String,
    /// None allows all.
    pub(crate) methods: Option<Vec<Method>>,
    pub(crate) route: Route,
    pub(crate) level: AuthLevel,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum AuthLevel {
    Anonymous,
    #[default]
    Function,
    Admin,
}

#[derive(Debug, Clone)]
pub(crate) struct QueueTrigger {
    pub(crate) binding: String,
    pub(crate) queue: QueueName,
    /// `"dataType": "binary"`: the handler gets base64, and nothing is merged into the metadata.
    pub(crate) binary: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct TimerTrigger {
    pub(crate) binding: String,
    pub(crate) schedule: Schedule,
    pub(crate) monitor: bool,
    pub(crate) run_on_startup: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct QueueOutput {
    pub(crate) binding: String,
    pub(crate) queue: QueueName,
}

impl Function {
    /// One `httpTrigger` in and one `http` out, nothing else: the only shape that is ever forwarded raw.
    pub(crate) fn is_simple_http(&self) -> bool {
        matches!(self.trigger, Trigger::Http(_)) && self.response.is_some() && self.outputs.is_empty()
    }
}

/// The keys of the file that are read.
const NAMES: [&str; 14] = [
    "disabled",
    "retry",
    "bindings",
    "name",
    "type",
    "direction",
    "queueName",
    "dataType",
    "schedule",
    "useMonitor",
    "runOnStartup",
    "authLevel",
    "methods",
    "route",
];

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Switch {
    #[serde(default, deserialize_with = "flag")]
    disabled: bool,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    bindings: Vec<Binding>,
    retry: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Binding {
    #[serde(deserialize_with = "binding_name")]
    name: String,
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(default)]
    direction: Direction,
    queue_name: Option<String>,
    data_type: Option<String>,
    schedule: Option<String>,
    #[serde(default = "yes", deserialize_with = "flag")]
    use_monitor: bool,
    #[serde(default, deserialize_with = "flag")]
    run_on_startup: bool,
    #[serde(default)]
    auth_level: AuthLevel,
    #[serde(default, deserialize_with = "methods")]
    methods: Option<Vec<Method>>,
    route: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    HttpTrigger,
    QueueTrigger,
    TimerTrigger,
    Http,
    Queue,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Direction {
    #[default]
    In,
    Out,
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = [
            ("httpTrigger", Self::HttpTrigger),
            ("queueTrigger", Self::QueueTrigger),
            ("timerTrigger", Self::TimerTrigger),
            ("http", Self::Http),
            ("queue", Self::Queue),
        ];
        one_of(deserializer, &words)
    }
}

impl<'de> Deserialize<'de> for Direction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        one_of(deserializer, &[("in", Self::In), ("out", Self::Out)])
    }
}

impl<'de> Deserialize<'de> for AuthLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = [("anonymous", Self::Anonymous), ("function", Self::Function), ("admin", Self::Admin)];
        one_of(deserializer, &words)
    }
}

fn yes() -> bool {
    true
}

fn binding_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // `$return` is valid for the real host, which then sniffs ReturnValue for base64
    // (reference/functions-host.md#wrapped-replies).
    if plain {
        Ok(name)
    } else {
        Err(unexpected("a letter followed by letters and digits", &Value::String(name)))
    }
}

fn methods<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Method>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let method = |item: &Value| Method::from_bytes(item.as_str()?.to_ascii_uppercase().as_bytes()).ok();
    let methods = value.as_array().and_then(|items| items.iter().map(method).collect::<Option<Vec<_>>>());
    methods.map(Some).ok_or_else(|| unexpected("an array of HTTP methods", &value))
}

/// None for a function that says `"disabled": true`.
///
/// # Errors
/// A sentence that names the place, what was found and what would be right.
pub(crate) fn read(
    name: &str,
    text: &str,
    prefix: &str,
    settings: &Settings,
) -> Result<Option<Function>, Complaint> {
    let value = json_input::parse(text)?;
    // Whatever else is wrong with it: it is off.
    if json_input::read::<Switch>(value.clone(), &NAMES)?.disabled {
        return Ok(None);
    }
    let file: File = json_input::read(value, &NAMES)?;
    let mut trigger = None;
    let mut response = None;
    let mut outputs = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (index, binding) in file.bindings.into_iter().enumerate() {
        let label = binding.name.clone();
        if names.iter().any(|other| other.eq_ignore_ascii_case(&label)) {
            return Err(format!("two bindings are named `{label}`: each needs a name of its own"));
        }
        names.push(label);
        match understand(binding, &format!("bindings[{index}]"), name, prefix, settings)? {
            Part::Trigger(_) if trigger.is_some() => {
                return Err("bindings: two triggers; a function has one".into());
            }
            Part::Trigger(found) => trigger = Some(found),
            Part::Response(_) if response.is_some() => {
                return Err("bindings: two http outputs; a function has one".into());
            }
            Part::Response(label) => response = Some(label),
            Part::Queue(output) => outputs.push(output),
        }
    }
    let trigger =
        trigger.ok_or("bindings: no trigger; expected a httpTrigger, queueTrigger or timerTrigger")?;
    if response.is_some() && !matches!(trigger, Trigger::Http(_)) {
        return Err("bindings: an http output needs a httpTrigger".into());
    }
    Ok(Some(Function { name: name.to_owned(), trigger, response, outputs, has_retry: file.retry.is_some() }))
}

enum Part {
    Trigger(Trigger),
    Response(String),
    Queue(QueueOutput),
}

fn understand(
    binding: Binding,
    place: &str,
    function: &str,
    prefix: &str,
    settings: &Settings,
) -> Result<Part, Complaint> {
    let expanded = |key: &str, text: Option<String>| {
        settings.expand(&text.ok_or_else(|| format!("{place}.{key}: is missing; expected a string"))?)
    };
    let queue = |text| QueueName::parse(&expanded("queueName", text)?);
    let Binding { name, kind, direction, .. } = binding;
    Ok(match (kind, direction) {
        (Kind::HttpTrigger, Direction::In) => Part::Trigger(Trigger::Http(HttpTrigger {
            binding: name,
            methods: binding.methods,
            route: Route::parse(
                prefix,
                binding.route.as_deref().filter(|it| !it.is_empty()).unwrap_or(function),
            )?,
            level: binding.auth_level,
        })),
        (Kind::QueueTrigger, Direction::In) => Part::Trigger(Trigger::Queue(QueueTrigger {
            binding: name,
            queue: queue(binding.queue_name)?,
            binary: binding.data_type.is_some_and(|kind| kind.eq_ignore_ascii_case("binary")),
        })),
        (Kind::TimerTrigger, Direction::In) => Part::Trigger(Trigger::Timer(TimerTrigger {
            binding: name,
            schedule: Schedule::parse(&expanded("schedule", binding.schedule)?)?,
            monitor: binding.use_monitor,
            run_on_startup: binding.run_on_startup,
        })),
        (Kind::Http, Direction::Out) => Part::Response(name),
        (Kind::Queue, Direction::Out) => {
            Part::Queue(QueueOutput { binding: name, queue: queue(binding.queue_name)? })
        }
        (Kind::HttpTrigger | Kind::QueueTrigger | Kind::TimerTrigger, Direction::Out) => {
            return Err(format!("{place}.direction: expected \"in\", because it is a trigger"));
        }
        (Kind::Http | Kind::Queue, Direction::In) => {
            return Err(format!("{place}.direction: expected \"out\", because it is no trigger"));
        }
    })
}

#[cfg(test)]
#[path = "function_json_tests.rs"]
mod tests;
