//! What stands in calendars is called off: by a person's word, once publishing is off.
//!
//! Guarantees: no more people are mailed than the person was shown: a word counts down, and ends where more
//! would be mailed than are left of it; it ends, too, once publishing is not off, for what is called off then
//! would be made again. Killed anywhere, it goes on until nothing stands that is not over. Publishing again
//! then invites anew, and the first mails wait for a person again.

use crate::config::Publish;
use crate::ids::{SessionId, TenantName};
use crate::jobs::context::AppContext;
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::jobs::operate::publish_json::Withdrawing;
use crate::jobs::publish::decide::{found, none};
use crate::jobs::publish::send_gate;
use crate::ledger::source_sessions::{self, SourceSession};
use crate::ledger::tenant_rows::Singleton;
use crate::ledger::{Ledger, audit, written_events};
use crate::messages::{Sessions, SessionsTask};
use crate::publishing::mails::mails;
use crate::publishing::policy::PublishState;
use crate::publishing::wish::CallOff;
use crate::publishing::written::{Act, Stand, Written};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

/// A person's word, until it is carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Word {
    by: String,
    at: DateTime<Utc>,
    /// So many may be mailed still.
    mails: u64,
}

const WORD: Singleton<Word> = Singleton::new("withdrawal");
/// Sessions whose rows are read side by side.
const SIDE_BY_SIDE: usize = 8;
/// In a round.
const SESSIONS: usize = 1_000;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// As many as were shown: more are not mailed.
    pub mails: u64,
    pub by: String,
    pub reason: String,
}

/// What is to be called off of one session.
struct Standing {
    session: SessionId,
    woken_at: Option<DateTime<Utc>>,
    events: usize,
    mails: u64,
}

fn stands(row: &Written, now: DateTime<Utc>) -> bool {
    let is_over = row.end.is_some_and(|end| end <= now);
    (row.stand == Stand::Stands || row.act.is_some()) && !is_over
}

async fn standing(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<Standing>, StoreError> {
    let now = ledger.now().await?;
    let known = source_sessions::all(ledger, tenant).await?;
    let known = known.into_iter().map(|read| read.value).filter(|row| !row.is_over(now));
    let each = known.map(|row| async move {
        let rows = written_events::of_session(ledger, tenant, &row.session.id).await?;
        let rows: Vec<Written> =
            rows.into_iter().map(|read| read.value).filter(|row| stands(row, now)).collect();
        let act = Act::Cancel { why: CallOff::Unpublished };
        let mails = rows.iter().map(|row| u64::from(mails(&act, None, row))).sum();
        Ok(Standing { session: row.session.id, woken_at: row.woken_at, events: rows.len(), mails })
    });
    let all: Vec<Standing> = stream::iter(each).buffered(SIDE_BY_SIDE).try_collect().await?;
    Ok(all.into_iter().filter(|one| one.events > 0).collect())
}

fn publish<'a>(app: &'a AppContext, tenant: &TenantName) -> Result<&'a Publish, OperatorError> {
    let publish = found(app, tenant)?.tenant.publish.as_ref();
    publish.ok_or_else(|| OperatorError::NotFound(none(tenant)))
}

/// What stands, and whether it is being called off.
pub async fn show(app: &AppContext, tenant: &TenantName) -> Result<Withdrawing, OperatorError> {
    publish(app, tenant)?;
    let all = standing(&app.ledger, tenant).await?;
    let word = WORD.read(&app.ledger, tenant).await?;
    Ok(Withdrawing {
        tenant: tenant.clone(),
        sessions: all.len(),
        events: all.iter().map(|one| one.events).sum(),
        mails: all.iter().map(|one| one.mails).sum(),
        asked_by: word.as_ref().map(|word| word.by.clone()),
        asked_at: word.map(|word| word.at.into()),
    })
}

/// A person has it called off.
pub async fn ask(
    app: &AppContext,
    tenant: &TenantName,
    said: &Withdrawal,
) -> Result<Withdrawing, OperatorError> {
    let signed = Attribution { by: said.by.clone(), reason: said.reason.clone() };
    signed.check()?;
    match publish(app, tenant)?.publisher.policy.state {
        PublishState::Off => {}
        PublishState::Preview | PublishState::On => {
            return Err(OperatorError::Conflict(format!(
                "what tenant `{tenant}` publishes would be made again: say publish.state = \"off\" first"
            )));
        }
    }
    let shown = show(app, tenant).await?;
    if shown.events == 0 {
        return Err(OperatorError::Conflict(format!(
            "nothing that tenant `{tenant}` published stands any more"
        )));
    }
    if shown.mails > said.mails {
        return Err(OperatorError::Conflict(format!(
            "{} people would be mailed, and not {}: look at it once more, and say how many",
            shown.mails, said.mails
        )));
    }
    let (by, reason) = (signed.by.trim(), signed.reason.trim());
    let what = format!("{} events of {} sessions are withdrawn: {reason}", shown.events, shown.sessions);
    audit::append(&app.ledger, tenant, by, &what).await?;
    let now = app.ledger.now().await?;
    let word = Word { by: by.to_owned(), at: now, mails: shown.mails };
    WORD.update(&app.ledger, tenant, |_| Some(word.clone())).await?;
    show(app, tenant).await
}

/// Messages for what is to be called off; none where nobody has asked for it.
pub(super) async fn plan(app: &AppContext, tenant: &TenantName) -> Result<Vec<Sessions>, StoreError> {
    let ledger = &app.ledger;
    let Some(word) = WORD.read(ledger, tenant).await? else { return Ok(Vec::new()) };
    let all = standing(ledger, tenant).await?;
    let mails = all.iter().map(|one| one.mails).sum();
    if mails > word.mails {
        let what = "It would mail more people than was shown: it waits for another word";
        end(ledger, tenant, what).await?;
        return Ok(Vec::new());
    }
    if all.is_empty() {
        // Shut first: killed in between, the next round does the rest.
        send_gate::shut(ledger, tenant).await?;
        WORD.remove(ledger, tenant).await?;
        return Ok(Vec::new());
    }
    let count = |known: Option<&Word>| {
        let known = known.filter(|known| known.mails != mails)?;
        Some(Word { mails, ..known.clone() })
    };
    WORD.update(ledger, tenant, count).await?;
    let (now, rewake) = (ledger.now().await?, app.timing.rewake);
    let is_asleep = |one: &Standing| one.woken_at.is_none_or(|at| at + rewake <= now);
    let due = all.into_iter().filter(is_asleep).take(SESSIONS);
    let sessions: Vec<SessionId> = due.map(|one| one.session).collect();
    let wake = |row: Option<&SourceSession>| Some(SourceSession { woken_at: Some(now), ..row?.clone() });
    let woken: Vec<_> = sessions.iter().map(|id| source_sessions::update(ledger, tenant, id, wake)).collect();
    let _: Vec<_> = stream::iter(woken).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
    Ok(Sessions::of_each(tenant, SessionsTask::Withdraw, &sessions).collect())
}

/// Publishing is not off any more.
pub(super) async fn forget(app: &AppContext, tenant: &TenantName) -> Result<(), StoreError> {
    match WORD.read(&app.ledger, tenant).await? {
        Some(_) => end(&app.ledger, tenant, "Publishing is not off any more: nothing is withdrawn").await,
        None => Ok(()),
    }
}

async fn end(ledger: &Ledger, tenant: &TenantName, what: &str) -> Result<(), StoreError> {
    audit::append(ledger, tenant, "regrets", what).await?;
    WORD.remove(ledger, tenant).await
}

/// Somebody has asked for it, and publishing is off still.
pub(super) async fn is_asked(app: &AppContext, tenant: &TenantName) -> Result<bool, StoreError> {
    Ok(WORD.read(&app.ledger, tenant).await?.is_some())
}
