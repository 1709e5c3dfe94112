use super::*;
use crate::function_json;
use crate::reply::fault::Fault;
use crate::settings::Settings;

fn function() -> Function {
    let text = r#"{"bindings": [
            {"type": "httpTrigger", "name": "req"}, {"type": "http", "direction": "out", "name": "res"},
            {"type": "queue", "direction": "out", "name": "jobs", "queueName": "jobs"}]}"#;
    function_json::read("submit", text, "api", &Settings::default()).unwrap().unwrap()
}

fn json(body: &str) -> Result<Reply, Fault> {
    understand(&function(), 200, Some("application/json; charset=utf-8"), body.as_bytes())
}

#[test]
fn a_whole_answer_is_carried_out_exactly() {
    let reply = json(
            r#"{"outputs": {"res": {"StatusCode": "202", "headers": {"Content-Type": "application/json", "X-N": 5}, "body": "{\"a\":1}"},
                "jobs": ["{\"k\": 1}", "abcd", "", "2026"]}, "LOGS": ["accepted"], "returnValue": null}"#,
        )
        .unwrap();
    let texts: Vec<&str> = reply.messages.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["{\"k\": 1}", "abcd", "", "2026"]);
    assert_eq!(reply.logs, ["accepted"]);
    let response = reply.response.unwrap();
    assert_eq!((response.status.as_u16(), response.body.as_str()), (202, "{\"a\":1}"));
    assert_eq!(response.headers["x-n"], "5");
}

#[test]
fn the_smallest_answers_succeed_with_the_hosts_own_response() {
    for (body, status, expected) in [
        ("{}", 204, ""),
        (r#"{"Outputs": null}"#, 204, ""),
        (r#"{"Outputs": {"jobs": []}}"#, 200, "{}"),
        (r#"{"Outputs": {"res": {}}}"#, 200, ""),
    ] {
        let response = json(body).unwrap().response.unwrap();
        assert_eq!((response.status.as_u16(), response.body.as_str()), (status, expected), "{body}");
    }
}

#[test]
fn what_the_host_would_fail_or_hang_on_is_a_fault() {
    let kind = Some("application/json");
    for (status, kind, body, fault) in [
        (500, kind, "{}", Fault::Status(500)),
        (404, kind, "{}", Fault::Status(404)),
        (302, kind, "{}", Fault::Redirect(302)),
        (200, kind, "", Fault::Empty),
        (204, None, "", Fault::Empty),
        (200, kind, "null", Fault::Null),
        (200, Some("text/plain"), "{}", Fault::ContentType("text/plain".into())),
        (200, None, "{}", Fault::ContentType("none".into())),
        (200, Some("application/problem+json"), "{}", Fault::ContentType("application/problem+json".into())),
        (200, kind, "[1]", Fault::NotObject("[1]".into())),
        (200, kind, "\"x\"", Fault::NotObject("\"x\"".into())),
        (200, kind, r#"{"Output": {}}"#, Fault::Member("Output".into())),
        (200, kind, r#"{"ReturnValue": "x"}"#, Fault::ReturnValue),
        (200, kind, r#"{"Outputs": []}"#, Fault::Outputs("[]".into())),
        (200, kind, r#"{"Logs": [{}]}"#, Fault::Logs("[{}]".into())),
        (
            200,
            kind,
            r#"{"Outputs": {"Jobs": []}}"#,
            Fault::UnknownOutput { name: "Jobs".into(), known: "jobs, res".into() },
        ),
    ] {
        assert_eq!(understand(&function(), status, kind, body.as_bytes()), Err(fault), "{status} {body}");
    }
    assert!(matches!(json("stray {}"), Err(Fault::NotJson { .. })));
}
