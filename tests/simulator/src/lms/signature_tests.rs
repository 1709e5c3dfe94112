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
