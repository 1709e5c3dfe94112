//! Hints that could not be judged, because Graph did not answer.
//!
//! Guarantees: one entry of the agenda counts for whatever is hinted at, however many hints come and however
//! often any of their messages is delivered; a hint that comes while another stands is judged after it came,
//! and no later than it would be alone. Which entry counts is a row of its own. An entry is written before
//! that row names it, and deleted after the row has gone or names another: killed in between, there is an
//! entry too many, which finds the one that counts and goes.

use crate::clock::whole_millis;
use crate::enrolment::backoff;
use crate::enrolment::wakeups::{WakeUp, WakeUpKind};
use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::unit_context;
use crate::ledger::agenda::look_partition;
use crate::ledger::postponed_hints::{self as rows, PostponedHint};
use crate::ledger::{self, Read, agenda};
use crate::messages::{AgendaRef, Hint};
use crate::store::StoreError;

fn on_agenda(tenant: &TenantName, row: &str) -> AgendaRef {
    AgendaRef { partition: look_partition(tenant), row: row.to_owned() }
}

/// A wake-up that counts, and is being looked into.
pub struct DueHint {
    pub hint: Hint,
    pub tries: u32,
    /// `None` for an entry of a build that kept no such rows.
    counting: Option<Read<PostponedHint>>,
}

/// What a delivered wake-up is to look into. `None`: it was delivered before, or another entry counts.
pub async fn take(
    app: &AppContext,
    tenant: &TenantName,
    hint: &Hint,
    tries: u32,
    at: &AgendaRef,
) -> Result<Option<DueHint>, StoreError> {
    let ledger = &app.ledger;
    if !agenda::stands(ledger, at).await? {
        return Ok(None);
    }
    let Some(found) = rows::load(&app.ledger, tenant, hint).await? else {
        return Ok(Some(DueHint { hint: hint.clone(), tries, counting: None }));
    };
    let is_other = found.value.entry != at.row;
    if is_other && agenda::stands(ledger, &on_agenda(tenant, &found.value.entry)).await? {
        // Its writer may be just about to name it.
        agenda::forget_stale(ledger, at, ledger.now().await?, app.timing.rewake).await?;
        return Ok(None);
    }
    let (hint, tries) = (found.value.hint.merged(hint), found.value.tries.max(tries));
    Ok(Some(DueHint { hint, tries, counting: Some(found) }))
}

/// It has been judged. A hint that came meanwhile is looked into once more: what was read may be older than
/// what it is about.
pub async fn judged(
    app: &AppContext,
    tenant: &TenantName,
    turn: DueHint,
    at: &AgendaRef,
) -> Result<(), StoreError> {
    let ledger = &app.ledger;
    if let Some(known) = turn.counting
        && !rows::remove(ledger, &known).await?
    {
        let counts = rows::load(ledger, tenant, &turn.hint).await?;
        if counts.is_some_and(|counts| counts.value.entry == at.row) {
            return agenda::renew(ledger, at).await;
        }
    }
    agenda::forget(ledger, at).await
}

/// It can't be judged now either: later again, 30 seconds after the first time, doubling to an hour.
pub async fn again(
    app: &AppContext,
    context: &TenantContext,
    turn: &DueHint,
    at: &AgendaRef,
) -> Result<(), StoreError> {
    put(app, context, &turn.hint, turn.tries, Some(at)).await?;
    agenda::forget(&app.ledger, at).await
}

/// Puts a hint on the agenda, or to the one that stands there already.
pub async fn postpone(
    app: &AppContext,
    context: &TenantContext,
    hint: &Hint,
    tries: u32,
) -> Result<(), StoreError> {
    put(app, context, hint, tries, None).await
}

/// `from`: the entry that gives way to a later one.
async fn put(
    app: &AppContext,
    context: &TenantContext,
    hint: &Hint,
    tries: u32,
    from: Option<&AgendaRef>,
) -> Result<(), StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    for _ in 0..ledger::TRIES {
        let now = app.ledger.clock.now();
        let later = |hint: Hint, tries: u32, wait: u32| {
            let due = whole_millis(now + backoff::unreadable(wait));
            let entry =
                WakeUp { tenant: tenant.clone(), due, what: WakeUpKind::Hint { hint: hint.clone(), tries } };
            let next = PostponedHint { entry: entry.reference().row, due, hint, tries, hinted: now };
            (entry, next)
        };
        let Some(found) = rows::load(&app.ledger, tenant, hint).await? else {
            let (entry, next) = later(hint.clone(), tries.saturating_add(1), tries);
            agenda::schedule(ledger, &entry, unit_context::trace().as_deref()).await?;
            if rows::insert(&app.ledger, tenant, &next).await? {
                return Ok(());
            }
            continue;
        };
        let known = &found.value;
        let merged = known.hint.merged(hint);
        let there = on_agenda(tenant, &known.entry);
        let stands = agenda::stands(ledger, &there).await?;
        let (entry, next) = if from == Some(&there) || !stands {
            let (entry, next) = later(merged, tries.saturating_add(1), tries);
            (Some(entry), next)
        } else if from.is_some() && merged == known.hint {
            // Another delivery of it has put it back already.
            return Ok(());
        } else {
            // One that has waited long is not to wait the longer for it.
            let (entry, next) = later(merged.clone(), known.tries, 0);
            match next.due < known.due {
                true => (Some(entry), next),
                false => (None, PostponedHint { hint: merged, hinted: now, ..known.clone() }),
            }
        };
        if let Some(entry) = &entry {
            agenda::schedule(ledger, entry, unit_context::trace().as_deref()).await?;
        }
        if !rows::replace(&app.ledger, &found, &next).await? {
            continue;
        }
        if next.entry != known.entry && from != Some(&there) {
            return agenda::forget(ledger, &there).await;
        }
        return Ok(());
    }
    Err(StoreError::Unavailable("a hint is postponed by too many at once".into()))
}
