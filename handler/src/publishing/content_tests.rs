use super::*;
use crate::publishing::testing::content;

#[test]
fn each_field_has_its_own_fingerprint() {
    let plain = content(10);
    type Change = fn(&mut Content);
    let changes: [(Field, Change); 7] = [
        (Field::When, |it| it.span = content(11).span),
        (Field::Place, |it| it.place = None),
        (Field::Link, |it| it.link = None),
        (Field::Link, |it| it.online = true),
        (Field::Title, |it| it.title.push('!')),
        (Field::Text, |it| it.text.push('!')),
        (Field::Attendees, |it| it.attendees.clear()),
    ];
    for (field, change) in changes {
        let mut other = plain.clone();
        change(&mut other);
        let differing = plain.fingerprints().differing(&other.fingerprints());
        assert_eq!(differing, [field].into());
        let taken_over = plain.fingerprints().with(&other.fingerprints(), &differing);
        assert_eq!(taken_over, other.fingerprints());
    }
}

/// Nobody is mailed because the LMS has learned a name.
#[test]
fn names_of_attendees_are_no_change() {
    let mut other = content(10);
    other.attendees.values_mut().for_each(|one| one.name = Some("Another".into()));
    assert!(content(10).fingerprints().differing(&other.fingerprints()).is_empty());
}

/// Stored with each event: another value would mail everybody.
#[test]
fn fingerprints_never_change() {
    insta::assert_json_snapshot!(content(10).fingerprints());
}

/// Nobody is mailed because a key was rotated, and everybody is who is handed another page.
#[test]
fn an_address_of_ours_is_compared_without_what_our_keys_change() {
    let with = |address: &str, name: &str| {
        let mut content = content(10);
        content.text = format!("<p><a href=\"{address}\">{address}</a></p>");
        (content.link, content.known_as) = (Some(address.parse().unwrap()), Some(name.parse().unwrap()));
        content.fingerprints()
    };
    let old = with("https://a.example/k1.seat.mac", "https://a.example/seat");
    assert_eq!(old, with("https://a.example/k2.seat.other", "https://a.example/seat"));
    let moved = with("https://b.example/k1.seat.mac", "https://b.example/seat");
    assert_eq!(old.differing(&moved), [Field::Link, Field::Text].into());
}
