//! What the log costs: lines and bytes of an idle minute and of a thousand posts, as they were and as they
//! are.
//!
//! Ours are counted: the real binary under `regrets local`, whose streams are read as the Functions host
//! reads them. The host's own are as they were seen on a real one: 138 entries and 76 KB an idle minute while
//! `logLevel.default` let the SDK's categories through, and two lines of together 316 bytes an invocation,
//! which `Function` at `Warning` leaves out. What `host.json` lets through now is read from it.
//!
//! `cargo bench -p suites --bench log` takes half a minute; the last line is JSON.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use anyhow::{Context as _, Result, bail};
use regrets::http::client::{HttpOptions, client};
use serde_json::{Map, Value, json};
use simulator::stage::{HOST_JSON, Policy, Setup, Stage};
use simulator::{Options, TenantSeed, UserSeed};
use std::path::Path;
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_regrets-under-test");
const POSTS: usize = 1000;
/// Entries and bytes of the host and its SDK in an idle minute with a `default` level.
const SDK: (usize, usize) = (138, 76_000);
/// "Executing" and "Executed" of one invocation.
const HOST: (usize, usize) = (2, 316);

fn main() -> Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(measure())
}

async fn measure() -> Result<()> {
    let organizer = UserSeed::new("Learning", "learning@contoso.com");
    let tenant = TenantSeed::new("contoso.com").user(organizer).user(UserSeed::new("Ana", "ana@contoso.com"));
    let options =
        Options { tenants: vec![tenant.group("learners", &["ana@contoso.com"])], ..Options::default() };
    let never = Some("0 0 0 1 1 *".to_owned());
    let env = vec![("REGRETS_DISPATCH_CRON", never)];
    let setup =
        Setup { options, policy: Policy::default(), group: "learners".to_owned(), env, ..Setup::default() };
    let stage = Stage::start_with(Path::new(BINARY), setup, |_| {}).await?;
    let created = |stage: &Stage| {
        let requests = stage.simulator.world().requests();
        let made = requests
            .into_iter()
            .find(|request| request.method == "POST" && request.path == ["subscriptions"]);
        made.and_then(|request| Some(request.body?.get("clientState")?.as_str()?.to_owned()))
    };
    let since = Instant::now();
    let state = loop {
        match created(&stage) {
            Some(state) => break state,
            None if since.elapsed() > Duration::from_secs(30) => {
                bail!("nobody is watched:\n{}", stage.log_tail(20))
            }
            None => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    };
    quiet(&stage).await;

    // The timers of five minutes: five times what is due, once the plan.
    let before = stage.log().len();
    for _ in 0..5 {
        stage.run_function("dispatch-due").await?;
    }
    stage.run_function("renew-subscriptions").await?;
    quiet(&stage).await;
    let (lines, bytes) = ours(&stage, before);
    let idle = (lines.div_ceil(5), bytes.div_ceil(5));

    let forged = json!({ "clientState": "v1.a.contoso.0.forged", "changeType": "updated",
    "resourceData": { "id": "AAk" } });
    let genuine = json!({ "clientState": state, "changeType": "updated",
    "resourceData": { "id": "AAkALgAAAAAAHYQD" } });
    let mut figures = Map::new();
    println!("{:<28} {:>22} {:>22}", "", "before: lines, bytes", "now: lines, bytes");
    let mut row = |name: &str, key: &str, ours: (usize, usize), theirs: (usize, usize), left: bool| {
        let before = (ours.0 + theirs.0, ours.1 + theirs.1);
        let now = if left { before } else { ours };
        println!(
            "{name:<28} {:>22} {:>22}",
            format!("{}, {}", before.0, before.1),
            format!("{}, {}", now.0, now.1)
        );
        let figure =
            json!({ "lines_before": before.0, "bytes_before": before.1, "lines": now.0, "bytes": now.1 });
        figures.insert(key.to_owned(), figure);
    };
    let level = |name: &str| -> Option<String> {
        let host: Value = serde_json::from_str(HOST_JSON).ok()?;
        Some(host.pointer("/logging/logLevel")?.get(name)?.as_str()?.to_owned())
    };
    row("an idle minute", "idle_minute", idle, SDK, level("default").is_some());
    for (name, key, item) in
        [("1000 forged posts", "forged_posts", forged), ("1000 posts of one change", "posts", genuine)]
    {
        let before = stage.log().len();
        post(&stage, &json!({ "value": [item] })).await?;
        quiet(&stage).await;
        let counted = ours(&stage, before);
        let is_heard = level("Function").as_deref() != Some("Warning");
        row(name, key, counted, (HOST.0 * POSTS, HOST.1 * POSTS), is_heard);
    }
    println!("{}", Value::Object(figures));
    Ok(())
}

async fn post(stage: &Stage, body: &Value) -> Result<()> {
    let http = client(&HttpOptions::default())?;
    for _ in 0..POSTS {
        let url = format!("{}/api/graph/notifications", stage.url);
        let answer = http.post(url).json(body).send().await.context("a post")?;
        anyhow::ensure!(answer.status().as_u16() == 202, "{}", answer.status());
    }
    Ok(())
}

/// Until nothing has been said for two seconds.
async fn quiet(stage: &Stage) {
    let (mut lines, mut since) = (stage.log().len(), Instant::now());
    while since.elapsed() < Duration::from_secs(2) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = stage.log().len();
        if now != lines {
            (lines, since) = (now, Instant::now());
        }
    }
}

/// The handler's own lines since then, with their ends.
fn ours(stage: &Stage, since: usize) -> (usize, usize) {
    let log = stage.log();
    let lines: Vec<&String> = log.iter().skip(since).filter(|line| line.starts_with('{')).collect();
    (lines.len(), lines.iter().map(|line| line.len() + 1).sum())
}
