//! The planning round's look at a tenant's consent.
//!
//! Guarantees: what is granted or withdrawn by whomever is noticed by the next round after it shows, without
//! anybody pressing anything; where all is well it costs a point read and no request, since the token that
//! calls go by is looked at, and a new one is asked for once a day, or when something points to a change.

use super::judge::{self, Look, MailboxLook, TokenLook};
use super::transitions::ConsentEvent;
use super::{answer, look, record};
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::consents::{self, ConsentRow, ConsentState};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};

/// A new token is asked for, and a mailbox tried, at least so often: what Exchange grants shows in nothing
/// else.
const DAILY: Duration = Duration::hours(24);
/// What points to a change and turned out to be none is not looked into again for so long.
const DOUBT_RESTS: Duration = Duration::hours(1);
/// Exchange takes up to two hours to notice a scope (reference/graph-directory.md#exchange-scope).
pub(super) const PATIENCE: Duration = Duration::hours(3);

/// Alerts by which Graph or Entra says that a right may be gone.
const POINTERS: [AlertKind; 3] =
    [AlertKind::GraphCredential, AlertKind::GraphUnauthorized, AlertKind::Directory];

/// `refused`: so many mailboxes stand as refused now.
pub async fn watch(app: &AppContext, context: &TenantContext, refused: u64) -> Result<(), StoreError> {
    if context.tenant.has_no_credential() {
        // Nobody can ask for a token, and another alert says why.
        return Ok(());
    }
    let (ledger, name, now) = (&app.ledger, &context.tenant.name, app.ledger.clock.now());
    let mut known = consents::read(ledger, name).await?.unwrap_or_else(|| ConsentRow::new(now));
    known = answer::pick_up(app, context, known).await?;
    if let Some(event) = run_out(&known, now) {
        known = record::happened(app, context, event, |_| {}).await?;
    }
    if wants_fresh(app, context, &known, refused, now).await? {
        let seen = look::fresh(app, context).await?;
        known = record::seen(app, context, &seen, refused).await?;
    }
    let is_new = known.state == ConsentState::Granted && known.since + record::SETTLES > now;
    if is_new && refused > 0 {
        record::revive(app, context, |_| None).await?;
    }
    Ok(())
}

/// What time alone does.
fn run_out(known: &ConsentRow, now: DateTime<Utc>) -> Option<ConsentEvent> {
    match known.state {
        ConsentState::Asked if known.asked_until.is_some_and(|until| until <= now) => {
            Some(ConsentEvent::LinkRanOut)
        }
        ConsentState::Pending if known.since + PATIENCE <= now => Some(ConsentEvent::PatienceOver),
        ConsentState::Asked
        | ConsentState::Pending
        | ConsentState::NotAsked
        | ConsentState::Granted
        | ConsentState::Refused
        | ConsentState::Expired
        | ConsentState::Drifted
        | ConsentState::Withdrawn => None,
    }
}

async fn wants_fresh(
    app: &AppContext,
    context: &TenantContext,
    known: &ConsentRow,
    refused: u64,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(looked) = known.looked_at else { return Ok(true) };
    if looked + DAILY <= now || !is_settled(known) {
        return Ok(true);
    }
    let held = look::held(context).await;
    if tells_of_change(context, known, &held) {
        return Ok(true);
    }
    let rests = looked + DOUBT_RESTS > now;
    if refused > known.refused_mailboxes && look::wants_mailbox(context, &held) {
        return Ok(true);
    }
    let open = alerts::open(&app.ledger, &context.tenant.name).await?;
    let pointers = open.iter().filter(|alert| POINTERS.contains(&alert.kind));
    Ok(pointers.into_iter().any(|alert| alert.since > looked || !rests))
}

/// Nobody waits for anything: neither for rights that are missing, nor for what was said yes to.
fn is_settled(known: &ConsentRow) -> bool {
    match known.state {
        ConsentState::Granted | ConsentState::Drifted => known.missing.is_empty(),
        // A token that can't be looked into is not worth another one.
        ConsentState::NotAsked => known.roles.is_none(),
        ConsentState::Asked
        | ConsentState::Pending
        | ConsentState::Refused
        | ConsentState::Expired
        | ConsentState::Withdrawn => false,
    }
}

/// The token that is held says something else than the row; also where the configuration has changed since.
fn tells_of_change(context: &TenantContext, known: &ConsentRow, held: &TokenLook) -> bool {
    let mailbox = match known.mailbox.as_ref().map(|tried| tried.is_readable) {
        Some(true) => MailboxLook::Readable,
        Some(false) => MailboxLook::Refused,
        None => MailboxLook::Unknown,
    };
    if let TokenLook::Roles(roles) = held
        && !known.roles.iter().flatten().eq(roles)
    {
        return true;
    }
    let seen = Look { token: held.clone(), mailbox };
    let finding = judge::judge(&context.tenant.needed_permissions(), &seen, known);
    match finding.event {
        None => false,
        Some(ConsentEvent::Complete) => known.state != ConsentState::Granted,
        Some(ConsentEvent::Excess) => known.excess != finding.excess,
        Some(_) => true,
    }
}
