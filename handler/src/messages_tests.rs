use super::*;

#[test]
fn ids_of_events_are_told_apart_by_case() {
    let (tenant, mailbox) = (TenantName::new("contoso"), UserId::new("ana"));
    let row = |id: &str| LinkRef::of_event(&tenant, &mailbox, &EventId::new(id)).row;
    assert_ne!(row("AAMkAGI"), row("AAMkAGi"));
    assert_ne!(row("AAMk-A"), row("AAMk_A"));
}

/// While an app is updated, a newer build writes what an older one reads.
#[test]
fn what_a_newer_build_says_beside_is_passed_over_and_what_it_says_otherwise_is_not() {
    let at = r#"{"partition": "p", "row": "r", "later": 1}"#;
    let cancellation = format!(
        r#"{{"v": 1, "tenant": "contoso", "enrolment": {at}, "agenda": {at}, "later": {{"a": [1]}}}}"#
    );
    let changes = r#"{"v": 1, "tenant": "contoso", "later": 1,
        "hints": [{"kind": "changed", "mailbox": "m", "event": "e", "change": "updated", "later": true}]}"#;
    let mailboxes = r#"{"v": 1, "tenant": "contoso", "later": null,
        "tasks": [{"mailbox": "m", "deed": "tend", "later": 1}]}"#;
    let sessions = r#"{"v": 1, "tenant": "contoso", "later": 1, "task": "look", "sessions": ["4711"]}"#;
    let read: Cancellation = serde_json::from_str(&cancellation).unwrap();
    assert_eq!((read.agenda.row.as_str(), read.free_until), ("r", None));
    assert_eq!(serde_json::from_str::<Changes>(changes).unwrap().hints.len(), 1);
    assert_eq!(serde_json::from_str::<Mailboxes>(mailboxes).unwrap().tasks.len(), 1);
    assert_eq!(serde_json::from_str::<Sessions>(sessions).unwrap().sessions.len(), 1);
    assert!(serde_json::from_str::<Sessions>(&sessions.replace("look", "paint")).is_err());
    assert!(serde_json::from_str::<Changes>(&changes.replace("changed", "foretold")).is_err());
    assert!(serde_json::from_str::<Mailboxes>(&mailboxes.replace("tend", "paint")).is_err());
}
