//! The row once Graph has taken an act, and all that a wish comes to, act by act.
//!
//! Guarantees: what has waited to be told is told without waiting anew; an edit that is still to be undone is
//! not forgotten over the list.

use super::content::{Content, Field};
use super::mails::mails;
use super::plan::{Plan, plan};
use super::policy::Publishing;
use super::wish::Wish;
use super::written::{Act, Stand, Written};
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Of what is wanted, what this act writes.
pub fn says<'a>(act: &Act, content: &'a Content, row: &Written) -> Cow<'a, Content> {
    match act {
        Act::Attendees { takes_off: true, .. } => Cow::Owned(content.for_listed(&row.listed)),
        Act::Create { .. }
        | Act::Update { .. }
        | Act::Attendees { takes_off: false, .. }
        | Act::Cancel { .. } => Cow::Borrowed(content),
    }
}

/// `content`: all that is wanted, whether this act writes it or not.
#[must_use]
pub fn carried_out(
    row: &Written,
    act: &Act,
    content: Option<&Content>,
    sends: &BTreeSet<Field>,
    now: DateTime<Utc>,
) -> Written {
    let span = row.start.zip(row.end).unwrap_or((now, now));
    let next = match act {
        // As what it stands is known by the answer.
        Act::Create { .. } => row.clone(),
        Act::Update { fields, wanted } => {
            let told = content.filter(|_| fields.contains(&Field::When));
            let span = told.map_or(span, |told| (told.span.start(), told.span.end()));
            Written { undone: row.undone_still(wanted), ..row.stands(wanted.clone(), span) }
        }
        Act::Attendees { wanted, .. } => {
            let listed = content.map_or_else(|| row.listed.clone(), |all| says(act, all, row).listed());
            let undo = row.undo.iter().copied().filter(|field| *field != Field::Attendees).collect();
            Written { undo, ..row.listing(listed, now).stands(wanted.clone(), span) }
        }
        Act::Cancel { why } => {
            let at = row.act.as_ref().map_or(now, |underway| underway.since);
            row.gone(Stand::CalledOff { at, why: why.clone() })
        }
    };
    let waits = |all: &Content| {
        let differing = next.wanted.differing(&all.fingerprints());
        !next.undo.is_empty() || differing.iter().any(|field| sends.contains(field))
    };
    let edited = row.edited.filter(|_| next.stand == Stand::Stands && content.is_some_and(waits));
    Written { edited, ..next }
}

/// Acts on one event that follow from each other: called off and made anew, or taken off, told and listed.
const MOST: usize = 4;

/// All that is to be done about one event, and how many each act mails. `wish` follows from the row.
pub fn acts(
    mut row: Written,
    wish: impl Fn(&Written) -> Wish,
    policy: &Publishing,
    now: DateTime<Utc>,
) -> Vec<(Act, u32)> {
    let mut all = Vec::new();
    while all.len() < MOST {
        let wish = wish(&row);
        let Plan::Do(act) = plan(&wish, &row, policy, now) else { break };
        let content = wish.content();
        let mailed = mails(&act, content.map(|content| says(&act, content, &row)).as_deref(), &row);
        row = carried_out(&row, &act, content, &policy.sends, now);
        // What is made says all that is wanted.
        let is_made = matches!(act, Act::Create { .. });
        all.push((act, mailed));
        if is_made {
            break;
        }
    }
    all
}

#[cfg(test)]
#[path = "carried_out_tests.rs"]
mod tests;
