//! What nobody may see of an exchange: secrets, and people.

use super::settings::{SettingValue, Settings};
use crate::ids::LearnerKey;
use crate::lms::sanitize;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

/// A secret that is shorter is no secret, and blotting it out would make every text unreadable.
const SHORTEST: usize = 4;

/// Secrets in all the ways in which they may stand in a request or come back in an answer.
#[derive(Default, Clone)]
pub(super) struct Redactor {
    secrets: Vec<SecretString>,
    learner: Option<String>,
    /// What the LMS calls the learner.
    names: Vec<String>,
}

impl Redactor {
    pub(super) fn of(settings: &Settings) -> Self {
        let mut redactor = Self::default();
        for value in settings.values.values() {
            match value {
                SettingValue::Secret(secret) => redactor.hide(secret),
                SettingValue::Text(_) => {}
            }
        }
        redactor
    }

    pub(super) fn for_learner(&self, learner: Option<&LearnerKey>) -> Self {
        let learner = learner.map(|learner| learner.as_str().to_owned());
        let local =
            learner.as_ref().and_then(|learner| learner.split_once('@')).map(|(local, _)| local.to_owned());
        let mut redactor = Self { secrets: self.secrets.clone(), learner, names: Vec::new() };
        local.iter().for_each(|local| redactor.name(local));
        redactor
    }

    pub(super) fn hide(&mut self, secret: &SecretString) {
        let text = secret.expose_secret();
        if text.len() < SHORTEST {
            return;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let json = serde_json::Value::from(text).to_string();
        let forms = [text.to_owned(), encoded, STANDARD.encode(text), json.trim_matches('"').to_owned()];
        for form in forms {
            if !self.secrets.iter().any(|known| known.expose_secret() == form) {
                self.secrets.push(form.into());
            }
        }
        // `Bearer …`: the second word alone is as good.
        if let Some((_, word)) = text.split_once(' ')
            && word.len() >= SHORTEST
            && !word.contains(' ')
        {
            self.hide(&word.into());
        }
    }

    /// A value that was taken from an answer about the learner. Numbers are kept: they tell an administrator
    /// where to look, and stand everywhere.
    pub(super) fn name(&mut self, value: &str) {
        let is_telling = value.chars().count() > 2 && !value.chars().all(|c| c.is_ascii_digit());
        if is_telling && !self.names.iter().any(|known| known == value) {
            self.names.push(value.to_owned());
        }
    }

    /// The LMS's words, for the story.
    pub(super) fn quote(&self, text: &str) -> Option<String> {
        let secrets: Vec<&str> = self.secrets.iter().map(|secret| secret.expose_secret()).collect();
        let named = self.names.iter().fold(text.to_owned(), |text, name| sanitize::without(&text, name));
        sanitize::quote(&named, &secrets, self.learner.as_deref())
    }

    /// A whole request or answer, for whoever tries out a connector: secrets are never shown, people only
    /// where they are asked for.
    pub(super) fn show(&self, text: &str, people: bool) -> String {
        let hidden = self
            .secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "***"));
        if people {
            return hidden;
        }
        let named = self.names.iter().chain(&self.learner).fold(hidden, |text, name| {
            let encoded: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
            sanitize::without(&sanitize::without(&text, name), &encoded)
        });
        sanitize::without_addresses(&named)
    }
}

#[cfg(test)]
#[path = "redact_tests.rs"]
mod tests;
