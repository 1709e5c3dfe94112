//! What comes back by a link: the browser of whoever was at Microsoft's page.
//!
//! Guarantees: nothing is read before the token's MAC is right; a link's answer is taken once, whoever
//! repeats it; what the browser says grants nothing (its `tenant` is held against the one that was asked, and
//! no more), so that a yes is only a reason to look; `error` comes before `admin_consent`, which may say True
//! beside it (reference/entra.md#admin-consent).

use super::judge::Look;
use super::links::{ConsentLinks, Named};
use super::transitions::ConsentEvent;
use super::{look, record};
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::audit;
use crate::ledger::consents::{self, ConsentRequest, ConsentRow, ConsentState, LinkAnswer, Used};
use crate::store::StoreError;
use chrono::Duration;
use std::sync::Arc;

/// Of Microsoft's redirect, as it came.
#[derive(Debug, Default, Clone)]
pub struct Redirect {
    pub state: Option<String>,
    pub tenant: Option<String>,
    pub admin_consent: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

/// A link's request, its tenant, and how the consent stands.
pub struct Known {
    pub context: Arc<TenantContext>,
    pub request: ConsentRequest,
    pub row: ConsentRow,
}

/// What is to be told.
pub enum Answer {
    /// No token came: consent that was begun at Microsoft ends so.
    NoState,
    /// None of ours, or of a tenant that is not served.
    Forged,
    /// Its row is gone, long after it ran out.
    Forgotten,
    Expired(Known),
    Replayed(Known),
    WrongTenant(Known),
    NotAdministrator(Known),
    Refused(Known),
    /// Microsoft could not ask: nobody has answered.
    Failed(Known, String),
    /// Somebody said yes; the row says what was seen since.
    Said(Known),
}

/// Between two looks that a page asks for.
pub const LOOK_AGAIN: Duration = Duration::seconds(20);
/// As long as a browser is kept waiting for a look.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// The request that a link names. Reads nothing where the MAC is wrong.
pub async fn find(
    app: &AppContext,
    links: &ConsentLinks,
    token: &str,
) -> Result<Result<Known, Answer>, StoreError> {
    let Some(Named { tenant, id }) = links.read(token) else { return Ok(Err(Answer::Forged)) };
    let Some(context) = app.tenants.get(&tenant) else { return Ok(Err(Answer::Forged)) };
    let Some(request) = consents::request(&app.ledger, &tenant, &id).await? else {
        return Ok(Err(Answer::Forgotten));
    };
    let row = row(app, context).await?;
    Ok(Ok(Known { context: Arc::clone(context), request, row }))
}

async fn row(app: &AppContext, context: &TenantContext) -> Result<ConsentRow, StoreError> {
    let stored = consents::read(&app.ledger, &context.tenant.name).await?;
    Ok(stored.unwrap_or_else(|| ConsentRow::new(app.ledger.clock.now())))
}

pub async fn take(app: &AppContext, links: &ConsentLinks, redirect: &Redirect) -> Result<Answer, StoreError> {
    let Some(token) = redirect.state.as_deref().filter(|state| !state.is_empty()) else {
        return Ok(Answer::NoState);
    };
    let mut known = match find(app, links, token).await? {
        Ok(known) => known,
        Err(answer) => return Ok(answer),
    };
    let now = app.ledger.clock.now();
    if known.request.used.is_some() {
        known.row = heal(app, &known.context, &known.request, known.row).await?;
        return Ok(Answer::Replayed(known));
    }
    if known.request.until <= now {
        return Ok(Answer::Expired(known));
    }
    match Said::of(redirect) {
        Said::NotAdministrator => Ok(Answer::NotAdministrator(known)),
        Said::Failed(code) => Ok(Answer::Failed(known, code)),
        Said::No(code) => match once(app, &known, LinkAnswer::No, Some(&code)).await? {
            true => {
                known.row = record::happened(app, &known.context, ConsentEvent::SaidNo, |row| {
                    row.refusal = Some(code.clone());
                })
                .await?;
                Ok(Answer::Refused(known))
            }
            false => Ok(Answer::Replayed(known)),
        },
        Said::Yes if is_elsewhere(redirect, &known) => {
            match once(app, &known, LinkAnswer::WrongTenant, None).await? {
                true => Ok(Answer::WrongTenant(known)),
                false => Ok(Answer::Replayed(known)),
            }
        }
        Said::Yes => match once(app, &known, LinkAnswer::Yes, None).await? {
            true => {
                known.row = record::happened(app, &known.context, ConsentEvent::SaidYes, |_| {}).await?;
                look_now(app, &mut known).await?;
                Ok(Answer::Said(known))
            }
            false => Ok(Answer::Replayed(known)),
        },
    }
}

/// Takes the answer, where nobody was quicker; the audit first.
async fn once(
    app: &AppContext,
    known: &Known,
    answer: LinkAnswer,
    code: Option<&str>,
) -> Result<bool, StoreError> {
    let name = &known.context.tenant.name;
    let what = match answer {
        LinkAnswer::Yes => "says that consent was given",
        LinkAnswer::No => "says that consent was refused",
        LinkAnswer::WrongTenant => "comes back from another directory than was asked",
    };
    let by = &known.request.by;
    audit::append(&app.ledger, name, "link", &format!("Whoever used the link that {by} made {what}")).await?;
    let used = Used { at: app.ledger.clock.now(), answer, code: code.map(str::to_owned) };
    consents::take_answer(&app.ledger, &known.request, &used).await
}

/// Killed between the answer and what follows from it: whoever loads the page again does the rest, or the
/// next planning round.
async fn heal(
    app: &AppContext,
    context: &TenantContext,
    request: &ConsentRequest,
    row: ConsentRow,
) -> Result<ConsentRow, StoreError> {
    let waits = row.state == ConsentState::Asked && row.asked_until == Some(request.until);
    let Some(used) = request.used.as_ref().filter(|_| waits) else { return Ok(row) };
    match used.answer {
        LinkAnswer::Yes => record::happened(app, context, ConsentEvent::SaidYes, |_| {}).await,
        LinkAnswer::No => {
            record::happened(app, context, ConsentEvent::SaidNo, |row| row.refusal = used.code.clone()).await
        }
        LinkAnswer::WrongTenant => Ok(row),
    }
}

/// The same of whichever link it was, for a planning round. Reads no link where nobody was asked.
pub(super) async fn pick_up(
    app: &AppContext,
    context: &TenantContext,
    mut row: ConsentRow,
) -> Result<ConsentRow, StoreError> {
    if row.state != ConsentState::Asked {
        return Ok(row);
    }
    for request in consents::all_requests(&app.ledger, &context.tenant.name).await? {
        row = heal(app, context, &request, row).await?;
    }
    Ok(row)
}

/// Looks for the rights, unless somebody has just done so.
pub async fn look_again(app: &AppContext, known: &mut Known) -> Result<(), StoreError> {
    let now = app.ledger.clock.now();
    let is_fresh = known.row.looked_at.is_some_and(|at| at + LOOK_AGAIN > now);
    if is_fresh { Ok(()) } else { look_now(app, known).await }
}

/// Not for a tenant that is switched off: the answer stands, and the first planning round after that looks.
async fn look_now(app: &AppContext, known: &mut Known) -> Result<(), StoreError> {
    if !known.context.tenant.active {
        return Ok(());
    }
    let looked = tokio::time::timeout(PATIENCE, look::fresh(app, &known.context)).await;
    // What takes longer is left to the next planning round.
    let Ok(seen) = looked else { return Ok(()) };
    let seen: Look = seen?;
    known.row = record::seen(app, &known.context, &seen, known.row.refused_mailboxes).await?;
    Ok(())
}

/// A tenant that is named, and is not the one that was asked. One that is not named proves nothing, as one
/// that is.
fn is_elsewhere(redirect: &Redirect, known: &Known) -> bool {
    let named = redirect.tenant.as_deref().map(str::trim).filter(|named| !named.is_empty());
    named.is_some_and(|named| !named.eq_ignore_ascii_case(&known.request.directory))
}

enum Said {
    Yes,
    No(String),
    NotAdministrator,
    Failed(String),
}

impl Said {
    fn of(redirect: &Redirect) -> Self {
        let Some(error) = redirect.error.as_deref().filter(|error| !error.is_empty()) else {
            let yes = redirect.admin_consent.as_deref().is_some_and(|word| word.eq_ignore_ascii_case("true"));
            return if yes { Self::Yes } else { Self::Failed("no answer".to_owned()) };
        };
        let number = redirect.error_description.as_deref().and_then(number);
        let code = match (code(error), number) {
            (Some(code), Some(number)) => format!("{code}, AADSTS{number}"),
            (Some(code), None) => code.to_owned(),
            (None, Some(number)) => format!("AADSTS{number}"),
            (None, None) => "an unreadable code".to_owned(),
        };
        match (error, number) {
            (_, Some(90_093 | 90_094)) => Self::NotAdministrator,
            ("access_denied" | "consent_required" | "permission_denied" | "consent_declined", _)
            | (_, Some(65_004)) => Self::No(code),
            _ => Self::Failed(code),
        }
    }
}

/// Whatever came, only what looks like a code is shown and stored.
fn code(error: &str) -> Option<&str> {
    let is_code = |c: char| c.is_ascii_alphanumeric() || c == '_';
    ((1..=64).contains(&error.len()) && error.chars().all(is_code)).then_some(error)
}

fn number(description: &str) -> Option<u32> {
    let (_, rest) = description.split_once("AADSTS")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    if (4..=8).contains(&digits.len()) { digits.parse().ok() } else { None }
}
