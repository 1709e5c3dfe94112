use super::*;
use chrono::Utc;

fn found(change: serde_json::Value) -> Again {
    let mut found = serde_json::json!({
        "tenant": "contoso", "sessions": 0, "events": 0, "mails": 0, "unwanted": 0, "stopped": [], "of": [],
    });
    found.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(found).unwrap()
}

#[test]
fn nothing_is_missed() {
    let text = shown(&found(serde_json::json!({})), None, &Utc);
    assert_eq!(text, "No event of contoso is missed that would be made again.\n");
}

#[test]
fn what_was_taken_away_is_told_with_its_choices() {
    let change = serde_json::json!({
        "sessions": 2, "events": 3, "mails": 4, "unwanted": 1,
        "stopped": [{
            "organizer": "learning@contoso.com", "since": "2026-11-30T02:00:00Z", "events": 6, "of": 9,
            "cause": "not known",
        }],
        "of": [{
            "session": "4711", "title": "First aid", "start": "2026-12-01T09:00:00Z", "events": 2, "mails": 2,
        }],
    });
    insta::assert_snapshot!(shown(&found(change), Some("--session 4711"), &Utc));
}

#[test]
fn what_was_said_is_told() {
    let left = found(serde_json::json!({"events": 2}));
    insta::assert_snapshot!(
        [done(&left, false, Some(7)), done(&found(serde_json::json!({})), true, None)].join("\n")
    );
}
