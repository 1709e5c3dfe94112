//! Standard Webhooks signatures, made and verified: HMAC-SHA256 over `id.timestamp.body`, five minutes
//! of tolerance, any of several secrets and any of several `v1,` signatures.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

const TOLERANCE_SECONDS: i64 = 300;

/// The three headers.
pub(crate) struct Signed<'a> {
    pub(crate) id: &'a str,
    pub(crate) timestamp: &'a str,
    pub(crate) signature: &'a str,
}

/// What the LMS signs its own messages with. `None`: the secret is none.
pub(crate) fn sign(secret: &str, id: &str, timestamp: i64, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// `Err` says what is wrong.
pub(crate) fn verify(
    secrets: &[String],
    signed: &Signed<'_>,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), String> {
    let seconds: i64 =
        signed.timestamp.parse().map_err(|_| "webhook-timestamp is not a number of seconds".to_owned())?;
    if (now.timestamp() - seconds).abs() > TOLERANCE_SECONDS {
        return Err("webhook-timestamp is more than five minutes off".to_owned());
    }
    let given: Vec<Vec<u8>> = signed
        .signature
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .filter_map(|signature| STANDARD.decode(signature).ok())
        .collect();
    for secret in secrets {
        let bare = secret.strip_prefix("whsec_").unwrap_or(secret);
        let key = STANDARD.decode(bare).map_err(|_| "the LMS's own secret is not Base64".to_owned())?;
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&key).map_err(|_| "the LMS's own secret is empty".to_owned())?;
        mac.update(format!("{}.{}.", signed.id, signed.timestamp).as_bytes());
        mac.update(body);
        if given.iter().any(|signature| mac.clone().verify_slice(signature).is_ok()) {
            return Ok(());
        }
    }
    Err("no signature in webhook-signature fits".to_owned())
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
