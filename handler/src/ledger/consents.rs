//! What is known of a tenant's consent, one row a tenant; and who was asked for it, one row for each link
//! that was handed out.
//!
//! Guarantees: a link's answer is taken once, because taking it is one conditional write; a row of a request
//! holds nothing by which its link could be made, but for whoever has the deployment's keys.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::{Collection, Singleton};
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// How a tenant's consent stands. Serialised as its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ConsentState {
    /// Nobody was asked through Regrets, and rights are missing or were not looked for yet.
    NotAsked,
    /// A link is out, and nobody has answered.
    Asked,
    /// Somebody said yes; the rights do not show yet.
    Pending,
    /// All that the configuration needs is there.
    Granted,
    /// Somebody said no.
    Refused,
    /// The link ran out, or what was said yes to never came.
    Expired,
    /// What is granted is not what it was when it was complete, or not all that the configuration needs by
    /// now.
    Drifted,
    /// Something that was granted is gone.
    Withdrawn,
}

impl ConsentState {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// How a mailbox answered when it was tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriedMailbox {
    pub is_readable: bool,
    pub at: DateTime<Utc>,
}

/// Permissions are kept by their names in Graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentRow {
    pub state: ConsentState,
    pub since: DateTime<Utc>,
    /// When the newest link runs out.
    #[serde(default)]
    pub asked_until: Option<DateTime<Utc>>,
    /// By which code Microsoft said that somebody refused.
    #[serde(default)]
    pub refusal: Option<String>,
    /// Since when everything is there, the last time that it was.
    #[serde(default)]
    pub granted_at: Option<DateTime<Utc>>,
    /// What of the needed permissions was there then.
    #[serde(default)]
    pub granted: Vec<String>,
    /// All that the token held then: what comes on top of it is drift.
    #[serde(default)]
    pub known_roles: Vec<String>,
    /// What is needed and not there.
    #[serde(default)]
    pub missing: Vec<String>,
    /// What of that had been there.
    #[serde(default)]
    pub lost: Vec<String>,
    /// What has come on top.
    #[serde(default)]
    pub excess: Vec<String>,
    /// When a token was asked for last to see what it holds.
    #[serde(default)]
    pub looked_at: Option<DateTime<Utc>>,
    /// What it held; `None` where it could not be looked into.
    #[serde(default)]
    pub roles: Option<Vec<String>>,
    #[serde(default)]
    pub mailbox: Option<TriedMailbox>,
    /// So many mailboxes stood as refused then.
    #[serde(default)]
    pub refused_mailboxes: u64,
}

impl ConsentRow {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            state: ConsentState::NotAsked,
            since: now,
            asked_until: None,
            refusal: None,
            granted_at: None,
            granted: Vec::new(),
            known_roles: Vec::new(),
            missing: Vec::new(),
            lost: Vec::new(),
            excess: Vec::new(),
            looked_at: None,
            roles: None,
            mailbox: None,
            refused_mailboxes: 0,
        }
    }
}

const CONSENT: Singleton<ConsentRow> = Singleton::new("consent");

/// `None`: nothing is known yet.
pub async fn read(ledger: &Ledger, tenant: &TenantName) -> Result<Option<ConsentRow>, StoreError> {
    CONSENT.if_readable(ledger, tenant).await
}

/// As [`Singleton::update`].
pub async fn update<F>(
    ledger: &Ledger,
    tenant: &TenantName,
    change: F,
) -> Result<Option<ConsentRow>, StoreError>
where
    F: FnMut(Option<&ConsentRow>) -> Option<ConsentRow>,
{
    CONSENT.update(ledger, tenant, change).await
}

/// One link that was handed out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsentRequest {
    /// The random part of the link.
    pub id: String,
    pub tenant: TenantName,
    /// The directory whose administrator is asked.
    pub directory: String,
    pub by: String,
    pub at: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// What came back by it. Only the first answer counts.
    #[serde(default)]
    pub used: Option<Used>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Used {
    pub at: DateTime<Utc>,
    pub answer: LinkAnswer,
    /// What Microsoft called a no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// What came back by a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkAnswer {
    Yes,
    No,
    /// It is said to be of another directory than was asked.
    WrongTenant,
}

impl ConsentRequest {
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.used.is_none() && self.until > now
    }
}

fn requests(tenant: &TenantName) -> Collection<ConsentRequest> {
    Collection::of(tenant, "consents")
}

pub async fn request(
    ledger: &Ledger,
    tenant: &TenantName,
    id: &str,
) -> Result<Option<ConsentRequest>, StoreError> {
    requests(tenant).read(ledger, id).await
}

pub async fn add_request(ledger: &Ledger, request: &ConsentRequest) -> Result<(), StoreError> {
    requests(&request.tenant)
        .update(ledger, &request.id, |known| known.is_none().then(|| request.clone()))
        .await
        .map(|_| ())
}

/// All that are kept, the newest first.
pub async fn all_requests(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<ConsentRequest>, StoreError> {
    let mut all: Vec<ConsentRequest> =
        requests(tenant).scan(ledger, RowRange::all()).await?.into_iter().map(|read| read.value).collect();
    all.sort_by(|one, other| other.at.cmp(&one.at).then_with(|| one.id.cmp(&other.id)));
    Ok(all)
}

/// Takes the answer of a link. `false`: it had been answered before, and that answer stands.
pub async fn take_answer(ledger: &Ledger, request: &ConsentRequest, used: &Used) -> Result<bool, StoreError> {
    let mut mine = false;
    requests(&request.tenant)
        .update(ledger, &request.id, |known| {
            let known = known?;
            mine = known.used.is_none();
            mine.then(|| ConsentRequest { used: Some(used.clone()), ..known.clone() })
        })
        .await?;
    Ok(mine)
}

/// Links are kept so long after they ran out: whoever opens one late is told so.
pub const LINKS_KEPT: Duration = Duration::days(30);

/// Lets go of links that ran out so long ago.
pub async fn forget_requests(ledger: &Ledger, tenant: &TenantName) -> Result<(), StoreError> {
    let (now, requests) = (ledger.clock.now(), requests(tenant));
    for read in requests.scan(ledger, RowRange::all()).await? {
        if read.value.until + LINKS_KEPT <= now {
            requests.remove(ledger, &read.row).await?;
        }
    }
    Ok(())
}
