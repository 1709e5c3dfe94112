use super::*;
use crate::enrolment::lms_answer::{LmsOutcome, Reply};
use crate::lms::webhook::exchange::Received;
use http::header::RETRY_AFTER;
use http::{HeaderMap, HeaderValue, StatusCode};

fn read_body(status: u16, body: &str) -> Reply {
    let (status, body) = (StatusCode::from_u16(status).unwrap(), Received::Whole(body.as_bytes().to_vec()));
    let answer = Answer { status, headers: HeaderMap::new(), body };
    let hidden = Hidden { secrets: Vec::new(), learner: "E-4711" };
    read(Ended::Answered(answer), DateTime::UNIX_EPOCH, &hidden)
}

#[test]
fn done_is_only_what_can_mean_nothing_else() {
    use LmsOutcome as O;
    for (outcome, bodies) in [
        (
            O::Done,
            &["", " \n", "{}", r#"{"outcome": " Done "}"#, r#"{"place": 7, "error": null, "ok": true}"#][..],
        ),
        (
            O::Outage,
            &[
                "<html>Please sign in</html>",
                "OK",
                "null",
                "[]",
                "\"done\"",
                "1",
                r#"{"outcome": "done"#,
                "{} {}",
            ],
        ),
        (
            O::Unclear,
            &[
                r#"{"success": false}"#,
                r#"{"ok": "no"}"#,
                r#"{"error": "x"}"#,
                r#"{"errors": ["x"]}"#,
                r#"{"data": {"success": false}}"#,
                r#"{"status": "error"}"#,
                r#"{"outcome": "done", "success": false}"#,
                r#"{"outcome": "cancelled"}"#,
                r#"{"outcome": ""}"#,
            ],
        ),
        (O::Refused, &[r#"{"OUTCOME": "REFUSED"}"#, r#"{"data": {"outcome": "refused"}}"#]),
    ] {
        for body in bodies {
            assert_eq!(read_body(200, body).outcome, outcome, "{body}");
        }
    }
}

#[test]
fn what_was_answered_is_quoted_without_people() {
    let said = |body| read_body(400, body).message;
    assert_eq!(said("<p>no <b>E-4711</b> or ana@contoso.com</p>").as_deref(), Some("“no *** or ***”"));
    assert_eq!(said(""), None);
    assert_eq!(read_body(302, "").outcome, LmsOutcome::Unexpected);
    assert_eq!(read_body(400, "").outcome, LmsOutcome::Unexpected);
}

#[test]
fn only_429_and_503_pause_the_whole_connection() {
    for (status, pauses) in [(429, true), (503, true), (500, false), (502, false), (408, false), (200, false)]
    {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static("60"))]);
        let (status, body) = (StatusCode::from_u16(status).unwrap(), Received::Whole(Vec::new()));
        let hidden = Hidden { secrets: Vec::new(), learner: "E-4711" };
        let answered = Ended::Answered(Answer { status, headers, body });
        let reply = read(answered, DateTime::UNIX_EPOCH, &hidden);
        let minute = Some(Duration::from_secs(60));
        assert_eq!((reply.retry_after, reply.pause), (minute, minute.filter(|_| pauses)), "{status}");
    }
}
