//! What the management JSON tells (design, section 3): status, lists and stories. Reads only.

use crate::cancellation::agenda;
use crate::cancellation::enrolment::{Enrolment, Line, OutcomeKind};
use crate::cancellation::table::State;
use crate::cancellation::valve::Valve;
use crate::ids::{LearnerKey, TenantName};
use crate::lms::OrderVerdict;
use crate::message::EnrolmentRef;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use crate::work::alerts::{self, Alert};
use crate::work::blind::{BLIND_ROW, Blind};
use crate::work::desk::Office;
use crate::work::{dispatch, ledger, mailbox, rows};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Debug, Serialize)]
pub struct Status {
    pub version: &'static str,
    pub tenants: BTreeMap<TenantName, TenantStatus>,
}

#[derive(Debug, Serialize)]
pub struct TenantStatus {
    pub mode: &'static str,
    pub valve: ValveStatus,
    pub counts: BTreeMap<&'static str, usize>,
    /// Mode `observe`, and learners outside of `policy.only`: cancellations that would have been sent, by verdict.
    pub would_have_cancelled: BTreeMap<&'static str, usize>,
    pub blind: u64,
    pub dropped: BTreeMap<String, u64>,
    pub mailboxes: BTreeMap<&'static str, usize>,
    pub alerts: Vec<Alert>,
}

#[derive(Debug, Serialize)]
pub struct ValveStatus {
    pub state: &'static str,
    pub why: String,
    pub since: DateTime<Utc>,
}

impl ValveStatus {
    pub fn of(valve: Valve) -> Self {
        Self { state: valve.state.word(), why: valve.why, since: valve.since }
    }
}

/// Counts of dropped notifications by cause, as they are stored.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
struct Dropped {
    pub counts: BTreeMap<String, u64>,
}

const DROPPED_ROW: &str = "dropped";

/// Adds to the stored counts of what was dropped, by cause.
pub async fn count_dropped(office: &Office, tenant: &TenantName, dropped: &[(&str, u64)]) -> Result<(), StoreError> {
    typed::update(office.tables.as_ref(), Table::Connections, tenant.as_str(), DROPPED_ROW, |old: Option<&Dropped>| {
        let mut next = old.cloned().unwrap_or_default();
        for (cause, count) in dropped {
            *next.counts.entry((*cause).to_owned()).or_default() += *count;
        }
        Some(next)
    })
    .await
    .map(|_| ())
}

pub async fn status(office: &Office) -> Result<Status, StoreError> {
    let mut tenants = BTreeMap::new();
    for name in office.desks.keys() {
        tenants.insert(name.clone(), tenant(office, name).await?);
    }
    Ok(Status { version: env!("CARGO_PKG_VERSION"), tenants })
}

pub async fn tenant(office: &Office, name: &TenantName) -> Result<TenantStatus, StoreError> {
    let tables = office.tables.as_ref();
    let now = office.clock.now();
    let mode = match office.desks.get(name).map(|desk| desk.tenant.policy.mode) {
        Some(crate::config::PolicyMode::Act) => "act",
        Some(crate::config::PolicyMode::Observe) | None => "observe",
    };
    let valve = dispatch::valve(office, name, now).await?;
    let mut counts: BTreeMap<&'static str, usize> = State::ALL.iter().map(|state| (state.word(), 0)).collect();
    let mut would_have: BTreeMap<&'static str, usize> = OrderVerdict::ALL.map(|verdict| (verdict.word(), 0)).into();
    for session in ledger::sessions(tables, name).await? {
        let rows: Vec<Read<Enrolment>> =
            rows::readable(office, name, Table::Enrolments, &session.partition, RowRange::all(), usize::MAX).await?;
        for row in rows {
            // Finished generations count among what would have happened, but they are no places.
            if !ledger::is_archived(&row.row) {
                *counts.entry(row.value.state.word()).or_default() += 1;
            }
            let observed = row.value.outcome.is_some_and(|end| end.kind == OutcomeKind::WouldHaveCancelled);
            if let (true, Some(decision)) = (observed, row.value.decision) {
                *would_have.entry(decision.verdict.word()).or_default() += 1;
            }
        }
    }
    let mut mailboxes = BTreeMap::new();
    let mut gaps = 0;
    for row in mailbox::all(tables, name).await? {
        gaps += row.gaps;
        *mailboxes.entry(row.standing.word()).or_default() += 1;
    }
    let blind = typed::get(tables, Table::Connections, name.as_str(), BLIND_ROW).await?;
    let dropped = typed::get(tables, Table::Connections, name.as_str(), DROPPED_ROW).await?;
    Ok(TenantStatus {
        mode,
        valve: ValveStatus::of(valve),
        counts,
        would_have_cancelled: would_have,
        blind: gaps + blind.map_or(0, |read: Read<Blind>| read.value.count),
        dropped: dropped.map(|read: Read<Dropped>| read.value.counts).unwrap_or_default(),
        mailboxes,
        alerts: alerts::open(office, name).await?,
    })
}

/// One enrolment as the management JSON shows it; without personal data.
#[derive(Debug, Serialize)]
pub struct Item {
    pub id: String,
    pub tenant: TenantName,
    pub session: String,
    pub state: &'static str,
    pub generation: u32,
    pub verdict: Option<&'static str>,
    pub evidence: Option<&'static str>,
    pub due: Option<DateTime<Utc>>,
    pub attempts: u32,
    pub outcome: Option<&'static str>,
}

#[derive(Debug, Serialize)]
pub struct Story {
    #[serde(flatten)]
    pub item: Item,
    /// What the LMS knows the learner by: the only personal datum there is.
    pub learner: LearnerKey,
    /// Why a person is asked.
    pub review: Option<String>,
    pub story: Vec<Line>,
}

#[derive(Debug, Serialize)]
pub struct List {
    pub items: Vec<Item>,
    pub next: Option<String>,
}

fn item(row: &Enrolment) -> Item {
    let seen = row.verdict();
    Item {
        id: ledger::id_of(&row.reference()),
        tenant: row.tenant.clone(),
        session: row.session.as_str().to_owned(),
        state: row.state.word(),
        generation: row.generation,
        verdict: seen.map(|seen| seen.verdict.word()),
        evidence: seen.map(|seen| seen.source.word()),
        due: agenda::entries(row).iter().map(|entry| entry.due).min(),
        attempts: row.attempts,
        outcome: row.outcome.as_ref().map(|outcome| outcome.kind.word()),
    }
}

#[derive(Debug, Default, Deserialize)]
pub struct Filter {
    pub tenant: Option<String>,
    pub state: Option<String>,
    pub session: Option<String>,
    /// The learner key, as the LMS knows it.
    pub learner: Option<String>,
    pub after: Option<String>,
}

/// The filter's word for enrolments whose learner wants a place back that was cancelled.
pub const TAKEN_BACK: &str = "taken-back";

fn is_in(row: &Enrolment, state: &str) -> bool {
    row.state.word() == state || (state == TAKEN_BACK && row.taken_back.is_some())
}

/// Items per page.
pub const PAGE: usize = 100;

/// A page of enrolments, in the order of their ids.
pub async fn enrolments(office: &Office, filter: &Filter) -> Result<List, StoreError> {
    let tables = office.tables.as_ref();
    let after = filter.after.as_deref().and_then(ledger::by_id);
    let of_learner = |row: &Enrolment| {
        filter.learner.as_deref().is_none_or(|wanted| row.learner.as_str().eq_ignore_ascii_case(wanted))
    };
    let mut items = Vec::new();
    for name in office.desks.keys().filter(|name| filter.tenant.as_deref().is_none_or(|wanted| wanted == name.as_str()))
    {
        let after = match after_in(name, after.as_ref()) {
            After::Later => continue,
            After::Here(after) => Some(after),
            After::Earlier => None,
        };
        let mut sessions = ledger::sessions(tables, name).await?;
        sessions.retain(|session| filter.session.as_deref().is_none_or(|wanted| wanted == session.session.as_str()));
        sessions.sort_by(|a, b| a.partition.cmp(&b.partition));
        for session in sessions {
            let Some(range) = rest_of(&session.partition, after) else { continue };
            let rows: Vec<Read<Enrolment>> =
                rows::readable(office, name, Table::Enrolments, &session.partition, range, usize::MAX).await?;
            for row in rows.into_iter().filter(|row| !ledger::is_archived(&row.row)) {
                let in_state = filter.state.as_deref().is_none_or(|wanted| is_in(&row.value, wanted));
                if !in_state || !of_learner(&row.value) {
                    continue;
                }
                if items.len() == PAGE {
                    let next = items.last().map(|item: &Item| item.id.clone());
                    return Ok(List { items, next });
                }
                items.push(item(&row.value));
            }
        }
    }
    Ok(List { items, next: None })
}

/// Where the last item that was shown stands, seen from a tenant: tenants come in the order of their names, whole, which is
/// not the order of their partitions (`contoso2~` comes before `contoso~`).
enum After<'a> {
    /// In a later tenant: all of this one was shown.
    Later,
    Here(&'a EnrolmentRef),
    /// In an earlier tenant, or nothing was shown yet.
    Earlier,
}

fn after_in<'a>(name: &TenantName, after: Option<&'a EnrolmentRef>) -> After<'a> {
    let Some(after) = after else { return After::Earlier };
    let tenant = after.partition.split('~').next().unwrap_or_default();
    match tenant.cmp(name.as_str()) {
        Ordering::Greater => After::Later,
        Ordering::Equal => After::Here(after),
        Ordering::Less => After::Earlier,
    }
}

/// The rows of a partition that come after the last one that was shown; `None` when all of it was.
fn rest_of(partition: &str, after: Option<&EnrolmentRef>) -> Option<RowRange> {
    match after {
        Some(after) if partition < after.partition.as_str() => None,
        // '!' comes before every character of a key: the first key after this one.
        Some(after) if partition == after.partition => {
            Some(RowRange { from: Some(format!("{}!", after.row)), to: None })
        }
        Some(_) | None => Some(RowRange::all()),
    }
}

/// One enrolment with its story, finished generations first.
pub async fn story(office: &Office, id: &str) -> Result<Option<Story>, StoreError> {
    let Some(at) = ledger::by_id(id) else { return Ok(None) };
    let tables = office.tables.as_ref();
    let Some(current) = ledger::load(tables, &at).await? else { return Ok(None) };
    let finished = ledger::archived(tables, &at).await?;
    let item = item(&current.value);
    let learner = current.value.learner.clone();
    let review = current.value.review.as_ref().map(|review| review.why.clone());
    let story = finished.into_iter().chain([current]).flat_map(|read| read.value.story).collect();
    Ok(Some(Story { item, learner, review, story }))
}
