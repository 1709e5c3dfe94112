//! The store against a service that is scripted: what Azurite never does.

use super::*;
use crate::clock::{ManualClock, SystemClock};
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use std::sync::Mutex;

const TAG: &str = "W/\"datetime'2026-11-21T10%3A00%3A00.1234567Z'\"";

/// What the service says to each request in turn; the last goes on for ever.
struct Scripted {
    tables: AzureTables,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Scripted {
    /// A request as one line: method, path, query, `If-Match`.
    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

#[derive(Clone)]
struct Say(u16, HeaderMap, String);

fn say(status: u16, headers: &[(&'static str, &str)], body: impl Into<String>) -> Say {
    Say(
        status,
        headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect(),
        body.into(),
    )
}

fn refuse(status: u16, code: &str) -> Say {
    let message = format!("Because of {code}.\nRequestId:1\nTime:2026");
    say(
        status,
        &[],
        json!({"odata.error": {"code": code, "message": {"lang": "en-US", "value": message}}}).to_string(),
    )
}

fn row(name: &str) -> Value {
    json!({"PartitionKey": "p", "RowKey": name, "odata.etag": TAG, "n": 1})
}

fn rows(names: &[&str], next: Option<&str>) -> Say {
    let mut headers = vec![];
    if let Some(next) = next {
        headers.extend([
            ("x-ms-continuation-NextPartitionKey", "1!4!cA--"),
            ("x-ms-continuation-NextRowKey", next),
        ]);
    }
    let body =
        json!({"odata.metadata": "m", "value": names.iter().map(|name| row(name)).collect::<Vec<_>>()});
    say(200, &headers, body.to_string())
}

async fn scripted(says: Vec<Say>) -> Scripted {
    scripted_as("AccountName=contoso;AccountKey=a2V5MQ==", Arc::new(SystemClock), says).await
}

/// Waits of milliseconds, and so many of them that a loaded machine comes to as many tries.
const SHORT: Patience = Patience {
    first: Duration::from_millis(2),
    most: Duration::from_millis(8),
    whole: Duration::from_secs(20),
};

async fn scripted_as(account: &str, clock: Arc<dyn Clock>, says: Vec<Say>) -> Scripted {
    scripted_with(account, clock, SHORT, says).await
}

async fn scripted_with(account: &str, clock: Arc<dyn Clock>, patience: Patience, says: Vec<Say>) -> Scripted {
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let record = Arc::clone(&seen);
    let answer = move |request: Request| {
        let record = Arc::clone(&record);
        let says = says.clone();
        async move {
            let condition = request.headers().get("if-match").map_or("", |value| value.to_str().unwrap());
            let line = format!("{} {} {condition}", request.method(), request.uri());
            let at = {
                let mut record = record.lock().unwrap();
                record.push(line.trim().to_owned());
                record.len() - 1
            };
            let Say(status, headers, body) = says[at.min(says.len() - 1)].clone();
            let answer: Response = (StatusCode::from_u16(status).unwrap(), headers, body).into_response();
            answer
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/contoso", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    let account =
        StorageAccount::from_connection_string(&format!("{account};TableEndpoint={endpoint}")).unwrap();
    let options = AzureOptions { patience, ..AzureOptions::default() };
    Scripted { tables: AzureTables::open_with(&account, clock, options).unwrap(), seen }
}

fn entity() -> Entity {
    Entity::from_iter([("n".to_owned(), json!(1))])
}

fn etag() -> Etag {
    Etag(TAG.to_owned())
}

#[tokio::test]
async fn a_busy_service_is_waited_for() {
    let done = say(204, &[("etag", TAG)], "");
    let busy =
        [refuse(503, "ServerBusy"), say(429, &[("retry-after", "0")], ""), refuse(503, "ServerBusy"), done];
    let service = scripted(busy.to_vec()).await;
    let written = service.tables.insert(Table::Links, "p", "r", entity()).await.unwrap();
    assert_eq!((written, service.seen().len()), (etag(), 4));
}

#[tokio::test]
async fn patience_ends_and_says_so() {
    // As short as a loaded machine may make it: it ends, and not before it has begun to wait.
    let short = Patience { whole: Duration::from_millis(200), ..SHORT };
    let busy = vec![refuse(503, "ServerBusy")];
    let service =
        scripted_with("AccountName=contoso;AccountKey=a2V5MQ==", Arc::new(SystemClock), short, busy).await;
    let error = service.tables.insert(Table::Links, "p", "r", entity()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the store is not available now: the storage account is throttled (503 ServerBusy)"
    );
    let tries = service.seen().len();
    assert!((1..=200).contains(&tries), "{tries}");

    let service = scripted(vec![say(429, &[("retry-after", "30")], "")]).await;
    let error = service.tables.get(Table::Links, "p", "r").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert_eq!(service.seen().len(), 1, "nobody waits so long");
}

#[tokio::test]
async fn what_may_have_been_done_is_not_done_again() {
    let unclear = refuse(500, "OperationTimedOut");
    let service = scripted(vec![unclear.clone(), say(204, &[("etag", TAG)], "")]).await;
    let error = service.tables.insert(Table::Links, "p", "r", entity()).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    assert_eq!(service.seen().len(), 1);

    let service = scripted(vec![unclear.clone(), rows(&["a"], None)]).await;
    let page = service.tables.scan(Table::Links, "p", RowRange::all(), 10).await.unwrap();
    assert_eq!((page.rows.len(), service.seen().len()), (1, 2), "a read is repeated");

    let service = scripted(vec![unclear, say(204, &[], "")]).await;
    service.tables.delete(Table::Links, "p", "r", None).await.unwrap();
    assert_eq!(service.seen().len(), 2, "so is the removal of whatever is there");
}

#[tokio::test]
async fn a_batch_that_failed_in_part_is_a_failure() {
    let ops = || {
        vec![
            Op::Insert { row: "a".to_owned(), entity: entity() },
            Op::Delete { row: "b".to_owned(), etag: etag() },
        ]
    };
    let multipart = |parts: &str| {
        let body = format!(
            "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_2\r\n{parts}"
        );
        say(202, &[("content-type", "multipart/mixed; boundary=batchresponse_1")], body)
    };
    let part = |status: &str, body: &str| {
        format!(
            "\r\n--changesetresponse_2\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 \
             {status}\r\n\r\n{body}\r\n\
             --changesetresponse_2--\r\n--batchresponse_1--\r\n"
        )
    };
    let refused =
        |code: &str| json!({"odata.error": {"code": code, "message": {"value": "0:No."}}}).to_string();
    for (answer, told) in [
        (
            part("412 Precondition Failed", &refused("UpdateConditionNotSatisfied")),
            "the row was changed by somebody else",
        ),
        (part("409 Conflict", &refused("EntityAlreadyExists")), "the row exists already"),
        (
            part("400 Bad Request", &refused("PropertyValueTooLarge")),
            "the store refused the request: PropertyValueTooLarge: 0:No.",
        ),
        (
            part("204 No Content", ""),
            "the store is not available now: a batch of 2 was answered by 1 parts; whether it was done is \
             unknown",
        ),
        (
            String::new(),
            "the store is not available now: a batch of 2 was answered by 0 parts; whether it was done is \
             unknown",
        ),
    ] {
        let service = scripted(vec![multipart(&answer)]).await;
        let error = service.tables.batch(Table::Links, "p", ops()).await.unwrap_err();
        assert_eq!(error.to_string(), told);
        assert_eq!(service.seen(), ["POST /contoso/$batch"]);
    }
}

#[tokio::test]
async fn a_batch_that_is_too_large_on_the_wire_is_not_sent() {
    let service = scripted(vec![refuse(500, "Never")]).await;
    // Counted as two bytes each by the service's rule for rows, but three on the wire.
    let text = "\u{65E5}".repeat(rules::STRING_UTF16_UNITS - 100);
    let large = Entity::from_iter((0..15).map(|n| (format!("p{n:02}"), json!(text))));
    let ops = (0..4).map(|n| Op::Insert { row: n.to_string(), entity: large.clone() }).collect();
    let error = service.tables.batch(Table::Links, "p", ops).await.unwrap_err();
    assert!(error.to_string().contains("a batch has at most 4194304 bytes"), "{error}");
    assert_eq!(service.seen(), [""; 0]);
}

#[tokio::test]
async fn the_first_write_makes_the_table_and_others_may_have_made_it() {
    let (missing, done) = (refuse(404, "TableNotFound"), say(204, &[("etag", TAG)], ""));
    let made = say(201, &[], json!({"TableName": "regretslinks"}).to_string());
    for created in [made, refuse(409, "TableAlreadyExists")] {
        let service = scripted(vec![missing.clone(), created, done.clone()]).await;
        service.tables.insert(Table::Links, "p", "r", entity()).await.unwrap();
        assert_eq!(
            service.seen(),
            ["POST /contoso/regretslinks", "POST /contoso/Tables", "POST /contoso/regretslinks"]
        );
    }
    let service = scripted(vec![missing]).await;
    assert_eq!(service.tables.get(Table::Links, "p", "r").await.unwrap(), None);
    assert_eq!(service.tables.scan(Table::Links, "p", RowRange::all(), 5).await.unwrap(), Page::default());
    let stale = service.tables.replace(Table::Links, "p", "r", entity(), &etag()).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    service.tables.delete(Table::Links, "p", "r", None).await.unwrap();
    assert_eq!(
        service.seen().iter().filter(|line| line.contains("/Tables")).count(),
        0,
        "only writes make tables"
    );
}

#[tokio::test]
async fn pages_go_on_by_the_services_token_even_when_they_are_empty() {
    let answers = vec![rows(&[], Some("t1")), rows(&["a"], Some("t2")), rows(&["b", "c", "d"], Some("t3"))];
    let service = scripted(answers).await;
    let page = service.tables.scan(Table::Links, "p", RowRange::all(), 3).await.unwrap();
    assert_eq!(page.rows.iter().map(|row| row.row.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(page.next.as_deref(), Some("d"));
    let seen = service.seen();
    assert_eq!(seen[0], "GET /contoso/regretslinks()?%24filter=PartitionKey%20eq%20%27p%27&%24top=4");
    assert!(seen[1].ends_with("&NextPartitionKey=1%214%21cA--&NextRowKey=t1"), "{seen:?}");
    assert!(seen[2].ends_with("&NextRowKey=t2") && seen.len() == 3, "{seen:?}");

    // Where the next page begins is not known, so it is right after the last row.
    let service = scripted(vec![rows(&["a", "b"], Some("t1"))]).await;
    let page = service.tables.scan(Table::Links, "p", RowRange::all(), 2).await.unwrap();
    assert_eq!((page.rows.len(), page.next.as_deref(), service.seen().len()), (2, Some("b "), 1));
}

#[tokio::test]
async fn keys_and_conditions_reach_the_service_whole() {
    let service = scripted(vec![say(204, &[("etag", TAG)], "")]).await;
    service.tables.replace(Table::Links, "o'brien", "a %2F+&=\u{e4}", entity(), &etag()).await.unwrap();
    service.tables.delete(Table::Links, "p", "", Some(&Etag("0".to_owned()))).await.unwrap();
    let seen = service.seen();
    let path = "/contoso/regretslinks(PartitionKey='o''brien',RowKey='a%20%252F+&=%C3%A4')";
    assert_eq!(seen[0], format!("PUT {path} {TAG}"));
    assert!(
        seen[1].starts_with("DELETE /contoso/regretslinks(PartitionKey='p',RowKey='') W/\"datetime'1601"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_refusal_says_what_to_mend_and_shows_no_secret() {
    const SIGNED: &str = "SharedAccessSignature=sv=1&sig=hunter2";
    for (account, status, code, remedy) in [
        (
            "AccountName=contoso;AccountKey=aHVudGVyMg==",
            403,
            "AuthenticationFailed",
            "AccountKey in AzureWebJobsStorage",
        ),
        (
            "AccountName=contoso;AccountKey=aHVudGVyMg==",
            403,
            "KeyBasedAuthenticationNotPermitted",
            "AzureWebJobsStorage__accountName",
        ),
        ("AccountName=contoso;AccountKey=aHVudGVyMg==", 403, "AuthorizationFailure", "firewall"),
        (SIGNED, 403, "AuthenticationFailed", "SharedAccessSignature in AzureWebJobsStorage has ended"),
        (
            SIGNED,
            401,
            "NoAuthenticationInformation",
            "SharedAccessSignature in AzureWebJobsStorage has ended",
        ),
    ] {
        let service = scripted_as(account, Arc::new(SystemClock), vec![refuse(status, code)]).await;
        let error = service.tables.get(Table::Links, "p", "r").await.unwrap_err();
        assert!(matches!(error, StoreError::Unusable(_)), "{error:?}");
        let said = format!("{error} {error:?}");
        assert!(said.contains(remedy) && said.contains(code), "{said}");
        assert!(!said.contains("hunter2") && !said.contains("aHVudGVyMg"), "{said}");
    }
    let nobody = StorageAccount::from_connection_string(&format!(
        "AccountName=contoso;{SIGNED};TableEndpoint=http://127.0.0.1:1/x"
    ))
    .unwrap();
    let options = AzureOptions {
        patience: Patience { whole: Duration::ZERO, ..Patience::default() },
        ..AzureOptions::default()
    };
    let tables = AzureTables::open_with(&nobody, Arc::new(SystemClock), options).unwrap();
    let error = tables.get(Table::Links, "personal", "r").await.unwrap_err().to_string();
    assert!(error.starts_with("the store is not available now: no answer from 127.0.0.1: "), "{error}");
    assert!(!error.contains("hunter2") && !error.contains("personal"), "{error}");
}

/// The library reads XML with a parser of which weaknesses are known (deny.toml); tables answer in JSON.
#[tokio::test]
async fn an_answer_in_xml_is_never_parsed() {
    let xml = "<?xml version=\"1.0\"?><Error><Code>EntityNotFound</Code><Message>by the old \
               parser</Message></Error>";
    for (status, headers) in [
        (404, vec![("content-type", "application/xml")]),
        (400, vec![("content-type", "application/xml"), ("x-ms-error-code", "InvalidInput")]),
    ] {
        let service = scripted(vec![say(status, &headers, xml)]).await;
        let error = service.tables.get(Table::Links, "p", "r").await.unwrap_err().to_string();
        assert!(!error.contains("old parser") && !error.contains("EntityNotFound"), "{error}");
    }
}

#[tokio::test]
async fn only_a_documented_code_says_that_a_row_is_missing() {
    for answer in
        [say(404, &[], "<html>no such page</html>"), refuse(404, "AccountNotFound"), say(418, &[], "")]
    {
        let service = scripted(vec![answer]).await;
        let error = service.tables.get(Table::Links, "p", "r").await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
    }
    let service = scripted(vec![refuse(404, "ResourceNotFound")]).await;
    assert_eq!(service.tables.get(Table::Links, "p", "r").await.unwrap(), None);
}

#[tokio::test]
async fn time_is_the_services_and_asked_for_only_when_it_is_unknown() {
    let here = ManualClock::at(DateTime::from_timestamp(1_795_600_000, 0).unwrap());
    let date = "Tue, 24 Nov 2026 18:26:40 GMT";
    let ahead = DateTime::parse_from_rfc2822(date).unwrap().to_utc() - here.now();
    assert!(ahead.num_hours().abs() > 1, "{ahead}");
    let missing = Say(404, say(404, &[("date", date)], "").1, refuse(404, "TableNotFound").2);
    let service =
        scripted_as("AccountName=contoso;AccountKey=a2V5MQ==", Arc::new(here.clone()), vec![missing]).await;
    for _ in 0..3 {
        let off = service.tables.now().await.unwrap() - here.now() - ahead;
        assert!((0..=1000).contains(&off.num_milliseconds()), "{off}");
    }
    assert_eq!(service.seen().len(), 1, "one answer is enough for some minutes");
    here.advance(chrono::Duration::minutes(10));
    service.tables.now().await.unwrap();
    assert_eq!(service.seen().len(), 2);
}

/// The invocation's own time is the shorter one: a service that never answers is given up when it is over,
/// and what was sent by then may have been done.
#[tokio::test]
async fn a_silent_service_is_given_up_when_the_invocation_has_no_time_left() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let account = "AccountName=contoso;AccountKey=a2V5MQ==";
    let endpoint = format!("{account};TableEndpoint=http://{}/contoso", listener.local_addr().unwrap());
    let account = StorageAccount::from_connection_string(&endpoint).unwrap();
    let tables = AzureTables::open(&account, Arc::new(SystemClock)).unwrap();
    let began = std::time::Instant::now();
    let work = async {
        (tables.get(Table::Links, "p", "r").await, tables.insert(Table::Links, "p", "r", entity()).await)
    };
    let (read, written) = crate::invocation_deadline::with(Duration::from_millis(500), work).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    assert!(matches!(written, Err(StoreError::Unavailable(_))), "{written:?}");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}
