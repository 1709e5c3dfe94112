//! How publishing goes for a tenant, and what would be mailed.

use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::operator::OperatorError;
use crate::jobs::operate::publish_json::{Counts, Held, Publishing, Source, Vanished, WaitingSession};
use crate::jobs::publish::vanish::{self, What};
use crate::jobs::publish::{send_gate, source_state};
use crate::ledger::source_sessions::{self, SourceSession, Weighed};
use crate::publishing::policy::PublishState;

/// Sessions that are shown one by one.
const SHOWN: usize = 100;

/// `None`: nothing is configured.
pub async fn told(app: &AppContext, context: &TenantContext) -> Result<Option<Publishing>, OperatorError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let Some(publish) = &context.tenant.publish else { return Ok(None) };
    let now = ledger.now().await?;
    let state = source_state::read(ledger, tenant).await?;
    let gate = send_gate::read(ledger, tenant).await?;
    let rows: Vec<SourceSession> = source_sessions::all(ledger, tenant)
        .await?
        .into_iter()
        .map(|read| read.value)
        .filter(|row| !row.is_over(now))
        .collect();
    let there = || rows.iter().filter(|row| row.gone.is_none());
    let mut waiting: Vec<(&SourceSession, Weighed)> = rows
        .iter()
        .filter_map(|row| Some((row, row.weighed.filter(|weighed| weighed.granted.is_none())?)))
        .collect();
    waiting.sort_by_key(|(row, _)| (row.session.start().is_none(), row.session.start()));
    let mut counts = Counts { sessions: waiting.len(), ..Counts::default() };
    for (_, weighed) in &waiting {
        counts.invitations += u64::from(weighed.invitations);
        counts.changes += u64::from(weighed.changes);
        counts.cancellations += u64::from(weighed.cancellations);
        counts.mails += u64::from(weighed.mails);
    }
    let mut vanished = Vec::new();
    for what in [What::Sessions, What::Places] {
        if let Some(held) = vanish::held_back(ledger, tenant, what).await? {
            vanished.push(Vanished {
                what: what.word().to_owned(),
                since: held.since.into(),
                missing: held.missing,
                known: held.known,
                is_named_anew: held.is_named_anew,
                confirmed_by: held.confirmed.map(|word| word.by),
            });
        }
    }
    let sessions = waiting.iter().take(SHOWN).map(|(row, weighed)| WaitingSession {
        session: row.session.id.to_string(),
        title: row.session.title.clone(),
        start: row.session.start().map(Into::into),
        invitations: weighed.invitations,
        changes: weighed.changes,
        cancellations: weighed.cancellations,
        mails: weighed.mails,
    });
    Ok(Some(Publishing {
        tenant: tenant.clone(),
        state: match publish.publisher.policy.state {
            PublishState::Off => "off",
            PublishState::Preview => "preview",
            PublishState::On => "on",
        }
        .to_owned(),
        source: Source {
            sessions: there().count(),
            places_unread: there().filter(|row| row.places_seen_at.is_none()).count(),
            read: state.read_at.map(Into::into),
            doubtful_since: state.doubtful_since.map(Into::into),
            doubts: state.doubts,
            not_understood: state.not_understood,
        },
        waiting: counts,
        not_counted: rows.iter().filter(|row| row.due.is_some() && row.weighed.is_none()).count(),
        held: gate.held.map(|held| Held {
            since: held.since.into(),
            sessions: held.sessions,
            mails: held.mails,
            is_first: gate.opened.is_none(),
        }),
        vanished,
        sessions: sessions.collect(),
    }))
}
