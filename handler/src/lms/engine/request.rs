//! A step's request, with its values in their places. Nothing is sent here.

use super::answer::is_json_number;
use super::auth::credential::{Credential, Place};
use super::hosts::{AddressError, Hosts};
use crate::lms::exchange::Outgoing;
use crate::lms::recipe::step::{Body, JsonBody, Request, Target};
use crate::lms::recipe::template::{RenderError, Template, Variables};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret as _;
use url::{Url, form_urlencoded};

/// A blank becomes `%20`, which everybody reads; `+` is read by forms alone.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// `$filter`, as OData has it.
const NAME: &AsciiSet = &VALUE.remove(b'$');

/// Why a request can't be made; it shows no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RequestError {
    #[error("{0}")]
    Value(#[from] RenderError),
    #[error("the address can't be used: {0}")]
    Address(#[from] AddressError),
    #[error("`{0}` is no header, or its value can't be one")]
    Header(String),
    #[error("a value that should be {0} in JSON is none")]
    NotJson(&'static str),
    #[error("the credential belongs into a form, and the request has none")]
    NoForm,
}

/// A request without its credential.
#[derive(Clone)]
pub(super) struct Unsigned {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    form: bool,
    body: String,
}

pub(super) fn build(
    request: &Request,
    hosts: &Hosts,
    constant: &[(String, Template)],
    variables: &dyn Variables,
) -> Result<Unsigned, RequestError> {
    let mut url = match &request.target {
        Target::Path(path) => hosts.below_base(&path.render(variables)?)?,
        Target::Url(url) => hosts.absolute(&url.render(variables)?)?,
    };
    let mut query = url.query().unwrap_or_default().to_owned();
    for (name, value) in &request.query {
        append(&mut query, name, &value.render(variables)?);
    }
    url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
    let mut headers = HeaderMap::new();
    for (name, value) in constant.iter().chain(&request.headers) {
        let value = value.render(variables)?;
        headers.insert(header_name(name)?, header_value(name, &value)?);
    }
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json"));
    let mut unsigned = Unsigned {
        method: request.method.clone(),
        url,
        headers,
        form: matches!(request.body, Body::Form(_)),
        body: String::new(),
    };
    if let Some(media_type) = body(&request.body, variables, &mut unsigned.body)? {
        unsigned.headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(media_type));
    }
    Ok(unsigned)
}

fn append(query: &mut String, name: &str, value: &str) {
    if !query.is_empty() {
        query.push('&');
    }
    query.extend(utf8_percent_encode(name, NAME));
    query.push('=');
    query.extend(utf8_percent_encode(value, VALUE));
}

fn header_name(name: &str) -> Result<HeaderName, RequestError> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| RequestError::Header(name.to_owned()))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, RequestError> {
    HeaderValue::from_str(value).map_err(|_| RequestError::Header(name.to_owned()))
}

/// Writes it, and says what it is.
pub(super) fn body(
    body: &Body,
    variables: &dyn Variables,
    text: &mut String,
) -> Result<Option<&'static str>, RequestError> {
    Ok(match body {
        Body::None => None,
        Body::Form(fields) => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, value) in fields {
                form.append_pair(name, &value.render(variables)?);
            }
            *text = form.finish();
            Some("application/x-www-form-urlencoded")
        }
        Body::Json(json) => {
            write_json(json, variables, text)?;
            Some("application/json")
        }
        Body::GraphQl { query, variables: given } => {
            text.push_str("{\"query\":");
            quote(query, text);
            text.push_str(",\"variables\":");
            write_json(given, variables, text)?;
            text.push('}');
            Some("application/json")
        }
        Body::Xml(xml) => {
            *text = xml.render(variables)?;
            Some("application/xml")
        }
    })
}

fn write_json(json: &JsonBody, variables: &dyn Variables, text: &mut String) -> Result<(), RequestError> {
    match json {
        JsonBody::Null => text.push_str("null"),
        JsonBody::Boolean(flag) => text.push_str(if *flag { "true" } else { "false" }),
        JsonBody::Number(number) if is_json_number(number) => text.push_str(number),
        JsonBody::Number(_) => return Err(RequestError::NotJson("a number")),
        JsonBody::Text(template) => quote(&template.render(variables)?, text),
        JsonBody::AsNumber(template) => {
            let number = template.render(variables)?;
            if !is_json_number(&number) {
                return Err(RequestError::NotJson("a number"));
            }
            text.push_str(&number);
        }
        JsonBody::AsBoolean(template) => match template.render(variables)?.as_str() {
            flag @ ("true" | "false") => text.push_str(flag),
            _ => return Err(RequestError::NotJson("true or false")),
        },
        JsonBody::List(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_json(item, variables, text)?;
            }
            text.push(']');
        }
        JsonBody::Object(fields) => {
            text.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                quote(name, text);
                text.push(':');
                write_json(value, variables, text)?;
            }
            text.push('}');
        }
    }
    Ok(())
}

fn quote(value: &str, text: &mut String) {
    text.push_str(&serde_json::Value::from(value).to_string());
}

impl Unsigned {
    /// Adds the fields that name a value which begins so, as they are for another entry.
    pub(super) fn repeat(
        &mut self,
        request: &Request,
        prefix: &str,
        variables: &dyn Variables,
    ) -> Result<(), RequestError> {
        let names_it =
            |template: &Template| template.placeholders().any(|(name, _)| name.starts_with(prefix));
        let mut query = self.url.query().unwrap_or_default().to_owned();
        for (name, value) in request.query.iter().filter(|(_, value)| names_it(value)) {
            append(&mut query, name, &value.render(variables)?);
        }
        self.url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        if let Body::Form(fields) = &request.body {
            let before = std::mem::take(&mut self.body);
            let mut form = form_urlencoded::Serializer::new(before);
            for (name, value) in fields.iter().filter(|(_, value)| names_it(value)) {
                form.append_pair(name, &value.render(variables)?);
            }
            self.body = form.finish();
        }
        Ok(())
    }

    /// What tells it apart from every other request, but for the credential.
    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// With the credential where it belongs.
    pub(super) fn sign(mut self, credential: &Credential) -> Result<Outgoing, RequestError> {
        if let Some((place, value)) = credential.placed() {
            self.place(place, value.expose_secret())?;
        }
        Ok(self.send())
    }

    pub(super) fn authorize(&mut self, header: &str) -> Result<(), RequestError> {
        self.headers.insert(AUTHORIZATION, hidden("Authorization", header)?);
        Ok(())
    }

    /// As it is.
    pub(super) fn send(self) -> Outgoing {
        Outgoing { method: self.method, url: self.url, headers: self.headers, body: Bytes::from(self.body) }
    }

    fn place(&mut self, place: &Place, value: &str) -> Result<(), RequestError> {
        match place {
            Place::Header(name) => {
                self.headers.insert(header_name(name)?, hidden(name, value)?);
            }
            Place::Query(name) => {
                // A next page's address may carry it already.
                let mut query = without(self.url.query().unwrap_or_default(), name);
                append(&mut query, name, value);
                self.url.set_query(Some(&query));
            }
            Place::Form(name) if self.form => append(&mut self.body, name, value),
            Place::Form(_) => return Err(RequestError::NoForm),
            Place::Cookie(name) => {
                let cookie = format!("{name}={value}");
                self.headers.insert(COOKIE, hidden("Cookie", &cookie)?);
            }
        }
        Ok(())
    }
}

/// The query without what has this name, as it was written.
fn without(query: &str, name: &str) -> String {
    let is_other =
        |pair: &&str| form_urlencoded::parse(pair.as_bytes()).next().is_none_or(|(known, _)| known != name);
    query.split('&').filter(is_other).collect::<Vec<_>>().join("&")
}

fn hidden(name: &str, value: &str) -> Result<HeaderValue, RequestError> {
    let mut value = header_value(name, value)?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
