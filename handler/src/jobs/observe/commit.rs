//! Writes what was judged about a place, in the order that survives a kill:
//!
//! 1. what was learned of the links, and that a copy is missing;
//! 2. the decision is counted for the brake;
//! 3. the row, with its wake-ups ([`crate::ledger::enrolments`]);
//! 4. that the session has this place, and the alerts.
//!
//! Guarantee: the row is written only if it is still the one that was judged by. Killed between any two, the
//! next hint or look does the rest: all of it may be repeated.

use crate::calendar::learning::Lesson;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::judge_place::{Gathered, JudgedItem, Judgement};
use crate::enrolment::organizer_list;
use crate::jobs::cancel::brake;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::{learn_links, missing_mark};
use crate::jobs::{alerting, unit_context};
use crate::ledger::alerts::AlertKind;
use crate::ledger::{Read, alerts, decisions, enrolment_ids, enrolments, sessions};
use crate::store::StoreError;
use chrono::{DateTime, Utc};

/// Gives the row as it is stored now. [`StoreError::is_lost_race`]: read and judge again.
pub(super) async fn commit(
    app: &AppContext,
    context: &TenantContext,
    old: Option<&Read<Enrolment>>,
    judgement: &Judgement,
    now: DateTime<Utc>,
) -> Result<Read<Enrolment>, StoreError> {
    let known = old.map(|row| &row.value);
    // Before the row says that the place is watched: what the organizer cancels from then on can be told from
    // a removal.
    for JudgedItem { gathered, reading, .. } in &judgement.items {
        let Gathered { link, at, evidence, introduction } = gathered;
        missing_mark::note(app, context, link, evidence, reading.verdict, known).await?;
        let lesson = Lesson { reading, introduction: introduction.as_ref(), now };
        learn_links::learn(app, context, link, at, &lesson).await?;
    }
    write(app, context, old, judgement.next.clone(), &judgement.items, now).await
}

/// A place of which nothing was read, as far as it is new.
pub(super) async fn watch(
    app: &AppContext,
    context: &TenantContext,
    row: Enrolment,
    now: DateTime<Utc>,
) -> Result<Read<Enrolment>, StoreError> {
    write(app, context, None, row, &[], now).await
}

async fn write(
    app: &AppContext,
    context: &TenantContext,
    old: Option<&Read<Enrolment>>,
    mut next: Enrolment,
    items: &[JudgedItem],
    now: DateTime<Utc>,
) -> Result<Read<Enrolment>, StoreError> {
    if let Some(old) = old.filter(|old| old.value == next) {
        return Ok(old.clone());
    }
    next.trace = unit_context::trace().or(next.trace);
    let counted = match brake::is_new_decision(old.map(|old| &old.value), &next) {
        true => Some(brake::count(app, context, &next).await?),
        false => None,
    };
    let tenant = next.tenant.clone();
    let written = enrolments::commit(&app.ledger, old, next).await;
    if let (Err(_), Some(key)) = (&written, &counted) {
        decisions::uncount(&app.ledger, &tenant, key).await?;
    }
    let written = written?;
    let row = &written.value;
    if organizer_list::is_long_unknown(row, now) {
        alerts::raise(&app.ledger, &row.tenant, AlertKind::PartsUnknown).await?;
    }
    match old {
        Some(old) => alerting::resolve_causes(app, &old.value, Some(row)).await?,
        None => {
            let at = row.reference();
            sessions::note_session(&app.ledger, &row.tenant, &row.session, &at, now).await?;
        }
    }
    alerting::raise_causes(app, row).await?;
    for JudgedItem { reading, .. } in items {
        tracing::info!(
            tenant = %row.tenant,
            trace = row.trace,
            enrolment = %enrolment_ids::id_of(&row.reference()),
            generation = row.generation,
            verdict = reading.verdict.word(),
            evidence = reading.source.word(),
            row = reading.row,
            state = row.state.word(),
            "judged"
        );
    }
    Ok(written)
}
