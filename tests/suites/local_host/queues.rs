//! Queue triggers: delivery, retry, poison, repetition, and what survives a killed host.

use super::stage::{PATIENCE, Stage, outputs};
use anyhow::Result;
use functions_local_host::{Chaos, Depth, Level, Picks};
use serde_json::json;

#[tokio::test]
async fn a_message_reaches_its_function_and_its_output_the_next_one() -> Result<()> {
    let stage = Stage::new()?;
    stage.worker()?;
    stage.function(
        "sink",
        json!([{ "type": "queueTrigger", "name": "item", "queueName": "NEXT", "dataType": "binary" }]),
    )?;
    stage.script("worker", outputs(json!({ "next": ["passed on"] })))?;
    let host = stage.start().await?;
    host.send("jobs", r#"{"jobId":"a1"}"#).await?;
    stage.calls("sink", 1).await?;
    host.idle(PATIENCE).await?;
    assert_eq!(stage.payloads("worker")?[0]["Data"]["job"], r#""{\"jobId\":\"a1\"}""#);
    assert_eq!(stage.payloads("sink")?[0]["Data"]["item"], "cGFzc2VkIG9u");
    assert!(host.queue_depths().await?.is_empty(), "what succeeded is deleted");
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_failing_message_waits_for_its_visibility_timeout_each_time_and_is_poisoned_at_the_last()
-> Result<()> {
    let stage = Stage::new()?;
    stage.configure("/extensions/queues/visibilityTimeout", json!("00:00:30"))?;
    stage.configure("/extensions/queues/maxDequeueCount", json!(3))?;
    stage.worker()?;
    stage.script("worker", json!({ "status": 500 }))?;
    let host = stage.start().await?;
    host.send("jobs", "bad").await?;
    for attempt in 1..=3 {
        stage.calls("worker", attempt).await?;
        host.idle(PATIENCE).await?;
        if attempt < 3 {
            let waiting = Depth { visible: 0, invisible: 1 };
            assert_eq!(host.queue_depths().await?.get("jobs"), Some(&waiting), "attempt {attempt}");
            stage.clock.advance(chrono::TimeDelta::seconds(30));
            host.wake();
        }
    }
    let counts: Vec<_> =
        stage.payloads("worker")?.iter().map(|payload| payload["Metadata"]["DequeueCount"].clone()).collect();
    assert_eq!(counts, ["1", "2", "3"]);
    let poisoned = host.messages("jobs-poison").await?;
    assert_eq!((poisoned.len(), poisoned[0].text.as_str(), poisoned[0].dequeues), (1, "bad", 0));
    assert!(host.messages("jobs").await?.is_empty());
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_is_not_base64_is_poisoned_without_a_call() -> Result<()> {
    let stage = Stage::new()?;
    stage.worker()?;
    let host = stage.start().await?;
    host.send_wire("jobs", "not base64!").await?;
    stage
        .until("the poison line", |stage| {
            Ok(stage.log.has(Level::Error, "goes to jobs-poison: it is not base64"))
        })
        .await?;
    assert_eq!(host.messages("jobs-poison").await?[0].text, "not base64!");
    assert!(stage.requests()?.is_empty());
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_poison_queues_message_is_kept_when_its_function_fails_too() -> Result<()> {
    let stage = Stage::new()?;
    stage.configure("/extensions/queues/maxDequeueCount", json!(1))?;
    stage.function(
        "undertaker",
        json!([{ "type": "queueTrigger", "name": "item", "queueName": "jobs-poison" }]),
    )?;
    stage.script("undertaker", json!({ "status": 500 }))?;
    let host = stage.start().await?;
    host.send("jobs-poison", "dead").await?;
    stage.until("the line", |stage| Ok(stage.log.has(Level::Error, "has no poison queue"))).await?;
    host.idle(PATIENCE).await?;
    assert_eq!(host.queue_depths().await?.get("jobs-poison"), Some(&Depth { visible: 0, invisible: 1 }));
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_failed_delete_delivers_the_message_again() -> Result<()> {
    let stage = Stage::new()?;
    stage.worker()?;
    let host = stage.start().await?;
    host.set_chaos(Chaos { redeliver: Picks::These([1].into()), ..Chaos::default() });
    host.send("jobs", "twice").await?;
    stage.calls("worker", 2).await?;
    host.idle(PATIENCE).await?;
    let counts: Vec<_> =
        stage.payloads("worker")?.iter().map(|payload| payload["Metadata"]["DequeueCount"].clone()).collect();
    assert_eq!(counts, ["1", "2"]);
    assert!(host.queue_depths().await?.is_empty());
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn no_more_run_at_once_than_batch_size_and_threshold_allow() -> Result<()> {
    let stage = Stage::new()?;
    stage.configure("/extensions/queues/batchSize", json!(2))?;
    stage.configure("/extensions/queues/newBatchThreshold", json!(0))?;
    stage.submit()?;
    let host = stage.start().await?;
    for number in 0..5 {
        host.send("jobs", &number.to_string()).await?;
    }
    host.stop().await;
    stage.worker()?;
    stage.script("worker", json!({ "gate": "go" }))?;
    let host = stage.start().await?;
    stage.calls("worker", 2).await?;
    host.wake();
    let depth = host.queue_depths().await?.remove("jobs");
    assert_eq!(depth, Some(Depth { visible: 3, invisible: 2 }));
    stage.open("go")?;
    stage.calls("worker", 5).await?;
    host.idle(PATIENCE).await?;
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_long_run_keeps_its_message_though_the_lease_would_have_ended() -> Result<()> {
    let stage = Stage::new()?;
    stage.worker()?;
    stage.script("worker", json!({ "gate": "go" }))?;
    let host = stage.start().await?;
    host.send("jobs", "long").await?;
    stage.calls("worker", 1).await?;
    let begun = stage.now();
    for _ in 0..3 {
        stage.advance(&host, 5);
        let due = stage.now() + chrono::TimeDelta::minutes(10);
        let since = std::time::Instant::now();
        while host.messages("jobs").await?[0].visible != due {
            assert!(since.elapsed() < PATIENCE, "the lease was not renewed at half of its time");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    assert_eq!(stage.now() - begun, chrono::TimeDelta::minutes(15));
    stage.open("go")?;
    host.idle(PATIENCE).await?;
    assert_eq!(stage.payloads("worker")?.len(), 1);
    assert!(host.queue_depths().await?.is_empty());
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_a_dying_host_was_working_on_is_delivered_again_and_counted() -> Result<()> {
    dies_twice(Stage::new()?).await
}

/// Whatever the queues are kept in.
pub(crate) async fn dies_twice(stage: Stage) -> Result<()> {
    stage.configure("/extensions/queues/maxDequeueCount", json!(2))?;
    stage.worker()?;
    stage.script("worker", json!({ "gate": "never" }))?;
    for attempt in 1..=2 {
        let host = stage.start().await?;
        if attempt == 1 {
            host.send("jobs", "survivor").await?;
        }
        stage.calls("worker", attempt).await?;
        host.crash().await;
        let host = stage.start().await?;
        tokio::time::sleep(stage.lease() / 10).await;
        assert_eq!(
            stage.payloads("worker")?.len(),
            attempt,
            "nobody ends the lease of a dead host before its time"
        );
        host.crash().await;
        stage.clock.advance(chrono::TimeDelta::minutes(10));
    }
    // Received a third time, above the limit: it must not run again.
    let host = stage.start().await?;
    stage.until("poison", |stage| Ok(stage.log.has(Level::Error, "it was delivered 3 times"))).await?;
    host.idle(PATIENCE).await?;
    let poisoned: Vec<String> =
        host.messages("jobs-poison").await?.into_iter().map(|message| message.text).collect();
    assert_eq!(poisoned, ["survivor"]);
    assert_eq!(stage.payloads("worker")?.len(), 2);
    host.stop().await;
    Ok(())
}

#[tokio::test]
async fn stop_lets_a_running_message_end_and_does_not_take_another() -> Result<()> {
    let stage = Stage::new()?;
    stage.configure("/extensions/queues/batchSize", json!(1))?;
    stage.configure("/extensions/queues/newBatchThreshold", json!(0))?;
    stage.worker()?;
    stage.script("worker", json!({ "gate": "go" }))?;
    let host = stage.start().await?;
    host.send("jobs", "running").await?;
    host.send("jobs", "waiting").await?;
    stage.calls("worker", 1).await?;
    let stopping = tokio::spawn(host.stop());
    stage.open("go")?;
    stopping.await?;
    assert_eq!(stage.payloads("worker")?.len(), 1);
    stage.function("worker", json!([{ "type": "queueTrigger", "name": "job", "queueName": "elsewhere" }]))?;
    let host = stage.start().await?;
    let texts: Vec<String> = host.messages("jobs").await?.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["waiting"]);
    host.stop().await;
    Ok(())
}
