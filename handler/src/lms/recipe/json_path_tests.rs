use super::*;
use serde_json::json;

/// The short way finds what the long one finds.
#[test]
fn a_path_of_nothing_but_names_finds_what_any_path_would() {
    let json = json!({
        "a": { "b": { "c": 7 }, "0": 1, "_x1": null, "é": 2 },
        "list": [{ "b": 1 }, { "b": 2 }],
        "text": "b",
        "": { "a": 3 },
    });
    let mut plain = 0;
    for text in [
        "$",
        "$.a",
        "$.a.b",
        "$.a.b.c",
        "$.a.b.c.d",
        "$.a._x1",
        "$.a.é",
        "$.gone",
        "$.list",
        "$.list.b",
        "$.text.b",
        "$['a']",
        "$.a['b']",
        "$.list[0]",
        "$.list[*].b",
        "$.*",
        "$.a.*",
        "$[?@.b == 7]",
    ] {
        let path = JsonPath::parse(text).unwrap();
        let all = path.all(&json);
        if let Some(one) = path.plain(&json) {
            plain += 1;
            assert_eq!(one.into_iter().collect::<Vec<_>>(), all, "{text}");
        }
        let expected = if all.len() == 1 { Some(all[0]) } else { None };
        assert_eq!(path.one(&json), expected, "{text}");
    }
    assert_eq!(plain, 10);
}
