//! Whether what is to stand in organizers' calendars is there: asked some times a day, with one listing for
//! each calendar, for nobody may write to an event for months.
//!
//! Guarantees: a calendar that can't be read has lost nothing, and its events are not looked for; what is
//! missing goes the way of whatever else is missed ([`super::vanished`]); killed anywhere, the next one finds
//! the rest.

use crate::config::Publish;
use crate::graph::port::Mailbox;
use crate::ids::{Address, TenantName, UserId};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::vanished;
use crate::ledger::tenant_rows::Singleton;
use crate::ledger::{Read, organizer_calendars};
use crate::publishing::written::Written;
use crate::store::StoreError;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// When they were last to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Compared {
    asked_at: DateTime<Utc>,
}

const COMPARED: Singleton<Compared> = Singleton::new("calendars-compared");
/// How often they are.
pub const EVERY: TimeDelta = TimeDelta::hours(6);

/// Whether it is time for it; from then on it is not for a while. A message that is lost is made up for by
/// the next.
pub(super) async fn is_due(
    app: &AppContext,
    tenant: &TenantName,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let every = EVERY / app.timing.sources;
    let mut is_due = false;
    let ask = |row: Option<&Compared>| {
        is_due = row.is_none_or(|row| row.asked_at + every <= now);
        is_due.then_some(Compared { asked_at: now })
    };
    COMPARED.update(&app.ledger, tenant, ask).await?;
    Ok(is_due)
}

/// Counts what is missed by it.
pub async fn compare(
    app: &AppContext,
    context: &TenantContext,
    publish: &Publish,
    done: &mut BTreeMap<&'static str, usize>,
) -> Result<(), JobError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let now = ledger.now().await?;
    let mut calendars: BTreeMap<Address, Vec<Read<Written>>> = BTreeMap::new();
    for read in vanished::all_expected(ledger, tenant, now).await? {
        let is_at_rest = read.value.act.is_none() && read.value.event.is_some();
        if is_at_rest {
            calendars.entry(read.value.organizer.clone()).or_default().push(read);
        }
    }
    for (organizer, rows) in calendars {
        let missed = one(app, context, publish, (&organizer, rows), now).await?;
        *done.entry("missed").or_default() += missed;
    }
    Ok(vanished::tell(ledger, tenant, None).await?)
}

async fn one(
    app: &AppContext,
    context: &TenantContext,
    publish: &Publish,
    (address, rows): (&Address, Vec<Read<Written>>),
    now: DateTime<Utc>,
) -> Result<usize, JobError> {
    let tenant = &context.tenant.name;
    let found = context.users.organizer(context.graph.as_ref(), address).await;
    let shown = match found {
        Ok(found) => {
            let mailbox = found.unwrap_or_else(|| UserId::new(address.as_str()));
            let ends = rows.iter().filter_map(|read| read.value.end).max().unwrap_or(now);
            let of = Mailbox::Id(mailbox.clone());
            let shown = context.graph.shown_events(&of, now, ends + TimeDelta::days(1)).await;
            shown.map(|shown| (mailbox, shown))
        }
        Err(failure) => Err(failure),
    };
    let (mailbox, shown) = match shown {
        Ok(shown) => shown,
        Err(failure) => {
            tracing::warn!(%tenant, %failure, "an organizer's calendar can't be compared");
            if failure.is_never_readable() {
                away(app, tenant, address, Some(now)).await?;
            }
            return Ok(0);
        }
    };
    away(app, tenant, address, None).await?;
    let is_missed = |read: &&Read<Written>| {
        let event = read.value.event.as_ref();
        read.value.missing.is_none() && event.is_some_and(|event| !shown.contains(event))
    };
    let missed: Vec<&Read<Written>> = rows.iter().filter(is_missed).collect();
    vanished::missed(app, context, &publish.publisher, (&missed, &mailbox), now).await?;
    let missed = missed.len();
    tracing::info!(%tenant, expected = rows.len(), missed, "an organizer's calendar was compared");
    Ok(missed)
}

/// Whether the mailbox can be read at all.
async fn away(
    app: &AppContext,
    tenant: &TenantName,
    organizer: &Address,
    since: Option<DateTime<Utc>>,
) -> Result<(), StoreError> {
    let known = organizer_calendars::load(&app.ledger, tenant, organizer).await?;
    let known = known.and_then(|row| row.away);
    if known.is_some() == since.is_some() {
        return Ok(());
    }
    organizer_calendars::update(&app.ledger, tenant, organizer, |row| {
        let mut next = row.clone();
        next.away = since;
        next
    })
    .await?;
    Ok(())
}
