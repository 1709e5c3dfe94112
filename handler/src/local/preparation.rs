//! What is settled before a host starts: its folders and its settings.

use crate::local::error::{LocalError, Result};
use crate::local::lease::LEASE;
use crate::local::options::Options;
use crate::local::settings::Settings;
use crate::local::storage;
use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The folder that is served, and the one of the host's own files, which is made at the start.
pub(crate) fn folders(options: &Options) -> Result<(PathBuf, PathBuf)> {
    let root =
        std::fs::canonicalize(&options.root).map_err(|source| LocalError::Io { file: options.root.clone(), source })?;
    let data = options.data.clone().unwrap_or_else(|| root.join(".regrets"));
    let data = std::path::absolute(&data).map_err(|source| LocalError::Io { file: data.clone(), source })?;
    Ok((root, data))
}

/// The app settings that a handler would be given, with a stand-in for the state key, which is made at the start.
pub(crate) fn preview(options: &Options) -> Result<BTreeMap<String, String>> {
    /// 32 bytes of nothing: signs nothing.
    const STAND_IN: &str = "local:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (root, data) = folders(options)?;
    let mut settings = Settings::gather(&root, &options.env, options.inherit_env)?;
    let connection = options.storage.connection(&settings)?;
    let address = SocketAddr::new(options.bind, options.port);
    complete(&mut settings, &root, &data, address, connection.as_ref());
    settings.set_default("REGRETS_STATE_KEYS", STAND_IN);
    Ok(settings.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

/// How long a message is hidden from others while it is worked on. `REGRETS_LOCAL_HASTE` shortens it as it does for the handler, because a
/// demonstration can't wait ten minutes for what a kill has left behind.
pub(super) fn lease(settings: &Settings) -> TimeDelta {
    let haste: Option<i32> = settings.get("REGRETS_LOCAL_HASTE").and_then(|text| text.parse().ok());
    (LEASE / haste.unwrap_or(1).max(1)).max(TimeDelta::seconds(10))
}

/// What Core Tools sets for a handler, and a place for the ledger: in the account of the queues, or in SQLite, unless
/// another account is named.
pub(super) fn complete(
    settings: &mut Settings,
    root: &Path,
    data: &Path,
    address: SocketAddr,
    connection: Option<&SecretString>,
) {
    settings.set_default("FUNCTIONS_WORKER_RUNTIME", "custom");
    settings.set_default("AZURE_FUNCTIONS_ENVIRONMENT", "Development");
    settings.set_default("AzureWebJobsScriptRoot", root.to_string_lossy());
    settings.set_default("WEBSITE_HOSTNAME", address.to_string());
    let has_account = settings.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("azurewebjobsstorage"));
    if has_account {
        return;
    }
    if let Some(connection) = connection {
        settings.set_default(storage::SETTING, connection.expose_secret());
    } else {
        settings.set_default("REGRETS_STORE", format!("sqlite:{}", data.join("ledger.db").display()));
    }
}
