//! An HTTP request as the wrapped mode tells it (reference/functions-host.md#wrapped-requests).

use super::{Metadata, sys, twice, wrap};
use crate::route::Params;
use axum::http::{HeaderMap, Method, Uri, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

pub(crate) struct HttpCall {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) params: Params,
    /// None without a Content-Length above 0: the host drops chunked bodies.
    pub(crate) body: Option<Bytes>,
}

pub(crate) fn http(function: &str, binding: &str, call: &HttpCall, now: DateTime<Utc>) -> Value {
    let query = query(&call.uri);
    let headers = headers(&call.headers);
    let body = call.body.as_ref().map(|body| text(body, &call.headers));

    let mut metadata = Metadata::default();
    if let Some(body) = &body {
        metadata.merge_properties(body);
    }
    // Of a repeated name the last value stays here, while `Query` joins them.
    for (name, value) in url::form_urlencoded::parse(call.uri.query().unwrap_or_default().as_bytes()) {
        if !name.eq_ignore_ascii_case("code") {
            metadata.set(&name, twice(&json!(value)));
        }
    }
    for (name, value) in &call.params {
        metadata.set(name, twice(&json!(value)));
    }
    let joined = |(name, values): &(String, Vec<String>)| (name.clone(), json!(values.join(",")));
    metadata.set("Query", object(query.iter().map(|(name, value)| (name.clone(), json!(value)))));
    metadata.set("Headers", object(headers.iter().map(joined)));
    metadata.set("sys", sys(function, now));

    let mut request = json!({
        "Url": url(&call.uri, &call.headers),
        "Method": call.method.as_str(),
        "Query": object(query.into_iter().map(|(name, value)| (name, json!(value)))),
        "Headers": object(headers.into_iter().map(|(name, values)| (name, json!(values)))),
        "Params": object(call.params.iter().map(|(name, value)| (name.clone(), json!(value)))),
        "Identities": [identity()],
    });
    if let (Some(body), Some(request)) = (body, request.as_object_mut()) {
        request.insert("Body".into(), Value::String(body));
    }
    wrap(binding, request, metadata)
}

/// .NET's own picture of somebody with a function key.
fn identity() -> Value {
    let claim = |kind: &str, value: &str| {
        json!({
            "Issuer": "LOCAL AUTHORITY", "OriginalIssuer": "LOCAL AUTHORITY", "Properties": {},
            "Subject": null,
            "Type": format!("http://schemas.microsoft.com/2017/07/functions/claims/{kind}"), "Value": value,
            "ValueType": "http://www.w3.org/2001/XMLSchema#string",
        })
    };
    json!({
        "Actor": null, "AuthenticationType": null, "BootstrapContext": null, "IsAuthenticated": false,
        "Label": null,
        "Claims": [claim("authlevel", "Function"), claim("keyid", "default")], "Name": null,
        "NameClaimType": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        "RoleClaimType": "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    })
}

fn object(members: impl Iterator<Item = (String, Value)>) -> Value {
    Value::Object(members.collect::<Map<_, _>>())
}

/// Decoded once; the values of a repeated name are joined with commas.
fn query(uri: &Uri) -> Vec<(String, String)> {
    let mut query: Vec<(String, String)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
        match query.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => {
                values.push(',');
                values.push_str(&value);
            }
            None => query.push((name.into_owned(), value.into_owned())),
        }
    }
    query
}

/// Names in the case that HTTP/1.1 clients commonly write; what the client wrote is not known here any more.
fn headers(headers: &HeaderMap) -> Vec<(String, Vec<String>)> {
    headers
        .keys()
        .map(|name| {
            let values = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            (title_case(name.as_str()), values.collect())
        })
        .collect()
}

fn title_case(name: &str) -> String {
    let mut first = true;
    name.chars()
        .map(|sign| {
            let upper = std::mem::replace(&mut first, sign == '-');
            if upper { sign.to_ascii_uppercase() } else { sign }
        })
        .collect()
}

/// Base64 for `application/octet-stream` and `multipart/*`, with nothing to mark it; text, damaged if need
/// be, for the rest.
fn text(body: &Bytes, headers: &HeaderMap) -> String {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    if kind.starts_with("application/octet-stream") || kind.starts_with("multipart/") {
        STANDARD.encode(body)
    } else {
        String::from_utf8_lossy(body).into_owned()
    }
}

fn url(uri: &Uri, headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}{}", uri.path_and_query().map_or("/", |path| path.as_str()))
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
