//! What a person decides: approve, ignore, retry, the valve, a resync. Each deed names who and why, and lands in the audit.

use crate::config::nearest_name;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::operator_decision;
use crate::jobs::alerting;
use crate::ledger::{enrolment_ids, valves};

use crate::enrolment::operator_decision::PersonsWord;
use crate::enrolment::valve::ValveState;
use crate::ids::{SessionId, TenantName, UserId, hash};
use crate::jobs::cancel::brake;
use crate::jobs::context::Office;
use crate::jobs::operate::held_back::Held;
use crate::ledger::agenda::stamp;

use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::audit::Activity;
use crate::ledger::enrolment_ids::Named;
use crate::ledger::enrolments;
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::store::{StoreError, Table, typed};
use serde::Deserialize;
use thiserror::Error;

/// Who does it and why. Both are compulsory: an audit without them is none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    pub by: String,
    pub reason: String,
}

/// Longest name and reason that are kept.
const MOST: usize = 500;

impl Signed {
    pub fn check(&self) -> Result<(), Refusal> {
        for (name, text) in [("by", &self.by), ("reason", &self.reason)] {
            if text.trim().is_empty() {
                return Err(Refusal::Wrong(format!(
                    "`{name}` is empty; say {}",
                    if name == "by" { "who you are" } else { "why" }
                )));
            }
            if text.chars().count() > MOST {
                return Err(Refusal::Wrong(format!("`{name}` has more than {MOST} characters")));
            }
        }
        Ok(())
    }
}

/// Why a deed was not done; each a sentence for the person.
#[derive(Debug, Error)]
pub enum Refusal {
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
pub async fn decide(office: &Office, id: &str, word: PersonsWord, signed: &Signed) -> Result<Enrolment, Refusal> {
    decide_late(office, id, word, signed, false).await
}

/// The same; `late`: even after the deadline.
pub async fn decide_late(
    office: &Office,
    id: &str,
    word: PersonsWord,
    signed: &Signed,
    late: bool,
) -> Result<Enrolment, Refusal> {
    signed.check()?;
    let unknown = || {
        Refusal::NotFound(
            "there is no enrolment with this id; `regrets ledger list` and GET enrolments show them all".to_owned(),
        )
    };
    let named = enrolment_ids::named(id).ok_or_else(unknown)?;
    let at = &named.at;
    let known = enrolments::load(office.ledger.tables.as_ref(), at).await?.ok_or_else(unknown)?.value;
    let now = office.ledger.clock.now();
    let behind = Held::of(office, &known.tenant).await?.why(&known.learner);
    let (mut refusal, mut before) = (None, None);
    let row = enrolments::update(office.ledger.tables.as_ref(), at, |row| {
        let decided = match is_of_another(&named, row) {
            Some(why) => Err(why),
            None => {
                operator_decision::by_person(row, word, signed.by.trim(), signed.reason.trim(), behind.as_deref(), now)
            }
        };
        let decided = decided.and_then(|next| match office.desks.get(&next.tenant) {
            Some(desk) => operator_decision::lately(next, word, late, &desk.tenant.policy, now),
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
        (Some(_), Some(why)) => Err(Refusal::Conflict(why)),
        (Some(row), None) => {
            if let Some(before) = before {
                alerting::left(office, &before, Some(&row)).await?;
            }
            Ok(row)
        }
    }
}

/// An id that an LMS was given names one decision: what was said of that must not settle another one.
fn is_of_another(named: &Named, row: &Enrolment) -> Option<String> {
    let newest = (row.generation, row.number());
    let other = named.generation.is_some_and(|generation| generation != newest.0)
        || named.decision.is_some_and(|decision| decision != newest.1);
    other.then(|| {
        let (id, (generation, decision)) = (enrolment_ids::id_of(&named.at), newest);
        format!(
            "this id names an older decision: the place is in generation {generation} by now, and its newest decision is \
             {decision}; read its story, and decide with the id {id}"
        )
    })
}

/// What a person may set the valve to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wish {
    Open,
    Stopped,
}

/// Opens or stops the valve. Opening also releases the brake, a broken credential and a gone endpoint: whoever opens says that
/// it is mended.
pub async fn set_valve(office: &Office, tenant: &TenantName, wish: Wish, signed: &Signed) -> Result<(), Refusal> {
    signed.check()?;
    known(office, tenant)?;
    let now = office.ledger.clock.now();
    // The audit first: a deed that nobody signed would be worse than a line about one that a kill prevented.
    let word = match wish {
        Wish::Open => "The valve is opened",
        Wish::Stopped => "The valve is stopped",
    };
    audit(office, tenant, signed, word).await?;
    let why = format!("{} (by {})", signed.reason.trim(), signed.by.trim());
    valves::change_valve(&office.ledger, tenant, now, |valve| {
        let mut next = valve.clone();
        match wish {
            Wish::Open => {
                next.open(now);
                next.opened = Some(now);
            }
            Wish::Stopped => next.close(ValveState::Stopped, why.clone(), now),
        }
        (next != *valve).then_some(next)
    })
    .await?;
    if wish == Wish::Open {
        for kind in alerting::OF_THE_VALVE.into_iter().chain([AlertKind::LmsAnswer]) {
            alerts::resolve(&office.ledger, tenant, kind).await?;
        }
        brake::release(office, tenant).await?;
    }
    Ok(())
}

/// A person has seen an alert: one whose end nobody else can see ends, any other is not said again until it grows.
pub async fn acknowledge_alert(
    office: &Office,
    tenant: &TenantName,
    kind: &str,
    signed: &Signed,
) -> Result<(), Refusal> {
    signed.check()?;
    known(office, tenant)?;
    let open: Vec<AlertKind> =
        alerts::open(&office.ledger, tenant).await?.into_iter().map(|alert| alert.kind).collect();
    let Some(kind) = open.iter().find(|known| **known == kind).copied() else {
        let open: Vec<&str> = open.iter().map(|kind| kind.as_str()).collect();
        let open = match open.as_slice() {
            [] => "there is no open alert".to_owned(),
            open => format!("these are: {}", open.join(", ")),
        };
        return Err(Refusal::NotFound(match AlertKind::of(kind) {
            Some(_) => format!("no alert `{kind}` is open; {open}"),
            None => format!("`{kind}` is no kind of alert{}; {open}", nearest_kind(kind)),
        }));
    };
    audit(office, tenant, signed, &format!("The alert {kind} is acknowledged")).await?;
    Ok(alerts::acknowledge(&office.ledger, tenant, kind, signed.by.trim()).await?)
}

fn nearest_kind(typed: &str) -> String {
    let near = nearest_name(typed, &AlertKind::ALL.map(AlertKind::as_str));
    near.map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default()
}

/// Has one mailbox, or all of a tenant, compared anew by the next planning round. Gives how many are marked.
pub async fn ask_resync(
    office: &Office,
    tenant: &TenantName,
    user: Option<&UserId>,
    signed: &Signed,
) -> Result<usize, Refusal> {
    signed.check()?;
    known(office, tenant)?;
    let tables = office.ledger.tables.as_ref();
    let now = office.ledger.clock.now();
    let mark = |row: &MailboxRow| Some(MailboxRow { resync_wanted: Some(now), ..row.clone() });
    let marked = match user {
        Some(user) if mailboxes::update(tables, tenant, user, |row| mark(row?)).await?.is_some() => 1,
        Some(_) => {
            let step = "this mailbox is not watched; give the object id of a watched user";
            return Err(Refusal::NotFound(step.to_owned()));
        }
        None => mailboxes::change_all(&office.ledger, tenant, mark).await?,
    };
    audit(office, tenant, signed, &format!("A resync of {} is asked for", counted(marked, "mailbox", "mailboxes")))
        .await?;
    Ok(marked)
}

/// `1 mailbox`, `2 mailboxes`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn known(office: &Office, tenant: &TenantName) -> Result<(), Refusal> {
    match office.desks.contains_key(tenant) {
        true => Ok(()),
        false => Err(Refusal::NotFound(format!("tenant `{tenant}` is not configured"))),
    }
}

async fn audit(office: &Office, tenant: &TenantName, signed: &Signed, what: &str) -> Result<(), StoreError> {
    let at = office.ledger.clock.now();
    let by = signed.by.trim().to_owned();
    let activity = Activity {
        tenant: tenant.clone(),
        enrolment: "-".to_owned(),
        session: SessionId::new("-"),
        generation: 0,
        n: 0,
        at,
        text: format!("{what}: {}", signed.reason.trim()),
        by,
    };
    let key = format!("{}~{}", stamp(at), hash(&format!("{what}{}", uuid::Uuid::new_v4())));
    let partition = format!("{tenant}~{}", at.format("%Y-%m-%d"));
    typed::insert_if_absent(office.ledger.tables.as_ref(), Table::Activity, &partition, &key, &activity).await?;
    Ok(())
}
