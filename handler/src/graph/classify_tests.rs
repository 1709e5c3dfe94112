use super::*;

fn body(code: &str, message: &str) -> String {
    format!(
        r#"{{"error":{{"code":"{code}","message":"{message}","innerError":{{"request-id":"r-1","date":"2026-01-12T09:11:26"}}}}}}"#
    )
}

fn named(error: &GraphError) -> String {
    match error {
        GraphError::NotFound(_) => "NotFound".into(),
        GraphError::NoMailbox(_) => "NoMailbox".into(),
        GraphError::Refused(_) => "Refused".into(),
        GraphError::Unauthorized(_) => "Unauthorized".into(),
        GraphError::Credential { .. } => "Credential".into(),
        GraphError::Quota(_) => "Quota".into(),
        GraphError::Conflict(_) => "Conflict".into(),
        GraphError::TooLong { minutes } => format!("TooLong {minutes}"),
        GraphError::Validation(_) => "Validation".into(),
        GraphError::Throttled { after: Some(after), .. } => format!("Throttled {}", after.as_secs()),
        GraphError::Throttled { after: None, .. } => "Throttled".into(),
        GraphError::Unavailable(_) => "Unavailable".into(),
        GraphError::Invalid(_) => "Invalid".into(),
    }
}

#[test]
fn each_refusal_has_its_reaction() {
    use About::{Calendar, Directory, Event, NewSubscription, Subscription};
    let inner = |word: &str| format!("Operation: Create; Exception: [Status Code: {word}; Reason: whatever]");
    let table: Vec<(About, u16, &str, String, &str)> = vec![
        (
            Event,
            404,
            "ErrorItemNotFound",
            "The specified object was not found in the store.".into(),
            "NotFound",
        ),
        (Event, 404, "erroritemnotfound", String::new(), "NotFound"),
        (
            Event,
            404,
            "MailboxNotEnabledForRESTAPI",
            "inactive, soft-deleted, or on-premise".into(),
            "NoMailbox",
        ),
        (Event, 404, "MailboxNotSupportedForRESTAPI", String::new(), "NoMailbox"),
        (Calendar, 404, "ErrorInvalidUser", String::new(), "NoMailbox"),
        (Calendar, 404, "Request_ResourceNotFound", "Resource 'x' does not exist".into(), "NoMailbox"),
        (Directory, 404, "Request_ResourceNotFound", "Resource 'x' does not exist".into(), "NotFound"),
        (Calendar, 410, "SyncStateNotFound", "The sync state generation is not found".into(), "Invalid"),
        (Event, 404, "", String::new(), "Invalid"),
        (Event, 404, "UnknownError", String::new(), "Invalid"),
        (Calendar, 404, "ErrorItemNotFound", String::new(), "NotFound"),
        (
            Event,
            403,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.".into(),
            "Refused",
        ),
        (Event, 403, "ErrorAccessDenied", "Access to OData is disabled: [RAOP]".into(), "Refused"),
        (Directory, 403, "Authorization_RequestDenied", "Insufficient privileges".into(), "Refused"),
        (Event, 403, "", "You do not have the required permissions.".into(), "Refused"),
        (
            Event,
            400,
            "ErrorAccessDenied",
            "You need to be an organizer to cancel a meeting.".into(),
            "Invalid",
        ),
        (Event, 401, "InvalidAuthenticationToken", "Access token has expired".into(), "Unauthorized"),
        (Event, 429, "ApplicationThrottled", "over its MailboxConcurrency limit".into(), "Throttled"),
        (Event, 429, "TooManyRequests", "Please retry again later.".into(), "Throttled"),
        (Event, 423, "ErrorMailboxMoveInProgress", String::new(), "Unavailable"),
        (Event, 424, "FailedDependency", String::new(), "Unavailable"),
        (Event, 503, "ServiceNotAvailable", String::new(), "Unavailable"),
        (Event, 504, "UnknownError", String::new(), "Unavailable"),
        (Event, 405, "Request_BadRequest", String::new(), "Invalid"),
        (Event, 302, "", String::new(), "Invalid"),
        (
            NewSubscription,
            400,
            "ExtensionError",
            "Subscription expiration can only be 10070 minutes in the future.".into(),
            "TooLong 10070",
        ),
        (
            Subscription,
            400,
            "InvalidRequest",
            "Expiration can be at most 4,230 minutes ahead".into(),
            "TooLong 4230",
        ),
        (
            NewSubscription,
            400,
            "ValidationError",
            "endpoint must respond with 200 OK to validation request".into(),
            "Validation",
        ),
        (
            NewSubscription,
            400,
            "InvalidRequest",
            "Response must exactly match validationToken query parameter.".into(),
            "Validation",
        ),
        (
            NewSubscription,
            400,
            "InvalidRequest",
            "Subscription validation request timed out.".into(),
            "Validation",
        ),
        (NewSubscription, 400, "InvalidRequest", "clientState is too long".into(), "Invalid"),
        (NewSubscription, 403, "ExtensionError", inner("Forbidden"), "Refused"),
        (
            NewSubscription,
            403,
            "ExtensionError",
            "Exception: [Status Code: Forbidden; Reason: Maximum number of subscriptions has been reached]"
                .into(),
            "Quota",
        ),
        (NewSubscription, 404, "ExtensionError", inner("NotFound"), "NoMailbox"),
        (NewSubscription, 404, "ResourceNotFound", String::new(), "NoMailbox"),
        (NewSubscription, 400, "ExtensionError", inner("Forbidden"), "Refused"),
        (NewSubscription, 400, "ExtensionError", inner("InternalServerError"), "Unavailable"),
        (NewSubscription, 400, "ExtensionError", "A task was canceled.".into(), "Unavailable"),
        (NewSubscription, 409, "ExtensionError", inner("Conflict"), "Conflict"),
        (Subscription, 404, "ResourceNotFound", "The object was not found.".into(), "NotFound"),
        (Subscription, 404, "ExtensionError", inner("NotFound"), "NotFound"),
    ];
    for (about, status, code, message, expected) in table {
        let body = body(code, &message);
        let refusal = Refusal { status, body: Some(&body), ..Refusal::default() };
        assert_eq!(named(&classify(about, &refusal)), expected, "{about:?} {status} {code} {message}");
    }
}

#[test]
fn a_wait_that_is_asked_for_is_passed_on() {
    for status in [429, 503, 504] {
        let refusal = Refusal { status, retry_after: Some(Duration::from_secs(11)), ..Refusal::default() };
        assert_eq!(named(&classify(About::Event, &refusal)), "Throttled 11");
    }
}

#[test]
fn an_answer_in_any_shape_is_classified_by_its_status() {
    for body in ["", "<html>", "[]", "\"text\"", r#"{"error":null}"#, r#"{"error":{"code":7}}"#] {
        let refusal = Refusal { status: 503, body: Some(body), ..Refusal::default() };
        assert_eq!(named(&classify(About::Event, &refusal)), "Unavailable", "{body}");
    }
}

#[test]
fn a_failure_names_codes_and_never_texts() {
    let body = body("ErrorItemNotFound ana@contoso.com", "ana@contoso.com is not here");
    let refusal = Refusal { status: 403, body: Some(&body), ..Refusal::default() };
    insta::assert_snapshot!(
        classify(About::Event, &refusal).to_string(),
        @"access to the mailbox is refused: 403 ErrorItemNotFound (request-id r-1)"
    );
}
