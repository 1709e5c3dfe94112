use super::*;

#[test]
fn only_arrays_of_plain_strings_go_out() {
    for good in [
        "null",
        "[]",
        r#"["a"]"#,
        r#"["{\"at\":\"2026-11-21T10:00:00Z\"}"]"#,
        r#"["test", "deadbeef"]"#,
        r#"["2026-11-21"]"#,
    ] {
        assert!(texts(serde_json::from_str(good).unwrap()).is_ok(), "{good}");
    }
    for (bad, part) in [
        (r#""test""#, "base64"),
        (r#""""#, "base64"),
        (r#""{\"k\":1}""#, "indentation"),
        (r#""[1,2,3]""#, "split"),
        (r#""plain text!""#, "bare string"),
        (r#"{"k":1}"#, "indented"),
        (r#"[{"k":1}]"#, "element 0"),
        (r#"["a", null]"#, "element 1 is null"),
        (r#"["2026-11-21T10:00:00Z"]"#, "date"),
        (r#"["2026-11-21T10:00:00.123"]"#, "date"),
        ("5", "prints"),
        ("[true]", "prints"),
    ] {
        let problem = texts(serde_json::from_str(bad).unwrap()).unwrap_err();
        assert!(problem.contains(part), "{bad}: {problem}");
    }
}
