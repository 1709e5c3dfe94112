//! Signatures as the Standard Webhooks specification says: HMAC-SHA256 over `<id>.<timestamp>.<body>`, one
//! for each secret, so that a receiver that knows the old or the new one accepts both during a rotation.

use super::secret::WebhookSecret;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

pub(crate) struct Signer {
    secrets: Vec<WebhookSecret>,
}

impl Signer {
    pub(crate) fn new(secrets: &[WebhookSecret]) -> Self {
        Self { secrets: secrets.to_vec() }
    }

    /// The value of `webhook-signature`. `timestamp` in whole seconds since 1970.
    pub(crate) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signed = format!("{id}.{timestamp}.{body}");
        let signatures = self.secrets.iter().filter_map(|secret| {
            // HMAC takes keys of any length.
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.key()).ok()?;
            mac.update(signed.as_bytes());
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.secrets.iter().map(WebhookSecret::text).collect()
    }
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
