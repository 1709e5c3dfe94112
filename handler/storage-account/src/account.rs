//! The storage account behind `AzureWebJobsStorage`: a connection string, or the identity form
//! (reference/azure-storage.md#connections).
//!
//! Guarantees that what is wrong is told by the name of the part and never by its value, that a key can be
//! used for signing, and that nothing that opens the account goes over plain HTTP to another machine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use std::collections::BTreeMap;
use thiserror::Error;
use url::Url;

pub const STORAGE: &str = "AzureWebJobsStorage";
pub const ACCOUNT_NAME: &str = "AzureWebJobsStorage__accountName";
pub const TABLES: &str = "AzureWebJobsStorage__tableServiceUri";
pub const QUEUES: &str = "AzureWebJobsStorage__queueServiceUri";
pub const CREDENTIAL: &str = "AzureWebJobsStorage__credential";
pub const CLIENT_ID: &str = "AzureWebJobsStorage__clientId";

/// Account and key of every storage emulator; both are public.
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";
const EMULATOR_KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

#[derive(Debug, Clone)]
pub struct StorageAccount {
    pub name: String,
    /// Where the tables are; without a trailing slash in its path.
    pub tables: Url,
    /// Where the queues are, where that is known.
    pub queues: Option<Url>,
    pub access: StorageAccess,
}

#[derive(Debug, Clone)]
pub enum StorageAccess {
    /// Standard base64, padded.
    Key(SecretString),
    /// The query of a shared access signature, without `?`.
    Signature(SecretString),
    /// The app's own identity: the one of this client id, or the one that the system assigned.
    ManagedIdentity { client_id: Option<String> },
    /// Who is logged in on this machine (Azure CLI), for development.
    Developer,
}

/// What is wrong with a setting, and what would be right. Never holds a value that may be secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct StorageProblem {
    /// The app setting.
    pub setting: &'static str,
    pub why: String,
    pub hint: Option<&'static str>,
}

const FORMS: &str = "such as AccountName=…;AccountKey=…, or UseDevelopmentStorage=true";

fn wrong(setting: &'static str, why: impl Into<String>, hint: Option<&'static str>) -> StorageProblem {
    StorageProblem { setting, why: why.into(), hint }
}

impl StorageAccount {
    /// Reads a connection string as the Azure SDKs write it. Names in any case; unknown ones are passed over.
    pub fn from_connection_string(text: &str) -> Result<Self, StorageProblem> {
        let parts = Parts::read(text)?;
        if let Some(emulator) = parts.get("UseDevelopmentStorage") {
            if !emulator.eq_ignore_ascii_case("true") {
                return Err(wrong(STORAGE, "says UseDevelopmentStorage, but not =true", Some(FORMS)));
            }
            return emulator_account(parts.get("DevelopmentStorageProxyUri").unwrap_or("http://127.0.0.1"));
        }
        let access = match (parts.get("AccountKey"), parts.get("SharedAccessSignature")) {
            (_, Some(signature)) => {
                StorageAccess::Signature(signature.trim_start_matches('?').to_owned().into())
            }
            (Some(key), None) if STANDARD.decode(key).is_ok() => StorageAccess::Key(key.to_owned().into()),
            (Some(_), None) => {
                return Err(wrong(
                    STORAGE,
                    "holds an AccountKey that is not base64",
                    Some("copy the key once more"),
                ));
            }
            (None, None) => return Err(wrong(STORAGE, "is not a connection string", Some(FORMS))),
        };
        let protocol = match parts.get("DefaultEndpointsProtocol") {
            None => "https",
            Some(given) if given.eq_ignore_ascii_case("https") => "https",
            Some(given) if given.eq_ignore_ascii_case("http") => "http",
            Some(_) => {
                return Err(wrong(
                    STORAGE,
                    "has a DefaultEndpointsProtocol that is neither http nor https",
                    None,
                ));
            }
        };
        let suffix = parts.get("EndpointSuffix").unwrap_or("core.windows.net");
        let endpoint = |part: &str, service: &str| match (parts.get(part), parts.get("AccountName")) {
            (Some(given), _) => {
                parse_endpoint(given).map(Some).map_err(|why| wrong(STORAGE, format!("{part}: {why}"), None))
            }
            (None, Some(account)) => parse_endpoint(&format!("{protocol}://{account}.{service}.{suffix}"))
                .map(Some)
                .map_err(|why| wrong(STORAGE, format!("AccountName and EndpointSuffix: {why}"), Some(FORMS))),
            (None, None) => Ok(None),
        };
        let Some(tables) = endpoint("TableEndpoint", "table")? else {
            return Err(wrong(STORAGE, "names neither AccountName nor TableEndpoint", Some(FORMS)));
        };
        let name = match (parts.get("AccountName"), &access) {
            (Some(name), _) => name.to_owned(),
            (None, StorageAccess::Key(_)) => {
                return Err(wrong(STORAGE, "has an AccountKey but no AccountName", Some(FORMS)));
            }
            (None, _) => account_of(&tables),
        };
        if matches!(access, StorageAccess::Signature(_)) && !keeps_secrets(&tables) {
            return Err(wrong(
                STORAGE,
                "would send its SharedAccessSignature over plain HTTP",
                Some("use https"),
            ));
        }
        Ok(Self { name, tables, queues: endpoint("QueueEndpoint", "queue")?, access })
    }

    /// Reads the identity form. `None` when no account is named by it.
    pub fn from_identity(env: &BTreeMap<String, String>) -> Option<Result<Self, StorageProblem>> {
        let read = |name: &str| env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let (account, tables) = (read(ACCOUNT_NAME), read(TABLES));
        if account.is_none() && tables.is_none() {
            return None;
        }
        let in_azure = read("IDENTITY_ENDPOINT").is_some() || read("WEBSITE_INSTANCE_ID").is_some();
        Some(identity(account, tables, read(QUEUES), read(CREDENTIAL), read(CLIENT_ID), in_azure))
    }
}

fn identity(
    account: Option<&str>,
    tables: Option<&str>,
    queues: Option<&str>,
    credential: Option<&str>,
    client_id: Option<&str>,
    in_azure: bool,
) -> Result<StorageAccount, StorageProblem> {
    const URI: &str = "such as https://<account>.table.core.windows.net";
    let endpoint = |setting: &'static str, given: Option<&str>, service: &str| match (given, account) {
        (Some(given), _) => match parse_endpoint(given) {
            Ok(url) if keeps_secrets(&url) => Ok(Some(url)),
            Ok(_) => Err(wrong(setting, "would send tokens over plain HTTP", Some(URI))),
            Err(why) => Err(wrong(setting, why, Some(URI))),
        },
        (None, Some(account)) => {
            let named =
                !account.is_empty() && account.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
            if !named || account.len() > 24 {
                let hint = "the account's bare name: up to 24 lower case letters and digits";
                return Err(wrong(ACCOUNT_NAME, "is not the name of a storage account", Some(hint)));
            }
            parse_endpoint(&format!("https://{account}.{service}.core.windows.net"))
                .map(Some)
                .map_err(|why| wrong(ACCOUNT_NAME, why, None))
        }
        (None, None) => Ok(None),
    };
    let Some(tables) = endpoint(TABLES, tables, "table")? else {
        return Err(wrong(ACCOUNT_NAME, "is not set", None));
    };
    let access = match credential {
        Some(kind) if kind.eq_ignore_ascii_case("managedidentity") => {
            StorageAccess::ManagedIdentity { client_id: client_id.map(str::to_owned) }
        }
        Some(_) => {
            let hint =
                "set it to managedidentity, and AzureWebJobsStorage__clientId for a user-assigned identity";
            return Err(wrong(CREDENTIAL, "is not a kind of credential that works here", Some(hint)));
        }
        None if in_azure || client_id.is_some() => {
            StorageAccess::ManagedIdentity { client_id: client_id.map(str::to_owned) }
        }
        None => StorageAccess::Developer,
    };
    let name = account.map_or_else(|| account_of(&tables), str::to_owned);
    Ok(StorageAccount { name, tables, queues: endpoint(QUEUES, queues, "queue")?, access })
}

fn emulator_account(host: &str) -> Result<StorageAccount, StorageProblem> {
    let at = |port: u16| {
        let mut url = parse_endpoint(host)
            .map_err(|why| wrong(STORAGE, format!("DevelopmentStorageProxyUri: {why}"), None))?;
        // A base URL always takes a port.
        let _ = url.set_port(Some(port));
        url.set_path(EMULATOR_ACCOUNT);
        Ok(url)
    };
    Ok(StorageAccount {
        name: EMULATOR_ACCOUNT.to_owned(),
        tables: at(10_002)?,
        queues: Some(at(10_001)?),
        access: StorageAccess::Key(EMULATOR_KEY.to_owned().into()),
    })
}

fn parse_endpoint(text: &str) -> Result<Url, String> {
    // The parser's own words don't repeat the text.
    let mut url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("is not a URL of a web service".to_owned());
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err("must hold nothing but scheme, host, port and path".to_owned());
    }
    // The client puts one more slash after this path.
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn keeps_secrets(url: &Url) -> bool {
    url.scheme() == "https" || crate::loopback::is_loopback(url)
}

/// `https://account.table.core.windows.net`, or `http://127.0.0.1:10002/account`.
fn account_of(tables: &Url) -> String {
    let in_path = tables.path_segments().and_then(|mut parts| parts.next()).filter(|part| !part.is_empty());
    let in_host = tables.domain().and_then(|host| host.split('.').next());
    in_path.or(in_host).unwrap_or_default().to_owned()
}

struct Parts<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Parts<'a> {
    fn read(text: &'a str) -> Result<Self, StorageProblem> {
        let mut parts = Vec::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=') else {
                return Err(wrong(STORAGE, "is not a connection string", Some(FORMS)));
            };
            parts.push((name.trim(), value.trim()));
        }
        Ok(Self(parts))
    }

    /// Empty counts as not given.
    fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
