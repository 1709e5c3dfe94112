//! A mailbox's own settings, as far as they explain its answers.

use super::classify::About;
use super::client::HttpGraph;
use super::error::GraphError;
use super::json::zoned;
use super::request::{Lane, Request, mailbox_path};
use crate::graph::port::{AutomaticReplies, Mailbox};
use serde_json::Value;

pub(super) async fn automatic_replies(
    graph: &HttpGraph,
    mailbox: &Mailbox,
) -> Result<AutomaticReplies, GraphError> {
    let path = format!("{}/mailboxSettings/automaticRepliesSetting", mailbox_path(mailbox));
    let found = graph.get(Request::new("GET", path, About::Calendar, Lane::from(mailbox))).await?;
    Ok(replies(&found))
}

/// Whoever has a schedule whose end can't be read has one.
fn replies(value: &Value) -> AutomaticReplies {
    match value.get("status").and_then(Value::as_str) {
        Some("alwaysEnabled") => AutomaticReplies::On,
        Some("scheduled") => {
            zoned(value, "scheduledEndDateTime").map_or(AutomaticReplies::On, AutomaticReplies::Until)
        }
        Some(_) | None => AutomaticReplies::Off,
    }
}

#[cfg(test)]
#[path = "mailbox_settings_tests.rs"]
mod tests;
