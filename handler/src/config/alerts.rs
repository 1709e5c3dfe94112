//! `[alerts]` and `[tenant.<name>.alerts]`: who is told of alerts, and through what.

use super::alert_routes::{AlertChannel, AlertRoute, Alerts, SecretUrl, WebhookShape};
use super::nearest::{listed, nearest};
use super::problem::{Problem, ProblemKind};
use super::raw;
use super::raw_alerts as shape;
use super::reader::{Reader, check_url};
use super::secret::Secret;
use super::table::{At, May, Table as _};
use super::tree::{Node, Value};
use crate::ids::{Address, TenantName};
use crate::ledger::alert_kind::AlertKind;
use secrecy::ExposeSecret as _;
use std::collections::{BTreeMap, BTreeSet};

type Tenants<'n> = May<'n, BTreeMap<String, raw::Tenant<'n>>>;

/// What a route says of itself; each is `None` where it is left out.
struct Given<'n> {
    channels: May<'n, Vec<String>>,
    severity: May<'n, crate::ledger::alert_severity::Severity>,
    kinds: May<'n, Vec<String>>,
    except: May<'n, Vec<String>>,
    digest: May<'n, super::values::Duration>,
    remind: May<'n, super::values::Duration>,
}

impl Reader<'_> {
    pub(super) fn alerts(
        &mut self,
        given: May<'_, shape::Alerts<'_>>,
        tenants: Tenants<'_>,
    ) -> Option<Alerts> {
        let before = self.missing.len();
        let names = names_of(tenants);
        let (default, channels) = match given {
            Some(given) => {
                let shape::Alerts { channels, severity, kinds, except, digest, remind, channel } =
                    self.table(given)?;
                let known = self.channels(channel, &names);
                let given = Given { channels, severity, kinds, except, digest, remind };
                (self.route(&given, &AlertRoute::default(), known.as_ref()), known)
            }
            None => (Some(AlertRoute::default()), Some(BTreeMap::new())),
        };
        let (default, channels) = (default?, channels?);
        let own = self.routes_of_tenants(tenants, &default, &channels)?;
        let missing = self.missing.iter().skip(before).map(|(missing, _)| missing.clone()).collect();
        Some(Alerts { channels, default, tenants: own, missing })
    }

    fn routes_of_tenants(
        &mut self,
        tenants: Tenants<'_>,
        default: &AlertRoute,
        known: &BTreeMap<String, AlertChannel>,
    ) -> Option<BTreeMap<TenantName, AlertRoute>> {
        let mut own = BTreeMap::new();
        // What is wrong with the tenants themselves is told where they are read.
        let Some(Value::Table(all)) = tenants.map(|tenants| &tenants.node.value) else { return Some(own) };
        for node in all {
            let Some(alerts) = raw::Tenant::of(node).alerts else { continue };
            let shape::TenantAlerts { channels, severity, kinds, except, digest, remind } =
                self.table(alerts)?;
            let given = Given { channels, severity, kinds, except, digest, remind };
            own.insert(TenantName::new(&node.key), self.route(&given, default, Some(known))?);
        }
        Some(own)
    }

    /// `known`: `None` where the channels themselves are wrong.
    fn route(
        &mut self,
        given: &Given<'_>,
        default: &AlertRoute,
        known: Option<&BTreeMap<String, AlertChannel>>,
    ) -> Option<AlertRoute> {
        let channels = match given.channels {
            Some(channels) => self.names(channels, known),
            None => Some(default.channels.clone()),
        };
        let severity = self.choice(given.severity, default.severity);
        if let (Some(_), Some(except)) = (given.kinds, given.except) {
            self.contradiction(&except, "`kinds` and `except` exclude each other: keep one");
        }
        let kinds = match (given.kinds, given.except) {
            (Some(kinds), _) => self.kinds(kinds).map(Some),
            (None, Some(_)) => Some(None),
            (None, None) => Some(default.kinds.clone()),
        };
        let except = match (given.except, given.kinds) {
            (Some(except), _) => self.kinds(except),
            (None, Some(_)) => Some(BTreeSet::new()),
            (None, None) => Some(default.except.clone()),
        };
        let digest = self.duration_above_zero(given.digest, default.digest);
        let remind = self.duration(given.remind, default.remind);
        Some(AlertRoute {
            channels: channels?,
            severity: severity?,
            kinds: kinds?,
            except: except?,
            digest: digest?,
            remind: remind?,
        })
    }

    fn names(
        &mut self,
        given: At<'_, Vec<String>>,
        known: Option<&BTreeMap<String, AlertChannel>>,
    ) -> Option<Vec<String>> {
        const EXPECTED: &str = "the name of a section [alerts.channel.<name>]";
        let texts = self.texts(given, EXPECTED)?;
        let known = known?;
        let before = self.problems.len();
        let mut names = Vec::new();
        for (node, text) in texts {
            if !known.contains_key(text) {
                let all = known.keys().map(String::as_str);
                let hint = match nearest(text, all.clone()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None if known.is_empty() => "there is no section [alerts.channel.<name>] yet".to_owned(),
                    None => format!("there are {}", listed(all)),
                };
                self.bad_value(node, EXPECTED, "there is no such channel", Some(hint));
            } else if names.iter().any(|name| name == text) {
                self.bad_value(node, "each channel once", "named twice", None);
            }
            names.push(text.to_owned());
        }
        (self.problems.len() == before).then_some(names)
    }

    fn kinds(&mut self, given: At<'_, Vec<String>>) -> Option<BTreeSet<AlertKind>> {
        const EXPECTED: &str = "a kind of alert, such as \"lms-breaker\"";
        let texts = self.texts(given, EXPECTED)?;
        let before = self.problems.len();
        let mut kinds = BTreeSet::new();
        for (node, text) in texts {
            match AlertKind::of(text) {
                Some(kind) => {
                    kinds.insert(kind);
                }
                None => {
                    let near = nearest(text, AlertKind::ALL.iter().map(|kind| kind.as_str()));
                    let hint = match near {
                        Some(near) => format!("did you mean \"{near}\"?"),
                        None => "infra/OPERATIONS.md lists them, under Alerts".to_owned(),
                    };
                    self.bad_value(node, EXPECTED, "no such kind", Some(hint));
                }
            }
        }
        (self.problems.len() == before).then_some(kinds)
    }

    fn channels(
        &mut self,
        given: May<'_, BTreeMap<String, shape::AlertChannel<'_>>>,
        tenants: &[&str],
    ) -> Option<BTreeMap<String, AlertChannel>> {
        let Some(given) = given else { return Some(BTreeMap::new()) };
        let entries = self.entries(given.node, &[])?;
        let read: Vec<Option<(String, AlertChannel)>> =
            entries.iter().map(|node| self.named_channel(node, tenants)).collect();
        read.into_iter().collect()
    }

    fn named_channel(&mut self, node: &Node, tenants: &[&str]) -> Option<(String, AlertChannel)> {
        if !super::tenant::is_name(&node.key) {
            let kind = ProblemKind::BadValue {
                path: node.path.clone(),
                expected: "a name of at most 32 characters a-z and 0-9 that begins with a letter".to_owned(),
                found: format!("`{}`", node.key),
            };
            self.report(Problem::new(kind).at(&node.key_at, "not a channel's name"));
            return None;
        }
        let given = self.only_one(At::<shape::AlertChannel<'_>>::new(node))?;
        let channel = match given {
            shape::AlertChannel { webhook: Some(webhook), .. } => self.alert_webhook(webhook),
            shape::AlertChannel { graph_mail: Some(mail), .. } => self.graph_mail(mail, tenants),
            shape::AlertChannel { email, .. } => self.communication_email(email?),
        };
        Some((node.key.clone(), channel?))
    }

    fn alert_webhook(&mut self, given: At<'_, shape::AlertWebhook<'_>>) -> Option<AlertChannel> {
        let shape::AlertWebhook { shape, url, secret } = self.table(given)?;
        let shape = self.choice(shape, WebhookShape::Regrets);
        let url = self
            .required(url, "where alerts are posted, such as \"https://ops.contoso.com/hooks/regrets\"")
            .and_then(|url| self.link(url.node, shape?));
        let secrets = match (secret, shape) {
            (Some(secret), _) => self.webhook_secrets(secret),
            (None, Some(WebhookShape::Regrets)) => {
                self.missing(&given, "secret", "what signs the alerts, such as { env = \"NAME\" }");
                None
            }
            (None, Some(WebhookShape::Teams | WebhookShape::Slack) | None) => Some(Vec::new()),
        };
        let secrets = secrets?;
        let lacks_secret = secret.is_some() && secrets.is_empty();
        Some(AlertChannel::Webhook { shape: shape?, url: url?, secrets, lacks_secret })
    }

    /// The outer is `None` after a problem, the inner where the app setting can't be had.
    fn link(&mut self, node: &Node, shape: WebhookShape) -> Option<Option<SecretUrl>> {
        if matches!(node.value, Value::Table(_)) {
            let secret = match self.secret(At::new(node))? {
                Secret::Found(secret) => secret,
                Secret::Missing => return Some(None),
            };
            return match check_url(secret.expose_secret()) {
                Ok(url) => Some(Some(SecretUrl::new(&url))),
                Err(why) => {
                    let hint = "give the address whole, as Teams, Slack or your receiver shows it";
                    self.unusable(node, &format!("is no address to post to: {why}"), hint, "named here");
                    Some(None)
                }
            };
        }
        match shape {
            WebhookShape::Regrets => Some(Some(SecretUrl::new(&self.url(At::new(node))?))),
            // Whoever knows such an address may post there.
            WebhookShape::Teams | WebhookShape::Slack => {
                self.masks.push(node.at.clone());
                let kind = ProblemKind::LiteralSecret { path: node.path.clone() };
                self.report(
                    Problem::new(kind).at(&node.at, "whoever knows this address may post there").hint(
                        "put it into an app setting and name that here: { env = \"NAME\" }; if this file was \
                     shared, make a new address",
                    ),
                );
                None
            }
        }
    }

    fn graph_mail(&mut self, given: At<'_, shape::GraphMail<'_>>, tenants: &[&str]) -> Option<AlertChannel> {
        const EXPECTED: &str = "the name of a tenant of this file";
        let shape::GraphMail { tenant, from, to } = self.table(given)?;
        let tenant =
            self.required(tenant, "the tenant in whose directory the mailbox is").and_then(|tenant| {
                let text = self.text(&tenant, EXPECTED)?;
                if !tenants.contains(&text) {
                    let hint = nearest(text, tenants.iter().copied())
                        .map(|near| format!("did you mean \"{near}\"?"));
                    self.bad_value(&tenant, EXPECTED, "there is no such tenant", hint);
                    return None;
                }
                Some(TenantName::new(text))
            });
        let from = self
            .required(from, "the mailbox that sends, such as \"regrets@contoso.com\"")
            .and_then(|from| self.address(from));
        let to = self.recipients(to);
        Some(AlertChannel::GraphMail { tenant: tenant?, from: from?, to: to? })
    }

    fn communication_email(&mut self, given: At<'_, shape::CommunicationEmail<'_>>) -> Option<AlertChannel> {
        let shape::CommunicationEmail { endpoint, from, to, managed_identity } = self.table(given)?;
        let endpoint = self
            .required(endpoint, "the resource, such as \"https://contoso.communication.azure.com\"")
            .and_then(|endpoint| self.url(endpoint));
        let from = self
            .required(from, "an address of a domain that the resource may send from")
            .and_then(|from| self.address(from));
        let to = self.recipients(to);
        let identity = match managed_identity {
            Some(identity) => self.identity(identity),
            None => Some(None),
        };
        Some(AlertChannel::Email { endpoint: endpoint?, from: from?, to: to?, identity: identity? })
    }

    fn recipients(&mut self, given: super::table::Must<'_, Vec<String>>) -> Option<Vec<Address>> {
        let to = self.required(given, "who gets the mail, such as [\"it-operations@contoso.com\"]")?;
        let addresses = self.addresses(to)?;
        if addresses.is_empty() {
            self.contradiction(&to, "the list is empty, so nobody would get the mail");
            return None;
        }
        Some(addresses)
    }

    pub(super) fn address(&mut self, given: At<'_, String>) -> Option<Address> {
        const EXPECTED: &str = "an address such as regrets@contoso.com";
        let text = self.text(&given, EXPECTED)?;
        if !super::watch::is_address(text) {
            self.bad_value(&given, EXPECTED, "not an address", None);
            return None;
        }
        Some(Address::new(text))
    }
}

fn names_of<'n>(tenants: Tenants<'n>) -> Vec<&'n str> {
    match tenants.map(|tenants| &tenants.node.value) {
        Some(Value::Table(all)) => all.iter().map(|node| node.key.as_str()).collect(),
        Some(_) | None => Vec::new(),
    }
}
