//! `function.json`: one function with its trigger and its outputs (reference/functions-host.md#discovery).

use crate::json_node::{Complaint, Node};
use crate::queue_name::QueueName;
use crate::route::Route;
use crate::schedule::Schedule;
use crate::settings::Settings;
use axum::http::Method;
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthLevel {
    Anonymous,
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

/// None for a function that says `"disabled": true`.
///
/// # Errors
/// A sentence that names the place, what was found and what would be right.
pub(crate) fn read(name: &str, text: &str, prefix: &str, settings: &Settings) -> Result<Option<Function>, Complaint> {
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())?;
    let root = Node::root(&value);
    if root.get("disabled").flag()?.unwrap_or(false) {
        return Ok(None);
    }
    let bindings = root.get("bindings").items()?.ok_or("bindings: is missing; expected an array with one trigger")?;
    let mut trigger = None;
    let mut response = None;
    let mut outputs = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for binding in &bindings {
        let found = one(binding, name, prefix, settings)?;
        let label = found.label().to_owned();
        if names.iter().any(|other| other.eq_ignore_ascii_case(&label)) {
            return Err(format!("two bindings are named `{label}`: each needs a name of its own"));
        }
        names.push(label);
        match found {
            Binding::Trigger(_) if trigger.is_some() => return Err("bindings: two triggers; a function has one".into()),
            Binding::Trigger(found) => trigger = Some(found),
            Binding::Response(_) if response.is_some() => {
                return Err("bindings: two http outputs; a function has one".into());
            }
            Binding::Response(label) => response = Some(label),
            Binding::Queue(output) => outputs.push(output),
        }
    }
    let trigger = trigger.ok_or("bindings: no trigger; expected a httpTrigger, queueTrigger or timerTrigger")?;
    if response.is_some() && !matches!(trigger, Trigger::Http(_)) {
        return Err("bindings: an http output needs a httpTrigger".into());
    }
    Ok(Some(Function { name: name.to_owned(), trigger, response, outputs, has_retry: root.get("retry").is_there() }))
}

enum Binding {
    Trigger(Trigger),
    Response(String),
    Queue(QueueOutput),
}

impl Binding {
    fn label(&self) -> &str {
        match self {
            Self::Trigger(Trigger::Http(http)) => &http.binding,
            Self::Trigger(Trigger::Queue(queue)) => &queue.binding,
            Self::Trigger(Trigger::Timer(timer)) => &timer.binding,
            Self::Response(label) => label,
            Self::Queue(output) => &output.binding,
        }
    }
}

fn one(node: &Node<'_>, function: &str, prefix: &str, settings: &Settings) -> Result<Binding, Complaint> {
    let label = binding_name(&node.get("name"))?;
    let kind = node.get("type");
    let direction = node.get("direction");
    let is_in = match direction.text()?.map(str::to_ascii_lowercase).as_deref() {
        None | Some("in") => true,
        Some("out") => false,
        Some(_) => return Err(direction.complain("\"in\" or \"out\"")),
    };
    match (kind.required_text()?.to_ascii_lowercase().as_str(), is_in) {
        ("httptrigger", true) => {
            http_trigger(node, label, function, prefix).map(|http| Binding::Trigger(Trigger::Http(http)))
        }
        ("queuetrigger", true) => Ok(Binding::Trigger(Trigger::Queue(QueueTrigger {
            binding: label,
            queue: queue_name(&node.get("queueName"), settings)?,
            binary: node.get("dataType").text()?.is_some_and(|kind| kind.eq_ignore_ascii_case("binary")),
        }))),
        ("timertrigger", true) => {
            let schedule = node.get("schedule");
            Ok(Binding::Trigger(Trigger::Timer(TimerTrigger {
                binding: label,
                schedule: Schedule::parse(&settings.expand(schedule.required_text()?)?)?,
                monitor: node.get("useMonitor").flag()?.unwrap_or(true),
                run_on_startup: node.get("runOnStartup").flag()?.unwrap_or(false),
            })))
        }
        ("http", false) => Ok(Binding::Response(label)),
        ("queue", false) => {
            Ok(Binding::Queue(QueueOutput { binding: label, queue: queue_name(&node.get("queueName"), settings)? }))
        }
        _ => Err(kind.complain(
            "httpTrigger, queueTrigger or timerTrigger with direction in, or http or queue with direction out",
        )),
    }
}

fn http_trigger(node: &Node<'_>, binding: String, function: &str, prefix: &str) -> Result<HttpTrigger, Complaint> {
    let level = node.get("authLevel");
    let methods = node.get("methods");
    Ok(HttpTrigger {
        binding,
        methods: methods
            .texts()?
            .map(|texts| {
                texts
                    .iter()
                    .map(|text| Method::from_bytes(text.to_ascii_uppercase().as_bytes()))
                    .collect::<Result<Vec<_>, _>>()
            })
            .transpose()
            .map_err(|_| methods.complain("HTTP methods"))?,
        route: Route::parse(prefix, node.get("route").text()?.filter(|route| !route.is_empty()).unwrap_or(function))?,
        level: match level.text()?.map(str::to_ascii_lowercase).as_deref() {
            Some("anonymous") => AuthLevel::Anonymous,
            None | Some("function") => AuthLevel::Function,
            Some("admin") => AuthLevel::Admin,
            Some(_) => return Err(level.complain("\"anonymous\", \"function\" or \"admin\"")),
        },
    })
}

fn binding_name(node: &Node<'_>) -> Result<String, Complaint> {
    let name = node.required_text()?;
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // `$return` is valid for the real host, which then sniffs ReturnValue for base64
    // (reference/functions-host.md#wrapped-replies).
    if plain { Ok(name.to_owned()) } else { Err(node.complain("a letter followed by letters and digits")) }
}

fn queue_name(node: &Node<'_>, settings: &Settings) -> Result<QueueName, Complaint> {
    QueueName::parse(&settings.expand(node.required_text()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bindings: &str) -> Result<Option<Function>, Complaint> {
        read("submit", &format!(r#"{{"bindings": [{bindings}]}}"#), "api", &Settings::default())
    }

    #[test]
    fn only_one_http_in_and_one_http_out_is_simple() {
        let http = r#"{"type": "httpTrigger", "direction": "in", "name": "req"}"#;
        let res = r#"{"type": "http", "direction": "out", "name": "res"}"#;
        let queue = r#"{"type": "queue", "direction": "out", "name": "jobs", "queueName": "jobs"}"#;
        for (bindings, simple) in [
            (format!("{http}, {res}"), true),
            (http.to_owned(), false),
            (format!("{http}, {res}, {queue}"), false),
            (format!("{http}, {queue}"), false),
        ] {
            assert_eq!(parse(&bindings).unwrap().unwrap().is_simple_http(), simple, "{bindings}");
        }
    }

    #[test]
    fn an_http_trigger_without_options_asks_for_a_key_at_its_own_name() {
        let function = parse(r#"{"type": "HttpTrigger", "name": "req"}"#).unwrap().unwrap();
        let Trigger::Http(http) = function.trigger else { panic!("not http") };
        assert_eq!((http.route.path().as_str(), http.level, http.methods), ("/api/submit", AuthLevel::Function, None));
    }

    #[test]
    fn what_cannot_be_served_is_named() {
        for (bindings, part) in [
            ("", "no trigger"),
            (r#"{"type": "timerTrigger", "name": "t", "schedule": "every day"}"#, "NCRONTAB"),
            (r#"{"type": "timerTrigger", "name": "t", "schedule": "%CRON%"}"#, "`CRON`"),
            (r#"{"type": "queueTrigger", "name": "q", "queueName": "A_B"}"#, "queue name"),
            (r#"{"type": "queueTrigger", "name": "q"}"#, "bindings[0].queueName: is missing"),
            (r#"{"type": "queueTrigger", "name": "a_b", "queueName": "jobs"}"#, "bindings[0].name: expected a letter"),
            (r#"{"type": "blobTrigger", "name": "b"}"#, "bindings[0].type: expected httpTrigger"),
            (
                r#"{"type": "httpTrigger", "name": "a"}, {"type": "http", "direction": "out", "name": "A"}"#,
                "two bindings",
            ),
            (r#"{"type": "httpTrigger", "name": "a"}, {"type": "httpTrigger", "name": "b"}"#, "two triggers"),
            (
                r#"{"type": "httpTrigger", "name": "a"}, {"type": "http", "direction": "out", "name": "$return"}"#,
                "letters",
            ),
        ] {
            let complaint = parse(bindings).unwrap_err();
            assert!(complaint.contains(part), "{bindings}: {complaint}");
        }
    }
}
