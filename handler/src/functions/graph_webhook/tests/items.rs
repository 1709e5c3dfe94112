//! Items: whose they are, what they ask for, and that a bad one harms no other.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

use super::super::sort::MOST;
use super::{ANA, BEN, DIRECTORY, TRACE, Webhook, change, lifecycle, state, with, without, wrapped};
use crate::custom_handler::failure::QUEUE_TEXT_LIMIT;
use crate::messages::{Changes, Hint, MailboxTask, Mailboxes, TaskKind};
use serde_json::{Value, json};

#[tokio::test]
async fn the_messages_on_the_queues_stand() {
    let items = json!({ "value": [change("updated", "AAMk="), lifecycle("missed")] });
    let answer = Webhook::new().post(&items).await;
    insta::assert_snapshot!([answer.changes, answer.mailboxes].concat().join("\n"), @r#"
    {"v":1,"trace":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tenant":"contoso","hints":[{"kind":"changed","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab","event":"AAMk=","change":"updated"}]}
    {"v":1,"trace":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","tenant":"contoso","tasks":[{"mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab","deed":"resync","subscription":"f37536ac-0000-4bc7-b239-b2b51cd2ff24"}]}
    "#);
}

#[tokio::test]
async fn what_proves_itself_is_passed_on_once() {
    let items = vec![
        change("created", "e1"),
        change("updated", "e1"),
        change("updated", "e1"),
        change("deleted", "E1"),
        with(change("updated", "e1"), "clientState", json!(state("contoso", BEN))),
        with(without(change("updated", "e1"), "tenantId"), "clientState", json!(state("fabrikam", BEN))),
        with(change("updated", "e2"), "tenantId", json!(DIRECTORY.to_uppercase())),
        lifecycle("reauthorizationRequired"),
        lifecycle("subscriptionRemoved"),
        lifecycle("missed"),
        lifecycle("missed"),
        with(lifecycle("missed"), "subscriptionId", json!("x".repeat(129))),
    ];
    insta::assert_snapshot!(Webhook::new().take(items).await, @r#"
    202
    contoso {"change":"created","event":"e1","kind":"changed","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab"}
    contoso {"change":"updated","event":"e1","kind":"changed","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab"}
    contoso {"change":"deleted","event":"E1","kind":"changed","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab"}
    contoso {"change":"updated","event":"e1","kind":"changed","mailbox":"3f2c1a70-2222-4a4a-9b9b-0123456789ab"}
    contoso {"change":"updated","event":"e2","kind":"changed","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab"}
    fabrikam {"change":"updated","event":"e1","kind":"changed","mailbox":"3f2c1a70-2222-4a4a-9b9b-0123456789ab"}
    contoso {"deed":"reauthorize","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab","subscription":"f37536ac-0000-4bc7-b239-b2b51cd2ff24"}
    contoso {"deed":"removed","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab","subscription":"f37536ac-0000-4bc7-b239-b2b51cd2ff24"}
    contoso {"deed":"resync","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab","subscription":"f37536ac-0000-4bc7-b239-b2b51cd2ff24"}
    contoso {"deed":"resync","mailbox":"3f2c1a70-1111-4a4a-9b9b-0123456789ab"}
    dropped:
    "#);
}

#[tokio::test]
async fn what_does_not_prove_itself_is_dropped_and_counted() {
    let forged = |from: &str, to: &str| {
        with(change("updated", "e1"), "clientState", json!(state("contoso", ANA).replace(from, to)))
    };
    let items = vec![
        without(change("updated", "e1"), "clientState"),
        with(change("updated", "e1"), "clientState", Value::Null),
        with(change("updated", "e1"), "clientState", json!("secretClientState")),
        forged("contoso", "fabrikam"),
        forged("k1", "k2"),
        with(lifecycle("missed"), "clientState", json!({ "a": 1 })),
        with(change("updated", "e1"), "clientState", json!(state("gone", ANA))),
        with(change("updated", "e1"), "tenantId", json!("88888888-0000-4444-8888-bbbbbbbbbbbb")),
        with(change("updated", "e1"), "clientState", json!(state("fabrikam", ANA))),
    ];
    insta::assert_snapshot!(Webhook::new().take(items).await, @"
    202
    dropped: -/no_client_state: 3, -/forged_client_state: 3, -/unknown_tenant: 1, contoso/wrong_directory: \
    1, fabrikam/wrong_directory: 1
    ");
}

#[tokio::test]
async fn what_asks_for_nothing_known_is_ignored_and_counted() {
    let items = vec![
        change("archived", "e1"),
        with(change("updated", "e1"), "changeType", json!(5)),
        without(change("updated", "e1"), "changeType"),
        lifecycle("somethingNewLater"),
        change("updated", &"x".repeat(1025)),
        with(without(change("updated", "e1"), "resourceData"), "resource", json!("Users/x/Messages/e1")),
        with(without(change("updated", "e1"), "resourceData"), "resource", json!("Users/x/Events/")),
        without(without(change("updated", "e1"), "resourceData"), "resource"),
    ];
    insta::assert_snapshot!(Webhook::new().take(items).await, @"
    202
    dropped: contoso/unknown_change_type: 3, contoso/unknown_lifecycle_event: 1, contoso/no_event_id: 3, \
    contoso/event_id_too_long: 1
    ");
}

#[tokio::test]
async fn the_event_is_taken_from_the_resource_where_its_data_is_missing() {
    for (resource, data) in [
        ("Users/u/Events/AAMk-1=", Value::Null),
        ("users('u')/events('AAMk-1=')", json!({})),
        ("USERS/u/EVENTS/AAMk-1=", json!({ "id": null })),
        ("Users/u/Events/AAMk-1=", json!({ "id": "" })),
        ("nonsense", json!({ "id": "AAMk-1=" })),
    ] {
        let item = with(with(change("updated", "x"), "resourceData", data), "resource", json!(resource));
        let taken = Webhook::new().take(vec![item]).await;
        assert!(taken.contains(r#""event":"AAMk-1=""#) && taken.contains(ANA), "{resource}: {taken}");
    }
}

#[tokio::test]
async fn a_bad_item_does_not_spoil_its_neighbours() {
    let good = change("updated", "e1").to_string();
    let bad_items = [
        "{\"clientState\":\"\\ud800\"}",
        "{\"resourceData\":[1],\"changeType\":\"updated\"}",
        "[\"positional\"]",
        "1e999",
        "{\"clientState\":1e999}",
    ];
    for bad in bad_items {
        let webhook = Webhook::new();
        let post = format!("{{\"value\":[{good},{bad},{good}],\"@odata.context\":\"x\"}}");
        let answer = webhook.invoke(wrapped(&json!({}), &Value::String(post))).await;
        assert_eq!((answer.status, answer.changes.len()), (202, 1), "{bad}");
        assert_eq!(webhook.counted(), "dropped: -/malformed_item: 1", "{bad}");
    }
}

/// As small as a genuine item can be.
fn tiny(mailbox: &str, event: usize) -> String {
    let state = state("contoso", mailbox);
    format!(r#"{{"clientState":"{state}","changeType":"updated","resourceData":{{"id":"{event}"}}}}"#)
}

/// What a post may ask for has an end: beyond it the mailboxes are compared whose items were cut off, and no
/// others.
#[tokio::test]
async fn beyond_the_most_that_a_post_may_ask_for_the_proven_mailboxes_are_compared() {
    let webhook = Webhook::new();
    let post = async |items: &[String]| {
        webhook.invoke(wrapped(&json!({}), &json!(format!("{{\"value\":[{}]}}", items.join(","))))).await
    };
    let hints = |answer: &super::Answer| {
        let messages = answer.changes.iter().map(|text| serde_json::from_str::<Changes>(text).unwrap());
        messages.map(|message| message.hints.len()).sum::<usize>()
    };
    let mut items: Vec<String> = (0..MOST).map(|event| tiny(ANA, event)).collect();
    let full = post(&items).await;
    assert_eq!((full.status, hints(&full), full.mailboxes.len()), (202, MOST, 0));
    assert_eq!(webhook.counted(), "dropped: ");

    // Nothing new, of whom nobody has proven anything, and what can't be read: no reason to compare anything.
    let forged = format!(r#"{{"clientState":"{}x","changeType":"updated"}}"#, state("contoso", BEN));
    items.extend([tiny(ANA, 7), forged, "5".to_owned(), "{}".to_owned()]);
    let same = post(&items).await;
    assert_eq!((hints(&same), same.mailboxes.len()), (MOST, 0));
    assert_eq!(
        webhook.counted(),
        "dropped: -/malformed_item: 1, -/no_client_state: 1, -/forged_client_state: 1"
    );

    items.extend((0..50).map(|event| tiny(BEN, event)));
    items.push(with(lifecycle("missed"), "subscriptionId", json!("other")).to_string());
    let more = post(&items).await;
    assert_eq!((more.status, hints(&more)), (202, MOST));
    let tasks: Vec<_> = more
        .mailboxes
        .iter()
        .flat_map(|text| serde_json::from_str::<Mailboxes>(text).unwrap().tasks)
        .collect();
    let compare =
        |mailbox: &str| MailboxTask { mailbox: mailbox.into(), kind: TaskKind::Resync, subscription: None };
    assert_eq!(tasks, [compare(BEN), compare(ANA)]);
    assert!(webhook.counted().ends_with("contoso/too_many_items: 51"));
}

#[tokio::test]
async fn the_same_item_a_thousand_times_is_one() {
    let webhook = Webhook::new();
    let items = vec![tiny(ANA, 1); 20_000].join(",");
    let answer = webhook.invoke(wrapped(&json!({}), &json!(format!("{{\"value\":[{items}]}}")))).await;
    assert_eq!((answer.status, answer.changes.len(), answer.mailboxes.len()), (202, 1, 0));
    assert_eq!(webhook.counted(), "dropped: ");
}

#[tokio::test]
async fn a_big_post_is_cut_into_messages_that_a_queue_takes() {
    let post = json!({ "value": (0..300).map(|n| change("updated", &format!("{n}{}",
    "\\".repeat(900)))).collect::<Vec<_>>() });
    let answer = Webhook::new().post(&post).await;
    assert_eq!(answer.status, 202);
    assert!(answer.changes.iter().all(|text| text.len() <= QUEUE_TEXT_LIMIT));
    let messages = answer.changes.iter().map(|text| serde_json::from_str::<Changes>(text).unwrap());
    let events = messages.flat_map(|message| message.hints).map(|hint| match hint {
        Hint::Changed { event, .. } => event.as_str().trim_end_matches('\\').parse::<usize>().unwrap(),
        other => panic!("{other:?}"),
    });
    assert_eq!(events.collect::<Vec<_>>(), (0..300).collect::<Vec<_>>());
}

#[tokio::test]
async fn the_trace_is_carried_into_the_messages_and_never_taken_on_trust() {
    let post = wrapped(&json!({}), &json!(json!({ "value": [change("updated", "e1")] }).to_string()));
    let trace = |text: &str| serde_json::from_str::<Changes>(text).unwrap().trace.unwrap();
    let webhook = Webhook::new();
    assert_eq!(trace(&webhook.invoke(post.clone()).await.changes[0]), TRACE);
    let forged = webhook.invoke(post.replace(TRACE, &"x".repeat(50_000))).await;
    assert_eq!(trace(&forged.changes[0]).len(), 55);
}

#[tokio::test]
async fn what_comes_for_a_tenant_that_is_switched_off_is_dropped_and_counted() {
    let of_fabrikam =
        with(without(change("updated", "e1"), "tenantId"), "clientState", json!(state("fabrikam", BEN)));
    let items = vec![change("created", "e1"), lifecycle("missed"), of_fabrikam];
    insta::assert_snapshot!(Webhook::with_off(["contoso".into()].into()).take(items).await, @r#"
    202
    fabrikam {"change":"updated","event":"e1","kind":"changed","mailbox":"3f2c1a70-2222-4a4a-9b9b-0123456789ab"}
    dropped: contoso/switched_off: 2
    "#);
}
