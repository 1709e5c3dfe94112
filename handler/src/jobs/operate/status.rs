//! What the management JSON tells (reference/rules.md#management): status, lists and stories. Reads only.

use crate::enrolment::attempt::{GiveBack, OutcomeKind};
use crate::enrolment::enrolment::{Enrolment, Line};
use crate::enrolment::lms_answer::OrderVerdict;
use crate::enrolment::operator_choices::choices;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::Valve;
use crate::enrolment::wakeups::{self, WakeUpKind};
use crate::ids::TenantName;
use crate::jobs::canary::told;
use crate::jobs::context::AppContext;
use crate::jobs::operate::consent::shown;
use crate::jobs::operate::held_back::Held;
use crate::jobs::operate::management_json;
use crate::jobs::operate::management_json::PAGE;
pub use crate::jobs::operate::management_json::{
    At, Choices, Item, List, Status, Story, TenantStatus, ValveStatus,
};
use crate::jobs::operate::{health, health_facts};
use crate::jobs::watch::blind_gaps::RELEASED;
use crate::ledger::enrolment_ids::NamedEnrolment;
use crate::ledger::{alerts, drops, enrolment_ids, enrolments, mailboxes, sessions, valves};
use crate::messages::EnrolmentRef;
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Utc};
use std::cmp::Ordering;
use std::collections::BTreeMap;

impl ValveStatus {
    pub fn of(valve: Valve) -> Self {
        Self { state: valve.state.word().to_owned(), why: valve.why, since: valve.since.into() }
    }
}

/// The open alerts of a tenant, as they are shown.
pub async fn open_alerts(
    app: &AppContext,
    name: &TenantName,
) -> Result<Vec<management_json::Alert>, StoreError> {
    let show = |alert: alerts::Alert| management_json::Alert {
        kind: alert.kind.to_string(),
        count: alert.count,
        since: alert.since.into(),
        step: alert.step,
        acknowledged: alert
            .acknowledged
            .map(|known| management_json::Acknowledged { at: known.at.into(), by: known.by }),
    };
    Ok(alerts::open(&app.ledger, name).await?.into_iter().map(show).collect())
}

pub async fn status(app: &AppContext) -> Result<Status, StoreError> {
    let mut tenants = BTreeMap::new();
    for name in app.tenants.keys() {
        tenants.insert(name.clone(), tenant(app, name).await?);
    }
    Ok(Status { version: env!("CARGO_PKG_VERSION").to_owned(), tenants })
}

pub async fn tenant(app: &AppContext, name: &TenantName) -> Result<TenantStatus, StoreError> {
    let ledger = &app.ledger;
    let now = app.ledger.clock.now();
    let mode = match app.tenants.get(name).map(|context| context.tenant.policy.mode) {
        Some(crate::enrolment::policy::PolicyMode::Act) => "act",
        Some(crate::enrolment::policy::PolicyMode::Observe) | None => "observe",
    };
    let mut facts = health_facts::of_tenant(app, name).await?;
    let valve = match valves::valve(&app.ledger, name, now).await {
        Ok(valve) => {
            facts.valve = Some((valve.state, valve.since));
            ValveStatus::of(valve)
        }
        // Others' status, and the rest of this one's, is told all the same.
        Err(corrupt @ StoreError::Corrupt { .. }) => {
            ValveStatus { state: "unreadable".to_owned(), why: corrupt.to_string(), since: now.into() }
        }
        Err(other) => return Err(other),
    };
    let mut counts: BTreeMap<String, usize> =
        State::ALL.iter().map(|state| (state.word().to_owned(), 0)).collect();
    let mut would_have: BTreeMap<String, usize> =
        OrderVerdict::ALL.iter().map(|verdict| (verdict.word().to_owned(), 0)).collect();
    for session in sessions::sessions(ledger, name).await? {
        let rows = enrolments::of_session(&app.ledger, name, &session.partition, RowRange::all()).await?;
        for row in rows.into_iter().filter(|row| !row.value.canary) {
            // Finished generations count among what would have happened, but they are no places.
            if !enrolments::is_archived(&row.row) {
                *counts.entry(row.value.state.word().to_owned()).or_default() += 1;
            }
            let observed =
                row.value.attempt.outcome.is_some_and(|end| end.kind == OutcomeKind::WouldHaveCancelled);
            if let (true, Some(decision)) = (observed, row.value.decision) {
                *would_have.entry(decision.verdict.word().to_owned()).or_default() += 1;
            }
        }
    }
    let mut mailboxes = BTreeMap::new();
    let mut gaps = 0;
    for row in mailboxes::all(ledger, name).await? {
        gaps += row.gaps;
        *facts.mailboxes.entry(row.state).or_default() += 1;
        *mailboxes.entry(row.state.word().to_owned()).or_default() += 1;
    }
    let blind = RELEASED.if_readable(&app.ledger, name).await?;
    Ok(TenantStatus {
        active: app.tenants.get(name).is_none_or(|context| context.tenant.active),
        mode: mode.to_owned(),
        secrets: app.tenants.get(name).and_then(|context| context.tenant.why_closed()),
        valve,
        counts,
        would_have_cancelled: would_have,
        blind: gaps + blind.map_or(0, |blind| blind.count),
        dropped: drops::counts(&app.ledger, name).await?,
        mailboxes,
        consent: shown::status(app, name).await?,
        canary: match app.tenants.get(name) {
            Some(context) => told::status(app, context).await?,
            None => None,
        },
        alerts: open_alerts(app, name).await?,
        health: Some(health::health(&facts)),
    })
}

fn item(row: &Enrolment, held: &Held) -> Item {
    let seen = row.verdict();
    Item {
        id: enrolment_ids::id_of(&row.reference()),
        tenant: row.tenant.clone(),
        session: row.session.as_str().to_owned(),
        canary: row.canary,
        state: row.state.word().to_owned(),
        generation: row.generation,
        verdict: seen.map(|seen| seen.verdict.word().to_owned()),
        evidence: seen.map(|seen| seen.source.word().to_owned()),
        start: row.start.map(At),
        due: next_by_itself(row).map(At),
        attempts: row.attempt.tries,
        outcome: row.attempt.outcome.as_ref().map(|outcome| outcome.kind.word().to_owned()),
        held: match row.attempt.give_back.as_ref().is_some_and(GiveBack::is_pending) {
            true => held.why(&row.learner),
            false => held.why_in(row.state, &row.learner),
        },
    }
}

/// When something is done about it next. What waits for a person is due at no time.
fn next_by_itself(row: &Enrolment) -> Option<DateTime<Utc>> {
    let all = wakeups::entries(row).into_iter();
    let mine = all.filter(|entry| match entry.what {
        WakeUpKind::Review { .. } => false,
        WakeUpKind::Look { .. } | WakeUpKind::Hint { .. } | WakeUpKind::Cancel { .. } => true,
    });
    mine.map(|entry| entry.due).min()
}

#[derive(Debug, Default)]
pub struct Filter {
    pub tenant: Option<String>,
    pub state: Option<String>,
    pub session: Option<String>,
    /// The learner key, as the LMS knows it.
    pub learner: Option<String>,
    pub after: Option<String>,
    /// Items per page.
    pub limit: Option<usize>,
}

/// The filter's word for enrolments whose learner wants a place back that was cancelled.
pub const TAKEN_BACK: &str = "taken-back";

fn is_in(row: &Enrolment, state: &str) -> bool {
    row.state.word() == state || (state == TAKEN_BACK && row.taken_back.is_some())
}

/// A page of enrolments, in the order of their ids.
pub async fn enrolments(app: &AppContext, filter: &Filter) -> Result<List<Item>, StoreError> {
    let ledger = &app.ledger;
    let after = filter.after.as_deref().and_then(enrolment_ids::by_id);
    let of_learner = |row: &Enrolment| {
        filter.learner.as_deref().is_none_or(|wanted| row.learner.as_str().eq_ignore_ascii_case(wanted))
    };
    let mut items = Vec::new();
    for name in app
        .tenants
        .keys()
        .filter(|name| filter.tenant.as_deref().is_none_or(|wanted| wanted == name.as_str()))
    {
        let after = match after_in(name, after.as_ref()) {
            After::Later => continue,
            After::Here(after) => Some(after),
            After::Earlier => None,
        };
        let held = Held::of(app, name).await?;
        let mut sessions = sessions::sessions(ledger, name).await?;
        sessions.retain(|session| {
            filter.session.as_deref().is_none_or(|wanted| wanted == session.session.as_str())
        });
        sessions.sort_by(|a, b| a.partition.cmp(&b.partition));
        for session in sessions {
            let Some(range) = rest_of(&session.partition, after) else { continue };
            let rows = enrolments::of_session(&app.ledger, name, &session.partition, range).await?;
            for row in rows.into_iter().filter(|row| !enrolments::is_archived(&row.row)) {
                let in_state = filter.state.as_deref().is_none_or(|wanted| is_in(&row.value, wanted));
                if !in_state || !of_learner(&row.value) {
                    continue;
                }
                if items.len() == filter.limit.unwrap_or(PAGE) {
                    let next = items.last().map(|item: &Item| item.id.clone());
                    return Ok(List { items, next });
                }
                items.push(item(&row.value, &held));
            }
        }
    }
    Ok(List { items, next: None })
}

/// Where the last item that was shown stands, seen from a tenant: tenants come in the order of their names,
/// whole, which is not the order of their partitions (`contoso2~` comes before `contoso~`).
enum After<'a> {
    /// In a later tenant: all of this one was shown.
    Later,
    Here(&'a EnrolmentRef),
    /// In an earlier tenant, or nothing was shown yet.
    Earlier,
}

fn after_in<'a>(name: &TenantName, after: Option<&'a EnrolmentRef>) -> After<'a> {
    let Some(after) = after else { return After::Earlier };
    let tenant = after.partition.split('~').next().unwrap_or_default();
    match tenant.cmp(name.as_str()) {
        Ordering::Greater => After::Later,
        Ordering::Equal => After::Here(after),
        Ordering::Less => After::Earlier,
    }
}

/// The rows of a partition that come after the last one that was shown; `None` when all of it was.
fn rest_of(partition: &str, after: Option<&EnrolmentRef>) -> Option<RowRange> {
    match after {
        Some(after) if partition < after.partition.as_str() => None,
        // '!' comes before every character of a key: the first key after this one.
        Some(after) if partition == after.partition => {
            Some(RowRange { from: Some(format!("{}!", after.row)), to: None })
        }
        Some(_) | None => Some(RowRange::all()),
    }
}

/// One enrolment with its story, finished generations first. Any id is good that an LMS was ever given.
pub async fn story(app: &AppContext, id: &str) -> Result<Option<Story>, StoreError> {
    let Some(NamedEnrolment { at, .. }) = enrolment_ids::named(id) else { return Ok(None) };
    let ledger = &app.ledger;
    let Some(current) = enrolments::load(ledger, &at).await? else { return Ok(None) };
    let finished = enrolments::archived(ledger, &at).await?;
    let row = &current.value;
    let item = item(row, &Held::of(app, &row.tenant).await?);
    let learner = row.learner.clone();
    let review = row.attempt.review.as_ref().map(|review| review.why.clone());
    let give_back = row.attempt.give_back.as_ref().map(|wanted| {
        let word = match (wanted.outcome, &wanted.claim) {
            (Some(outcome), _) => outcome.word(),
            (None, Some(_)) => "running",
            (None, None) => "wanted",
        };
        word.to_owned()
    });
    let lms = row.attempt.connector.clone().map(|by| management_json::Lms {
        connector: by.name,
        file: by.hash,
        before: row.attempt.lms_before.map(|seen| seen.word().to_owned()),
        after: row.attempt.lms_after.map(|seen| seen.word().to_owned()),
    });
    let policy = app.tenants.get(&row.tenant).map(|context| &context.tenant.policy);
    let choices = policy.and_then(|policy| choices(row, policy)).map(|found| Choices {
        approve: found.approve.to_owned(),
        ignore: found.ignore.to_owned(),
        until: found.until.map(At),
    });
    let line =
        |line: Line| management_json::Line { n: line.n, at: line.at.into(), by: line.by, text: line.text };
    let story = finished.into_iter().chain([current]).flat_map(|read| read.value.story).map(line).collect();
    Ok(Some(Story { item, learner, review, lms, give_back, choices, story }))
}
