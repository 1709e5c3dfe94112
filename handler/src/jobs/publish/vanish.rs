//! What vanished in numbers that nobody believes waits for a person.
//!
//! Guarantees: nothing is removed before a person has said so; what they said holds for a day, and for
//! no more than they were told of.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::tenant_rows::Singleton;
use crate::sessions::vanish_brake::Vanished;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// What a source shows less of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Sessions,
    Places,
}

/// What waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldBack {
    pub since: DateTime<Utc>,
    pub missing: u64,
    pub known: u64,
    /// They are there under other ids: the source was moved or restored.
    pub is_named_anew: bool,
    #[serde(default)]
    pub confirmed: Option<Confirmed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    pub by: String,
    pub at: DateTime<Utc>,
}

const SESSIONS: Singleton<HeldBack> = Singleton::new("vanished-sessions");
const PLACES: Singleton<HeldBack> = Singleton::new("vanished-places");

/// How long a person's word holds.
const HOLDS: Duration = Duration::hours(24);

impl What {
    fn row(self) -> &'static Singleton<HeldBack> {
        match self {
            Self::Sessions => &SESSIONS,
            Self::Places => &PLACES,
        }
    }

    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Places => "places",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Sessions => Self::Places,
            Self::Places => Self::Sessions,
        }
    }
}

pub async fn held_back(
    ledger: &Ledger,
    tenant: &TenantName,
    what: What,
) -> Result<Option<HeldBack>, StoreError> {
    what.row().if_readable(ledger, tenant).await
}

/// A person says that it is so. False: nothing waits.
pub async fn confirm(ledger: &Ledger, tenant: &TenantName, what: What, by: &str) -> Result<bool, StoreError> {
    let now = ledger.now().await?;
    let sign = |held: Option<&HeldBack>| {
        let confirmed = Some(Confirmed { by: by.to_owned(), at: now });
        held.map(|held| HeldBack { confirmed, ..held.clone() })
    };
    Ok(what.row().update(ledger, tenant, sign).await?.is_some())
}

/// Whether what a complete pass misses may be taken for gone.
pub(super) async fn may_go(
    ledger: &Ledger,
    tenant: &TenantName,
    what: What,
    (missing, known): (usize, usize),
    judged: &Vanished,
) -> Result<bool, StoreError> {
    let is_named_anew = match judged {
        Vanished::Believable => {
            if held_back(ledger, tenant, what).await?.is_some() {
                what.row().remove(ledger, tenant).await?;
                if held_back(ledger, tenant, what.other()).await?.is_none() {
                    alerts::resolve(ledger, tenant, AlertKind::SourceVanished).await?;
                }
            }
            return Ok(true);
        }
        Vanished::TooMany { .. } => false,
        Vanished::NamedAnew { .. } => true,
    };
    let now = ledger.now().await?;
    let (missing, known) = (missing as u64, known as u64);
    let old = held_back(ledger, tenant, what).await?;
    let is_confirmed = |held: &HeldBack| {
        held.missing >= missing && held.confirmed.as_ref().is_some_and(|word| word.at + HOLDS > now)
    };
    if old.as_ref().is_some_and(is_confirmed) {
        return Ok(true);
    }
    // The alert first: killed in between, the next pass writes the row.
    alerts::raise_about(ledger, tenant, AlertKind::SourceVanished, missing).await?;
    let hold = |held: Option<&HeldBack>| {
        let since = held.map_or(now, |held| held.since);
        let confirmed = held.filter(|held| is_confirmed(held)).and_then(|held| held.confirmed.clone());
        let next = HeldBack { since, missing, known, is_named_anew, confirmed };
        (held != Some(&next)).then_some(next)
    };
    what.row().update(ledger, tenant, hold).await?;
    Ok(false)
}
