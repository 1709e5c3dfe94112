//! Did the learner decline, or their mailbox? Automatic replies can decline new invitations, and clear a
//! leave.
//!
//! Guarantees: asked just before the LMS and only of mailboxes that are watched; without the right
//! `MailboxSettings.Read` nothing is recognised, and nothing else changes.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Declined;
use crate::enrolment::wording::minute;
use crate::graph::port::{AutomaticReplies, Mailbox};
use crate::ids::UserId;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::readable_mailboxes::ReadableMailboxes;
use crate::ledger::links::Linked;
use crate::ledger::{enrolments, links};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeSet;

/// A decline so soon after the invitation, or after its update, is nobody's deliberation.
const AT_ONCE: Duration = Duration::minutes(2);
/// Nobody declines different sessions faster by hand.
const TOGETHER: Duration = Duration::seconds(10);

/// Who declined.
#[derive(Debug, Clone, PartialEq)]
pub enum DeclinedBy {
    /// The learner, as far as anybody can tell.
    Learner,
    /// The mailbox; with a sentence that says why.
    Mailbox(String),
    /// Graph does not say now.
    Unreadable,
}

/// Who gave the decline that this pending cancellation stands on. `place`: the links of its parts.
pub async fn declined_by(
    app: &AppContext,
    context: &TenantContext,
    row: &Enrolment,
    place: &[Linked],
    mailboxes: &ReadableMailboxes,
) -> Result<DeclinedBy, JobError> {
    if row.decision.as_ref().is_none_or(|decision| decision.by.is_some()) {
        return Ok(DeclinedBy::Learner);
    }
    for part in &row.parts {
        let Some(Declined { answered_at: Some(at), .. }) = part.decline else { continue };
        let Some((link, _)) = place.iter().find(|(_, at)| *at == part.link) else { continue };
        let near = |sent: Option<DateTime<Utc>>| sent.is_some_and(|sent| at >= sent && at - sent <= AT_ONCE);
        let why = if near(link.invited_at) {
            "right after the invitation was made"
        } else if near(link.updated_at) {
            "right after the organizer had changed it"
        } else if declines_together(app, context, row, &link.mailbox, at).await? {
            "together with other sessions"
        } else {
            continue;
        };
        return Ok(match replies_at(context, &link.mailbox, at, mailboxes).await {
            Some(true) => DeclinedBy::Mailbox(format!(
                "The mailbox declined by itself, as it seems: its automatic replies are on, and it declined \
                 at {} {why}.",
                minute(at)
            )),
            Some(false) => DeclinedBy::Learner,
            None => DeclinedBy::Unreadable,
        });
    }
    Ok(DeclinedBy::Learner)
}

/// Whether automatic replies are on, and were not over when the decline was given. A leave may be cleared
/// before it begins. `None`: Graph does not say now.
async fn replies_at(
    context: &TenantContext,
    user: &UserId,
    at: DateTime<Utc>,
    mailboxes: &ReadableMailboxes,
) -> Option<bool> {
    if context.settings.refused.contains_key(user) || !mailboxes.may_read(user) {
        return Some(false);
    }
    match context.graph.automatic_replies(&Mailbox::Id(user.clone())).await {
        Ok(AutomaticReplies::Off) => Some(false),
        Ok(AutomaticReplies::On) => Some(true),
        Ok(AutomaticReplies::Until(end)) => Some(end >= at),
        Err(failure) if failure.is_never_readable() => {
            context.settings.refused.insert(user.clone(), ()).await;
            Some(false)
        }
        Err(_) => None,
    }
}

/// The same learner declined another session within seconds. The items of one place are no sign of it: who
/// declines a series declines them all.
async fn declines_together(
    app: &AppContext,
    context: &TenantContext,
    row: &Enrolment,
    user: &UserId,
    at: DateTime<Utc>,
) -> Result<bool, JobError> {
    // The links of a mailbox are read only where it may matter.
    if context.settings.refused.contains_key(user) {
        return Ok(false);
    }
    let mut seen = BTreeSet::new();
    for link in
        links::of_mailbox(&app.ledger, &context.tenant.name, user).await?.into_iter().map(|read| read.value)
    {
        let place = link.enrolment();
        if place == row.reference()
            || link.is_master()
            || !seen.insert((place.partition.clone(), place.row.clone()))
        {
            continue;
        }
        let Some(other) = enrolments::load(&app.ledger, &place).await? else { continue };
        let declined = other.value.parts.iter().filter_map(|part| part.decline.as_ref()?.answered_at);
        let decided = other.value.decision.as_ref().and_then(|decision| decision.declined_at);
        if declined.chain(decided).any(|other| (other - at).abs() <= TOGETHER) {
            return Ok(true);
        }
    }
    Ok(false)
}
