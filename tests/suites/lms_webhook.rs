//! The connector `webhook` against a real HTTP server on loopback: what is sent, and what each answer means.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

#[path = "lms_webhook/faults.rs"]
mod faults;
#[path = "lms_webhook/receiver.rs"]
mod receiver;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use receiver::{KEY, Lms, OLD_KEY, cancel, connector, connector_with, line, order};
use regrets::config::Rate;
use regrets::lms::{Budget, Connector as _, LmsOutcome, Order, OrderEvidence, OrderVerdict, Reach};
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
    let shown = shown.join("\n").replace(lms.url.authority(), "LMS").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(shown, @r#"
    POST /hooks/regrets?tenant=1
    accept: */*
    content-length: 302
    content-type: application/json
    host: LMS
    user-agent: regrets/VERSION
    webhook-id: rgr_k3J9x
    webhook-signature: v1,3St7WZ6Yi1q0KZTQ/64bCxCYMbIYy9o3e00XKmUcuNM=
    webhook-timestamp: 1795255200

    {"type":"enrolment.cancel","timestamp":"2026-11-21T10:00:00Z","data":{"id":"rgr_k3J9x","tenant":"contoso","session":"4711","learner":"ana@contoso.com","generation":1,"verdict":"declined","evidence":"organizer-copy","declinedAt":"2026-11-21T09:48:12Z","sessionStart":"2026-12-01T08:30:00Z","attempt":1}}

    POST /hooks/regrets?tenant=1
    accept: */*
    content-length: 257
    content-type: application/json
    host: LMS
    user-agent: regrets/VERSION
    webhook-id: rgr_k3J9x
    webhook-signature: v1,x0JMB58M75Fp0z4NlbqnY6tDv4skZ0IzmuiivqTbPNg=
    webhook-timestamp: 1795255200

    {"type":"enrolment.cancel","timestamp":"2026-11-21T10:00:00Z","data":{"id":"rgr_k3J9x","tenant":"contoso","session":"4711","learner":"ana@contoso.com","generation":2,"verdict":"unseen","evidence":"removal","declinedAt":null,"sessionStart":null,"attempt":7}}
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
        (200, "OK"),
        (200, "<html>Welcome</html>"),
        (200, "[1]"),
        (200, r#"{"outcome": null}"#),
        (200, r#"{"message": "place freed"}"#),
        (200, r#"{"outcome": "done", "message": "place freed"}"#),
        (202, r#"{"outcome": "accepted"}"#),
        (200, r#"{"outcome": "already_cancelled"}"#),
        (200, r#"{"outcome": "not_enrolled"}"#),
        (200, r#"{"outcome": "unknown_learner", "message": "nobody called ana"}"#),
        (200, r#"{"outcome": "unknown_session"}"#),
        (200, r#"{"outcome": "too_late"}"#),
        (200, r#"{"outcome": "refused", "message": "mandatory\ntraining"}"#),
        (200, "\u{FEFF}{\"outcome\": \"refused\"}"),
        (200, r#"{"outcome": "cancelled", "message": "gone"}"#),
        (200, r#"{"outcome": "outage"}"#),
        (200, r#"{"outcome": 1}"#),
        (404, ""),
        (404, r#"{"message": "no route"}"#),
        (404, r#"{"outcome": "unknown_session"}"#),
        (404, r#"{"outcome": "nope"}"#),
        (409, ""),
        (409, r#"{"message": "cancelled on Monday"}"#),
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
    OK                                                             200 Done Sent: -
    <html>Welcome</html>                                           200 Done Sent: -
    [1]                                                            200 Done Sent: -
    {"outcome": null}                                              200 Done Sent: -
    {"message": "place freed"}                                     200 Done Sent: place freed
    {"outcome": "done", "message": "place freed"}                  200 Done Sent: place freed
    {"outcome": "accepted"}                                        202 Accepted Sent: -
    {"outcome": "already_cancelled"}                               200 AlreadyCancelled Sent: -
    {"outcome": "not_enrolled"}                                    200 NotEnrolled Sent: -
    {"outcome": "unknown_learner", "message": "nobody called ana"} 200 UnknownLearner Sent: nobody called ana
    {"outcome": "unknown_session"}                                 200 UnknownSession Sent: -
    {"outcome": "too_late"}                                        200 TooLate Sent: -
    {"outcome": "refused", "message": "mandatory\\ntraining"}      200 Refused Sent: mandatory training
    \u{feff}{"outcome": "refused"}                                 200 Refused Sent: -
    {"outcome": "cancelled", "message": "gone"}                    200 Unclear Sent: an outcome that is not known, "cancelled": gone
    {"outcome": "outage"}                                          200 Unclear Sent: an outcome that is not known, "outage"
    {"outcome": 1}                                                 200 Unclear Sent: an outcome that is not known, 1
                                                                   404 Outage Sent: HTTP 404 without an outcome, as from a receiver that is not deployed yet
    {"message": "no route"}                                        404 Outage Sent: HTTP 404 without an outcome, as from a receiver that is not deployed yet: no route
    {"outcome": "unknown_session"}                                 404 UnknownSession Sent: -
    {"outcome": "nope"}                                            404 Unclear Sent: an outcome that is not known, "nope"
                                                                   409 AlreadyCancelled Sent: -
    {"message": "cancelled on Monday"}                             409 AlreadyCancelled Sent: cancelled on Monday
    {"message": "bad signature"}                                   401 CredentialBroken Sent: HTTP 401, the signature is not accepted: bad signature
                                                                   403 CredentialBroken Sent: HTTP 403, the signature is not accepted
                                                                   410 EndpointGone Sent: HTTP 410, the endpoint is gone
                                                                   408 Outage Sent: HTTP 408
                                                                   425 Outage Sent: HTTP 425
                                                                   429 Outage Sent: HTTP 429
    <html>stack trace</html>                                       500 Outage Sent: HTTP 500
                                                                   502 Outage Sent: HTTP 502
    maintenance until noon                                         503 Outage Sent: HTTP 503: maintenance until noon
                                                                   504 Outage Sent: HTTP 504
                                                                   599 Outage Sent: HTTP 599
                                                                   300 Unclear Sent: HTTP 300
                                                                   304 Unclear Sent: HTTP 304
    {"message": "learner missing"}                                 400 Unclear Sent: HTTP 400: learner missing
    {"outcome": "refused"}                                         400 Unclear Sent: HTTP 400 does not go with the outcome "refused"
    {"title": "Unprocessable", "detail": "no such session"}        422 Unclear Sent: HTTP 422: {"title": "Unprocessable", "detail": "no such session"}
                                                                   402 Unclear Sent: HTTP 402
                                                                   405 Unclear Sent: HTTP 405
                                                                   413 Unclear Sent: HTTP 413
                                                                   422 Unclear Sent: HTTP 422
    "#);
}

#[tokio::test]
async fn only_429_and_503_pause_the_connection() {
    let mut lines = Vec::new();
    for (status, wait) in
        [(429, "2.5"), (503, "Sat, 21 Nov 2026 10:05:00 GMT"), (503, "0"), (429, "9999999"), (500, "60"), (200, "60")]
    {
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
    2.5: 429 Outage Sent, pause 2.5s: HTTP 429
    Sat, 21 Nov 2026 10:05:00 GMT: 503 Outage Sent, pause 270s: HTTP 503
    0: 503 Outage Sent: HTTP 503
    9999999: 429 Outage Sent, pause 21600s: HTTP 429
    60: 500 Outage Sent: HTTP 500
    60: 200 Done Sent: -
    ");
}

#[tokio::test]
async fn a_long_answer_is_cut_and_never_mistaken_for_done() {
    let cases = [
        ("page", 200, format!("<html>{}</html>", "x".repeat(100_000))),
        ("object", 200, format!("{{\"log\": \"{}\", \"outcome\": \"refused\"}}", "x".repeat(100_000))),
        ("message", 200, format!("{{\"outcome\": \"refused\", \"message\": \"{}\"}}", "no ".repeat(5_000))),
        ("failure", 500, "x".repeat(1_000_000)),
    ];
    let mut lines = Vec::new();
    for (name, status, body) in cases {
        let lms = Lms::answering(move |_| (StatusCode::from_u16(status).unwrap(), body.clone()).into_response()).await;
        let reply = cancel(&connector(&lms.url)).await;
        let length = reply.message.as_deref().unwrap_or_default().chars().count();
        assert!(length <= 500, "{name}: {length} characters");
        lines.push(format!("{name}: {}", line(&reply).chars().take(80).collect::<String>()));
    }
    insta::assert_snapshot!(lines.join("\n"), @r"
    page: 200 Done Sent: -
    object: 200 Unclear Sent: HTTP 200 with more JSON than is read (64 KiB)
    message: 200 Refused Sent: no no no no no no no no no no no no no no no no no no no no no
    failure: 500 Outage Sent: HTTP 500
    ");
}

#[tokio::test]
async fn secrets_never_come_back_in_a_message() {
    let echoed = STANDARD.encode(KEY);
    let body = format!("{{\"outcome\": \"refused\", \"message\": \"expected whsec_{echoed}, key {echoed}\"}}");
    let lms = Lms::answering(move |_| body.clone().into_response()).await;
    let reply = cancel(&connector(&lms.url)).await;
    assert_eq!(reply.message.as_deref(), Some("expected whsec_***, key ***"));
}

#[tokio::test]
async fn nothing_is_sent_without_time_for_the_answer() {
    let lms = Lms::answering(|_| StatusCode::OK.into_response()).await;
    let connector = connector(&lms.url);
    let reply = connector.cancel(&order(), Budget::of(Duration::from_secs(29))).await;
    assert_eq!((reply.outcome, reply.reach), (LmsOutcome::Outage, Reach::NotTried));
    assert_eq!(reply.message.as_deref(), Some("not sent: 28 s are left of this attempt, an answer may take 30 s"));
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

    let quick = connector_with(&lms.url, &[KEY], Rate { requests: 1, per: chrono::Duration::milliseconds(200) });
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
    insta::assert_snapshot!(line(&reply), @"- Unclear NotReached: not sent: the cancellation's id holds characters that no HTTP header takes");
    assert_eq!(lms.seen().len(), 0);
}
