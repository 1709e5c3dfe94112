//! What a person decides: approve, ignore, retry, the valve, a resync. Each decision names who and why, and
//! lands in the audit.

use crate::config::nearest_name;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::operator_decision;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::valve::ValveState;
use crate::ids::{TenantName, UserId};
use crate::jobs::alerting;
use crate::jobs::cancel::brake;
use crate::jobs::context::AppContext;
use crate::jobs::operate::held_back::Held;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::enrolment_ids::NamedEnrolment;
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::ledger::{audit, enrolment_ids, enrolments, valves};
use crate::store::StoreError;
use serde::Deserialize;
use thiserror::Error;

/// Who does it and why. Both are compulsory: an audit without them is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribution {
    pub by: String,
    pub reason: String,
}

/// Longest name and reason that are kept.
const MOST: usize = 500;

impl Attribution {
    pub fn check(&self) -> Result<(), OperatorError> {
        for (name, text) in [("by", &self.by), ("reason", &self.reason)] {
            if text.trim().is_empty() {
                return Err(OperatorError::Wrong(format!(
                    "`{name}` is empty; say {}",
                    if name == "by" { "who you are" } else { "why" }
                )));
            }
            if text.chars().count() > MOST {
                return Err(OperatorError::Wrong(format!("`{name}` has more than {MOST} characters")));
            }
        }
        Ok(())
    }
}

/// Why a decision was not carried out; each a sentence for the person.
#[derive(Debug, Error)]
pub enum OperatorError {
    #[error("{0}")]
    Wrong(String),
    #[error("{0}")]
    NotFound(String),
    /// It makes no sense in the state that things are in.
    #[error("{0}")]
    Conflict(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Settles what waits for a person, or tries again now.
pub async fn decide(
    app: &AppContext,
    id: &str,
    word: OperatorDecision,
    signed: &Attribution,
) -> Result<Enrolment, OperatorError> {
    decide_late(app, id, word, signed, false).await
}

/// The same; `late`: even after the deadline.
pub async fn decide_late(
    app: &AppContext,
    id: &str,
    word: OperatorDecision,
    signed: &Attribution,
    late: bool,
) -> Result<Enrolment, OperatorError> {
    signed.check()?;
    let unknown = || {
        OperatorError::NotFound(
            "there is no enrolment with this id; `regrets ledger list` and GET enrolments show them all"
                .to_owned(),
        )
    };
    let named = enrolment_ids::named(id).ok_or_else(unknown)?;
    let at = &named.at;
    let known = enrolments::load(&app.ledger, at).await?.ok_or_else(unknown)?.value;
    let now = app.ledger.clock.now();
    let behind = Held::of(app, &known.tenant).await?.why(&known.learner);
    let (mut refusal, mut before) = (None, None);
    let row = enrolments::update(&app.ledger, at, |row| {
        let decided = match is_of_another(&named, row) {
            Some(why) => Err(why),
            None => operator_decision::by_operator(
                row,
                word,
                signed.by.trim(),
                signed.reason.trim(),
                behind.as_deref(),
                now,
            ),
        };
        let decided = decided.and_then(|next| match app.tenants.get(&next.tenant) {
            Some(context) => operator_decision::after_deadline(next, word, late, &context.tenant.policy, now),
            None => Ok(next),
        });
        match decided {
            Ok(next) => {
                refusal = None;
                before = Some(row.clone());
                Some(next)
            }
            Err(why) => {
                refusal = Some(why);
                None
            }
        }
    })
    .await?;
    match (row, refusal) {
        (None, _) => Err(unknown()),
        (Some(_), Some(why)) => Err(OperatorError::Conflict(why)),
        (Some(row), None) => {
            if let Some(before) = before {
                alerting::resolve_causes(app, &before, Some(&row)).await?;
            }
            Ok(row)
        }
    }
}

/// An id that an LMS was given names one decision: what was said of that must not settle another one.
fn is_of_another(named: &NamedEnrolment, row: &Enrolment) -> Option<String> {
    let newest = (row.generation, row.number());
    let other = named.generation.is_some_and(|generation| generation != newest.0)
        || named.decision.is_some_and(|decision| decision != newest.1);
    other.then(|| {
        let (id, (generation, decision)) = (enrolment_ids::id_of(&named.at), newest);
        format!(
            "this id names an older decision: the place is in generation {generation} by now, and its newest \
             decision is \
             {decision}; read its story, and decide with the id {id}"
        )
    })
}

/// What a person may set the valve to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValveCommand {
    Open,
    Stopped,
}

/// Opens or stops the valve. Opening also releases the brake, a broken credential and a gone endpoint:
/// whoever opens says that it is mended.
pub async fn set_valve(
    app: &AppContext,
    tenant: &TenantName,
    wish: ValveCommand,
    signed: &Attribution,
) -> Result<(), OperatorError> {
    signed.check()?;
    known(app, tenant)?;
    let now = app.ledger.clock.now();
    // The audit first: a decision that nobody signed would be worse than a line about one that a kill
    // prevented.
    let word = match wish {
        ValveCommand::Open => "The valve is opened",
        ValveCommand::Stopped => "The valve is stopped",
    };
    audit(app, tenant, signed, word).await?;
    let why = format!("{} (by {})", signed.reason.trim(), signed.by.trim());
    valves::change_valve(&app.ledger, tenant, now, |valve| {
        let mut next = valve.clone();
        match wish {
            ValveCommand::Open => {
                next.open(now);
                next.opened = Some(now);
            }
            ValveCommand::Stopped => next.close(ValveState::Stopped, why.clone(), now),
        }
        (next != *valve).then_some(next)
    })
    .await?;
    if wish == ValveCommand::Open {
        for kind in alerting::OF_THE_VALVE.into_iter().chain([AlertKind::LmsAnswer]) {
            alerts::resolve(&app.ledger, tenant, kind).await?;
        }
        brake::release(app, tenant).await?;
    }
    Ok(())
}

/// A person has seen an alert: one whose end nobody else can see ends, any other is not said again until it
/// grows.
pub async fn acknowledge_alert(
    app: &AppContext,
    tenant: &TenantName,
    kind: &str,
    signed: &Attribution,
) -> Result<(), OperatorError> {
    signed.check()?;
    known(app, tenant)?;
    let open: Vec<AlertKind> =
        alerts::open(&app.ledger, tenant).await?.into_iter().map(|alert| alert.kind).collect();
    let Some(kind) = open.iter().find(|known| **known == kind).copied() else {
        let open: Vec<&str> = open.iter().map(|kind| kind.as_str()).collect();
        let open = match open.as_slice() {
            [] => "there is no open alert".to_owned(),
            open => format!("these are: {}", open.join(", ")),
        };
        return Err(OperatorError::NotFound(match AlertKind::of(kind) {
            Some(_) => format!("no alert `{kind}` is open; {open}"),
            None => format!("`{kind}` is no kind of alert{}; {open}", nearest_kind(kind)),
        }));
    };
    audit(app, tenant, signed, &format!("The alert {kind} is acknowledged")).await?;
    Ok(alerts::acknowledge(&app.ledger, tenant, kind, signed.by.trim()).await?)
}

fn nearest_kind(typed: &str) -> String {
    let known: Vec<_> = AlertKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let near = nearest_name(typed, &known);
    near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default()
}

/// Has one mailbox, or all of a tenant, compared anew by the next planning round. Gives how many are marked.
pub async fn ask_resync(
    app: &AppContext,
    tenant: &TenantName,
    user: Option<&UserId>,
    signed: &Attribution,
) -> Result<usize, OperatorError> {
    signed.check()?;
    known(app, tenant)?;
    let ledger = &app.ledger;
    let now = app.ledger.clock.now();
    let mark = |row: &MailboxRow| Some(MailboxRow { resync_wanted: Some(now), ..row.clone() });
    let marked = match user {
        Some(user) if mailboxes::update(ledger, tenant, user, |row| mark(row?)).await?.is_some() => 1,
        Some(_) => {
            let step = "this mailbox is not watched; give the object id of a watched user";
            return Err(OperatorError::NotFound(step.to_owned()));
        }
        None => mailboxes::change_all(&app.ledger, tenant, mark).await?,
    };
    audit(
        app,
        tenant,
        signed,
        &format!("A resync of {} is asked for", counted(marked, "mailbox", "mailboxes")),
    )
    .await?;
    Ok(marked)
}

/// `1 mailbox`, `2 mailboxes`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn known(app: &AppContext, tenant: &TenantName) -> Result<(), OperatorError> {
    match app.tenants.contains_key(tenant) {
        true => Ok(()),
        false => Err(OperatorError::NotFound(format!("tenant `{tenant}` is not configured"))),
    }
}

pub(super) async fn audit(
    app: &AppContext,
    tenant: &TenantName,
    signed: &Attribution,
    what: &str,
) -> Result<(), StoreError> {
    audit::append(&app.ledger, tenant, signed.by.trim(), &format!("{what}: {}", signed.reason.trim())).await
}
