use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::lms::Connector as _;
use crate::lms::engine::testing::{Answer, Lms, Seen, Server, budget, engine, file, order};
use std::sync::Arc;

/// The reply to one attempt at an LMS whose answers are changed so.
async fn cancelled(
    lms: &Arc<Lms>,
    change: impl Fn(&Seen, Answer) -> Answer + Send + Sync + 'static,
) -> (Reply, Vec<String>) {
    let knows = Arc::clone(lms);
    let server = Server::start(move |seen| change(seen, knows.answer(seen))).await;
    let reply = engine(file(), &server).cancel(&order(), budget()).await;
    (reply, server.lines())
}

#[tokio::test]
async fn a_reading_that_is_no_answer_is_an_outage_and_writes_nothing() {
    for answer in [
        Answer::page(200),
        Answer::page(404),
        Answer::empty(200),
        Answer::json(200, "[1, "),
        Answer::json(500, "{}"),
        Answer::json(429, "{}"),
        Answer::json(200, r#"{"status": "cancelled"}"#).cut(80),
    ] {
        let lms = Lms::showing("held");
        let said = answer.clone();
        let says = move |seen: &Seen, answer: Answer| match seen.target.starts_with("/places") {
            true => said.clone(),
            false => answer,
        };
        let (reply, _) = cancelled(&lms, says).await;
        let (outcome, reach) = (reply.outcome, reply.reach);
        assert_eq!((outcome, reach), (LmsOutcome::Outage, Reach::NotReached), "{answer:?} {reply:?}");
        assert_eq!(lms.writes(), 0);
    }
}

#[tokio::test]
async fn nobody_is_found_by_an_answer_that_holds_no_list() {
    for (body, expected) in [
        (r#"[]"#, LmsOutcome::UnknownLearner),
        (r#"{"exception": "invalid_parameter"}"#, LmsOutcome::Unclear),
        (r#"null"#, LmsOutcome::Unclear),
        (
            r#"[{"id": 7, "mail": "ana@contoso.com"}, {"id": 8, "mail": "ana@contoso.com"}]"#,
            LmsOutcome::Unclear,
        ),
        (r#"[{"id": null, "mail": "ana@contoso.com"}]"#, LmsOutcome::Unclear),
    ] {
        let lms = Lms::showing("held");
        let says = move |seen: &Seen, answer: Answer| match seen.target.starts_with("/users") {
            true => Answer::json(200, body),
            false => answer,
        };
        let (reply, lines) = cancelled(&lms, says).await;
        assert_eq!((reply.outcome, lines.len()), (expected, 1), "{body} {reply:?}");
    }
}
