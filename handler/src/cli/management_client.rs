//! The management JSON over HTTP, and what goes wrong on the way there, in sentences.

use crate::config::Env;
use crate::http::client::{HttpOptions, client};
use crate::jobs::operate::management_json::Status;
use clap::Args;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

const DEFAULT: &str = "http://127.0.0.1:7071";

/// Where to ask.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct Place {
    /// Where Regrets answers [default: $REGRETS_URL, else http://127.0.0.1:7071]
    #[arg(long, value_name = "URL", global = true)]
    url: Option<String>,
    /// The function key of `manage` [default: $REGRETS_ADMIN_KEY, else the one of `regrets local` under
    /// --root]
    #[arg(long, value_name = "KEY", global = true)]
    key: Option<String>,
    /// The folder that `regrets local` serves; its keys are in `.regrets/keys.json`
    #[arg(long, value_name = "DIR", default_value = ".", global = true)]
    root: PathBuf,
    /// Print what Regrets answers, as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

impl Place {
    /// For a command that has options of its own for it.
    pub(crate) fn at(url: String, key: Option<String>, root: PathBuf, json: bool) -> Self {
        Self { url: Some(url), key, root, json }
    }
}

#[derive(Debug)]
pub(in crate::cli) struct Management {
    http: reqwest::Client,
    base: String,
    key: String,
    /// Where the key was found, for whoever finds it refused.
    key_from: String,
}

impl Management {
    pub(crate) fn new(place: &Place, env: &Env) -> Result<Self, String> {
        let set =
            |name: &str| env.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let (url, from) = match (&place.url, set("REGRETS_URL")) {
            (Some(url), _) => (url.clone(), "--url"),
            (None, Some(url)) => (url, "REGRETS_URL"),
            (None, None) => (DEFAULT.to_owned(), "the default"),
        };
        let base = base(&url).map_err(|why| format!("{from} is `{url}`: {why}"))?;
        let file = place.root.join(".regrets/keys.json");
        let found = match (&place.key, set("REGRETS_ADMIN_KEY"), key_of(&file)) {
            (Some(key), _, _) => Some((key.clone(), "--key".to_owned())),
            (None, Some(key), _) => Some((key, "REGRETS_ADMIN_KEY".to_owned())),
            (None, None, Some(key)) => Some((key, file.display().to_string())),
            (None, None, None) => None,
        };
        let (key, key_from) = found.ok_or_else(|| {
            format!(
                "no function key: give --key, set REGRETS_ADMIN_KEY, or name the folder of `regrets local` \
                 by --root \
                 ({} can't be read)",
                file.display()
            )
        })?;
        let http = client(&HttpOptions::default()).map_err(|error| error.to_string())?;
        Ok(Self { http, base, key, key_from })
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, String> {
        let url = format!("{}/api/manage/{path}", self.base);
        self.read(self.send(self.http.get(url).query(query)).await?)
    }

    /// The same of what takes its time.
    pub(crate) async fn get_patiently<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
        patience: Duration,
    ) -> Result<T, String> {
        let url = format!("{}/api/manage/{path}", self.base);
        self.read(self.send(self.http.get(url).query(query).timeout(patience)).await?)
    }

    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, String> {
        let url = format!("{}/api/manage/{path}", self.base);
        let request = self.http.post(url).header("content-type", "application/json").body(body.to_string());
        self.read(self.send(request).await?)
    }

    /// The tenant that is meant where none is named and there is but one.
    pub(crate) async fn tenant(&self, named: Option<&String>) -> Result<String, String> {
        if let Some(name) = named {
            return Ok(name.clone());
        }
        let status: Status = self.get("status", &[]).await?;
        let names: Vec<&str> = status.tenants.keys().map(|name| name.as_str()).collect();
        match names.as_slice() {
            [one] => Ok((*one).to_owned()),
            [] => Err("no tenant is configured there".to_owned()),
            many => Err(format!("there are several tenants; name one by --tenant: {}", many.join(", "))),
        }
    }

    fn read<T: DeserializeOwned>(&self, value: Value) -> Result<T, String> {
        serde_json::from_value(value).map_err(|why| {
            format!(
                "{} answers what this version ({}) can't read: {why}",
                self.base,
                env!("CARGO_PKG_VERSION")
            )
        })
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let response = request.header("x-functions-key", &self.key).send().await.map_err(|error| {
            format!(
                "{} does not answer: {}. Is Regrets serving there? Another place is named by --url or \
                 REGRETS_URL",
                self.base,
                plain(&error)
            )
        })?;
        let status = response.status();
        let text = response.text().await.map_err(|error| plain(&error))?;
        let value: Option<Value> = serde_json::from_str(&text).ok();
        let error = value.as_ref().and_then(|value| value.get("error")).and_then(Value::as_str);
        match (status.as_u16(), &value, error) {
            (401 | 403, _, _) => {
                Err(format!("{} does not accept the function key from {}", self.base, self.key_from))
            }
            (200..=299, Some(_), _) => Ok(value.unwrap_or_default()),
            (_, Some(value), Some("configuration")) => Err(refused_configuration(value)),
            (_, _, Some(error)) => Err(error.to_owned()),
            (status, _, None) => {
                Err(format!("{} answered with HTTP {status}; is Regrets serving there?", self.base))
            }
        }
    }
}

/// It is up, with a configuration that it can't use.
fn refused_configuration(value: &Value) -> String {
    let problems = value.get("problems").and_then(Value::as_array).cloned().unwrap_or_default();
    let lines = problems.iter().map(|problem| {
        let place = match (
            problem.get("line").and_then(Value::as_u64),
            problem.get("column").and_then(Value::as_u64),
        ) {
            (Some(line), Some(column)) => format!("line {line}, column {column}: "),
            (Some(line), None) => format!("line {line}: "),
            (None, _) => String::new(),
        };
        format!("\n  {place}{}", problem.get("message").and_then(Value::as_str).unwrap_or("-"))
    });
    format!(
        "Regrets is up and does nothing, because its configuration is wrong:{}",
        lines.collect::<String>()
    )
}

/// Scheme, host and port, and a path before `/api` where there is one.
fn base(url: &str) -> Result<String, String> {
    let parsed = Url::parse(url).ok().filter(|parsed| matches!(parsed.scheme(), "http" | "https"));
    let parsed = parsed.filter(|parsed| parsed.has_host());
    let parsed = parsed.ok_or("write it as http://host:port or https://host")?;
    let text = parsed.as_str().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    Ok(text.strip_suffix("/api/manage").or(text.strip_suffix("/api")).unwrap_or(text).to_owned())
}

/// An id as one segment of a path, whatever is typed.
pub(crate) fn segment(id: &str) -> String {
    /// The unreserved characters of RFC 3986.
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    match id.trim() {
        // In a URL they are no names, however they are written: they would lead elsewhere.
        "" | "." | ".." => "_".to_owned(),
        id => utf8_percent_encode(id, ESCAPED).to_string(),
    }
}

fn plain(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// The function key that `regrets local` made.
fn key_of(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let keys: Value = serde_json::from_str(&text).ok()?;
    Some(keys.get("function")?.as_str()?.to_owned())
}

#[cfg(test)]
#[path = "management_client_tests.rs"]
mod tests;
