//! Wake-ups that nobody may be woken for, by the session whose places they are about.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::Policy;
use crate::enrolment::wakeups::WakeUpKind;
use crate::enrolment::{deadline, give_back};
use crate::ids::TenantName;
use crate::jobs::alerting;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::agenda::{self, AgendaRow, cancel_partition, look_partition, review_partition};
use crate::ledger::{Read, enrolments};
use crate::messages::{AgendaRef, EnrolmentRef};
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Utc};
use std::collections::HashMap;

const PAGE: usize = 1_000;

/// Wake-ups of a tenant as they stand on the agenda, by the session whose places they are about.
#[derive(Default)]
pub(super) struct Agenda {
    pub(crate) sessions: HashMap<String, Vec<WaitingWakeup>>,
}

/// One of them, that nobody may be woken for: what waits for a person, and cancellations, a closed valve's
/// among them. Of looks only the key is kept.
pub(super) struct WaitingWakeup {
    pub(crate) at: AgendaRef,
    pub(crate) enrolment: Option<EnrolmentRef>,
}

impl Agenda {
    pub(crate) async fn read(app: &AppContext, name: &TenantName) -> Result<Self, StoreError> {
        let mut agenda = Self::default();
        for partition in [look_partition(name), cancel_partition(name), review_partition(name)] {
            let mut range = RowRange::all();
            loop {
                let page = agenda::page(&app.ledger, name, &partition, range.clone(), PAGE).await?;
                page.rows.into_iter().for_each(|row| agenda.add(row));
                match page.next {
                    Some(next) => range.from = Some(next),
                    None => break,
                }
            }
        }
        Ok(agenda)
    }

    fn add(&mut self, row: Read<AgendaRow>) {
        let what = row.value.entry.what;
        let Some(enrolment) = what.enrolment().cloned() else { return };
        let is_look = matches!(what, WakeUpKind::Look { .. });
        let at = AgendaRef { partition: row.partition, row: row.row };
        let all = self.sessions.entry(enrolment.partition.clone()).or_default();
        all.push(WaitingWakeup { at, enrolment: (!is_look).then_some(enrolment) });
    }
}

/// A wake-up that its row may not need, or whose session is not listed.
pub(super) async fn visit_wakeup(
    app: &AppContext,
    context: &TenantContext,
    at: &AgendaRef,
    enrolment: &EnrolmentRef,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (ledger, policy) = (&app.ledger, &context.tenant.policy);
    let known = match enrolments::load(ledger, enrolment).await {
        Err(StoreError::Corrupt { .. }) => return Ok(()),
        known => known?.map(|known| known.value),
    };
    let known = match known {
        Some(known) => Some(judged(app, &known, policy, now).await?.unwrap_or(known)),
        None => None,
    };
    match &known {
        Some(row) if agenda::needs(row, at) => alerting::raise_causes(app, row).await,
        Some(_) | None => agenda::forget_stale(ledger, at, now, app.timing.rewake).await,
    }
}

/// What waits behind a closed valve, or for a person, is not woken at its deadline. `None`: it is not over
/// yet.
pub(super) async fn judged(
    app: &AppContext,
    row: &Enrolment,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Option<Enrolment>, StoreError> {
    let over = |row: &Enrolment| {
        deadline::judge_deadline(row, policy, now).or_else(|| give_back::judge_deadline(row, policy, now))
    };
    if over(row).is_none() {
        return Ok(None);
    }
    let (ledger, at) = (&app.ledger, row.reference());
    let judged = enrolments::update(ledger, &at, over).await?;
    alerting::resolve_causes(app, row, judged.as_ref()).await?;
    if let Some(row) = judged.as_ref().filter(|row| row.taken_back.is_some()) {
        alerting::raise_causes(app, row).await?;
    }
    Ok(judged)
}
