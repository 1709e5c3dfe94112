//! The keys of this host, made at its first start and kept in `keys.json` of the data directory (mode 0600).

use super::error::{LocalError, Result};
use axum::http::{HeaderMap, Uri};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Write};
use std::path::Path;
use subtle::ConstantTimeEq;

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// Opens everything, `/admin/functions/<name>` included.
    pub master: String,
    /// Opens the functions whose `authLevel` is `function`.
    pub function: String,
    /// Signs `clientState` where `REGRETS_STATE_KEYS` is not set: `id:base64`, as that setting has it.
    pub(crate) state: String,
}

impl Keys {
    /// Reads `keys.json`, or makes it.
    pub(crate) fn load(directory: &Path) -> Result<Self> {
        let file = directory.join("keys.json");
        let io = |source| LocalError::Io { file: file.clone(), source };
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                let complain = |problem: String| LocalError::File { file: file.clone(), problem };
                let keys: Self = serde_json::from_str(&text).map_err(|error| {
                    complain(format!(
                        "{error}; expected {{\"master\": …, \"function\": …, \"state\": …}}; without the file, new keys are made"
                    ))
                })?;
                if keys.master.len() < 16 || keys.function.len() < 16 {
                    return Err(complain("a key is shorter than 16 characters".into()));
                }
                Ok(keys)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let keys =
                    Self { master: fresh(), function: fresh(), state: format!("local:{}", STANDARD.encode(random())) };
                let text = serde_json::to_string_pretty(&keys).map_err(|error| io(error.into()))?;
                // Complete or not there at all, should we be killed here.
                let draft = directory.join("keys.json.new");
                write_private(&draft, &text).and_then(|()| std::fs::rename(&draft, &file)).map_err(io)?;
                Ok(keys)
            }
            Err(source) => Err(io(source)),
        }
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
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_kept_private_and_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let keys = Keys::load(directory.path()).unwrap();
        let again = Keys::load(directory.path()).unwrap();
        assert_eq!((&keys.master, &keys.function, &keys.state), (&again.master, &again.function, &again.state));
        assert_ne!(keys.master, keys.function);
        assert!(keys.opens_functions(&keys.function) && keys.opens_functions(&keys.master));
        assert!(keys.is_master(&keys.master) && !keys.is_master(&keys.function) && !keys.opens_functions(""));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(directory.path().join("keys.json")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_broken_key_file_is_refused_rather_than_replaced() {
        let directory = tempfile::tempdir().unwrap();
        for text in ["", "{}", r#"{"master": "", "function": "", "state": ""}"#] {
            std::fs::write(directory.path().join("keys.json"), text).unwrap();
            assert!(Keys::load(directory.path()).is_err(), "{text}");
        }
    }
}
