//! Events are found by the value of an extended property: in the calendar that carries it, whole or by its
//! beginning, page by page, and perhaps only after a while.

use super::{KEY, made, patched, path, training, writer, writer_with};
use crate::client::{ANA, Caller, IMMUTABLE, LEARNING, plain};
use chrono::Duration;
use serde_json::{Value, json};
use simulator::Options;
use simulator::world::act::Cancel;
use simulator::world::write_matrix::WriteMatrix;

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The values found, in the calendar's order, and how many pages it took.
async fn found(caller: &Caller, address: &str, condition: &str) -> (Vec<String>, usize) {
    let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and {condition})");
    let expand = format!("singleValueExtendedProperties($filter=id eq '{KEY}')");
    let mut next = Some(format!(
        "users/{}/events?$filter={}&$expand={}&$select=id",
        caller.id(address),
        encoded(&filter),
        encoded(&expand)
    ));
    let (mut values, mut pages) = (Vec::new(), 0);
    while let Some(target) = next {
        let answer = caller.get(&target).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for event in answer.body["value"].as_array().unwrap() {
            assert!(event["@odata.etag"].is_string());
            let value = &event["singleValueExtendedProperties"][0]["value"];
            values.push(value.as_str().unwrap().to_owned());
        }
        next = answer.body["@odata.nextLink"].as_str().map(str::to_owned);
        pages += 1;
    }
    (values, pages)
}

async fn keyed(caller: &Caller, value: &str) -> Value {
    let properties = json!([{ "id": KEY, "value": value }]);
    made(caller, training(&[ANA], json!({ "singleValueExtendedProperties": properties }))).await
}

#[tokio::test]
async fn a_value_is_found_whole_or_by_its_beginning_without_case() {
    let caller = writer(WriteMatrix::default()).await;
    for value in
        ["contoso:4711:1", "contoso:4711:2", "contoso:47:1", "not contoso:4711:1", "fabrikam:O'Hara (1)"]
    {
        keyed(&caller, value).await;
    }
    made(&caller, training(&[], json!({ "singleValueExtendedProperties": [] }))).await;
    let find = async |condition: &str| found(&caller, LEARNING, condition).await.0;
    assert_eq!(find("ep/value eq 'contoso:4711:1'").await, ["contoso:4711:1"]);
    assert_eq!(find("ep/value eq 'CONTOSO:4711:1'").await, ["contoso:4711:1"]);
    assert_eq!(find("ep/value eq 'contoso:4711'").await, [""; 0]);
    assert_eq!(find("startswith(ep/value,'contoso:4711:')").await, ["contoso:4711:1", "contoso:4711:2"]);
    assert_eq!(find("startswith(ep/value,'fabrikam:O''Hara (')").await, ["fabrikam:O'Hara (1)"]);
    assert_eq!(find("contains(ep/value,'4711')").await.len(), 3);
    assert_eq!(find("startswith(ep/value,'')").await.len(), 5);
    let marked = caller.world().events_marked(LEARNING, KEY, "contoso:4711:");
    assert_eq!(marked.len(), 2);
    assert_eq!(find("startswith(ep/value,'none')").await, [""; 0]);
    assert_eq!(
        found(&caller, ANA, "startswith(ep/value,'')").await.0,
        [""; 0],
        "it stays on the organizer's copy"
    );
    for wrong in ["ep/value ne 'x'", "ep/value eq 'O'Hara'", "endswith(ep/value,'x')"] {
        let filter = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and {wrong})");
        let target = format!("users/{}/events?$filter={}", caller.id(LEARNING), encoded(&filter));
        assert_eq!(caller.get(&target).await.status, 400, "{wrong}");
    }
}

#[tokio::test]
async fn many_are_found_page_by_page_and_what_is_gone_is_not() {
    let caller = writer(WriteMatrix::default()).await;
    let mut events = Vec::new();
    for n in 0..23 {
        events.push(keyed(&caller, &format!("contoso:{n}")).await);
    }
    let (values, pages) = found(&caller, LEARNING, "startswith(ep/value,'contoso:')").await;
    assert_eq!((values.len(), pages), (23, 3));
    let uid = |n: usize| events[n]["iCalUId"].as_str().unwrap().to_owned();
    caller.world().cancel(&Cancel { session: uid(0) }).unwrap();
    caller.send("DELETE", &path(&caller, &events[1]), &[IMMUTABLE], None).await;
    let other = json!({ "singleValueExtendedProperties": [{ "id": KEY, "value": "other" }] });
    patched(&caller, &events[2], other).await;
    let (values, _) = found(&caller, LEARNING, "startswith(ep/value,'contoso:')").await;
    assert_eq!((values.len(), values[0].as_str()), (20, "contoso:3"));
}

#[tokio::test]
async fn where_the_search_lags_a_new_event_is_read_before_it_is_found() {
    let writes = WriteMatrix::flipped(&["markedSearchLags"]);
    let caller = writer_with(Options { writes, speed: 1.0, ..plain() }).await;
    let event = keyed(&caller, "contoso:1").await;
    let find = async || found(&caller, LEARNING, "ep/value eq 'contoso:1'").await.0;
    assert_eq!(find().await, [""; 0]);
    assert_eq!(caller.get(&path(&caller, &event)).await.status, 200);
    let by_uid = format!("iCalUId eq '{}'", event["iCalUId"].as_str().unwrap());
    let target = format!("users/{}/events?$filter={}", caller.id(LEARNING), encoded(&by_uid));
    assert_eq!(caller.get(&target).await.body["value"].as_array().unwrap().len(), 1);
    caller.world().advance(Duration::seconds(5));
    assert_eq!(find().await, ["contoso:1"]);
}
