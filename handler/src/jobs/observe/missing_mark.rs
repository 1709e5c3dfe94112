//! Invitations of which no copy is known to be there: what the mailbox's row says of them.

use crate::calendar::evidence::{Evidence, LearnerCopy};
use crate::calendar::link::Link;
use crate::calendar::reading::Verdict;
use crate::enrolment::enrolment::Enrolment;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::known_copy::{self, KnownCopy};
use crate::ledger::mailboxes::{self, Copies, MailboxRow};
use crate::store::StoreError;
use chrono::Duration;

/// Said again after this, so that whoever takes it back meanwhile sees it.
const STALE: Duration = Duration::minutes(5);

/// Before it is written: the learner's copy of this invitation is not there, or was not and can't be read;
/// unless it was declined, which is all that there is to be known. `row`: what is known of the place.
pub async fn note(
    app: &AppContext,
    context: &TenantContext,
    link: &Link,
    evidence: &Evidence,
    verdict: Verdict,
    row: Option<&Enrolment>,
) -> Result<(), StoreError> {
    let copy = known_copy::of(row, link);
    let is_missing = match evidence.learner {
        LearnerCopy::There(_) => false,
        LearnerCopy::Gone | LearnerCopy::Unfindable => {
            verdict != Verdict::Declined && !known_copy::has_declined(row, link)
        }
        LearnerCopy::NotOurs | LearnerCopy::Refused | LearnerCopy::Unreadable => copy == KnownCopy::Missing,
    };
    if !is_missing || !is_of_readable(context, link) {
        return Ok(());
    }
    let now = app.ledger.clock.now();
    mailboxes::update(&app.ledger, &context.tenant.name, &link.mailbox, |row| {
        let row = row?;
        let is_said = matches!(row.copies, Copies::Missing { since } if since + STALE > now);
        (!is_said).then(|| MailboxRow { copies: Copies::Missing { since: now }, ..row.clone() })
    })
    .await
    .map(|_| ())
}

/// Sent by an organizer whose calendar we may read; of others nobody could tell more than the learner's own
/// mailbox does.
pub(super) fn is_of_readable(context: &TenantContext, link: &Link) -> bool {
    let organizers = &context.tenant.watch.organizers;
    let is_sender =
        |organizer: &String| organizers.iter().any(|address| context.users.hash(address) == *organizer);
    !organizers.is_empty()
        && (link.organizer_event.is_some() || link.organizer.as_ref().is_some_and(is_sender))
}
