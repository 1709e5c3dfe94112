//! The handler as a process: environment, crashes, restarts, and the death of the host itself.

use super::stage::{HANDLER, PATIENCE, Stage, outputs};
use anyhow::{Context, Result, bail};
use functions_local_host::{ExitZero, Level, LocalError, LocalHost};
use serde_json::json;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

async fn post(host: &LocalHost) -> Result<u16> {
    Ok(reqwest::Client::new().post(format!("{}/api/submit", host.url())).send().await?.status().as_u16())
}

#[tokio::test]
async fn a_killed_handler_fails_what_it_was_doing_and_the_message_comes_again() -> Result<()> {
    let stage = Stage::new()?;
    stage.worker()?;
    stage.submit()?;
    stage.script("worker", json!({ "gate": "go" }))?;
    stage.script("submit", json!({ "gate": "go" }))?;
    let host = std::sync::Arc::new(stage.start().await?);
    host.send("jobs", "resilient").await?;
    let caller = tokio::spawn({
        let host = std::sync::Arc::clone(&host);
        async move { post(&host).await }
    });
    stage.calls("worker", 1).await?;
    stage.calls("submit", 1).await?;
    host.kill_child();
    assert_eq!(caller.await??, 500);
    stage.open("go")?;
    stage.calls("worker", 2).await?;
    host.idle(PATIENCE).await?;
    assert!(host.queue_depths().await?.is_empty());
    assert_eq!((stage.starts().len(), host.child_number()), (2, 2));
    assert!(stage.log.has(Level::Error, "crash 1 of at most 3"));
    Ok(())
}

#[tokio::test]
async fn the_third_crash_stops_the_host_and_old_crashes_are_forgotten() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    stage.script("submit", json!({ "exit": 3 }))?;
    let host = stage.start().await?;
    assert_eq!((post(&host).await?, post(&host).await?), (500, 500));
    stage.until("two crashes", |stage| Ok(stage.log.has(Level::Error, "crash 2 of at most 3"))).await?;
    stage.clock.advance(chrono::TimeDelta::minutes(31));
    assert_eq!((post(&host).await?, post(&host).await?), (500, 500));
    stage.until("a fourth restart", |stage| Ok(stage.starts().len() == 5)).await?;
    assert_eq!(host.failure(), None);
    let _ = post(&host).await;
    let reason = tokio::time::timeout(PATIENCE, host.stopped()).await?;
    assert!(reason.contains("exit status: 3") && reason.contains("crash 3"), "{reason}");
    Ok(())
}

#[tokio::test]
async fn whoever_asks_for_a_new_start_gets_it_as_often_as_he_asks() -> Result<()> {
    for (code, zero) in [(200, ExitZero::Ignore), (0, ExitZero::Restart)] {
        let stage = Stage::new()?;
        stage.submit()?;
        stage.script("submit", json!({ "exit": code }))?;
        let mut options = stage.options()?;
        options.exit_zero = zero;
        let host = LocalHost::start(options).await?;
        for starts in 2..=5 {
            assert_eq!(post(&host).await?, 500);
            stage.until("the restart", |stage| Ok(stage.starts().len() == starts)).await?;
        }
        stage.script("submit", json!({}))?;
        assert_eq!(post(&host).await?, 204, "after exit {code}");
        assert_eq!(host.failure(), None);
        host.stop().await;
    }
    Ok(())
}

#[tokio::test]
async fn the_host_does_not_notice_exit_code_0() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    stage.script("submit", json!({ "exit": 0 }))?;
    let host = stage.start().await?;
    assert_eq!(post(&host).await?, 500);
    stage.until("the warning", |stage| Ok(stage.log.has(Level::Warning, "exited with 0"))).await?;
    stage.script("submit", json!({}))?;
    assert_eq!(post(&host).await?, 500);
    assert_eq!(stage.starts().len(), 1);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_handler_that_leaves_or_never_listens_fails_the_start_with_its_own_words() -> Result<()> {
    for (how, limit, parts) in [
        ("exit:1", "00:00:30", ["exit status: 1", "leaving with 1"]),
        ("deaf", "00:00:00.2", ["did not answer `GET /`", "crash 3"]),
    ] {
        let stage = Stage::new()?;
        stage.configure("/customHandler/initializationTimeout", json!(limit))?;
        stage.submit()?;
        stage.handler_start(how)?;
        let Err(LocalError::Stopped(reason)) = LocalHost::start(stage.options()?).await else {
            bail!("{how}: it started")
        };
        assert!(parts.iter().all(|part| reason.contains(part)), "{how}: {reason}");
        assert_eq!(stage.starts().len(), 3);
    }
    Ok(())
}

/// A host as a process of its own.
struct HostProcess {
    child: Child,
    url: String,
}

impl HostProcess {
    fn start(stage: &Stage) -> Result<Self> {
        stage.options()?;
        let mut child = Command::new(HANDLER)
            .args(["host", "--port", "0", "--lease", "10", "--executable", HANDLER])
            .arg("--root")
            .arg(stage.root())
            .env("SCRIPT", stage.path("script"))
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no stdout")?;
        for line in BufReader::new(stdout).lines() {
            if let Some(url) = line?.strip_prefix("listening on ") {
                return Ok(Self { child, url: url.to_owned() });
            }
        }
        bail!("the host ended before it listened");
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a process of this id still does something.
pub(crate) fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

/// Its handler has nobody left who would end it, and a new host starts another at once.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn after_a_host_was_killed_two_handlers_are_side_by_side_for_two_seconds_at_most_and_nothing_is_lost()
-> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    stage.worker()?;
    stage.script("worker", json!({ "gate": "go" }))?;
    stage.script("submit", outputs(json!({ "jobs": ["precious"] })))?;
    let mut process = HostProcess::start(&stage)?;
    let response = reqwest::Client::new().post(format!("{}/api/submit", process.url)).send().await?;
    assert_eq!(response.status().as_u16(), 200);
    stage.calls("worker", 1).await?;
    let orphan = stage.starts().pop().context("no handler")?;
    assert!(lives(&orphan));
    process.child.kill()?;
    let since = Instant::now();
    process.child.wait()?;
    let _process = HostProcess::start(&stage)?;
    while lives(&orphan) {
        assert!(since.elapsed() < Duration::from_secs(2), "the handler outlived its host");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stage.open("go")?;
    stage.calls("worker", 2).await?;
    let jobs: Vec<_> =
        stage.payloads("worker")?.iter().map(|payload| payload["Data"]["job"].clone()).collect();
    assert_eq!(jobs, ["\"precious\"", "\"precious\""]);
    assert_eq!(stage.starts().len(), 2);
    Ok(())
}

/// The thread that started a handler is not its parent: the process is.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_handler_stays_when_merely_the_thread_ends_that_started_it() -> Result<()> {
    let stage = Stage::new()?;
    let script = stage.path("script");
    let mut handler = std::thread::spawn(move || {
        let port =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr()).map(|it| it.port());
        Command::new(HANDLER)
            .env("SCRIPT", script)
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", port.unwrap_or_default().to_string())
            .spawn()
    })
    .join()
    .ok()
    .context("the thread")??;
    tokio::time::sleep(regrets::custom_handler::LOOK * 5).await;
    let stays = handler.try_wait()?.is_none();
    handler.kill()?;
    handler.wait()?;
    assert!(stays);
    Ok(())
}
