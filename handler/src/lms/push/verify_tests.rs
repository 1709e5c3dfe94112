use super::*;
use crate::lms::webhook::signature::Signer;

fn secret(byte: u8) -> WebhookSecret {
    WebhookSecret::parse(&STANDARD.encode([byte; 32])).unwrap()
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

const BODY: &str = "{\"type\":\"session.upserted\"}";
const STAMP: &str = "1800000000";

fn signed(by: &[WebhookSecret], stamp: &str) -> String {
    Signer::new(by).sign("msg_1", stamp.parse().unwrap(), BODY)
}

fn headers<'a>(stamp: &'a str, signature: &'a str) -> Headers<'a> {
    Headers { id: Some("msg_1"), timestamp: Some(stamp), signature: Some(signature) }
}

#[test]
fn what_was_signed_by_a_known_secret_is_taken_during_a_rotation_too() {
    let (old, new) = (secret(1), secret(2));
    for signers in [vec![old.clone()], vec![new.clone()], vec![old.clone(), new.clone()]] {
        let signature = signed(&signers, STAMP);
        let known = [new.clone(), old.clone()];
        assert_eq!(verify(headers(STAMP, &signature), BODY.as_bytes(), &known, now()), Ok("msg_1"));
    }
    let both = signed(&[secret(3), old.clone()], STAMP);
    assert_eq!(verify(headers(STAMP, &both), BODY.as_bytes(), &[old], now()), Ok("msg_1"));
}

#[test]
fn whatever_was_changed_is_refused() {
    let known = [secret(1)];
    let good = signed(&known, STAMP);
    let refused = |headers: Headers<'_>, body: &str| verify(headers, body.as_bytes(), &known, now()).err();
    assert_eq!(refused(headers(STAMP, &good), "{}"), Some(Refused::NotSigned));
    assert_eq!(refused(headers("1800000001", &good), BODY), Some(Refused::NotSigned));
    assert_eq!(
        refused(Headers { id: Some("msg_2"), ..headers(STAMP, &good) }, BODY),
        Some(Refused::NotSigned)
    );
    for signature in ["", "v1,", "v1,====", "v2,AAAA", "v1a,AAAA", &signed(&[secret(9)], STAMP)] {
        assert_eq!(refused(headers(STAMP, signature), BODY), Some(Refused::NotSigned), "{signature}");
    }
    let none = verify(headers(STAMP, &good), BODY.as_bytes(), &[], now());
    assert_eq!(none, Err(Refused::NotSigned), "no secret is known");
}

#[test]
fn each_header_is_wanted_and_says_so() {
    let known = [secret(1)];
    let good = signed(&known, STAMP);
    let all = headers(STAMP, &good);
    let cases = [
        (Headers { id: None, ..all }, "the header webhook-id is missing"),
        (Headers { id: Some(""), ..all }, "the header webhook-id is missing"),
        (Headers { timestamp: None, ..all }, "the header webhook-timestamp is missing"),
        (Headers { signature: None, ..all }, "the header webhook-signature is missing"),
        (
            Headers { timestamp: Some("noon"), ..all },
            "the header webhook-timestamp is no number of seconds since 1970",
        ),
    ];
    for (headers, text) in cases {
        assert_eq!(verify(headers, BODY.as_bytes(), &known, now()).unwrap_err().to_string(), text);
    }
}

/// One that was caught on its way can't be sent again for long.
#[test]
fn what_is_older_than_five_minutes_or_from_the_future_is_refused() {
    let known = [secret(1)];
    for (seconds, is_taken) in [(0, true), (300, true), (301, false), (-300, true), (-301, false)] {
        let stamp = (1_800_000_000_i64 - seconds).to_string();
        let signature = signed(&known, &stamp);
        let taken = verify(headers(&stamp, &signature), BODY.as_bytes(), &known, now());
        let expected = if is_taken { Ok("msg_1") } else { Err(Refused::Stale { seconds }) };
        assert_eq!(taken, expected);
    }
}
