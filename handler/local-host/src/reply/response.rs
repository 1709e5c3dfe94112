//! The HTTP output: status, headers of single strings, a body that is text
//! (reference/functions-host.md#wrapped-replies).

use crate::reply::fault::{Fault, short};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value};

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HttpResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Takes the response out of `outputs`. Without one the host answers by itself: `{}` where the handler gave
/// other outputs, 204 where it gave none.
pub(super) fn take(
    binding: Option<&str>,
    outputs: &mut Map<String, Value>,
    has_outputs: bool,
) -> Result<HttpResponse, Fault> {
    let given = binding.and_then(|name| outputs.remove(name).map(|value| (name, value)));
    match given {
        Some((name, value)) => {
            read(value).map_err(|problem| Fault::Response { binding: name.to_owned(), problem })
        }
        None => Ok(HttpResponse {
            status: if has_outputs && binding.is_some() { StatusCode::OK } else { StatusCode::NO_CONTENT },
            headers: HeaderMap::new(),
            body: if has_outputs && binding.is_some() { "{}".into() } else { String::new() },
        }),
    }
}

fn read(value: Value) -> Result<HttpResponse, String> {
    let Value::Object(members) = value else {
        return Err(format!(
            "must be an object with statusCode, headers and body; the Functions host fails on {}",
            short(&value.to_string())
        ));
    };
    let mut response =
        HttpResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: String::new() };
    for (name, value) in members {
        match name.to_ascii_lowercase().as_str() {
            "statuscode" => response.status = status(&value)?,
            "headers" => response.headers = headers(value)?,
            "body" => response.body = body(value)?,
            "status" => {
                return Err("`status` is never read by the Functions host, which would answer 200: write \
                     `statusCode`"
                    .into());
            }
            _ => {
                return Err(format!(
                    "`{name}` would be ignored by the Functions host, which knows statusCode, headers and \
                     body"
                ));
            }
        }
    }
    if !response.body.is_empty() && !response.headers.contains_key(CONTENT_TYPE) {
        response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    Ok(response)
}

fn status(value: &Value) -> Result<StatusCode, String> {
    let number = match value {
        Value::Null => return Ok(StatusCode::OK),
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number
        .and_then(|number| u16::try_from(number).ok())
        .filter(|number| (200..=599).contains(number))
        .and_then(|number| StatusCode::from_u16(number).ok())
        .ok_or_else(|| {
            format!(
                "statusCode {value} is not a status from 200 to 599; the Functions host would answer 200 \
                     or fail"
            )
        })
}

fn headers(value: Value) -> Result<HeaderMap, String> {
    let members = match value {
        Value::Null => return Ok(HeaderMap::new()),
        Value::Object(members) => members,
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err(format!("headers must be an object, but is {}", short(&value.to_string())));
        }
    };
    let mut headers = HeaderMap::new();
    for (name, value) in members {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Null => {
                return Err(format!(
                    "header {name} is null, on which the Functions host fails: leave it out"
                ));
            }
            Value::Array(_) => {
                return Err(format!(
                    "header {name} is an array, which the Functions host would send as JSON text: one string \
                     only"
                ));
            }
            Value::Bool(_) | Value::Object(_) => return Err(format!("header {name} must be a string")),
        };
        let key = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("\"{name}\" is not a header name"))?;
        if [CONTENT_LENGTH, TRANSFER_ENCODING, CONNECTION].contains(&key) {
            return Err(format!("header {name} is the host's own to set: leave it out"));
        }
        let value = HeaderValue::from_str(&text)
            .map_err(|_| format!("the value of header {name} has signs that a header can't carry"))?;
        if headers.insert(key, value).is_some() {
            return Err(format!("header {name} is given twice; the Functions host would drop the second"));
        }
    }
    Ok(headers)
}

fn body(value: Value) -> Result<String, String> {
    match value {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        Value::Object(_) | Value::Array(_) => {
            Err("body is JSON, which the Functions host would print again with indentation and call \
                 text/plain: write a string and a Content-Type"
                .into())
        }
        Value::Number(_) | Value::Bool(_) => {
            Err("body is not a string; the Functions host would print it as \
                                                  .NET does"
                .into())
        }
    }
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
