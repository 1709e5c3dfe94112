//! Lets time pass in the ledger, so that no suite waits for a lease of three minutes, or has to act within a
//! grace.
//!
//! [`let_time_pass`]: claims, looks and postponed hints that are due later become due now, and mailboxes that
//! somebody tends or that rest after a failure are due at once. For a quiet stage: nobody may be at work on
//! what is claimed. [`hurry`]: one decision's grace is over; [`begin_now`]: one session begins, whatever the
//! others do. [`impatiently`]: beside whoever is at work, what was put off for half a minute or more comes
//! after seconds.

use crate::queue_depths;
use chrono::{DateTime, Utc};
use regrets::clock::{SystemClock, whole_millis};
use regrets::enrolment::enrolment::Enrolment;
use regrets::enrolment::part::Part;
use regrets::enrolment::transitions::State;
use regrets::enrolment::wakeups::{WakeUp, WakeUpKind};
use regrets::ids::{LearnerKey, SessionId, TenantName};
use regrets::ledger::agenda::{AgendaRow, look_partition};
use regrets::ledger::mailboxes::{self, MailboxRow};
use regrets::ledger::{Ledger, agenda, enrolments, sessions};
use regrets::messages::EnrolmentRef;
use regrets::store::typed::{self, Read};
use regrets::store::{RowRange, StoreError, Table};
use simulator::stage::Stage;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The stage's ledger, beside whoever works on it.
pub fn ledger_of(stage: &Stage) -> Ledger {
    Ledger { tables: stage.ledger().unwrap(), clock: Arc::new(SystemClock) }
}

/// Every enrolment as it is stored.
pub async fn enrolments(ledger: &Ledger) -> Result<Vec<Read<Enrolment>>, StoreError> {
    let mut rows = Vec::new();
    for session in sessions::sessions(ledger, &tenant()).await? {
        rows.extend(
            typed::scan(
                ledger.tables.as_ref(),
                Table::Enrolments,
                &session.partition,
                RowRange::all(),
                usize::MAX,
            )
            .await?,
        );
    }
    Ok(rows)
}

fn tenant() -> TenantName {
    TenantName::new("contoso")
}

/// What stands on the agenda because it could not be judged, or not yet.
#[derive(Debug, Default)]
pub struct Postponed {
    pub looks: usize,
    pub hints: usize,
}

pub async fn postponed(stage: &Stage) -> Postponed {
    let ledger = ledger_of(stage);
    let mut postponed = Postponed::default();
    for row in agenda(&ledger).await.unwrap() {
        match row.value.entry.what {
            WakeUpKind::Look { .. } => postponed.looks += 1,
            WakeUpKind::Hint { .. } => postponed.hints += 1,
            WakeUpKind::Cancel { .. } | WakeUpKind::Review { .. } => {}
        }
    }
    postponed
}

async fn agenda(ledger: &Ledger) -> Result<Vec<Read<AgendaRow>>, StoreError> {
    typed::scan(
        ledger.tables.as_ref(),
        Table::Agenda,
        &look_partition(&tenant()),
        RowRange::all(),
        usize::MAX,
    )
    .await
}

/// The grace of this learner's decision is over, if there is one that waits.
pub async fn hurry(ledger: &Ledger, session: &str, name: &str) {
    let learner = LearnerKey::new(crate::address(name));
    let now = whole_millis(Utc::now());
    enrolments::update(ledger, &EnrolmentRef::of(&tenant(), &SessionId::new(session), &learner), |row| {
        let early = row.state == State::Waiting && row.attempt.due.is_some_and(|due| due > now);
        early.then(|| {
            let mut next = row.clone();
            next.attempt.due = Some(now);
            next
        })
    })
    .await
    .unwrap();
}

/// The session begins at this moment, as far as the ledger knows.
pub async fn begin_now(ledger: &Ledger, session: &str, name: &str) {
    let learner = LearnerKey::new(crate::address(name));
    let now = whole_millis(Utc::now());
    let (start, end) = (Some(now), Some(now + chrono::Duration::hours(2)));
    enrolments::update(ledger, &EnrolmentRef::of(&tenant(), &SessionId::new(session), &learner), |row| {
        let mut next = Enrolment { start, end, ..row.clone() };
        for part in &mut next.parts {
            (part.start, part.end) = (start, end);
            // It was gone before.
            part.unexplained_since =
                part.unexplained_since.map(|since| since.min(now - chrono::Duration::seconds(1)));
        }
        Some(next)
    })
    .await
    .unwrap();
}

pub async fn let_time_pass(stage: &Stage) {
    pass(&ledger_of(stage)).await.unwrap();
}

/// What suites wait for by themselves: no settling takes so long.
const SOON: chrono::Duration = chrono::Duration::seconds(4);
/// How long what is put off stands at least, so that whoever may tell of it first has the time.
const STANDS: std::time::Duration = std::time::Duration::from_secs(2);

/// Does this work; meanwhile looks and hints that were put off for longer than [`SOON`] are due when they
/// have stood for [`STANDS`].
pub async fn impatiently<T>(stage: &Stage, work: impl Future<Output = T>) -> T {
    let ledger = ledger_of(stage);
    let hastening = async {
        let mut stood = BTreeSet::new();
        loop {
            tokio::time::sleep(STANDS).await;
            // A busy machine has enough to do: what stands goes on standing.
            if !queue_depths(stage).await.is_empty() {
                continue;
            }
            // Whoever is at work comes between now and then: there is another time.
            stood = hasten(&ledger, &stood).await.unwrap_or_default();
        }
    };
    tokio::select! {
        done = work => done,
        never = hastening => never,
    }
}

/// What is put off for long, by name and when it is due; what was among it the last time is due now.
async fn hasten(ledger: &Ledger, stood: &BTreeSet<PutOff>) -> Result<BTreeSet<PutOff>, StoreError> {
    let now = whole_millis(Utc::now());
    let mut found = BTreeSet::new();
    for row in enrolments(ledger).await? {
        let at = row.value.reference();
        let of = |part: &Part| {
            part.look.filter(|look| *look > now + SOON).map(|look| (format!("{at:?} {}", part.key), look))
        };
        found.extend(row.value.parts.iter().filter_map(of));
        if row.value.parts.iter().filter_map(of).any(|look| stood.contains(&look)) {
            enrolments::update(ledger, &at, |row| {
                let mut next = row.clone();
                for part in &mut next.parts {
                    if of(part).is_some_and(|look| stood.contains(&look)) {
                        part.look = Some(now);
                    }
                }
                (next != *row).then_some(next)
            })
            .await?;
        }
    }
    for look in agenda(ledger).await? {
        if let WakeUpKind::Hint { .. } = &look.value.entry.what
            && look.value.entry.due > now + SOON
        {
            let hint = (look.value.entry.reference().row, look.value.entry.due);
            if stood.contains(&hint) {
                bring_forward(ledger, &look.value).await?;
            }
            found.insert(hint);
        }
    }
    Ok(found)
}

type PutOff = (String, DateTime<Utc>);

/// This entry of the agenda is due now.
async fn bring_forward(ledger: &Ledger, look: &AgendaRow) -> Result<(), StoreError> {
    let early = WakeUp { due: whole_millis(Utc::now()), ..look.entry.clone() };
    agenda::schedule(ledger, &early, look.trace.as_deref()).await?;
    agenda::forget(ledger, &look.entry.reference()).await
}

async fn pass(ledger: &Ledger) -> Result<(), StoreError> {
    let now = whole_millis(Utc::now());
    for row in enrolments(ledger).await? {
        enrolments::update(ledger, &row.value.reference(), |row| {
            let mut next = row.clone();
            if let Some(claim) = &mut next.attempt.claim {
                claim.until = claim.until.min(now);
            }
            for look in next.parts.iter_mut().filter_map(|part| part.look.as_mut()) {
                *look = now.min(*look);
            }
            (next != *row).then_some(next)
        })
        .await?;
    }
    for look in agenda(ledger).await? {
        if let WakeUpKind::Hint { .. } = &look.value.entry.what
            && look.value.entry.due > now
        {
            bring_forward(ledger, &look.value).await?;
        }
    }
    for row in mailboxes::all(ledger, &tenant()).await? {
        mailboxes::update(ledger, &tenant(), &row.user, |row| {
            let row = row?;
            let due = if row.failures > 0 { row.due.min(now) } else { row.due };
            let next = MailboxRow { leased_until: None, due, ..row.clone() };
            (next != *row).then_some(next)
        })
        .await?;
    }
    Ok(())
}
