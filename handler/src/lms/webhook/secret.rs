//! A secret of the Standard Webhooks specification, as vendors give it: `whsec_` and base64. Here is the one
//! place that says what is taken: with or without the prefix, with or without padding, in either alphabet of
//! base64.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use thiserror::Error;

const PREFIX: &str = "whsec_";

/// As the specification says.
const BYTES: std::ops::RangeInclusive<usize> = 24..=64;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    // Secrets that were made letter by letter; every receiver's library reads over these bits, too.
    .with_decode_allow_trailing_bits(true);

/// What signs, and what must never be shown.
#[derive(Debug, Clone)]
pub struct WebhookSecret {
    key: SecretSlice<u8>,
    /// As it was given, without prefix and padding: to blot it out of what an LMS says.
    text: SecretString,
}

/// Why a text is no such secret. Never holds it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WebhookSecretError {
    #[error(
        "is not base64; give the signing secret whole, as the vendor shows it, with or without `whsec_`, \
         without quotes"
    )]
    Base64,
    #[error("is {0} bytes long once decoded; a Standard Webhooks secret has 24 to 64")]
    Length(usize),
    #[error(
        "is a key for asymmetric signatures (`{0}`), which are not made here; ask the vendor for a `whsec_` \
         secret"
    )]
    Asymmetric(&'static str),
}

impl WebhookSecret {
    /// Blanks around it are cut.
    pub fn parse(text: &str) -> Result<Self, WebhookSecretError> {
        let text = text.trim();
        if let Some(kind) = ["whsk_", "whpk_"].into_iter().find(|kind| text.starts_with(kind)) {
            return Err(WebhookSecretError::Asymmetric(kind));
        }
        let bare = text.strip_prefix(PREFIX).unwrap_or(text);
        let alphabet = if bare.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
        let key =
            GeneralPurpose::new(alphabet, LENIENT).decode(bare).map_err(|_| WebhookSecretError::Base64)?;
        if !BYTES.contains(&key.len()) {
            return Err(WebhookSecretError::Length(key.len()));
        }
        Ok(Self { key: key.into(), text: bare.trim_end_matches('=').into() })
    }

    pub fn key(&self) -> &[u8] {
        self.key.expose_secret()
    }

    pub fn text(&self) -> &str {
        self.text.expose_secret()
    }
}

#[cfg(test)]
#[path = "secret_tests.rs"]
mod tests;
