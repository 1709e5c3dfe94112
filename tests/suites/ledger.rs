//! Where a ledger of a test is kept, in words that another process understands.

use regrets::clock::SystemClock;
use regrets::config::StorageAccount;
use regrets::store::azure_tables::AzureOptions;
use regrets::store::{AzureTables, SqliteTables, Tables};
use simulator::azurite::Azurite;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Ledger {
    Sqlite(PathBuf),
    Azure {
        /// Begins the tables' names.
        prefix: String,
        connection: String,
    },
}

impl Ledger {
    /// Tables of its own, which are not there yet.
    pub fn fresh_on(azurite: &Azurite) -> Self {
        let prefix = format!("t{}", uuid::Uuid::new_v4().simple());
        Self::Azure { prefix, connection: azurite.connection_string() }
    }

    pub fn open(&self) -> anyhow::Result<Arc<dyn Tables>> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(SqliteTables::open(path, Arc::new(SystemClock))?),
            Self::Azure { .. } => Arc::new(self.open_azure(AzureOptions::default())?),
        })
    }

    /// The prefix is the ledger's own.
    pub fn open_azure(&self, options: AzureOptions) -> anyhow::Result<AzureTables> {
        let Self::Azure { prefix, connection } = self else { anyhow::bail!("{self} is no storage account") };
        let account = StorageAccount::from_connection_string(connection)?;
        let options = AzureOptions { prefix: prefix.clone(), ..options };
        Ok(AzureTables::open_with(&account, Arc::new(SystemClock), options)?)
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Azure { prefix, connection } => write!(f, "azure:{prefix}:{connection}"),
        }
    }
}

impl FromStr for Ledger {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Self::Sqlite(path.into()));
        }
        match text.strip_prefix("azure:").and_then(|rest| rest.split_once(':')) {
            Some((prefix, connection)) => {
                Ok(Self::Azure { prefix: prefix.to_owned(), connection: connection.to_owned() })
            }
            None => anyhow::bail!("no ledger: {text}"),
        }
    }
}
