//! App settings that are not in the file: storage, keys, endpoints (reference/rules.md#configuration,
//! reference/azure-storage.md#connections).

use super::problem::{Problem, ProblemKind};
use super::reader::{Reader, check_url};
use super::table::May;
use super::{StoreConfig, secret};
use crate::config::needed::Needed;
use crate::graph::client_state::{StateKeyError, StateKeys};
use crate::http::loopback::is_loopback;
use secrecy::ExposeSecret as _;
use std::path::PathBuf;
use storage_account::{STORAGE, StorageAccount};
use url::Url;

pub(super) const STORE: &str = "REGRETS_STORE";
pub(super) const STATE_KEYS: &str = "REGRETS_STATE_KEYS";

impl Reader<'_> {
    fn setting(&mut self, name: &str, why: impl Into<String>, hint: Option<&str>) {
        let mut problem = Problem::new(ProblemKind::Setting { name: name.to_owned(), why: why.into() });
        if let Some(hint) = hint {
            problem = problem.hint(hint);
        }
        self.report(problem);
    }

    fn env(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// `public_url`, or what the platform says about its own host name. Cut of its trailing slash.
    pub(super) fn public_url(&mut self, given: May<'_, String>) -> Option<Url> {
        let mut url = if let Some(given) = given {
            let url = self.url(given)?;
            if url.query().is_some() {
                self.bad_value(&given, "an https URL", "it must not carry a query (?…)", None);
                return None;
            }
            url
        } else if let Some(host) = self.env("WEBSITE_HOSTNAME") {
            // Core Tools set `localhost:7071`, where nothing speaks TLS.
            match check_url(&format!("https://{host}")) {
                Ok(mut url) if is_loopback(&url) => url.set_scheme("http").map(|()| url).ok()?,
                Ok(url) => url,
                Err(error) => {
                    self.setting(
                        "WEBSITE_HOSTNAME",
                        format!("is not a host name: {error}"),
                        Some("set public_url"),
                    );
                    return None;
                }
            }
        } else {
            let failure = ProblemKind::Missing { key: "public_url".to_owned(), table: String::new() };
            self.report(Problem::new(failure).hint(
                "it is where Graph reaches this deployment, such as \"https://regrets.contoso.com\"; on \
                 Azure the app \
                 setting WEBSITE_HOSTNAME stands in for it",
            ));
            return None;
        };
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Some(url)
    }

    /// `AZURE_AUTHORITY_HOST` and `GRAPH_ENDPOINT`: outer `None` after a problem, inner `None` when not set.
    pub(super) fn endpoint(&mut self, name: &str) -> Option<Option<Url>> {
        let Some(text) = self.env(name).map(str::to_owned) else { return Some(None) };
        // Azure SDKs take the authority without a scheme too.
        let text = if text.contains("://") { text } else { format!("https://{text}") };
        match check_url(&text) {
            Ok(url) => Some(Some(url)),
            Err(error) => {
                self.setting(name, format!("is not an https URL: {error}"), None);
                None
            }
        }
    }

    pub(super) fn graph_endpoint(&mut self) -> Option<Option<Url>> {
        const NAME: &str = "GRAPH_ENDPOINT";
        let endpoint = self.endpoint(NAME)?;
        let last = endpoint.as_ref().and_then(|url| url.path_segments()?.rfind(|part| !part.is_empty()));
        if last.is_some_and(|part| part == "v1.0" || part == "beta") {
            self.setting(
                NAME,
                "must be given without a version",
                Some("such as https://graph.microsoft.com"),
            );
            return None;
        }
        Some(endpoint)
    }

    pub(super) fn store(&mut self) -> Option<StoreConfig> {
        if let Some(store) = self.env(STORE).map(str::to_owned) {
            return self.chosen_store(&store);
        }
        let identity = StorageAccount::from_identity(self.env);
        self.needed.push(Needed {
            name: STORAGE.to_owned(),
            purpose: "the storage account".to_owned(),
            is_set: self.env(STORAGE).is_some() || identity.is_some(),
        });
        let account =
            if self.env(STORAGE).is_some() {
                match secret::from_env(self.env, STORAGE) {
                    Ok(text) => StorageAccount::from_connection_string(text.expose_secret()),
                    Err(error) => {
                        self.setting(STORAGE, error.to_string(), error.hint());
                        return None;
                    }
                }
            } else if let Some(account) = identity {
                account
            } else {
                self.setting(
                STORAGE,
                "is not set, so there is no place for the ledger",
                Some("on Azure, set AzureWebJobsStorage or AzureWebJobsStorage__accountName; on one machine, \
                      REGRETS_STORE=sqlite:<path>"),
            );
                return None;
            };
        match account {
            Ok(account) => Some(StoreConfig::AzureTables(account)),
            Err(failure) => {
                self.setting(failure.setting, failure.why, failure.hint);
                None
            }
        }
    }

    fn chosen_store(&mut self, store: &str) -> Option<StoreConfig> {
        match store.strip_prefix("sqlite:").map(str::trim) {
            Some(path) if !path.is_empty() && cfg!(feature = "local") => {
                Some(StoreConfig::Sqlite(PathBuf::from(path)))
            }
            Some(path) if !path.is_empty() => {
                self.setting(
                    STORE,
                    "asks for SQLite, which this build doesn't hold",
                    Some("build with the feature `local`"),
                );
                None
            }
            Some(_) | None => {
                self.setting(STORE, "is not a store", Some("such as sqlite:/var/lib/regrets/ledger.db"));
                None
            }
        }
    }

    pub(super) fn state_keys(&mut self) -> Option<StateKeys> {
        const MAKE: &str = "such as k1:<base64 of 32 bytes>; make one with: openssl rand -base64 32";
        let read = secret::from_env(self.env, STATE_KEYS);
        self.needed.push(Needed {
            name: STATE_KEYS.to_owned(),
            purpose: "the keys of clientState".to_owned(),
            is_set: read.is_ok(),
        });
        let text = match read {
            Ok(text) => text,
            Err(error) => {
                self.setting(STATE_KEYS, error.to_string(), error.hint().or(Some(MAKE)));
                return None;
            }
        };
        match StateKeys::parse(text.expose_secret()) {
            Ok(keys) => Some(keys),
            Err(errors) => {
                for error in errors {
                    let hint = match &error {
                        StateKeyError::Entry { .. } => Some(MAKE),
                        StateKeyError::SameId(_) => None,
                    };
                    self.setting(STATE_KEYS, error.to_string(), hint);
                }
                None
            }
        }
    }
}
