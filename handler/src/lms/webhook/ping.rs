//! `regrets lms ping`: one signed request that asks for nothing, and what its answer says about the
//! connection.

use super::answer::Hidden;
use super::contract::Request;
use super::exchange::{self, Answer, Ended};
use super::said::{Content, Said};
use super::{ANSWER, WebhookConnector};
use crate::ids::TenantName;
use crate::lms::health::{Checkup, Condition, clock_ahead};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::Instant;

/// The specification's libraries refuse a `webhook-timestamp` that is further off than this.
const TOLERANCE_SECONDS: i64 = 300;

/// What a ping came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pong {
    /// The receiver is there and takes what we sign.
    pub is_well: bool,
    /// What was seen, in one sentence.
    pub seen: String,
    /// What was answered, as a quotation.
    pub said: Option<String>,
    /// What to do about it; beside a good answer, what a cancellation that is answered so would come to.
    pub step: Option<String>,
    /// How far the receiver's clock is ahead of ours.
    pub clock: Option<TimeDelta>,
}

impl WebhookConnector {
    /// Posts `{"type": "test.ping", …}`, signed as every order is. Any receiver may answer it with any 2xx.
    pub async fn ping(&self, tenant: &TenantName) -> Pong {
        let now = self.clock.now();
        let id = format!("ping.{tenant}.{}", uuid::Uuid::new_v4().simple());
        let post = match self.sign(&id, &Request::ping(&id, tenant.as_str(), now), now) {
            Ok(post) => post,
            Err(why) => return Pong::bad(format!("It can't be sent: {why}."), None),
        };
        let ended = exchange::run(&self.http, post, Instant::now() + ANSWER).await;
        // A ping names nobody.
        Pong::of(ended, &Hidden { secrets: self.signer.texts(), learner: "" }, now)
    }
}

impl From<Pong> for Checkup {
    fn from(pong: Pong) -> Self {
        let Pong { is_well, seen, said: _, step, clock } = pong;
        let condition = if is_well { Condition::Well } else { Condition::Unwell };
        Self { condition, seen, step, clock }
    }
}

impl Pong {
    fn bad(seen: String, step: Option<&str>) -> Self {
        Self { is_well: false, seen, said: None, step: step.map(str::to_owned), clock: None }
    }

    fn of(ended: Ended, hidden: &Hidden<'_>, sent: DateTime<Utc>) -> Self {
        match ended {
            Ended::Answered(answer) => {
                let said = Said::of(&answer.body);
                let words = said.words.as_deref().and_then(|words| hidden.quote(words));
                let clock = clock_ahead(&answer.headers, sent);
                Self { said: words, clock, ..Self::judge(&answer, &said.content, sent) }
            }
            Ended::Redirected { why, .. } => {
                let step = "A cancellation that is answered so would go to a person; if a sign-in stands \
                            before the receiver, let its path through.";
                Self::bad(format!("It is redirected: {why}."), Some(step))
            }
            Ended::NotReached(why) => {
                let step = "Nothing was sent. Check the host and port of lms.url, the firewall, and the \
                            certificate (SSL_CERT_FILE names extra trust anchors).";
                Self::bad(format!("Not reached: {why}."), Some(step))
            }
            Ended::Lost(why) => {
                let step = "It was sent, and nothing came back. Answer within 30 seconds; say `accepted` and \
                            do the work later if it takes longer.";
                Self::bad(format!("No answer: {why}."), Some(step))
            }
            Ended::Impossible(why) => {
                Self::bad(format!("It can't be sent: {why}."), Some("Correct lms.url."))
            }
        }
    }

    fn judge(answer: &Answer, content: &Content, sent: DateTime<Utc>) -> Self {
        let code = answer.status.as_u16();
        match code {
            200..=299 => Self::well(code, content),
            401 | 403 => {
                let seen = format!("HTTP {code}: the receiver does not accept the signature.");
                let step = "Compare the secret on both sides (the receiver decodes what follows `whsec_` as \
                            base64), and verify over the raw body, before anything parses it.";
                match clock_difference(answer, sent) {
                    Some(apart) => {
                        let step = format!(
                            "The two clocks are {apart} s apart, and five minutes are allowed: set them \
                             right."
                        );
                        Self::bad(seen, Some(&step))
                    }
                    None => Self::bad(seen, Some(step)),
                }
            }
            400 | 415 | 422 => Self::bad(
                format!("HTTP {code}: the receiver does not take it."),
                Some(
                    "Answer any 2xx to `test.ping`, as to every type that you don't know. If the type is not \
                     the reason, no order would be taken either.",
                ),
            ),
            404 | 405 => Self::bad(
                format!("HTTP {code}: nothing takes a POST at this path."),
                Some(
                    "Check the path of lms.url. Cancellations wait and try again until the receiver is \
                     there.",
                ),
            ),
            410 => Self::bad(
                "HTTP 410: the endpoint is gone.".to_owned(),
                Some("Correct lms.url. A cancellation that is answered so would close the valve."),
            ),
            408 | 425 | 429 | 500..=599 => Self::bad(
                format!("HTTP {code}: the receiver can't answer now."),
                Some("Look at the receiver's log. Cancellations wait and try again."),
            ),
            _ => Self::bad(
                format!("HTTP {code}, which no receiver answers."),
                Some(
                    "See what stands before the receiver. A cancellation that is answered so would go to a \
                     person.",
                ),
            ),
        }
    }

    fn well(code: u16, content: &Content) -> Self {
        let good = |step: Option<&str>| Self {
            is_well: true,
            seen: format!("HTTP {code}: the receiver answers, and takes what is signed."),
            said: None,
            step: step.map(str::to_owned),
            clock: None,
        };
        match content {
            Content::Nothing | Content::Object { failure: None, .. } => good(None),
            Content::Object { failure: Some(failure), .. } => good(Some(&format!(
                "A cancellation that is answered so goes to a person, because {failure}."
            ))),
            Content::OtherJson | Content::Text | Content::TooMuch => good(Some(
                "A cancellation that is answered so counts as an outage: answer a JSON object, or nothing.",
            )),
            Content::TooMuchJson => good(Some(
                "A cancellation that is answered so goes to a person: not more than 64 KiB are read.",
            )),
            Content::Page => Self::bad(
                format!("HTTP {code} with a page: something other than the receiver has answered."),
                Some(
                    "See what stands before the receiver (a sign-in, a proxy, a web site's fallback). A \
                     cancellation that is answered so counts as an outage.",
                ),
            ),
            Content::Broken => Self::bad(
                format!("HTTP {code}, but the answer broke off."),
                Some("See what stands before the receiver."),
            ),
        }
    }
}

/// How many seconds the receiver's clock and ours are apart, where that is too much.
fn clock_difference(answer: &Answer, sent: DateTime<Utc>) -> Option<i64> {
    let apart = clock_ahead(&answer.headers, sent)?.num_seconds().abs();
    (apart > TOLERANCE_SECONDS).then_some(apart)
}
