//! `housekeeping`: re-derives what a kill may have lost, and lets go of what is over.
//!
//! It also holds the list of our subscriptions against the ledger.
//!
//! Guarantees: after it, every row has the wake-ups that its state needs and its story is in the audit; rows whose retention is
//! over are gone, links first, so that nothing personal outlives it.

use crate::calendar::link::Link;
use crate::cancellation::agenda::{self, What};
use crate::cancellation::enrolment::Enrolment;
use crate::cancellation::table::State;
use crate::cancellation::{carry, meanwhile};
use crate::ids::{TenantName, hash};
use crate::message::AgendaRef;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use crate::work::alerts::{self, AlertKind};
use crate::work::desk::{Desk, Office};
use crate::work::ledger::AgendaRow;
use crate::work::{WorkError, brake, dispatch, ledger, leftovers, links, observe, organized, rows, strays};
use chrono::{DateTime, Duration, Utc};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub enrolments: usize,
    pub wakeups_restored: usize,
    pub forgotten: usize,
}

/// A session without enrolments is let go of so long after it was noted.
const AFTER_NOTING: Duration = Duration::days(1);

pub async fn housekeep(office: &Office) -> Result<Kept, WorkError> {
    let mut kept = Kept::default();
    for (name, desk) in &office.desks {
        tenant(office, name, desk, &mut kept).await?;
        organized::forget(office, desk).await?;
        leftovers::sweep(office, desk).await?;
        brake::forget(office, desk).await?;
        strays::daily(office, desk).await?;
    }
    Ok(kept)
}

async fn tenant(office: &Office, name: &TenantName, desk: &Desk, kept: &mut Kept) -> Result<(), WorkError> {
    let tables = office.tables.as_ref();
    let now = office.clock.now();
    let (mut reviews, mut expired, mut taken_back, mut unknown) = (false, false, false, false);
    for session in ledger::sessions(tables, name).await? {
        let rows: Vec<Read<Enrolment>> =
            rows::readable(office, name, Table::Enrolments, &session.partition, RowRange::all(), usize::MAX).await?;
        for row in &rows {
            if ledger::is_archived(&row.row) {
                forget_orphan(office, row).await?;
                continue;
            }
            if over(&row.value, desk, now) {
                forget(office, row).await?;
                alerts::left(office, &row.value, None).await?;
                kept.forgotten += 1;
                continue;
            }
            kept.enrolments += 1;
            // What waits behind a closed valve, or for a person, is not woken at its deadline.
            let policy = &desk.tenant.policy;
            let at = row.value.reference();
            let before = &row.value;
            let Some(row) = ledger::update(tables, &at, |row| carry::judge_deadline(row, policy, now)).await? else {
                continue;
            };
            alerts::left(office, before, Some(&row)).await?;
            for entry in agenda::entries(&row) {
                if ledger::schedule(tables, &entry, row.trace.as_deref()).await? {
                    kept.wakeups_restored += 1;
                }
            }
            ledger::file(tables, &row).await?;
            // A kill between a row and its alert must not leave it in silence.
            alerts::for_state(office, &row).await?;
            reviews |= row.state == State::Review;
            expired |= row.state == State::Expired;
            taken_back |= row.taken_back.is_some();
            if meanwhile::is_long_unknown(&row, now) {
                unknown = true;
                alerts::raise(office, name, AlertKind::PartsUnknown).await?;
            }
        }
        // Asked of the store again: an enrolment may have come meanwhile, and rows that can't be read count too.
        let empty = tables.scan(Table::Enrolments, &session.partition, RowRange::all(), 1).await?.rows.is_empty();
        // One that was noted just now may be about to get its first enrolment.
        if empty && session.noted.is_none_or(|noted| noted + AFTER_NOTING <= now) {
            let partition = ledger::sessions_partition(name);
            tables.delete(Table::Connections, &partition, &hash(session.session.as_str()), None).await?;
        }
    }
    for (kind, still) in [
        (AlertKind::Review, reviews),
        (AlertKind::Expired, expired),
        (AlertKind::DeclinedLate, expired),
        (AlertKind::TakeBack, taken_back),
        (AlertKind::PartsUnknown, unknown),
    ] {
        if !still {
            alerts::none_left(office, name, kind).await?;
        }
    }
    // Behind a closed valve nobody is woken who could say so.
    alerts::for_valve(office, name, &dispatch::valve(office, name, now).await?).await?;
    // Nobody is woken for what waits for a person, nor for cancellations behind a closed valve: nobody else finds what a kill
    // has left there.
    for partition in [agenda::review_partition(name), agenda::cancel_partition(name)] {
        wake_ups_that_are_over(office, name, &partition, now).await?;
    }
    Ok(())
}

async fn wake_ups_that_are_over(
    office: &Office,
    name: &TenantName,
    partition: &str,
    now: DateTime<Utc>,
) -> Result<(), WorkError> {
    let tables = office.tables.as_ref();
    let rows: Vec<Read<AgendaRow>> =
        rows::readable(office, name, Table::Agenda, partition, RowRange::all(), usize::MAX).await?;
    for row in rows {
        let at = AgendaRef { partition: row.partition, row: row.row };
        let needed = match &row.value.entry.what {
            What::Review { enrolment, .. } | What::Cancel { enrolment } => {
                ledger::load(tables, enrolment).await?.is_some_and(|found| observe::needs(&found.value, &at))
            }
            What::Look { .. } | What::Hint { .. } => false,
        };
        if !needed {
            ledger::forget_stale(tables, &at, now, office.timing.rewake).await?;
        }
    }
    Ok(())
}

/// Nothing is on its way, and the session has been over for the retention. Where no time of the session was ever read, the last
/// line of the story counts.
fn over(row: &Enrolment, desk: &Desk, now: DateTime<Utc>) -> bool {
    let settled = match row.state {
        State::Watched | State::Done | State::Expired | State::Review => true,
        State::Waiting | State::Running => false,
    };
    let end = row.end.or(row.start).or(row.story.last().map(|line| line.at));
    settled && end.is_some_and(|end| end + desk.tenant.policy.retention <= now)
}

/// A finished generation goes with the current one; what a kill has left behind goes now.
async fn forget_orphan(office: &Office, archived: &Read<Enrolment>) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    match ledger::load(tables, &archived.value.reference()).await? {
        Some(_) => Ok(()),
        None => tables.delete(Table::Enrolments, &archived.partition, &archived.row, None).await,
    }
}

async fn forget(office: &Office, row: &Read<Enrolment>) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    ledger::file(tables, &row.value).await?;
    for part in &row.value.parts {
        let links: Vec<Read<Link>> =
            typed::scan(tables, Table::Links, &part.link.partition, links::rows(), usize::MAX).await?;
        for link in links.iter().filter(|link| link.value.session == row.value.session) {
            tables.delete(Table::Links, &link.partition, &link.row, None).await?;
        }
    }
    for entry in agenda::entries(&row.value) {
        ledger::forget(tables, &entry.reference()).await?;
    }
    for old in ledger::archived(tables, &row.value.reference()).await? {
        tables.delete(Table::Enrolments, &old.partition, &old.row, None).await?;
    }
    match tables.delete(Table::Enrolments, &row.partition, &row.row, Some(&row.etag)).await {
        // Somebody has just written it: it is not over after all, or it is found again tomorrow.
        Err(lost) if lost.is_lost_race() => Ok(()),
        other => other,
    }
}
