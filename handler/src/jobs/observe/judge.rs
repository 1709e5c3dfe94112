//! From places to the ledger, in three steps: the links that they are judged by, the evidence about them, and
//! one pure judgement with one commit.
//!
//! Guarantees: the row is read before the calendar and written only if it is still the same, so that a
//! reading that somebody has overtaken is thrown away and taken anew: an old one never overwrites a newer
//! one. What is read together is written in one go.

use crate::calendar::evidence::OrganizerCopy;
use crate::calendar::learning::Introduction;
use crate::calendar::link::Link;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::judge_place::{JudgedItem, judge_place, unread};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::readable_mailboxes::ReadableMailboxes;
use crate::jobs::observe::{commit, gather_evidence, learn_links};
use crate::jobs::{JobError, unit_context};
use crate::ledger::links::Linked;
use crate::ledger::{self, Read, enrolments};
use crate::messages::{EnrolmentRef, LinkRef};
use crate::store::StoreError;
use std::collections::BTreeMap;

/// What was read just before, by whoever wants a place judged.
#[derive(Debug, Default, Clone)]
pub struct Known {
    pub row: Option<Read<Enrolment>>,
    pub mailboxes: ReadableMailboxes,
}

/// What was read about a place, and its row as it is stored now.
#[derive(Debug, Default)]
pub struct Judged {
    pub items: Vec<JudgedItem>,
    pub row: Option<Read<Enrolment>>,
}

impl Judged {
    /// An organizer's copy that should be known by now could not be read; whoever hinted comes again.
    pub fn is_unmet(&self) -> bool {
        self.items.iter().any(|item| item.gathered.introduction == Some(Introduction::Unreadable))
    }

    /// What was read by the link that is stored there now.
    pub fn of(&self, at: &LinkRef) -> Option<(&Link, &OrganizerCopy)> {
        let item = self.items.iter().find(|item| item.at == *at)?;
        Some((&item.link, &item.gathered.evidence.organizer))
    }
}

/// Judges one link by what the calendars say now. A failure of Graph is evidence of its own kind.
pub async fn judge_link(
    app: &AppContext,
    context: &TenantContext,
    link: &Link,
    at: &LinkRef,
) -> Result<Judged, JobError> {
    judge_linked(app, context, &[(link.clone(), at.clone())], Known::default()).await
}

/// The same for any links; those of one place together. True: all organizers have been met
/// ([`Judged::is_unmet`]).
pub async fn judge_all(
    app: &AppContext,
    context: &TenantContext,
    links: Vec<Linked>,
    mailboxes: &ReadableMailboxes,
) -> Result<bool, JobError> {
    let mut places: BTreeMap<(String, String), Vec<Linked>> = BTreeMap::new();
    for (link, at) in links {
        let EnrolmentRef { partition, row } = link.enrolment();
        places.entry((partition, row)).or_default().push((link, at));
    }
    let mut have_met = true;
    for place in places.values() {
        let known = Known { row: None, mailboxes: mailboxes.clone() };
        have_met &= !judge_linked(app, context, place, known).await?.is_unmet();
    }
    Ok(have_met)
}

/// Watches the place of somebody who has not answered, without reading anything for it.
pub async fn watch(
    app: &AppContext,
    context: &TenantContext,
    link: &Link,
    at: &LinkRef,
) -> Result<(), JobError> {
    match enrolments::load(&app.ledger, &link.enrolment()).await? {
        Some(row) if row.value.part(&link.part_key()).is_some() => return Ok(()),
        // Another item of a place that is known: what follows from that is judged.
        Some(_) => {}
        None => {
            let now = app.ledger.clock.now();
            match commit::watch(app, context, unread(link, at, now), now).await {
                Err(lost) if lost.is_lost_race() => {}
                written => return Ok(written.map(|_| ())?),
            }
        }
    }
    judge_link(app, context, link, at).await.map(|_| ())
}

/// The links that stand for one place, read side by side and written as one.
pub async fn judge_linked(
    app: &AppContext,
    context: &TenantContext,
    place: &[Linked],
    mut known: Known,
) -> Result<Judged, JobError> {
    let Some((first, _)) = place.first() else { return Ok(Judged { row: known.row, ..Judged::default() }) };
    let enrolment = first.enrolment();
    for _ in 0..ledger::TRIES {
        let old = match known.row.take() {
            Some(row) => Some(row),
            None => enrolments::load(&app.ledger, &enrolment).await?,
        };
        let row = old.as_ref().map(|row| &row.value);
        let place = learn_links::current(app, context, row, place).await?;
        known.mailboxes.ask(app, context, &place).await?;
        let items = gather_evidence::gather_all(context, &place, &known.mailboxes).await;
        let now = app.ledger.clock.now();
        let can_read_lms = context.lms.can_read();
        let Some(judgement) = judge_place(row, items, &context.tenant.policy, can_read_lms, now) else {
            return Ok(Judged { row: old, ..Judged::default() });
        };
        judgement.items.iter().for_each(|item| unit_context::note_verdict(item.reading.verdict));
        match commit::commit(app, context, old.as_ref(), &judgement, now).await {
            Ok(row) => {
                return Ok(Judged { items: judgement.items, row: Some(row) });
            }
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(StoreError::Unavailable("an enrolment is written by too many at once".into()).into())
}
