//! What `regrets local` gives its handler and no configuration says: where the ledger is, and the key
//! that signs `clientState`. Taken from its folder, where there is one and nothing else is set, so that
//! whoever looks sees what it serves.

use crate::config::Env;
use serde_json::Value;
use std::path::Path;

pub(in crate::cli) fn completed(root: &Path, mut env: Env) -> Env {
    let folder = root.join(".regrets");
    let Ok(text) = std::fs::read_to_string(folder.join("keys.json")) else { return env };
    let names_account = env.keys().any(|name| name.to_ascii_lowercase().starts_with("azurewebjobsstorage"));
    if !names_account {
        let folder = std::fs::canonicalize(&folder).unwrap_or(folder);
        let ledger = format!("sqlite:{}", folder.join("ledger.db").display());
        env.entry("REGRETS_STORE".to_owned()).or_insert(ledger);
    }
    let keys: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(key) = keys.get("state").and_then(Value::as_str) {
        env.entry("REGRETS_STATE_KEYS".to_owned()).or_insert_with(|| key.to_owned());
    }
    env
}

#[cfg(test)]
#[path = "local_folder_tests.rs"]
mod tests;
