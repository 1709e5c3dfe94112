use super::*;
use chrono::Utc;

fn run(change: serde_json::Value) -> serde_json::Value {
    let mut run = serde_json::json!({
        "id": "contoso-1", "began": "2026-11-30T04:00:00Z", "by": null, "state": "over", "passed": true,
        "invited": "2026-11-30T04:00:01Z", "linked": "2026-11-30T04:05:00Z",
        "declined": "2026-11-30T04:05:01Z", "answered": "2026-11-30T04:15:31Z", "seconds": 630,
        "outcome": "done", "proved": true, "given_back": "given_back", "failed": null,
        "enrolment": "contoso.s.l",
    });
    run.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    run
}

#[test]
fn it_is_told_how_each_went() {
    let failed = serde_json::json!({
        "passed": false, "declined": null, "answered": null, "seconds": null, "outcome": null,
        "proved": false, "given_back": null, "by": "olga",
        "failed": {"stage": "valve", "why": "the valve is stopped", "step": "`regrets valve open` opens it",
            "at": "2026-11-29T05:00:00Z"},
        "left_behind": "503 gone",
    });
    let unproved = serde_json::json!({ "outcome": "already_cancelled", "proved": false, "given_back": null });
    let canary: Canary = serde_json::from_value(serde_json::json!({
        "tenant": "contoso", "session": "9999", "next": "2026-12-01T04:00:00Z", "current": null,
        "past": [run(serde_json::json!({})), run(failed), run(unproved)],
    }))
    .unwrap();
    insta::assert_snapshot!(tell(&canary, &Utc));
}

#[test]
fn the_status_has_one_line_of_it() {
    let status = |change: serde_json::Value| -> String {
        let mut status = serde_json::json!({
            "state": "passed", "session": "9999", "passed": "2026-11-30T04:15:31Z", "seconds": 630,
            "proved": true, "next": "2026-12-01T04:00:00Z",
        });
        status.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        at_a_glance(&serde_json::from_value(status).unwrap(), &Utc)
    };
    let refused = "the LMS answered refused";
    let failed = serde_json::json!({"state": "failed", "failed": {"stage": "lms", "why": refused,
        "step": "", "at": "2026-11-30T04:15:31Z"}, "under_way": "declined"});
    let lines = [
        status(serde_json::json!({})),
        status(serde_json::json!({ "proved": false })),
        status(failed),
        status(serde_json::json!({ "state": "never", "passed": null, "seconds": null, "proved": null })),
    ];
    insta::assert_snapshot!(lines.join("\n"));
}
