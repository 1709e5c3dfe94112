//! The validation of a notification URL: asked before the subscription exists, with a token that a second
//! decoding would spoil (handler/reference/graph-notifications.md#handshake).

use super::call::Answer;
use crate::faults::Fault;
use crate::handle::World;
use uuid::Uuid;

impl World {
    /// Asks the URL to echo a token; the answer must be 200, plain text and nothing but the token.
    pub(crate) async fn handshake(&self, url: &str) -> Result<(), Answer> {
        let outcome = self.ask(url).await;
        self.0.count(|counters| match &outcome {
            Ok(()) => counters.handshakes += 1,
            Err(_) => counters.handshakes_failed += 1,
        });
        outcome
    }

    async fn ask(&self, url: &str) -> Result<(), Answer> {
        // Spaces, colons, a plus sign, and a percent sign that must not be decoded again.
        let token = format!(
            "Validation: Testing client application reachability for subscription Request-Id: {} 1+1 %2B /=",
            Uuid::new_v4()
        );
        let separator = if url.contains('?') { '&' } else { '?' };
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("validationToken", &token)
            .finish();
        let failed = |why: &str| {
            Answer::error(400, "InvalidRequest", format!("Subscription validation request failed. {why}"))
        };
        let not_ok = || {
            let why = "Subscription validation request failed. Notification endpoint must respond with 200 \
                       OK to validation request.";
            Answer::error(400, "ValidationError", why)
        };
        if self.fault(|fault| (*fault == Fault::HandshakeLost).then_some(())).is_some() {
            return Err(not_ok());
        }
        let request = self
            .0
            .http
            .post(format!("{url}{separator}{query}"))
            .header("content-type", "text/plain; charset=utf-8")
            .header("accept", "text/plain")
            .header("content-length", "0")
            .timeout(self.0.options.subscriptions.handshake);
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_timeout() => {
                return Err(Answer::error(
                    400,
                    "InvalidRequest",
                    "Subscription validation request timed out.",
                ));
            }
            Err(_) => return Err(not_ok()),
        };
        if answer.status().as_u16() != 200 {
            return Err(not_ok());
        }
        let plain = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let is_plain = plain.is_some_and(|value| value.to_ascii_lowercase().starts_with("text/plain"));
        let mismatch = "Response must exactly match validationToken query parameter.";
        match answer.text().await {
            Ok(text) if text == token && is_plain => Ok(()),
            Ok(_) => Err(failed(mismatch)),
            Err(_) => Err(not_ok()),
        }
    }
}
