use super::*;
use crate::graph::client_state::StateKeys;

const OLD: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=";
const NEW: &str = "k2:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAI=";
const OF: &[&str] = &["contoso", "brightspace"];

fn keys(text: &str) -> SealingKeys {
    StateKeys::parse(text).unwrap().sealing_keys("for a test").unwrap()
}

fn opened(keys: &SealingKeys, sealed: &Sealed, bound_to: &[&str]) -> Option<String> {
    keys.open(sealed, bound_to).map(|secret| secret.expose_secret().to_owned())
}

#[test]
fn what_is_sealed_opens_and_is_not_seen() {
    let keys = keys(OLD);
    let sealed = keys.seal(&"refresh-me".into(), OF).unwrap();
    assert_eq!(opened(&keys, &sealed, OF).as_deref(), Some("refresh-me"));
    let again = keys.seal(&"refresh-me".into(), OF).unwrap();
    assert_ne!(sealed, again, "no nonce comes twice");
    let stored = serde_json::to_string(&sealed).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(&sealed.text).unwrap();
    assert!(!stored.contains("refresh-me") && !bytes.windows(10).any(|part| part == b"refresh-me"));
    assert_eq!(bytes.len(), NONCE_LEN + "refresh-me".len() + AES_256_GCM.tag_len());
    assert_eq!(format!("{sealed:?} {keys:?}"), r#"Sealed { key: "k1", .. } ["k1"]"#);
    assert_eq!(serde_json::from_str::<Sealed>(&stored).unwrap(), sealed);
}

#[test]
fn the_first_key_seals_and_all_open() {
    let before = keys(OLD).seal(&"a".into(), OF).unwrap();
    let both = keys(&format!("{NEW},{OLD}"));
    assert_eq!(opened(&both, &before, OF).as_deref(), Some("a"));
    let after = both.seal(&"b".into(), OF).unwrap();
    assert_eq!((before.key.as_str(), after.key.as_str(), both.first_id()), ("k1", "k2", "k2"));
    assert_eq!(opened(&keys(NEW), &after, OF).as_deref(), Some("b"));
    assert_eq!(opened(&keys(NEW), &before, OF), None);
    // Another key under an id that was there before.
    assert_eq!(opened(&keys(&NEW.replace("k2", "k1")), &before, OF), None);
}

#[test]
fn nothing_opens_what_was_changed_or_moved() {
    let keys = keys(OLD);
    let sealed = keys.seal(&"a".into(), OF).unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(&sealed.text).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let changed = Sealed { text: URL_SAFE_NO_PAD.encode(changed), ..sealed.clone() };
        assert_eq!(opened(&keys, &changed, OF), None, "byte {at}");
    }
    for length in 0..bytes.len() {
        let cut = Sealed { text: URL_SAFE_NO_PAD.encode(&bytes[..length]), ..sealed.clone() };
        assert_eq!(opened(&keys, &cut, OF), None, "{length} bytes");
    }
    let others: [&[&str]; 5] = [
        &["fabrikam", "brightspace"],
        &["contoso", "pretix"],
        &["contosob", "rightspace"],
        &["contoso"],
        &["contoso", "brightspace", ""],
    ];
    for other in others {
        assert_eq!(opened(&keys, &sealed, other), None, "{other:?}");
    }
    let of_another_use = StateKeys::parse(OLD).unwrap().sealing_keys("for another").unwrap();
    assert_eq!(opened(&of_another_use, &sealed, OF), None);
}

/// RFC 5869 with no salt, and the label as info; worked out by hand of HMAC, so that rows stay readable.
#[test]
fn keys_are_derived_as_the_standard_has_it() {
    use hmac::{Hmac, Mac as _};
    use ring::hkdf::{HKDF_SHA256, Salt};
    use sha2::Sha256;
    let mac = |key: &[u8], text: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text);
        mac.finalize().into_bytes().to_vec()
    };
    let mut raw = [0; 32];
    raw[31] = 1;
    let derived = mac(&mac(&[0; 32], &raw), b"for a test\x01");
    let by_hand = SealingKey {
        id: "k1".into(),
        key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &derived).unwrap()),
    };
    let sealed = SealingKeys { first: by_hand, others: Vec::new() }.seal(&"a".into(), OF).unwrap();
    assert_eq!(opened(&keys(OLD), &sealed, OF).as_deref(), Some("a"));
    let prk = Salt::new(HKDF_SHA256, &[]).extract(&raw);
    assert!(SealingKey::derive((&"k1".into(), &prk), "for a test").is_ok());
}
