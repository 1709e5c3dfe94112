use super::*;

fn t(property: &str, value: &str) -> Term {
    Term { property: property.to_owned(), value: value.to_owned() }
}

#[test]
fn filters_that_graph_understands_are_understood() {
    let cases = [
        ("iCalUId eq 'a''b'", vec![vec![t("iCalUId", "a'b")]]),
        (
            "iCalUId eq 'x or y' or iCalUId eq 'b'",
            vec![vec![t("iCalUId", "x or y")], vec![t("iCalUId", "b")]],
        ),
        (
            "accountEnabled eq true and mail eq 'a@b'",
            vec![vec![t("accountEnabled", "true"), t("mail", "a@b")]],
        ),
        ("proxyAddresses/any(p:p eq 'smtp:a@b')", vec![vec![t("proxyAddresses", "smtp:a@b")]]),
    ];
    for (text, wanted) in cases {
        assert_eq!(filter(text).unwrap(), wanted, "{text}");
    }
}

#[test]
fn filters_that_graph_refuses_are_refused() {
    for text in ["iCalUId eq 'a'b'", "iCalUId eq a", "iCalUId", "startswith(mail,'a')"] {
        assert_eq!(filter(text).unwrap_err().status, 400, "{text}");
    }
}
