use super::*;
use chrono::Utc;

fn found(change: serde_json::Value) -> Publishing {
    let mut found = serde_json::json!({
        "tenant": "contoso", "state": "on",
        "source": {
            "sessions": 12, "places_unread": 1, "read": "2026-11-30T04:00:00Z", "doubtful_since": null,
            "doubts": [], "not_understood": [],
        },
        "waiting": {"sessions": 0, "invitations": 0, "changes": 0, "cancellations": 0, "mails": 0},
        "not_counted": 0, "held": null, "vanished": [], "sessions": [],
    });
    found.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    serde_json::from_value(found).unwrap()
}

#[test]
fn all_is_well_in_three_lines() {
    insta::assert_snapshot!(status(&found(serde_json::json!({})), &Utc));
}

#[test]
fn whatever_waits_or_is_doubtful_is_told_with_the_next_step() {
    let change = serde_json::json!({
        "source": {
            "sessions": 12, "places_unread": 1, "read": null, "doubtful_since": "2026-11-30T01:00:00Z",
            "doubts": ["sessions may not be read"],
            "not_understood": ["sessions[4].start: \"soon\" is no time"],
        },
        "vanished": [
            {"what": "sessions", "since": "2026-11-30T02:00:00Z", "missing": 9, "known": 12,
                "is_named_anew": true, "confirmed_by": null},
            {"what": "places", "since": "2026-11-30T02:00:00Z", "missing": 90, "known": 120,
                "is_named_anew": false, "confirmed_by": "Kim"},
        ],
        "waiting": {"sessions": 2, "invitations": 300, "changes": 2, "cancellations": 1, "mails": 303},
        "not_counted": 3,
        "held": {"since": "2026-11-30T03:00:00Z", "sessions": 1, "mails": 300, "is_first": false},
    });
    insta::assert_snapshot!(status(&found(change), &Utc));
}

#[test]
fn a_preview_names_the_sessions_and_how_many_more_there_are() {
    let change = serde_json::json!({
        "state": "preview",
        "waiting": {"sessions": 3, "invitations": 30, "changes": 0, "cancellations": 1, "mails": 31},
        "sessions": [
            {"session": "4711", "title": "First aid", "start": "2026-12-01T09:00:00Z", "invitations": 20,
                "changes": 0, "cancellations": 1, "mails": 21},
            {"session": "4712", "title": "Fire", "start": null, "invitations": 9, "changes": 0,
                "cancellations": 0, "mails": 9},
        ],
    });
    insta::assert_snapshot!(preview(&found(change), &Utc));
}

#[test]
fn what_stands_is_counted_before_it_is_withdrawn() {
    let found = |change: serde_json::Value| {
        let mut found = serde_json::json!({ "tenant": "contoso", "sessions": 2, "events": 21, "mails": 20,
            "asked_by": null, "asked_at": null });
        found.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        withdrawing(&serde_json::from_value(found).unwrap(), &Utc)
    };
    assert_eq!(
        found(serde_json::json!({})),
        "21 events of 2 sessions to come stand in calendars; 20 people would be mailed that they are called \
         off.\nNext: say publish.state = \"off\", then regrets publish withdraw --mails 20 --by <your name> \
         --reason <why>\n"
    );
    let asked = serde_json::json!({ "asked_by": "Kim", "asked_at": "2026-11-30T02:00:00Z" });
    let told = found(asked);
    assert!(told.contains("Kim has had it called off since "), "{told}");
    let none = serde_json::json!({ "sessions": 0, "events": 0, "mails": 0 });
    assert_eq!(found(none), "Nothing that contoso published stands in calendars any more.\n");
}
