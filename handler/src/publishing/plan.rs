//! What is to be done about one event: a pure function of what is wanted, what was written, the policy and
//! the time.
//!
//! Guarantees:
//! - Nobody is mailed twice for one cause: what is wanted is compared with what was wanted last.
//! - Who lost the place by declining is mailed no more; invited again only by a reading that began after
//!   that and shows the place held again.
//! - Nothing is done about what is over, or what a person took away.
//! - Edits wait for each other for `settle_edits`, but never past the start; then all that has waited is
//!   done.
//! - Doubt changes nothing.

use super::content::{Content, Field, Fingerprints};
use super::event_key::Invitation;
use super::policy::{PublishState, Publishing};
use super::wish::{CallOff, Hold, Wish};
use super::written::{Act, Stand, Written};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// To be written down, then done.
    Do(Act),
    /// The row says that it is over, since then, for whoever it was for; no request.
    LetGo {
        at: DateTime<Utc>,
    },
    /// An edit waits for others until then. The row keeps since when.
    Settle {
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    },
    /// What waited is as it was: the row forgets that it waited.
    Unsettle,
    Nothing(Reason),
}

/// Why nothing is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// It is as it is wanted.
    AsWanted,
    /// Publishing is off.
    Off,
    /// It is over, or has begun before anybody was invited.
    Over,
    /// An act is under way: it is brought to its end first.
    Underway,
    Held(Hold),
    /// It was called off or let go, and no later reading wants it again.
    CalledOff,
    /// A person took it away: they are asked.
    TakenAway,
    /// It is not to stand, and never did.
    NeverWritten,
}

/// `now`: by the ledger's clock.
pub fn plan(wish: &Wish, row: &Written, policy: &Publishing, now: DateTime<Utc>) -> Plan {
    match policy.state {
        PublishState::Off => return Plan::Nothing(Reason::Off),
        PublishState::Preview | PublishState::On => {}
    }
    if row.act.is_some() {
        return Plan::Nothing(Reason::Underway);
    }
    match wish {
        Wish::Hold(why) => Plan::Nothing(Reason::Held(*why)),
        Wish::Stand { content, seen_at } => stand(content, *seen_at, row, policy, now),
        Wish::CallOff { why, seen_at: _ } => call_off(why, row, now),
        Wish::LetGo { at } => match row.stand {
            Stand::Stands => Plan::LetGo { at: *at },
            Stand::None => Plan::Nothing(Reason::NeverWritten),
            Stand::CalledOff { .. } | Stand::LetGo { .. } => Plan::Nothing(Reason::CalledOff),
            Stand::TakenAway { .. } => Plan::Nothing(Reason::TakenAway),
        },
    }
}

fn stand(
    content: &Content,
    seen_at: DateTime<Utc>,
    row: &Written,
    policy: &Publishing,
    now: DateTime<Utc>,
) -> Plan {
    let wanted = content.fingerprints();
    match &row.stand {
        Stand::TakenAway { .. } => Plan::Nothing(Reason::TakenAway),
        Stand::None => invite(content, wanted, row.invitation, now),
        Stand::CalledOff { why: CallOff::Replaced | CallOff::Unpublished | CallOff::TakenAway, .. } => {
            invite(content, wanted, row.invitation.next(), now)
        }
        Stand::CalledOff { at, .. } | Stand::LetGo { at } if seen_at <= *at => {
            Plan::Nothing(Reason::CalledOff)
        }
        Stand::CalledOff { .. } | Stand::LetGo { .. } => invite(content, wanted, row.invitation.next(), now),
        Stand::Stands => edit(content, wanted, row, policy, now),
    }
}

fn invite(content: &Content, wanted: Fingerprints, invitation: Invitation, now: DateTime<Utc>) -> Plan {
    if content.span.has_begun(now) {
        return Plan::Nothing(Reason::Over);
    }
    Plan::Do(Act::Create { invitation, wanted })
}

fn edit(
    content: &Content,
    wanted: Fingerprints,
    row: &Written,
    policy: &Publishing,
    now: DateTime<Utc>,
) -> Plan {
    // What was written may be over while its new date is not: then it is told.
    if content.span.is_over(now) {
        return Plan::Nothing(Reason::Over);
    }
    let mut differing = row.wanted.differing(&wanted);
    // What a person has edited is written once more, though it is wanted as it was.
    differing.extend(&row.undo);
    let is_sent = |field: &Field| policy.sends.contains(field) || row.undo.contains(field);
    if !differing.iter().any(is_sent) {
        return if row.edited.is_some() { Plan::Unsettle } else { Plan::Nothing(Reason::AsWanted) };
    }
    let since = row.edited.unwrap_or(now);
    let settled = since + policy.settle_edits;
    // Whoever sets out within the settling must be told at once: to the new place, or to the old time.
    let start = row.start.map_or(content.span.start(), |known| known.min(content.span.start()));
    let until = settled.min(start - TimeDelta::hours(1)).max(since);
    if now < until {
        return Plan::Settle { since, until };
    }
    let others: BTreeSet<Field> = differing.iter().copied().filter(|one| *one != Field::Attendees).collect();
    let sends_others = others.iter().any(is_sent);
    let list: BTreeSet<Field> = [Field::Attendees].into();
    // Requests of their own: the list alone mails only whom it concerns. Who leaves goes first and who is new
    // comes last, so that each is mailed once; an event is never left without anybody in between.
    if !sends_others {
        return Plan::Do(Act::Attendees { wanted: row.wanted.with(&wanted, &list), takes_off: false });
    }
    let stay = content.for_listed(&row.listed);
    // Whatever Graph refuses of the list, that it moves is told.
    let may_take_off = is_sent(&Field::Attendees) && row.refused.is_none();
    if may_take_off && !stay.attendees.is_empty() && stay.listed() != row.listed {
        let wanted = row.wanted.with(&stay.fingerprints(), &list);
        return Plan::Do(Act::Attendees { wanted, takes_off: true });
    }
    Plan::Do(Act::Update { wanted: row.wanted.with(&wanted, &others), fields: others })
}

fn call_off(why: &CallOff, row: &Written, now: DateTime<Utc>) -> Plan {
    match &row.stand {
        Stand::None => Plan::Nothing(Reason::NeverWritten),
        Stand::CalledOff { .. } | Stand::LetGo { .. } => Plan::Nothing(Reason::CalledOff),
        Stand::TakenAway { .. } => Plan::Nothing(Reason::TakenAway),
        Stand::Stands if row.end.is_some_and(|end| end <= now) => Plan::Nothing(Reason::Over),
        Stand::Stands => Plan::Do(Act::Cancel { why: why.clone() }),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
