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
                let expected = listed(of.iter().map(String::as_str));
                let chosen = self.text(given, &expected)?;
                if !of.iter().any(|known| known == chosen) {
                    let near = nearest(chosen, of.iter().map(String::as_str));
                    let hint = near.map(|near| format!("did you mean \"{near}\"?"));
                    self.bad_value(given, &expected, "not one of them", hint);
                    return None;
                }
                text(chosen.to_owned())
            }
            SettingKind::Text { pattern } => {
                let value = if let Value::Integer(Some(number)) = &given.value {
                    Cow::Owned(number.to_string())
                } else {
                    Cow::Borrowed(self.text(given, "a text")?)
                };
                if let Some(pattern) = pattern.as_ref().filter(|pattern| !pattern.is_match(&value)) {
                    let hint = Some(setting.about.clone());
                    self.bad_value(given, &format!("a text that matches {pattern}"), "it does not", hint);
                    return None;
                }
                text(value.into_owned())
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
