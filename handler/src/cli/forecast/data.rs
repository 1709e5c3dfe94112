//! The forecast as data.

use crate::config::Tenant;
use crate::jobs::operate::forecast::between::Between;
use crate::jobs::operate::forecast::outcome::{Assumed, Forecast};
use serde_json::{Map, Value, json};

/// Hundredths: what is behind them says nothing.
fn number(value: f64) -> Value {
    json!((value * 100.0).round() / 100.0)
}

fn between(count: Between) -> Value {
    json!({ "least": number(count.least), "most": number(count.most) })
}

fn numbers<'a>(all: impl IntoIterator<Item = (&'a str, f64)>) -> Value {
    Value::Object(all.into_iter().map(|(name, value)| (name.to_owned(), number(value))).collect())
}

pub(super) fn data(tenant: &Tenant, assumed: &Assumed, found: &Forecast) -> Value {
    let (size, cost) = (&assumed.size, &found.cost);
    let by_kind: Map<String, Value> =
        found.requests.0.iter().map(|(kind, count)| (kind.name().to_owned(), between(*count))).collect();
    let by_function: Map<String, Value> = found
        .executions
        .by_function()
        .into_iter()
        .map(|(name, count)| (name.to_owned(), between(count)))
        .collect();
    let limits = found.limits.iter().map(|limit| {
        json!({
            "name": limit.name, "whose": limit.whose, "limit": limit.limit, "unit": limit.unit,
            "used": number(limit.used), "percent": number(limit.percent()),
            "head_room": limit.factor().is_finite().then(|| number(limit.factor())),
        })
    });
    json!({
        "tenant": tenant.name.as_str(),
        "assumed": numbers([
            ("mailboxes", size.mailboxes),
            ("organizers", size.organizers),
            ("sessions_a_day", size.sessions),
            ("learners_a_session", size.learners),
            ("changes_a_mailbox_and_day", size.changes),
            ("declines_a_day", size.declines),
            ("moved_a_day", size.moved),
            ("events_a_calendar", size.events),
            ("lead_days", size.lead_days),
            ("length_hours", size.length_hours),
            ("removed", size.removed),
            ("busiest_hour", assumed.peak.busiest_hour),
            ("memory_mb", assumed.instances.memory_mb),
            ("always_ready", assumed.instances.always_ready),
        ]),
        "requests_a_day": { "all": between(found.requests.all()), "by_kind": by_kind },
        "busiest": numbers([
            ("requests_an_hour", found.busiest_hour),
            ("requests_a_minute", found.busiest_hour / 60.0),
        ]),
        "limits": limits.collect::<Vec<_>>(),
        "first_limit": found.first.as_ref().map(|first| {
            json!({ "name": first.limit, "whose": first.whose, "mailboxes": first.mailboxes.round() })
        }),
        "executions_a_day": {
            "all": number(found.executions.all()),
            "by_function": by_function,
            "gigabyte_seconds": number(found.gigabyte_seconds),
        },
        "storage_transactions_a_day": {
            "all": number(found.storage.all()),
            "by_kind": numbers(found.storage.by_kind()),
        },
        "cost_a_month": {
            "all": number(cost.all()),
            "by_resource": numbers([
                ("always_ready", cost.always_ready),
                ("executions", cost.executions),
                ("storage", cost.storage),
                ("log", cost.log),
            ]),
            "currency": "USD",
            "prices_of": assumed.prices.as_of,
            "rough": true,
        },
    })
}
