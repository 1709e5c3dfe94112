//! What a mailbox may not exceed: requests at once, recipients a day, attendees whose answers are recorded.

use super::{answers, made, mailed, patch, path, people, training, writer};
use crate::client::{ANA, Caller, IMMUTABLE, LEARNING};
use chrono::Duration;
use serde_json::{Value, json};
use simulator::Fault;
use simulator::world::act::Reply;
use simulator::world::write_matrix::WriteMatrix;

#[tokio::test]
async fn whoever_has_written_to_too_many_today_mails_nobody_more() {
    for (switch, status) in [("", 403), ("messageLimitIs403", 400)] {
        let caller = writer(WriteMatrix::flipped(&[switch])).await;
        let event = made(&caller, training(&[ANA, "a@x.org", "b@x.org"], json!({}))).await;
        caller.world().limit_recipients(5);
        let limit = (status, "ErrorExceededMessageLimit");
        let events = format!("users/{}/events", caller.id(LEARNING));
        assert_eq!(
            caller.post(&events, training(&[ANA, "a@x.org", "b@x.org"], json!({}))).await.error(),
            limit
        );
        assert_eq!(patch(&caller, &event, json!({ "subject": "x" })).await.error(), limit);
        let cancel = format!("{}/cancel", path(&caller, &event));
        assert_eq!(caller.post(&cancel, json!({})).await.error(), limit);
        let delete = async || caller.send("DELETE", &path(&caller, &event), &[IMMUTABLE], None).await;
        assert_eq!(delete().await.error(), limit);
        let now = caller.get(&path(&caller, &event)).await.body;
        assert_eq!(now["@odata.etag"], event["@odata.etag"], "nothing was done");
        assert_eq!(mailed(&caller), "a invitation, ana invitation, b invitation");
    }
}

#[tokio::test]
async fn what_mails_nobody_is_done_and_a_day_later_all_is() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, "a@x.org"], json!({}))).await;
    caller.world().limit_recipients(2);
    assert_eq!(patch(&caller, &event, json!({ "categories": ["Training"] })).await.status, 200);
    made(&caller, training(&[], json!({}))).await;
    assert_eq!(patch(&caller, &event, json!({ "subject": "x" })).await.status, 403);
    caller.world().advance(Duration::hours(24));
    let mut caller = caller;
    caller.refresh().await;
    assert_eq!(patch(&caller, &event, json!({ "subject": "x" })).await.status, 200);
    assert_eq!(patch(&caller, &event, json!({ "subject": "y" })).await.status, 403);
}

#[tokio::test]
async fn four_writes_at_once_are_taken_and_a_fifth_is_not() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[], json!({}))).await;
    let part = |n: usize| {
        json!({ "id": n.to_string(), "method": "PATCH", "url": format!("/{}", path(&caller, &event)),
            "headers": { "Content-Type": "application/json", "Prefer": "IdType=\"ImmutableId\"" },
            "body": { "subject": format!("s{n}") } })
    };
    let answers = caller.batch((0..5).map(part).collect::<Value>()).await;
    let statuses: Vec<u64> = answers.values().map(|part| part["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 429]);
    assert_eq!(answers["4"]["headers"]["Retry-After"], "0.25");
    let throttled = Fault::GraphWrite {
        mailbox: None,
        status: 429,
        code: Some("ApplicationThrottled".to_owned()),
        retry_after: Some("2".to_owned()),
        done: false,
    };
    caller.world().inject_times(throttled, 1);
    let answer = patch(&caller, &event, json!({ "subject": "late" })).await;
    assert_eq!((answer.status, answer.headers["retry-after"].to_str().unwrap()), (429, "2"));
    assert_eq!(caller.get(&path(&caller, &event)).await.body["subject"].as_str().unwrap().len(), 2);
}

#[tokio::test]
async fn of_a_crowd_answers_may_not_be_recorded() {
    let declined = async |switch: &str, others: usize| {
        let caller: Caller = writer(WriteMatrix::flipped(&[switch])).await;
        let crowd: Vec<String> = (0..others).map(|n| format!("p{n}@x.org")).collect();
        let crowd: Vec<&str> = std::iter::once(ANA).chain(crowd.iter().map(String::as_str)).collect();
        let event = made(&caller, training(&[], json!({ "attendees": people(&crowd) }))).await;
        caller.world().decline(&Reply::new(ANA, event["iCalUId"].as_str().unwrap())).unwrap();
        caller.world().quiet().await;
        answers(&caller.get(&path(&caller, &event)).await.body).starts_with("ana declined")
    };
    assert!(declined("", 400).await);
    assert!(declined("crowdedListsLoseAnswers", 399).await);
    assert!(!declined("crowdedListsLoseAnswers", 400).await);
}
