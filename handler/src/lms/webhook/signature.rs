//! Signatures as the Standard Webhooks specification says: HMAC-SHA256 over `<id>.<timestamp>.<body>`, one for each secret,
//! so that a receiver that knows the old or the new one accepts both during a rotation.

use super::WebhookError;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

const PREFIX: &str = "whsec_";

/// Some tools leave the padding away.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) struct Signer {
    secrets: Vec<Secret>,
}

struct Secret {
    key: SecretSlice<u8>,
    /// As configured, without the prefix: to blot it out of what the LMS says.
    text: SecretString,
}

impl Signer {
    pub(super) fn new(secrets: &[SecretString]) -> Result<Self, WebhookError> {
        if secrets.is_empty() {
            return Err(WebhookError::NoSecret);
        }
        let secrets = (1..).zip(secrets).map(|(nth, secret)| parse(nth, secret)).collect::<Result<_, _>>()?;
        Ok(Self { secrets })
    }

    /// The value of `webhook-signature`. `timestamp` in whole seconds since 1970.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signed = format!("{id}.{timestamp}.{body}");
        let signatures = self.secrets.iter().filter_map(|secret| {
            // HMAC takes keys of any length.
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.key.expose_secret()).ok()?;
            mac.update(signed.as_bytes());
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        });
        signatures.collect::<Vec<_>>().join(" ")
    }

    pub(super) fn texts(&self) -> Vec<&str> {
        self.secrets.iter().map(|secret| secret.text.expose_secret()).collect()
    }
}

fn parse(nth: usize, secret: &SecretString) -> Result<Secret, WebhookError> {
    let text = secret.expose_secret().trim().strip_prefix(PREFIX).ok_or(WebhookError::Prefix { nth })?;
    let key = LENIENT.decode(text).map_err(|_| WebhookError::Base64 { nth })?;
    if !(24..=64).contains(&key.len()) {
        return Err(WebhookError::Length { nth, bytes: key.len() });
    }
    Ok(Secret { key: key.into(), text: text.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(secrets: &[&str]) -> Result<Signer, WebhookError> {
        Signer::new(&secrets.iter().map(|&secret| secret.into()).collect::<Vec<_>>())
    }

    /// Computed with `openssl dgst -sha256 -mac HMAC`.
    #[test]
    fn signs_id_timestamp_and_body() {
        let secret = format!("whsec_{}", STANDARD.encode("0123456789abcdefghijklmn"));
        let signature = signer(&[&secret]).unwrap().sign("msg_1", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signature, "v1,O4vEFHuUDzu6j6rKk1+0ulBAc4Rb/WWzCG2yLYlp7AQ=");
    }

    #[test]
    fn padding_may_be_missing_and_blanks_may_stand_around() {
        let with = signer(&["whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ubw=="]).unwrap();
        let without = signer(&[" whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ubw\n"]).unwrap();
        assert_eq!(with.sign("a", 1, "b"), without.sign("a", 1, "b"));
    }

    #[test]
    fn a_secret_that_is_none_is_refused_without_being_shown() {
        let good = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u";
        let cases: [&[&str]; 5] = [
            &[],
            &[good, "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u"],
            &["whsec_hunter2!"],
            &["whsec_aHVudGVyMg=="],
            &["whsec_"],
        ];
        let said: Vec<_> = cases.iter().map(|secrets| signer(secrets).err().unwrap().to_string()).collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        no secret is given; the connector `webhook` signs with at least one
        secret 2 does not begin with `whsec_`; Standard Webhooks secrets are `whsec_<base64>`
        secret 1 is not base64 after `whsec_`; copy it whole, without blanks or quotes
        secret 1 has 7 bytes; Standard Webhooks secrets have 24 to 64
        secret 1 has 0 bytes; Standard Webhooks secrets have 24 to 64
        ");
    }
}
