//! `regrets alerts test`: whether a message arrives through each channel, and what mends it where not.

use crate::cli::management_client::Management;
use crate::jobs::operate::management_json::{ChannelTest, List};
use serde_json::json;
use std::fmt::Write as _;

/// The error says what came of all of them, where one took nothing. JSON says it by itself.
pub(super) async fn ask(
    management: &Management,
    channel: Option<&str>,
    as_json: bool,
) -> Result<String, String> {
    let tests: List<ChannelTest> = management.post("alerts/test", &json!({ "channel": channel })).await?;
    if as_json {
        return serde_json::to_string_pretty(&tests).map(|text| text + "\n").map_err(|why| why.to_string());
    }
    let told = tell(&tests.items);
    match tests.items.iter().all(|test| test.taken == "yes") {
        true => Ok(told),
        false => Err(format!("not every channel took the test.\n\n{told}")),
    }
}

fn tell(tests: &[ChannelTest]) -> String {
    let mut text = String::new();
    for ChannelTest { channel, goes, taken, seen, step } in tests {
        let taken = match taken.as_str() {
            "yes" => "taken",
            "no" => "not taken",
            _ => "perhaps taken",
        };
        // Writing to a String can't fail.
        let _ = writeln!(text, "{channel}: {goes}\n  {taken}. {seen}");
        if let Some(step) = step {
            let _ = writeln!(text, "  {step}");
        }
    }
    text
}

#[cfg(test)]
#[path = "try_channels_tests.rs"]
mod tests;
