use super::*;

#[test]
fn roles_are_read_where_there_are_any() {
    let token = |claims: &str| format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
    let given = roles(&token(r#"{"aud":"x","roles":["Calendars.Read"]}"#));
    assert_eq!(given, Some(vec!["Calendars.Read".to_owned()]));
    assert_eq!(roles(&token(r#"{"aud":"x"}"#)), Some(vec![]));
    for opaque in ["", "opaque", "a.b.c", "e30.!.c"] {
        assert_eq!(roles(opaque), None, "{opaque}");
    }
}
