//! What one process ([`Office`]) and one tenant ([`Desk`]) need to work.

use crate::calendar::event_select::EventSelect;
use crate::clock::Clock;
use crate::config::Tenant;
use crate::graph::Graph;
use crate::ids::{Address, TenantName};
use crate::jobs::WorkError;
use crate::jobs::cancel::automatic_replies::Settings;
use crate::jobs::cancel::connection_slots::Share;
use crate::jobs::timer_run::Budgets;
use crate::jobs::user_cache::People;
use crate::jobs::watch::write_budget::{Gate, Limits};
use crate::lms::Connector;
use crate::store::{Table, Tables, typed};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that the use cases share within one process.
pub struct Office {
    pub tables: Arc<dyn Tables>,
    pub clock: Arc<dyn Clock>,
    pub timing: Timing,
    pub desks: BTreeMap<TenantName, Arc<Desk>>,
}

/// One tenant's configuration and clients.
pub struct Desk {
    pub tenant: Tenant,
    pub graph: Arc<dyn Graph>,
    pub lms: Arc<dyn Connector>,
    pub select: EventSelect,
    pub people: People,
    pub subscriber: Arc<dyn Subscriber>,
    pub gate: Gate,
    /// Of the LMS connection, on this instance.
    pub share: Share,
    pub settings: Settings,
}

/// Makes the parts of a subscription that belong to this deployment.
pub trait Subscriber: Send + Sync + 'static {
    /// `clientState` for this mailbox, signed with the first key.
    fn client_state(&self, tenant: &TenantName, mailbox: &crate::ids::UserId) -> String;
    fn notification_url(&self) -> String;
    fn first_key(&self) -> String;
}

impl Office {
    pub fn desk(&self, tenant: &TenantName) -> Result<&Arc<Desk>, WorkError> {
        self.desks.get(tenant).ok_or_else(|| WorkError::UnknownTenant(tenant.clone()))
    }
}

/// The times that are not policy. The defaults are the design's; shortened on one machine only, for demonstrations.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// After this, what was woken and not finished is woken again.
    pub rewake: Duration,
    /// How long a claim holds.
    pub lease: Duration,
    /// How far ahead calendars are compared.
    pub horizon: Duration,
    /// An organizer's calendar is followed at most once in this time, whoever asks for it.
    pub organizers_rest: Duration,
    /// Whoever follows an organizer's calendar is left to it for so long: more than [`Budgets::invitations`]. Killed meanwhile,
    /// others wait for that.
    pub following: Duration,
    /// Back on the agenda for so long while the valve is closed.
    pub valve_rest: Duration,
    /// How long a mailbox that was refused or is missing is left alone.
    pub recheck_mailbox: Duration,
    /// A subscription is not renewed twice within this time, however many lifecycle events ask for it (facts sheet 4).
    pub coalesce: Duration,
    /// An outage of Graph that lasts so long is a gap: what happened in it may never be told.
    pub outage: Duration,
    /// How fast subscriptions are written.
    pub pace: Limits,
    /// How long a run of each timer may take.
    pub budgets: Budgets,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            rewake: Duration::minutes(10),
            lease: crate::enrolment::lms_order::LEASE,
            horizon: Duration::days(365),
            organizers_rest: Duration::seconds(10),
            following: Duration::minutes(5),
            valve_rest: Duration::minutes(1),
            recheck_mailbox: Duration::days(1),
            coalesce: Duration::minutes(10),
            outage: Duration::minutes(10),
            pace: Limits::default(),
            budgets: Budgets::default(),
        }
    }
}

impl Timing {
    /// All rests divided by `haste`; the lease stays, because it stands against the LMS's real time-outs.
    pub fn hastened(haste: i32) -> Self {
        let haste = haste.max(1);
        let usual = Self::default();
        Self {
            rewake: usual.rewake / haste,
            organizers_rest: usual.organizers_rest / haste,
            following: usual.following / haste,
            valve_rest: usual.valve_rest / haste,
            coalesce: usual.coalesce / haste,
            outage: usual.outage / haste,
            pace: usual.pace.faster(u16::try_from(haste).unwrap_or(u16::MAX)),
            ..usual
        }
    }
}

/// Keyed hashes of addresses: aliases and organizers are recognised by them and never stored in the clear.
#[derive(Clone)]
pub struct Pepper(Vec<u8>);

#[derive(Serialize, Deserialize)]
struct StoredPepper {
    pepper: String,
}

/// Where it stands among the connections. Without `~`: a tenant may be called so.
pub const PEPPER: (&str, &str) = ("deployment", "pepper");

impl Pepper {
    /// The deployment's own key: made at first use, the same ever after.
    pub async fn of(tables: &dyn Tables) -> Result<Self, WorkError> {
        let fresh = StoredPepper { pepper: URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()) };
        let (partition, row) = PEPPER;
        if let Some(found) = typed::get::<StoredPepper>(tables, Table::Connections, partition, row).await? {
            return Ok(Self(found.value.pepper.into_bytes()));
        }
        typed::insert_if_absent(tables, Table::Connections, partition, row, &fresh).await?;
        // Whoever was first counts.
        match typed::get::<StoredPepper>(tables, Table::Connections, partition, row).await? {
            Some(found) => Ok(Self(found.value.pepper.into_bytes())),
            None => Ok(Self(fresh.pepper.into_bytes())),
        }
    }

    /// Names this deployment in the query of its `notificationUrl`; tells nothing of the key.
    pub fn marker(&self) -> String {
        self.hash(&Address::new("this deployment"))
    }

    /// Any other text, which never hashes as an address does.
    pub fn hash_text(&self, text: &str) -> String {
        self.hash(&Address::new(&format!("text\n{text}")))
    }

    pub fn hash(&self, address: &Address) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(address.as_str().as_bytes());
        let digest = mac.finalize().into_bytes();
        let (head, _) = digest.split_at(16);
        URL_SAFE_NO_PAD.encode(head)
    }
}
