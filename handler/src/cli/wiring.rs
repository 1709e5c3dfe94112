//! Puts one process together: from the checked configuration to the functions that are served.

use super::alert_channels;
use crate::calendar::event_select;
use crate::canary_kit::Kit;
use crate::canary_kit::over_http::OverHttp;
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, ConnectorConfig, Lms, PublishSource, StoreConfig, Tenant};
use crate::custom_handler::{App, Function};
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::functions::drop_counters::DropCounters;
use crate::functions::graph_webhook::{GraphWebhook, Routes};
use crate::functions::poison::{Kind, Poison};
use crate::functions::{
    cancel_enrolment, consent, dispatch_due, housekeeping, join, lms_events, manage, names, observe_changes,
    publish_session, renew_subscriptions, sync_sessions, tend_mailboxes,
};
use crate::graph::HttpGraph;
use crate::graph::client_state::{self, StateKeys};
use crate::graph::port::Graph;
use crate::http::client::{HttpOptions, client};
use crate::ids::{TenantName, UserId, hash};
use crate::jobs::address_hasher::AddressHasher;
use crate::jobs::context::{AppContext, SubscriptionEndpoint, TenantContext};
use crate::jobs::operate::consent::links::ConsentLinks;
use crate::jobs::refresh_tokens::{self, LedgerTokenStore};
use crate::jobs::surroundings::{SeenFrom, Surroundings};
use crate::jobs::timing::Timing;
use crate::jobs::user_cache::UserCache;
use crate::ledger::Ledger;
use crate::lms::engine::connector::Engine;
use crate::lms::reads_elsewhere::ReadsElsewhere;
use crate::lms::webhook::WebhookConnector;
use crate::lms::{Budget, Connector, Order};
use crate::publishing::join_link::{self, JoinLinks};
use crate::store::Tables;
use crate::store::queue_service::{AccountQueues, QueueService};
use anyhow::Context as _;
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Opens the ledger.
pub(super) fn store(config: &Config) -> anyhow::Result<Arc<dyn Tables>> {
    tables(&config.store, Arc::new(SystemClock))
}

pub(super) fn tables(store: &StoreConfig, clock: Arc<dyn Clock>) -> anyhow::Result<Arc<dyn Tables>> {
    match store {
        #[cfg(feature = "local")]
        StoreConfig::Sqlite(path) => {
            let tables = crate::store::SqliteTables::open(path, clock)
                .with_context(|| format!("the ledger {}", path.display()))?;
            Ok(Arc::new(tables))
        }
        #[cfg(not(feature = "local"))]
        StoreConfig::Sqlite(path) => anyhow::bail!(
            "REGRETS_STORE names the SQLite file {}, but this build has no SQLite (it lacks the feature \
             `local`)",
            path.display()
        ),
        StoreConfig::AzureTables(account) => {
            let tables = crate::store::AzureTables::open(account, clock)
                .with_context(|| format!("the ledger in the tables of {}", account.tables))?;
            Ok(Arc::new(tables))
        }
    }
}

/// What all tenants and all functions share.
pub(super) async fn app_context(
    config: &Config,
    tables: Arc<dyn Tables>,
    timing: Timing,
) -> anyhow::Result<AppContext> {
    let ledger = Ledger { tables, clock: Arc::new(SystemClock) };
    let hasher = AddressHasher::of(&ledger).await.context("the ledger")?;
    with_hasher(config, ledger, timing, &hasher)
}

/// The same where the ledger can't be read: for whoever only looks.
pub(super) fn app_context_without_ledger(
    config: &Config,
    tables: Arc<dyn Tables>,
    timing: Timing,
) -> anyhow::Result<AppContext> {
    let ledger = Ledger { tables, clock: Arc::new(SystemClock) };
    with_hasher(config, ledger, timing, &AddressHasher::of_nobody())
}

fn with_hasher(
    config: &Config,
    ledger: Ledger,
    timing: Timing,
    hasher: &AddressHasher,
) -> anyhow::Result<AppContext> {
    let clock = Arc::clone(&ledger.clock);
    let keys = config.state_keys.clone();
    let sealing_keys = keys.sealing_keys(refresh_tokens::LABEL).context("the keys of refresh tokens")?;
    let refresh_tokens = Arc::new(LedgerTokenStore { ledger: ledger.clone(), keys: sealing_keys });
    let subscriber: Arc<dyn SubscriptionEndpoint> =
        Arc::new(Endpoint { url: notification_url(config, hasher), keys });
    let graph_http = client(&HttpOptions::default()).context("the HTTP client for Graph")?;
    let lms_http = client(&lms_options()).context("the HTTP client for the LMS")?;
    let mut tenants = BTreeMap::new();
    for (name, tenant) in &config.tenants {
        let graph: Arc<dyn Graph> = Arc::new(
            tenant
                .graph(config, graph_http.clone())
                .and_then(HttpGraph::new)
                .with_context(|| format!("tenant {name}"))?,
        );
        let lms = connector(tenant, lms_http.clone(), Arc::clone(&clock), refresh_tokens.clone())
            .with_context(|| format!("tenant {name}"))?;
        let context = TenantContext {
            graph,
            lms,
            select: event_select::select(&tenant.recognise, tenant.policy.timezone),
            users: UserCache::new(tenant.learner.clone(), hasher.clone()),
            settings: crate::jobs::cancel::settings_cache::MailboxSettingsCache::default(),
            write_limiter: crate::jobs::watch::write_limiter::WriteLimiter::default(),
            share: crate::jobs::cancel::connection_slots::ConnectionSlots::default(),
            refresh_tokens: Some(Arc::clone(&refresh_tokens)),
            subscriber: Arc::clone(&subscriber),
            kit: canary_kit(tenant, &lms_http, &clock),
            tenant: tenant.clone(),
        };
        tenants.insert(name.clone(), Arc::new(context));
    }
    let alerts = alert_channels::of(config, &tenants, &clock)?;
    let around = Some(Arc::new(surroundings(config)));
    let signing_keys =
        config.state_keys.signing_keys(join_link::PURPOSE).context("the keys of join links")?;
    let join = JoinLinks::new(&config.public_url, names::route::JOIN_PREFIX, signing_keys);
    Ok(AppContext { ledger, timing, tenants, alerts, around, join: Some(Arc::new(join)) })
}

fn canary_kit(tenant: &Tenant, http: &reqwest::Client, clock: &Arc<dyn Clock>) -> Option<Arc<dyn Kit>> {
    let canary = tenant.canary.as_ref()?;
    let kit = canary.kit.as_ref()?;
    Some(Arc::new(OverHttp {
        url: kit.url.clone(),
        secrets: kit.secrets.clone(),
        organizer: canary.organizer.clone(),
        learner: canary.learner.clone(),
        http: http.clone(),
        clock: Arc::clone(clock),
    }))
}

/// What stands around a deployment, as its own process sees it.
pub(super) fn surroundings(config: &Config) -> Surroundings {
    let (ledger, is_remote, queues) = match &config.store {
        StoreConfig::Sqlite(path) => (format!("the SQLite database {}", path.display()), false, None),
        StoreConfig::AzureTables(account) => {
            let queues = AccountQueues::of(account).map(|queues| Arc::new(queues) as Arc<dyn QueueService>);
            (format!("the tables of the account {}", account.name), true, queues)
        }
    };
    Surroundings {
        seen_from: SeenFrom::Host,
        configuration: "the configuration in force".to_owned(),
        ledger,
        is_remote,
        queues,
    }
}

pub(super) fn lms_options() -> HttpOptions {
    // The connector follows redirects by its own rules, and has its own time-outs.
    HttpOptions {
        connect_timeout: crate::lms::webhook::CONNECT,
        total_timeout: crate::lms::webhook::ANSWER,
        redirects: 0,
        ..HttpOptions::default()
    }
}

fn connector(
    tenant: &Tenant,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    tokens: Arc<LedgerTokenStore>,
) -> anyhow::Result<Arc<dyn Connector>> {
    let source = tenant.publish.as_ref().map(|publish| &publish.source);
    let Some(PublishSource::From(reads)) = source else {
        return connection(tenant, &tenant.lms, http, clock, tokens);
    };
    let cancels = connection(tenant, &tenant.lms, http.clone(), Arc::clone(&clock), Arc::clone(&tokens))?;
    let reads = connection(tenant, reads, http, clock, tokens)?;
    Ok(Arc::new(ReadsElsewhere { cancels, reads }))
}

fn connection(
    tenant: &Tenant,
    lms: &Lms,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    tokens: Arc<LedgerTokenStore>,
) -> anyhow::Result<Arc<dyn Connector>> {
    match &lms.connector {
        connector if !connector.has_its_secrets() => Ok(Arc::new(Closed)),
        ConnectorConfig::Webhook { url, secrets } => {
            Ok(Arc::new(WebhookConnector::new(url.clone(), secrets, lms.rate, http, clock)))
        }
        ConnectorConfig::File { file, settings, .. } => {
            let (name, rate) = (tenant.name.clone(), lms.rate);
            let (file, settings) = (Arc::clone(file), settings.clone());
            Ok(Arc::new(Engine::with_token_store(file, name, settings, rate, http, clock, tokens)?))
        }
    }
}

/// The connection of a tenant whose secret is missing. Nobody comes to it, because the tenant is closed; who
/// did would learn that nothing was sent.
struct Closed;

#[async_trait]
impl Connector for Closed {
    async fn cancel(&self, _: &Order, _: Budget) -> Reply {
        Reply {
            message: Some("the secret that signs is missing, so nothing was sent".to_owned()),
            ..Reply::new(LmsOutcome::Outage, Reach::NotTried)
        }
    }
}

/// The functions of the app, by name.
///
/// `hostname` is the platform's own name for this deployment, where it says one.
pub(super) fn app(
    config: &Config,
    app: Arc<AppContext>,
    drops: Arc<DropCounters>,
    hostname: Option<&str>,
) -> anyhow::Result<App> {
    let routes = Arc::new(Routes::new(config));
    let poison = |kind| -> Arc<dyn Function> { Arc::new(Poison { app: Arc::clone(&app), kind }) };
    let functions: BTreeMap<&'static str, Arc<dyn Function>> = BTreeMap::from([
        (names::GRAPH_WEBHOOK, Arc::new(GraphWebhook::new(routes, drops)) as Arc<dyn Function>),
        (names::OBSERVE_CHANGES, Arc::new(observe_changes::ObserveChanges(Arc::clone(&app)))),
        (names::CANCEL_ENROLMENT, Arc::new(cancel_enrolment::CancelEnrolment(Arc::clone(&app)))),
        (names::RENEW_SUBSCRIPTIONS, Arc::new(renew_subscriptions::RenewSubscriptions(Arc::clone(&app)))),
        (names::TEND_MAILBOXES, Arc::new(tend_mailboxes::TendMailboxes(Arc::clone(&app)))),
        (names::DISPATCH_DUE, Arc::new(dispatch_due::DispatchDue(Arc::clone(&app)))),
        (names::HOUSEKEEPING, Arc::new(housekeeping::Housekeeping(Arc::clone(&app)))),
        (names::SYNC_SESSIONS, Arc::new(sync_sessions::SyncSessions(Arc::clone(&app)))),
        (names::PUBLISH_SESSION, Arc::new(publish_session::PublishSession(Arc::clone(&app)))),
        (names::POISON_CHANGES, poison(Kind::Changes)),
        (names::POISON_MAILBOXES, poison(Kind::Mailboxes)),
        (names::POISON_CANCELLATIONS, poison(Kind::Cancellations)),
        (names::POISON_SESSIONS, poison(Kind::Sessions)),
    ]);
    let links = Arc::new(ConsentLinks::new(config, names::route::CONSENT_PREFIX)?);
    let origins = manage::Origins::new(&config.public_url, hostname);
    Ok(App::new(
        functions,
        vec![
            (names::route::LMS_EVENTS_PREFIX, lms_events::router(Arc::clone(&app))),
            (names::route::JOIN_PREFIX, join::router(Arc::clone(&app))),
            (names::route::CONSENT_PREFIX, consent::router(Arc::clone(&app), Arc::clone(&links))),
            (names::route::MANAGE_PREFIX, manage::router(app, origins, links)),
        ],
    ))
}

/// Where Graph posts, with the marker by which this deployment's subscriptions are told from others'.
fn notification_url(config: &Config, hasher: &AddressHasher) -> String {
    let base = config.public_url.as_str().trim_end_matches('/');
    let (prefix, route) = (names::route::PREFIX, names::route::GRAPH_WEBHOOK);
    format!("{base}/{prefix}/{route}?deployment={}", hasher.marker())
}

/// This deployment's side of a subscription.
struct Endpoint {
    url: String,
    keys: StateKeys,
}

impl SubscriptionEndpoint for Endpoint {
    fn client_state(&self, tenant: &TenantName, mailbox: &UserId) -> String {
        match client_state::sign(&self.keys, tenant, mailbox) {
            Ok(signed) => signed,
            Err(too_long) => {
                // Object ids are GUIDs, which always fit; without a signature notifications are dropped and
                // counted.
                tracing::error!(%too_long, "a mailbox can't be subscribed with a verifiable clientState");
                hash(mailbox.as_str())
            }
        }
    }

    fn notification_url(&self) -> String {
        self.url.clone()
    }

    fn first_key(&self) -> String {
        self.keys.first_id().to_owned()
    }
}
