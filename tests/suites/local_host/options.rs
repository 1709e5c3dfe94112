//! What a handler may ask of its host by options.

use super::process::lives;
use super::stage::{Stage, TOKEN};
use anyhow::{Context, Result, bail};
use functions_local_host::{LocalError, LocalHost};
use serde_json::json;

/// The environment of the handler that was started last.
fn environment(stage: &Stage, name: &str) -> Result<Option<String>> {
    let pid = stage.starts().pop().context("no handler")?;
    let all = std::fs::read(format!("/proc/{pid}/environ"))?;
    let mut lines = all.split(|&byte| byte == 0).map(|line| String::from_utf8_lossy(line).into_owned());
    Ok(lines.find_map(|line| Some(line.strip_prefix(name)?.strip_prefix('=')?.to_owned())))
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_handler_knows_its_host_by_a_token_that_no_caller_can_send() -> Result<()> {
    let mut tokens = Vec::new();
    for forwarding in [false, true] {
        let stage = Stage::new()?;
        stage.configure("/customHandler/enableForwardingHttpRequest", json!(forwarding))?;
        let anonymous = json!({ "type": "httpTrigger", "name": "req", "authLevel": "anonymous" });
        stage
            .function("submit", json!([anonymous, { "type": "http", "direction": "out", "name": "res" }]))?;
        let host = stage.start().await?;
        let request =
            reqwest::Client::new().post(format!("{}/api/submit", host.url())).header(TOKEN.0, "forged");
        request.body("{}").send().await?;
        let token = environment(&stage, TOKEN.1)?.context("no token")?;
        let seen = stage.requests()?.remove(0);
        assert_eq!((&seen["headers"][TOKEN.0], token.len()), (&json!(token), 43), "forwarding: {forwarding}");
        tokens.push(token);
        host.stop().await;
    }
    assert_ne!(tokens.first(), tokens.last(), "each start has its own");
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_the_option_there_is_no_token() -> Result<()> {
    let stage = Stage::new()?;
    stage.submit()?;
    let mut options = stage.options()?;
    options.caller_token = None;
    let host = LocalHost::start(options).await?;
    reqwest::Client::new().post(format!("{}/api/submit", host.url())).send().await?;
    assert_eq!(stage.requests()?.remove(0)["headers"].get(TOKEN.0), None);
    assert_eq!(environment(&stage, TOKEN.1)?, None);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_handler_that_says_why_it_cannot_work_fails_the_start_and_is_ended() -> Result<()> {
    let problems = json!({ "problems": [{ "message": "no file" }, { "message": "no key" }] }).to_string();
    for (reply, refused) in [
        (json!({ "status": 503, "body": problems }), true),
        (json!({ "status": 503, "body": "busy" }), false),
        (json!({ "status": 200, "body": problems }), false),
    ] {
        let stage = Stage::new()?;
        stage.submit()?;
        stage.script("health", reply.clone())?;
        let mut options = stage.options()?;
        options.ready_path = Some("/health".to_owned());
        match LocalHost::start(options).await {
            Ok(host) if !refused => host.stop().await,
            Err(LocalError::Unfit(why)) if refused => assert_eq!(why, "no file\nno key"),
            Ok(_) => bail!("{reply}: it started"),
            Err(error) => bail!("{reply}: {error}"),
        }
        assert!(!lives(&stage.starts().pop().context("no handler")?), "{reply}");
    }
    Ok(())
}
