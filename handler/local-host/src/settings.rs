//! App settings: the options' own, then the environment, then `Values` of `local.settings.json`; the first
//! that has a name wins, as with Core Tools (reference/functions-host.md#environment).

use crate::error::{LocalError, Result};
use crate::json_input::{self, flag};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

#[derive(Debug, Clone, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    pub(crate) fn gather(root: &Path, own: &BTreeMap<String, String>, inherit: bool) -> Result<Self> {
        let mut settings = from_file(&root.join("local.settings.json"))?;
        if inherit {
            settings.extend(
                std::env::vars_os()
                    .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
            );
        }
        settings.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        Ok(Self(settings))
    }

    /// Names are the same in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let other_case =
            || self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        self.0.get(name).or_else(other_case).map(String::as_str)
    }

    pub(crate) fn set_default(&mut self, name: &str, value: impl Into<String>) {
        if self.get(name).is_none() {
            self.0.insert(name.to_owned(), value.into());
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether an account of Azure Storage is named, in one of the forms of `AzureWebJobsStorage`.
    pub fn name_an_account(&self) -> bool {
        self.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("azurewebjobsstorage"))
    }

    /// Replaces each `%NAME%`.
    ///
    /// # Errors
    /// Names the setting that isn't there.
    pub(crate) fn expand(&self, text: &str) -> std::result::Result<String, String> {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            let Some((name, after)) = after.split_once('%') else { break };
            let value = self.get(name).ok_or_else(|| {
                format!(
                    "\"{text}\" names the app setting `{name}`, which is not set: set it in the \
                         environment, in local.settings.json or by --env {name}=…"
                )
            })?;
            whole.push_str(before);
            whole.push_str(value);
            rest = after;
        }
        whole.push_str(rest);
        Ok(whole)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", expecting = "an object with Values")]
struct LocalSettings {
    #[serde(default, deserialize_with = "flag")]
    is_encrypted: bool,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

fn from_file(file: &Path) -> Result<BTreeMap<String, String>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(source) => return Err(LocalError::Io { file: file.to_owned(), source }),
    };
    let complain = |problem: String| LocalError::File { file: file.to_owned(), problem };
    let mut value = json_input::parse(&text).map_err(complain)?;
    if let Some(members) = value.as_object_mut() {
        json_input::spell_members(members, &["IsEncrypted", "Values"]);
    }
    let found: LocalSettings = json_input::typed(value).map_err(complain)?;
    if found.is_encrypted {
        return Err(complain(
            "IsEncrypted is true; this host reads plain settings only: run `func settings decrypt`".into(),
        ));
    }
    Ok(found.values)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
