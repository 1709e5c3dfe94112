//! Whether a post was signed by who knows the secret, and lately: headers `webhook-id`, `webhook-timestamp`,
//! `webhook-signature` of the Standard Webhooks specification.
//!
//! During a rotation any of the secrets may have signed, and any of several signatures may be the one. Which
//! one was wrong is told to nobody outside.

use crate::lms::webhook::secret::WebhookSecret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use thiserror::Error;

/// How far the sender's clock may be from ours.
const TOLERANCE: TimeDelta = TimeDelta::minutes(5);
/// More signatures than these are not looked at: each costs a MAC.
const MOST: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("the header {0} is missing")]
    Missing(&'static str),
    #[error("the header webhook-timestamp is no number of seconds since 1970")]
    NotATime,
    #[error(
        "the header webhook-timestamp is {seconds} seconds from our clock; at most {} are taken. Set the \
         sender's clock, and sign each attempt anew",
        TOLERANCE.num_seconds()
    )]
    Stale { seconds: i64 },
    #[error(
        "no signature in webhook-signature is one of `<id>.<timestamp>.<body>` by a secret that is known here"
    )]
    NotSigned,
}

/// The three headers, as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    pub id: Option<&'a str>,
    pub timestamp: Option<&'a str>,
    pub signature: Option<&'a str>,
}

/// The message's id: the same for every attempt to tell it.
pub fn verify<'a>(
    headers: Headers<'a>,
    body: &[u8],
    secrets: &[WebhookSecret],
    now: DateTime<Utc>,
) -> Result<&'a str, Refused> {
    let id = headers.id.filter(|id| !id.is_empty()).ok_or(Refused::Missing("webhook-id"))?;
    let stamp = headers.timestamp.ok_or(Refused::Missing("webhook-timestamp"))?;
    let signatures = headers.signature.ok_or(Refused::Missing("webhook-signature"))?;
    let seconds: i64 = stamp.parse().map_err(|_| Refused::NotATime)?;
    let away = now.timestamp().saturating_sub(seconds);
    if away.saturating_abs() > TOLERANCE.num_seconds() {
        return Err(Refused::Stale { seconds: away });
    }
    let given = signatures.split(' ').filter_map(|one| one.strip_prefix("v1,"));
    let given: Vec<Vec<u8>> = given.take(MOST).filter_map(|one| STANDARD.decode(one).ok()).collect();
    for secret in secrets {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.key()) else { continue };
        for part in [id.as_bytes(), b".", stamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        // In the same time whatever differs.
        if given.iter().any(|one| mac.clone().verify_slice(one).is_ok()) {
            return Ok(id);
        }
    }
    Err(Refused::NotSigned)
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
