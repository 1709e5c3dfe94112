//! The channels through which people are told of alerts, from the checked configuration.

use crate::clock::Clock;
use crate::config::{AlertChannel, Config, WebhookShape};
use crate::graph::auth::cloud::{Cloud, endpoints};
use crate::graph::auth::credentials::{App, Credential, Credentials};
use crate::graph::auth::tokens::Tokens;
use crate::http::client::{HttpOptions, client};
use crate::ids::TenantName;
use crate::jobs::context::{AlertChannels, TenantContext};
use crate::notify::communication_email::{CommunicationEmail, SCOPE};
use crate::notify::graph_mail::GraphMail;
use crate::notify::message::Message;
use crate::notify::webhook::Webhook;
use crate::notify::{ANSWER, CONNECT, Channel, Closed, shapes};
use anyhow::Context as _;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

pub(super) fn of(
    config: &Config,
    tenants: &BTreeMap<TenantName, Arc<TenantContext>>,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<AlertChannels> {
    let mut channels: BTreeMap<String, Arc<dyn Channel>> = BTreeMap::new();
    if !config.alerts.channels.is_empty() {
        let options =
            HttpOptions { connect_timeout: CONNECT, total_timeout: ANSWER, ..HttpOptions::default() };
        let http = client(&options).context("the HTTP client for alerts")?;
        for (name, channel) in &config.alerts.channels {
            let made = made(channel, config, tenants, &http, clock);
            channels.insert(name.clone(), made.with_context(|| format!("the channel {name} of alerts"))?);
        }
    }
    let deployment = config.public_url.as_str().trim_end_matches('/').to_owned();
    Ok(AlertChannels { routes: config.alerts.clone(), channels, deployment })
}

fn made(
    channel: &AlertChannel,
    config: &Config,
    tenants: &BTreeMap<TenantName, Arc<TenantContext>>,
    http: &reqwest::Client,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Arc<dyn Channel>> {
    match channel {
        AlertChannel::Webhook { shape, url, secrets, lacks_secret } => {
            let url = url.as_ref().and_then(|url| url.url()).filter(|_| !lacks_secret);
            let Some(url) = url else {
                return Ok(Arc::new(Closed { shown: format!("a webhook of shape {}", shape.word()) }));
            };
            let body: fn(&Message) -> Value = match shape {
                WebhookShape::Regrets => shapes::regrets,
                WebhookShape::Teams => shapes::teams,
                WebhookShape::Slack => shapes::slack,
            };
            let shape = (shape.word(), body);
            Ok(Arc::new(Webhook::new(url, shape, secrets, http.clone(), Arc::clone(clock))))
        }
        AlertChannel::GraphMail { tenant, from, to } => {
            let context = tenants.get(tenant).context("its tenant is not there")?;
            let graph = Arc::clone(&context.graph);
            Ok(Arc::new(GraphMail { tenant: tenant.clone(), graph, from: from.clone(), to: to.clone() }))
        }
        AlertChannel::Email { endpoint, from, to, identity } => {
            let app = App {
                // A managed identity asks for neither.
                directory: String::new(),
                client_id: String::new(),
                cloud: Cloud::Global,
                authority: match &config.authority_host {
                    Some(url) => url.clone(),
                    None => Url::parse(endpoints(Cloud::Global).authority)?,
                },
                scope: SCOPE.to_owned(),
                needed: Vec::new(),
                http: http.clone(),
                clock: Arc::clone(clock),
            };
            let credential = Credential::ManagedIdentity { client_id: identity.clone() };
            let tokens = Tokens::new(Credentials::new(app, &credential)?);
            let (endpoint, from, to) = (endpoint.clone(), from.clone(), to.clone());
            Ok(Arc::new(CommunicationEmail::new(endpoint, from, to, tokens, http.clone())))
        }
    }
}
