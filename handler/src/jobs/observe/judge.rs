//! From the evidence about a place to its row in the ledger.
//!
//! Guarantees: the row is read before the calendar and written only if it is still the same, so that a reading that somebody
//! has overtaken is thrown away and taken anew: an old one never overwrites a newer one. What is read together is written in
//! one go.

use crate::calendar::evidence::OrganizerCopy;
use crate::calendar::link::Link;
use crate::calendar::verdict::{Reading, Verdict, judge};
use crate::clock::whole_millis;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Part;
use crate::enrolment::{apply_reading, lms_reread, organizer_list};
use crate::jobs::cancel::brake;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::{gather_evidence, learn_links, missing_mark};
use crate::jobs::{WorkError, alerting, unit_context};
use crate::ledger::alerts::AlertKind;
use crate::ledger::links::Linked;
use crate::ledger::{alerts, decisions, enrolment_ids, enrolments, sessions};
use crate::messages::{EnrolmentRef, LinkRef};
use crate::store::StoreError;
use crate::store::typed::{self, Read};
use futures::future::join_all;
use std::collections::BTreeMap;

/// Gathers the evidence about one link, judges it and writes what follows. Trouble with Graph is evidence of its own kind.
pub async fn judge_link(
    app: &AppContext,
    context: &TenantContext,
    link: &Link,
    at: &LinkRef,
) -> Result<Judged, WorkError> {
    judge_place(app, context, &[(link.clone(), at.clone())], None).await
}

/// The same for any links; those of one place together. True: all organizers have been met ([`Judged::has_met`]).
pub async fn judge_all(app: &AppContext, context: &TenantContext, links: Vec<Linked>) -> Result<bool, WorkError> {
    let mut places: BTreeMap<(String, String), Vec<Linked>> = BTreeMap::new();
    for (link, at) in links {
        let EnrolmentRef { partition, row } = link.enrolment();
        places.entry((partition, row)).or_default().push((link, at));
    }
    let mut have_met = true;
    for place in places.values() {
        have_met &= judge_place(app, context, place, None).await?.has_met;
    }
    Ok(have_met)
}

/// Watches the place of somebody who has not answered, without reading anything for it.
pub async fn watch(app: &AppContext, context: &TenantContext, link: &Link, at: &LinkRef) -> Result<(), WorkError> {
    let known = enrolments::load(app.ledger.tables.as_ref(), &link.enrolment()).await?;
    match known {
        Some(row) if row.value.part(&link.part_key()).is_some() => Ok(()),
        // Another item of a place that is known: what follows from that is judged.
        Some(_) => judge_link(app, context, link, at).await.map(|_| ()),
        None => match apply(app, context, None, &[(link.clone(), at.clone())], &[]).await {
            Err(lost) if lost.is_lost_race() => judge_link(app, context, link, at).await.map(|_| ()),
            written => Ok(written.map(|_| ())?),
        },
    }
}

/// What was read about a place, and its row as it is stored now.
#[derive(Debug)]
pub struct Judged {
    pub readings: Vec<Reading>,
    pub row: Option<Read<Enrolment>>,
    /// False: an organizer's copy that should be known by now could not be read; whoever hinted comes again.
    pub has_met: bool,
}

/// The links that stand for one place, read side by side and written as one. `known`: the place's row, where it was read
/// just before.
pub async fn judge_place(
    app: &AppContext,
    context: &TenantContext,
    place: &[Linked],
    mut known: Option<Read<Enrolment>>,
) -> Result<Judged, WorkError> {
    let Some((first, _)) = place.first() else {
        return Ok(Judged { readings: Vec::new(), row: known, has_met: true });
    };
    let enrolment = first.enrolment();
    for _ in 0..typed::TRIES {
        let old = match known.take() {
            Some(row) => Some(row),
            None => enrolments::load(app.ledger.tables.as_ref(), &enrolment).await?,
        };
        let place = learn_links::current(app, context, old.as_ref().map(|row| &row.value), place).await?;
        let began = old.as_ref().and_then(|row| row.value.generation_began);
        let evidence = join_all(place.iter().map(|(link, _)| gather_evidence::gather(app, context, link))).await;
        let evidence: Vec<_> = evidence.into_iter().collect::<Result<_, _>>()?;
        let now = app.ledger.clock.now();
        let mut readings = Vec::new();
        let mut learned = Vec::new();
        for ((link, at), evidence) in place.iter().zip(&evidence) {
            let reading = judge(evidence, &newest(link, old.as_ref()), began, now);
            let known = old.as_ref().map(|row| &row.value);
            let reading = organizer_list::counted(known, &link.part_key(), reading, &context.tenant.policy, now);
            unit_context::note_verdict(reading.verdict);
            missing_mark::note(app, context, link, evidence, reading.verdict, known).await?;
            learned.push(learn_links::learn_from_reading(app, link, at, &reading).await?);
            readings.push(reading);
        }
        let mut has_met = true;
        // Before the row says that the place is watched: what the organizer cancels from then on can be told from a removal.
        for (((link, at), evidence), reading) in learned.iter().zip(&evidence).zip(&readings) {
            if matches!(evidence.organizer, OrganizerCopy::NotAsked) && reading.verdict != Verdict::Unknown {
                has_met &= learn_links::read_organizers_copy(app, context, link, at).await?;
            }
        }
        match apply(app, context, old.as_ref(), &learned, &readings).await {
            Ok(row) => return Ok(Judged { readings, row, has_met }),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(StoreError::Unavailable("an enrolment is written by too many at once".into()).into())
}

/// The link with the newest times that are known of its item: another link of it may have seen the session move.
fn newest(link: &Link, row: Option<&Read<Enrolment>>) -> Link {
    match row.and_then(|row| row.value.part(&link.part_key())) {
        Some(part) => Link { start: part.start.or(link.start), end: part.end.or(link.end), ..link.clone() },
        None => link.clone(),
    }
}

/// Writes what the readings mean into the enrolment as it was read before; makes the row when there was none. Gives the row as
/// it is stored now.
async fn apply(
    app: &AppContext,
    context: &TenantContext,
    old: Option<&Read<Enrolment>>,
    place: &[Linked],
    readings: &[Reading],
) -> Result<Option<Read<Enrolment>>, StoreError> {
    let policy = &context.tenant.policy;
    let now = app.ledger.clock.now();
    let Some((first, _)) = place.first() else { return Ok(None) };
    let mut next = match old {
        Some(old) => old.value.clone(),
        None => {
            let mut fresh = Enrolment::watched(first, whole_millis(now));
            if readings.is_empty() {
                fresh.parts = place.iter().map(|(link, at)| Part::new(link, at)).collect();
            }
            fresh
        }
    };
    for ((link, at), reading) in place.iter().zip(readings) {
        next = apply_reading::apply_reading(&next, link, at, reading, policy, now).unwrap_or(next);
    }
    if let Some(old) = old.filter(|old| old.value == next) {
        return Ok(Some(old.clone()));
    }
    // Where the LMS can be read, an answer that comes again is a reason to: the place may have been given anew.
    if context.lms.can_read() && next.repeats > old.map_or(0, |old| old.value.repeats) {
        next = lms_reread::to_be_read(&next, now).unwrap_or(next);
    }
    next.trace = unit_context::trace().or(next.trace);
    let counted = match brake::is_new_decision(old.map(|old| &old.value), &next) {
        true => Some(brake::count(app, context, &next).await?),
        false => None,
    };
    let written = enrolments::commit(app.ledger.tables.as_ref(), old, next).await;
    if let (Err(_), Some(key)) = (&written, &counted) {
        decisions::uncount(&app.ledger, &first.tenant, key).await?;
    }
    let written = written?;
    let row = &written.value;
    if organizer_list::is_long_unknown(row, now) {
        alerts::raise(&app.ledger, &row.tenant, AlertKind::PartsUnknown).await?;
    }
    if old.is_none() {
        sessions::note_session(app.ledger.tables.as_ref(), &row.tenant, &row.session, &row.reference(), now).await?;
    }
    if let Some(old) = old {
        alerting::resolve_causes(app, &old.value, Some(row)).await?;
    }
    alerting::raise_causes(app, row).await?;
    for reading in readings {
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
    Ok(Some(written))
}
