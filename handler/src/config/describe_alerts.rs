//! Who is told of alerts, in plain sentences. Shows no secret, and no address of a person.

use super::{AlertChannel, AlertRoute, Alerts, Tenant, show_duration};
use crate::ledger::alert_kind::AlertKind;
use std::collections::BTreeSet;

pub(super) fn of_deployment(alerts: &Alerts) -> Vec<String> {
    let mut told: Vec<String> = alerts
        .channels
        .iter()
        .map(|(name, channel)| format!("The channel {name} of alerts is {}", shown(channel)))
        .collect();
    if !alerts.channels.is_empty() || !alerts.default.channels.is_empty() {
        told.push(format!("Alerts {}", route(&alerts.default)));
    }
    told
}

/// Of a tenant that says something of its own.
pub(super) fn of_tenant(alerts: &Alerts, tenant: &Tenant) -> Option<String> {
    alerts.tenants.get(&tenant.name).map(|own| format!("Its alerts {}.", route(own)))
}

fn shown(channel: &AlertChannel) -> String {
    match channel {
        AlertChannel::Webhook { shape, url, secrets, lacks_secret } => {
            let host = url.as_ref().map_or_else(|| "an address that is missing".to_owned(), |url| url.host());
            let signed = match (secrets.len(), lacks_secret) {
                (_, true) => ", signed with a secret that is missing".to_owned(),
                (0, false) => String::new(),
                (1, false) => ", signed with one secret".to_owned(),
                (more, false) => format!(", signed with {more} secrets"),
            };
            format!("a webhook of shape {} at {host}{signed}", shape.word())
        }
        AlertChannel::GraphMail { tenant, from, to } => {
            format!(
                "mail from {} in {tenant}'s directory through Graph, to {}",
                from.as_str(),
                counted(to.len())
            )
        }
        AlertChannel::Email { endpoint, from, to, identity } => {
            let host = endpoint.host_str().unwrap_or_default();
            let by = match identity {
                Some(id) => format!("the managed identity {id}"),
                None => "the app's own managed identity".to_owned(),
            };
            format!("mail from {} through {host} by {by}, to {}", from.as_str(), counted(to.len()))
        }
    }
}

fn counted(recipients: usize) -> String {
    if recipients == 1 { "one address".to_owned() } else { format!("{recipients} addresses") }
}

fn route(route: &AlertRoute) -> String {
    let AlertRoute { channels, severity, kinds, except, digest, remind } = route;
    if channels.is_empty() {
        return "are told to nobody, beside the log".to_owned();
    }
    let list =
        |kinds: &BTreeSet<AlertKind>| kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    let which = match (kinds, except.is_empty()) {
        (Some(kinds), _) => format!("of the kinds {}", list(kinds)),
        (None, true) => "of all kinds".to_owned(),
        (None, false) => format!("of all kinds but {}", list(except)),
    };
    let remind = match remind.is_zero() {
        true => "none is told again".to_owned(),
        false => format!("what stays open is told again after {}", show_duration(*remind)),
    };
    format!(
        "{which} from {} on are told through {}; what changes more often is told once in {}, and {remind}",
        severity.word(),
        channels.join(", then "),
        show_duration(*digest)
    )
}
