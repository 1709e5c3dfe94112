//! What was last seen of an organizer's event: when it is, and who has answered what. So a change of it leads to those learners
//! only whose answer it changed, be there five hundred on the list.
//!
//! Guarantee: a roster is written after everything that it says has been judged; killed before that, the next hint finds the
//! same differences again. Addresses are kept as keyed hashes.

use crate::calendar::event::{Answer, Attendee, Event};
use crate::calendar::link::Link;
use crate::ids::{EventId, SessionId, TenantName, UserId, hash};
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table, Tables};
use crate::work::desk::Desk;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    pub event: EventId,
    pub session: SessionId,
    /// The series' master, where this is an occurrence.
    pub master: Option<EventId>,
    pub is_cancelled: bool,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// Keyed hash of an attendee's address → whose it is, and the answer.
    pub people: BTreeMap<String, Entry>,
}

/// Short, because there may be five hundred in one property of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry(pub UserId, pub String);

/// Row keys of rosters begin so; links' begin otherwise.
const PREFIX: &str = "r-";

/// True for the row key of a roster.
pub fn is_row(key: &str) -> bool {
    key.starts_with(PREFIX)
}

fn row_of(event: &EventId) -> String {
    format!("{PREFIX}{}", hash(event.as_str()))
}

/// The answer of somebody who has not answered.
pub const UNANSWERED: &str = "-";

/// An attendee's answer in a few characters.
fn answer(attendee: &Attendee) -> String {
    let letter = match attendee.response.answer {
        Answer::Accepted => "a",
        Answer::TentativelyAccepted => "t",
        Answer::Declined => "d",
        Answer::None | Answer::Organizer | Answer::NotResponded => return UNANSWERED.to_owned(),
    };
    match attendee.response.at {
        Some(at) => format!("{letter}{}", at.timestamp_millis()),
        None => letter.to_owned(),
    }
}

/// The answers in an organizer's copy, by the keyed hash of the address; rooms are none of them.
pub fn answers(desk: &Desk, event: &Event) -> BTreeMap<String, String> {
    let people = event.attendees.iter().filter(|attendee| !attendee.is_resource);
    people.map(|attendee| (desk.people.hash(&attendee.address), answer(attendee))).collect()
}

pub async fn load(
    tables: &dyn Tables,
    tenant: &TenantName,
    organizer: &UserId,
    event: &EventId,
) -> Result<Option<Roster>, StoreError> {
    let partition = Link::partition(tenant, organizer);
    Ok(typed::get(tables, Table::Links, &partition, &row_of(event)).await?.map(|read: Read<Roster>| read.value))
}

/// Whoever writes last may have read first: then the next hint finds a difference that is none, and judges it in vain.
pub async fn keep(
    tables: &dyn Tables,
    tenant: &TenantName,
    organizer: &UserId,
    roster: &Roster,
) -> Result<(), StoreError> {
    let partition = Link::partition(tenant, organizer);
    typed::update(tables, Table::Links, &partition, &row_of(&roster.event), |old: Option<&Roster>| {
        (old != Some(roster)).then(|| roster.clone())
    })
    .await
    .map(|_| ())
}

pub async fn forget(
    tables: &dyn Tables,
    tenant: &TenantName,
    organizer: &UserId,
    event: &EventId,
) -> Result<(), StoreError> {
    tables.delete(Table::Links, &Link::partition(tenant, organizer), &row_of(event), None).await
}

/// Every roster of an organizer's mailbox.
pub async fn all(tables: &dyn Tables, tenant: &TenantName, organizer: &UserId) -> Result<Vec<Roster>, StoreError> {
    let partition = Link::partition(tenant, organizer);
    let found: Vec<Read<Roster>> =
        typed::scan(tables, Table::Links, &partition, RowRange::prefix(PREFIX), usize::MAX).await?;
    Ok(found.into_iter().map(|read| read.value).collect())
}
