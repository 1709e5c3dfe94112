//! What leaves the process for one decline, from the subscription to the LMS, and what is left of it in the
//! ledger.

use crate::stage;
use axum::http::HeaderMap;
use axum::routing::post;
use chrono::DateTime;
use regrets::ledger::enrolment_ids;
use regrets::store::Table;
use serde_json::Value;
use simulator::Recorded;
use simulator::stage::Stage;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use suites::passing::ledger_of;
use suites::{ORGANIZER, address, becomes, decline, id, invite, known, setup, watched};

/// Names for ids, times and addresses of this run, the longer texts first.
struct Redaction(Vec<(String, String)>);

impl Redaction {
    fn apply(&self, text: &str) -> String {
        let named = self.0.iter().fold(text.to_owned(), |text, (given, name)| text.replace(given, name));
        times(&named)
    }
}

/// Every time becomes `{time}`: as RFC 3339 between quotes, and as stories have it within a sentence.
fn times(text: &str) -> String {
    let quoted: Vec<&str> = text
        .split('"')
        .map(|part| if DateTime::parse_from_rfc3339(part).is_ok() { "{time}" } else { part })
        .collect();
    let mut told = quoted.join("\"");
    while let Some(end) = told.find(" UTC") {
        let start = end - "2026-11-21 10:00:00".len();
        told.replace_range(start..end + " UTC".len(), "{time}");
    }
    told
}

fn line(request: &Recorded) -> String {
    let shown = |(name, value): &(String, String)| {
        let value = if DateTime::parse_from_rfc3339(value).is_ok() { "{time}" } else { value };
        format!("{name}={value}")
    };
    let query: Vec<String> = request.query.iter().map(shown).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let body = request.body.as_ref().map(|body| format!(" {body}")).unwrap_or_default();
    format!("{} {} {}{query}{body}", request.status, request.method, request.path.join("/"))
}

/// An LMS that takes everything and remembers headers and body.
async fn lms() -> (String, Arc<Mutex<Vec<(HeaderMap, String)>>>) {
    let taken = Arc::new(Mutex::new(Vec::new()));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/hooks/regrets", listener.local_addr().unwrap());
    let keep = Arc::clone(&taken);
    let hook =
        post(
            move |headers: HeaderMap, body: String| async move { keep.lock().unwrap().push((headers, body)) },
        );
    let app = axum::Router::new().route("/hooks/regrets", hook);
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, taken)
}

fn redaction(stage: &Stage, copies: [String; 2]) -> Redaction {
    let world = stage.simulator.world();
    let requests = world.requests();
    let created = requests
        .iter()
        .find(|request| request.method == "POST" && request.path == ["subscriptions"])
        .unwrap();
    let body = created.body.clone().unwrap();
    let text = |value: &Value, field: &str| value[field].as_str().unwrap().to_owned();
    let marker = text(&body, "notificationUrl").split_once('=').unwrap().1.to_owned();
    let group = requests.iter().find(|request| request.path[0] == "groups").unwrap().path[1].clone();
    let [copy, original] = copies;
    let hashes = id("4711", "ana");
    let (session, learner) = hashes.trim_start_matches("contoso.").split_once('.').unwrap();
    Redaction(vec![
        (text(&body, "clientState"), "{clientState}".to_owned()),
        (copy.clone(), "{ana's copy}".to_owned()),
        (original, "{organizer's copy}".to_owned()),
        (text(created.answer.as_ref().unwrap(), "id"), "{subscription}".to_owned()),
        (marker, "{marker}".to_owned()),
        (group, "{group}".to_owned()),
        (stage.url.clone(), "{url}".to_owned()),
        (world.user_id(&address("ana")).unwrap().to_string(), "{ana}".to_owned()),
        (world.user_id(ORGANIZER).unwrap().to_string(), "{organizer}".to_owned()),
        (session.to_owned(), "{hash of 4711}".to_owned()),
        (learner.to_owned(), "{hash of ana@contoso.com}".to_owned()),
        (
            regrets::ids::hash(&world.user_id(&address("ana")).unwrap().to_string()),
            "{hash of ana}".to_owned(),
        ),
        (regrets::ids::hash(&copy), "{hash of ana's copy}".to_owned()),
        (regrets::ids::hash("lms-4711@contoso.com\n"), "{hash of the iCalUId}".to_owned()),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn one_decline_from_the_subscription_to_the_lms() {
    let (lms, taken) = lms().await;
    let mut setup = setup(&["ana"]);
    setup.policy.grace = "0s";
    // So that the first look finds the organizer's answer.
    setup.options.notification_delay =
        std::time::Duration::from_secs(60)..=std::time::Duration::from_secs(60);
    setup.env.push(("REGRETS__TENANT__CONTOSO__LMS__URL", Some(lms)));
    let stage = stage(setup, |world| invite(world, "4711", &["ana"])).await;
    let world = stage.simulator.world();
    watched(&stage, 1).await;
    known(&stage, 1).await;
    let copies = [&address("ana"), ORGANIZER].map(|address| world.copy(address, "4711").unwrap().immutable);
    decline(world, "ana", "4711");
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; has place, 0 effects").await;
    let redaction = redaction(&stage, copies);

    // Each once, and sorted: how often one looks, and in which order, is a matter of chance.
    let requests = world.requests();
    let parts = requests.iter().filter(|request| request.path != ["$batch"]);
    for part in parts.clone() {
        assert!(part.in_batch, "{part:?}");
        let plain = r#"IdType="ImmutableId", outlook.timezone="UTC""#;
        let is_delta = part.path.last().is_some_and(|last| last == "delta");
        let paged = format!(r#"{plain}, outlook.body-content-type="text", odata.maxpagesize=25"#);
        assert_eq!(part.headers["prefer"], if is_delta { paged } else { plain.to_owned() });
    }
    // Links are followed as they were given; and where following has found the organizer's copy first, nobody
    // looks for it.
    let is_by_chance =
        |line: &String| line.contains("token=") || line.contains("{organizer}/events?$filter=");
    let asked: BTreeSet<String> = parts.map(|part| redaction.apply(&line(part))).collect();
    let asked: Vec<String> = asked.into_iter().filter(|line| !is_by_chance(line)).collect();
    insta::assert_snapshot!(asked.join("\n"), @r##"
    200 GET groups/{group}/transitiveMembers/microsoft.graph.user?$count=true&$top=999&$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,onPremisesExtensionAttributes
    200 GET users/learning@contoso.com?$select=id,mail,userPrincipalName,proxyAddresses,employeeId,accountEnabled,userType,onPremisesExtensionAttributes
    200 GET users/{ana}/calendarView?startDateTime={time}&endDateTime={time}&$top=100&$select=id
    200 GET users/{ana}/calendarView?startDateTime={time}&endDateTime={time}&$top=100&$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime
    200 GET users/{ana}/calendars?$select=id,isDefaultCalendar,owner&$top=100
    200 GET users/{ana}/events/{ana's copy}?$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime
    200 GET users/{ana}/events?$filter=iCalUId eq 'lms-4711@contoso.com'&$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime
    200 GET users/{organizer}/calendarView/delta?startDateTime={time}&endDateTime={time}
    200 GET users/{organizer}/calendarView?startDateTime={time}&endDateTime={time}&$top=100&$select=id
    200 GET users/{organizer}/events/{organizer's copy}?$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime
    201 POST subscriptions {"changeType":"created,updated,deleted","clientState":"{clientState}","expirationDateTime":"{time}","latestSupportedTlsVersion":"v1_2","lifecycleNotificationUrl":"{url}/api/graph/notifications?deployment={marker}","notificationUrl":"{url}/api/graph/notifications?deployment={marker}","resource":"users/{ana}/events"}
    403 GET users/{ana}/mailboxSettings/automaticRepliesSetting
    404 GET users/{ana}/events/{ana's copy}?$select=id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime
    "##);
    let outer = requests.iter().find(|request| request.path == ["$batch"]).unwrap();
    insta::assert_snapshot!(format!("{:?}", outer.headers.keys().collect::<Vec<_>>()),
    @r#"["accept", "client-request-id", "content-length", "content-type", "host", "return-client-request-id", "user-agent"]"#);

    let taken = taken.lock().unwrap().clone();
    let [(headers, body)] = taken.as_slice() else { panic!("{} requests", taken.len()) };
    let mut names: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    insta::assert_snapshot!(format!("{names:?}\n{}", redaction.apply(body)), @r##"
    ["accept", "content-length", "content-type", "host", "user-agent", "webhook-id", "webhook-signature", "webhook-timestamp"]
    {"type":"enrolment.cancel","timestamp":"{time}","data":{"id":"contoso.{hash of 4711}.{hash of ana@contoso.com}.1.1","tenant":"contoso","session":"4711","learner":"ana@contoso.com","generation":1,"decision":1,"verdict":"declined","evidence":"organizer-copy","declinedAt":"{time}","sessionStart":"{time}","attempt":1}}
    "##);

    let shown = stage.manage(&format!("enrolments/{}", id("4711", "ana"))).await.unwrap();
    insta::assert_snapshot!(redaction.apply(&serde_json::to_string_pretty(&shown).unwrap()), @r##"
    {
      "attempts": 1,
      "due": null,
      "evidence": "organizer-copy",
      "generation": 1,
      "id": "contoso.{hash of 4711}.{hash of ana@contoso.com}",
      "learner": "ana@contoso.com",
      "lms": {
        "after": null,
        "before": null,
        "connector": "webhook",
        "file": null
      },
      "outcome": "done",
      "review": null,
      "session": "4711",
      "start": "{time}",
      "state": "done",
      "story": [
        {
          "at": "{time}",
          "by": "regrets",
          "n": 1,
          "text": "The invitation is watched."
        },
        {
          "at": "{time}",
          "by": "regrets",
          "n": 2,
          "text": "The organizer's copy shows that the learner declined at {time}. Decided to cancel the place; due {time}."
        },
        {
          "at": "{time}",
          "by": "regrets",
          "n": 3,
          "text": "Attempt 1: the LMS is asked to cancel the place."
        },
        {
          "at": "{time}",
          "by": "regrets",
          "n": 4,
          "text": "The LMS has cancelled the place (HTTP 200)."
        }
      ],
      "tenant": "contoso",
      "verdict": "declined"
    }
    "##);

    let at = enrolment_ids::by_id(&id("4711", "ana")).unwrap();
    let row = ledger_of(&stage).tables.get(Table::Enrolments, &at.partition, &at.row).await.unwrap().unwrap();
    let mut entity = row.entity;
    // Shown above, and how far it is filed is a matter of how it was written.
    entity.retain(|name, _| name != "story" && name != "filed");
    // Another one each time.
    if let Some(trace @ Value::String(_)) = entity.get_mut("trace") {
        *trace = "{trace}".into();
    }
    insta::assert_snapshot!(redaction.apply(&serde_json::to_string_pretty(&entity).unwrap()), @r##"
    {
      "attempts": 1,
      "connector": {
        "hash": null,
        "name": "webhook"
      },
      "decision": {
        "automatic": false,
        "by": null,
        "decided_at": "{time}",
        "declined_at": "{time}",
        "evidence": "organizer-copy",
        "late": false,
        "session_start": "{time}",
        "verdict": "declined"
      },
      "decisions": 1,
      "end": "{time}",
      "failures": 0,
      "generation": 1,
      "learner": "ana@contoso.com",
      "maybe_effected": false,
      "order": {
        "decision": {
          "automatic": false,
          "by": null,
          "decided_at": "{time}",
          "declined_at": "{time}",
          "evidence": "organizer-copy",
          "late": false,
          "session_start": "{time}",
          "verdict": "declined"
        },
        "number": 1,
        "session_start": "{time}"
      },
      "outcome": {
        "at": "{time}",
        "kind": {
          "lms": "done"
        },
        "message": null
      },
      "outside": false,
      "parts": [
        {
          "accepted_at": null,
          "back": "{time}",
          "called_off": false,
          "counted_at": null,
          "decline": {
            "answered_at": "{time}",
            "repeated_at": null,
            "source": "organizer-copy",
            "start": "{time}"
          },
          "end": "{time}",
          "key": "{hash of the iCalUId}",
          "link": {
            "partition": "contoso~{hash of ana}",
            "row": "e-{hash of ana's copy}"
          },
          "look": null,
          "open": false,
          "reading": {
            "answered_at": "{time}",
            "source": "organizer-copy",
            "verdict": "declined"
          },
          "start": "{time}",
          "unexplained_since": null,
          "unknown_since": null,
          "unreadable": 0,
          "weak_since": null
        }
      ],
      "repeats": 0,
      "session": "4711",
      "start": "{time}",
      "state": "done",
      "tenant": "contoso",
      "told": 4,
      "trace": "{trace}"
    }
    "##);
}
