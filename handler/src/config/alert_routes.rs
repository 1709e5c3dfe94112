//! Who is told of alerts, as the rest of the crate sees it.

use crate::config::WebhookSecret;
use crate::ids::{Address, TenantName};
use crate::ledger::alert_kind::AlertKind;
use crate::ledger::alert_severity::{Severity, severity};
use crate::missing_secret::Missing;
use chrono::Duration;
use schemars::JsonSchema;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use strum::{Display, IntoStaticStr};
use url::Url;

/// Everything that `[alerts]` and the tenants' own `alerts` say.
#[derive(Debug, Clone, Default)]
pub struct Alerts {
    /// By name.
    pub channels: BTreeMap<String, AlertChannel>,
    /// For every tenant that has none of its own.
    pub default: AlertRoute,
    pub tenants: BTreeMap<TenantName, AlertRoute>,
    /// Secrets of channels that can't be had now: such a channel is passed over.
    pub missing: Vec<Missing>,
}

impl Alerts {
    /// Who is told of a tenant's alerts.
    pub fn route(&self, tenant: &TenantName) -> &AlertRoute {
        self.tenants.get(tenant).unwrap_or(&self.default)
    }

    /// Nobody is told of anything.
    pub fn is_off(&self) -> bool {
        self.default.channels.is_empty() && self.tenants.values().all(|route| route.channels.is_empty())
    }

    /// Tenants from one of whose mailboxes mail is sent.
    pub fn mail_from(&self, tenant: &TenantName) -> impl Iterator<Item = &Address> {
        self.channels.values().filter_map(move |channel| match channel {
            AlertChannel::GraphMail { tenant: of, from, .. } if of == tenant => Some(from),
            AlertChannel::GraphMail { .. } | AlertChannel::Webhook { .. } | AlertChannel::Email { .. } => {
                None
            }
        })
    }
}

/// What is told, to whom, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRoute {
    /// In the order in which they are tried.
    pub channels: Vec<String>,
    pub severity: Severity,
    /// `None`: all.
    pub kinds: Option<BTreeSet<AlertKind>>,
    pub except: BTreeSet<AlertKind>,
    pub digest: Duration,
    /// Zero: never.
    pub remind: Duration,
}

impl Default for AlertRoute {
    fn default() -> Self {
        Self {
            channels: Vec::new(),
            severity: Severity::Notice,
            kinds: None,
            except: BTreeSet::new(),
            digest: Duration::hours(1),
            remind: Duration::days(1),
        }
    }
}

impl AlertRoute {
    pub fn tells(&self, kind: AlertKind) -> bool {
        severity(kind) >= self.severity
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
            && !self.except.contains(&kind)
    }
}

#[derive(Debug, Clone)]
pub enum AlertChannel {
    Webhook {
        shape: WebhookShape,
        /// `None`: it stands in an app setting that can't be had now.
        url: Option<SecretUrl>,
        /// Signs with each; where one is missing, none.
        secrets: Vec<WebhookSecret>,
        /// A secret is wanted, and can't be had now.
        lacks_secret: bool,
    },
    GraphMail {
        tenant: TenantName,
        from: Address,
        to: Vec<Address>,
    },
    Email {
        endpoint: Url,
        from: Address,
        to: Vec<Address>,
        /// Client id of a user-assigned identity; `None`: the app's own.
        identity: Option<String>,
    },
}

/// What a webhook's body looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, Display, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum WebhookShape {
    Regrets,
    Teams,
    Slack,
}

impl WebhookShape {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// An address whose path or query may be a secret: shown without both.
#[derive(Clone)]
pub struct SecretUrl(SecretString);

impl SecretUrl {
    pub fn new(url: &Url) -> Self {
        Self(SecretString::from(url.as_str()))
    }

    /// It was an address when it was made.
    pub fn url(&self) -> Option<Url> {
        Url::parse(self.0.expose_secret()).ok()
    }

    pub fn host(&self) -> String {
        self.url().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretUrl({}/…)", self.host())
    }
}
