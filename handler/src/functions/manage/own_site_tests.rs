use super::*;
use axum::body::Body;
use axum::routing::get;
use tower::ServiceExt as _;

async fn answered(method: &str, headers: &[(&str, &str)]) -> u16 {
    let origins =
        Origins::new(&Url::parse("https://regrets.contoso.com/x").unwrap(), Some("app.azurewebsites.net"));
    let router = Router::new().route("/", get(async || "").post(async || ""));
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    only_from_our_own(router, origins).oneshot(request).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_post_is_json_and_of_our_own_site_and_a_get_is_anybodys() {
    const JSON: (&str, &str) = ("content-type", "Application/JSON; charset=utf-8");
    for (origin, status) in [
        ("https://regrets.contoso.com", 200),
        ("https://REGRETS.contoso.com:443", 200),
        ("https://app.azurewebsites.net", 200),
        ("http://app.azurewebsites.net", 403),
        ("https://regrets.contoso.com.evil.example", 403),
        ("https://regrets.contoso.com, https://evil.example", 403),
        ("https://regrets.contoso.com:8443", 403),
        ("null", 403),
        ("", 403),
    ] {
        assert_eq!(answered("POST", &[JSON, ("origin", origin)]).await, status, "{origin}");
        assert_eq!(answered("GET", &[("origin", origin)]).await, 200, "{origin}");
    }
    assert_eq!(answered("POST", &[JSON]).await, 200, "the command line sends no origin");
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
    ] {
        assert_eq!(answered("POST", &[("content-type", kind)]).await, 415, "{kind}");
    }
    assert_eq!(answered("POST", &[]).await, 415);
}

#[test]
fn without_tls_only_this_machine_is_ours() {
    let url = Url::parse("https://tunnel.example").unwrap();
    for (hostname, origin, ours) in [
        ("127.0.0.1:7071", "http://127.0.0.1:7071", true),
        ("127.0.0.1:7071", "http://127.0.0.1:7072", false),
        ("contoso.example", "http://contoso.example", false),
        ("contoso.example", "https://tunnel.example", true),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        assert_eq!(Origins::new(&url, Some(hostname)).has(&headers), ours, "{hostname} {origin}");
    }
}
