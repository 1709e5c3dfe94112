use super::*;
use ring::hkdf::Salt;

fn keys(ids: &[(&str, u8)], label: &str) -> SigningKeys {
    let keys: Vec<(Arc<str>, Prk)> = ids
        .iter()
        .map(|(id, fill)| ((*id).into(), Salt::new(HKDF_SHA256, &[]).extract(&[*fill; 32])))
        .collect();
    let mut all = keys.iter().map(|(id, prk)| (id, prk));
    let first = all.next().unwrap();
    SigningKeys::derive(first, all, label).unwrap()
}

#[test]
fn what_is_signed_is_read_also_after_the_key_was_rotated() {
    let signed = keys(&[("k1", 7)], "use").sign("contoso.abc");
    assert_eq!(keys(&[("k1", 7)], "use").verify(&signed), Some("contoso.abc"));
    assert_eq!(keys(&[("k2", 8), ("k1", 7)], "use").verify(&signed), Some("contoso.abc"));
    assert_eq!(keys(&[("k2", 8)], "use").verify(&signed), None);
}

#[test]
fn another_use_another_key_or_another_letter_is_refused() {
    let signed = keys(&[("k1", 7)], "use").sign("contoso.abc");
    assert_eq!(keys(&[("k1", 7)], "other").verify(&signed), None);
    assert_eq!(keys(&[("k1", 9)], "use").verify(&signed), None);
    let own = keys(&[("k1", 7)], "use");
    for at in 0..signed.len() {
        let mut forged = signed.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(own.verify(std::str::from_utf8(&forged).unwrap()), None, "{at}");
    }
    for strange in ["", ".", "..", "...", "k1.contoso.abc", "k1.contoso.abc.", &signed[..signed.len() - 1]] {
        assert_eq!(own.verify(strange), None, "{strange}");
    }
}
