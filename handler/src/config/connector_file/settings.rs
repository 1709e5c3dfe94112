//! `[settings]`: what a tenant gives.

use super::file_reader::FileReader;
use super::texts::is_name;
use super::words::SettingWord;
use super::{shape, values};
use crate::config::nearest::listed;
use crate::config::reader::check_url;
use crate::config::table::{At, May};
use crate::config::tree::Node;
use crate::lms::recipe::connector::{Setting, SettingKind};
use std::collections::BTreeMap;

const MOST: usize = 64;

/// Keys that a tenant gives to every connector.
pub(in crate::config) const OF_EVERY_CONNECTOR: &[&str] =
    &["connector", "rate", "retry", "allow_course_unenrol", "accept_draft", "hosts"];

impl FileReader<'_> {
    pub(super) fn read_settings(&mut self, given: May<'_, BTreeMap<String, shape::Setting<'_>>>) {
        let Some(given) = given else { return };
        let Some(entries) = self.entries(given.node, &[]) else { return };
        if entries.len() > MOST {
            self.wrong_key(given.node, format!("more than {MOST} settings"), "too many", None);
        }
        for entry in entries.iter().take(MOST) {
            self.setting_name(entry);
            let setting = self.setting(At::new(entry));
            // One that is wrong is known all the same, so that nothing is said of those who ask for it.
            let unread = || Setting {
                name: entry.key.clone(),
                kind: SettingKind::Text { pattern: None },
                about: String::new(),
                example: None,
                default: None,
            };
            self.settings.push(setting.unwrap_or_else(unread));
        }
    }

    fn setting_name(&mut self, node: &Node) {
        if OF_EVERY_CONNECTOR.contains(&node.key.as_str()) {
            let why = format!("`{}` is a key that every connector has", node.key);
            self.wrong_key(node, why, "call it otherwise", None);
        } else if !is_name(&node.key) {
            let why = "a setting's name is of a-z, 0-9 and _, and begins with a letter";
            self.wrong_key(node, why, "not a name", None);
        }
    }

    fn setting(&mut self, given: At<'_, shape::Setting<'_>>) -> Option<Setting> {
        let shape::Setting { kind, about, example, default, optional, of, pattern } = self.table(given)?;
        let word = self
            .required(kind, "one of url, secret, text, choice and flag")
            .and_then(|kind| self.choice(Some(kind), SettingWord::Text));
        let about = self
            .required(about, "a line that says what it is")
            .and_then(|about| self.text(&about, "a line that says what it is").map(str::to_owned));
        let example = match example {
            Some(example) => Some(self.text(&example, "a value as an example")?.to_owned()),
            None => None,
        };
        let is_optional = self.flag(optional, false);
        let word = word?;
        if let Some(of) = of.filter(|_| word != SettingWord::Choice) {
            self.wrong_key(of.node, "`of` belongs to kind = \"choice\"", "not for this kind", None);
        }
        if let Some(pattern) = pattern.filter(|_| word != SettingWord::Text) {
            self.wrong_key(pattern.node, "`pattern` belongs to kind = \"text\"", "not for this kind", None);
        }
        let kind = match word {
            SettingWord::Url => SettingKind::Url,
            SettingWord::Secret => SettingKind::Secret,
            SettingWord::Flag => SettingKind::Flag,
            SettingWord::Text => {
                let pattern = match pattern {
                    Some(pattern) => Some(self.regex(pattern)?),
                    None => None,
                };
                SettingKind::Text { pattern }
            }
            SettingWord::Choice => SettingKind::Choice { of: self.choices(given.node, of)? },
        };
        let default = match default {
            Some(default) => Some(self.default_of(&kind, default)?),
            None => is_optional?.then(String::new),
        };
        if let (Some(optional), Some(true)) = (optional, default.as_ref().map(|default| !default.is_empty()))
        {
            self.wrong_key(optional.node, "`optional` and `default` exclude each other", "keep one", None);
        }
        Some(Setting { name: given.key.clone(), kind, about: about?, example, default })
    }

    fn choices(&mut self, table: &Node, of: May<'_, Vec<String>>) -> Option<Vec<String>> {
        let Some(of) = of else {
            self.missing(table, "of", "the words of the choice, such as [\"suspend\", \"unenrol\"]");
            return None;
        };
        let words = self.texts(of, "a word")?;
        let words: Vec<String> = words.into_iter().map(|(_, word)| word.to_owned()).collect();
        if words.is_empty() {
            self.wrong(of.node, "there is nothing to choose from", "empty", None);
            return None;
        }
        Some(words)
    }

    fn default_of(&mut self, kind: &SettingKind, given: At<'_, values::Scalar>) -> Option<String> {
        if matches!(kind, SettingKind::Secret) {
            self.literal_secret(given.node);
            return None;
        }
        let text = self.scalar(given.node)?.into_owned();
        let expected = match kind {
            SettingKind::Url => {
                check_url(&text).err().map(|why| ("an https URL".to_owned(), why.to_string()))
            }
            SettingKind::Choice { of } if !of.contains(&text) => {
                Some((listed(of.iter().map(String::as_str)), "not one of them".to_owned()))
            }
            SettingKind::Flag if text != "true" && text != "false" => {
                Some(("`true` or `false`".to_owned(), String::new()))
            }
            SettingKind::Text { pattern: Some(pattern) } if !pattern.is_match(&text) => {
                Some((format!("what matches {pattern}"), "its own pattern refuses it".to_owned()))
            }
            SettingKind::Secret
            | SettingKind::Choice { .. }
            | SettingKind::Flag
            | SettingKind::Text { .. } => None,
        };
        match expected {
            Some((expected, label)) => {
                self.bad_value(given.node, &expected, &label, None);
                None
            }
            None => Some(text),
        }
    }
}
