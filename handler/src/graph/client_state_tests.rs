//! What is signed is verified, and nothing else is.

use super::*;
use crate::replay::cases;
use base64::engine::general_purpose;
use proptest::prelude::*;

fn key(id: &str, fill: u8) -> String {
    format!("{id}:{}", URL_SAFE_NO_PAD.encode([fill; 32]))
}

fn keys(all: &[String]) -> StateKeys {
    StateKeys::parse(&all.join(",")).unwrap()
}

fn signed(keys: &StateKeys, tenant: &str, mailbox: &str) -> String {
    sign(keys, &tenant.into(), &mailbox.into()).unwrap()
}

const MAILBOX: &str = "3f2c1a70-1111-4a4a-9b9b-0123456789ab";

#[test]
fn the_format_stands() {
    insta::assert_snapshot!(signed(&keys(&[key("k1", 7)]), "contoso", MAILBOX),
    @"1.k1.contoso.PywacBERSkqbmwEjRWeJqw.l9bcZ034J7K3v2Q3ZeAzGA");
}

#[test]
fn the_longest_names_fit_in_graphs_128_characters() {
    let text = signed(&keys(&[key("k2345678", 7)]), &"t".repeat(32), MAILBOX);
    assert!(text.len() <= MAX_LENGTH, "{} characters", text.len());
    assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
}

#[test]
fn rotation_keeps_old_signatures_valid_and_tells_them_apart() {
    let before = keys(&[key("old", 1)]);
    let after = keys(&[key("new", 2), key("old", 1)]);
    let old = verify(&after, &signed(&before, "contoso", MAILBOX)).unwrap();
    assert_eq!((&*old.key_id, old.is_first_key), ("old", false));
    let new = verify(&after, &signed(&after, "contoso", MAILBOX)).unwrap();
    assert_eq!((&*new.key_id, new.is_first_key), ("new", true));
    assert_eq!(verify(&keys(&[key("new", 2)]), &signed(&before, "contoso", MAILBOX)), None, "a retired key");
    assert_eq!(
        verify(&keys(&[key("old", 9)]), &signed(&before, "contoso", MAILBOX)),
        None,
        "another key, same id"
    );
}

#[test]
fn mailboxes_that_are_no_guids_fit_or_are_refused() {
    let keys = keys(&[key("k1", 7)]);
    let text = signed(&keys, "contoso", "Room.4711@contoso.com");
    assert_eq!(verify(&keys, &text).unwrap().mailbox, UserId::new("room.4711@contoso.com"));
    assert!(sign(&keys, &"contoso".into(), &"x".repeat(90).as_str().into()).is_err());
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let good = key("a", 1);
    let text = format!(
        "{good},K!:x,k1:*,k1:QUJD,x,, {}, abcdefghi:{}",
        key("a", 2),
        URL_SAFE_NO_PAD.encode([1; 32])
    );
    let told: Vec<String> = StateKeys::parse(&text).unwrap_err().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    is wrong in entry 2: its id must be 1 to 8 characters of a-z and 0-9
    is wrong in entry 3: its key is not valid base64
    is wrong in entry 4: its key is shorter than 32 bytes
    is wrong in entry 5: it is not of the form id:base64
    is wrong in entry 6: it is not of the form id:base64
    gives two keys the id `a`
    is wrong in entry 8: its id must be 1 to 8 characters of a-z and 0-9
    ");
    assert_eq!(
        StateKeys::parse("").unwrap_err(),
        [StateKeyError::Entry { entry: 1, fault: KeyFault::Form }],
        "no key at all"
    );
}

#[test]
fn a_key_is_the_same_in_each_spelling_of_base64_and_is_never_shown() {
    // Bytes for which the alphabets differ, and which need padding.
    let bytes = [0xfb; 35];
    let all: Vec<String> = [
        general_purpose::STANDARD.encode(bytes),
        general_purpose::STANDARD_NO_PAD.encode(bytes),
        general_purpose::URL_SAFE.encode(bytes),
        URL_SAFE_NO_PAD.encode(bytes),
    ]
    .map(|encoded| format!(" k1:{encoded} "))
    .into();
    assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 4, "{all:?}");
    let text = signed(&keys(&all[..1]), "contoso", MAILBOX);
    for one in &all {
        let keys = keys(std::slice::from_ref(one));
        assert!(verify(&keys, &text).is_some(), "{one}");
        assert_eq!(format!("{keys:?}"), r#"["k1"]"#);
    }
}

#[test]
fn a_shortened_mac_is_refused() {
    let keys = keys(&[key("k1", 7)]);
    let text = signed(&keys, "contoso", MAILBOX);
    for cut in 1..=22 {
        assert_eq!(verify(&keys, &text[..text.len() - cut]), None, "{cut} characters short");
    }
}

#[test]
fn garbage_is_refused() {
    let keys = keys(&[key("k1", 7)]);
    for text in [
        "",
        ".",
        "....",
        "1.k1.contoso",
        "secretClientState",
        "1.k1.contoso.~.AAAAAAAAAAAAAAAAAAAAAA",
        "ä.ö.ü.ß.",
    ] {
        assert_eq!(verify(&keys, text), None, "{text}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn what_is_signed_is_verified(tenant in "[a-z][a-z0-9]{0,31}", mailbox: [u8; 16], fill: u8) {
        let keys = keys(&[key("k2345678", fill)]);
        let mailbox = Uuid::from_bytes(mailbox).hyphenated().to_string();
        let found = verify(&keys, &signed(&keys, &tenant, &mailbox.to_uppercase())).unwrap();
        prop_assert_eq!(found.tenant.as_str(), tenant);
        prop_assert_eq!(found.mailbox.as_str(), mailbox);
    }

    #[test]
    fn every_single_character_change_is_refused(at: prop::sample::Index, new in prop::char::range(' ', '~')) {
        let keys = keys(&[key("k1", 7), key("k2", 8)]);
        let text = signed(&keys, "contoso", MAILBOX);
        let mut forged: Vec<char> = text.chars().collect();
        let at = at.index(forged.len());
        prop_assume!(forged[at] != new);
        forged[at] = new;
        prop_assert_eq!(verify(&keys, &forged.iter().collect::<String>()), None);
        forged.remove(at);
        prop_assert_eq!(verify(&keys, &forged.iter().collect::<String>()), None);
    }

    #[test]
    fn a_mac_does_not_serve_another_tenant_or_mailbox(tenant in "[a-z][a-z0-9]{0,31}", mailbox: [u8; 16]) {
        let keys = keys(&[key("k1", 7)]);
        let text = signed(&keys, "contoso", MAILBOX);
        let mac = text.rsplit_once('.').unwrap().1;
        let mailbox = URL_SAFE_NO_PAD.encode(mailbox);
        let mine = pack(&UserId::new(MAILBOX));
        prop_assume!(tenant != "contoso" && mailbox != mine);
        for forged in [format!("1.k1.{tenant}.{mine}.{mac}"), format!("1.k1.contoso.{mailbox}.{mac}")] {
            prop_assert_eq!(verify(&keys, &forged), None);
        }
    }
}
