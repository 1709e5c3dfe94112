//! The receiver's side of a Standard Webhooks signature: HMAC-SHA256 over `id.timestamp.body`, five minutes of tolerance,
//! any of several secrets and any of several `v1,` signatures.

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

/// `Err` says what is wrong.
pub(crate) fn verify(secrets: &[String], signed: &Signed<'_>, body: &[u8], now: DateTime<Utc>) -> Result<(), String> {
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
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| "the LMS's own secret is empty".to_owned())?;
        mac.update(format!("{}.{}.", signed.id, signed.timestamp).as_bytes());
        mac.update(body);
        if given.iter().any(|signature| mac.clone().verify_slice(signature).is_ok()) {
            return Ok(());
        }
    }
    Err("no signature in webhook-signature fits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the Standard Webhooks specification.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn check(secret: &str, signature: &str, body: &[u8], at: i64) -> Result<(), String> {
        let signed = Signed { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: "1614265330", signature };
        verify(&[secret.to_owned()], &signed, body, DateTime::from_timestamp(at, 0).unwrap())
    }

    #[test]
    fn the_specification_s_example_passes_and_its_forgeries_fail() {
        assert_eq!(check(SECRET, SIGNATURE, BODY, 1_614_265_330), Ok(()));
        assert_eq!(check(SECRET, &format!("v1,AAAA {SIGNATURE}"), BODY, 1_614_265_330), Ok(()));
        assert!(check(SECRET, SIGNATURE, b"{}", 1_614_265_330).is_err());
        assert!(check("whsec_AAAA", SIGNATURE, BODY, 1_614_265_330).is_err());
        assert!(check(SECRET, SIGNATURE, BODY, 1_614_265_330 + 301).is_err());
    }
}
