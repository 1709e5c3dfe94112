use super::*;

#[test]
fn segments_and_options_are_decoded_once() {
    let call = Call::new("GET", "/users/a%2Bb/events/AA-_%3D%3d+x?$filter=iCalUId%20eq%20'a''b%2Bc'&$top=5")
        .unwrap();
    assert_eq!(call.path, ["users", "a+b", "events", "AA-_==+x"]);
    assert_eq!(call.option("$filter"), Some("iCalUId eq 'a''b+c'"));
}

#[test]
fn a_target_on_another_host_is_no_target() {
    assert!(Call::new("GET", "https://evil.example/users").is_err());
}

#[test]
fn wishes_are_separated_by_commas() {
    let mut call = Call::new("GET", "users").unwrap();
    let wishes = r#"IdType="ImmutableId", outlook.timezone="India Standard Time",odata.maxpagesize=7"#;
    call.headers.insert("prefer".to_owned(), wishes.to_owned());
    let prefer = Prefer::of(&call);
    assert!(prefer.immutable_ids);
    assert_eq!((prefer.zone.as_deref(), prefer.page), (Some("India Standard Time"), Some(7)));
}
