use super::*;

fn key(session: &str, part: &str, audience: Audience) -> EventKey {
    EventKey { session: SessionId::new(session), part: PartId(part.into()), audience }
}

fn ana() -> Audience {
    Audience::Learner(LearnerKey::new("ana@contoso.com"))
}

/// Kept for good: another value would make second events of all that stand.
#[test]
fn the_value_never_changes() {
    let key = key("safety/42", "42", ana());
    assert_eq!(
        key.property("", Invitation::FIRST),
        "1:21968d409a343d0d:3af0e3321152ef2d761e32529ff06aab:1:safety/42"
    );
    let digest = "3af0e3321152ef2d761e32529ff06aab";
    assert_eq!(key.transaction_id("", Invitation(2), None), format!("regrets-{digest}-2-0"));
    let born = DateTime::from_timestamp(1_800_000_000, 0);
    assert_eq!(key.transaction_id("", Invitation(2), born), format!("regrets-{digest}-2-6b49d200"));
}

#[test]
fn what_is_written_is_read_again_whatever_the_sessions_id_holds() {
    for session in ["4711", "a:b:c", "safety/42", "ünï ✓", ""] {
        let key = key(session, "p", Audience::Session);
        let value = key.property("x", Invitation(7));
        let read = ReadProperty::of(&value).unwrap();
        let expected = ReadProperty {
            search: key.search("x"),
            invitation: Invitation(7),
            session: SessionId::new(session),
        };
        assert_eq!(read, expected);
        assert!(value.starts_with(&key.search("x")));
        assert!(value.starts_with(&EventKey::of_session("x", &key.session)));
    }
    let digests = "0000000000000000:00000000000000000000000000000000";
    let later = format!("2:{digests}:1:x");
    for foreign in ["", "1", "1:short:1:4711", "1:0000000000000000:short:1:4711", &later, "1:x:y:z:"] {
        assert_eq!(ReadProperty::of(foreign), None, "{foreign}");
    }
}

#[test]
fn nothing_that_differs_is_called_the_same() {
    let keys = [
        key("1", "1", ana()),
        key("11", "", ana()),
        key("1", "11", ana()),
        key("1", "1", Audience::Session),
        key("1", "1", Audience::Calendar),
        key("1", "1", Audience::Learner(LearnerKey::new("Ana@contoso.com"))),
        // Exchange compares without case.
        key("A", "1", ana()),
        key("a", "1", ana()),
    ];
    let searches: std::collections::BTreeSet<String> =
        keys.iter().flat_map(|key| [key.search(""), key.search("other")]).collect();
    assert_eq!(searches.len(), 2 * keys.len());
    assert!(searches.iter().all(|one| *one == one.to_lowercase()));
}
