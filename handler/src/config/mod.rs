//! The configuration as the rest of the crate sees it: checked, typed, with defaults filled in.
//!
//! [`Config`] is what `regrets.toml` and the app settings add up to; a value of this type has passed every
//! check, so nobody downstream validates again. The interface: reference/rules.md#configuration.

mod alert_routes;
mod alerts;
mod app_settings;
mod beside;
mod canary;
pub mod connector_file;
pub(crate) mod connector_settings;
mod connectors;
mod consent;
mod describe;
mod describe_alerts;
mod describe_publish;
mod duration;
mod lms;
mod load;
mod location;
mod missing;
mod nearest;
pub(crate) mod needed;
mod outline;
mod overlap;
mod overrides;
mod parse;
pub mod permissions;
mod policy;
mod problem;
mod publish;
mod publish_rooms;
mod publish_source;
mod publish_texts;
mod publish_values;
mod raw;
mod raw_alerts;
mod raw_lms;
mod raw_publish;
mod raw_secrets;
mod read_file;
mod reader;
mod recognise;
mod redact;
mod reload;
mod removals;
mod same;
mod schema;
mod secret;
mod source;
mod table;
mod tenant;
#[cfg(test)]
mod testing_schema;
#[cfg(test)]
mod tests;
mod tree;
mod values;
pub(crate) mod warnings;
mod watch;

use crate::calendar::matching::Recognise;
pub use crate::config::canary::{Canary, CanaryKit};
pub use crate::config::consent::Consent;
pub use crate::config::needed::Needed;
use crate::enrolment::policy::{Mailboxes, Policy, Rate, Retry};
use crate::graph::auth::cloud::Cloud;
use crate::graph::auth::credentials::Credential;
use crate::graph::client_state::StateKeys;
use crate::graph::{GraphError, GraphOptions};
use crate::ids::{Address, TenantName};
use crate::lms::engine::settings::Settings;
use crate::lms::recipe::connector::ConnectorFile;
pub use crate::lms::webhook::secret::{WebhookSecret, WebhookSecretError};
pub use crate::missing_secret::Missing;
pub use alert_routes::{AlertChannel, AlertRoute, Alerts, SecretUrl, WebhookShape};
use chrono::Duration;
pub use describe::{Description, TenantDescription, describe};
pub use duration::{DurationError, parse as parse_duration, show as show_duration};
pub use load::{inspect_file, inspect_settings, load, path_of, with_local_settings};
pub use location::Location;
pub use outline::{Outline, outline};
pub use overrides::overriding;
pub use parse::{Inspection, Meaning, inspect, parse};
pub use problem::{ConfigErrors, Problem, ProblemKind};
pub use publish::Publish;
pub use publish_source::{PublishSource, PushSource};
pub use publish_values::PublishOnly;
pub use reload::{Reloaded, Watched};
pub use schema::schema;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
pub use storage_account::{StorageAccess, StorageAccount, StorageProblem};
use url::Url;

/// App settings, as a value: whoever reads the real environment does it once, at the border.
pub type Env = BTreeMap<String, String>;

/// Every setting with its default and a line on what it is for.
pub const EXAMPLE: &str = include_str!("example.toml");

/// What somebody begins with: the settings that have no default.
pub const FIRST: &str = include_str!("first.toml");

pub type Tenants = BTreeMap<TenantName, Tenant>;

#[derive(Debug, Clone)]
pub struct Config {
    /// Where Graph reaches this deployment, without a trailing slash.
    pub public_url: Url,
    pub consent: Consent,
    pub tenants: Tenants,
    /// Who is told of alerts.
    pub alerts: Alerts,
    pub store: StoreConfig,
    pub state_keys: StateKeys,
    /// `AZURE_AUTHORITY_HOST`; overrides every tenant's cloud.
    pub authority_host: Option<Url>,
    /// `GRAPH_ENDPOINT`, without version; overrides every tenant's cloud.
    pub graph_endpoint: Option<Url>,
}

#[derive(Debug, Clone)]
pub enum StoreConfig {
    Sqlite(PathBuf),
    /// The account of `AzureWebJobsStorage`.
    AzureTables(StorageAccount),
}

#[derive(Debug, Clone)]
pub struct Tenant {
    pub name: TenantName,
    /// False: switched off. Nothing is read, woken or sent, and what is stored is kept for its time.
    pub active: bool,
    /// Entra tenant id.
    pub directory: String,
    pub client_id: String,
    pub credential: Credential,
    pub cloud: Cloud,
    pub watch: Watch,
    pub recognise: Recognise,
    pub learner: LearnerKeySource,
    pub policy: Policy,
    pub lms: Lms,
    pub doctor: Doctor,
    /// A test decline each day; `None`: none.
    pub canary: Option<Canary>,
    /// Sessions are written into calendars; `None`: none are.
    pub publish: Option<Publish>,
    /// Secrets that the file names rightly and that can't be had now. They concern this tenant alone.
    pub missing: Vec<Missing>,
    /// People are told of alerts by mail from one of its mailboxes.
    pub mails_alerts: bool,
}

impl Tenant {
    /// Without its secrets it can't work: nothing is sent to its LMS, and what comes for it waits. One whose
    /// secret went missing while it worked keeps those that it had.
    pub fn is_closed(&self) -> bool {
        !self.lms.connector.has_its_secrets() || self.has_no_credential()
    }

    /// Not even its calendars can be read.
    pub fn has_no_credential(&self) -> bool {
        matches!(self.credential, Credential::Missing { .. })
    }

    /// How this tenant's Graph is reached; `AZURE_AUTHORITY_HOST` and `GRAPH_ENDPOINT` override its cloud.
    pub fn graph(&self, config: &Config, http: reqwest::Client) -> Result<GraphOptions, GraphError> {
        let instead = (&config.authority_host, &config.graph_endpoint);
        let options =
            GraphOptions::of(&self.directory, &self.client_id, &self.credential, self.cloud, instead, http)?;
        Ok(GraphOptions { needed: self.needed_of_entra(), ..options })
    }

    /// What a person must know of its secrets, and what mends it; `None` where all are there.
    pub fn why_closed(&self) -> Option<String> {
        let lacks = missing::Lacks {
            is_closed: self.is_closed(),
            has_no_credential: self.has_no_credential(),
            source_secrets: self.publish.as_ref().is_some_and(Publish::lacks_source_secrets),
        };
        missing::told(&self.missing, lacks)
    }
}

#[derive(Debug, Clone)]
pub struct Watch {
    pub mode: WatchMode,
    pub mailboxes: Mailboxes,
    /// Mailboxes that send invitations, where readable.
    pub organizers: Vec<Address>,
    /// Each mailbox's calendar is compared anew at least this often.
    pub resync: Duration,
}

/// Whose mailboxes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum WatchMode {
    Attendees,
    Organizer,
    Both,
}

impl WatchMode {
    /// Learners' mailboxes are watched and read.
    pub fn reads_learners(self) -> bool {
        matches!(self, WatchMode::Attendees | WatchMode::Both)
    }

    /// The mailboxes that send the invitations are watched.
    pub fn watches_organizers(self) -> bool {
        matches!(self, WatchMode::Organizer | WatchMode::Both)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LearnerKeySource {
    Mail,
    UserPrincipalName,
    EmployeeId,
    Id,
    /// `onPremisesExtensionAttributes.<name>`.
    ExtensionAttribute(String),
}

/// What `regrets doctor` has to prove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Doctor {
    /// A mailbox that must not be readable.
    pub outside: Option<Address>,
}

#[derive(Debug, Clone)]
pub struct Lms {
    pub connector: ConnectorConfig,
    pub rate: Rate,
    pub retry: Retry,
}

#[derive(Debug, Clone)]
pub enum ConnectorConfig {
    Webhook {
        url: Url,
        /// `whsec_<base64>`; signs with each, for rotation. Empty only where one of them is missing.
        secrets: Vec<WebhookSecret>,
    },
    /// An LMS that a connector file describes.
    File {
        file: Arc<ConnectorFile>,
        settings: Settings,
        /// Where its requests go, with these settings.
        base: Url,
    },
}

impl ConnectorConfig {
    pub fn has_its_secrets(&self) -> bool {
        match self {
            Self::Webhook { secrets, .. } => !secrets.is_empty(),
            Self::File { file, settings, .. } => {
                file.settings.iter().all(|setting| settings.values.contains_key(&setting.name))
            }
        }
    }

    /// Where requests go.
    pub fn url(&self) -> &Url {
        match self {
            Self::Webhook { url, .. } => url,
            Self::File { base, .. } => base,
        }
    }
}

/// The known name that `typed` is most likely to mean.
pub fn nearest_name<'a>(typed: &str, known: &[&'a str]) -> Option<&'a str> {
    nearest::nearest(typed, known.iter().copied())
}
