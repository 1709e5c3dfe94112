//! Queues in a real queue service: what it must do, and the cases of the queue trigger that depend on it.

use super::stage::{PATIENCE, Stage, outputs};
use crate::queues::dies_twice;
use anyhow::{Result, bail};
use functions_local_host::{Level, LocalHost, Options, Storage, queue_conformance};
use serde_json::json;
use simulator::azurite::Azurite;
use std::sync::Arc;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_service_does_what_sqlite_does() -> Result<()> {
    let Some(azurite) = Azurite::start_or_skip()? else { return Ok(()) };
    Ok(queue_conformance::run_on_service(&azurite.connection_string()).await?)
}

#[tokio::test]
async fn a_message_passes_through_two_functions_and_is_gone() -> Result<()> {
    let Some(azurite) = Azurite::start_or_skip()? else { return Ok(()) };
    let stage = Stage::on(&azurite)?;
    stage.worker()?;
    stage.function("sink", json!([{ "type": "queueTrigger", "name": "item", "queueName": "next" }]))?;
    stage.script("worker", outputs(json!({ "next": ["passed <on> & on"] })))?;
    let host = stage.start().await?;
    host.send("jobs", r#"{"jobId":"a1"}"#).await?;
    stage.calls("sink", 1).await?;
    host.idle(PATIENCE).await?;
    assert_eq!(stage.payloads("worker")?[0]["Data"]["job"], r#""{\"jobId\":\"a1\"}""#);
    assert_eq!(stage.payloads("sink")?[0]["Data"]["item"], r#""passed <on> & on""#);
    assert!(host.queue_depths().await?.is_empty(), "what succeeded is deleted");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_failing_message_comes_again_and_is_poisoned_at_the_last() -> Result<()> {
    let Some(azurite) = Azurite::start_or_skip()? else { return Ok(()) };
    let stage = Stage::on(&azurite)?;
    stage.configure("/extensions/queues/visibilityTimeout", json!("00:00:01"))?;
    stage.configure("/extensions/queues/maxDequeueCount", json!(3))?;
    stage.worker()?;
    stage.script("worker", json!({ "status": 500 }))?;
    let host = stage.start().await?;
    host.send("jobs", "bad").await?;
    host.send_wire("jobs", "not base64!").await?;
    stage.until("both are poisoned", |stage| Ok(stage.log.has(Level::Error, "failed 3 times on it"))).await?;
    host.idle(PATIENCE).await?;
    assert!(stage.log.has(Level::Error, "goes to jobs-poison: it is not base64"));
    let counts: Vec<_> =
        stage.payloads("worker")?.iter().map(|payload| payload["Metadata"]["DequeueCount"].clone()).collect();
    assert_eq!(counts, ["1", "2", "3"], "what can't be decoded reaches no function");
    let mut poisoned: Vec<_> =
        host.messages("jobs-poison").await?.into_iter().map(|it| (it.text, it.dequeues)).collect();
    poisoned.sort();
    assert_eq!(poisoned, [("bad".to_owned(), 0), ("not base64!".to_owned(), 0)]);
    assert!(!host.queue_depths().await?.contains_key("jobs"));
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_a_dying_host_was_working_on_is_delivered_again_and_counted() -> Result<()> {
    let Some(azurite) = Azurite::start_or_skip()? else { return Ok(()) };
    dies_twice(Stage::on(&azurite)?).await
}

#[tokio::test]
async fn a_long_run_keeps_its_message_though_the_lease_would_have_ended() -> Result<()> {
    let Some(azurite) = Azurite::start_or_skip()? else { return Ok(()) };
    let stage = Stage::on(&azurite)?;
    stage.worker()?;
    stage.script("worker", json!({ "gate": "go" }))?;
    let mut options = stage.options()?;
    options.clock = Arc::new(chrono::Utc::now);
    let host = LocalHost::start(options).await?;
    host.send("jobs", "long").await?;
    stage.calls("worker", 1).await?;
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(13) {
        let depth = host.queue_depths().await?.remove("jobs").unwrap_or_default();
        assert_eq!((depth.visible, depth.invisible), (0, 1), "after {:?}", since.elapsed());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    stage.open("go")?;
    host.idle(PATIENCE).await?;
    assert_eq!(stage.payloads("worker")?.len(), 1);
    assert!(host.queue_depths().await?.is_empty(), "the newest receipt has deleted it");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_handler_is_told_the_account_unless_it_has_one() -> Result<()> {
    let Some(azurite) = Azurite::start_or_skip()? else { return Ok(()) };
    for (own, told) in [(None, azurite.connection_string()), (Some("its own"), "its own".to_owned())] {
        let stage = Stage::on(&azurite)?;
        stage.submit()?;
        let mut options = stage.options()?;
        options.inherit_env = false;
        if let Some(own) = own {
            options.env.insert("AzureWebJobsStorage".into(), own.into());
        }
        let host = LocalHost::start(options).await?;
        let pid = stage.starts().pop().unwrap_or_default();
        let environment = std::fs::read(format!("/proc/{pid}/environ"))?;
        let has = |line: &str| environment.split(|&byte| byte == 0).any(|other| other == line.as_bytes());
        assert!(has(&format!("AzureWebJobsStorage={told}")));
        host.stop().await;
    }
    Ok(())
}

/// The error of a start with these queues.
async fn refused(stage: &Stage, connection: &str) -> Result<String> {
    let options = Options { storage: Storage::Account(connection.to_owned().into()), ..stage.options()? };
    match LocalHost::start(options).await {
        Ok(_) => bail!("it started"),
        Err(error) => Ok(error.to_string()),
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_or_refuses_us_fails_the_start_without_a_key_in_the_words() -> Result<()>
{
    let Some(azurite) = Azurite::start_or_skip()? else { return Ok(()) };
    let stage = Stage::new()?;
    stage.submit()?;
    let endpoint = azurite.queue_endpoint();
    let with =
        |queues: &str| format!("AccountName=devstoreaccount1;AccountKey=c2VjcmV0;QueueEndpoint={queues};");
    let wrong_key = refused(&stage, &with(endpoint)).await?;
    for part in [endpoint, "does not take the AccountKey of account devstoreaccount1", "--storage"] {
        assert!(wrong_key.contains(part), "{wrong_key}");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let missing = refused(&stage, &with(&format!("http://{nobody}/devstoreaccount1"))).await?;
    for part in [nobody.to_string().as_str(), "no answer", "is Azurite running"] {
        assert!(missing.contains(part), "{missing}");
    }
    assert!(!wrong_key.contains("c2VjcmV0") && !missing.contains("c2VjcmV0"), "{wrong_key} {missing}");
    Ok(())
}
