//! The shape of `[alerts]` and `[tenant.<name>.alerts]`: who is told of alerts, and how.

use super::alert_routes::WebhookShape;
use super::raw_secrets::{Identity, Secret, Secrets};
use super::table::{Field, May, Must, Table, tables};
use super::tree::Node;
use super::values::Duration;
use crate::ledger::alert_severity::Severity;
use schemars::JsonSchema;
use std::collections::BTreeMap;

tables! {
    /// Who is told of alerts, beside the log.
    Alerts {
        /// Names of channels, in this order: the first one that takes a message is used. Default: none
        channels: May<Vec<String>>,
        /// Alerts that are at least so severe.
        #[schemars(extend("default" = "notice"))]
        severity: May<Severity>,
        /// These kinds of alerts only. Default: all
        #[schemars(length(min = 1))]
        kinds: May<Vec<String>>,
        /// All kinds but these. Default: none
        except: May<Vec<String>>,
        /// What changes more often is told once in this time.
        #[schemars(extend("default" = "1h"))]
        digest: May<Duration>,
        /// An open alert that nobody has acknowledged is told again after this time; 0s: never.
        #[schemars(extend("default" = "1d"))]
        remind: May<Duration>,
        /// One section for each way to tell somebody, by a name of your own.
        #[schemars(extend("propertyNames" = { "pattern": "^[a-z][a-z0-9]{0,31}$" }))]
        channel: May<BTreeMap<String, AlertChannel<'n>>>,
    }

    /// Who is told of this tenant's alerts; what is left out is as in [alerts].
    TenantAlerts {
        /// Names of channels of [alerts.channel], in this order; an empty list: nobody is told.
        channels: May<Vec<String>>,
        /// Alerts that are at least so severe.
        severity: May<Severity>,
        /// These kinds of alerts only.
        #[schemars(length(min = 1))]
        kinds: May<Vec<String>>,
        /// All kinds but these.
        except: May<Vec<String>>,
        /// What changes more often is told once in this time.
        digest: May<Duration>,
        /// An open alert that nobody has acknowledged is told again after this time; 0s: never.
        remind: May<Duration>,
    }

    /// One way to tell somebody; exactly one.
    #[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
    AlertChannel {
        /// A signed POST, or one that Teams or Slack takes.
        webhook: May<AlertWebhook<'n>>,
        /// Mail from a mailbox of a tenant, through Graph; needs Mail.Send on that mailbox.
        graph_mail: May<GraphMail<'n>>,
        /// Mail through Azure Communication Services.
        email: May<CommunicationEmail<'n>>,
    }

    /// A signed POST, or one that Teams or Slack takes.
    AlertWebhook {
        /// What the body looks like.
        #[schemars(extend("default" = "regrets"))]
        shape: May<WebhookShape>,
        /// Where it goes. With shape teams or slack the address is a secret: { env = "NAME" }
        url: Must<Link>,
        /// A Standard Webhooks secret; a list signs with each. May be left out with shape teams or slack.
        secret: May<Secrets>,
    }

    /// Mail from a mailbox of a tenant, through Graph; needs Mail.Send on that mailbox.
    GraphMail {
        /// The tenant in whose directory the mailbox is.
        tenant: Must<String>,
        /// The mailbox that sends.
        from: Must<String>,
        /// Who gets the mail.
        #[schemars(length(min = 1))]
        to: Must<Vec<String>>,
    }

    /// Mail through Azure Communication Services.
    CommunicationEmail {
        /// The resource, such as https://contoso.communication.azure.com
        #[schemars(url)]
        endpoint: Must<String>,
        /// An address of a domain that the resource may send from.
        from: Must<String>,
        /// Who gets the mail.
        #[schemars(length(min = 1))]
        to: Must<Vec<String>>,
        /// The managed identity that signs in. Default: the app's own
        managed_identity: May<Identity<'n>>,
    }
}

#[derive(JsonSchema)]
#[schemars(untagged, description = "An https URL, or the app setting that holds one.")]
#[allow(dead_code, reason = "for the schema")]
pub(super) enum Link {
    Plain(#[schemars(url)] String),
    Secret(Secret<'static>),
}
