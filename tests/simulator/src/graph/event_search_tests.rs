use super::*;

const ID: &str = "String {x} Name Key";

fn read(condition: &str) -> Option<Value> {
    let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{ID}' and {condition})");
    match Search::read(&filter) {
        Ok(Search::Marked(Mark { id, value })) if id == ID => Some(value),
        Ok(Search::Marked(_) | Search::Uids(_)) | Err(_) => None,
    }
}

#[test]
fn values_are_compared_whole_by_their_beginning_or_by_a_part() {
    let text = |text: &str| text.to_owned();
    assert_eq!(read("ep/value eq 'a(b) and c'"), Some(Value::Is(text("a(b) and c"))));
    assert_eq!(read("ep/value eq 'O''Hara'"), Some(Value::Is(text("O'Hara"))));
    assert_eq!(read("startswith(ep/value,'k:')"), Some(Value::StartsWith(text("k:"))));
    assert_eq!(read("startsWith(ep/value, 'k')"), Some(Value::StartsWith(text("k"))));
    assert_eq!(read("contains(ep/value,'')"), Some(Value::Contains(String::new())));
    for wrong in [
        "ep/value ne 'x'",
        "startswith(ep/id,'x')",
        "endswith(ep/value,'x')",
        "ep/value eq 'O'Hara'",
        "ep/value eq x",
        "",
    ] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

#[test]
fn nothing_else_is_searched_by() {
    let uids = Search::read("iCalUId eq 'a' or iCalUId eq 'b'").unwrap();
    assert_eq!(uids, Search::Uids(vec!["a".to_owned(), "b".to_owned()]));
    for wrong in [
        "subject eq 'x'",
        "singleValueExtendedProperties/Any(ep: ep/value eq 'x')",
        "iCalUId eq 'a' and type eq 'x'",
    ] {
        assert_eq!(Search::read(wrong).unwrap_err().status, 400, "{wrong}");
    }
}
