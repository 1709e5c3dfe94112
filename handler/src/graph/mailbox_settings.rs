//! A mailbox's own settings, as far as they explain its answers.

use super::classify::About;
use super::client::HttpGraph;
use super::error::GraphError;
use super::json::zoned;
use super::request::{Lane, Request, mailbox_path};
use crate::graph::port::{AutomaticReplies, Mailbox};
use serde_json::Value;

pub(super) async fn automatic_replies(graph: &HttpGraph, mailbox: &Mailbox) -> Result<AutomaticReplies, GraphError> {
    let path = format!("{}/mailboxSettings/automaticRepliesSetting", mailbox_path(mailbox));
    let found = graph.get(Request::new("GET", path, About::Calendar, Lane::from(mailbox))).await?;
    Ok(replies(&found))
}

/// Whoever has a schedule whose end can't be read has one.
fn replies(value: &Value) -> AutomaticReplies {
    match value.get("status").and_then(Value::as_str) {
        Some("alwaysEnabled") => AutomaticReplies::On,
        Some("scheduled") => zoned(value, "scheduledEndDateTime").map_or(AutomaticReplies::On, AutomaticReplies::Until),
        Some(_) | None => AutomaticReplies::Off,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::port::AutomaticReplies;
    use serde_json::json;

    #[test]
    fn every_state_is_understood() {
        let end = json!({"dateTime": "2026-12-01T00:00:00.0000000", "timeZone": "UTC"});
        for (value, wanted) in [
            (json!({"status": "disabled"}), AutomaticReplies::Off),
            (json!({"status": "alwaysEnabled", "scheduledEndDateTime": end}), AutomaticReplies::On),
            (
                json!({"status": "scheduled", "scheduledEndDateTime": end}),
                AutomaticReplies::Until("2026-12-01T00:00:00Z".parse().unwrap()),
            ),
            (json!({"status": "scheduled"}), AutomaticReplies::On),
            (json!({}), AutomaticReplies::Off),
        ] {
            assert_eq!(replies(&value), wanted, "{value}");
        }
    }
}
