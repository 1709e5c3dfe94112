//! What a tenant gives to its connector file: each setting by its kind.

use super::connector_file::settings::OF_EVERY_CONNECTOR;
use super::nearest::{listed, nearest};
use super::reader::{Reader, check_url};
use super::secret::Secret;
use super::table::At;
use super::tree::{Node, Value};
use crate::lms::engine::settings::{SettingValue, Settings};
use crate::lms::recipe::connector::{ConnectorFile, Setting, SettingKind};
use crate::lms::recipe::template::Variables;
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
            SettingKind::Url => {
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
        let why = match base {
            Ok(text) => match check_url(&text) {
                Ok(url) => return Some(url),
                Err(why) => format!("{text}: {why}"),
            },
            Err(why) => why.to_string(),
        };
        self.contradiction(named, format!("with these settings its address can't be called: {why}"));
        None
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
        SettingKind::Url => match check_url(text) {
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
