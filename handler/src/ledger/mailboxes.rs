//! The row of a watched mailbox: its subscription, its state, and when somebody must come by again.

use crate::ids::{SubscriptionId, TenantName, UserId, hash};

use crate::ledger::Ledger;
use crate::ledger::typed_rows::{self, ReadPage};
use crate::store::Op;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MailboxRow {
    pub tenant: TenantName,
    pub user: UserId,
    #[serde(rename = "standing")]
    pub state: SubscriptionState,
    pub subscription: Option<SubscriptionId>,
    pub expires: Option<DateTime<Utc>>,
    /// Id of the key that signed the subscription's `clientState`.
    pub key: Option<String>,
    /// The `notificationUrl` that it was made for.
    pub url: Option<String>,
    /// When the mailbox is to be maintained again.
    pub due: DateTime<Utc>,
    /// Failures in a row.
    pub failures: u32,
    pub last_success: Option<DateTime<Utc>>,
    pub last_error: Option<String>,
    pub renewed_at: Option<DateTime<Utc>>,
    /// Somebody is at it until then.
    #[serde(rename = "tended_until")]
    pub leased_until: Option<DateTime<Utc>>,
    /// The calendar is to be compared anew: something may have been missed up to this time.
    pub resync_wanted: Option<DateTime<Utc>>,
    pub resynced_at: Option<DateTime<Utc>>,
    /// Gaps in which an invitation may have come and been declined with nobody to tell us. Written together
    /// with what makes the gap known, so that each is counted once.
    #[serde(default)]
    pub gaps: u64,
    /// The next start of a session that the last comparison saw, or that was linked since.
    #[serde(default, rename = "near")]
    pub next_start: Option<DateTime<Utc>>,
    /// When what starts within a day was compared last.
    #[serde(default, rename = "neared_at")]
    pub upcoming_resynced_at: Option<DateTime<Utc>>,
    /// The directory does not name it any more: every planning round has it released, until it is.
    #[serde(default)]
    pub leaving: bool,
    /// Whether an event that vanishes unlinked may have been an invitation.
    #[serde(default)]
    pub copies: Copies,
    /// How far a comparison has come that took longer than one invocation had.
    #[serde(default)]
    pub comparing: Option<Comparing>,
}

/// What is known of the copies of a person's invitations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Copies {
    /// The row was written before this was known.
    #[default]
    Unknown,
    /// No invitation is known whose copy is not.
    AllThere,
    /// Of some invitation no copy was there; last said then.
    Missing { since: DateTime<Utc> },
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum SubscriptionState {
    /// To be watched; no subscription yet.
    Wanted,
    Watched,
    /// Tried, without success so far.
    Failing,
    /// No mailbox in Exchange Online.
    NoMailbox,
    /// Outside the app's scope, or a permission is missing.
    Refused,
}

impl SubscriptionState {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl MailboxRow {
    pub fn wanted(tenant: &TenantName, user: &UserId, now: DateTime<Utc>) -> Self {
        Self {
            tenant: tenant.clone(),
            user: user.clone(),
            state: SubscriptionState::Wanted,
            subscription: None,
            expires: None,
            key: None,
            url: None,
            due: now,
            failures: 0,
            last_success: None,
            last_error: None,
            renewed_at: None,
            leased_until: None,
            resync_wanted: None,
            resynced_at: None,
            gaps: 0,
            next_start: None,
            upcoming_resynced_at: None,
            leaving: false,
            copies: Copies::AllThere,
            comparing: None,
        }
    }

    /// Without its subscription, which Graph has let go of.
    pub fn unsubscribed(&self) -> Self {
        Self { subscription: None, expires: None, key: None, url: None, ..self.clone() }
    }

    /// Watched, and therefore to be read: the directory still names it.
    pub fn is_read(&self) -> bool {
        !self.leaving
    }

    /// A subscription that is in force now.
    pub fn is_subscribed(&self, now: DateTime<Utc>) -> bool {
        self.subscription.is_some() && self.expires.is_some_and(|expires| expires > now)
    }
}

/// Mailboxes of a tenant are spread over so many partitions.
pub const SHARDS: usize = 16;

fn partition(tenant: &TenantName, shard: usize) -> String {
    format!("{tenant}~{shard:x}")
}

fn shard_of(hashed: &str) -> usize {
    hashed.bytes().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte))) % SHARDS
}

/// The shard that a mailbox is stored in.
pub(crate) fn shard(user: &UserId) -> usize {
    shard_of(&hash(user.as_str()))
}

/// Where a mailbox is stored.
pub fn place(tenant: &TenantName, user: &UserId) -> (String, String) {
    let hashed = hash(user.as_str());
    (partition(tenant, shard_of(&hashed)), hashed)
}

pub async fn load(
    ledger: &Ledger,
    tenant: &TenantName,
    user: &UserId,
) -> Result<Option<MailboxRow>, StoreError> {
    let (partition, row) = place(tenant, user);
    Ok(typed::get(ledger.tables.as_ref(), Table::Mailboxes, &partition, &row)
        .await?
        .map(|read: Read<MailboxRow>| read.value))
}

/// The one place that says whether a mailbox is watched, and may therefore be read: it has a row, and the
/// directory still names it. Whoever was released, or is about to be, is not.
pub async fn is_watched(ledger: &Ledger, tenant: &TenantName, user: &UserId) -> Result<bool, StoreError> {
    Ok(load(ledger, tenant, user).await?.is_some_and(|row| row.is_read()))
}

pub async fn update<F>(
    ledger: &Ledger,
    tenant: &TenantName,
    user: &UserId,
    change: F,
) -> Result<Option<MailboxRow>, StoreError>
where
    F: FnMut(Option<&MailboxRow>) -> Option<MailboxRow>,
{
    let (partition, row) = place(tenant, user);
    typed::update(ledger.tables.as_ref(), Table::Mailboxes, &partition, &row, change).await
}

pub async fn remove(ledger: &Ledger, tenant: &TenantName, user: &UserId) -> Result<(), StoreError> {
    let (partition, row) = place(tenant, user);
    ledger.tables.delete(Table::Mailboxes, &partition, &row, None).await
}

/// Every mailbox of a tenant that is known.
pub async fn all(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<MailboxRow>, StoreError> {
    let mut rows = Vec::new();
    for shard in 0..SHARDS {
        rows.extend(of_shard(ledger, tenant, shard).await?);
    }
    Ok(rows)
}

/// Some of them, without going through all: for whoever wants an example.
pub async fn some(ledger: &Ledger, tenant: &TenantName, most: usize) -> Result<Vec<MailboxRow>, StoreError> {
    let mut rows = Vec::new();
    for shard in 0..SHARDS {
        let (tables, partition) = (ledger.tables.as_ref(), partition(tenant, shard));
        let left = most - rows.len();
        let found: Vec<Read<MailboxRow>> =
            typed::scan(tables, Table::Mailboxes, &partition, RowRange::all(), left).await?;
        rows.extend(found.into_iter().map(|read| read.value));
        if rows.len() >= most {
            break;
        }
    }
    Ok(rows)
}

pub async fn of_shard(
    ledger: &Ledger,
    tenant: &TenantName,
    shard: usize,
) -> Result<Vec<MailboxRow>, StoreError> {
    let found: Vec<Read<MailboxRow>> = typed::scan(
        ledger.tables.as_ref(),
        Table::Mailboxes,
        &partition(tenant, shard),
        RowRange::all(),
        usize::MAX,
    )
    .await?;
    Ok(found.into_iter().map(|read| read.value).collect())
}

/// The mailbox was compared as of `asked`, and all that followed from it has been judged.
pub async fn resynced(
    ledger: &Ledger,
    tenant: &TenantName,
    user: &UserId,
    asked: DateTime<Utc>,
) -> Result<(), StoreError> {
    update(ledger, tenant, user, |row| {
        let row = row?;
        let mut next = row.clone();
        next.resynced_at = Some(row.resynced_at.map_or(asked, |at| at.max(asked)));
        next.resync_wanted = row.resync_wanted.filter(|wanted| *wanted > asked);
        (next != *row).then_some(next)
    })
    .await
    .map(|_| ())
}

/// The most that one batch of the store takes.
pub(crate) const BATCH: usize = 100;

pub(crate) const PAGE: usize = 1000;

/// A page of a shard's rows; of one that can't be read an alert tells.
pub async fn page(
    ledger: &Ledger,
    tenant: &TenantName,
    shard: usize,
    range: RowRange,
    limit: usize,
) -> Result<ReadPage<MailboxRow>, StoreError> {
    typed_rows::page(ledger, tenant, Table::Mailboxes, &partition(tenant, shard), range, limit).await
}

/// Changes every row of a tenant that `next` has something new for. Gives how many rows there are.
pub async fn change_all(
    ledger: &Ledger,
    tenant: &TenantName,
    next: impl Fn(&MailboxRow) -> Option<MailboxRow>,
) -> Result<usize, StoreError> {
    let mut rows = 0;
    for shard in 0..SHARDS {
        let mut range = RowRange::all();
        loop {
            let page = page(ledger, tenant, shard, range.clone(), PAGE).await?;
            rows += page.rows.len();
            for some in page.rows.chunks(BATCH) {
                change(ledger, some, &next).await?;
            }
            match page.next {
                Some(next) => range.from = Some(next),
                None => break,
            }
        }
    }
    Ok(rows)
}

/// Changes some rows of one shard in one write.
pub(crate) async fn change(
    ledger: &Ledger,
    reads: &[Read<MailboxRow>],
    next: impl Fn(&MailboxRow) -> Option<MailboxRow>,
) -> Result<(), StoreError> {
    let replace = |read: &Read<MailboxRow>| {
        let next = next(&read.value)?;
        let entity = typed::entity(&next);
        Some(entity.map(|entity| Op::Replace { row: read.row.clone(), entity, etag: read.etag.clone() }))
    };
    let ops = reads.iter().filter_map(replace).collect::<Result<Vec<_>, StoreError>>()?;
    let Some(first) = reads.first().filter(|_| !ops.is_empty()) else { return Ok(()) };
    match ledger.tables.batch(Table::Mailboxes, &first.partition, ops).await {
        // Somebody tends one of them at this moment; each by itself, then.
        Err(lost) if lost.is_lost_race() => {
            for row in reads.iter().map(|read| &read.value) {
                update(ledger, &row.tenant, &row.user, |stored| next(stored?)).await?;
            }
            Ok(())
        }
        done => done,
    }
}

/// Adds some rows of one shard in one write.
pub(crate) async fn insert(
    ledger: &Ledger,
    tenant: &TenantName,
    shard: usize,
    rows: &[MailboxRow],
) -> Result<(), StoreError> {
    let partition = &partition(tenant, shard);
    let key = |row: &MailboxRow| place(&row.tenant, &row.user).1;
    let insert = |row: &MailboxRow| Ok(Op::Insert { row: key(row), entity: typed::entity(row)? });
    let ops = rows.iter().map(insert).collect::<Result<Vec<_>, StoreError>>()?;
    match ledger.tables.batch(Table::Mailboxes, partition, ops).await {
        // Another round, that was thought dead, adds the same people.
        Err(lost) if lost.is_lost_race() => {
            for row in rows {
                typed::insert_if_absent(ledger.tables.as_ref(), Table::Mailboxes, partition, &key(row), row)
                    .await?;
            }
            Ok(())
        }
        done => done,
    }
}

/// How far a comparison has come: stands in the mailbox's row, under the lease of whoever tends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparing {
    pub scope: ResyncScope,
    /// When it began: what is found is true as of then.
    pub asked: DateTime<Utc>,
    /// Graph's link to what has not been read.
    pub(crate) next: String,
    /// So many rows hold what has been.
    pub(crate) rows: u32,
    /// How many pages that was.
    pub(crate) pages: u32,
}

/// How much of a calendar is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResyncScope {
    Whole,
    /// What starts within a day.
    #[serde(rename = "near")]
    Upcoming,
}
