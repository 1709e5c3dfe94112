//! What is settled before a host starts: its folders and its settings.

use crate::error::{LocalError, Result};
use crate::options::{DATA, Options};
use crate::settings::Settings;
use crate::storage;
use secrecy::{ExposeSecret as _, SecretString};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What can be known of a host without starting it.
pub struct Preview {
    /// The folder that is served.
    pub root: PathBuf,
    /// The folder of the host's own files, which is made at the start.
    pub data: PathBuf,
    /// The app settings that a handler would be given, with stand-ins for the secrets that are made at the
    /// first start.
    pub settings: Settings,
}

/// # Errors
/// A folder that is not there, a settings file that can't be read, a storage that can't be found.
pub fn preview(options: &Options) -> Result<Preview> {
    let (root, data) = folders(options)?;
    let mut settings = gather(&root, options)?;
    let connection = options.storage.connection(&settings)?;
    complete(&mut settings, &root, SocketAddr::new(options.bind, options.port), connection.as_ref());
    for secret in &options.kept_secrets {
        settings.set_default(&secret.setting, secret.stand_in());
    }
    Ok(Preview { root, data, settings })
}

pub(super) fn folders(options: &Options) -> Result<(PathBuf, PathBuf)> {
    let root = std::fs::canonicalize(&options.root)
        .map_err(|source| LocalError::Io { file: options.root.clone(), source })?;
    let data = options.data.clone().unwrap_or_else(|| root.join(DATA));
    let data = std::path::absolute(&data).map_err(|source| LocalError::Io { file: data.clone(), source })?;
    Ok((root, data))
}

/// Those that somebody has set.
pub(super) fn gather(root: &Path, options: &Options) -> Result<Settings> {
    let mut settings = Settings::gather(root, &options.env, options.inherit_env)?;
    for (name, value) in &options.defaults {
        settings.set_default(name, value.as_str());
    }
    Ok(settings)
}

/// What Core Tools set for a handler, and the account of the queues, unless another is named.
pub(super) fn complete(
    settings: &mut Settings,
    root: &Path,
    address: SocketAddr,
    connection: Option<&SecretString>,
) {
    settings.set_default("FUNCTIONS_WORKER_RUNTIME", "custom");
    settings.set_default("AZURE_FUNCTIONS_ENVIRONMENT", "Development");
    settings.set_default("AzureWebJobsScriptRoot", root.to_string_lossy());
    settings.set_default("WEBSITE_HOSTNAME", address.to_string());
    if let Some(connection) = connection.filter(|_| !settings.name_an_account()) {
        settings.set_default(storage::SETTING, connection.expose_secret());
    }
}
