use super::*;
use crate::graph::classify::{About, Refusal, classify};
use std::time::Duration;

fn answered(status: u16, code: &str, after: Option<u64>) -> WriteFailure {
    let body = format!(r#"{{"error": {{"code": "{code}", "message": ""}}}}"#);
    let refusal = Refusal {
        status,
        body: Some(&body),
        retry_after: after.map(Duration::from_secs),
        ..Refusal::default()
    };
    classify(About::Event, &refusal).of_write()
}

#[test]
fn each_answer_is_done_not_done_or_unknown() {
    use WriteFailure::*;
    for (status, code, after, expected) in [
        (400, "ErrorDuplicateTransactionId", None, Duplicate),
        (409, "ErrorDuplicateTransactionId", None, Duplicate),
        (409, "ErrorIrresolvableConflict", None, Unknown),
        (409, "ConcurrentItemSave", None, Unknown),
        (412, "ErrorIrresolvableConflict", None, Changed),
        (404, "ErrorItemNotFound", None, NotThere),
        // A gateway's, which says nothing of the event.
        (404, "UnknownError", None, NotDone),
        (400, "ErrorInvalidRequest", None, NotDone),
        (403, "ErrorAccessDenied", None, NotDone),
        (429, "ApplicationThrottled", Some(7), NotDone),
        (503, "ServiceUnavailable", Some(7), Unknown),
        (503, "ServiceUnavailable", None, Unknown),
        (504, "GatewayTimeout", None, Unknown),
        (504, "GatewayTimeout", Some(7), Unknown),
        (500, "InternalServerError", None, Unknown),
    ] {
        assert_eq!(answered(status, code, after), expected, "{status} {code} {after:?}");
    }
    let lost = Failure { status: None, code: "timeout".into(), request_id: None };
    assert_eq!(GraphError::Unavailable(lost.clone()).of_write(), Unknown);
    let never = Failure { code: "noConnection".into(), ..lost.clone() };
    assert_eq!(GraphError::Unavailable(never).of_write(), NotDone);
    assert_eq!(GraphError::Invalid(lost).of_write(), Unknown);
}
