use super::*;

#[test]
fn the_query_is_rebuilt_with_repeated_names_joined() {
    for (uri, expected) in [
        ("/api/a%2Fb?x=1&y=%2B&x=2", "/api/a%2Fb?x=1,2&y=%2B"),
        ("/api/a?q=b+c%20d&e=", "/api/a?q=b%20c%20d&e="),
        ("/api/a", "/api/a"),
        ("/api/a?flag", "/api/a?flag="),
    ] {
        assert_eq!(path_and_query(&uri.parse().unwrap()), expected);
    }
}

#[test]
fn repeated_headers_are_joined() {
    let mut headers = HeaderMap::new();
    for (name, value) in [("x-a", "1"), ("x-a", "2"), ("connection", "close")] {
        headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let joined = joined(&headers);
    assert_eq!(
        (joined.len(), &joined["x-a"], &joined["connection"]),
        (2, &"1, 2".parse().unwrap(), &"close".parse().unwrap())
    );
}
