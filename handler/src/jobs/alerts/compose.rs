//! From what is to be told to a message: our own words only. What a tenant's LMS or Graph has said stands in
//! the alert, for who may read it there, and leaves by no channel.

use crate::ledger::alert_kind::AlertKind;
use crate::ledger::alert_outbox::{Item, News, Outgoing};
use crate::ledger::alert_severity::{Severity, severity};
use crate::notify::message::{Line, Message};
use chrono::{DateTime, Utc};

pub fn message(outgoing: &Outgoing, deployment: &str) -> Message {
    Message {
        id: outgoing.id.clone(),
        made: outgoing.made,
        deployment: deployment.to_owned(),
        alerts: outgoing.items.iter().map(line).collect(),
        is_test: false,
    }
}

/// To see whether it arrives.
pub fn test(id: &str, now: DateTime<Utc>, deployment: &str) -> Message {
    let deployment = deployment.to_owned();
    Message { id: id.to_owned(), made: now, deployment, alerts: Vec::new(), is_test: true }
}

fn line(item: &Item) -> Line {
    let kind = AlertKind::of(&item.kind);
    let (event, times) = match item.news {
        News::Opened => ("opened", 1),
        News::Ended => ("ended", 0),
        News::Changed { times } => ("changed", times),
        News::Reminder => ("reminder", 0),
        News::Connected => ("connected", 1),
    };
    let step = match (kind, &item.note) {
        (Some(kind), _) => kind.step(),
        (None, Some(note)) => note,
        (None, None) => "",
    };
    Line {
        tenant: item.tenant.to_string(),
        kind: item.kind.clone(),
        severity: kind.map_or(Severity::Notice, severity).word().to_owned(),
        event,
        is_open: item.is_open,
        count: item.count,
        times,
        since: item.since,
        step: step.to_owned(),
    }
}

#[cfg(test)]
#[path = "compose_tests.rs"]
mod tests;
