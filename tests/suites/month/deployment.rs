//! The handler in this process: its configuration, its parts, and its webhook as the host would call it.

use crate::counts::{Counted, Heard, Transactions};
use crate::lms::Lms;
use crate::script::{GROUP, ORGANIZER, Variant};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Duration;
use regrets::calendar::event_select;
use regrets::calendar::matching::{Recognise, SessionSource};
use regrets::clock::Clock;
use regrets::config::{
    ConnectorConfig, Doctor, LearnerKeySource, Lms as LmsConfig, Tenant, Watch, WatchMode, WebhookSecret,
};
use regrets::custom_handler::{Function, Invocation};
use regrets::enrolment::policy::{Brake, Mailboxes, Policy, PolicyMode, Rate, Retry, WeakPolicy};
use regrets::functions::drop_counters::DropCounters;
use regrets::functions::graph_webhook::{GraphWebhook, Routes};
use regrets::functions::names::{GRAPH_WEBHOOK, binding};
use regrets::graph::auth::cloud::Cloud;
use regrets::graph::auth::credentials::Credential;
use regrets::graph::client_state::{StateKeys, sign};
use regrets::graph::port::Graph;
use regrets::ids::{Address, TenantName, UserId};
use regrets::jobs::address_hasher::AddressHasher;
use regrets::jobs::context::{AppContext, SubscriptionEndpoint, TenantContext};
use regrets::jobs::timing::Timing;
use regrets::jobs::user_cache::UserCache;
use regrets::jobs::watch::write_limiter::WriteLimiter;
use regrets::ledger::Ledger;
use regrets::messages::{Changes, Mailboxes as Message};
use regrets::store::Tables;
use regrets::store::memory::MemoryTables;
use secrecy::SecretString;
use serde_json::{Value, json};
use simulator::TenantSeed;
use simulator::forward::{Endpoint, FastClock, Forward};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use suites::observed::Observed;
use tokio::sync::mpsc::UnboundedSender;

const URL: &str = "https://regrets.contoso.com/api/graph/notifications?deployment=month";

pub(crate) fn tenant_name() -> TenantName {
    TenantName::new("contoso")
}

/// The policy's defaults; the brake is out of the way, because a month of declines comes from here.
pub(crate) fn tenant(seed: &TenantSeed, variant: Variant) -> Tenant {
    let organizer = Address::new(ORGANIZER);
    Tenant {
        name: tenant_name(),
        active: true,
        directory: seed.id.to_string(),
        client_id: seed.client_id.to_string(),
        credential: Credential::ClientSecret(SecretString::from("not a secret")),
        cloud: Cloud::Global,
        watch: Watch {
            mode: match variant {
                Variant::Unreadable | Variant::Readable => WatchMode::Attendees,
                Variant::Both => WatchMode::Both,
                Variant::Organizer => WatchMode::Organizer,
            },
            mailboxes: match variant {
                Variant::Organizer => Mailboxes::None,
                Variant::Unreadable | Variant::Readable | Variant::Both => {
                    Mailboxes::Group(seed.group_id(GROUP).to_string())
                }
            },
            organizers: if variant.has_organizer() { vec![organizer.clone()] } else { Vec::new() },
            resync: Duration::hours(24),
        },
        doctor: Doctor::default(),
        recognise: Recognise {
            organizer: vec![organizer],
            session: SessionSource::ICalUid(r"^lms-(?<session>\d+)@contoso\.com$".parse().unwrap()),
        },
        learner: LearnerKeySource::Mail,
        policy: Policy {
            mode: PolicyMode::Act,
            unseen: WeakPolicy::Cancel,
            brake: Brake { decisions: 100_000, within: Duration::hours(1), per_learner: 100_000 },
            ..Policy::default()
        },
        lms: LmsConfig {
            connector: ConnectorConfig::Webhook {
                url: "https://lms.contoso.com/hooks/regrets".parse().unwrap(),
                secrets: vec![WebhookSecret::parse("bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2g").unwrap()],
            },
            rate: Rate { requests: 10, per: Duration::seconds(1) },
            retry: Retry { first: Duration::seconds(30), most: Duration::hours(1) },
        },
        missing: Vec::new(),
        canary: None,
        publish: None,
        mails_alerts: false,
    }
}

struct Signer(StateKeys);

impl SubscriptionEndpoint for Signer {
    fn client_state(&self, tenant: &TenantName, mailbox: &UserId) -> String {
        sign(&self.0, tenant, mailbox).unwrap()
    }

    fn notification_url(&self) -> String {
        URL.to_owned()
    }

    fn first_key(&self) -> String {
        self.0.first_id().to_owned()
    }
}

fn keys() -> StateKeys {
    StateKeys::parse(&format!("k1:{}", STANDARD.encode([7; 32]))).unwrap()
}

/// What outlives a process.
pub(crate) struct Deployment {
    pub(crate) tenant: Tenant,
    pub(crate) clock: FastClock,
    pub(crate) tables: Arc<dyn Tables>,
    /// The same, as the handler asks it: each call is counted.
    counted: Arc<Counted>,
    pub(crate) world: Forward,
    pub(crate) lms: Arc<Lms>,
    pub(crate) drops: Arc<DropCounters>,
    /// What Graph told.
    pub(crate) heard: Arc<Mutex<Heard>>,
}

impl Deployment {
    pub(crate) fn new(tenant: Tenant, clock: FastClock, world: Forward) -> Self {
        let tables: Arc<dyn Tables> = Arc::new(MemoryTables::new(Arc::new(clock)));
        let counted = Arc::new(Observed::new(Arc::clone(&tables), Transactions::new(clock)));
        let lms = Arc::new(Lms::new(clock));
        Self { tenant, clock, tables, counted, world, lms, drops: Arc::default(), heard: Arc::default() }
    }

    /// How often the handler has asked the ledger.
    pub(crate) fn transactions(&self) -> &Transactions {
        &self.counted.observer
    }

    pub(crate) fn ledger(&self) -> Ledger {
        Ledger { tables: Arc::clone(&self.tables), clock: Arc::new(self.clock) as Arc<dyn Clock> }
    }

    /// A new process.
    pub(crate) async fn app_context(&self) -> AppContext {
        let ledger = Ledger {
            tables: Arc::clone(&self.counted) as Arc<dyn Tables>,
            clock: Arc::new(self.clock) as Arc<dyn Clock>,
        };
        let hasher = AddressHasher::of(&ledger).await.unwrap();
        let context = TenantContext {
            kit: None,
            graph: Arc::new(self.world.clone()) as Arc<dyn Graph>,
            lms: Arc::clone(&self.lms) as _,
            select: event_select::select(&self.tenant.recognise, self.tenant.policy.timezone),
            users: UserCache::new(self.tenant.learner.clone(), hasher),
            settings: regrets::jobs::cancel::settings_cache::MailboxSettingsCache::default(),
            write_limiter: WriteLimiter::default(),
            share: regrets::jobs::cancel::connection_slots::ConnectionSlots::default(),
            refresh_tokens: None,
            subscriber: Arc::new(Signer(keys())),
            tenant: self.tenant.clone(),
        };
        AppContext {
            ledger,
            timing: Timing::default(),
            tenants: BTreeMap::from([(self.tenant.name.clone(), Arc::new(context))]),
            alerts: regrets::jobs::context::AlertChannels::default(),
            around: None,
            join: None,
        }
    }

    pub(crate) fn webhook(
        &self,
        changes: UnboundedSender<Changes>,
        mailboxes: UnboundedSender<Message>,
    ) -> Webhook {
        let directory = [(self.tenant.name.clone(), self.tenant.directory.clone())].into();
        let routes = Arc::new(Routes { keys: keys(), directory, off: BTreeSet::new() });
        let (function, heard) = (GraphWebhook::new(routes, Arc::clone(&self.drops)), Arc::clone(&self.heard));
        Webhook { function, changes, mailboxes, heard }
    }
}

/// `graph-webhook`, and the host around it that fills the queues before Graph gets its answer.
pub(crate) struct Webhook {
    function: GraphWebhook,
    changes: UnboundedSender<Changes>,
    mailboxes: UnboundedSender<Message>,
    heard: Arc<Mutex<Heard>>,
}

#[async_trait]
impl Endpoint for Webhook {
    async fn post(&self, body: String) -> u16 {
        let wrapped = json!({
            "Data": { "req": {
                "Url": URL, "Method": "POST", "Query": { "deployment": "month" },
                "Headers": { "Content-Type": ["application/json"] }, "Params": {}, "Identities": [],
                "Body": body,
            }},
            "Metadata": { "sys": { "MethodName": GRAPH_WEBHOOK } },
        });
        let outputs =
            self.function.invoke(Invocation::new(GRAPH_WEBHOOK, wrapped.to_string())).await.unwrap();
        let reply: Value = serde_json::from_slice(&outputs.to_json().unwrap()).unwrap();
        for text in texts(&reply, binding::CHANGES) {
            let changes: Changes = serde_json::from_str(text).unwrap();
            self.heard.lock().unwrap().note(&changes);
            drop(self.changes.send(changes));
        }
        for text in texts(&reply, binding::MAILBOXES) {
            drop(self.mailboxes.send(serde_json::from_str(text).unwrap()));
        }
        u16::try_from(reply["Outputs"][binding::RESPONSE]["statusCode"].as_u64().unwrap()).unwrap()
    }
}

fn texts<'a>(reply: &'a Value, output: &str) -> Vec<&'a str> {
    reply["Outputs"][output].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
