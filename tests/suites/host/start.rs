//! Starting: what is wrong is said, and ends the process only where nobody could call it; both layouts serve;
//! strangers at the webhook get nowhere.

use crate::{regrets, stage};
use serde_json::{Value, json};
use simulator::stage::{HOST_JSON, Layout, Stage, lay_out};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use suites::{
    PATIENCE, address, alerts, becomes, decline, drained, invite, known, setup, status, wait_until, watched,
};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
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
pub(crate) type Settings<'a> = &'a [(&'a str, &'a str)];

fn command(args: &[&str], root: &Path, env: Settings<'_>) -> tokio::process::Command {
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
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs the binary until it ends by itself: code and stderr.
async fn run(args: &[&str], root: &Path, env: Settings<'_>) -> (Option<i32>, String) {
    let child = command(args, root, env).stderr(Stdio::piped()).spawn().unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(20), child.wait_with_output()).await;
    let output = ended.unwrap_or_else(|_| panic!("it still runs: {args:?} {env:?}")).unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

const PORT: &str = "FUNCTIONS_CUSTOMHANDLER_PORT";

/// What is looked at every minute is looked at every three seconds.
const HASTY: Settings<'static> = &[("REGRETS_LOCAL", "1"), ("REGRETS_LOCAL_HASTE", "20")];

/// Under the Functions host, alone: nobody could call it, and the host shows the last lines of stderr.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_nobody_could_call_says_why_and_exits_with_1() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (port, said) in [
        ("70000", "FUNCTIONS_CUSTOMHANDLER_PORT is `70000`; it must be a port number from 1 to 65535"),
        (&port, "can't listen on 127.0.0.1:"),
    ] {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("regrets.toml"), GOOD).unwrap();
        let (code, stderr) = run(&[], root.path(), &[(PORT, port)]).await;
        assert_eq!(code, Some(1), "{stderr}");
        let last: Value = serde_json::from_str(stderr.lines().last().unwrap()).unwrap();
        assert_eq!((&last["level"], &last["message"]), (&json!("ERROR"), &json!("the handler ends")));
        assert!(last["why"].as_str().unwrap().contains(said), "{last}");
    }
}

/// A handler as the Functions host starts it, without the host.
pub(crate) struct Alone {
    root: tempfile::TempDir,
    url: String,
    child: tokio::process::Child,
    pub(crate) errors: Arc<Mutex<Vec<Value>>>,
}

impl Alone {
    pub(crate) fn start(toml: &str, env: Settings<'_>) -> Self {
        let root = tempfile::tempdir().unwrap();
        if !toml.is_empty() {
            std::fs::write(root.path().join("regrets.toml"), toml).unwrap();
        }
        let port =
            std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port().to_string();
        let mut command = command(&[], root.path(), env);
        let mut child = command.env(PORT, &port).stderr(Stdio::piped()).spawn().unwrap();
        let (stderr, errors) = (child.stderr.take().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let lines = Arc::clone(&errors);
        tokio::spawn(async move {
            let mut stderr = tokio::io::BufReader::new(stderr).lines();
            while let Ok(Some(line)) = stderr.next_line().await {
                lines.lock().unwrap().push(serde_json::from_str(&line).unwrap());
            }
        });
        Self { root, url: format!("http://127.0.0.1:{port}"), child, errors }
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        // Only the first has an effect.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let request = reqwest::Client::new().request(method.parse().unwrap(), format!("{}{path}", self.url));
        let answer = request.json(body).send().await.ok()?;
        Some((answer.status().as_u16(), answer.json().await.ok()?))
    }

    /// The answer of `GET manage/status`, as soon as it has this status.
    pub(crate) async fn status(&self, wanted: u16) -> Value {
        let since = Instant::now();
        loop {
            let found = self.call("GET", "/api/manage/status", &Value::Null).await;
            match found {
                Some((status, body)) if status == wanted => return body,
                Some(_) | None if since.elapsed() < Duration::from_secs(40) => {}
                Some(_) | None => panic!("{found:?} instead of {wanted}: {:?}", self.errors.lock().unwrap()),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Ending would only make the host end, too, and nobody would learn why.
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_cannot_work_stays_fails_every_invocation_and_says_why() {
    let not_a_minute = GOOD.replace("\"10m\"", "\"10\"");
    let unknown = GOOD.replace("public_url", "publicurl");
    let grace = ("REGRETS__TENANT__CONTOSO__POLICY__GRACE", "soon");
    let cases: &[(&str, &str, Settings, &str, Value)] = &[
        ("no configuration", "", &[], "regrets.toml", json!([null, null, null])),
        ("not TOML", "public_url = ", &[], "regrets.toml:1:14", json!([null, 1, 14])),
        (
            "a bad value",
            &not_a_minute,
            &[],
            "`10` needs a unit",
            json!(["tenant.contoso.policy.grace", 10, 24]),
        ),
        ("an unknown key", &unknown, &[], "publicurl", json!(["publicurl", 2, 1])),
        (
            "no keys",
            GOOD,
            &[("REGRETS_STATE_KEYS", "")],
            "REGRETS_STATE_KEYS",
            json!(["REGRETS_STATE_KEYS", null, null]),
        ),
        ("an override", GOOD, &[grace], grace.0, json!(["tenant.contoso.policy.grace", null, null])),
    ];
    for (what, toml, env, said, place) in cases {
        let mut handler = Alone::start(toml, env);
        let status = handler.status(503).await;
        assert_eq!(status["error"], "configuration", "{what}: {status}");
        let problem = status["problems"].as_array().unwrap().iter().find(|it| it.to_string().contains(said));
        let problem = problem.unwrap_or_else(|| panic!("{what}: no '{said}' in {status}"));
        assert_eq!(json!([problem["key"], problem["line"], problem["column"]]), *place, "{what}: {problem}");
        let post = json!({ "Data": { "req": { "Method": "POST", "Body": "{}" } }, "Metadata": {} });
        assert_eq!(handler.call("POST", "/graph-webhook", &post).await.unwrap().0, 500, "{what}");
        let lines = handler.errors.lock().unwrap().clone();
        let alert =
            lines.iter().find(|line| line["alert"] == "configuration" && line["why"] == problem["message"]);
        let alert = alert.unwrap_or_else(|| panic!("{what}: no alert in {lines:?}"));
        let given = |name: &str| alert.get(name).cloned().unwrap_or(Value::Null);
        assert_eq!(json!([given("key"), given("line"), given("column")]), *place, "{what}");
        assert!(!format!("{lines:?}").contains("s3cret"), "{what}");
        assert!(handler.child.try_wait().unwrap().is_none(), "{what}: it has ended");
    }
    let handler = Alone::start(GOOD, &[("REGRETS_STORE", "sqlite:/proc/none/ledger.db")]);
    let status = handler.status(503).await;
    assert_eq!(status["error"], "start", "{status}");
    assert!(status.to_string().contains("the ledger /proc/none/ledger.db"), "{status}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_file_is_taken_up_without_a_restart() {
    let mut handler = Alone::start(&GOOD.replace("\"10m\"", "\"10\""), &[]);
    handler.status(503).await;
    std::fs::write(handler.root.path().join("regrets.toml"), GOOD).unwrap();
    let since = Instant::now();
    assert!(handler.status(200).await["tenants"]["contoso"].is_object());
    assert!(since.elapsed() < Duration::from_secs(60));
    assert!(handler.child.try_wait().unwrap().is_none());
    let post = json!({ "Data": { "req": { "Method": "POST", "Body": "{}" } }, "Metadata": {} });
    assert_eq!(handler.call("POST", "/graph-webhook", &post).await.unwrap().0, 200);
}

/// The second tenant of a file whose first is good, and that lacks one secret.
const SECOND: &str = r#"
[tenant.second]
directory  = "11111111-2222-3333-4444-666666666666"
client_id  = "66666666-7777-8888-9999-000000000000"
credential = { client_secret = { env = "SECRET" } }
watch      = { mailboxes = { all = true } }
recognise  = { session = { ical_uid = '^lms-(?<session>\d+)@' } }
lms        = { url = "https://lms.second.com/hooks", secret = { env = "LATER" } }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_missing_closes_its_own_tenant_until_it_is_there() {
    let mut handler = Alone::start(&format!("{GOOD}{SECOND}"), HASTY);
    let status = handler.status(200).await;
    assert_eq!(status["tenants"]["contoso"]["secrets"], Value::Null, "{status}");
    let why = status["tenants"]["second"]["secrets"].as_str().unwrap();
    assert!(
        why.starts_with("app setting LATER is not set, and tenant.second.lms.secret names it: set it"),
        "{why}"
    );
    let post = json!({ "Data": { "req": { "Method": "POST", "Body": "{}" } }, "Metadata": {} });
    assert_eq!(handler.call("POST", "/graph-webhook", &post).await.unwrap().0, 200);
    let alerts = |of: &Value| of["tenants"]["second"]["alerts"].clone();
    let since = Instant::now();
    let mut now = status;
    while alerts(&now)[0]["kind"] != "secret-missing" {
        assert!(since.elapsed() < PATIENCE, "{now}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        now = handler.status(200).await;
    }
    assert_eq!(now["tenants"]["contoso"]["alerts"], json!([]));
    let lines = handler.errors.lock().unwrap().clone();
    let said: Vec<&Value> = lines.iter().filter(|line| line["alert"] == "secret-missing").collect();
    assert!(matches!(said[..], [line] if line["tenant"] == "second"), "{lines:?}");

    let values = json!({ "Values": { "LATER": format!("whsec_{KEY}") } });
    std::fs::write(handler.root.path().join("local.settings.json"), values.to_string()).unwrap();
    let since = Instant::now();
    while alerts(&now) != json!([]) || now["tenants"]["second"]["secrets"] != Value::Null {
        assert!(since.elapsed() < Duration::from_secs(90), "{now}");
        tokio::time::sleep(Duration::from_millis(200)).await;
        now = handler.status(200).await;
    }
    assert!(handler.child.try_wait().unwrap().is_none(), "it was started anew");
}

/// Under a whole host: what ends in a poison queue while the configuration is wrong comes back from it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_poisoned_meanwhile_comes_back_and_is_worked_on_when_the_file_is_corrected() {
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path(), regrets(), Layout::Packaged).unwrap();
    let mut host: Value = serde_json::from_str(HOST_JSON).unwrap();
    host["extensions"]["queues"]["visibilityTimeout"] = json!("00:00:00");
    host["extensions"]["queues"]["maxPollingInterval"] = json!("00:00:00.1");
    host["extensions"]["queues"]["maxDequeueCount"] = json!(2);
    std::fs::write(root.path().join("host.json"), host.to_string()).unwrap();
    let file = root.path().join("regrets.toml");
    std::fs::write(&file, GOOD.replace("\"10m\"", "\"10\"")).unwrap();
    let mut options = functions_local_host::Options::new(root.path());
    options.log = functions_local_host::Log::memory();
    let secret = format!("whsec_{KEY}");
    options.env =
        [("SECRET", "s3cret"), ("LMS_SECRET", &secret)].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    regrets::cli::local::furnish(&mut options).unwrap();
    // It shall serve all the same.
    options.ready_path = None;
    let local = functions_local_host::LocalHost::start(options).await.unwrap();
    assert!(local.refusal("/api/manage/status").await.unwrap().contains("`10` needs a unit"));
    let text = r#"{"v":1,"tenant":"contoso","enrolment":"nobody"}"#;
    local.send("regrets-cancellations", text).await.unwrap();
    let poisoned = |count: usize| {
        let lines = local.log().lines();
        lines.iter().filter(|line| line.text.contains("goes to regrets-cancellations-poison")).count()
            >= count
    };
    // Round and round, more often than a poison queue would hand it out.
    let since = Instant::now();
    while !poisoned(4) {
        assert!(since.elapsed() < PATIENCE, "{:?}", local.log().lines());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    std::fs::write(&file, GOOD).unwrap();
    // A good handler can't read this one, and keeps it for a person.
    let since = Instant::now();
    while !local.log().has(functions_local_host::Level::Error, "an unreadable message is kept for review") {
        assert!(since.elapsed() < PATIENCE, "{:?}", local.log().lines());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    local.idle(PATIENCE).await.unwrap();
    assert!(local.queue_depths().await.unwrap().is_empty());
    local.stop().await;
}

/// Who writes on to a file that has another in its place loses what he writes.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn another_file_in_the_place_of_the_ledger_makes_the_handler_ask_for_a_new_start() {
    let mut handler = Alone::start(GOOD, HASTY);
    handler.status(200).await;
    let ledger = handler.root.path().join("ledger.db");
    let other = handler.root.path().join("other.db");
    std::fs::copy(&ledger, &other).unwrap();
    std::fs::rename(&other, &ledger).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(90), handler.child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(200));
    let lines = handler.errors.lock().unwrap().clone();
    assert_eq!(lines.last().unwrap()["message"], "the handler asks for a new start");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_local_host_that_cannot_serve_says_why_and_exits_with_1() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path(), regrets(), Layout::Packaged).unwrap();
    std::fs::write(root.path().join("regrets.toml"), GOOD).unwrap();
    let wrong = tempfile::tempdir().unwrap();
    lay_out(wrong.path(), regrets(), Layout::Packaged).unwrap();
    std::fs::write(wrong.path().join("regrets.toml"), GOOD.replace("\"10m\"", "\"10\"")).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let cases: &[(&str, &Path, &[&str], &[&str])] = &[
        ("no host.json", empty.path(), &["--port", "0"], &["host.json"]),
        ("a taken port", root.path(), &["--port", &port], &["listen on 127.0.0.1:", &port]),
        ("no place for data", root.path(), &["--port", "0", "--data", "/proc/none"], &["/proc/none"]),
        ("a wrong configuration", wrong.path(), &["--port", "0"], &["regrets.toml:10:", "`10` needs a unit"]),
    ];
    for (what, root, args, said) in cases {
        let secret = format!("whsec_{KEY}");
        let env =
            [("REGRETS_DISPATCH_CRON", "0 * * * * *"), ("SECRET", "s3cret"), ("LMS_SECRET", secret.as_str())];
        let (code, stderr) = run(&[&["local"], *args].concat(), root, &env).await;
        assert_eq!(code, Some(1), "{what}: {stderr}");
        for text in *said {
            assert!(stderr.contains(text), "{what}: no '{text}' in:\n{stderr}");
        }
        assert!(stderr.matches("needs a unit").count() <= 1, "{what}: said more than once:\n{stderr}");
        assert!(!wrong.path().join(".regrets").exists(), "{what}: something was started before the check");
        assert!(!stderr.contains("panicked"), "{what}: {stderr}");
    }
    assert!(HOST_JSON.contains("\"regrets\""));
}

/// What `regrets check` refuses, a local host refuses; what it warns of, a local host says once, and serves.
#[tokio::test(flavor = "multi_thread")]
async fn a_local_host_says_once_what_check_says() {
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path(), regrets(), Layout::Packaged).unwrap();
    std::fs::write(root.path().join("regrets.toml"), GOOD.replace("grace =", "unseen = \"cancel\", grace ="))
        .unwrap();
    let cron = ("REGRETS_DISPATCH_CRON", "0 * * * * *");
    let (code, stderr) =
        run(&["local", "--port", "0"], root.path(), &[cron, ("REGRETS_COLOUR", "red")]).await;
    assert!(code == Some(1) && stderr.contains("REGRETS_COLOUR is none that Regrets reads"), "{stderr}");

    let mut command = command(&["local", "--port", "0"], root.path(), &[cron, ("LMS_SECRET", "")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = tokio::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let serves = async {
        while let Ok(Some(line)) = out.next_line().await {
            if line.contains("\"ready\"") || line.contains("ready  ") {
                return true;
            }
        }
        false
    };
    assert!(tokio::time::timeout(PATIENCE, serves).await.unwrap());
    child.start_kill().unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).await.unwrap();
    for said in [
        "warning: tenant contoso is closed: app setting LMS_SECRET is not set",
        "warning: tenant contoso: with policy.unseen",
    ] {
        assert_eq!(stderr.matches(said).count(), 1, "{stderr}");
    }
}

/// Both ends of a terminal: what is written to the second is read from the first.
#[cfg(target_os = "linux")]
fn terminal() -> (std::fs::File, std::fs::File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&screen).unwrap();
    unlockpt(&screen).unwrap();
    let path = ptsname(&screen, Vec::new()).unwrap().into_string().unwrap();
    let keyboard = std::fs::File::options().read(true).write(true).open(path).unwrap();
    (screen.into(), keyboard)
}

/// The handler's line that it is ready, as `regrets local` shows it.
#[cfg(target_os = "linux")]
async fn ready_line(more: &[&str], on_terminal: bool) -> String {
    let root = tempfile::tempdir().unwrap();
    lay_out(root.path(), regrets(), Layout::Packaged).unwrap();
    std::fs::write(root.path().join("regrets.toml"), GOOD).unwrap();
    let args = [&["local", "--port", "0"], more].concat();
    let mut command = command(&args, root.path(), &[("REGRETS_DISPATCH_CRON", "0 * * * * *")]);
    let (mut child, lines): (_, Box<dyn std::io::Read + Send>) = if on_terminal {
        let (screen, there) = terminal();
        command.stdout(there.try_clone().unwrap()).stderr(there);
        (command.spawn().unwrap(), Box::new(screen))
    } else {
        let (reader, writer) = std::io::pipe().unwrap();
        command.stdout(writer.try_clone().unwrap()).stderr(writer);
        (command.spawn().unwrap(), Box::new(reader))
    };
    // The streams that it holds for the next child would keep them open.
    drop(command);
    let reading = tokio::task::spawn_blocking(move || {
        use std::io::BufRead as _;
        let lines = std::io::BufReader::new(lines).lines().map_while(Result::ok);
        lines.map(|line| line.trim_end().to_owned()).find(|line| line.contains("ready"))
    });
    let line = tokio::time::timeout(PATIENCE, reading).await;
    child.kill().await.unwrap();
    line.unwrap().unwrap().unwrap_or_else(|| panic!("it ended before it was ready"))
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_readable_on_a_terminal_and_json_elsewhere_unless_told_otherwise() {
    for (more, on_terminal, readable) in [
        (&[] as &[&str], true, true),
        (&[], false, false),
        (&["--log", "auto"], true, true),
        (&["--log", "json"], true, false),
        (&["--log", "text"], false, true),
    ] {
        let line = ready_line(more, on_terminal).await;
        let is_json = serde_json::from_str::<Value>(&line).is_ok_and(|line| line["message"] == "ready");
        let is_readable = line.contains(" INFO  ready  tenants=1");
        assert_eq!(
            (is_json, is_readable),
            (!readable, readable),
            "{more:?}, on a terminal: {on_terminal}: {line}"
        );
    }
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
        "POST /api/graph/notifications{query} HTTP/1.1\r\nhost: {authority}\r\nconnection: \
         close\r\ncontent-type: application/json\r\n{head}\r\n"
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
    let created = world
        .requests()
        .into_iter()
        .find(|request| request.method == "POST" && request.path == ["subscriptions"]);
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
        (
            "a forged state",
            item(json!({ "clientState": "v1.a.contoso.0.forged" })),
            202,
            "forged_client_state",
            1,
        ),
        ("half a state", item(json!({ "clientState": half })), 202, "forged_client_state", 1),
        (
            "a foreign directory",
            item(json!({ "tenantId": "99999999-2222-3333-4444-555555555555" })),
            202,
            "wrong_directory",
            1,
        ),
        ("an unknown change", item(json!({ "changeType": "exploded" })), 202, "unknown_change_type", 1),
        (
            "no event",
            item(json!({ "resourceData": { "id": {} }, "resource": "Users" })),
            202,
            "no_event_id",
            1,
        ),
        ("a long event", item(json!({ "resourceData": { "id": long } })), 202, "event_id_too_long", 1),
        (
            "an unknown lifecycle",
            item(json!({ "lifecycleEvent": "reborn" })),
            202,
            "unknown_lifecycle_event",
            1,
        ),
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
    assert_eq!(
        post(&stage, token, "content-length: 0\r\n", b"").await,
        (200, "Validation: a%2Bb+c".to_owned())
    );
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
    // Written right after the counts.
    wait_until(&stage, "the alert is raised", || async {
        let alerts = alerts(&stage).await;
        if alerts == ["chunked-posts"] { Ok(()) } else { Err(format!("{alerts:?}")) }
    })
    .await;
    drained(&stage).await;
    assert_eq!(stage.enrolments().await.unwrap(), Vec::<Value>::new());
    // It still listens.
    invite(world, "4711", &["ana"]);
    known(&stage, 1).await;
    assert!(world.user_id(&address("ana")).is_some());
}
