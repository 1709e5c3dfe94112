//! Parameters as Moodle reads them: flattened the PHP way, without leniency, and none too many.

use super::{Refusal, bad_parameter};
use crate::call::Call;
use std::collections::BTreeMap;

/// They belong to the protocol.
const ENVELOPE: [&str; 3] = ["wstoken", "wsfunction", "moodlewsrestformat"];

pub(super) struct Params(BTreeMap<String, String>);

impl Params {
    pub(super) fn of(call: &Call) -> Self {
        let mut params = BTreeMap::new();
        for (name, value) in call.query.iter().cloned().chain(call.form()) {
            // The next entry of the list.
            let name = match name.strip_suffix("[]") {
                Some(list) => {
                    let is_free = |index: &usize| !params.contains_key(&format!("{list}[{index}]"));
                    format!("{list}[{}]", (0..).find(is_free).unwrap_or_default())
                }
                None => name,
            };
            params.insert(name, value);
        }
        Self(params)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Any other key fails the call. `[*]` stands for any index.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let is_known =
            |key: &String| ENVELOPE.contains(&key.as_str()) || known.contains(&shape(key).as_str());
        if self.0.keys().all(is_known) { Ok(()) } else { Err(bad_parameter()) }
    }

    pub(super) fn text(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(bad_parameter)
    }

    /// Digits and nothing else.
    pub(super) fn number(&self, name: &str) -> Result<u64, Refusal> {
        self.text(name)?.parse().map_err(|_| bad_parameter())
    }

    /// Entries of a list by their index: `prefix[0][key]`, or `prefix[0]`.
    pub(super) fn indexes(&self, prefix: &str) -> Vec<String> {
        let mut found: Vec<String> = self
            .0
            .keys()
            .filter_map(|key| key.strip_prefix(prefix)?.strip_prefix('[')?.split(']').next())
            .map(str::to_owned)
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// `options[n][name]` and `options[n][value]`
    pub(super) fn options(&self) -> BTreeMap<&str, &str> {
        let pair = |index: &String| {
            Some((
                self.get(&format!("options[{index}][name]"))?,
                self.get(&format!("options[{index}][value]"))?,
            ))
        };
        self.indexes("options").iter().filter_map(pair).collect()
    }
}

/// `a[0][b]` becomes `a[*][b]`.
fn shape(key: &str) -> String {
    let mut parts = key.split('[');
    let mut shape = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let inner = part.trim_end_matches(']');
        let is_index = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
        shape.push_str(&format!("[{}]", if is_index { "*" } else { inner }));
    }
    shape
}
