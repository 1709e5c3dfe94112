//! What the handler's answer means in wrapped mode (reference/functions-host.md#wrapped-replies).
//!
//! Only what the real host would carry out exactly as it was meant is accepted. Everything that it would
//! ignore, corrupt, reformat, split or hang on is a [`crate::reply::fault::Fault`], whose text says what the
//! real host would have done.

pub(crate) mod fault;
mod outputs;
mod response;

use crate::function_json::{Function, Trigger};
use crate::queue_name::QueueName;
use crate::reply::fault::{Fault, short};
pub(super) use response::HttpResponse;
use serde_json::{Map, Value};

/// An understood answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// In the order of function.json; each text is one message, exactly as given.
    pub(super) messages: Vec<(QueueName, String)>,
    pub(super) logs: Vec<String>,
    /// For the HTTP caller; none for other triggers.
    pub(super) response: Option<HttpResponse>,
}

pub(super) fn understand(
    function: &Function,
    status: u16,
    kind: Option<&str>,
    body: &[u8],
) -> Result<Reply, Fault> {
    match status {
        200..=299 => {}
        300..=399 => return Err(Fault::Redirect(status)),
        _ => return Err(Fault::Status(status)),
    }
    if body.is_empty() {
        return Err(Fault::Empty);
    }
    let essence = kind.unwrap_or("none").split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence != "application/json" && essence != "text/json" {
        return Err(Fault::ContentType(kind.unwrap_or("none").to_owned()));
    }
    let value: Value = serde_json::from_slice(body).map_err(|error| Fault::NotJson {
        problem: error.to_string(),
        text: short(&String::from_utf8_lossy(body)),
    })?;
    let members = match value {
        Value::Object(members) => members,
        Value::Null => return Err(Fault::Null),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(Fault::NotObject(short(&value.to_string())));
        }
    };
    let mut outputs = None;
    let mut logs = Vec::new();
    for (name, value) in members {
        match name.to_ascii_lowercase().as_str() {
            "outputs" => outputs = object_or_null(value)?,
            "logs" => logs = texts_or_null(value)?,
            "returnvalue" if value.is_null() => {}
            "returnvalue" => return Err(Fault::ReturnValue),
            _ => return Err(Fault::Member(name)),
        }
    }
    let has_outputs = outputs.is_some();
    let mut outputs = outputs.unwrap_or_default();
    let response = match &function.trigger {
        Trigger::Http(_) => Some(response::take(function.response.as_deref(), &mut outputs, has_outputs)?),
        Trigger::Queue(_) | Trigger::Timer(_) => None,
    };
    let messages = outputs::take(&function.outputs, &mut outputs)?;
    if let Some(name) = outputs.into_iter().map(|(name, _)| name).next() {
        let mut known: Vec<&str> = function.outputs.iter().map(|output| output.binding.as_str()).collect();
        known.extend(function.response.as_deref());
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Fault::UnknownOutput { name, known });
    }
    Ok(Reply { messages, logs, response })
}

fn object_or_null(value: Value) -> Result<Option<Map<String, Value>>, Fault> {
    match value {
        Value::Object(members) => Ok(Some(members)),
        Value::Null => Ok(None),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Fault::Outputs(short(&value.to_string())))
        }
    }
}

fn texts_or_null(value: Value) -> Result<Vec<String>, Fault> {
    let refuse = |value: &Value| Fault::Logs(short(&value.to_string()));
    match &value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| refuse(&value))).collect()
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => Err(refuse(&value)),
    }
}

#[cfg(test)]
mod tests;
