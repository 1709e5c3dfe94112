//! The channel `webhook`: one POST, signed as the Standard Webhooks specification says wherever there is a
//! secret. `webhook-id` is the message's, so that a receiver can tell a repetition; Teams and Slack don't
//! look at it.

use super::message::Message;
use super::post::{Posted, judge, post};
use super::{Channel, Sent};
use crate::clock::Clock;
use crate::lms::webhook::secret::WebhookSecret;
use crate::lms::webhook::signature::Signer;
use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Client;
use serde_json::Value;
use std::sync::Arc;
use url::Url;

pub struct Webhook {
    url: Url,
    shape: fn(&Message) -> Value,
    shown: String,
    signer: Option<Signer>,
    http: Client,
    clock: Arc<dyn Clock>,
}

impl Webhook {
    /// `http` must follow no redirect.
    pub fn new(
        url: Url,
        shape: (&str, fn(&Message) -> Value),
        secrets: &[WebhookSecret],
        http: Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        // Path and query may be secrets.
        let shown = format!("a webhook of shape {} at {}", shape.0, url.host_str().unwrap_or_default());
        let signer = (!secrets.is_empty()).then(|| Signer::new(secrets));
        Self { url, shape: shape.1, shown, signer, http, clock }
    }

    fn headers(&self, id: &str, body: &str) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(HeaderName::from_static("webhook-id"), HeaderValue::from_str(id).ok()?);
        if let Some(signer) = &self.signer {
            let timestamp = self.clock.now().timestamp();
            let signature = HeaderValue::from_str(&signer.sign(id, timestamp, body)).ok()?;
            headers.insert(HeaderName::from_static("webhook-timestamp"), HeaderValue::from(timestamp));
            headers.insert(HeaderName::from_static("webhook-signature"), signature);
        }
        Some(headers)
    }
}

#[async_trait]
impl Channel for Webhook {
    fn shown(&self) -> String {
        self.shown.clone()
    }

    async fn send(&self, message: &Message, _again: bool) -> Sent {
        let body = (self.shape)(message).to_string();
        let Some(headers) = self.headers(&message.id, &body) else {
            return Sent::no("The message's id fits into no header.", "It is a defect: report it.");
        };
        match post(&self.http, self.url.clone(), headers, body).await {
            Posted::Answered { status, said } => judge(status, &said),
            Posted::Not(sent) => sent,
        }
    }
}
