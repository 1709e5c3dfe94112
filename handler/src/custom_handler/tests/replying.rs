//! What the host gets back (reference/functions-host.md#failed-replies).

use super::{Closure, one, post, send, serving};
use crate::custom_handler::failure::{Failure, QUEUE_TEXT_LIMIT};
use crate::custom_handler::{Function, HttpResponse, Invocation, Outputs};
use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, StatusCode};

const EMPTY_INVOCATION: &str = r#"{"Data":{},"Metadata":{}}"#;

#[tokio::test]
async fn outputs_have_the_one_form_that_the_host_passes_on_unharmed() {
    let ready = serving(one(Closure(|_| {
        let response =
            HttpResponse::text(StatusCode::ACCEPTED, "{\"a\":1}").header("X-Content-Type-Options", "nosniff");
        let texts = ["abcd".to_owned(), "{\"k\":1}".to_owned()];
        Ok(Outputs::new().http("res", response).queue("jobs", texts).queue("none", []).log("accepted"))
    })));
    let (status, json) = send(&ready, post("/worker", EMPTY_INVOCATION)).await;
    assert_eq!(status, StatusCode::OK);
    insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
    {
      "Logs": [
        "accepted"
      ],
      "Outputs": {
        "jobs": [
          "abcd",
          "{\"k\":1}"
        ],
        "none": [],
        "res": {
          "body": "{\"a\":1}",
          "headers": {
            "Content-Type": "text/plain; charset=utf-8",
            "X-Content-Type-Options": "nosniff"
          },
          "statusCode": 202
        }
      },
      "ReturnValue": null
    }
    "#);
}

#[tokio::test]
async fn a_function_without_outputs_still_replies_with_an_object() {
    let ready = serving(one(Closure(|_| Ok(Outputs::new()))));
    let (status, json) = send(&ready, post("/worker", EMPTY_INVOCATION)).await;
    assert_eq!(
        (status, json.to_string().as_str()),
        (StatusCode::OK, r#"{"Logs":[],"Outputs":{},"ReturnValue":null}"#)
    );
}

#[tokio::test]
async fn a_failure_fails_the_invocation_and_says_why() {
    let ready = serving(one(Closure(|_| Err(Failure::Work("the store is away".to_owned())))));
    let (status, json) = send(&ready, post("/worker", EMPTY_INVOCATION)).await;
    assert_eq!(
        (status, json["error"].as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, Some("the store is away"))
    );
}

#[tokio::test]
async fn a_panic_is_a_failed_invocation_and_the_next_one_is_served() {
    let ready = serving(one(Closure(|invocation: Invocation| match invocation.queue_text("fatal") {
        Ok(text) => panic!("{text}"),
        Err(_) => Ok(Outputs::new()),
    })));
    let (status, json) = send(&ready, post("/worker", r#"{"Data":{"fatal":"boom"}}"#)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(json["error"], "the function panicked: boom");
    assert_eq!(send(&ready, post("/worker", EMPTY_INVOCATION)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_message_that_no_queue_takes_fails_before_any_is_sent() {
    for (size, expected) in
        [(QUEUE_TEXT_LIMIT, StatusCode::OK), (QUEUE_TEXT_LIMIT + 1, StatusCode::INTERNAL_SERVER_ERROR)]
    {
        let ready = serving(one(Closure(move |_| Ok(Outputs::new().queue("jobs", ["x".repeat(size)])))));
        assert_eq!(send(&ready, post("/worker", EMPTY_INVOCATION)).await.0, expected, "{size} bytes");
    }
}

#[tokio::test]
async fn only_a_post_to_the_exact_name_invokes() {
    let ready = serving(one(Closure(|_| Ok(Outputs::new()))));
    for path in ["/Worker", "/worker/", "/api/worker", "//worker", "/nobody"] {
        let (status, json) = send(&ready, post(path, EMPTY_INVOCATION)).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {json}");
    }
    let (_, json) = send(&ready, post("/Worker", EMPTY_INVOCATION)).await;
    assert_eq!(json["error"], "no function `Worker`; this handler has: worker (names are case-sensitive)");
    let (status, _) = send(&ready, Request::get("/worker").body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_function_learns_the_invocations_id_and_trace() {
    let ready =
        serving(one(Closure(|invocation: Invocation| Ok(Outputs::new().log(format!("{invocation:?}"))))));
    let mut request = post("/worker", EMPTY_INVOCATION);
    request.headers_mut().insert("X-Azure-Functions-InvocationId", "i-1".parse().unwrap());
    request.headers_mut().insert("traceparent", "00-t".parse().unwrap());
    let (_, json) = send(&ready, request).await;
    let log = json["Logs"][0].as_str().unwrap();
    assert_eq!(log, r#"Invocation { function: "worker", id: Some("i-1"), trace: Some("00-t"), bytes: 25 }"#);
}

/// Wants no more than a few bytes, and has an answer for more.
struct Small;

#[async_trait]
impl Function for Small {
    async fn invoke(&self, _: Invocation) -> Result<Outputs, Failure> {
        Ok(Outputs::new().log("taken"))
    }

    fn request_limit(&self) -> usize {
        100
    }

    fn too_large(&self) -> Result<Outputs, Failure> {
        Ok(Outputs::new().log("refused"))
    }
}

#[tokio::test]
async fn a_request_over_the_functions_limit_gets_the_functions_answer() {
    let ready = serving(one(Small));
    let chunks = |count: usize| {
        let chunk = |_| Ok::<_, std::io::Error>(vec![b' '; 25]);
        Body::from_stream(futures::stream::iter((0..count).map(chunk)))
    };
    for (body, expected) in [
        (Body::from(vec![b' '; 100]), "taken"),
        (Body::from(vec![b' '; 101]), "refused"),
        (chunks(4), "taken"),
        (chunks(5), "refused"),
    ] {
        let (status, json) = send(&ready, post("/worker", body)).await;
        assert_eq!((status, json["Logs"][0].as_str()), (StatusCode::OK, Some(expected)));
    }
}
