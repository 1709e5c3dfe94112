use super::*;
use azure_core::http::RawResponse;
use azure_core::http::headers::Headers;

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
}

fn refused(status: u16, error: &str, number: i64) -> Error {
    let body = serde_json::json!({
        "error": error, "error_description": format!("AADSTS{number}: something about ana@contoso.com"),
        "error_codes": [number], "trace_id": "t-1", "correlation_id": "c-1"
    });
    let mut headers = Headers::new();
    if status == 429 {
        headers.insert("retry-after", "7");
    }
    let raw = RawResponse::from_bytes(status.into(), headers, body.to_string().into_bytes());
    let kind = ErrorKind::HttpResponse {
        status: status.into(),
        error_code: None,
        raw_response: Some(Box::new(raw)),
    };
    Error::with_error(ErrorKind::Credential, Error::with_message(kind, "AADSTS"), "authentication failed")
}

#[test]
fn each_refusal_has_its_mending_step() {
    for (error, number, word) in [
        ("unauthorized_client", 700016, "client_id"),
        ("invalid_client", 7000215, "value"),
        ("invalid_client", 7000222, "expired"),
        ("invalid_client", 700027, "certificate"),
        ("unauthorized_client", 7000112, "disabled"),
        ("invalid_grant", 65001, "consent"),
        ("invalid_request", 90002, "directory"),
        ("invalid_grant", 53003, "Conditional access"),
        ("invalid_scope", 70011, "GRAPH_ENDPOINT"),
        ("invalid_grant", 1, "sign-in logs"),
    ] {
        let classified = classify(&refused(400, error, number), LOOK_UP, now());
        let GraphError::Credential { failure, hint } = classified else {
            panic!("{number}: {classified:?}");
        };
        assert!(hint.contains(word), "{number}: {hint}");
        assert_eq!(failure.code, format!("{error}/AADSTS{number}"));
        assert_eq!(failure.request_id.as_deref(), Some("t-1"));
    }
}

#[test]
fn what_passes_by_itself_is_no_fault_of_the_credential() {
    for (status, error) in
        [(400, "temporarily_unavailable"), (400, "server_error"), (503, "invalid_request"), (502, "")]
    {
        let classified = classify(&refused(status, error, 90055), LOOK_UP, now());
        assert!(matches!(classified, GraphError::Unavailable(_)), "{status} {error}: {classified:?}");
    }
    let throttled = classify(&refused(429, "invalid_request", 90055), LOOK_UP, now());
    let seven = Some(std::time::Duration::from_secs(7));
    assert!(matches!(throttled, GraphError::Throttled { after, .. } if after == seven), "{throttled:?}");
    let network =
        Error::with_error(ErrorKind::Credential, Error::with_message(ErrorKind::Io, "reset"), "failed");
    assert!(matches!(classify(&network, LOOK_UP, now()), GraphError::Unavailable(_)));
}

#[test]
fn what_never_left_the_process_is_a_fault_of_the_credential() {
    let error = Error::with_message(ErrorKind::Credential, "authority host doesn't use HTTPS scheme");
    assert!(matches!(classify(&error, LOOK_UP, now()), GraphError::Credential { hint,
        .. } if hint.contains("HTTPS")));
}
