//! The port as its users see it: what leaves the process for each call, and what is made of the answers.

use super::auth::credentials::{App, Credentials};
use super::auth::tokens::{Fetch, Tokens};
use super::batch::{BatchOptions, Batcher};
use super::testing::{Counted, Scripted, ScriptedWire, SentBatch, Step, TlsServer, certificate};
use super::*;
use crate::calendar::event_select::EventSelect;
use crate::clock::SystemClock;
use crate::graph::auth::cloud::Cloud;
use crate::graph::auth::credentials::Credential;
use crate::graph::port::{Mailbox, NewSubscription, Since, Viewed};
use crate::ids::UserId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

fn graph(wire: &ScriptedWire) -> HttpGraph {
    let options =
        BatchOptions { deadline: Duration::from_secs(25), clock: Arc::new(SystemClock), seed: Some(1) };
    HttpGraph::over(
        Batcher::start(wire.clone(), Tokens::new(Counted::default()), options),
        "https://graph.example.test/",
    )
}

/// Each part by the same rule: URL to status and body.
fn answering(rule: impl Fn(&str) -> (u16, Value) + Send + Sync + 'static) -> ScriptedWire {
    ScriptedWire::by(move |batch: &SentBatch, _| {
        Step::each(batch, |url| {
            let (status, body) = rule(url);
            (status, json!({}), body)
        })
    })
}

fn sent(wire: &ScriptedWire) -> Vec<Value> {
    wire.sent().into_iter().flat_map(|batch| batch.parts).collect()
}

fn ana() -> Mailbox {
    Mailbox::Id(UserId::new("u1"))
}

fn everything() -> EventSelect {
    EventSelect {
        subject: true,
        body: true,
        place: true,
        extended: vec!["String {g} Name Lms".into()],
        ..EventSelect::default()
    }
}

fn refusal(code: &str) -> Value {
    json!({"error": {"code": code, "message": "", "innerError": {"request-id": "r"}}})
}

#[tokio::test(start_paused = true)]
async fn an_event_is_asked_for_with_only_what_is_needed() {
    let wire = answering(|_| (200, json!({"id": "AA/+="})));
    let found = graph(&wire).event(&ana(), &EventId::new("AA/+="), &everything()).await.unwrap();
    assert_eq!(found.unwrap().id.as_str(), "AA/+=");
    insta::assert_json_snapshot!(sent(&wire), @r#"
    [
      {
        "headers": {
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\", outlook.body-content-type=\"text\""
        },
        "id": "1",
        "method": "GET",
        "url": "/users/u1/events/AA%2F%2B%3D?$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime,subject,location,body&$expand=singleValueExtendedProperties($filter=id%20eq%20%27String%20%7Bg%7D%20Name%20Lms%27)"
      }
    ]
    "#);
}

#[tokio::test(start_paused = true)]
async fn only_the_mailbox_itself_can_say_that_an_event_is_gone() {
    for (status, code, is_gone) in [
        (404, "ErrorItemNotFound", true),
        (404, "Request_ResourceNotFound", false),
        (404, "MailboxNotEnabledForRESTAPI", false),
        (404, "UnknownError", false),
        (403, "ErrorAccessDenied", false),
        (410, "Gone", false),
    ] {
        let wire = answering(move |_| (status, refusal(code)));
        let answer = graph(&wire).event(&ana(), &EventId::new("e"), &EventSelect::default()).await;
        assert_eq!(matches!(answer, Ok(None)), is_gone, "{code}: {answer:?}");
        assert!(is_gone || answer.is_err(), "{code}: {answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_moved_event_is_found_in_another_calendar() {
    let wire = answering(|url| match url {
        _ if url.starts_with("/users/u1/calendars/gone/") => (404, refusal("ErrorItemNotFound")),
        _ if url.starts_with("/users/u1/calendars/c3/") => (200, json!({"value": [{"id": "a colleague's"}]})),
        _ if url.starts_with("/users/u1/calendars/c2/") => (200, json!({"value": [{"id": "moved"}]})),
        _ if url.starts_with("/users/u1/calendars?") => {
            let owner = |address: &str| json!({"name": "somebody", "address": address});
            let default = json!({"id": "c1", "isDefaultCalendar": true, "owner": owner("ana@contoso.com")});
            let own = json!({"id": "c2", "isDefaultCalendar": false, "owner": owner("Ana@contoso.com")});
            // A colleague's copy of the same meeting is not the learner's.
            let shared = json!({"id": "c3", "isDefaultCalendar": false, "owner": owner("bo@contoso.com")});
            (200, json!({"value": [default, own, shared, {"id": "gone"}]}))
        }
        _ => (200, json!({"value": []})),
    });
    let uid = ICalUid::new("o'clock+7");
    let found = graph(&wire).events_by_ical_uid(&ana(), &uid, &EventSelect::default()).await.unwrap();
    assert_eq!(found.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["moved"]);
    let urls: Vec<String> = wire.sent().iter().flat_map(SentBatch::urls).collect();
    insta::assert_json_snapshot!(urls, @r#"
    [
      "/users/u1/events?$filter=iCalUId%20eq%20%27o%27%27clock%2B7%27&$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime",
      "/users/u1/calendars?$select=id,isDefaultCalendar,owner&$top=100",
      "/users/u1/calendars/c2/events?$filter=iCalUId%20eq%20%27o%27%27clock%2B7%27&$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime",
      "/users/u1/calendars/gone/events?$filter=iCalUId%20eq%20%27o%27%27clock%2B7%27&$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime"
    ]
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_calendar_is_read_to_its_last_page() {
    let wire = answering(|url| match url.contains("skip=2") {
        false => {
            let next = "https://graph.example.test/v1.0/users/u1/calendarView?$skip=2&x=%2B";
            (200, json!({"value": [{"id": "a"}, {"id": "b"}], "@odata.nextLink": next}))
        }
        true => (200, json!({"value": [{"id": "c"}, {"iCalUId": "no id"}]})),
    });
    let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (from, to) = (time("2026-11-21T00:00:00.5Z"), time("2026-12-21T00:00:00Z"));
    let found = graph(&wire).calendar_view(&ana(), from, to, &EventSelect::default()).await.unwrap();
    assert_eq!(found.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let urls: Vec<String> = wire.sent().iter().flat_map(SentBatch::urls).collect();
    insta::assert_json_snapshot!(urls, @r#"
    [
      "/users/u1/calendarView?startDateTime=2026-11-21T00%3A00%3A00Z&endDateTime=2026-12-21T00%3A00%3A00Z&$top=100&$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime",
      "/users/u1/calendarView?$skip=2&x=%2B"
    ]
    "#);
}

/// A page at a time: where it goes on is the caller's to keep; and what Graph does not take of its own link
/// is lost.
#[tokio::test(start_paused = true)]
async fn a_calendar_is_read_page_by_page() {
    const ROOT: &str = "https://graph.example.test/v1.0";
    let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let window = Since::Window { from: time("2026-11-21T00:00:00Z"), to: time("2026-12-21T00:00:00Z") };
    let link = Since::Link("/users/u1/calendarView?$skip=2".to_owned());
    let asked = async |wire: &ScriptedWire, since: &Since| {
        graph(wire).calendar_page(&ana(), since, &EventSelect::default()).await
    };
    let wire = answering(|url| match url.contains("skip=2") {
        false => {
            let next = format!("{ROOT}/users/u1/calendarView?$skip=2");
            (200, json!({"value": [{"id": "a"}, {"iCalUId": "no id"}], "@odata.nextLink": next}))
        }
        true => (200, json!({"value": [{"id": "b"}]})),
    });
    let ids = |viewed: Result<Viewed, GraphError>| match viewed.unwrap() {
        Viewed::Page(page) => (page.events.into_iter().map(|event| event.id).collect::<Vec<_>>(), page.next),
        Viewed::Lost => panic!("lost"),
    };
    assert_eq!(
        ids(asked(&wire, &window).await),
        (vec!["a".into()], Some("/users/u1/calendarView?$skip=2".to_owned()))
    );
    assert_eq!(ids(asked(&wire, &link).await), (vec!["b".into()], None));

    for (status, code, is_lost) in [
        (410, "", true),
        (400, "ErrorInvalidUrlQueryFilter", true),
        (404, "SyncStateNotFound", true),
        (404, "MailboxNotEnabledForRESTAPI", false),
        (403, "ErrorAccessDenied", false),
    ] {
        let wire = answering(move |_| (status, refusal(code)));
        let answer = asked(&wire, &link).await;
        assert_eq!(answer == Ok(Viewed::Lost), is_lost, "{status} {code}: {answer:?}");
        let answer = asked(&wire, &window).await;
        assert!(answer.is_err(), "{status} {code}: {answer:?}");
    }
    for next in
        ["https://evil.example/v1.0/users", "https://graph.example.test/v1.0/users/u1/calendarView?$skip=2"]
    {
        let wire = answering(move |_| (200, json!({"value": [], "@odata.nextLink": next})));
        assert!(matches!(asked(&wire, &link).await, Err(GraphError::Invalid(_))), "{next}");
    }
}

/// Where a series does not go on one page, its parts are asked for side by side, and none of it is told
/// twice.
#[tokio::test(start_paused = true)]
async fn a_long_series_takes_as_long_as_two_pages() {
    let wire = answering(|url| {
        let begins = |day: &str| url.contains(&format!("startDateTime={day}"));
        match url {
            _ if url.contains("2026-11-21T00") && url.contains("2027-11-21T00") => {
                let next = "https://graph.example.test/v1.0/users/u1/events/m/instances?$skip=100";
                (200, json!({"value": [{"id": "1"}], "@odata.nextLink": next}))
            }
            _ if url.contains("skip=100") => panic!("one after the other"),
            _ if begins("2026-11-21") => (200, json!({"value": [{"id": "1"}, {"id": "2"}]})),
            _ => (200, json!({"value": [{"id": "2"}, {"id": "3"}]})),
        }
    });
    let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (from, to) = (time("2026-11-21T00:00:00Z"), time("2027-11-21T00:00:00Z"));
    let found = graph(&wire)
        .instances(&ana(), &"m".into(), from, to, &EventSelect::default())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
    let sent = wire.sent();
    assert_eq!(sent.iter().map(|batch| batch.parts.len()).collect::<Vec<_>>(), [1, 4]);
    let urls: Vec<String> = sent.iter().flat_map(SentBatch::urls).collect();
    let days = |name: &str| -> Vec<String> {
        let at = |url: &String| url.split(&format!("{name}=")).nth(1).map(|rest| rest[..10].to_owned());
        urls.iter().filter_map(at).skip(1).collect()
    };
    // Without a gap.
    assert_eq!(days("startDateTime")[1..], days("endDateTime")[..3]);
    assert_eq!(
        (days("startDateTime")[0].as_str(), days("endDateTime")[3].as_str()),
        ("2026-11-21", "2027-11-21")
    );
}

#[tokio::test(start_paused = true)]
async fn a_next_link_leads_nowhere_else() {
    for (next, code) in [
        ("https://evil.example.test/v1.0/users?$skiptoken=1", "foreignNextLink"),
        ("http://graph.example.test/v1.0/users?$skiptoken=1", "foreignNextLink"),
        ("https://graph.example.test:8443/v1.0/users", "foreignNextLink"),
        ("https://graph.example.test@evil.example.test/v1.0/users", "foreignNextLink"),
        ("https://graph.example.test/beta/users", "foreignNextLink"),
        ("https://graph.example.test/v1.0evil/users", "foreignNextLink"),
        ("/v1.0/users", "unreadableNextLink"),
        ("https://graph.example.test/v1.0/users?$skiptoken=1", "nextLinkLoop"),
    ] {
        let wire = answering(move |_| (200, json!({"value": [], "@odata.nextLink": next})));
        let answer = graph(&wire).users(&mut |_| {}).await;
        assert!(
            matches!(&answer, Err(GraphError::Invalid(failure)) if failure.code == code),
            "{next}: {answer:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn people_are_asked_for_with_what_matching_needs() {
    let wire = answering(|url| match url {
        _ if url.starts_with("/users/nobody") => (404, refusal("Request_ResourceNotFound")),
        _ if url.starts_with("/users/") => (200, json!({"id": "U1"})),
        _ => (200, json!({"value": [{"id": "u1"}]})),
    });
    let graph = graph(&wire);
    assert_eq!(graph.user("nobody@contoso.com").await.unwrap(), None);
    assert_eq!(graph.user("ana@contoso.com").await.unwrap().unwrap().id.as_str(), "u1");
    let mut seen = 0;
    graph.group_members("g1", &mut |_| seen += 1).await.unwrap();
    graph.users(&mut |_| seen += 1).await.unwrap();
    assert_eq!(seen, 2);
    insta::assert_json_snapshot!(sent(&wire), @r#"
    [
      {
        "headers": {
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\""
        },
        "id": "1",
        "method": "GET",
        "url": "/users/nobody%40contoso.com?$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,onPremisesExtensionAttributes"
      },
      {
        "headers": {
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\""
        },
        "id": "1",
        "method": "GET",
        "url": "/users/ana%40contoso.com?$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,onPremisesExtensionAttributes"
      },
      {
        "headers": {
          "ConsistencyLevel": "eventual",
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\""
        },
        "id": "1",
        "method": "GET",
        "url": "/groups/g1/transitiveMembers/microsoft.graph.user?$count=true&$top=999&$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,onPremisesExtensionAttributes"
      },
      {
        "headers": {
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\""
        },
        "id": "1",
        "method": "GET",
        "url": "/users?$top=999&$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,onPremisesExtensionAttributes"
      }
    ]
    "#);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_made_renewed_listed_and_deleted() {
    let wire = ScriptedWire::by(|batch: &SentBatch, _| {
        let listed = json!({"value": [
            {"id": "s1", "resource": "Users/U1/Events", "notificationUrl": "https://h/n",
            "expirationDateTime": "2026-11-28T00:00:00.1234567Z"},
            {"id": "s2"},
        ]});
        let part = &batch.parts[0];
        let (status, body) = match part["method"].as_str().unwrap() {
            "POST" => (201, json!({"id": "s1", "resource": "users/u1/events"})),
            "PATCH" if part["url"] == "/subscriptions/gone" => (404, refusal("ResourceNotFound")),
            "PATCH" => (200, json!({"id": "s1", "expirationDateTime": "2026-11-28T00:00:00Z"})),
            "DELETE" if part["url"] == "/subscriptions/gone" => (404, refusal("ResourceNotFound")),
            "DELETE" => (204, Value::Null),
            _ => (200, listed),
        };
        Step::each(batch, |_| (status, json!({}), body.clone()))
    });
    let graph = graph(&wire);
    let expires: DateTime<Utc> = "2026-11-28T00:00:00Z".parse().unwrap();
    let wanted = NewSubscription {
        mailbox: UserId::new("u1"),
        notification_url: "https://h/n?d=1".into(),
        client_state: "signed".into(),
        expires,
    };
    let made = graph.create_subscription(&wanted).await.unwrap();
    assert_eq!((made.id.as_str(), made.expires), ("s1", expires));
    assert_eq!(graph.renew_subscription(&made.id, expires).await.unwrap().expires, expires);
    let gone = SubscriptionId::new("gone");
    assert!(matches!(graph.renew_subscription(&gone, expires).await, Err(GraphError::NotFound(_))));
    graph.delete_subscription(&made.id).await.unwrap();
    graph.delete_subscription(&gone).await.unwrap();
    let listed = graph.subscriptions(None).await.unwrap().listed;
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1].expires, DateTime::UNIX_EPOCH, "an unknown expiry is not trusted");
    insta::assert_json_snapshot!(sent(&wire)[..2], @r#"
    [
      {
        "body": {
          "changeType": "created,updated,deleted",
          "clientState": "signed",
          "expirationDateTime": "2026-11-28T00:00:00Z",
          "latestSupportedTlsVersion": "v1_2",
          "lifecycleNotificationUrl": "https://h/n?d=1",
          "notificationUrl": "https://h/n?d=1",
          "resource": "users/u1/events"
        },
        "headers": {
          "Content-Type": "application/json",
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\""
        },
        "id": "1",
        "method": "POST",
        "url": "/subscriptions"
      },
      {
        "body": {
          "expirationDateTime": "2026-11-28T00:00:00Z"
        },
        "headers": {
          "Content-Type": "application/json",
          "Prefer": "IdType=\"ImmutableId\", outlook.timezone=\"UTC\""
        },
        "id": "1",
        "method": "PATCH",
        "url": "/subscriptions/s1"
      }
    ]
    "#);
}

/// Entra and Graph on one server, as the options see them.
fn options(server: &TlsServer, credential: Credential) -> GraphOptions {
    let http = crate::http::client::client(&crate::http::client::HttpOptions {
        extra_roots: vec![server.root()],
        ..Default::default()
    })
    .unwrap();
    GraphOptions {
        directory: "11111111-2222-3333-4444-555555555555".into(),
        client_id: "the-app".into(),
        credential,
        cloud: Cloud::Global,
        authority: server.url("").parse().unwrap(),
        endpoint: server.url("").parse().unwrap(),
        needed: Vec::new(),
        http,
        clock: Arc::new(SystemClock),
        deadline: Duration::from_secs(25),
        seed: Some(1),
    }
}

fn answer(status: u16, body: &str) -> testing::Answer {
    testing::Answer {
        status,
        headers: vec![("content-type", "application/json".into())],
        body: body.to_owned(),
    }
}

fn entra_and_graph(seen: &testing::Seen, _: usize) -> testing::Answer {
    if seen.path.ends_with("/oauth2/v2.0/token") {
        return answer(200, r#"{"token_type":"Bearer","expires_in":3599,"access_token":"secret-token"}"#);
    }
    answer(200, r#"{"responses":[{"id":"1","status":200,"body":{"id":"e1"}}]}"#)
}

fn form(body: &str) -> std::collections::BTreeMap<String, String> {
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

#[tokio::test]
async fn the_whole_way_over_tls_with_a_secret() {
    let server = TlsServer::start(Scripted::by(entra_and_graph)).await;
    let graph = HttpGraph::new(options(&server, Credential::ClientSecret("s+e&c".into()))).unwrap();
    let found = graph.event(&ana(), &EventId::new("e1"), &EventSelect::default()).await.unwrap();
    assert_eq!(found.unwrap().id.as_str(), "e1");
    assert_eq!(graph.granted_permissions().await.unwrap(), None, "an opaque token");
    let seen = server.seen();
    assert_eq!(seen.len(), 3, "one token, one batch, one more token");
    assert_eq!(seen[0].path, "/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token");
    let form = form(&seen[0].body);
    assert_eq!(form["client_secret"], "s+e&c");
    assert_eq!(form["scope"], format!("{}/.default", server.url("")));
    assert_eq!(seen[1].path, "/v1.0/$batch");
    assert_eq!(seen[1].headers["authorization"], "Bearer secret-token");
    assert!(uuid::Uuid::parse_str(&seen[1].headers["client-request-id"]).is_ok());
}

#[tokio::test]
async fn a_certificate_is_proven_by_an_assertion_for_the_token_endpoint() {
    let server = TlsServer::start(Scripted::by(entra_and_graph)).await;
    let made = certificate::rsa();
    let pem = format!("{}{}", made.certificate_pem, made.key_pem).into();
    let graph = HttpGraph::new(options(&server, Credential::Certificate { pem })).unwrap();
    graph.event(&ana(), &EventId::new("e1"), &EventSelect::default()).await.unwrap();
    let seen = server.seen();
    let key = jsonwebtoken::DecodingKey::from_rsa_pem(made.public_pem.as_bytes()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::PS256);
    validation.set_audience(&[server.url(&seen[0].path)]);
    jsonwebtoken::decode::<Value>(&form(&seen[0].body)["client_assertion"], &key, &validation).unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_told_with_its_remedy_and_a_broken_proxy_as_an_outage() {
    let wrong =
        r#"{"error":"invalid_client","error_description":"AADSTS7000215: …","error_codes":[7000215]}"#;
    // What was granted since is in new tokens only.
    let token = |roles: &str| {
        let claims = URL_SAFE_NO_PAD.encode(format!(r#"{{"roles":["{roles}"]}}"#));
        format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"e30.{claims}.c2ln"}}"#)
    };
    let (lacking, whole) = (token("Calendars.Read"), token("User.Read.All"));
    let fetched = async |status, body| {
        let server = TlsServer::start(Scripted::always(status, body)).await;
        let options = options(&server, Credential::ClientSecret("wrong".into()));
        let app = App {
            directory: options.directory,
            client_id: options.client_id,
            cloud: options.cloud,
            authority: options.authority,
            scope: "x/.default".into(),
            needed: vec!["User.Read.All"],
            http: options.http,
            clock: options.clock,
        };
        Credentials::new(app, &options.credential).unwrap().fetch().await
    };
    for (token, lives) in [(&lacking, 600), (&whole, 3599)] {
        let given = fetched(200, token).await.ok().unwrap().lives.as_secs();
        assert!((lives - 60..=lives).contains(&given), "{token}: {given}");
    }
    let fetched = async |status, body| fetched(status, body).await.err().unwrap();
    let refused = fetched(401, wrong).await;
    let GraphError::Credential { failure, hint } = &refused else { panic!("{refused:?}") };
    assert_eq!(failure.code, "invalid_client/AADSTS7000215");
    assert!(hint.contains("the secret's value"), "{hint}");
    let broken = fetched(502, "<html>Bad gateway</html>").await;
    assert!(matches!(&broken, GraphError::Unavailable(failure) if failure.status == Some(502)), "{broken:?}");
    let empty = fetched(200, "{}").await;
    assert!(matches!(&empty, GraphError::Unavailable(_)), "{empty:?}");
}

#[tokio::test]
async fn what_can_not_work_is_refused_before_the_first_call() {
    let server = TlsServer::start(Scripted::always(200, "{}")).await;
    let secret = || Credential::ClientSecret("s".into());
    let plain = GraphOptions { authority: "http://localhost".parse().unwrap(), ..options(&server, secret()) };
    let unnamed = GraphOptions { directory: "a/b".into(), ..options(&server, secret()) };
    let keyless = options(&server, Credential::Certificate { pem: "no pem".into() });
    for options in [plain, unnamed, keyless] {
        assert!(matches!(HttpGraph::new(options), Err(GraphError::Credential { .. })));
    }
}
