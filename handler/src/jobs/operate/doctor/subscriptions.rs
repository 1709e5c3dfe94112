//! The subscriptions of the watched mailboxes: how many are in force, how old, and whether Graph knows them.

use super::check::{Check, CheckId, Fix, Look, Outcome};
use super::subject::Visit;
use crate::graph::port::Subscription;
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

pub(super) const CHECK: Check = Check {
    id: CheckId::Subscriptions,
    title: "subscriptions",
    needs: &[CheckId::Tables, CheckId::Webhook],
    look: Look::Tenant(|visit| Box::pin(look(visit))),
};

/// Up to so many are held against Graph's own list at once; more of them the daily listing does.
const FEW: usize = 200;
const PAGES: usize = 8;
/// One that is made or lost this moment is nobody's fault.
const YOUNG: TimeDelta = TimeDelta::minutes(15);
const LISTING: &str = "`regrets mailboxes` lists each with what Graph answered last";
const FIX: &str = "Let `regrets doctor --fix` have them made anew, or wait for the daily round";

async fn look(visit: &Visit<'_>) -> Outcome {
    let rows = match mailboxes::all(&visit.app.ledger, visit.name()).await {
        Ok(rows) => rows,
        Err(failure) => {
            return Outcome::skipped(format!("the mailboxes can't be read in the ledger: {failure}"));
        }
    };
    let rows: Vec<MailboxRow> = rows.into_iter().filter(MailboxRow::is_read).collect();
    let now = visit.app.ledger.clock.now();
    let outcome = judge(&rows, now);
    let in_force: Vec<&MailboxRow> = rows.iter().filter(|row| row.is_subscribed(now)).collect();
    if outcome.step.is_some() || in_force.is_empty() || in_force.len() > FEW {
        return outcome;
    }
    match listed(visit).await {
        Some(listed) => against(&in_force, &listed, now).unwrap_or(outcome),
        None => outcome,
    }
}

/// By the ledger alone.
fn judge(rows: &[MailboxRow], now: DateTime<Utc>) -> Outcome {
    if rows.is_empty() {
        return Outcome::skipped(
            "no mailbox is known yet: the planning round, every five minutes, fills in who is watched",
        );
    }
    let count = |is: &dyn Fn(&MailboxRow) -> bool| rows.iter().filter(|row| is(row)).count();
    let of = |state| count(&|row: &MailboxRow| row.state == state);
    let all = rows.len();
    let lapsed = count(&|row: &MailboxRow| {
        row.state == SubscriptionState::Watched && row.expires.is_none_or(|expires| expires + YOUNG <= now)
    });
    if lapsed > 0 {
        return Outcome::failed(
            format!("{lapsed} of {all} have lapsed"),
            format!(
                "See whether the app runs: renewals come by its timer renew-subscriptions. {FIX}; {LISTING}."
            ),
        )
        .fix(Fix::Subscribe);
    }
    let failing = of(SubscriptionState::Failing);
    if failing > 0 {
        let said = rows.iter().filter(|row| row.state == SubscriptionState::Failing);
        let said =
            said.filter_map(|row| row.last_error.as_deref()).map(without_id).next().unwrap_or_default();
        return Outcome::failed(
            format!("{failing} of {all} can't be made: {said}"),
            format!("Mend what Graph says; it is tried again by itself, and {FIX_NOW}. {LISTING}."),
        )
        .fix(Fix::Subscribe);
    }
    let refused = of(SubscriptionState::Refused);
    if refused > 0 {
        return Outcome::warning(
            format!("{refused} of {all} mailboxes are refused"),
            format!(
                "Have the scope in Exchange cover whoever is watched, or watch fewer; they are looked at \
                 again daily, and {FIX_NOW}. {LISTING}."
            ),
        )
        .fix(Fix::Subscribe);
    }
    let (watched, without) = (of(SubscriptionState::Watched), of(SubscriptionState::NoMailbox));
    let wanted = of(SubscriptionState::Wanted);
    let oldest = rows.iter().filter_map(|row| row.renewed_at).min().map(|at| now - at);
    let mut seen = format!("{watched} in force");
    if let Some(age) = oldest.filter(|_| watched > 0) {
        seen.push_str(&format!(", the oldest renewed {}", told(age)));
    }
    for (count, what) in [(wanted, "to be made"), (without, "without a mailbox in Exchange Online")] {
        if count > 0 {
            seen.push_str(&format!(", {count} {what}"));
        }
    }
    Outcome::ok(seen)
}

const FIX_NOW: &str = "at once by `regrets doctor --fix`";

/// The id of a request is another each time.
fn without_id(said: &str) -> &str {
    said.split(" (request-id").next().unwrap_or(said)
}

fn told(age: TimeDelta) -> String {
    match age.num_hours() {
        0 => "within the hour".to_owned(),
        hours @ 1..=48 => format!("{hours} h ago"),
        hours => format!("{} days ago", hours / 24),
    }
}

/// All that Graph lists: some pages, of forty that it allows in twenty seconds.
/// `None`: not now, or not to its end.
async fn listed(visit: &Visit<'_>) -> Option<Vec<Subscription>> {
    let (mut listed, mut from) = (Vec::new(), None);
    for _ in 0..PAGES {
        let page = visit.context.graph.subscriptions(from.as_deref()).await.ok()?;
        listed.extend(page.listed);
        from = page.next;
        if from.is_none() {
            return Some(listed);
        }
    }
    None
}

/// What the ledger knows, and Graph does not.
fn against(in_force: &[&MailboxRow], listed: &[Subscription], now: DateTime<Utc>) -> Option<Outcome> {
    let known: BTreeSet<_> = listed.iter().map(|one| &one.id).collect();
    let is_old = |row: &MailboxRow| row.renewed_at.is_none_or(|at| at + TimeDelta::seconds(30) <= now);
    let is_lost =
        |row: &&&MailboxRow| row.subscription.as_ref().is_some_and(|id| !known.contains(id)) && is_old(row);
    let lost = in_force.iter().filter(is_lost).count();
    (lost > 0).then(|| {
        Outcome::failed(
            format!("Graph does not know {lost} of the {} that the ledger holds for good", in_force.len()),
            format!("{FIX}; declines are found by comparing the calendars meanwhile."),
        )
        .fix(Fix::Subscribe)
    })
}

#[cfg(test)]
#[path = "subscriptions_tests.rs"]
mod tests;
