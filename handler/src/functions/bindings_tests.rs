//! `host.json` and `functions/<name>/function.json` against the names in the code and the host's rules
//! (reference/functions-host.md#names).

use super::names::{self, NAMES, binding, queue, route};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn functions() -> BTreeMap<String, Vec<Value>> {
    let folders = fs::read_dir(root().join("functions")).unwrap().map(|folder| folder.unwrap());
    folders
        .map(|folder| {
            let function = read(&folder.path().join("function.json"));
            let bindings = function["bindings"].as_array().unwrap().clone();
            assert_eq!(
                function.as_object().unwrap().len(),
                1,
                "only bindings: a retry would multiply queue attempts"
            );
            (folder.file_name().into_string().unwrap(), bindings)
        })
        .collect()
}

/// `type name target`, a binding's whole meaning.
fn short(binding: &Value) -> String {
    let target =
        ["queueName", "schedule", "route"].iter().find_map(|key| binding[key].as_str()).unwrap_or("-");
    format!("{} {} {target}", binding["type"].as_str().unwrap(), binding["name"].as_str().unwrap())
}

#[test]
fn the_folders_are_the_functions() {
    let folders: BTreeSet<String> = functions().into_keys().collect();
    assert_eq!(folders, NAMES.iter().map(ToString::to_string).collect());
}

#[test]
fn every_binding_has_the_names_that_the_code_uses() {
    let queue_in = |queue: &str| format!("queueTrigger {} {queue}", binding::MESSAGE);
    let timer = |schedule: &str| format!("timerTrigger {} {schedule}", binding::TIMER);
    let http = |route: &str| format!("httpTrigger {} {route}", binding::REQUEST);
    let answer = format!("http {} -", binding::RESPONSE);
    let changes = format!("queue {} {}", binding::CHANGES, queue::CHANGES);
    let mailboxes = format!("queue {} {}", binding::MAILBOXES, queue::MAILBOXES);
    let cancellations = format!("queue {} {}", binding::CANCELLATIONS, queue::CANCELLATIONS);
    let sessions = format!("queue {} {}", binding::SESSIONS, queue::SESSIONS);
    let expected: BTreeMap<&str, Vec<String>> = [
        (
            names::GRAPH_WEBHOOK,
            vec![http(route::GRAPH_WEBHOOK), answer.clone(), changes.clone(), mailboxes.clone()],
        ),
        (names::OBSERVE_CHANGES, vec![queue_in(queue::CHANGES)]),
        (names::CANCEL_ENROLMENT, vec![queue_in(queue::CANCELLATIONS)]),
        (names::RENEW_SUBSCRIPTIONS, vec![timer("0 */5 * * * *"), mailboxes.clone()]),
        (names::TEND_MAILBOXES, vec![queue_in(queue::MAILBOXES), changes.clone(), mailboxes.clone()]),
        (
            names::DISPATCH_DUE,
            vec![timer("%REGRETS_DISPATCH_CRON%"), cancellations.clone(), changes.clone(), sessions.clone()],
        ),
        (names::SYNC_SESSIONS, vec![timer("30 */5 * * * *"), sessions.clone()]),
        (names::PUBLISH_SESSION, vec![queue_in(queue::SESSIONS), sessions.clone()]),
        (names::POISON_SESSIONS, vec![queue_in(queue::SESSIONS_POISON), sessions]),
        (names::POISON_CHANGES, vec![queue_in(queue::CHANGES_POISON), changes]),
        (names::POISON_MAILBOXES, vec![queue_in(queue::MAILBOXES_POISON), mailboxes]),
        (names::POISON_CANCELLATIONS, vec![queue_in(queue::CANCELLATIONS_POISON), cancellations]),
        (names::MANAGE, vec![http(route::MANAGE), answer.clone()]),
        (names::CONSENT, vec![http(route::CONSENT), answer.clone()]),
        (names::LMS_EVENTS, vec![http(route::LMS_EVENTS), answer.clone()]),
        (names::JOIN, vec![http(route::JOIN), answer]),
        (names::HOUSEKEEPING, vec![timer("0 30 * * * *")]),
    ]
    .into();
    let found = functions();
    for (name, expected) in expected {
        assert_eq!(found[name].iter().map(short).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn every_binding_keeps_the_hosts_rules() {
    for (function, bindings) in functions() {
        let triggers = bindings.iter().filter(|binding| binding["direction"] == "in").count();
        assert_eq!(triggers, 1, "{function} has one trigger");
        for binding in &bindings {
            let name = binding["name"].as_str().unwrap();
            let kind = binding["type"].as_str().unwrap();
            assert!(
                name.chars().all(|c| c.is_ascii_alphanumeric()),
                "{function}.{name}: letters and digits only"
            );
            assert!(binding.get("dataType").is_none(), "{function}.{name}: see Invocation::queue_text");
            match kind {
                "queueTrigger" | "queue" => {
                    assert_eq!(binding["connection"], "AzureWebJobsStorage", "{function}.{name}")
                }
                "timerTrigger" => {
                    // Planning at every start: a new deployment watches within seconds, and planning twice is
                    // harmless.
                    let at_start = function == names::RENEW_SUBSCRIPTIONS;
                    assert_eq!(
                        (&binding["useMonitor"], &binding["runOnStartup"]),
                        (&json!(true), &json!(at_start))
                    )
                }
                "httpTrigger" => {
                    let route = binding["route"].as_str().unwrap().to_lowercase();
                    let reserved = ["admin", "runtime"].iter().any(|word| route.starts_with(word));
                    assert!(!reserved, "{function}: the host refuses a function whose route begins so");
                }
                "http" => {}
                other => panic!("{function}.{name}: unknown type {other}"),
            }
        }
    }
    let listened = functions().into_values().flatten().filter(|binding| binding["type"] == "queueTrigger");
    let listened: BTreeSet<String> =
        listened.map(|binding| binding["queueName"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        listened,
        queue::ALL.iter().map(ToString::to_string).collect(),
        "the handler makes what is listened to"
    );
    for queue in [queue::CHANGES, queue::MAILBOXES, queue::CANCELLATIONS, queue::SESSIONS] {
        assert!(queue::ALL.contains(&&*format!("{queue}-poison")));
    }
}

#[test]
fn only_what_proves_itself_is_open_to_anybody() {
    let level =
        |name: &str| (functions()[name][0]["authLevel"].clone(), functions()[name][0]["methods"].clone());
    assert_eq!(level(names::GRAPH_WEBHOOK), (json!("anonymous"), json!(["post"])));
    assert_eq!(level(names::LMS_EVENTS), (json!("anonymous"), json!(["post"])));
    assert_eq!(level(names::CONSENT), (json!("anonymous"), json!(["get"])));
    assert_eq!(level(names::JOIN), (json!("anonymous"), json!(["get", "head"])));
    assert_eq!(level(names::MANAGE), (json!("function"), json!(["get", "post"])));
}

#[test]
fn the_host_is_configured_on_purpose() {
    let host = read(&root().join("host.json"));
    let handler = &host["customHandler"];
    assert_eq!(
        handler["description"]["defaultExecutablePath"], "regrets",
        "the zip entry's name, without ./"
    );
    assert_eq!(handler["enableForwardingHttpRequest"], true, "manage is forwarded as it came");
    assert!(handler.get("enableProxyingHttpRequest").is_none(), "it would win over forwarding");
    assert!(
        host.get("retry").is_none(),
        "it would multiply queue attempts (reference/functions-queues.md#retries)"
    );
    assert_eq!(host["extensions"]["http"]["routePrefix"], route::PREFIX);
    let forwarded = [
        (route::MANAGE_PREFIX, route::MANAGE),
        (route::CONSENT_PREFIX, route::CONSENT),
        (route::LMS_EVENTS_PREFIX, route::LMS_EVENTS),
        (route::JOIN_PREFIX, route::JOIN),
    ];
    for (prefix, route) in forwarded {
        assert_eq!(format!("{prefix}/{{*path}}"), format!("/{}/{route}", route::PREFIX));
    }
    assert_eq!(host["extensions"]["queues"]["messageEncoding"], "base64", "QUEUE_TEXT_LIMIT counts on it");
    // No more is received while more than so many run: as long as they are of three slow connections, others
    // still come in.
    let number =
        |name: &str| host["extensions"]["queues"][name].as_u64().expect("its default depends on the plan");
    let share = u64::try_from(crate::jobs::cancel::connection_slots::SHARE).unwrap();
    assert!(number("newBatchThreshold") >= 3 * share && number("batchSize") >= share);
    let sampling = &host["logging"]["applicationInsights"]["samplingSettings"]["excludedTypes"];
    assert!(
        sampling.as_str().unwrap().split(';').any(|kind| kind == "Trace"),
        "our log lines must not be sampled"
    );
}
