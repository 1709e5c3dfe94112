//! Graph reaches our webhook: a subscription is made, for which Graph asks our address for an echo
//! (reference/graph-notifications.md#handshake), and is deleted at once.
//!
//! Guarantees: it is made within the budget of writes; it bears this deployment's marker and no mailbox's row
//! knows it, so that one whose deletion a kill prevents is an orphan, which the daily listing deletes, and it
//! ends by itself within minutes (Graph lifts shorter wishes to 45); what it tells meanwhile is signed as
//! every notification, and a hint that comes twice does no harm.
//!
//! Whether Graph takes a second subscription on a mailbox that has one is not known for sure
//! (reference/graph-notifications.md#subscription-errors): a mailbox that is not watched is taken where there
//! is one, and a conflict proves nothing and is no fault.

use super::check::{Check, CheckId, Look, Outcome};
use super::graph_words::{not_answered, said};
use super::mailboxes::RBAC;
use super::subject::Visit;
use crate::graph::port::{Mailbox, NewSubscription};
use crate::graph::{GraphError, MailboxFailure};
use crate::ids::UserId;
use crate::jobs::watch::write_budget::WriteKind;
use chrono::TimeDelta;
use std::time::Duration;
use tokio::time::Instant;

pub(super) const CHECK: Check = Check {
    id: CheckId::Webhook,
    title: "Graph reaches the webhook",
    needs: &[CheckId::Tables, CheckId::Mailboxes],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

const LIFE: TimeDelta = TimeDelta::minutes(10);
/// Room in the budget is waited for so long, and no longer.
const ROOM: Duration = Duration::from_secs(2);
const LINK: &str =
    "https://learn.microsoft.com/graph/change-notifications-delivery-webhooks#notificationurl-validation";

async fn look(visit: &Visit<'_>) -> Outcome {
    let (app, context) = (visit.app, visit.context);
    let mailbox = match visit.mailboxes().await {
        Ok(read) => read.iter().find_map(|one| match (&one.mailbox, &one.events) {
            (Mailbox::Id(user), Ok(_)) => Some(user.clone()),
            (Mailbox::Id(_) | Mailbox::Address(_), _) => None,
        }),
        Err(_) => None,
    };
    let Some(user) = mailbox else { return Outcome::skipped("no mailbox is known yet that could be tried") };
    let until = Instant::now() + ROOM;
    match context.write_limiter.admits(app, visit.name(), WriteKind::Creation, until).await {
        Ok(true) => {}
        Ok(false) => {
            return Outcome::skipped("the budget of writes leaves no room now: subscriptions are being made");
        }
        Err(failure) => return Outcome::skipped(format!("the budget of writes can't be read: {failure}")),
    }
    let wanted = wanted(visit, &user);
    match context.graph.create_subscription(&wanted).await {
        Ok(made) => match context.graph.delete_subscription(&made.id).await {
            Ok(()) => Outcome::ok("it asked for an echo, and got it"),
            Err(failure) => Outcome::ok(format!(
                "it asked for an echo, and got it; the subscription for it ends by itself, because it could \
                 not be deleted ({})",
                said(&failure)
            )),
        },
        Err(failure) => refused(&failure, &address(&wanted.notification_url)),
    }
}

fn wanted(visit: &Visit<'_>, user: &UserId) -> NewSubscription {
    NewSubscription {
        mailbox: user.clone(),
        notification_url: visit.context.subscriber.notification_url(),
        client_state: visit.context.subscriber.client_state(visit.name(), user),
        expires: visit.app.ledger.clock.now() + LIFE,
    }
}

/// Without its query, which holds the deployment's marker.
fn address(url: &str) -> String {
    url.split('?').next().unwrap_or_default().to_owned()
}

fn refused(failure: &GraphError, address: &str) -> Outcome {
    let said = said(failure);
    if matches!(failure, GraphError::Validation(_)) {
        return Outcome::failed(
            format!("Graph got no right echo from {address} ({said})"),
            "Have public_url lead to this deployment from the internet: DNS, certificate, and what stands in \
             front (a firewall, a sign-in). A POST with ?validationToken=x must be answered within 10 s with \
             200, text/plain and x.",
        )
        .link(LINK);
    }
    if matches!(failure, GraphError::Conflict(_) | GraphError::TooLong { .. }) {
        return Outcome::skipped(format!(
            "Graph takes no second subscription on this mailbox ({said}); the line `subscriptions` says \
             whether those in force are well"
        ));
    }
    match failure.mailbox() {
        MailboxFailure::Refused => Outcome::failed(
            format!("Graph refuses a subscription on a mailbox that can be read ({said})"),
            "Wait up to two hours after a change in Exchange; if it stays so, have Entra grant \
             Calendars.Read: whether Exchange's scope is enough for subscriptions is not documented.",
        )
        .link(RBAC),
        MailboxFailure::Quota => Outcome::failed(
            format!("the mailbox that was tried has all the subscriptions it may have ({said})"),
            "Find out which other apps subscribe to it: 1,000 are allowed, of all apps together.",
        ),
        MailboxFailure::NoMailbox | MailboxFailure::Passing => {
            not_answered("a subscription for a moment", failure)
        }
    }
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
