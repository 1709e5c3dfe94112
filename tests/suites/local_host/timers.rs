//! Timer triggers, on a clock that moves by hand.

use super::stage::{PATIENCE, Stage};
use anyhow::{Context, Result};
use serde_json::{Value, json};

fn told(stage: &Stage) -> Result<Vec<Value>> {
    stage
        .payloads("tick")?
        .iter()
        .map(|payload| payload.pointer("/Data/timer").cloned().context("no timer"))
        .collect()
}

#[tokio::test]
async fn missed_slots_collapse_into_one_run() -> Result<()> {
    let stage = Stage::new()?;
    stage.timer("0 */5 * * * *", false)?;
    let host = stage.start().await?;
    stage.advance(&host, 60);
    stage.calls("tick", 1).await?;
    host.idle(PATIENCE).await?;
    // 11:00:30 now; the slot of 11:05 is the next, and nothing is made up for.
    stage.advance(&host, 5);
    stage.calls("tick", 2).await?;
    host.idle(PATIENCE).await?;
    host.stop().await;
    let told = told(&stage)?;
    assert_eq!(told.len(), 2);
    assert_eq!(told[0]["ScheduleStatus"]["Last"], "0001-01-01T00:00:00+00:00");
    assert_eq!(told[1]["ScheduleStatus"]["Last"], "2026-11-21T11:00:30+00:00");
    assert_eq!(told[1]["ScheduleStatus"]["Next"], "2026-11-21T11:05:00+00:00");
    assert!(told.iter().all(|timer| timer["IsPastDue"] == false));
    Ok(())
}

#[tokio::test]
async fn a_run_that_was_missed_while_the_host_was_down_is_made_up_for_once() -> Result<()> {
    let stage = Stage::new()?;
    stage.timer("0 */5 * * * *", false)?;
    // Never ran; only its first start was noted.
    stage.start().await?.stop().await;
    assert!(told(&stage)?.is_empty());
    stage.clock.advance(chrono::TimeDelta::hours(3));
    let host = stage.start().await?;
    stage.calls("tick", 1).await?;
    host.idle(PATIENCE).await?;
    host.stop().await;
    let host = stage.start().await?;
    host.idle(PATIENCE).await?;
    host.stop().await;
    let told = told(&stage)?;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["IsPastDue"], true);
    assert_eq!(
        told[0]["ScheduleStatus"]["Last"], "2026-11-21T10:00:30+00:00",
        "when the status was first written"
    );
    Ok(())
}

#[tokio::test]
async fn a_run_cut_short_by_a_kill_is_made_up_for_and_a_failed_one_is_not() -> Result<()> {
    let stage = Stage::new()?;
    stage.timer("0 */5 * * * *", false)?;
    stage.script("tick", json!({ "gate": "never" }))?;
    let host = stage.start().await?;
    stage.advance(&host, 5);
    stage.calls("tick", 1).await?;
    host.crash().await;
    stage.script("tick", json!({ "status": 500 }))?;
    let host = stage.start().await?;
    stage.calls("tick", 2).await?;
    host.idle(PATIENCE).await?;
    host.stop().await;
    let host = stage.start().await?;
    host.idle(PATIENCE).await?;
    host.stop().await;
    let told = told(&stage)?;
    assert_eq!(told.iter().map(|timer| timer["IsPastDue"].clone()).collect::<Vec<_>>(), [false, true]);
    Ok(())
}

#[tokio::test]
async fn another_schedule_forgets_what_the_old_one_missed() -> Result<()> {
    let stage = Stage::new()?;
    stage.timer("0 */5 * * * *", false)?;
    stage.start().await?.stop().await;
    stage.clock.advance(chrono::TimeDelta::hours(3));
    stage.timer("0 */10 * * * *", true)?;
    let host = stage.start().await?;
    stage.calls("tick", 1).await?;
    host.stop().await;
    assert_eq!(told(&stage)?[0]["IsPastDue"], false, "run on start-up, not made up for");
    Ok(())
}

#[tokio::test]
async fn a_timer_never_overlaps_itself_but_runs_by_hand_are_side_by_side() -> Result<()> {
    let stage = Stage::new()?;
    stage.timer("0 */5 * * * *", false)?;
    stage.script("tick", json!({ "gate": "go" }))?;
    let host = stage.start().await?;
    stage.advance(&host, 5);
    stage.calls("tick", 1).await?;
    let client = reqwest::Client::new();
    for _ in 0..3 {
        let url = format!("{}/admin/functions/tick", host.url());
        let answer =
            client.post(url).header("x-functions-key", &host.keys().master).body("{}").send().await?;
        assert_eq!(answer.status().as_u16(), 202);
    }
    stage.calls("tick", 4).await?;
    stage.advance(&host, 5);
    // The second slot waits for the first run; a fifth call now would be an overlap.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    assert_eq!(told(&stage)?.len(), 4);
    stage.open("go")?;
    stage.calls("tick", 5).await?;
    host.idle(PATIENCE).await?;
    assert_eq!(told(&stage)?.len(), 5);
    Ok(())
}
