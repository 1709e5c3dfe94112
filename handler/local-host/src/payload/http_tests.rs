use super::*;

fn call(uri: &str, kind: &str, body: Option<&'static [u8]>) -> Value {
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, "host.example".parse().unwrap());
    headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
    let call = HttpCall {
        method: Method::POST,
        uri: uri.parse().unwrap(),
        headers,
        params: vec![("id".into(), Some("5".into())), ("rest".into(), None)],
        body: body.map(Bytes::from_static),
    };
    http("order", "req", &call, "2026-11-21T10:00:00.1234567Z".parse().unwrap())
}

#[test]
fn a_request_is_told_as_the_host_tells_it() {
    let mut payload = call(
        "/api/order?x=1&x=2&code=secret",
        "application/json",
        Some(br#"{"id": 1005, "list": [1], "ok": true}"#),
    );
    payload["Metadata"]["sys"]["RandGuid"] = json!("[guid]");
    let identity = payload["Data"]["req"]["Identities"].take();
    assert_eq!((identity[0]["Claims"].as_array().unwrap().len(), &identity[0]["Name"]), (2, &Value::Null));
    insta::assert_json_snapshot!(payload, @r#"
        {
          "Data": {
            "req": {
              "Body": "{\"id\": 1005, \"list\": [1], \"ok\": true}",
              "Headers": {
                "Content-Type": [
                  "application/json"
                ],
                "Host": [
                  "host.example"
                ]
              },
              "Identities": null,
              "Method": "POST",
              "Params": {
                "id": "5",
                "rest": null
              },
              "Query": {
                "code": "secret",
                "x": "1,2"
              },
              "Url": "http://host.example/api/order?x=1&x=2&code=secret"
            }
          },
          "Metadata": {
            "Headers": {
              "Content-Type": "application/json",
              "Host": "host.example"
            },
            "Query": {
              "code": "secret",
              "x": "1,2"
            },
            "id": "\"5\"",
            "ok": "\"True\"",
            "rest": "null",
            "sys": {
              "MethodName": "order",
              "RandGuid": "[guid]",
              "UtcNow": "2026-11-21T10:00:00.1234567Z"
            },
            "x": "\"2\""
          }
        }
        "#);
}

#[test]
fn a_validation_token_is_decoded_exactly_once() {
    let payload = call("/api/order?validationToken=a%2Bb%20c%252B+d", "text/plain", None);
    assert_eq!(payload["Data"]["req"]["Query"]["validationToken"], "a+b c%2B d");
    assert_eq!(payload["Data"]["req"].get("Body"), None);
}

#[test]
fn only_octet_stream_and_multipart_bodies_are_base64() {
    for (kind, expected) in [
        ("application/octet-stream", "/w=="),
        ("multipart/form-data; boundary=x", "/w=="),
        ("image/png", "\u{fffd}"),
        ("text/plain", "\u{fffd}"),
    ] {
        assert_eq!(call("/api/order", kind, Some(b"\xff"))["Data"]["req"]["Body"], expected, "{kind}");
    }
}
