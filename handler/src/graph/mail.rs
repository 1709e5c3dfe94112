//! Mail from one of the tenant's mailboxes. Graph knows no id of the sender's by which it would tell a
//! repetition, so it is never sent again here when nobody knows whether it went out; a header names the
//! message all the same, for who looks into Sent Items.

use super::classify::About;
use super::client::HttpGraph;
use super::error::GraphError;
use super::request::{Lane, Request, mailbox_path};
use crate::graph::port::{Mail, Mailbox};
use serde_json::{Value, json};

/// The answer is 202 with an empty body: taken, and not yet delivered.
pub(super) async fn send(graph: &HttpGraph, mail: &Mail) -> Result<(), GraphError> {
    let mailbox = Mailbox::Address(mail.from.clone());
    let path = format!("{}/sendMail", mailbox_path(&mailbox));
    let request = Request {
        body: Some(body(mail)),
        repeatable: false,
        ..Request::new("POST", path, About::Calendar, Lane::from(&mailbox))
    };
    graph.call(request).await.map(|_| ())
}

fn body(mail: &Mail) -> Value {
    let to: Vec<Value> =
        mail.to.iter().map(|to| json!({ "emailAddress": { "address": to.as_str() } })).collect();
    json!({
        "message": {
            "subject": mail.subject,
            "body": { "contentType": "Text", "content": mail.text },
            "toRecipients": to,
            "internetMessageHeaders": [{ "name": "x-regrets-message-id", "value": mail.id }],
        },
        "saveToSentItems": true,
    })
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
