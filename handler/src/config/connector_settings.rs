//! What a tenant gives to its connector file: each setting by its kind.

use super::connector_file::settings::OF_EVERY_CONNECTOR;
use super::nearest::{listed, nearest};
use super::reader::{Reader, UrlError, check_url};
use super::secret::Secret;
use super::table::At;
use super::tree::{Node, Value};
use crate::lms::engine::settings::{SettingValue, Settings};
use crate::lms::recipe::connector::{ConnectorFile, Setting, SettingKind};
use crate::lms::recipe::template::Variables;
use secrecy::ExposeSecret as _;
use std::borrow::Cow;
use std::collections::BTreeMap;
use url::Url;

impl Reader<'_> {
    /// All of them, with defaults; a secret that can't be had now is left out.
    pub(super) fn connector_settings(
        &mut self,
        table: &Node,
        file: &ConnectorFile,
    ) -> Option<BTreeMap<String, SettingValue>> {
        let read: Vec<Option<Option<(String, SettingValue)>>> =
            file.settings.iter().map(|setting| self.connector_setting(table, setting)).collect();
        let read: Option<Vec<_>> = read.into_iter().collect();
        Some(read?.into_iter().flatten().collect())
    }

    /// The outer is `None` after a problem, the inner where a secret is missing.
    fn connector_setting(
        &mut self,
        table: &Node,
        setting: &Setting,
    ) -> Option<Option<(String, SettingValue)>> {
        let text = |text: String| Some(Some((setting.name.clone(), SettingValue::Text(text))));
        let Some(given) = table.child(&setting.name) else {
            if let Some(default) = &setting.default {
                return text(default.clone());
            }
            let example = setting.example.as_ref().map(|example| format!(", such as \"{example}\""));
            let hint = match setting.kind {
                SettingKind::Secret => format!("{}: {{ env = \"NAME\" }}", setting.about),
                SettingKind::Url
                | SettingKind::Text { .. }
                | SettingKind::Choice { .. }
                | SettingKind::Flag => {
                    format!("{}{}", setting.about, example.unwrap_or_default())
                }
            };
            self.missing(table, &setting.name, &hint);
            return None;
        };
        match &setting.kind {
            // One that is a secret itself, as of a calendar's feed.
            SettingKind::Url if matches!(given.value, Value::Table(_)) => {
                let Secret::Found(secret) = self.secret(At::new(given))? else { return Some(None) };
                if let Err(why) = check_address(secret.expose_secret()) {
                    self.bad_value(
                        given,
                        "the name of a secret that is an https URL",
                        &why.to_string(),
                        None,
                    );
                    return None;
                }
                Some(Some((setting.name.clone(), SettingValue::Secret(secret))))
            }
            SettingKind::Url => {
                let address = self.text(given, "an https URL")?;
                if address.starts_with("file:") {
                    return text(self.fits(given, setting, address)?);
                }
                let url = self.url(At::new(given))?;
                text(url.as_str().trim_end_matches('/').to_owned())
            }
            SettingKind::Secret => Some(match self.secret(At::new(given))? {
                Secret::Found(secret) => Some((setting.name.clone(), SettingValue::Secret(secret))),
                Secret::Missing => None,
            }),
            SettingKind::Flag => text(self.flag(Some(At::new(given)), false)?.to_string()),
            SettingKind::Choice { of } => {
                let chosen = self.text(given, &listed(of.iter().map(String::as_str)))?;
                text(self.fits(given, setting, chosen)?)
            }
            SettingKind::Text { .. } => {
                let value = if let Value::Integer(Some(number)) = &given.value {
                    Cow::Owned(number.to_string())
                } else {
                    Cow::Borrowed(self.text(given, "a text")?)
                };
                text(self.fits(given, setting, &value)?)
            }
        }
    }

    fn fits(&mut self, given: &Node, setting: &Setting, text: &str) -> Option<String> {
        match judge(setting, text) {
            Ok(value) => Some(value),
            Err(Unfit { expected, why, hint }) => {
                self.bad_value(given, &expected, &why, hint);
                None
            }
        }
    }

    /// Keys that neither every connector nor this file knows.
    pub(super) fn only_its_settings(&mut self, table: &Node, file: &ConnectorFile) {
        let own = file.settings.iter().map(|setting| setting.name.as_str());
        let known: Vec<&str> = OF_EVERY_CONNECTOR.iter().copied().chain(own).collect();
        self.only_known(table, &known);
    }

    /// Where the connector's requests go, with these settings.
    pub(super) fn connector_base(
        &mut self,
        named: &Node,
        file: &ConnectorFile,
        values: &BTreeMap<String, SettingValue>,
    ) -> Option<Url> {
        let base = file.service.base.render(&OfSettings(values));
        // Of a secret that can't be had nobody says that it is wrong.
        let lacks = file.settings.iter().any(|setting| !values.contains_key(&setting.name));
        let nowhere = || Url::parse("https://missing.invalid").ok();
        let why = match base {
            Err(_) if lacks => return nowhere(),
            Ok(text) => match check_address(&text) {
                Ok(mut url) => {
                    // What is shown of it, and compared, is no secret.
                    if file.settings.iter().any(|setting| is_secret_address(setting, values)) {
                        url.set_path("");
                        url.set_query(None);
                    }
                    return Some(url);
                }
                // It may hold a secret.
                Err(why) => why.to_string(),
            },
            Err(why) => why.to_string(),
        };
        self.contradiction(named, format!("with these settings its address can't be called: {why}"));
        None
    }
}

fn is_secret_address(setting: &Setting, values: &BTreeMap<String, SettingValue>) -> bool {
    matches!(setting.kind, SettingKind::Url)
        && matches!(values.get(&setting.name), Some(SettingValue::Secret(_)))
}

/// Also a file of this machine.
fn check_address(text: &str) -> Result<Url, UrlError> {
    match Url::parse(text) {
        Ok(url) if url.scheme() == "file" && url.to_file_path().is_ok() => Ok(url),
        Ok(_) | Err(_) => check_url(text),
    }
}

/// Why a text is no value of a setting.
#[derive(Debug)]
pub(crate) struct Unfit {
    pub(crate) expected: String,
    pub(crate) why: String,
    pub(crate) hint: Option<String>,
}

/// The value of a setting that is no secret, as a tenant, or a command line, gives it.
pub(crate) fn judge(setting: &Setting, text: &str) -> Result<String, Unfit> {
    let text = text.trim();
    let unfit = |expected: &str, why: &str, hint| {
        Err(Unfit { expected: expected.to_owned(), why: why.to_owned(), hint })
    };
    match &setting.kind {
        _ if text.is_empty() => unfit("a text", "it is empty", None),
        SettingKind::Url => match check_address(text) {
            Ok(url) => Ok(url.as_str().trim_end_matches('/').to_owned()),
            Err(why) => unfit("an https URL", &why.to_string(), None),
        },
        SettingKind::Choice { of } if !of.iter().any(|known| known == text) => {
            let near = nearest(text, of.iter().map(String::as_str));
            let hint = near.map(|near| format!("did you mean \"{near}\"?"));
            unfit(&listed(of.iter().map(String::as_str)), "not one of them", hint)
        }
        SettingKind::Flag if !["true", "false"].contains(&text) => {
            unfit("`true` or `false`", "neither", None)
        }
        SettingKind::Text { pattern: Some(pattern) } if !pattern.is_match(text) => {
            unfit(&format!("a text that matches {pattern}"), "it does not", Some(setting.about.clone()))
        }
        SettingKind::Choice { .. } | SettingKind::Flag | SettingKind::Text { .. } | SettingKind::Secret => {
            Ok(text.to_owned())
        }
    }
}

struct OfSettings<'a>(&'a BTreeMap<String, SettingValue>);

impl Variables for OfSettings<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.get(name.strip_prefix("settings.")?).map(|value| Cow::Borrowed(value.exposed()))
    }
}

/// With the settings that are no secrets, for people.
pub(super) fn shown(file: &ConnectorFile, settings: &Settings) -> String {
    let shown = file.settings.iter().map(|setting| match settings.values.get(&setting.name) {
        Some(SettingValue::Text(text)) if text.is_empty() => format!("{} is empty", setting.name),
        Some(SettingValue::Text(text)) => format!("{} = {text}", setting.name),
        Some(SettingValue::Secret(_)) => format!("{} is a secret", setting.name),
        None => format!("{} is a secret that is missing", setting.name),
    });
    shown.collect::<Vec<_>>().join(", ")
}
