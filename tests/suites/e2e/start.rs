//! Starting: what is wrong is said and ends the process; both layouts serve; strangers at the webhook get nowhere.

use crate::{regrets, stage};
use serde_json::{Value, json};
use simulator::stage::{HOST_JSON, Layout, Stage, lay_out};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use suites::{address, alerts, becomes, decline, drained, invite, known, setup, status, wait_until, watched};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) const GOOD: &str = r#"
public_url = "https://regrets.contoso.com"

[tenant.contoso]
directory  = "11111111-2222-3333-4444-555555555555"
client_id  = "66666666-7777-8888-9999-000000000000"
credential = { client_secret = { env = "SECRET" } }
watch      = { mailboxes = { all = true } }
recognise  = { session = { ical_uid = '^lms-(?<session>\d+)@' } }
policy     = { grace = "10m" }
lms        = { connector = "webhook", url = "https://lms.contoso.com/hooks", secret = { env = "LMS_SECRET" } }
"#;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// App settings; an empty value takes one away.
type Settings<'a> = &'a [(&'a str, &'a str)];

/// Runs the binary until it ends by itself: code and stderr.
async fn run(args: &[&str], root: &Path, env: Settings<'_>) -> (Option<i32>, String) {
    let mut command = tokio::process::Command::new(regrets());
    command.args(args).current_dir(root).env_clear().env("FUNCTIONS_APP_ROOT_PATH", root);
    command.env("SECRET", "s3cret").env("LMS_SECRET", format!("whsec_{KEY}"));
    command
        .env("REGRETS_STATE_KEYS", format!("a:{KEY}"))
        .env("REGRETS_STORE", format!("sqlite:{}/ledger.db", root.display()));
    for (name, value) in env {
        match *value {
            "" => command.env_remove(name),
            value => command.env(name, value),
        };
    }
    let child =
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), child.wait_with_output()).await;
    let output = ended.unwrap_or_else(|_| panic!("it still runs: {args:?} {env:?}")).unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// Under the Functions host, alone: the host shows the last lines of stderr.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_cannot_serve_says_why_and_exits_with_1() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
    let port = "FUNCTIONS_CUSTOMHANDLER_PORT";
    let not_a_minute = GOOD.replace("\"10m\"", "\"10\"");
    let cases: &[(&str, &str, Settings, &[&str])] = &[
        ("no configuration", "", &[(port, &free)], &["regrets.toml"]),
        ("not TOML", "public_url = ", &[(port, &free)], &["regrets.toml:1:14"]),
        ("a bad value", &not_a_minute, &[(port, &free)], &["regrets.toml:10:", "`10` needs a unit"]),
        ("an unknown key", &GOOD.replace("public_url", "publicurl"), &[(port, &free)], &["publicurl", "public_url"]),
        ("no secret", GOOD, &[(port, &free), ("LMS_SECRET", "")], &["LMS_SECRET is not set"]),
        ("no keys", GOOD, &[(port, &free), ("REGRETS_STATE_KEYS", "")], &["REGRETS_STATE_KEYS"]),
        ("no such port", GOOD, &[(port, "70000")], &["FUNCTIONS_CUSTOMHANDLER_PORT is `70000`", "1 to 65535"]),
        ("a taken port", GOOD, &[(port, &taken)], &["can't listen on 127.0.0.1:"]),
        (
            "no place for the ledger",
            GOOD,
            &[(port, &free), ("REGRETS_STORE", "sqlite:/proc/none/ledger.db")],
            &["the ledger /proc/none/ledger.db"],
        ),
        (
            "an override that is wrong",
            GOOD,
            &[(port, &free), ("REGRETS__TENANT__CONTOSO__POLICY__GRACE", "soon")],
            &["REGRETS__TENANT__CONTOSO__POLICY__GRACE"],
        ),
    ];
    let _held = std::net::TcpListener::bind(format!("127.0.0.1:{taken}"));
    for (what, toml, env, said) in cases {
        let root = tempfile::tempdir().unwrap();
        if !toml.is_empty() {
            std::fs::write(root.path().join("regrets.toml"), toml).unwrap();
        }
        let (code, stderr) = run(&[], root.path(), env).await;
        assert_eq!(code, Some(1), "{what}: {stderr}");
        for text in *said {
            assert!(stderr.contains(text), "{what}: no '{text}' in:\n{stderr}");
        }
        assert!(!stderr.contains("panicked") && !stderr.contains("s3cret"), "{what}: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_host_that_cannot_serve_says_why_and_exits_with_1() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path(), regrets(), Layout::Packaged).unwrap();
    std::fs::write(root.path().join("regrets.toml"), GOOD.replace("\"10m\"", "\"10\"")).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let cases: &[(&str, &Path, &[&str], &[&str])] = &[
        ("no host.json", empty.path(), &["--port", "0"], &["host.json"]),
        ("a taken port", root.path(), &["--port", &port], &["listen on 127.0.0.1:", &port]),
        ("no place for data", root.path(), &["--port", "0", "--data", "/proc/none"], &["/proc/none"]),
        (
            "a handler that gives up",
            root.path(),
            &["--port", "0", "--max-crashes", "2"],
            &["`10` needs a unit", "crash 2"],
        ),
    ];
    for (what, root, args, said) in cases {
        let cron = [("REGRETS_DISPATCH_CRON", "0 * * * * *")];
        let (code, stderr) = run(&[&["local"], *args].concat(), root, &cron).await;
        assert_eq!(code, Some(1), "{what}: {stderr}");
        for text in *said {
            assert!(stderr.contains(text), "{what}: no '{text}' in:\n{stderr}");
        }
        assert!(!stderr.contains("panicked"), "{what}: {stderr}");
    }
    assert!(HOST_JSON.contains("\"regrets\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_repository_serves_as_it_is() {
    let mut setup = setup(&["ana"]);
    setup.layout = Layout::Repository;
    setup.policy.grace = "0s";
    let stage = stage(setup, |world| invite(world, "4711", &["ana"])).await;
    watched(&stage, 1).await;
    known(&stage, 1).await;
    decline(stage.simulator.world(), "ana", "4711");
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;
}

/// The simulated Graph's authority is nobody's but SSL_CERT_FILE's.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_anchor_of_ssl_cert_file_graph_is_not_trusted_and_that_is_said() {
    let mut setup = setup(&["ana"]);
    setup.env.push(("SSL_CERT_FILE", None));
    let stage = stage(setup, |world| invite(world, "4711", &["ana"])).await;
    wait_until(&stage, "the alert is raised", || async {
        let alerts = alerts(&stage).await;
        if alerts == ["directory"] { Ok(()) } else { Err(format!("{alerts:?}")) }
    })
    .await;
    let log = stage.log().join("\n");
    assert!(log.contains("invalid peer certificate"), "nothing says why:\n{}", stage.log_tail(20));
    assert_eq!(stage.simulator.world().requests().len(), 0);
    assert_eq!(status(&stage, "/mailboxes").await, json!({}));
}

/// One post to the webhook, byte by byte; gives status and body.
async fn post(stage: &Stage, query: &str, head: &str, body: &[u8]) -> (u16, String) {
    let authority = stage.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let request = format!(
        "POST /api/graph/notifications{query} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-type: application/json\r\n{head}\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // Whoever refuses a long body may close before it has all of it.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default();
    (status, body)
}

async fn sized(stage: &Stage, body: &[u8]) -> u16 {
    post(stage, "", &format!("content-length: {}\r\n", body.len()), body).await.0
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_at_the_webhook_get_an_answer_and_a_count_and_nothing_else() {
    let stage = stage(setup(&["ana"]), |_| {}).await;
    watched(&stage, 1).await;
    let world = stage.simulator.world();
    let created =
        world.requests().into_iter().find(|request| request.method == "POST" && request.path == ["subscriptions"]);
    let ours = created.unwrap().body.unwrap()["clientState"].as_str().unwrap().to_owned();
    let item = |over: Value| {
        let mut item = json!({
            "clientState": ours, "changeType": "updated", "subscriptionId": "1",
            "resourceData": { "id": "AAkALgAAAAAAHYQD" },
        });
        item.as_object_mut().unwrap().extend(over.as_object().unwrap().clone());
        json!({ "value": [item] }).to_string().into_bytes()
    };
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000)).into_bytes();
    let long = "x".repeat(2_000);
    let half = ours.split_at(ours.len() / 2).0;
    let cases: Vec<(&str, Vec<u8>, u16, &str, u64)> = vec![
        ("nothing", vec![], 400, "chunked_or_empty", 1),
        ("words", b"hello".to_vec(), 400, "not_json", 1),
        ("half a JSON", br#"{"value": ["#.to_vec(), 400, "not_json", 1),
        ("5 MB", vec![b' '; 5 * 1024 * 1024].into_iter().chain(*b"{}").collect(), 413, "too_large", 1),
        ("a deep nest", deep, 202, "no_items", 1),
        ("a number", b"5".to_vec(), 202, "no_items", 1),
        ("no list", br#"{"value": {"a": 1}}"#.to_vec(), 202, "no_items", 1),
        // The host hands over text, in which such bytes are replaced.
        ("no UTF-8", b"{\"value\": [\"\xff\xfe\"]}".to_vec(), 202, "malformed_item", 1),
        ("no items", br#"{"value": [1, "x", null, []]}"#.to_vec(), 202, "malformed_item", 4),
        ("no state", item(json!({ "clientState": null })), 202, "no_client_state", 1),
        ("a state of another type", item(json!({ "clientState": { "a": [1] } })), 202, "no_client_state", 1),
        ("a forged state", item(json!({ "clientState": "v1.a.contoso.0.forged" })), 202, "forged_client_state", 1),
        ("half a state", item(json!({ "clientState": half })), 202, "forged_client_state", 1),
        (
            "a foreign directory",
            item(json!({ "tenantId": "99999999-2222-3333-4444-555555555555" })),
            202,
            "wrong_directory",
            1,
        ),
        ("an unknown change", item(json!({ "changeType": "exploded" })), 202, "unknown_change_type", 1),
        ("no event", item(json!({ "resourceData": { "id": {} }, "resource": "Users" })), 202, "no_event_id", 1),
        ("a long event", item(json!({ "resourceData": { "id": long } })), 202, "event_id_too_long", 1),
        ("an unknown lifecycle", item(json!({ "lifecycleEvent": "reborn" })), 202, "unknown_lifecycle_event", 1),
    ];
    let mut wanted: BTreeMap<&str, u64> = BTreeMap::new();
    for (what, body, status, cause, count) in &cases {
        assert_eq!(sized(&stage, body).await, *status, "{what}");
        *wanted.entry(cause).or_default() += count;
    }
    // The host drops bodies that come in chunks.
    let body = item(json!({}));
    let chunk = [format!("{:x}\r\n", body.len()).into_bytes(), body, b"\r\n0\r\n\r\n".to_vec()].concat();
    assert_eq!(post(&stage, "", "transfer-encoding: chunked\r\n", &chunk).await.0, 400);
    *wanted.entry("chunked_or_empty").or_default() += 1;
    // The handshake: what the query says, decoded once.
    let token = "?validationToken=Validation%3a+a%252Bb%2Bc";
    assert_eq!(post(&stage, token, "content-length: 0\r\n", b"").await, (200, "Validation: a%2Bb+c".to_owned()));
    for bad in ["?validationToken=%3Cscript%3E".to_owned(), format!("?validationToken={long}")] {
        assert_eq!(post(&stage, &bad, "content-length: 0\r\n", b"").await.0, 400);
        *wanted.entry("bad_token").or_default() += 1;
    }
    // A true one, about an event that nobody has.
    assert_eq!(sized(&stage, &item(json!({}))).await, 202);

    wait_until(&stage, "the counts are shown", || async {
        let now = status(&stage, "/dropped").await;
        if now == json!(wanted) { Ok(()) } else { Err(format!("{now} instead of {}", json!(wanted))) }
    })
    .await;
    assert_eq!(alerts(&stage).await, ["chunked-posts"]);
    drained(&stage).await;
    assert_eq!(stage.enrolments().await.unwrap(), Vec::<Value>::new());
    // It still listens.
    invite(world, "4711", &["ana"]);
    known(&stage, 1).await;
    assert!(world.user_id(&address("ana")).is_some());
}
