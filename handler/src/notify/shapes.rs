//! What a message looks like: to a receiver of ours, to a Teams workflow, to Slack's incoming webhooks
//! (reference/alert-channels.md#teams, reference/alert-channels.md#slack).
//!
//! - Ours is JSON with all there is, `type` `alerts.changed` or `test.ping`.
//! - A Teams workflow ("When a Teams webhook request is received") takes an Adaptive Card in the envelope of
//!   a message. It posts no more than 28 KB.
//! - Slack takes `text` for notifications and `blocks` for the channel; a section's text has no more than
//!   3,000 characters. `&`, `<` and `>` are escaped.

use super::message::Message;
use chrono::SecondsFormat;
use serde_json::{Value, json};

/// A section's text in Slack.
const SECTION: usize = 2_900;

pub fn regrets(message: &Message) -> Value {
    json!({
        "type": if message.is_test { "test.ping" } else { "alerts.changed" },
        "timestamp": message.made.to_rfc3339_opts(SecondsFormat::Secs, true),
        "data": {
            "id": message.id,
            "deployment": message.deployment,
            "summary": message.subject(),
            "alerts": message.alerts,
        },
    })
}

pub fn teams(message: &Message) -> Value {
    let text = |text: String, more: Value| {
        let mut block = json!({ "type": "TextBlock", "text": markdown(&text), "wrap": true });
        if let (Some(block), Some(more)) = (block.as_object_mut(), more.as_object()) {
            block.extend(more.clone());
        }
        block
    };
    let mut body = vec![text(message.subject(), json!({ "size": "Medium", "weight": "Bolder" }))];
    body.extend(message.sentences().into_iter().map(|told| text(told, json!({ "spacing": "Medium" }))));
    body.push(text(message.foot(), json!({ "isSubtle": true, "size": "Small" })));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": body,
            },
        }],
    })
}

pub fn slack(message: &Message) -> Value {
    let section = |text: &str| {
        let text: String = escaped(text).chars().take(SECTION).collect();
        json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } })
    };
    let mut blocks = vec![json!({
        "type": "header",
        "text": { "type": "plain_text", "text": message.subject().chars().take(150).collect::<String>() },
    })];
    blocks.extend(message.sentences().iter().map(|told| section(told)));
    blocks.push(json!({
        "type": "context",
        "elements": [{ "type": "mrkdwn", "text": escaped(&message.foot()) }],
    }));
    json!({ "text": escaped(&message.subject()), "blocks": blocks })
}

/// Slack's own three.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A card reads a part of Markdown: what would be read so is escaped.
fn markdown(text: &str) -> String {
    text.replace('\\', "\\\\").replace('*', "\\*").replace('_', "\\_").replace('[', "\\[")
}
