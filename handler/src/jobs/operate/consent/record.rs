//! Writes down what happened to a tenant's consent: audit, alert, mailboxes, and then the row that remembers
//! it.
//!
//! Guarantees: killed anywhere, whoever looks next does the rest, because what follows from a row is done
//! before the row; what is granted again is taken up at once, since mailboxes that were refused are due then
//! and their calendars compared; where nothing has changed nothing is written.

use super::judge::{self, Finding, Look, MailboxLook, TokenLook};
use super::transitions::{self, ConsentEvent};
use crate::graph::permissions::Permission;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::blind_gaps;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::audit;
use crate::ledger::consents::{self, ConsentRow, ConsentState, TriedMailbox};
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};

/// Who is named in the audit where nobody said or did anything.
const BY_ITSELF: &str = "regrets";

/// So long after everything is there, tokens of before may still be in use on other instances: what they had
/// refused is due once more.
pub(super) const SETTLES: Duration = Duration::minutes(15);

pub const OF_CONSENT: [AlertKind; 3] =
    [AlertKind::ConsentMissing, AlertKind::ConsentWithdrawn, AlertKind::ConsentDrifted];

/// An event that nobody had to look for: a link that was made, answered or ran out.
pub(super) async fn happened(
    app: &AppContext,
    context: &TenantContext,
    event: ConsentEvent,
    more: impl Fn(&mut ConsentRow) + Sync,
) -> Result<ConsentRow, StoreError> {
    let now = app.ledger.clock.now();
    let step = |known: &ConsentRow| {
        let mut next = after(known, event, now);
        more(&mut next);
        next
    };
    commit(app, context, &step).await
}

/// What was seen.
pub(super) async fn seen(
    app: &AppContext,
    context: &TenantContext,
    look: &Look,
    refused: u64,
) -> Result<ConsentRow, StoreError> {
    let now = app.ledger.clock.now();
    let needed = context.tenant.needed_permissions();
    let step = |known: &ConsentRow| {
        let finding = judge::judge(&needed, look, known);
        ConsentRow { refused_mailboxes: refused, ..learned(known, look, &finding, now) }
    };
    commit(app, context, &step).await
}

fn after(known: &ConsentRow, event: ConsentEvent, now: DateTime<Utc>) -> ConsentRow {
    let state = transitions::next(known.state, event);
    let since = if state == known.state { known.since } else { now };
    ConsentRow { state, since, ..known.clone() }
}

/// The row after a look.
fn learned(known: &ConsentRow, look: &Look, finding: &Finding, now: DateTime<Utc>) -> ConsentRow {
    let mut next = ConsentRow { looked_at: Some(now), ..known.clone() };
    let roles = match &look.token {
        // Nothing was learned but that nothing can be.
        TokenLook::Nothing => return next,
        TokenLook::Roles(roles) => roles.iter().cloned().collect(),
        TokenLook::NoApp => Vec::new(),
    };
    next.roles = Some(roles);
    if look.mailbox != MailboxLook::Unknown {
        next.mailbox = Some(TriedMailbox { is_readable: look.mailbox == MailboxLook::Readable, at: now });
    }
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    next.missing = owned(&finding.missing);
    next.lost = owned(&finding.lost);
    next.excess = finding.excess.clone();
    let Some(event) = finding.event else { return next };
    next = after(&next, event, now);
    match event {
        ConsentEvent::Complete => {
            next.granted_at = match known.state {
                ConsentState::Granted => known.granted_at.or(Some(now)),
                ConsentState::NotAsked
                | ConsentState::Asked
                | ConsentState::Pending
                | ConsentState::Refused
                | ConsentState::Expired
                | ConsentState::Drifted
                | ConsentState::Withdrawn => Some(now),
            };
            next.granted = owned(&finding.there);
            next.known_roles = next.roles.clone().unwrap_or_default();
            next.refusal = None;
        }
        ConsentEvent::Excess => next.granted = owned(&finding.there),
        ConsentEvent::Asked
        | ConsentEvent::SaidYes
        | ConsentEvent::SaidNo
        | ConsentEvent::LinkRanOut
        | ConsentEvent::PatienceOver
        | ConsentEvent::Lacking
        | ConsentEvent::Lost => {}
    }
    next
}

/// Everything that follows, and then the row; again where somebody else has written it meanwhile.
async fn commit(
    app: &AppContext,
    context: &TenantContext,
    step: &(dyn Fn(&ConsentRow) -> ConsentRow + Sync),
) -> Result<ConsentRow, StoreError> {
    let (ledger, name, now) = (&app.ledger, &context.tenant.name, app.ledger.clock.now());
    let stored = consents::read(ledger, name).await?;
    let mut known = stored.clone().unwrap_or_else(|| ConsentRow::new(now));
    let mut next = step(&known);
    loop {
        if stored.as_ref() == Some(&next) {
            return Ok(next);
        }
        follow(app, context, &known, &next).await?;
        let mut met = None;
        consents::update(ledger, name, |row| {
            let current = row.cloned().unwrap_or_else(|| ConsentRow::new(now));
            let is_as_known = current == known;
            met = (!is_as_known).then_some(current);
            is_as_known.then(|| next.clone())
        })
        .await?;
        match met {
            None => return Ok(next),
            Some(current) => {
                next = step(&current);
                known = current;
            }
        }
    }
}

/// What must be done before the row says that it was.
async fn follow(
    app: &AppContext,
    context: &TenantContext,
    known: &ConsentRow,
    next: &ConsentRow,
) -> Result<(), StoreError> {
    let (ledger, name) = (&app.ledger, &context.tenant.name);
    if known.state != next.state {
        let told = told(next);
        tracing::info!(tenant = %name, before = known.state.word(), now = next.state.word(), "the consent: \
            {told}");
        audit::append(ledger, name, BY_ITSELF, &format!("The consent is {}. {told}", next.state.word()))
            .await?;
    }
    if (&known.missing, &known.excess, &known.lost) != (&next.missing, &next.excess, &next.lost) {
        reflect(app, context, next).await?;
    }
    if !known.missing.is_empty() && next.missing.is_empty() {
        take_up(app, context, known).await?;
    }
    Ok(())
}

/// The one alert that fits, and none of the others.
async fn reflect(app: &AppContext, context: &TenantContext, row: &ConsentRow) -> Result<(), StoreError> {
    let (ledger, name) = (&app.ledger, &context.tenant.name);
    let fits = alert(row);
    if let Some(kind) = fits {
        let about = row.missing.len().max(row.excess.len()).max(1);
        let step = format!("{} {}", told(row), kind.step());
        alerts::raise_telling(ledger, name, kind, u64::try_from(about).unwrap_or(1), &step).await?;
    }
    let others: Vec<AlertKind> = OF_CONSENT.into_iter().filter(|kind| Some(*kind) != fits).collect();
    alerts::resolve_any(ledger, name, &others).await
}

/// Goes by what is missing, not by the state: that somebody was asked mends nothing yet.
fn alert(row: &ConsentRow) -> Option<AlertKind> {
    if !row.lost.is_empty() {
        return Some(AlertKind::ConsentWithdrawn);
    }
    if !row.missing.is_empty() {
        let was_complete = row.granted_at.is_some();
        return Some(if was_complete { AlertKind::ConsentDrifted } else { AlertKind::ConsentMissing });
    }
    (!row.excess.is_empty()).then_some(AlertKind::ConsentDrifted)
}

/// What is there and what is not, in a sentence.
pub fn told(row: &ConsentRow) -> String {
    let mut sentences = Vec::new();
    if !row.lost.is_empty() {
        sentences.push(format!("Granted before, and gone: {}.", row.lost.join(", ")));
    }
    let never: Vec<&str> =
        row.missing.iter().filter(|name| !row.lost.contains(name)).map(String::as_str).collect();
    if !never.is_empty() {
        sentences.push(format!("Needed, and not granted: {}.", never.join(", ")));
    }
    if !row.excess.is_empty() {
        sentences.push(format!("Granted on top since: {}.", row.excess.join(", ")));
    }
    if sentences.is_empty() && row.state == ConsentState::Granted {
        sentences.push(format!("Granted: {}.", row.granted.join(", ")));
    }
    sentences.join(" ")
}

/// What was refused for want of rights is due now and not in a day; and what happened meanwhile may never
/// have been told.
async fn take_up(app: &AppContext, context: &TenantContext, known: &ConsentRow) -> Result<(), StoreError> {
    let now = app.ledger.clock.now();
    let read_nothing = known.missing.iter().any(|name| name == Permission::CalendarsRead.name());
    revive(app, context, |row| {
        let was_watched = row.last_success.is_some();
        (read_nothing && was_watched).then(|| blind_gaps::missed(row, context, now))
    })
    .await
}

/// Those that stand as refused, or as failing, are due; of the others what `also` says.
pub(super) async fn revive(
    app: &AppContext,
    context: &TenantContext,
    also: impl Fn(&MailboxRow) -> Option<MailboxRow>,
) -> Result<(), StoreError> {
    let now = app.ledger.clock.now();
    let next = |row: &MailboxRow| {
        let is_out = matches!(row.state, SubscriptionState::Refused | SubscriptionState::Failing);
        let marked = also(row);
        match is_out && row.due > now {
            true => Some(MailboxRow { due: now, failures: 0, ..marked.unwrap_or_else(|| row.clone()) }),
            false => marked,
        }
    };
    mailboxes::change_all(&app.ledger, &context.tenant.name, next).await.map(|_| ())
}
