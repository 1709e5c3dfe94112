use super::*;

/// Computed with `openssl dgst -sha256 -mac HMAC`.
#[test]
fn signs_id_timestamp_and_body() {
    let secret = WebhookSecret::parse(&STANDARD.encode("0123456789abcdefghijklmn")).unwrap();
    let signature = Signer::new(&[secret]).sign("msg_1", 1_614_265_330, "{\"test\": 2432232314}");
    assert_eq!(signature, "v1,O4vEFHuUDzu6j6rKk1+0ulBAc4Rb/WWzCG2yLYlp7AQ=");
}
