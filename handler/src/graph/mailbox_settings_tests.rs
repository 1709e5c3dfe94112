use super::*;
use crate::graph::port::AutomaticReplies;
use serde_json::json;

#[test]
fn every_state_is_understood() {
    let end = json!({"dateTime": "2026-12-01T00:00:00.0000000", "timeZone": "UTC"});
    for (value, wanted) in [
        (json!({"status": "disabled"}), AutomaticReplies::Off),
        (json!({"status": "alwaysEnabled", "scheduledEndDateTime": end}), AutomaticReplies::On),
        (
            json!({"status": "scheduled", "scheduledEndDateTime": end}),
            AutomaticReplies::Until("2026-12-01T00:00:00Z".parse().unwrap()),
        ),
        (json!({"status": "scheduled"}), AutomaticReplies::On),
        (json!({}), AutomaticReplies::Off),
    ] {
        assert_eq!(replies(&value), wanted, "{value}");
    }
}
