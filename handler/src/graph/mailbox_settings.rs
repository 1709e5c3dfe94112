//! A mailbox's own settings, as far as they explain its answers.

use super::classify::About;
use super::client::HttpGraph;
use super::error::GraphError;
use super::json::{text, zoned};
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

/// `mailboxSettings/timeZone`: a Windows or an IANA name, a custom one, or nothing.
pub(super) async fn time_zone(graph: &HttpGraph, mailbox: &Mailbox) -> Result<Option<String>, GraphError> {
    one(graph, mailbox, "timeZone").await
}

/// `mailboxSettings/userPurpose`: `user`, `shared`, `room`, `equipment`, …
pub(super) async fn purpose(graph: &HttpGraph, mailbox: &Mailbox) -> Result<Option<String>, GraphError> {
    one(graph, mailbox, "userPurpose").await
}

async fn one(graph: &HttpGraph, mailbox: &Mailbox, name: &str) -> Result<Option<String>, GraphError> {
    let path = format!("{}/mailboxSettings/{name}", mailbox_path(mailbox));
    let found = graph.get(Request::new("GET", path, About::Calendar, Lane::from(mailbox))).await?;
    Ok(text(&found, "value").filter(|value| !value.trim().is_empty()))
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
