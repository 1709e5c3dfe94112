//! Messages for tests.

use super::message::{Line, Message};

pub(crate) fn line(tenant: &str, kind: &str, event: &'static str, is_open: bool) -> Line {
    Line {
        tenant: tenant.to_owned(),
        kind: kind.to_owned(),
        severity: "critical".to_owned(),
        event,
        is_open,
        count: 1,
        times: u64::from(is_open),
        since: is_open.then(|| "2026-11-21T10:00:00Z".parse().unwrap()),
        step: "Mend it *soon*, by <this> & that.".to_owned(),
    }
}

pub(crate) fn message(lines: impl IntoIterator<Item = Line>) -> Message {
    Message {
        id: "9b2f6f0e-3c1d-4f59-8a53-0f4f3f6b1a11".to_owned(),
        made: "2026-11-21T12:00:00Z".parse().unwrap(),
        deployment: "https://regrets.contoso.com".to_owned(),
        alerts: lines.into_iter().collect(),
        is_test: false,
    }
}
