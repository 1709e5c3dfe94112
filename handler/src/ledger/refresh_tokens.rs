//! The refresh token of an LMS connection that the LMS replaces with each use: one row for each connection
//! and each configured token that others descend from.
//!
//! Guarantees:
//! - A token is stored sealed ([`crate::sealing`]), and bound to its tenant, its connection and the
//!   configured token. A row that is copied over another, or changed, opens no more.
//! - A row that can't be opened, or read, stops nobody: it counts as no stored token, and an alert and a line
//!   of the log name it and what mends it.
//! - Each write is one conditional write. Who has the turn has it alone, by the store's clock, until it is
//!   given back or is over; a token is stored only over the one that it was given for, also late.
//! - Killed within a turn, the row says since when the LMS may have replaced the token unseen.

use crate::ids::TenantName;
use crate::ledger::{Ledger, TRIES, alerts};
use crate::sealing::{Sealed, SealingKeys};
use crate::store::typed::{self, step_aside};
use crate::store::{Etag, RowRange, StoreError, Table};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Part of what is sealed is bound to: another form of it would be another number.
const FORM: &str = "refresh token 1";
/// One that nobody has written for so long, and that is not what is configured.
const LEFT: chrono::Duration = chrono::Duration::days(7);

/// Which token: of a tenant's connection, descended from the configured one that `origin` is a hash of.
#[derive(Debug, Clone, Copy)]
pub struct TokenRef<'a> {
    pub tenant: &'a TenantName,
    pub connector: &'a str,
    pub origin: &'a str,
}

impl TokenRef<'_> {
    fn partition(&self) -> String {
        partition(self.tenant)
    }

    fn row(&self) -> String {
        format!("{}~{}", self.connector, self.origin)
    }

    fn bound_to(&self) -> [&str; 4] {
        [FORM, self.tenant.as_str(), self.connector, self.origin]
    }
}

fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~refresh-tokens")
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct StoredRow {
    /// Grows with each token that is stored.
    #[serde(default)]
    number: u64,
    #[serde(default)]
    sealed: Option<Sealed>,
    #[serde(default)]
    turn: Option<StoredTurn>,
    /// Since then it may be that the LMS has replaced the token, and nobody knows by which.
    #[serde(default)]
    unended: Option<DateTime<Utc>>,
    #[serde(default)]
    written: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StoredTurn {
    id: String,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// `Debug` does not show the token.
#[derive(Debug, Clone)]
pub struct StoredToken {
    /// `None`: none is stored, or none that can be opened.
    pub token: Option<SecretString>,
    pub number: u64,
    pub unended: Option<DateTime<Utc>>,
}

#[derive(Debug)]
pub enum Taken {
    Ours(StoredToken),
    /// Somebody else has it; so long at most.
    Others(Duration),
}

/// What is known when a turn ends in which nothing was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The stored token is the one that is in force.
    InForce,
    /// No more than before the turn.
    AsBefore(Option<DateTime<Utc>>),
    /// The LMS may have replaced the token.
    Unknown,
}

/// What is stored.
pub async fn read(ledger: &Ledger, keys: &SealingKeys, of: TokenRef<'_>) -> Result<StoredToken, StoreError> {
    let (row, _) = load(ledger, of).await?;
    opened(ledger, keys, of, &row).await
}

/// Takes the turn, named `id`, for so long.
pub async fn take_turn(
    ledger: &Ledger,
    keys: &SealingKeys,
    of: TokenRef<'_>,
    id: &str,
    lasts: Duration,
) -> Result<Taken, StoreError> {
    let now = ledger.now().await?;
    let row = update(ledger, of, |row| {
        if row.turn.as_ref().is_some_and(|turn| turn.until > now) {
            return None;
        }
        let turn = StoredTurn { id: id.to_owned(), since: now, until: now + lasts };
        // Who had it before has neither stored anything nor given it back.
        let unended = row.unended.or(row.turn.as_ref().map(|turn| turn.since));
        Some(StoredRow { turn: Some(turn), unended, written: now, ..row.clone() })
    })
    .await?;
    match &row.turn {
        // Ours, too, where the answer to our write was lost.
        Some(turn) if turn.id == id => Ok(Taken::Ours(opened(ledger, keys, of, &row).await?)),
        Some(turn) => Ok(Taken::Others((turn.until - now).to_std().unwrap_or_default())),
        None => Ok(Taken::Others(Duration::ZERO)),
    }
}

/// Ends the turn and stores the token in the place of that with this number. `false`: another is stored by
/// now, and stays.
pub async fn put(
    ledger: &Ledger,
    keys: &SealingKeys,
    of: TokenRef<'_>,
    (id, number): (&str, u64),
    token: &SecretString,
) -> Result<bool, StoreError> {
    let now = ledger.now().await?;
    let sealed = keys.seal(token, &of.bound_to()).map_err(|error| StoreError::Invalid(error.to_string()))?;
    let row = update(ledger, of, |row| {
        if row.number != number {
            return None;
        }
        Some(StoredRow {
            number: number + 1,
            sealed: Some(sealed.clone()),
            turn: row.turn.clone().filter(|turn| turn.id != id),
            unended: None,
            written: now,
        })
    })
    .await?;
    if row.number == number + 1 && row.sealed.as_ref() == Some(&sealed) {
        return Ok(true);
    }
    // An earlier try may have been written though it was not answered.
    let is_same = |sealed| {
        let stored = keys.open(sealed, &of.bound_to());
        stored.is_some_and(|stored| stored.expose_secret() == token.expose_secret())
    };
    Ok(row.sealed.as_ref().is_some_and(is_same))
}

/// Ends the turn in which nothing was stored.
pub async fn give_back(ledger: &Ledger, of: TokenRef<'_>, id: &str, ended: Ended) -> Result<(), StoreError> {
    let now = ledger.now().await?;
    update(ledger, of, |row| {
        let turn = row.turn.as_ref().filter(|turn| turn.id == id)?;
        let unended = match ended {
            Ended::InForce => None,
            Ended::AsBefore(unended) => unended,
            Ended::Unknown => row.unended.or(Some(turn.since)),
        };
        Some(StoredRow { turn: None, unended, written: now, ..row.clone() })
    })
    .await
    .map(drop)
}

/// Seals the token in force anew where that was done by a key that is not the first any more, and lets go of
/// those that are not in force and that nobody has written for a week: instances of two configurations may
/// run side by side for a while.
pub async fn tidy(
    ledger: &Ledger,
    keys: &SealingKeys,
    tenant: &TenantName,
    in_force: &[TokenRef<'_>],
) -> Result<(), StoreError> {
    let (now, partition) = (ledger.now().await?, partition(tenant));
    let known: Vec<String> = in_force.iter().map(TokenRef::row).collect();
    let rows = typed::sift_all::<StoredRow>(
        ledger.tables.as_ref(),
        Table::Connections,
        &partition,
        RowRange::all(),
        usize::MAX,
    );
    // One that can't be read is told of by who needs it.
    let (rows, _) = rows.await?;
    for row in rows.into_iter().filter(|row| !known.contains(&row.row)) {
        if row.value.written + LEFT <= now {
            let gone = ledger.tables.delete(Table::Connections, &partition, &row.row, Some(&row.etag)).await;
            // Somebody goes by it, then.
            if let Err(error) = gone
                && !error.is_lost_race()
            {
                return Err(error);
            }
        }
    }
    for of in in_force {
        seal_anew(ledger, keys, *of).await?;
    }
    Ok(())
}

async fn seal_anew(ledger: &Ledger, keys: &SealingKeys, of: TokenRef<'_>) -> Result<(), StoreError> {
    update(ledger, of, |row| {
        let sealed = row.sealed.as_ref().filter(|sealed| sealed.key != keys.first_id())?;
        let token = keys.open(sealed, &of.bound_to())?;
        let sealed = keys.seal(&token, &of.bound_to()).ok()?;
        Some(StoredRow { sealed: Some(sealed), ..row.clone() })
    })
    .await
    .map(drop)
}

async fn opened(
    ledger: &Ledger,
    keys: &SealingKeys,
    of: TokenRef<'_>,
    row: &StoredRow,
) -> Result<StoredToken, StoreError> {
    let token = match &row.sealed {
        None => None,
        Some(sealed) => {
            let token = keys.open(sealed, &of.bound_to());
            if token.is_none() {
                let why = format!(
                    "no key of REGRETS_STATE_KEYS opens the refresh token of this connection; it was sealed \
                     with the key `{}`. Put that key back behind the others, or sign in to the LMS anew and \
                     configure the new refresh token",
                    sealed.key
                );
                let (table, partition, row) = (Table::Connections.name(), of.partition(), of.row());
                let unreadable = StoreError::Corrupt { table, partition, row, why };
                alerts::note_unreadable(ledger, of.tenant, &unreadable).await?;
            }
            token
        }
    };
    Ok(StoredToken { token, number: row.number, unended: row.unended })
}

/// One that can't be read counts as one without a token, and is overwritten.
async fn load(ledger: &Ledger, of: TokenRef<'_>) -> Result<(StoredRow, Option<Etag>), StoreError> {
    let found = ledger.tables.get(Table::Connections, &of.partition(), &of.row()).await?;
    let Some(found) = found else { return Ok((StoredRow::default(), None)) };
    let etag = found.etag.clone();
    let row = match typed::read::<StoredRow>(Table::Connections, found) {
        Ok(read) => read.value,
        Err(corrupt) => {
            alerts::note_unreadable(ledger, of.tenant, &corrupt).await?;
            StoredRow::default()
        }
    };
    Ok((row, Some(etag)))
}

/// As [`typed::update`], and gives what is stored then.
async fn update(
    ledger: &Ledger,
    of: TokenRef<'_>,
    mut change: impl FnMut(&StoredRow) -> Option<StoredRow>,
) -> Result<StoredRow, StoreError> {
    let (tables, partition, key) = (ledger.tables.as_ref(), of.partition(), of.row());
    for lost in 0..TRIES {
        step_aside(lost).await;
        let (old, etag) = load(ledger, of).await?;
        let Some(next) = change(&old) else { return Ok(old) };
        let entity = typed::entity(&next)?;
        let written = match &etag {
            Some(etag) => tables.replace(Table::Connections, &partition, &key, entity, etag).await,
            None => tables.insert(Table::Connections, &partition, &key, entity).await,
        };
        match written {
            Ok(_) => return Ok(next),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::Unavailable(format!("{partition}/{key} is written by too many at once")))
}

#[cfg(test)]
#[path = "refresh_tokens_tests.rs"]
mod tests;
