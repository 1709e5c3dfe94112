use super::*;
use crate::lms::engine::testing::settings;

#[test]
fn secrets_are_hidden_in_every_form() {
    let mut redactor = Redactor::of(&settings("https://lms.example"));
    redactor.hide(&"Bearer a+b/c d=".into());
    redactor.hide(&"Basic dXNlcjpwYXNz".into());
    for text in [
        "token s3cret-token",
        "?token=s3cret-token&x=1",
        "Bearer a+b/c d=",
        "auth=Bearer+a%2Bb%2Fc+d%3D",
        "it was dXNlcjpwYXNz",
        &STANDARD.encode("s3cret-token"),
    ] {
        let shown = redactor.show(text, true);
        assert!(shown.contains("***"), "{text} -> {shown}");
        assert!(!shown.contains("s3cret-token") && !shown.contains("dXNlcjpwYXNz"), "{shown}");
    }
}

#[test]
fn people_are_shown_only_where_they_are_asked_for() {
    let base = Redactor::of(&settings("https://lms.example"));
    let mut redactor = base.for_learner(Some(&"ana.bell@contoso.com".into()));
    redactor.name("ana.bell");
    redactor.name("4711");
    let text =
        r#"{"mail": "Ana.Bell@contoso.com", "user": "ana.bell", "course": 4711, "by": "boss@contoso.com"}"#;
    assert_eq!(redactor.show(text, true), text);
    let hidden = redactor.show(text, false);
    assert_eq!(hidden, r#"{"mail": "***", "user": "***", "course": 4711, "by": "***"}"#);
    let quoted = redactor.quote("user ana.bell is not in course 4711 <b>s3cret-token</b>").unwrap();
    assert_eq!(quoted, "“user *** is not in course 4711 ***”");
}

#[test]
fn encoded_addresses_are_people_too() {
    let redactor = Redactor::default().for_learner(Some(&"ana@contoso.com".into()));
    assert_eq!(redactor.show("/users?mail=ana%40contoso.com&x=1", false), "/users?mail=***&x=1");
    assert_eq!(redactor.show("no user ana, and no banana", false), "no user ***, and no banana");
}
