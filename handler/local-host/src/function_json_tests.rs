use super::*;

fn parse(bindings: &str) -> Result<Option<Function>, Complaint> {
    read("submit", &format!(r#"{{"bindings": [{bindings}]}}"#), "api", &Settings::default())
}

#[test]
fn only_one_http_in_and_one_http_out_is_simple() {
    let http = r#"{"type": "httpTrigger", "direction": "in", "name": "req"}"#;
    let res = r#"{"type": "http", "direction": "out", "name": "res"}"#;
    let queue = r#"{"type": "queue", "direction": "out", "name": "jobs", "queueName": "jobs"}"#;
    for (bindings, simple) in [
        (format!("{http}, {res}"), true),
        (http.to_owned(), false),
        (format!("{http}, {res}, {queue}"), false),
        (format!("{http}, {queue}"), false),
    ] {
        assert_eq!(parse(&bindings).unwrap().unwrap().is_simple_http(), simple, "{bindings}");
    }
}

#[test]
fn an_http_trigger_without_options_asks_for_a_key_at_its_own_name() {
    let function = parse(r#"{"type": "HttpTrigger", "name": "req"}"#).unwrap().unwrap();
    let Trigger::Http(http) = function.trigger else { panic!("not http") };
    assert_eq!(
        (http.route.path().as_str(), http.level, http.methods),
        ("/api/submit", AuthLevel::Function, None)
    );
}

#[test]
fn a_function_that_is_off_is_off_whatever_else_it_says() {
    let off = read("submit", r#"{"disabled": "True", "bindings": [5]}"#, "api", &Settings::default());
    assert!(matches!(off, Ok(None)), "{off:?}");
}

#[test]
fn what_cannot_be_served_is_named() {
    for (bindings, part) in [
        ("", "no trigger"),
        (r#"{"type": "timerTrigger", "name": "t", "schedule": "every day"}"#, "NCRONTAB"),
        (r#"{"type": "timerTrigger", "name": "t", "schedule": "%CRON%"}"#, "`CRON`"),
        (r#"{"type": "queueTrigger", "name": "q", "queueName": "A_B"}"#, "queue name"),
        (r#"{"type": "queueTrigger", "name": "q"}"#, "bindings[0].queueName: is missing"),
        (
            r#"{"type": "queueTrigger", "name": "a_b", "queueName": "jobs"}"#,
            "bindings[0].name: expected a letter",
        ),
        (r#"{"type": "blobTrigger", "name": "b"}"#, "bindings[0].type: expected \"httpTrigger\" or"),
        (r#"{"type": "queueTrigger", "queueName": "jobs"}"#, "bindings[0]: missing field `name`"),
        (r#"{"type": "http", "name": "a"}"#, "bindings[0].direction: expected \"out\""),
        (
            r#"{"type": "httpTrigger", "name": "a", "methods": ["p st"]}"#,
            "bindings[0].methods: expected an array",
        ),
        (
            r#"{"type": "httpTrigger", "name": "a", "authLevel": "user"}"#,
            "bindings[0].authLevel: expected \"anon",
        ),
        (
            r#"{"type": "httpTrigger", "name": "a"}, {"type": "http", "direction": "out", "name": "A"}"#,
            "two bindings",
        ),
        (r#"{"type": "httpTrigger", "name": "a"}, {"type": "httpTrigger", "name": "b"}"#, "two triggers"),
        (
            r#"{"type": "httpTrigger", "name": "a"}, {"type": "http", "direction": "out", "name": "$r"}"#,
            "letters",
        ),
    ] {
        let complaint = parse(bindings).unwrap_err();
        assert!(complaint.contains(part), "{bindings}: {complaint}");
    }
}
