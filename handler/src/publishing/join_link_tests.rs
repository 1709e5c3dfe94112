use super::*;
use crate::jobs::testing::join::join_links;

fn link(links: &JoinLinks, learner: &str) -> JoinLink {
    links.link(&"contoso".into(), &"4711".into(), &PartId("1".into()), &learner.into())
}

fn token(link: &JoinLink) -> String {
    link.address.as_str().strip_prefix("https://regrets.contoso.com/api/join/").unwrap().to_owned()
}

#[test]
fn the_address_of_a_place_is_always_the_same_and_says_whose_it_is() {
    let links = join_links("k1");
    let ana = link(&links, "ana@contoso.com");
    assert_eq!(ana, link(&join_links("k1"), "ana@contoso.com"));
    assert_ne!(ana, link(&links, "ben@contoso.com"));
    let seat = links.read(&token(&ana)).unwrap();
    assert_eq!(seat.tenant, "contoso".into());
    assert_eq!((seat.session.as_str(), seat.learner.as_str()), (&*hash("4711"), &*hash("ana@contoso.com")));
    assert!(seat.is_of(&PartId("1".into())) && !seat.is_of(&PartId("2".into())));
    // Short enough for a mail, and without a word of the LMS.
    assert!(ana.address.as_str().len() < 150, "{}", ana.address);
    assert!(!ana.address.as_str().contains("4711") && !ana.address.as_str().contains("ana"));
    let longest = links.link(
        &"a".repeat(32).as_str().into(),
        &"s".repeat(300).as_str().into(),
        &PartId("1".into()),
        &"ana".into(),
    );
    assert!(links.read(&token(&longest)).is_some(), "no token is too long to be read");
}

#[test]
fn what_is_changed_signed_by_others_or_for_another_use_is_not_read() {
    let links = join_links("k1");
    let ana = link(&links, "ana");
    let token = token(&ana);
    for at in 0..token.len() {
        let mut forged = token.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        assert_eq!(links.read(&String::from_utf8(forged).unwrap()), None, "{at}");
    }
    let unsigned = ana.name.path().rsplit('/').next().unwrap().to_owned();
    for strange in
        ["", ".", "a.b.c", &unsigned, &format!("k1.{unsigned}"), &"a".repeat(4096), &links.keys.sign("a.b")]
    {
        assert_eq!(links.read(strange), None, "{strange}");
    }
    let consent = crate::jobs::testing::consent::config(&[]).state_keys;
    assert_eq!(links.read(&consent.signing_keys("another").unwrap().sign("contoso.a.b.c")), None);
}

/// Older keys open as long as they are there; what an event says is compared without them.
#[test]
fn a_rotated_key_still_opens_and_changes_no_event() {
    let (old, both, new) = (join_links("k1"), join_links("k2,k1"), join_links("k2"));
    let (before, after) = (link(&old, "ana"), link(&both, "ana"));
    assert_ne!(before.address, after.address);
    assert_eq!(before.name, after.name);
    assert_eq!(both.read(&token(&before)), old.read(&token(&before)));
    assert!(both.read(&token(&before)).is_some());
    assert_eq!(new.read(&token(&before)), None);
}

#[test]
fn it_stands_below_the_public_address_whatever_its_path() {
    let keys = || crate::jobs::testing::consent::config(&[]).state_keys.signing_keys(PURPOSE).unwrap();
    for public_url in
        ["https://a.example", "https://a.example/", "https://a.example/x/", "https://a.example/x"]
    {
        let url = Url::parse(public_url).unwrap();
        let expected = format!("{}/api/join/k1.", public_url.trim_end_matches('/'));
        let made = link(&JoinLinks::new(&url, "/api/join", keys()), "ana").address;
        assert!(made.as_str().starts_with(&expected), "{made}");
    }
}
