//! The keys of this host, made at its first start and kept in `keys.json` of the data directory (mode 0600).

use crate::error::{LocalError, Result};
use axum::http::{HeaderMap, Uri};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{ErrorKind, Write};
use std::path::Path;
use subtle::ConstantTimeEq;

/// A setting that a handler needs and that nobody has to think of on one machine: 256 bits, made at the first
/// start and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    /// In `keys.json`.
    pub name: String,
    /// The app setting, where it is not set.
    pub setting: String,
    /// What stands before the bits, which are in base64.
    pub prefix: String,
}

impl KeptSecret {
    fn fresh(&self) -> String {
        format!("{}{}", self.prefix, STANDARD.encode(random()))
    }

    /// For whoever only looks: it opens and signs nothing.
    pub(crate) fn stand_in(&self) -> String {
        format!("{}{}", self.prefix, STANDARD.encode([0_u8; 32]))
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Keys {
    /// Opens everything, `/admin/functions/<name>` included.
    pub master: String,
    /// Opens the functions whose `authLevel` is `function`.
    pub function: String,
    /// By the names of the [`KeptSecret`]s.
    #[serde(flatten)]
    kept: BTreeMap<String, String>,
}

impl Keys {
    /// Reads `keys.json`, or makes it.
    pub(crate) fn load(directory: &Path, secrets: &[KeptSecret]) -> Result<Self> {
        let file = directory.join("keys.json");
        let io = |source| LocalError::Io { file: file.clone(), source };
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let complain = |problem: String| LocalError::File { file: file.clone(), problem };
                let names: BTreeSet<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
                let keys: Self = serde_json::from_str(&text)
                    .map_err(|error| error.to_string())
                    .and_then(|keys: Self| {
                        match keys.kept.keys().map(String::as_str).collect::<BTreeSet<_>>() {
                            found if found == names => Ok(keys),
                            found => Err(format!("beside the keys it holds {found:?}")),
                        }
                    })
                    .map_err(|why| {
                        let members: String = names.iter().map(|name| format!(", \"{name}\": …")).collect();
                        complain(format!(
                            "{why}; expected {{\"master\": …, \"function\": …{members}}}; without the file, \
                             new keys are made"
                        ))
                    })?;
                if keys.master.len() < 16 || keys.function.len() < 16 {
                    return Err(complain("a key is shorter than 16 characters".into()));
                }
                Ok(keys)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let kept = secrets.iter().map(|secret| (secret.name.clone(), secret.fresh())).collect();
                let keys = Self { master: fresh(), function: fresh(), kept };
                let text = serde_json::to_string_pretty(&keys).map_err(|error| io(error.into()))?;
                // Complete or not there at all, should we be killed here.
                let draft = directory.join("keys.json.new");
                write_private(&draft, &text).and_then(|()| std::fs::rename(&draft, &file)).map_err(io)?;
                Ok(keys)
            }
            Err(source) => Err(io(source)),
        }
    }

    /// Empty for one that was not asked for.
    pub(crate) fn kept(&self, secret: &KeptSecret) -> &str {
        self.kept.get(&secret.name).map_or("", String::as_str)
    }

    pub(crate) fn is_master(&self, key: &str) -> bool {
        self.master.as_bytes().ct_eq(key.as_bytes()).into()
    }

    pub(crate) fn opens_functions(&self, key: &str) -> bool {
        (self.function.as_bytes().ct_eq(key.as_bytes()) | self.master.as_bytes().ct_eq(key.as_bytes())).into()
    }
}

/// 256 bits, in letters that a URL takes as they are.
pub(super) fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(random())
}

fn random() -> [u8; 32] {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::File::options();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(file)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// From `x-functions-key`, else from `?code=`.
pub(super) fn key(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if let Some(key) = headers.get("x-functions-key").and_then(|key| key.to_str().ok()) {
        return Some(key.to_owned());
    }
    let mut pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.find(|(name, _)| name == "code").map(|(_, value)| value.into_owned())
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
