//! Where the host's queues are: SQLite in the data directory, or a storage account, which then also is the handler's
//! `AzureWebJobsStorage` unless that is set.
//!
//! Guarantees that what is wrong is told by the name of its part and never by its value.

use super::error::{LocalError, Result};
use super::service::{Access, Account};
use super::settings::Settings;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use std::convert::Infallible;
use std::str::FromStr;
use url::Url;

/// The setting by which the handler knows its account.
pub(super) const SETTING: &str = "AzureWebJobsStorage";
/// What the SDKs call the emulator's account on its usual ports.
const EMULATOR: &str = "UseDevelopmentStorage=true";
const EMULATOR_QUEUES: &str = "http://127.0.0.1:10001/devstoreaccount1";
/// Public, as is the name of the account.
const EMULATOR_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

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
                    "\"{name}\" is neither sqlite nor azurite, nor a connection string (AccountName=…;AccountKey=…), nor an app setting that is set and holds one"
                ))),
            },
        }
    }
}

/// The queues of the account that a connection string names.
pub(super) fn account(connection: &SecretString) -> Result<Account> {
    read(connection.expose_secret()).map_err(|why| LocalError::Storage(format!("the connection string {why}")))
}

fn read(text: &str) -> std::result::Result<Account, &'static str> {
    let part = |name: &str| {
        let mut parts = text.split(';').filter_map(|part| part.split_once('='));
        let found = parts.find(|(other, _)| other.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    };
    let url = |text: &str| Url::parse(text.trim_end_matches('/')).map_err(|_| "names queues at what is not a URL");
    if part("UseDevelopmentStorage").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        let (name, access) = ("devstoreaccount1".to_owned(), Access::Key(EMULATOR_KEY.to_owned().into()));
        return Ok(Account { name, queues: url(EMULATOR_QUEUES)?, access });
    }
    let name = part("AccountName").unwrap_or_default();
    let access = match (part("SharedAccessSignature"), part("AccountKey")) {
        (Some(signature), _) => Access::Signature(signature.trim_start_matches('?').to_owned().into()),
        (None, Some(_)) if name.is_empty() => return Err("has an AccountKey but no AccountName"),
        (None, Some(key)) if STANDARD.decode(key).is_ok() => Access::Key(key.to_owned().into()),
        (None, Some(_)) => return Err("holds an AccountKey that is not base64: copy the key once more"),
        (None, None) => return Err("has neither AccountKey nor SharedAccessSignature"),
    };
    let queues = match part("QueueEndpoint") {
        Some(endpoint) => url(endpoint)?,
        None if name.is_empty() => return Err("names neither AccountName nor QueueEndpoint"),
        None => {
            let protocol = part("DefaultEndpointsProtocol").unwrap_or("https");
            let suffix = part("EndpointSuffix").unwrap_or("core.windows.net");
            url(&format!("{protocol}://{name}.queue.{suffix}"))?
        }
    };
    Ok(Account { name: name.to_owned(), queues, access })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn settings() -> Settings {
        let own = BTreeMap::from([("OTHER".to_owned(), "AccountName=other;AccountKey=a2V5".to_owned())]);
        Settings::gather(tempfile::tempdir().unwrap().path(), &own, false).unwrap()
    }

    fn place(text: &str) -> std::result::Result<String, String> {
        let Ok(storage) = Storage::from_str(text);
        let connection = storage.connection(&settings()).map_err(|error| error.to_string())?;
        let account = connection.map(|connection| account(&connection)).transpose();
        account.map(|account| account.map_or("sqlite".into(), |it| it.place())).map_err(|error| error.to_string())
    }

    #[test]
    fn the_choice_leads_to_the_queues_of_its_account() {
        for (text, queues) in [
            ("sqlite", "sqlite"),
            ("azurite", "http://127.0.0.1:10001/devstoreaccount1"),
            ("UseDevelopmentStorage=true", "http://127.0.0.1:10001/devstoreaccount1"),
            ("accountname=a;AccountKey=a2V5MQ==", "https://a.queue.core.windows.net"),
            (
                "AccountName=a;AccountKey=a2V5;EndpointSuffix=core.chinacloudapi.cn",
                "https://a.queue.core.chinacloudapi.cn",
            ),
            ("AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:4711/a/", "http://127.0.0.1:4711/a"),
            ("QueueEndpoint=https://a.queue.x;SharedAccessSignature=?sig=s", "https://a.queue.x"),
            ("OTHER", "https://other.queue.core.windows.net"),
        ] {
            assert_eq!(place(text).as_deref(), Ok(queues), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_never_shown() {
        for (text, part) in [
            ("AccountName=a;AccountKey=hunter2", "AccountKey"),
            ("AccountName=a;hunter2=", "AccountKey"),
            ("AccountKey=a2V5", "AccountName"),
            ("SharedAccessSignature=sig=hunter2", "QueueEndpoint"),
            ("AccountName=a;AccountKey=a2V5;QueueEndpoint=hunter2", "URL"),
            ("NOT_SET", "\"NOT_SET\" is neither"),
        ] {
            let said = place(text).unwrap_err();
            assert!(said.starts_with("--storage: ") && said.contains(part), "{text}: {said}");
            assert!(!said.contains("hunter"), "{said}");
        }
        let Ok(storage) = Storage::from_str("AccountName=a;AccountKey=hunter2");
        assert!(!format!("{storage:?}").contains("hunter"), "{storage:?}");
    }
}
