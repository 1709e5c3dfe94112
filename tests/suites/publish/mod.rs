//! What the LMS tells by itself becomes invitations, and what becomes of those.

mod for_all;
mod rooms;
mod row;
mod rows;
mod situations;
mod taken_away;
mod told;

use chrono::{Duration as Days, Utc};
use simulator::stage::Stage;
use simulator::world::item::Slot;
use suites::{mails, wait_until};

async fn is_mailed(stage: &Stage, wanted: &[String]) -> Result<(), String> {
    if mails(stage) == wanted {
        return Ok(());
    }
    let told = stage.manage("tenants/contoso/publish").await.map(|told| told.to_string());
    Err(format!("{:?}\n{}", mails(stage), told.unwrap_or_default()))
}

/// These more than before, and no others.
async fn mailed(stage: &Stage, all: &mut Vec<String>, more: &[&str]) {
    all.extend(more.iter().map(|mail| (*mail).to_owned()));
    all.sort();
    wait_until(stage, &format!("mailed {more:?}"), || is_mailed(stage, all)).await;
}

fn slot(days: i64) -> Slot {
    let start = Utc::now() + Days::days(days);
    Slot { start, end: start + Days::hours(2) }
}
