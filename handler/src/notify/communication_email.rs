//! The channel `email`: a mail through Azure Communication Services, by its REST interface of 2023-03-31
//! (reference/alert-channels.md#communication-services).
//!
//! `Operation-Id` is made of the message's id. What the service does with a second POST of the same id is
//! not documented, so before a message is sent again, it is asked whether it knows the operation.

use super::message::Message;
use super::post::{Posted, judge, post};
use super::{ANSWER, Channel, Sent};
use crate::graph::GraphError;
use crate::graph::auth::tokens::Tokens;
use crate::ids::Address;
use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::timeout;
use url::Url;
use uuid::Uuid;

const VERSION: &str = "api-version=2023-03-31";

/// Who may send by this resource. The SDKs ask with one slash or with two.
pub const SCOPE: &str = "https://communication.azure.com/.default";

pub struct CommunicationEmail {
    endpoint: Url,
    from: Address,
    to: Vec<Address>,
    tokens: Tokens,
    http: Client,
}

impl CommunicationEmail {
    /// `http` must follow no redirect.
    pub(crate) fn new(endpoint: Url, from: Address, to: Vec<Address>, tokens: Tokens, http: Client) -> Self {
        Self { endpoint, from, to, tokens, http }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.endpoint.clone();
        url.set_path(path);
        url.set_query(Some(VERSION));
        url
    }

    fn body(&self, message: &Message) -> Value {
        let to: Vec<Value> = self.to.iter().map(|to| json!({ "address": to.as_str() })).collect();
        json!({
            "senderAddress": self.from.as_str(),
            "content": { "subject": message.subject(), "plainText": message.text() },
            "recipients": { "to": to },
            "headers": { "x-regrets-message-id": message.id },
            "userEngagementTrackingDisabled": true,
        })
    }

    /// Whether the service knows this operation; `None`: it can't be asked.
    async fn knows(&self, operation: Uuid, bearer: &HeaderValue) -> Option<bool> {
        let asked = async {
            let url = self.url(&format!("/emails/operations/{operation}"));
            let answer = self.http.get(url).header(AUTHORIZATION, bearer.clone()).send().await.ok()?;
            match answer.status() {
                StatusCode::NOT_FOUND => Some(false),
                status if status.is_success() => {
                    let said: Value = serde_json::from_str(&answer.text().await.ok()?).ok()?;
                    // What failed there was not sent.
                    Some(!matches!(said.get("status").and_then(Value::as_str), Some("Failed" | "Canceled")))
                }
                _ => None,
            }
        };
        timeout(ANSWER, asked).await.ok().flatten()
    }
}

/// `Operation-Id` must be a UUID: always the same for one message.
fn operation(id: &str) -> Uuid {
    Uuid::parse_str(id).unwrap_or_else(|_| Uuid::new_v5(&Uuid::NAMESPACE_URL, id.as_bytes()))
}

fn bearer(token: &SecretString) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.expose_secret())).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[async_trait]
impl Channel for CommunicationEmail {
    fn shown(&self) -> String {
        let host = self.endpoint.host_str().unwrap_or_default();
        format!("mail through {host}, to {} recipients", self.to.len())
    }

    async fn send(&self, message: &Message, again: bool) -> Sent {
        let token: Result<Arc<SecretString>, GraphError> = self.tokens.get().await;
        let token = match token {
            Ok(token) => token,
            Err(error) => {
                let step = "The app's managed identity must be switched on, and have a role on the \
                            Communication Services resource.";
                return Sent::no(format!("No token: {error}."), step);
            }
        };
        let Some(bearer) = bearer(&token) else {
            return Sent::no("The token fits into no header.", "It is a defect: report it.");
        };
        let operation = operation(&message.id);
        if again && self.knows(operation, &bearer).await == Some(true) {
            return Sent::yes("Communication Services has had the mail since an earlier try.");
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, bearer);
        for name in ["operation-id", "x-ms-client-request-id"] {
            if let Ok(value) = HeaderValue::from_str(&operation.to_string()) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        match post(&self.http, self.url("/emails:send"), headers, self.body(message).to_string()).await {
            Posted::Answered { status: StatusCode::ACCEPTED, .. } => {
                Sent::yes("Communication Services has taken the mail, which says nothing of its delivery.")
            }
            Posted::Answered { status: StatusCode::UNAUTHORIZED, said } => {
                self.tokens.give_up(&token).await;
                judge(StatusCode::UNAUTHORIZED, &said)
            }
            Posted::Answered { status: StatusCode::FORBIDDEN, said } => Sent::no(
                format!("HTTP 403. It said: {said}"),
                "The app's identity needs a role on the Communication Services resource that may send.",
            ),
            Posted::Answered { status, said } => judge(status, &said),
            Posted::Not(sent) => sent,
        }
    }
}
