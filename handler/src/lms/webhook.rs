//! The connector `webhook` (reference/lms-contract.md#request): one signed POST per attempt to an endpoint
//! that the LMS's vendor adds.
//!
//! - Signed as the Standard Webhooks specification says; `webhook-id` is the same for every attempt of one
//!   decision, so that the receiver can treat a repetition as the same request. This connector can't read
//!   back: that is the receiver's part of "once".
//! - Nothing is sent with less than the time-out left in the budget, or beyond the connection's rate.
//! - Whatever happens is one of the outcomes; an answer is taken for "done" only when it can't say anything
//!   else.

mod answer;
mod contract;
mod exchange;
mod ping;
mod said;
pub(crate) mod secret;
pub(crate) mod signature;

use super::health::Checkup;
use super::rate_limit::{Pace, Share};
use super::{Budget, Connector, Order};
use crate::clock::Clock;
use crate::enrolment::attempt::ConnectorIdentity;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::policy::Rate;
use crate::ids::TenantName;
use answer::Hidden;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contract::Request;
pub use contract::{answer_schema, request_schema};
use exchange::Post;
use http::HeaderValue;
pub use ping::Pong;
use secret::WebhookSecret;
use signature::Signer;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use url::Url;

/// How long a connection may take to come about; see [`prepare`].
pub const CONNECT: Duration = Duration::from_secs(5);
/// How long a whole exchange may take, from the connection to the answer's last byte.
pub const ANSWER: Duration = Duration::from_secs(30);

/// The HTTP client that [`WebhookConnector::new`] needs: it connects within [`CONNECT`], follows no redirect
/// and repeats no request by itself. Trust anchors and the TLS provider are the caller's to set.
pub fn prepare(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
        .connect_timeout(CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .retry(reqwest::retry::never())
}

/// [`Connector`] for one tenant's webhook.
pub struct WebhookConnector {
    url: Url,
    signer: Signer,
    pace: Pace,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    /// [`ANSWER`] unless a test has less patience.
    answer: Duration,
}

impl WebhookConnector {
    /// `http` should come from a builder that [`prepare`] has seen.
    pub fn new(
        url: Url,
        secrets: &[WebhookSecret],
        rate: Rate,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { url, signer: Signer::new(secrets), pace: Pace::new(rate), http, clock, answer: ANSWER }
    }

    /// Waits for answers so long instead of [`ANSWER`].
    #[must_use]
    pub fn with_answer_timeout(mut self, answer: Duration) -> Self {
        self.answer = answer;
        self
    }

    /// Waits for a start within the connection's rate that leaves the whole time-out in the budget.
    async fn admit(&self, budget: Budget) -> Result<(), Reply> {
        if budget.left() < self.answer {
            let (left, whole) = (budget.left().as_secs(), self.answer.as_secs());
            return Err(not_tried(format!(
                "not sent: {left} s are left of this attempt, an answer may take {whole} s"
            )));
        }
        let latest = budget.ends.checked_sub(self.answer).unwrap_or_else(Instant::now).min(budget.starts);
        match self.pace.reserve(latest) {
            Some(start) => {
                sleep_until(start).await;
                Ok(())
            }
            None => Err(not_tried(
                "not sent: the connection's rate leaves no room within this attempt".to_owned(),
            )),
        }
    }

    /// The error says why it can't be made.
    fn sign(&self, id: &str, request: &Request<'_>, now: DateTime<Utc>) -> Result<Post, String> {
        let timestamp = now.timestamp();
        let body = serde_json::to_string(request).map_err(|error| error.to_string())?;
        let signature = HeaderValue::from_str(&self.signer.sign(id, timestamp, &body));
        let (Ok(id), Ok(signature)) = (HeaderValue::from_str(id), signature) else {
            return Err("the cancellation's id holds characters that no HTTP header takes".to_owned());
        };
        Ok(Post { url: self.url.clone(), id, timestamp: HeaderValue::from(timestamp), signature, body })
    }
}

#[async_trait]
impl Connector for WebhookConnector {
    fn identity(&self) -> Option<ConnectorIdentity> {
        Some(ConnectorIdentity { name: "webhook".to_owned(), hash: None })
    }

    fn keep_to(&self, share: Share) -> Option<Instant> {
        self.pace.keep_to(share)
    }

    async fn checkup(&self, tenant: &TenantName, _: Budget) -> Checkup {
        self.ping(tenant).await.into()
    }

    async fn cancel(&self, order: &Order, budget: Budget) -> Reply {
        if let Err(reply) = self.admit(budget).await {
            return reply;
        }
        let now = self.clock.now();
        let post = match self.sign(&order.id, &Request::cancel(order, now), now) {
            Ok(post) => post,
            Err(why) => {
                let reply = not_tried(format!("not sent: {why}"));
                return Reply { outcome: LmsOutcome::Unclear, reach: Reach::NotReached, ..reply };
            }
        };
        // The wait for the start may have ended a moment late.
        let ends = budget.ends.min(Instant::now() + self.answer);
        let ended = exchange::run(&self.http, post, ends).await;
        let hidden = Hidden { secrets: self.signer.texts(), learner: order.learner.as_str() };
        answer::read(ended, self.clock.now(), &hidden)
    }
}

fn not_tried(why: String) -> Reply {
    Reply { message: Some(why), ..Reply::new(LmsOutcome::Outage, Reach::NotTried) }
}
