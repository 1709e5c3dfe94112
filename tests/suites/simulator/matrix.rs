//! What Graph shows of series, second and shared calendars, and mailboxes that go: over the wire, under both
//! settings of each switch that a reader can tell.

use crate::client::{ANA, Caller, Endpoint, IMMUTABLE, LEARNING, plain, tomorrow, training};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use simulator::Options;
use simulator::world::act::{
    CancelOccurrence, Invite, Move, Reply, RetimeOccurrence, ShareCalendar, Who, Whom,
};
use simulator::world::matrix::Matrix;
use std::sync::LazyLock;

const BO: &str = "bo@contoso.com";

async fn caller(matrix: Matrix) -> Caller {
    Caller::open(Options { matrix, ..plain() }).await
}

/// Start of the nth occurrence, on the second: Graph's windows and ids know no finer time.
fn start(n: i64) -> DateTime<Utc> {
    // A second may pass from one call to the next.
    static FIRST: LazyLock<DateTime<Utc>> = LazyLock::new(tomorrow);
    DateTime::from_timestamp((*FIRST + Duration::days(7 * n)).timestamp(), 0).unwrap()
}

/// A series of three that Ana is invited to.
async fn series(matrix: Matrix) -> Caller {
    let caller = caller(matrix).await;
    let occurrences = (0..3).map(start).collect();
    let end = start(0) + Duration::hours(2);
    caller.world().invite(&Invite { start: start(0), end, occurrences, ..training() }).unwrap();
    caller
}

/// What Graph shows of a mailbox's series: the master, and its instances within 90 days.
async fn look(caller: &Caller, address: &str) -> (Value, Vec<Value>) {
    let master = caller.world().copy(address, "4711").unwrap().immutable;
    let master = format!("users/{}/events/{}", caller.id(address), master.replace('=', "%3D"));
    let show = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let window =
        format!("startDateTime={}&endDateTime={}", show(Utc::now()), show(Utc::now() + Duration::days(90)));
    let instances = caller.get(&format!("{master}/instances?{window}")).await.body;
    let whole =
        caller.get(&format!("{master}?$select=type,iCalUId,responseStatus,cancelledOccurrences")).await.body;
    (whole, instances["value"].as_array().unwrap().clone())
}

fn event(caller: &Caller, address: &str, id: &Value) -> String {
    format!("users/{}/events/{}", caller.id(address), id.as_str().unwrap().replace('=', "%3D"))
}

fn answer(event: &Value) -> &str {
    event["responseStatus"]["response"].as_str().unwrap()
}

#[tokio::test]
async fn a_removed_occurrence_is_404_and_the_master_says_which() {
    let caller = series(Matrix::default()).await;
    let (master, before) = look(&caller, ANA).await;
    assert_eq!(
        (before.len(), &master["type"], &master["cancelledOccurrences"]),
        (3, &json!("seriesMaster"), &json!([]))
    );
    let second = event(&caller, ANA, &before[1]["id"]);
    assert_eq!(caller.get(&second).await.body["originalStart"], before[1]["originalStart"]);

    caller.world().decline(&Reply::new(ANA, "4711").of(start(1))).unwrap();
    caller.world().quiet().await;
    assert_eq!(caller.get(&second).await.error(), (404, "ErrorItemNotFound"));
    let (master, after) = look(&caller, ANA).await;
    let ids = |events: &[Value]| events.iter().map(|event| event["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&after), [before[0]["id"].clone(), before[2]["id"].clone()], "ids are stable");
    let id = master["id"].as_str().unwrap();
    assert_eq!(master["cancelledOccurrences"], json!([format!("OID.{id}.{}", start(1).format("%Y-%m-%d"))]));

    let (_, theirs) = look(&caller, LEARNING).await;
    let told: Vec<_> = theirs
        .iter()
        .map(|event| {
            (event["type"].as_str().unwrap(), event["attendees"][0]["status"]["response"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        told,
        [("occurrence", "notResponded"), ("exception", "declined"), ("occurrence", "notResponded")]
    );
}

#[tokio::test]
async fn a_kept_occurrence_is_an_exception_with_its_own_answer() {
    let caller = series(Matrix::default()).await;
    caller.world().accept(&Reply::new(ANA, "4711")).unwrap();
    caller.world().decline(&Reply::new(ANA, "4711").of(start(1)).keep(true)).unwrap();
    let (master, shown) = look(&caller, ANA).await;
    let answers: Vec<_> =
        shown.iter().map(|event| (event["type"].as_str().unwrap(), answer(event))).collect();
    assert_eq!(answers, [("occurrence", "accepted"), ("exception", "declined"), ("occurrence", "accepted")]);
    assert_eq!((answer(&master), &master["cancelledOccurrences"]), ("accepted", &json!([])));
    let listed = caller.get(&format!("users/{}/events", caller.id(ANA))).await.body;
    assert_eq!(listed["value"].as_array().unwrap().len(), 1, "a list shows masters and no occurrences");
}

#[tokio::test]
async fn a_moved_occurrence_keeps_its_id_and_original_start() {
    let caller = series(Matrix::default()).await;
    let (_, before) = look(&caller, ANA).await;
    let new = start(1) + Duration::days(1);
    let act = RetimeOccurrence {
        session: "4711".into(),
        occurrence: start(1),
        start: new,
        end: new + Duration::hours(3),
    };
    caller.world().retime_occurrence(&act).unwrap();
    for address in [ANA, LEARNING] {
        let (_, after) = look(&caller, address).await;
        assert_eq!(
            (after[1]["type"].as_str(), &after[1]["originalStart"]),
            (Some("exception"), &before[1]["originalStart"])
        );
        assert!(
            after[1]["start"]["dateTime"]
                .as_str()
                .unwrap()
                .starts_with(&new.format("%Y-%m-%dT%H:%M:%S").to_string())
        );
    }
    let (_, after) = look(&caller, ANA).await;
    assert_eq!(after[1]["id"], before[1]["id"]);
}

#[tokio::test]
async fn an_occurrence_that_the_organizer_cancels_is_shown_as_cancelled_or_not_at_all() {
    for (stays, shown) in [(true, 3), (false, 2)] {
        let caller = series(Matrix { cancelled_occurrence_stays: stays, ..Matrix::default() }).await;
        caller
            .world()
            .cancel_occurrence(&CancelOccurrence { session: "4711".into(), occurrence: start(1) })
            .unwrap();
        let (_, anas) = look(&caller, ANA).await;
        assert_eq!((anas.len(), look(&caller, LEARNING).await.1.len()), (shown, 2));
        assert_eq!(anas.iter().filter(|event| event["isCancelled"] == true).count(), shown - 2);
    }
}

#[tokio::test]
async fn occurrences_share_the_masters_ical_uid_or_have_their_own() {
    for (differ, kinds) in [(false, 1), (true, 4)] {
        let caller = series(Matrix { occurrence_uids_differ: differ, ..Matrix::default() }).await;
        let (master, shown) = look(&caller, ANA).await;
        let mut uids: Vec<_> =
            shown.iter().chain([&master]).map(|event| event["iCalUId"].to_string()).collect();
        uids.sort_unstable();
        uids.dedup();
        assert_eq!(uids.len(), kinds);
    }
}

#[tokio::test]
async fn what_befalls_an_occurrence_is_told_with_the_masters_id_and_perhaps_with_its_own() {
    for (own, told) in [(false, 1), (true, 2)] {
        let caller = series(Matrix { occurrence_told_by_own_id: own, ..Matrix::default() }).await;
        let mut endpoint = Endpoint::open().await;
        caller.subscribe(&endpoint.url).await;
        let (master, before) = look(&caller, ANA).await;
        caller.world().decline(&Reply::new(ANA, "4711").of(start(1)).silent()).unwrap();
        caller.world().quiet().await;
        let mut items: Vec<(Value, Value)> = endpoint
            .items()
            .into_iter()
            .map(|item| (item["changeType"].clone(), item["resourceData"]["id"].clone()))
            .collect();
        items.sort_by_key(|(kind, _)| kind == "deleted");
        let wanted = [(json!("updated"), master["id"].clone()), (json!("deleted"), before[1]["id"].clone())];
        assert_eq!(items, wanted[..told]);
    }
}

#[tokio::test]
async fn a_moved_copy_is_listed_with_all_calendars_or_in_its_own_alone() {
    for (all, listed) in [(false, 0), (true, 1)] {
        let caller = caller(Matrix { events_list_all_calendars: all, ..Matrix::default() }).await;
        caller.world().invite(&training()).unwrap();
        let act = Move { learner: ANA.into(), session: "4711".into(), calendar: "Training".into() };
        caller.world().move_copy(&act).unwrap();
        let ana = caller.id(ANA);
        let by_uid = "$filter=iCalUId%20eq%20'lms-4711@contoso.com'&$select=id";
        let found = caller.get(&format!("users/{ana}/events?{by_uid}")).await.body;
        assert_eq!(found["value"].as_array().unwrap().len(), listed);
        let calendars = caller.get(&format!("users/{ana}/calendars")).await.body;
        let other = calendars["value"][1]["id"].as_str().unwrap().replace('=', "%3D");
        let found = caller.get(&format!("users/{ana}/calendars/{other}/events?{by_uid}")).await.body;
        assert_eq!(found["value"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_shared_calendar_names_its_owner_and_shows_the_owners_copies() {
    let caller = caller(Matrix::default()).await;
    let attendees = vec![ANA.to_owned(), BO.to_owned()];
    caller.world().invite(&Invite { attendees, ..training() }).unwrap();
    for from in [BO, LEARNING] {
        caller.world().share_calendar(&ShareCalendar { from: from.into(), with: ANA.into() }).unwrap();
    }
    let ana = caller.id(ANA);
    let calendars =
        caller.get(&format!("users/{ana}/calendars?$select=id,isDefaultCalendar,owner")).await.body;
    let owners: Vec<_> = calendars["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["owner"]["address"].as_str().unwrap())
        .collect();
    assert_eq!(owners, [ANA, BO, LEARNING]);
    let defaults: Vec<_> =
        calendars["value"].as_array().unwrap().iter().map(|c| c["isDefaultCalendar"].clone()).collect();
    assert_eq!(defaults, [true, false, false]);
    let bos = caller.get(&format!("users/{}/calendars", caller.id(BO))).await.body;
    assert_eq!(bos["value"].as_array().unwrap().len(), 1, "nobody shares with Bo");
    caller.world().decline(&Reply::new(ANA, "4711").keep(false)).unwrap();
    let mut organizers = Vec::new();
    for calendar in &calendars["value"].as_array().unwrap()[1..] {
        let id = calendar["id"].as_str().unwrap().replace('=', "%3D");
        let by_uid = "$filter=iCalUId%20eq%20'lms-4711@contoso.com'";
        let found = caller.get(&format!("users/{ana}/calendars/{id}/events?{by_uid}")).await.body;
        organizers.push(found["value"][0]["isOrganizer"].clone());
        let copy = event(&caller, ANA, &found["value"][0]["id"]);
        assert_eq!(caller.get(&copy).await.status, 404, "it is not an event of Ana's mailbox");
    }
    assert_eq!(organizers, [false, true]);
    let bos = format!(
        "users/{}/calendars/{}/events",
        caller.id(BO),
        calendars["value"][1]["id"].as_str().unwrap().replace('=', "%3D")
    );
    assert_eq!(caller.get(&bos).await.status, 404, "the id is Ana's name for it");
}

#[tokio::test]
async fn a_disabled_mailbox_is_404_and_its_subscription_ends_with_a_word_or_without() {
    for (is_told, events) in [(false, 0), (true, 1)] {
        let caller = caller(Matrix { disabling_is_told: is_told, ..Matrix::default() }).await;
        caller.world().invite(&training()).unwrap();
        let mut endpoint = Endpoint::open().await;
        let subscription = caller.subscribe(&endpoint.url).await;
        let ana = Whom { learner: ANA.into() };
        caller.world().disable_mailbox(&ana).unwrap();
        caller.world().quiet().await;
        let told = endpoint.items();
        assert_eq!(told.len(), events);
        assert!(told.iter().all(|item| item["lifecycleEvent"] == "subscriptionRemoved"));
        let gone = caller.get(&format!("users/{}/events", caller.id(ANA))).await;
        assert_eq!(gone.error(), (404, "MailboxNotEnabledForRESTAPI"));
        assert_eq!(caller.get(&format!("subscriptions/{subscription}")).await.status, 404);
        caller.world().enable_mailbox(&ana).unwrap();
        let back = caller.get(&format!("users/{}/events", caller.id(ANA))).await.body;
        assert_eq!(back["value"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn never_is_the_first_year_or_the_year_4501_and_a_restored_copy_is_younger() {
    let mut otherwise = Matrix::flipped(&["unsetTime"]);
    otherwise.restored_copy_is_new = true;
    for (matrix, never) in [(Matrix::default(), "0001-01-01T00:00:00Z"), (otherwise, "4501-01-01T00:00:00Z")]
    {
        let caller = caller(matrix).await;
        caller.world().invite(&training()).unwrap();
        let read = async || {
            let target = format!(
                "users/{}/events?$select=id,createdDateTime,lastModifiedDateTime,responseStatus",
                caller.id(ANA)
            );
            caller.send("GET", &target, &[IMMUTABLE], None).await.body["value"][0].clone()
        };
        let first = read().await;
        assert_eq!(first["responseStatus"]["time"], never);
        caller.world().clean_up(&Who { learner: ANA.into(), session: "4711".into() }).unwrap();
        caller.world().advance(Duration::minutes(5));
        caller.world().restore(&Who { learner: ANA.into(), session: "4711".into() }).unwrap();
        let second = read().await;
        assert!(second["createdDateTime"].as_str() > first["createdDateTime"].as_str());
        assert_eq!(second["createdDateTime"], second["lastModifiedDateTime"]);
        assert_ne!(second["id"], first["id"]);
    }
}

#[tokio::test]
async fn what_lies_in_deleted_items_answers_by_its_id_and_no_calendar_shows_it() {
    for answers in [false, true] {
        let caller = caller(Matrix { binned_copy_answers: answers, ..Matrix::default() }).await;
        caller.world().invite(&training()).unwrap();
        let copy = event(&caller, ANA, &json!(caller.world().copy(ANA, "4711").unwrap().immutable));
        assert_eq!(caller.get(&copy).await.status, 200);
        caller.world().decline(&Reply::new(ANA, "4711").keep(false)).unwrap();
        caller.world().quiet().await;
        assert_eq!(caller.get(&copy).await.status, if answers { 200 } else { 404 });
        let window = "startDateTime=2026-01-01T00:00:00Z&endDateTime=2030-01-01T00:00:00Z&$select=id";
        let view = caller.get(&format!("users/{}/calendarView?{window}", caller.id(ANA))).await.body;
        assert_eq!(view["value"], json!([]), "{answers}");
    }
}

#[tokio::test]
async fn an_all_day_event_shows_its_dates_in_one_of_two_ways() {
    for (at_local_midnight, shown) in [(false, "T00:00:00.0000000"), (true, "T15:00:00.0000000")] {
        let caller =
            caller(Matrix { all_day_at_local_midnight: at_local_midnight, ..Matrix::default() }).await;
        let start = tomorrow().date_naive().and_hms_opt(15, 0, 0).unwrap().and_utc();
        let all_day = Some("Tokyo Standard Time".to_owned());
        caller
            .world()
            .invite(&Invite { start, end: start + Duration::days(1), all_day, ..training() })
            .unwrap();
        let copy = event(&caller, ANA, &json!(caller.world().copy(ANA, "4711").unwrap().immutable));
        let body = caller.get(&copy).await.body;
        assert_eq!(
            (&body["isAllDay"], &body["originalStartTimeZone"]),
            (&json!(true), &json!("Tokyo Standard Time"))
        );
        assert!(body["start"]["dateTime"].as_str().unwrap().ends_with(shown), "{body}");
    }
}

#[tokio::test]
async fn automatic_replies_take_a_right_of_their_own() {
    let mut caller = caller(Matrix::default()).await;
    let path = format!("users/{}/mailboxSettings/automaticRepliesSetting", caller.id(ANA));
    assert_eq!(caller.get(&path).await.error(), (403, "ErrorAccessDenied"));
    caller
        .world()
        .edit_tenant("contoso.com", |tenant| tenant.app.roles.insert("MailboxSettings.Read".to_owned()));
    caller.refresh().await;
    assert_eq!(caller.get(&path).await.body["status"], "disabled");
    caller.world().edit_user(ANA, |ana| ana.automatic_replies = Some(None)).unwrap();
    assert_eq!(caller.get(&path).await.body["status"], "alwaysEnabled");
    caller.world().edit_user(ANA, |ana| ana.automatic_replies = Some(Some(tomorrow()))).unwrap();
    assert_eq!(caller.get(&path).await.body["status"], "scheduled");
}
