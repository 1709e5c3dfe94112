//! What is to be told to one who is told: the alerts of their tenants, each planned by itself.

use crate::config::AlertRoute;
use crate::ids::TenantName;
use crate::jobs::alerts::plan::{Actual, Known, Policy, Step, plan};
use crate::jobs::context::AppContext;
use crate::ledger::alert_changes::{self, AlertChanges, CONNECTED};
use crate::ledger::alert_kind::AlertKind;
use crate::ledger::alert_outbox::{Item, News};
use crate::ledger::alert_severity::severity;
use crate::ledger::alerts::{self, Alert};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use futures::future::join_all;
use std::collections::BTreeMap;

/// Tenants that are read side by side.
const TENANTS_AT_ONCE: usize = 8;

/// More go into the next message.
const MOST: usize = 500;

/// Whose alerts are told to the deployment's own channels, or to a tenant's.
pub(super) fn tenants<'a>(app: &'a AppContext, route: Option<&'a TenantName>) -> Vec<&'a TenantName> {
    let own = &app.alerts.routes.tenants;
    app.tenants
        .keys()
        .filter(|name| match route {
            Some(route) => *name == route,
            None => !own.contains_key(*name),
        })
        .collect()
}

/// The most severe first.
pub(super) async fn news(
    app: &AppContext,
    route: Option<&TenantName>,
    settings: &AlertRoute,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Item> {
    let mut items = Vec::new();
    for some in tenants(app, route).chunks(TENANTS_AT_ONCE) {
        let read = join_all(some.iter().map(|name| of_tenant(app, name, settings, since, now))).await;
        for (name, read) in some.iter().zip(read) {
            match read {
                Ok(read) => items.extend(read),
                // It stands in the ledger: the next minute tries again.
                Err(trouble) => {
                    tracing::warn!(tenant = %name, %trouble, "what is to be told of alerts can't be read");
                }
            }
        }
    }
    items.sort_by_key(|item| std::cmp::Reverse(AlertKind::of(&item.kind).map(severity)));
    items.truncate(MOST);
    items
}

async fn of_tenant(
    app: &AppContext,
    name: &TenantName,
    settings: &AlertRoute,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Vec<Item>, StoreError> {
    let changes: BTreeMap<String, AlertChanges> =
        alert_changes::all(&app.ledger, name).await?.into_iter().collect();
    let open: BTreeMap<AlertKind, Alert> =
        alerts::open(&app.ledger, name).await?.into_iter().map(|alert| (alert.kind, alert)).collect();
    let policy = Policy { settle: app.timing.alert_settle, digest: settings.digest, remind: settings.remind };
    let of_kind = |kind: &AlertKind| {
        let (changes, open) = (changes.get(kind.as_str()), open.get(kind));
        let known = Known {
            told: changes.and_then(|changes| changes.told.as_ref()),
            lately: changes.and_then(|changes| changes.lately),
            since,
        };
        let actual = actual(changes, open);
        match plan(&actual, known, now, &policy) {
            Step::Say(news) => Some(Item {
                tenant: name.clone(),
                kind: kind.as_str().to_owned(),
                news,
                is_open: actual.is_open,
                opened: actual.opened,
                count: open.map_or(0, |open| open.count),
                since: open.map(|open| open.since),
                note: None,
            }),
            Step::Wait(_) | Step::Rest => None,
        }
    };
    let mut items: Vec<Item> =
        AlertKind::ALL.iter().filter(|kind| settings.tells(**kind)).filter_map(of_kind).collect();
    items.extend(changes.get(CONNECTED).filter(|connected| connected.told.is_none()).map(|connected| Item {
        tenant: name.clone(),
        kind: CONNECTED.to_owned(),
        news: News::Connected,
        is_open: true,
        opened: 1,
        count: 1,
        since: Some(connected.changed),
        note: connected.note.clone(),
    }));
    Ok(items)
}

fn actual(changes: Option<&AlertChanges>, open: Option<&Alert>) -> Actual {
    Actual {
        is_open: open.is_some(),
        is_acknowledged: open.is_some_and(|open| open.acknowledged.is_some()),
        // One that an older build opened was noted by nobody.
        opened: changes.map_or(0, |changes| changes.opened).max(u64::from(open.is_some())),
        changed: changes.map(|changes| changes.changed).or(open.map(|open| open.since)),
        untold: changes.and_then(|changes| changes.untold),
    }
}
