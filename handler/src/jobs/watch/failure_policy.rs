//! What follows when a subscription can't be made or renewed: one named reaction for each row of
//! reference/graph-notifications.md#subscription-errors, by the class of the answer, because its texts
//! change.

use crate::enrolment::backoff;
use crate::graph::{GraphError, MailboxFailure};
use crate::ids::UserId;
use crate::jobs::watch::lifetime;
use crate::ledger::alerts::AlertKind;
use crate::ledger::mailboxes::SubscriptionState;
use chrono::Duration;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureResponse {
    /// What the mailbox stands as, unless a subscription of it is in force all the same.
    pub state: SubscriptionState,
    /// How long it is left alone.
    pub wait: Duration,
    /// Where a person is needed. What is wrong with Graph as a whole has its alerts in
    /// [`crate::jobs::alerting::graph_failure`].
    pub alert: Option<AlertKind>,
}

/// `failures`: how many came in a row before this one. `recheck`: how long a mailbox that is not ours to
/// watch is left alone.
pub fn respond_to(failure: &GraphError, user: &UserId, failures: u32, recheck: Duration) -> FailureResponse {
    // What failed together must not come back together: each mailbox waits up to a fifth longer by its own
    // share, and up to an hour where it is asked once a day.
    let patience = backoff::unreadable(failures);
    let patience = patience + lifetime::jitter(user, patience / 5);
    let recheck = recheck + lifetime::jitter(user, recheck / 24);
    let named = failure
        .wait()
        .map_or(Duration::zero(), |after| Duration::from_std(after).unwrap_or(Duration::minutes(1)));
    let (state, wait) = match failure.mailbox() {
        MailboxFailure::NoMailbox => (SubscriptionState::NoMailbox, recheck),
        MailboxFailure::Refused => (SubscriptionState::Refused, recheck),
        MailboxFailure::Quota => (SubscriptionState::Failing, recheck),
        MailboxFailure::Passing => (SubscriptionState::Failing, named.max(patience)),
    };
    FailureResponse { state, wait, alert: alert(failure) }
}

fn alert(failure: &GraphError) -> Option<AlertKind> {
    if let GraphError::Validation(_) = failure {
        return Some(AlertKind::NotificationUrl);
    }
    matches!(failure, GraphError::Quota(_)).then_some(AlertKind::SubscriptionQuota)
}
