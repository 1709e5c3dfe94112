//! The connector `webhook` against a real HTTP server on loopback: what is sent, and what each answer means.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod example;
mod faults;
mod receiver;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use receiver::{KEY, Lms, OLD_KEY, cancel, connector, connector_with, line, order};
use regrets::enrolment::lms_answer::{LmsOutcome, OrderEvidence, OrderVerdict, Reach};
use regrets::enrolment::policy::Rate;
use regrets::lms::{Budget, Connector as _, Order};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test]
async fn the_request_is_as_promised() {
    let lms = Lms::answering(|_| StatusCode::NO_CONTENT.into_response()).await;
    let connector = connector(&lms.url);
    cancel(&connector).await;
    let unknown = Order {
        verdict: OrderVerdict::Unseen,
        evidence: OrderEvidence::Removal,
        declined_at: None,
        session_start: None,
        generation: 2,
        decision: 3,
        attempt: 7,
        ..order()
    };
    connector.cancel(&unknown, Budget::of(Duration::from_secs(90))).await;

    let seen = lms.seen();
    let shown: Vec<String> = seen
        .iter()
        .map(|seen| {
            let mut headers: Vec<_> =
                seen.headers.keys().map(|name| format!("{name}: {}", seen.header(name.as_str()))).collect();
            headers.sort();
            format!("{} {}\n{}\n\n{}\n", seen.method, seen.uri, headers.join("\n"), seen.body)
        })
        .collect();
    let shown =
        shown.join("\n").replace(lms.url.authority(), "LMS").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(shown, @r#"
    POST /hooks/regrets?tenant=1
    accept: */*
    content-length: 315
    content-type: application/json
    host: LMS
    user-agent: regrets/VERSION
    webhook-id: rgr_k3J9x
    webhook-signature: v1,fSmhZHjrghvGVyupx8MagOpZjmnn5/pO6fg/cOscNA8=
    webhook-timestamp: 1795255200

    {"type":"enrolment.cancel","timestamp":"2026-11-21T10:00:00Z","data":{"id":"rgr_k3J9x","tenant":"contoso","session":"4711","learner":"ana@contoso.com","generation":1,"decision":1,"verdict":"declined","evidence":"organizer-copy","declinedAt":"2026-11-21T09:48:12Z","sessionStart":"2026-12-01T08:30:00Z","attempt":1}}

    POST /hooks/regrets?tenant=1
    accept: */*
    content-length: 270
    content-type: application/json
    host: LMS
    user-agent: regrets/VERSION
    webhook-id: rgr_k3J9x
    webhook-signature: v1,XqQ1Z96YMkoOoyBwubXu2C+3pndyWD7y/SS3Uh0QOgk=
    webhook-timestamp: 1795255200

    {"type":"enrolment.cancel","timestamp":"2026-11-21T10:00:00Z","data":{"id":"rgr_k3J9x","tenant":"contoso","session":"4711","learner":"ana@contoso.com","generation":2,"decision":3,"verdict":"unseen","evidence":"removal","declinedAt":null,"sessionStart":null,"attempt":7}}
    "#);
}

#[tokio::test]
async fn each_secret_signs_so_that_they_can_be_rotated() {
    let lms = Lms::answering(|_| StatusCode::OK.into_response()).await;
    let rate = Rate { requests: 10, per: chrono::Duration::seconds(1) };
    cancel(&connector_with(&lms.url, &[KEY, OLD_KEY], rate)).await;
    cancel(&connector_with(&lms.url, &[KEY], rate)).await;
    let seen = lms.seen();
    let signed = |key| seen.iter().map(|seen| seen.is_signed_with(key)).collect::<Vec<_>>();
    assert_eq!(signed(&KEY[..]), [true, true]);
    assert_eq!(signed(&OLD_KEY[..]), [true, false]);
    assert_eq!(signed(b"another"), [false, false]);
    assert_eq!(seen[0].header("webhook-signature").split(' ').count(), 2);
}

#[tokio::test]
async fn every_answer_has_its_outcome() {
    let cases: &[(u16, &str)] = &[
        (200, ""),
        (201, "{}"),
        (202, ""),
        (204, ""),
        (200, " \r\n "),
        (200, "\u{FEFF}"),
        (203, ""),
        (200, r#"{"outcome": null}"#),
        (200, r#"{"message": "place freed"}"#),
        (200, r#"{"status": "ok", "error": null, "errors": [], "errorCode": 0, "success": true}"#),
        (200, r#"{"id": 7, "learner": "ana@contoso.com"}"#),
        (200, "OK"),
        (
            200,
            "<html><title>Sign in</title><script>x()</script><body>Please <b>sign in</b>, \
             ana@contoso.com</body></html>",
        ),
        (203, "<html>proxy</html>"),
        (202, "<?xml version=\"1.0\"?><ok/>"),
        (206, "{}"),
        (200, "[1]"),
        (200, "null"),
        (200, "true"),
        (200, r#""done""#),
        (200, r#"{"outcome": "done""#),
        (200, r#"{"outcome": "done"} {"outcome": "refused"}"#),
        (200, ")]}',\n{}"),
        (200, r#"{"success": false}"#),
        (200, r#"{"success": "false", "message": "no right"}"#),
        (200, r#"{"Success": 0}"#),
        (200, r#"{"ok": false}"#),
        (200, r#"{"error": "no right"}"#),
        (200, r#"{"errors": [{"message": "no right"}]}"#),
        (200, r#"{"data": {"success": false}}"#),
        (200, r#"{"status": "error"}"#),
        (200, r#"{"status": 500, "title": "Internal Server Error"}"#),
        (200, r#"{"exception": "dml_exception", "errorcode": "dmlwriteexception"}"#),
        (200, r#"{"cancelled": false}"#),
        (207, r#"{"results": [{"status": 403}]}"#),
        (200, r#"{"outcome": "done", "success": false}"#),
        (200, r#"{"outcome": "not_enrolled", "success": false}"#),
        (200, r#"{"outcome": " DONE\n"}"#),
        (200, r#"{"Outcome": "Refused"}"#),
        (200, r#"{"data": {"outcome": "too_late"}}"#),
        (200, r#"{"results": [{"outcome": "done"}, {"outcome": "refused"}]}"#),
        (200, r#"{"outcome": "already-canceled"}"#),
        (200, r#"{"outcome": "done", "message": "place freed"}"#),
        (202, r#"{"outcome": "accepted"}"#),
        (200, r#"{"outcome": "already_cancelled"}"#),
        (200, r#"{"outcome": "not_enrolled"}"#),
        (200, r#"{"outcome": "unknown_learner", "message": "nobody called ana"}"#),
        (200, r#"{"outcome": "unknown_session"}"#),
        (200, r#"{"outcome": "too_late"}"#),
        (200, r#"{"outcome": "refused", "message": "mandatory\ntraining"}"#),
        (200, "\u{FEFF}{\"outcome\": \"refused\"}"),
        (200, r#"{"outcome": "held-elsewhere", "message": "by the rule for new staff"}"#),
        (200, r#"{"outcome": "cancelled", "message": "gone"}"#),
        (200, r#"{"outcome": "outage"}"#),
        (200, r#"{"outcome": 1}"#),
        (404, ""),
        (404, r#"{"message": "no route"}"#),
        (404, r#"{"outcome": "unknown_session"}"#),
        (404, r#"{"outcome": "nope"}"#),
        (409, ""),
        (409, r#"{"message": "cancelled on Monday"}"#),
        (409, r#"{"outcome": "too_late"}"#),
        (409, "<html>Conflict</html>"),
        (401, r#"{"message": "bad signature"}"#),
        (403, ""),
        (410, ""),
        (408, ""),
        (425, ""),
        (429, ""),
        (500, "<html>stack trace</html>"),
        (502, ""),
        (503, "maintenance until noon"),
        (504, ""),
        (599, ""),
        (300, ""),
        (304, ""),
        (400, r#"{"message": "learner missing"}"#),
        (400, r#"{"outcome": "refused"}"#),
        (422, r#"{"title": "Unprocessable", "detail": "no such session"}"#),
        (400, r#"{"outcome": "nope"}"#),
        (502, "<html><h1>Bad gateway</h1>id 7f9c24e8-3b12-4fef-91e0-5d6bb0f2c3aa</html>"),
        (402, ""),
        (405, ""),
        (413, ""),
        (422, ""),
    ];
    let said = Arc::new(Mutex::new((200_u16, "")));
    let lms = Lms::answering({
        let said = Arc::clone(&said);
        move |_| {
            let (status, body) = *said.lock().unwrap();
            (StatusCode::from_u16(status).unwrap(), body).into_response()
        }
    })
    .await;
    let connector = connector(&lms.url);
    let mut lines = Vec::new();
    for (status, body) in cases {
        *said.lock().unwrap() = (*status, body);
        lines.push(format!(
            "{:<62} {}",
            body.escape_debug().to_string().replace("\\\"", "\""),
            line(&cancel(&connector).await)
        ));
    }
    assert_eq!(lms.seen().len(), cases.len(), "one POST for each attempt");
    insta::assert_snapshot!(lines.join("\n"), @r#"
                                                                   200 Done Sent: -
    {}                                                             201 Done Sent: -
                                                                   202 Done Sent: -
                                                                   204 Done Sent: -
     \r\n                                                          200 Done Sent: -
    \u{feff}                                                       200 Done Sent: -
                                                                   203 Done Sent: -
    {"outcome": null}                                              200 Done Sent: -
    {"message": "place freed"}                                     200 Done Sent: “place freed”
    {"status": "ok", "error": null, "errors": [], "errorCode": 0, "success": true} 200 Done Sent: “{"status": "ok", "error": null, "errors": [], "errorCode": 0, "success": true}”
    {"id": 7, "learner": "ana@contoso.com"}                        200 Done Sent: “{"id": 7, "learner": "***"}”
    OK                                                             200 Outage Sent: a text that is not JSON: “OK”
    <html><title>Sign in</title><script>x()</script><body>Please <b>sign in</b>, ana@contoso.com</body></html> 200 Outage Sent: a page instead of JSON, as from a sign-in or a proxy: “Sign in Please sign in , ***”
    <html>proxy</html>                                             203 Outage Sent: a page instead of JSON, as from a sign-in or a proxy: “proxy”
    <?xml version="1.0"?><ok/>                                     202 Outage Sent: a page instead of JSON, as from a sign-in or a proxy
    {}                                                             206 Outage Sent: only a part of an answer
    [1]                                                            200 Outage Sent: JSON, but no object: “[1]”
    null                                                           200 Outage Sent: JSON, but no object: “null”
    true                                                           200 Outage Sent: JSON, but no object: “true”
    "done"                                                         200 Outage Sent: JSON, but no object: “"done"”
    {"outcome": "done"                                             200 Outage Sent: a text that is not JSON: “{"outcome": "done"”
    {"outcome": "done"} {"outcome": "refused"}                     200 Outage Sent: a text that is not JSON: “{"outcome": "done"} {"outcome": "refused"}”
    )]}\',\n{}                                                     200 Outage Sent: a text that is not JSON: “)]}', {}”
    {"success": false}                                             200 Unclear Sent: `success` is not true: “{"success": false}”
    {"success": "false", "message": "no right"}                    200 Unclear Sent: `success` is not true: “{"success": "false", "message": "no right"}”
    {"Success": 0}                                                 200 Unclear Sent: `Success` is not true: “{"Success": 0}”
    {"ok": false}                                                  200 Unclear Sent: `ok` is not true: “{"ok": false}”
    {"error": "no right"}                                          200 Unclear Sent: `error` is not empty: “{"error": "no right"}”
    {"errors": [{"message": "no right"}]}                          200 Unclear Sent: `errors` is not empty: “{"errors": [{"message": "no right"}]}”
    {"data": {"success": false}}                                   200 Unclear Sent: `success` is not true: “{"data": {"success": false}}”
    {"status": "error"}                                            200 Unclear Sent: `status` speaks of failure: “{"status": "error"}”
    {"status": 500, "title": "Internal Server Error"}              200 Unclear Sent: `status` speaks of failure: “{"status": 500, "title": "Internal Server Error"}”
    {"exception": "dml_exception", "errorcode": "dmlwriteexception"} 200 Unclear Sent: `errorcode` is not empty: “{"exception": "dml_exception", "errorcode": "dmlwriteexception"}”
    {"cancelled": false}                                           200 Unclear Sent: `cancelled` is not true: “{"cancelled": false}”
    {"results": [{"status": 403}]}                                 207 Unclear Sent: `status` speaks of failure: “{"results": [{"status": 403}]}”
    {"outcome": "done", "success": false}                          200 Unclear Sent: the outcome `done`, but `success` is not true: “{"outcome": "done", "success": false}”
    {"outcome": "not_enrolled", "success": false}                  200 NotEnrolled Sent: “{"outcome": "not_enrolled", "success": false}”
    {"outcome": " DONE\\n"}                                        200 Done Sent: -
    {"Outcome": "Refused"}                                         200 Refused Sent: -
    {"data": {"outcome": "too_late"}}                              200 TooLate Sent: “{"data": {"outcome": "too_late"}}”
    {"results": [{"outcome": "done"}, {"outcome": "refused"}]}     200 Unclear Sent: an outcome that is none of done, accepted, already_cancelled, not_enrolled, unknown_learner, unknown_session, too_late, refused, held_elsewhere: “{"results": [{"outcome": "done"}, {"outcome": "refused"}]}”
    {"outcome": "already-canceled"}                                200 AlreadyCancelled Sent: -
    {"outcome": "done", "message": "place freed"}                  200 Done Sent: “place freed”
    {"outcome": "accepted"}                                        202 Accepted Sent: -
    {"outcome": "already_cancelled"}                               200 AlreadyCancelled Sent: -
    {"outcome": "not_enrolled"}                                    200 NotEnrolled Sent: -
    {"outcome": "unknown_learner", "message": "nobody called ana"} 200 UnknownLearner Sent: “nobody called ana”
    {"outcome": "unknown_session"}                                 200 UnknownSession Sent: -
    {"outcome": "too_late"}                                        200 TooLate Sent: -
    {"outcome": "refused", "message": "mandatory\\ntraining"}      200 Refused Sent: “mandatory training”
    \u{feff}{"outcome": "refused"}                                 200 Refused Sent: -
    {"outcome": "held-elsewhere", "message": "by the rule for new staff"} 200 HeldElsewhere Sent: “by the rule for new staff”
    {"outcome": "cancelled", "message": "gone"}                    200 Unclear Sent: an outcome that is none of done, accepted, already_cancelled, not_enrolled, unknown_learner, unknown_session, too_late, refused, held_elsewhere: “{"outcome": "cancelled", "message": "gone"}”
    {"outcome": "outage"}                                          200 Unclear Sent: an outcome that is none of done, accepted, already_cancelled, not_enrolled, unknown_learner, unknown_session, too_late, refused, held_elsewhere: “{"outcome": "outage"}”
    {"outcome": 1}                                                 200 Unclear Sent: an outcome that is none of done, accepted, already_cancelled, not_enrolled, unknown_learner, unknown_session, too_late, refused, held_elsewhere: “{"outcome": 1}”
                                                                   404 Outage Sent: no outcome, as from a receiver that is not deployed yet
    {"message": "no route"}                                        404 Outage Sent: no outcome, as from a receiver that is not deployed yet: “no route”
    {"outcome": "unknown_session"}                                 404 UnknownSession Sent: -
    {"outcome": "nope"}                                            404 Unclear Sent: an outcome that is none of done, accepted, already_cancelled, not_enrolled, unknown_learner, unknown_session, too_late, refused, held_elsewhere: “{"outcome": "nope"}”
                                                                   409 AlreadyCancelled Sent: -
    {"message": "cancelled on Monday"}                             409 AlreadyCancelled Sent: “cancelled on Monday”
    {"outcome": "too_late"}                                        409 TooLate Sent: -
    <html>Conflict</html>                                          409 AlreadyCancelled Sent: “Conflict”
    {"message": "bad signature"}                                   401 CredentialBroken Sent: the signature is not accepted: “bad signature”
                                                                   403 CredentialBroken Sent: the signature is not accepted
                                                                   410 EndpointGone Sent: the endpoint is gone
                                                                   408 Outage Sent: -
                                                                   425 Outage Sent: -
                                                                   429 Outage Sent: -
    <html>stack trace</html>                                       500 Outage Sent: “stack trace”
                                                                   502 Outage Sent: -
    maintenance until noon                                         503 Outage Sent: “maintenance until noon”
                                                                   504 Outage Sent: -
                                                                   599 Outage Sent: -
                                                                   300 Unexpected Sent: -
                                                                   304 Unexpected Sent: -
    {"message": "learner missing"}                                 400 Unexpected Sent: “learner missing”
    {"outcome": "refused"}                                         400 Unclear Sent: the status does not go with the outcome `refused`
    {"title": "Unprocessable", "detail": "no such session"}        422 Unexpected Sent: “{"title": "Unprocessable", "detail": "no such session"}”
    {"outcome": "nope"}                                            400 Unclear Sent: an outcome that is not known: “{"outcome": "nope"}”
    <html><h1>Bad gateway</h1>id 7f9c24e8-3b12-4fef-91e0-5d6bb0f2c3aa</html> 502 Outage Sent: “Bad gateway id ***”
                                                                   402 Unexpected Sent: -
                                                                   405 Unexpected Sent: -
                                                                   413 Unexpected Sent: -
                                                                   422 Unexpected Sent: -
    "#);
}

#[tokio::test]
async fn retry_after_binds_whatever_the_status_and_429_and_503_pause_the_connection() {
    let mut lines = Vec::new();
    for (status, wait) in [
        (429, "2.5"),
        (503, "Sat, 21 Nov 2026 10:05:00 GMT"),
        (503, "0"),
        (429, "9999999"),
        (500, "60"),
        (502, "Sat, 21 Nov 2026 10:01:30 GMT"),
        (408, "7"),
        (400, "60"),
        (302, "60"),
        (200, "60"),
    ] {
        let lms = Lms::answering(move |_| {
            let mut answer = StatusCode::from_u16(status).unwrap().into_response();
            answer.headers_mut().insert(header::RETRY_AFTER, wait.parse().unwrap());
            // The server's own clock, by which it means its date.
            answer.headers_mut().insert(header::DATE, "Sat, 21 Nov 2026 10:00:30 GMT".parse().unwrap());
            answer
        })
        .await;
        lines.push(format!("{wait}: {}", line(&cancel(&connector(&lms.url)).await)));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    2.5: 429 Outage Sent, pause 2.5s: -
    Sat, 21 Nov 2026 10:05:00 GMT: 503 Outage Sent, pause 270s: -
    0: 503 Outage Sent: -
    9999999: 429 Outage Sent, pause 21600s: -
    60: 500 Outage Sent, wait 60s: -
    Sat, 21 Nov 2026 10:01:30 GMT: 502 Outage Sent, wait 60s: -
    7: 408 Outage Sent, wait 7s: -
    60: 400 Unexpected Sent, wait 60s: -
    60: 302 Unexpected Sent, wait 60s: HTTP 302 would turn the POST into a GET; set `lms.url` to the final address, or answer 308
    60: 200 Done Sent, wait 60s: -
    ");
}

#[tokio::test]
async fn a_long_answer_is_cut_and_never_mistaken_for_done() {
    let cases = [
        ("page", 200, format!("<html>{}</html>", "x".repeat(100_000))),
        ("list", 200, format!("[{}]", "1,".repeat(50_000))),
        ("object", 200, format!("{{\"log\": \"{}\", \"outcome\": \"refused\"}}", "x".repeat(100_000))),
        ("message", 200, format!("{{\"outcome\": \"refused\", \"message\": \"{}\"}}", "no ".repeat(5_000))),
        ("failure", 500, "x".repeat(1_000_000)),
    ];
    let mut lines = Vec::new();
    for (name, status, body) in cases {
        let lms =
            Lms::answering(move |_| (StatusCode::from_u16(status).unwrap(), body.clone()).into_response())
                .await;
        let reply = cancel(&connector(&lms.url)).await;
        let length = reply.message.as_deref().unwrap_or_default().chars().count();
        assert!(length <= 300, "{name}: {length} characters");
        lines.push(format!("{name}: {}", line(&reply).chars().take(80).collect::<String>()));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    page: 200 Outage Sent: a long text that is not JSON: “***”
    list: 200 Outage Sent: a long text that is not JSON: “[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1
    object: 200 Unclear Sent: more JSON than is read (64 KiB): “{"log": "***”
    message: 200 Refused Sent: “no no no no no no no no no no no no no no no no no no no no n
    failure: 500 Outage Sent: “***”
    "#);
}

#[tokio::test]
async fn secrets_never_come_back_in_a_message() {
    let echoed = STANDARD.encode(KEY);
    let body =
        format!("{{\"outcome\": \"refused\", \"message\": \"expected whsec_{echoed}, key {echoed}\"}}");
    let lms = Lms::answering(move |_| body.clone().into_response()).await;
    let reply = cancel(&connector(&lms.url)).await;
    assert_eq!(reply.message.as_deref(), Some("“expected whsec_***=, key ***=”"));
}

#[tokio::test]
async fn nothing_is_sent_without_time_for_the_answer() {
    let lms = Lms::answering(|_| StatusCode::OK.into_response()).await;
    let connector = connector(&lms.url);
    let reply = connector.cancel(&order(), Budget::of(Duration::from_secs(29))).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Outage, Reach::NotTried));
    assert_eq!(
        reply.message.as_deref(),
        Some("not sent: 28 s are left of this attempt, an answer may take 30 s")
    );
    let reply = connector.cancel(&order(), Budget::of(Duration::from_secs(31))).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Done, Reach::Sent));
    assert_eq!(lms.seen().len(), 1);
}

#[tokio::test]
async fn the_rate_is_kept_within_the_budget() {
    let lms = Lms::answering(|_| StatusCode::OK.into_response()).await;
    let slow = Rate { requests: 2, per: chrono::Duration::minutes(10) };
    let connector = connector_with(&lms.url, &[KEY], slow);
    let replies = [cancel(&connector).await, cancel(&connector).await, cancel(&connector).await];
    assert_eq!(replies.each_ref().map(|reply| reply.reach), [Reach::Sent, Reach::Sent, Reach::NotTried]);
    assert_eq!(lms.seen().len(), 2);

    let quick =
        connector_with(&lms.url, &[KEY], Rate { requests: 1, per: chrono::Duration::milliseconds(200) });
    let started = std::time::Instant::now();
    let replies = [cancel(&quick).await, cancel(&quick).await];
    assert_eq!(replies.each_ref().map(|reply| reply.reach), [Reach::Sent, Reach::Sent]);
    assert!(started.elapsed() >= Duration::from_millis(200), "the second waited for its turn");
}

#[tokio::test]
async fn an_id_that_no_header_takes_goes_to_a_person() {
    let lms = Lms::answering(|_| StatusCode::OK.into_response()).await;
    let broken = Order { id: "two\nlines".to_owned(), ..order() };
    let reply = connector(&lms.url).cancel(&broken, Budget::of(Duration::from_secs(90))).await;
    insta::assert_snapshot!(line(&reply), @"- Unclear NotReached: not sent: the cancellation's id holds \
                                            characters that no HTTP header takes");
    assert_eq!(lms.seen().len(), 0);
}

/// Text of every encoding that servers make JSON in is read; what it says counts, not what its header claims.
#[tokio::test]
async fn the_encoding_and_the_content_type_do_not_matter() {
    let wide: Vec<u8> =
        "\u{FEFF}{\"outcome\": \"refused\"}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = b"{\"outcome\": \"too_late\", \"message\": \"zu sp\xE4t\"}".to_vec();
    let cases = [
        ("utf-16", "application/json", wide),
        ("latin-1", "application/json; charset=iso-8859-1", latin),
        ("json as html", "text/html", b"{\"outcome\": \"refused\"}".to_vec()),
        ("html as json", "application/json", b"<html>Sign in</html>".to_vec()),
    ];
    let mut lines = Vec::new();
    for (name, kind, body) in cases {
        let lms =
            Lms::answering(move |_| ([(header::CONTENT_TYPE, kind)], body.clone()).into_response()).await;
        lines.push(format!("{name}: {}", line(&cancel(&connector(&lms.url)).await)));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    utf-16: 200 Refused Sent: -
    latin-1: 200 TooLate Sent: “zu sp�t”
    json as html: 200 Refused Sent: -
    html as json: 200 Outage Sent: a page instead of JSON, as from a sign-in or a proxy: “Sign in”
    ");
}

/// What `regrets lms ping` sees.
#[tokio::test]
async fn a_ping_is_signed_asks_for_nothing_and_is_answered_by_any_2xx() {
    let cases: [(u16, &str); 17] = [
        (204, ""),
        (200, "{}"),
        (202, r#"{"received": true}"#),
        (200, "pong"),
        (200, r#"{"error": "unknown type"}"#),
        (200, "<html>Please sign in</html>"),
        (302, ""),
        (400, r#"{"message": "unknown type test.ping"}"#),
        (401, r#"{"message": "bad signature"}"#),
        (403, ""),
        (404, "<html>not found</html>"),
        (405, ""),
        (410, ""),
        (422, ""),
        (429, ""),
        (503, "maintenance"),
        (418, ""),
    ];
    let mut lines = Vec::new();
    for (status, body) in cases {
        let lms = Lms::answering(move |_| {
            let date = [(header::DATE, "Sat, 21 Nov 2026 10:00:30 GMT")];
            (StatusCode::from_u16(status).unwrap(), date, body).into_response()
        })
        .await;
        let pong = connector(&lms.url).ping(&"contoso".into()).await;
        let (seen, said) = (lms.seen(), pong.said.unwrap_or("-".to_owned()));
        assert!(seen[0].is_signed_with(KEY) && seen.len() == 1);
        let sent: serde_json::Value = serde_json::from_str(&seen[0].body).unwrap();
        assert_eq!((&sent["type"], &sent["data"]["tenant"]), (&"test.ping".into(), &"contoso".into()));
        assert_eq!(sent["data"]["id"], seen[0].header("webhook-id"));
        assert_eq!(sent["timestamp"], "2026-11-21T10:00:00Z");
        let well = if pong.is_well { "well" } else { "bad " };
        lines.push(format!("{well} {} | {said} | {}", pong.seen, pong.step.unwrap_or("-".to_owned())));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    well HTTP 204: the receiver answers, and takes what is signed. | - | -
    well HTTP 200: the receiver answers, and takes what is signed. | - | -
    well HTTP 202: the receiver answers, and takes what is signed. | “{"received": true}” | -
    well HTTP 200: the receiver answers, and takes what is signed. | “pong” | A cancellation that is answered so counts as an outage: answer a JSON object, or nothing.
    well HTTP 200: the receiver answers, and takes what is signed. | “{"error": "unknown type"}” | A cancellation that is answered so goes to a person, because `error` is not empty.
    bad  HTTP 200 with a page: something other than the receiver has answered. | “Please sign in” | See what stands before the receiver (a sign-in, a proxy, a web site's fallback). A cancellation that is answered so counts as an outage.
    bad  It is redirected: HTTP 302 would turn the POST into a GET; set `lms.url` to the final address, or answer 308. | - | A cancellation that is answered so would go to a person; if a sign-in stands before the receiver, let its path through.
    bad  HTTP 400: the receiver does not take it. | “unknown type test.ping” | Answer any 2xx to `test.ping`, as to every type that you don't know. If the type is not the reason, no order would be taken either.
    bad  HTTP 401: the receiver does not accept the signature. | “bad signature” | Compare the secret on both sides (the receiver decodes what follows `whsec_` as base64), and verify over the raw body, before anything parses it.
    bad  HTTP 403: the receiver does not accept the signature. | - | Compare the secret on both sides (the receiver decodes what follows `whsec_` as base64), and verify over the raw body, before anything parses it.
    bad  HTTP 404: nothing takes a POST at this path. | “not found” | Check the path of lms.url. Cancellations wait and try again until the receiver is there.
    bad  HTTP 405: nothing takes a POST at this path. | - | Check the path of lms.url. Cancellations wait and try again until the receiver is there.
    bad  HTTP 410: the endpoint is gone. | - | Correct lms.url. A cancellation that is answered so would close the valve.
    bad  HTTP 422: the receiver does not take it. | - | Answer any 2xx to `test.ping`, as to every type that you don't know. If the type is not the reason, no order would be taken either.
    bad  HTTP 429: the receiver can't answer now. | - | Look at the receiver's log. Cancellations wait and try again.
    bad  HTTP 503: the receiver can't answer now. | “maintenance” | Look at the receiver's log. Cancellations wait and try again.
    bad  HTTP 418, which no receiver answers. | - | See what stands before the receiver. A cancellation that is answered so would go to a person.
    "#);
}

#[tokio::test]
async fn a_ping_tells_of_clocks_that_are_apart_and_of_a_host_that_is_not_there() {
    let lms = Lms::answering(|_| {
        let late = [(header::DATE, "Sat, 21 Nov 2026 10:20:00 GMT")];
        (StatusCode::UNAUTHORIZED, late).into_response()
    })
    .await;
    let pong = connector(&lms.url).ping(&"contoso".into()).await;
    assert!(pong.step.as_deref().is_some_and(|step| step.contains("1200 s apart")), "{pong:?}");
    let nowhere = "http://127.0.0.1:1/hooks".parse().unwrap();
    let pong = connector(&nowhere).ping(&"contoso".into()).await;
    assert!(!pong.is_well && pong.seen.starts_with("Not reached: "), "{pong:?}");
}
