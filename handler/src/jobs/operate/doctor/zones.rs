//! The time zones of the organizers' mailboxes and of the tenant's configuration: all-day events without a
//! known zone begin at midnight of `policy.timezone`.
//!
//! A mailbox's zone may be custom, empty or of a name that nobody knows
//! (reference/graph-events.md#times): that is told, and is no fault. Of an LMS's zone no connector can
//! tell: sessions come with their offset.

use super::check::{Check, CheckId, Look, Outcome};
use super::subject::Visit;
use crate::calendar::zone::Zone;
use crate::graph::GraphError;
use chrono::{DateTime, TimeDelta, Utc};

pub(super) const CHECK: Check = Check {
    id: CheckId::Zones,
    title: "time zones",
    needs: &[CheckId::Mailboxes],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

async fn look(visit: &Visit<'_>) -> Outcome {
    let Ok(read) = visit.mailboxes().await else { return Outcome::skipped("no mailbox was read") };
    let Some(organizer) = read.iter().find(|one| one.is_organizer) else {
        return Outcome::skipped("no organizer's mailbox is readable");
    };
    let ours = visit.context.tenant.policy.timezone;
    match visit.context.graph.time_zone(&organizer.mailbox).await {
        Ok(theirs) => judge(ours, theirs.as_deref(), visit.app.ledger.clock.now()),
        Err(GraphError::Refused(_)) => Outcome::skipped(format!(
            "the organizer's can't be read without MailboxSettings.Read, which is optional; ours is {}",
            ours.name()
        )),
        Err(failure) => {
            Outcome::skipped(format!("the organizer's can't be read: {}", super::graph_words::said(&failure)))
        }
    }
}

fn judge(ours: Zone, theirs: Option<&str>, now: DateTime<Utc>) -> Outcome {
    let Some(named) = theirs else { return Outcome::skipped("the organizer's mailbox names none") };
    let Some(theirs) = Zone::named(named) else {
        return Outcome::skipped("the organizer's mailbox has a zone of its own making");
    };
    // The same wall clock in winter and in summer is the same zone for us.
    let differs = [now, now + TimeDelta::days(182)].iter().any(|at| {
        let day = at.date_naive();
        ours.midnight(day) != theirs.midnight(day)
    });
    let seen =
        format!("the organizer's mailbox is set to {}, policy.timezone to {}", theirs.name(), ours.name());
    if differs {
        Outcome::warning(
            seen,
            format!(
                "Write policy.timezone = \"{}\": all-day sessions without a zone begin at its midnight.",
                theirs.name()
            ),
        )
    } else {
        Outcome::ok(seen)
    }
}

#[cfg(test)]
#[path = "zones_tests.rs"]
mod tests;
