//! Where the host's queues are: SQLite in the data directory, or a storage account, which then also is the
//! handler's `AzureWebJobsStorage` unless that is set.
//!
//! Guarantees that what is wrong is told by the name of its part and never by its value.

use crate::error::{LocalError, Result};
use crate::service::{Access, Account};
use crate::settings::Settings;
use secrecy::{ExposeSecret as _, SecretString};
use std::convert::Infallible;
use std::str::FromStr;
use storage_account::{StorageAccess, StorageAccount};

/// The setting by which the handler knows its account.
pub(super) const SETTING: &str = storage_account::STORAGE;
/// What the SDKs call the emulator's account on its usual ports.
const EMULATOR: &str = "UseDevelopmentStorage=true";

/// As `--storage` says it.
#[derive(Debug, Clone, Default)]
pub enum Storage {
    #[default]
    Sqlite,
    /// Azurite on this machine, on its usual ports.
    Azurite,
    /// A connection string.
    Account(SecretString),
    /// The app setting that holds a connection string, so that no key is on the command line.
    Setting(String),
}

impl FromStr for Storage {
    /// Whatever is wrong is found later: here it would be shown.
    type Err = Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Infallible> {
        Ok(match text {
            "sqlite" => Self::Sqlite,
            "azurite" => Self::Azurite,
            other if other.contains('=') => Self::Account(other.to_owned().into()),
            other => Self::Setting(other.to_owned()),
        })
    }
}

impl Storage {
    /// The connection string of the account, where there is one.
    pub(super) fn connection(&self, settings: &Settings) -> Result<Option<SecretString>> {
        match self {
            Self::Sqlite => Ok(None),
            Self::Azurite => Ok(Some(EMULATOR.to_owned().into())),
            Self::Account(connection) => Ok(Some(connection.clone())),
            Self::Setting(name) => match settings.get(name) {
                Some(connection) => Ok(Some(connection.to_owned().into())),
                None => Err(LocalError::Storage(format!(
                    "\"{name}\" is neither sqlite nor azurite, nor a connection string \
                     (AccountName=…;AccountKey=…), nor an app setting that is set and holds one"
                ))),
            },
        }
    }
}

/// The queues of the account that a connection string names.
pub(super) fn account(connection: &SecretString) -> Result<Account> {
    let wrong = |why: String| LocalError::Storage(format!("the connection string {why}"));
    let found = StorageAccount::from_connection_string(connection.expose_secret()).map_err(|problem| {
        let hint = problem.hint.map(|hint| format!(": {hint}")).unwrap_or_default();
        wrong(format!("{}{hint}", problem.why))
    })?;
    let queues = found.queues.ok_or_else(|| wrong("names neither AccountName nor QueueEndpoint".into()))?;
    let access = match found.access {
        StorageAccess::Key(key) => Access::Key(key),
        StorageAccess::Signature(signature) => Access::Signature(signature),
        StorageAccess::ManagedIdentity { .. } | StorageAccess::Developer => {
            return Err(wrong("has neither AccountKey nor SharedAccessSignature".into()));
        }
    };
    Ok(Account { name: found.name, queues, access })
}

#[cfg(test)]
#[path = "storage_tests.rs"]
mod tests;
