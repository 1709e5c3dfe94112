//! Writes are told as what people do is: in the organizer's mailbox, and in those that it reaches.

use super::{BO, CY, made, patched, path, people, training, writer};
use crate::client::{ANA, Caller, Endpoint, LEARNING};
use serde_json::{Value, json};
use simulator::Fault;
use simulator::world::write_matrix::WriteMatrix;

async fn watching(caller: &Caller) -> Endpoint {
    let endpoint = Endpoint::open().await;
    for address in [LEARNING, ANA, BO, CY] {
        let wish =
            caller.wish(&endpoint.url, json!({ "resource": format!("users/{}/events", caller.id(address)) }));
        let answer = caller.post("subscriptions", wish).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    endpoint
}

/// `who kind` of all that was told since the last look, in the order of names.
async fn told(caller: &Caller, endpoint: &mut Endpoint) -> String {
    caller.world().quiet().await;
    let who = |item: &Value| {
        let resource = item["resource"].as_str().unwrap().to_lowercase();
        let is = |address: &&&str| resource.contains(&caller.id(address));
        let address = [LEARNING, ANA, BO, CY].iter().find(is).copied().unwrap();
        format!("{} {}", address.split('@').next().unwrap(), item["changeType"].as_str().unwrap())
    };
    let mut told: Vec<String> = endpoint.items().iter().map(who).collect();
    told.sort();
    told.join(", ")
}

#[tokio::test]
async fn each_write_is_told_to_whoever_watches_a_copy_that_it_changes() {
    let caller = writer(WriteMatrix::default()).await;
    let mut endpoint = watching(&caller).await;
    let event = made(&caller, training(&[ANA, BO], json!({ "transactionId": "t" }))).await;
    assert_eq!(told(&caller, &mut endpoint).await, "ana created, bo created, learning created");
    made(&caller, training(&[ANA, BO], json!({ "transactionId": "t" }))).await;
    assert_eq!(told(&caller, &mut endpoint).await, "", "the same request again changes nothing");
    patched(&caller, &event, json!({ "subject": "Other" })).await;
    assert_eq!(told(&caller, &mut endpoint).await, "ana updated, bo updated, learning updated");
    patched(&caller, &event, json!({ "categories": ["Training"] })).await;
    assert_eq!(told(&caller, &mut endpoint).await, "learning updated");
    patched(&caller, &event, json!({ "attendees": people(&[BO, CY]) })).await;
    assert_eq!(told(&caller, &mut endpoint).await, "ana updated, cy created, learning updated");
    let refused = caller.post(&format!("{}/cancel", path(&caller, &event)), json!({ "words": 1 })).await;
    assert_eq!(refused.status, 400);
    assert_eq!(told(&caller, &mut endpoint).await, "");
    caller.post(&format!("{}/cancel", path(&caller, &event)), json!({})).await;
    assert_eq!(told(&caller, &mut endpoint).await, "bo updated, cy updated, learning deleted");
}

/// Nobody waits for the writer to hear of it first.
#[tokio::test]
async fn a_write_may_be_told_before_it_is_answered() {
    let caller = writer(WriteMatrix::default()).await;
    let mut endpoint = watching(&caller).await;
    caller.world().inject_times(Fault::GraphWriteLate { ms: 20_000 }, 1);
    let write = made(&caller, training(&[ANA], json!({})));
    let first = tokio::select! {
        _ = write => panic!("it was answered first"),
        first = endpoint.next() => first,
    };
    assert_eq!(first["value"][0]["changeType"], "created");
    assert_eq!(caller.world().events_of(LEARNING).len(), 1);
    assert_eq!(caller.world().mails().len(), 1);
}

/// A notice names the version that was written, so that an own write is known again.
#[tokio::test]
async fn a_notice_of_an_own_write_has_the_etag_that_its_answer_had() {
    let caller = writer(WriteMatrix::default()).await;
    let mut endpoint = watching(&caller).await;
    let event = made(&caller, training(&[], json!({}))).await;
    caller.world().quiet().await;
    let items = endpoint.items();
    assert_eq!(items[0]["resourceData"]["@odata.etag"], event["@odata.etag"]);
    let after = patched(&caller, &event, json!({ "subject": "Other" })).await;
    caller.world().quiet().await;
    let items = endpoint.items();
    assert_eq!(items[0]["resourceData"]["@odata.etag"], after["@odata.etag"]);
    assert_eq!(items[0]["resourceData"]["id"], event["id"]);
}
