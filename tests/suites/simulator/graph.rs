//! Reads, batches and throttling.

use crate::client::{ANA, Caller, IMMUTABLE, LEARNING, plain, tomorrow, training};
use chrono::Duration;
use serde_json::{Value, json};
use simulator::world::act::{Cancel, Invite, Move, Reply, Retime};
use simulator::{Fault, TenantSeed};

fn window(days: i64) -> String {
    let (from, to) = (tomorrow() - Duration::days(2), tomorrow() + Duration::days(days));
    let show = |time: chrono::DateTime<chrono::Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    format!("startDateTime={}&endDateTime={}", show(from), show(to))
}

#[tokio::test]
async fn a_decline_shows_on_the_two_copies() {
    let caller = Caller::open(plain()).await;
    caller.world().invite(&training()).unwrap();
    let (mine, theirs) =
        (caller.world().copy(ANA, "4711").unwrap(), caller.world().copy(LEARNING, "4711").unwrap());
    let (mine, theirs) = (
        format!("users/{}/events/{}", caller.id(ANA), mine.immutable),
        format!("users/{}/events/{}", caller.id(LEARNING), theirs.immutable),
    );
    let copy = caller.get(&mine).await.body;
    assert_eq!(copy["responseStatus"], json!({ "response": "notResponded", "time": "0001-01-01T00:00:00Z" }));
    assert_eq!(copy["attendees"][0]["status"]["response"], "none");
    assert_eq!((&copy["isOrganizer"], &copy["iCalUId"]), (&json!(false), &json!("lms-4711@contoso.com")));

    caller.world().decline(&Reply::new(ANA, "4711")).unwrap();
    caller.world().quiet().await;
    let gone = caller.get(&mine).await;
    assert_eq!(gone.error(), (404, "ErrorItemNotFound"));
    let listed = caller.get(&theirs).await.body;
    assert_eq!(listed["attendees"][0]["status"]["response"], "declined");
    assert!(listed["attendees"][0]["status"]["time"].as_str().unwrap().starts_with("20"));
}

#[tokio::test]
async fn ids_are_exact_and_immutable_ones_need_the_header() {
    let caller = Caller::open(plain()).await;
    caller.world().invite(&training()).unwrap();
    let other = Invite { session: "4712".to_owned(), ..training() };
    caller.world().invite(&other).unwrap();
    let (first, twin) =
        (caller.world().copy(ANA, "4711").unwrap(), caller.world().copy(ANA, "4712").unwrap());
    assert!(first.immutable != twin.immutable && first.immutable.eq_ignore_ascii_case(&twin.immutable));
    let ana = caller.id(ANA);
    let read = async |id: &str, headers: &[(&str, &str)]| {
        let answer = caller
            .send("GET", &format!("users/{ana}/events/{}", id.replace('=', "%3D")), headers, None)
            .await;
        (
            answer.status,
            answer.body["id"].as_str().unwrap_or_default().to_owned(),
            answer.body["iCalUId"].clone(),
        )
    };
    assert_eq!(
        read(&first.immutable, &[IMMUTABLE]).await,
        (200, first.immutable.clone(), json!(first.ical_uid))
    );
    assert_eq!(
        read(&twin.immutable, &[IMMUTABLE]).await,
        (200, twin.immutable.clone(), json!(twin.ical_uid))
    );
    assert_eq!(read(&first.mutable, &[]).await, (200, first.mutable.clone(), json!(first.ical_uid)));
    assert_eq!(read(&first.immutable, &[]).await.0, 404);
}

#[tokio::test]
async fn an_event_is_found_by_ical_uid_where_it_lies() {
    let caller = Caller::open(plain()).await;
    caller.world().invite(&Invite { ical_uid: Some("o'hara 1".to_owned()), ..training() }).unwrap();
    let ana = caller.id(ANA);
    let by_uid = "$filter=iCalUId%20eq%20'o''hara%201'&$select=iCalUId,responseStatus";
    let found = caller.get(&format!("users/{ana}/events?{by_uid}")).await.body;
    let names: Vec<&String> = found["value"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["@odata.etag", "iCalUId", "id", "responseStatus"]);

    caller
        .world()
        .move_copy(&Move { learner: ANA.into(), session: "4711".into(), calendar: "Training".into() })
        .unwrap();
    assert_eq!(caller.get(&format!("users/{ana}/events?{by_uid}")).await.body["value"], json!([]));
    let calendars = caller.get(&format!("users/{ana}/calendars")).await.body;
    let other = calendars["value"][1]["id"].as_str().unwrap().replace('=', "%3D");
    let found = caller.get(&format!("users/{ana}/calendars/{other}/events?{by_uid}")).await.body;
    assert_eq!(found["value"][0]["iCalUId"], "o'hara 1");
    let undoubled = caller.get(&format!("users/{ana}/events?$filter=iCalUId%20eq%20'o'hara'")).await;
    assert_eq!(undoubled.status, 400);
}

#[tokio::test]
async fn a_calendar_view_is_cut_by_its_window_and_paged_by_links() {
    let caller = Caller::open(plain()).await;
    for n in 0..5 {
        let session = Invite { session: format!("s{n}"), ..training() };
        let start = tomorrow() + Duration::days(n);
        caller.world().invite(&Invite { start, end: start + Duration::hours(1), ..session }).unwrap();
    }
    let starts = (0..3).map(|n| tomorrow() + Duration::days(10 + n)).collect();
    caller
        .world()
        .invite(&Invite { session: "series".to_owned(), occurrences: starts, ..training() })
        .unwrap();
    let mut next = Some(format!(
        "users/{}/calendarView?{}&$top=5&$select=iCalUId,type,seriesMasterId",
        caller.id(ANA),
        window(11)
    ));
    let (mut seen, mut pages) = (Vec::new(), 0);
    while let Some(target) = next {
        let answer = caller.get(&target).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        seen.extend(answer.body["value"].as_array().unwrap().clone());
        next = answer.body["@odata.nextLink"].as_str().map(str::to_owned);
        pages += 1;
    }
    let kinds: Vec<&str> = seen.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "singleInstance",
            "singleInstance",
            "singleInstance",
            "singleInstance",
            "singleInstance",
            "occurrence"
        ]
    );
    assert_eq!(pages, 2);
    let series = caller.world().copy(ANA, "series").unwrap();
    assert_eq!(seen[5]["seriesMasterId"], json!(series.immutable));
    let occurrence =
        caller.get(&format!("users/{}/events/{}", caller.id(ANA), seen[5]["id"].as_str().unwrap())).await;
    assert_eq!(occurrence.body["type"], "occurrence");
    let instances =
        format!("users/{}/events/{}/instances?{}&$select=id", caller.id(ANA), series.immutable, window(90));
    assert_eq!(caller.get(&instances).await.body["value"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn times_come_in_the_zone_that_was_asked_for() {
    let caller = Caller::open(plain()).await;
    let start = "2030-07-01T08:00:00Z".parse().unwrap();
    caller.world().invite(&Invite { start, end: start + Duration::hours(1), ..training() }).unwrap();
    let event = format!("users/{}/events", caller.id(ANA));
    let read = async |prefer: &str| caller.send("GET", &event, &[("Prefer", prefer)], None).await;
    let utc = read("outlook.timezone=\"UTC\"").await.body;
    assert_eq!(
        utc["value"][0]["start"],
        json!({ "dateTime": "2030-07-01T08:00:00.0000000", "timeZone": "UTC" })
    );
    let berlin = read("IdType=\"ImmutableId\", outlook.timezone=\"W. Europe Standard Time\"").await.body;
    assert_eq!(berlin["value"][0]["start"]["dateTime"], "2030-07-01T10:00:00.0000000");
    assert_eq!(read("outlook.timezone=\"Mars\"").await.error(), (400, "TimeZoneNotSupportedException"));
}

#[tokio::test]
async fn requests_that_real_graph_refuses_are_refused() {
    let caller = Caller::open(plain()).await;
    let ana = caller.id(ANA);
    let cases = [
        format!("users/{ana}/events?$select=uid"),
        format!("users/{ana}/events?$search=x"),
        format!("users/{ana}/events?$filter=subject%20eq%20'x'"),
        format!("users/{ana}/events?$expand=attachments"),
        format!("users/{ana}/events?$top=1001"),
        format!("users/{ana}/calendarView"),
        format!("users/{ana}/calendarView?{}", window(2_000)),
        format!("users/{ana}/instances"),
        format!("users/{ana}/events/x/attachments"),
        "me/events".to_owned(),
        "users?$top=1000".to_owned(),
        "users?$select=nickname".to_owned(),
        format!(
            "groups/{}/transitiveMembers/microsoft.graph.user",
            TenantSeed::contoso().group_id("learners")
        ),
        "subscriptions?$top=5".to_owned(),
    ];
    for target in cases {
        let answer = caller.get(&target).await;
        assert_eq!(answer.status, 400, "{target}: {}", answer.body);
        assert!(!answer.message().is_empty(), "{target}");
    }
    assert_eq!(caller.get("users/nobody@contoso.com/events").await.error(), (404, "ErrorInvalidUser"));
    assert_eq!(
        caller.get(&format!("users/{}", uuid::Uuid::nil())).await.error(),
        (404, "Request_ResourceNotFound")
    );
}

#[tokio::test]
async fn users_show_what_was_selected_and_groups_are_flattened() {
    let mut options = plain();
    options.page = 2;
    let caller = Caller::open(options).await;
    let by_default = caller.get("users").await.body;
    assert_eq!(by_default["value"].as_array().unwrap().len(), 2);
    assert_eq!(by_default["value"][0].get("accountEnabled"), None);
    let mut next = Some("users?$select=id,mail,proxyAddresses,accountEnabled,userType".to_owned());
    let mut users: Vec<Value> = Vec::new();
    while let Some(target) = next {
        let page = caller.get(&target).await.body;
        users.extend(page["value"].as_array().unwrap().clone());
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    assert_eq!(users.len(), 5);
    assert_eq!(users[3]["proxyAddresses"], json!(["SMTP:cy@contoso.com", "smtp:cyril@contoso.com"]));
    assert_eq!(users[4]["userType"], "Guest");

    let group = TenantSeed::contoso().group_id("learners");
    let target =
        format!("groups/{group}/transitiveMembers/microsoft.graph.user?$count=true&$top=999&$select=mail");
    let eventual = ("ConsistencyLevel", "eventual");
    let without_header = caller.send("GET", &target, &[], None).await;
    let without_count = caller.send("GET", &target.replace("$count=true&", ""), &[eventual], None).await;
    assert_eq!([without_header.status, without_count.status], [400, 400]);
    let members = caller.send("GET", &target, &[eventual], None).await.body;
    let mails: Vec<&str> =
        members["value"].as_array().unwrap().iter().filter_map(|user| user["mail"].as_str()).collect();
    assert_eq!(mails, [ANA, "bo@contoso.com", "cy@contoso.com"]);
    assert_eq!(members["@odata.count"], 3);
}

#[tokio::test]
async fn a_batch_answers_each_part_by_itself_and_holds_four_at_once_on_a_mailbox() {
    let caller = Caller::open(plain()).await;
    caller.world().invite(&training()).unwrap();
    let part = |n: usize, user| {
        json!({ "id": n.to_string(), "method": "GET",
    "url": format!("/users/{}/events", caller.id(user)) })
    };
    let mut requests: Vec<Value> = (0..5).map(|n| part(n, ANA)).collect();
    requests.push(part(5, LEARNING));
    requests.push(json!({ "id": "6", "method": "GET", "url": "/users/nobody@contoso.com" }));
    let answers = caller.batch(json!(requests)).await;
    let statuses: Vec<u64> = answers.values().map(|part| part["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 429, 200, 404]);
    assert_eq!(answers["4"]["body"]["error"]["code"], "ApplicationThrottled");
    assert_eq!(answers["4"]["headers"]["Retry-After"], "0.25");
    let again = caller.batch(json!([part(0, ANA)])).await;
    assert_eq!(again["0"]["status"], 200, "the places are free again");
}

#[tokio::test]
async fn extended_properties_stay_on_the_copy_they_were_written_to() {
    let caller = Caller::open(plain()).await;
    let id = "String {8f1d2a6e-0000-4000-8000-000000000001} Name LmsSessionId";
    let mut invitation = training();
    invitation.extended.insert(id.to_owned(), "4711".to_owned());
    caller.world().invite(&invitation).unwrap();
    let expand = format!("$select=id&$expand=singleValueExtendedProperties($filter=id eq '{id}')");
    let read = async |user: &str| {
        caller.get(&format!("users/{}/events?{expand}", caller.id(user))).await.body["value"][0].clone()
    };
    let own = json!([{ "id": id, "value": "4711" }]);
    assert_eq!(read(LEARNING).await["singleValueExtendedProperties"], own);
    assert_eq!(read(ANA).await.get("singleValueExtendedProperties"), None);
}

#[tokio::test]
async fn throttling_hits_one_mailbox_or_the_whole_batch() {
    let caller = Caller::open(plain()).await;
    let part = |id: &str, user: &str| {
        json!({ "id": id, "method": "GET", "url": format!("/users/{}/events",
    caller.id(user)) })
    };
    let throttle = |mailbox: Option<&str>, outer| Fault::GraphThrottle {
        mailbox: mailbox.map(str::to_owned),
        retry_after: Some("2.128".to_owned()),
        outer,
    };
    caller.world().inject_times(throttle(Some(ANA), false), 1);
    let answers = caller.batch(json!([part("a", ANA), part("l", LEARNING)])).await;
    assert_eq!((&answers["a"]["status"], &answers["l"]["status"]), (&json!(429), &json!(200)));
    assert_eq!(answers["a"]["headers"]["Retry-After"], "2.128");
    caller.world().inject_times(throttle(None, true), 1);
    let refused = caller.post("$batch", json!({ "requests": [part("a", ANA)] })).await;
    assert_eq!((refused.status, refused.headers["retry-after"].to_str().unwrap()), (429, "2.128"));
    assert_eq!(caller.batch(json!([part("a", ANA)])).await["a"]["status"], 200);
}

#[tokio::test]
async fn a_lost_reply_closes_the_connection() {
    let caller = Caller::open(plain()).await;
    caller.world().inject_times(Fault::GraphLost, 1);
    let url = format!("{}/v1.0/users", caller.simulator.graph_url());
    assert!(caller.simulator.http().get(&url).send().await.is_err());
    assert_eq!(caller.simulator.http().get(&url).send().await.unwrap().status(), 401);
}

/// Follows a delta to its end: what is there, what is removed, and the delta link.
async fn followed(caller: &Caller, from: &str) -> (Vec<Value>, Vec<String>, String) {
    let (mut there, mut removed, mut next) = (Vec::new(), Vec::new(), from.to_owned());
    loop {
        let answer = caller.send("GET", &next, &[IMMUTABLE_BY_TWO], None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        for item in answer.body["value"].as_array().unwrap() {
            match item.get("@removed") {
                Some(_) => removed.push(item["id"].as_str().unwrap().to_owned()),
                None => there.push(item.clone()),
            }
        }
        match answer.body["@odata.nextLink"].as_str() {
            Some(link) => next = link.to_owned(),
            None => return (there, removed, answer.body["@odata.deltaLink"].as_str().unwrap().to_owned()),
        }
    }
}

const IMMUTABLE_BY_TWO: (&str, &str) = ("prefer", r#"IdType="ImmutableId", odata.maxpagesize=2"#);

#[tokio::test]
async fn a_delta_tells_what_is_new_changed_or_out_of_its_window() {
    let caller = Caller::open(plain()).await;
    for n in 0..3 {
        let start = tomorrow() + Duration::days(n);
        let session =
            Invite { session: format!("s{n}"), start, end: start + Duration::hours(1), ..training() };
        caller.world().invite(&session).unwrap();
    }
    let starts = (0..3).map(|n| tomorrow() + Duration::days(4 + n)).collect();
    caller
        .world()
        .invite(&Invite { session: "series".to_owned(), occurrences: starts, ..training() })
        .unwrap();
    let calendar = format!("users/{}/calendarView/delta", caller.id(LEARNING));
    let (there, removed, later) = followed(&caller, &format!("{calendar}?{}", window(20))).await;
    let kinds: Vec<&str> = there.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "occurrence").count(), 3);
    assert_eq!(kinds.iter().filter(|kind| **kind == "seriesMaster").count(), 1);
    assert_eq!(kinds.iter().filter(|kind| **kind == "singleInstance").count(), 4, "one item comes twice");
    let bare = there.iter().find(|event| event["type"] == "occurrence").unwrap();
    assert!(bare.get("subject").is_none() && bare["seriesMasterId"].is_string(), "{bare}");
    assert!(removed.is_empty());

    let (there, removed, later) = followed(&caller, &later).await;
    assert!(there.is_empty() && removed.is_empty(), "nothing happened");

    let far = tomorrow() + Duration::days(60);
    let out = caller.world().copy(LEARNING, "s1").unwrap().immutable;
    caller
        .world()
        .retime(&Retime { session: "s1".to_owned(), start: far, end: far + Duration::hours(1) })
        .unwrap();
    let gone = caller.world().copy(LEARNING, "s2").unwrap().immutable;
    caller.world().cancel(&Cancel { session: "s2".to_owned() }).unwrap();
    let beyond =
        Invite { session: "beyond".to_owned(), start: far, end: far + Duration::hours(1), ..training() };
    caller.world().invite(&beyond).unwrap();
    let outside = caller.world().copy(LEARNING, "beyond").unwrap().immutable;
    let (there, mut removed, later) = followed(&caller, &later).await;
    let mut expected = vec![out, gone, outside];
    expected.sort();
    removed.sort();
    removed.dedup();
    assert_eq!(
        (there.len(), removed),
        (0, expected),
        "what lies outside of the window is told as removed, too"
    );

    caller.world().inject_times(Fault::SyncStateLost { mailbox: Some(LEARNING.to_owned()) }, 1);
    assert_eq!(caller.get(&later).await.error(), (410, "SyncStateNotFound"));
}

#[tokio::test]
async fn a_delta_refuses_what_it_can_not_do() {
    let caller = Caller::open(plain()).await;
    let calendar = format!("users/{}/calendarView/delta", caller.id(LEARNING));
    for option in
        ["$select=id", "$filter=id%20eq%20'x'", "$expand=attachments", "$orderby=id", "$search=x", "$top=5"]
    {
        let answer = caller.get(&format!("{calendar}?{}&{option}", window(20))).await;
        assert_eq!(answer.status, 400, "{option}");
    }
    assert_eq!(caller.get(&calendar).await.status, 400, "without a window");
    assert_eq!(
        caller.get(&format!("{calendar}?$deltatoken=unheard-of")).await.error(),
        (410, "SyncStateNotFound")
    );
}

#[tokio::test]
async fn a_delta_may_lag_one_reading_behind() {
    let caller = Caller::open(plain()).await;
    caller.world().edit_matrix(|matrix| matrix.delta_lags = true);
    let calendar = format!("users/{}/calendarView/delta", caller.id(LEARNING));
    let (_, _, later) = followed(&caller, &format!("{calendar}?{}", window(20))).await;
    caller.world().invite(&training()).unwrap();
    let (there, _, later) = followed(&caller, &later).await;
    assert!(there.is_empty());
    let (there, _, _) = followed(&caller, &later).await;
    assert_eq!(there.len(), 1);
}
