//! What one tenant gives to a connector file, checked against it: every setting of the file has a value, but
//! for a secret that can't be had now.

use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// By the setting's name. Defaults are filled in.
    pub values: BTreeMap<String, SettingValue>,
    /// Further hosts that an absolute address may lead to, in small letters; with `:port` only that port.
    pub hosts: Vec<String>,
    /// Membership of a course may be taken away.
    pub allow_course_unenrol: bool,
}

/// `Debug` shows no secret.
#[derive(Debug, Clone)]
pub enum SettingValue {
    /// Of a flag, `true` or `false`.
    Text(String),
    Secret(SecretString),
}

impl Settings {
    /// What stands for it in a request; it may be a secret.
    pub fn exposed(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(SettingValue::exposed)
    }
}

impl SettingValue {
    pub fn exposed(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Secret(secret) => secret.expose_secret(),
        }
    }
}
