use super::*;

fn parse(text: &str) -> Result<HttpResponse, String> {
    read(serde_json::from_str(text).unwrap())
}

#[test]
fn the_responses_of_the_hosts_own_tests_are_read() {
    for (text, status, body) in [
        (r#"{"statusCode":"204"}"#, 204, ""),
        ("{}", 200, ""),
        (r#"{"body":"hello"}"#, 200, "hello"),
        (r#"{"body":"foobar","statusCode":"301","headers":{"header1":"header1Value"}}"#, 301, "foobar"),
    ] {
        let response = parse(text).unwrap();
        assert_eq!((response.status.as_u16(), response.body.as_str()), (status, body), "{text}");
    }
    assert_eq!(parse(r#"{"body":"hello"}"#).unwrap().headers[CONTENT_TYPE], "text/plain; charset=utf-8");
}

#[test]
fn what_the_host_would_change_or_fail_on_is_refused() {
    for (text, part) in [
        (r#""SomeBlah""#, "fails on"),
        ("null", "fails on"),
        (r#"{"status": 202}"#, "write `statusCode`"),
        (r#"{"statusCode": "abc"}"#, "statusCode"),
        (r#"{"statusCode": 99}"#, "statusCode"),
        (r#"{"headers": {"Set-Cookie": ["a", "b"]}}"#, "array"),
        (r#"{"headers": {"X": null}}"#, "null"),
        (r#"{"headers": {"X": "a\nb"}}"#, "can't carry"),
        (r#"{"headers": {"X": "a", "x": "b"}}"#, "twice"),
        (r#"{"headers": {"Content-Length": "5"}}"#, "host's own"),
        (r#"{"headers": []}"#, "object"),
        (r#"{"body": {"a": 1}}"#, "indentation"),
        (r#"{"body": 5}"#, ".NET"),
        (r#"{"cookies": []}"#, "ignored"),
    ] {
        let problem = parse(text).unwrap_err();
        assert!(problem.contains(part), "{text}: {problem}");
    }
}
