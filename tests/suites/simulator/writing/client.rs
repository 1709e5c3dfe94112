//! The project's own Graph client writes in the simulated world: nothing that it sends is refused for its
//! form, it mails whom it means to mail, and it finds again what it has made.

use super::{BO, CY, ROOM, mailed, writer};
use crate::client::{ANA, Caller, LEARNING};
use crate::requests::{graph, mailbox, misfits};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use regrets::calendar::event::Answer;
use regrets::calendar::zone::{Instants, Zone};
use regrets::graph::port::{
    EventFields, EventText, Graph, Invited, Mark, NewEvent, PUBLISHED, REVISION, WallTime, When,
};
use regrets::graph::{GraphError, HttpGraph};
use regrets::ids::{Address, EventId};
use simulator::Fault;
use simulator::world::act::Reply;
use simulator::world::rooms::RoomRules;
use simulator::world::write_matrix::WriteMatrix;
use std::collections::BTreeMap;

fn wall(zone: &str, text: &str) -> WallTime {
    let (zone, wall) = (Zone::named(zone).unwrap(), text.parse().unwrap());
    let instant = match zone.instants_of(wall) {
        Instants::One(one) | Instants::Two(one, _) => one,
        Instants::None => panic!("no such time"),
    };
    WallTime { wall, zone, instant }
}

fn invited(addresses: &[&str]) -> Vec<Invited> {
    let one = |address: &&str| Invited {
        address: Address::new(address),
        name: None,
        is_resource: *address == ROOM,
    };
    addresses.iter().map(one).collect()
}

fn training(key: &str, attendees: &[&str]) -> NewEvent {
    let when = When::Timed {
        start: wall("Europe/Berlin", "2027-02-09T09:00:00"),
        end: wall("Europe/Berlin", "2027-02-09T12:00:00"),
    };
    NewEvent {
        transaction: format!("t-{key}"),
        says: EventFields {
            subject: Some("First aid".to_owned()),
            body: Some(EventText::Html("<p>Bring a notebook.</p>".to_owned())),
            when: Some(when),
            location: Some("Hall".to_owned()),
            properties: BTreeMap::from([
                (PUBLISHED.to_owned(), format!("{key}:1")),
                (REVISION.to_owned(), "r1".to_owned()),
            ]),
            ..EventFields::default()
        },
        attendees: invited(attendees),
        is_quiet: false,
        hides_attendees: false,
    }
}

fn mark(value: &str, is_prefix: bool) -> Mark<'_> {
    Mark { property: PUBLISHED, value, is_prefix, also: Some(REVISION) }
}

/// What is found of a key: id, revision, etag.
async fn found(graph: &HttpGraph, caller: &Caller, key: &str) -> Vec<(EventId, String, String)> {
    let marked = graph.marked_events(&mailbox(caller, LEARNING), &mark(key, true)).await.unwrap();
    let shown =
        marked.into_iter().map(|one| (one.event.id, one.event.extended[REVISION].clone(), one.etag.unwrap()));
    shown.collect()
}

#[tokio::test]
async fn an_event_is_made_found_changed_and_called_off() {
    let caller = writer(WriteMatrix::default()).await;
    caller.world().make_room(ROOM, RoomRules { window_days: 1_000, ..RoomRules::default() }).unwrap();
    let (graph, organizer) = (graph(&caller), mailbox(&caller, LEARNING));
    let made = graph.create_event(&organizer, &training("k", &[ANA, BO, ROOM])).await.unwrap();
    assert_eq!(made.start, Some("2027-02-09T08:00:00Z".parse::<DateTime<Utc>>().unwrap()));
    assert_eq!(mailed(&caller), "ana invitation, bo invitation, room1 invitation");
    assert_eq!(graph.create_event(&organizer, &training("k", &[ANA, BO, ROOM])).await.unwrap().id, made.id);

    caller.world().decline(&Reply::new(BO, made.ical_uid.as_ref().unwrap().as_str())).unwrap();
    caller.world().quiet().await;
    let marked = graph.marked_events(&organizer, &mark("k:1", false)).await.unwrap();
    let answers: Vec<Answer> = marked[0].event.attendees.iter().map(|one| one.response.answer).collect();
    assert_eq!(answers, [Answer::NotResponded, Answer::Declined, Answer::Accepted]);
    assert!(marked[0].event.attendees[2].is_resource);

    let says = EventFields {
        subject: Some("First aid, anew".to_owned()),
        location: Some(String::new()),
        properties: BTreeMap::from([(REVISION.to_owned(), "r2".to_owned())]),
        ..EventFields::default()
    };
    let old = marked[0].etag.clone().unwrap();
    graph.change_event(&organizer, &made.id, &says).await.unwrap();
    assert_eq!(mailed(&caller), "ana update, bo update, room1 update");
    let list = invited(&[ANA, BO, CY, ROOM]);
    let stale = graph.change_attendees(&organizer, &made.id, &list, &old).await.unwrap_err();
    assert!(matches!(stale.of_write(), regrets::graph::WriteFailure::Changed), "{stale:?}");
    let (id, revision, etag) = found(&graph, &caller, "k:").await.remove(0);
    assert_eq!((&id, revision.as_str()), (&made.id, "r2"));
    graph.change_attendees(&organizer, &made.id, &list, &etag).await.unwrap();
    assert_eq!(mailed(&caller), "cy invitation");
    let marked = graph.marked_events(&organizer, &mark("k:1", false)).await.unwrap();
    assert_eq!(marked[0].event.attendees[1].response.answer, Answer::Declined, "no answer is lost by it");

    graph.call_off_event(&organizer, &made.id, "The trainer is ill.").await.unwrap();
    assert_eq!(mailed(&caller), "ana cancellation, bo cancellation, cy cancellation, room1 cancellation");
    assert!(found(&graph, &caller, "k:").await.is_empty());
    graph.call_off_event(&organizer, &made.id, "Again.").await.unwrap();
    graph.delete_event(&organizer, &made.id).await.unwrap();
    assert_eq!(mailed(&caller), "");
    let refused = misfits(&caller);
    assert_eq!(refused, Vec::<String>::new());
}

#[tokio::test]
async fn every_way_to_write_a_time_is_taken() {
    let caller = writer(WriteMatrix::default()).await;
    let (graph, organizer) = (graph(&caller), mailbox(&caller, LEARNING));
    let day = |day| NaiveDate::from_ymd_opt(2027, 10, day).unwrap();
    let zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Europe/Kyiv", "UTC"];
    for (n, zone) in zones.into_iter().enumerate() {
        let timed =
            When::Timed { start: wall(zone, "2027-10-30T09:00:00"), end: wall(zone, "2027-10-31T17:00:00") };
        let days = When::Days { first: day(30), until: day(31), zone: Zone::named(zone).unwrap() };
        for (kind, when) in [("timed", timed), ("days", days)] {
            let mut new = training(&format!("{zone}-{kind}-{n}"), &[ANA]);
            new.says.when = Some(when.clone());
            let made = graph.create_event(&organizer, &new).await.unwrap();
            let (start, end) = match &when {
                When::Timed { start, end } => (start.instant, end.instant),
                When::Days { .. } => (made.start.unwrap(), made.start.unwrap() + Duration::days(1)),
            };
            assert_eq!((made.start, made.end), (Some(start), Some(end)), "{zone} {kind}");
        }
    }
    // The doubled hour of the night when the clocks go back, by its instant.
    let doubled = wall("Europe/Berlin", "2027-10-31T02:30:00");
    let mut new = training("doubled", &[]);
    new.says.when = Some(When::Timed { start: doubled, end: wall("Europe/Berlin", "2027-10-31T05:00:00") });
    assert_eq!(graph.create_event(&organizer, &new).await.unwrap().start, Some(doubled.instant));
    assert_eq!(misfits(&caller), Vec::<String>::new());
}

/// No write is repeated by the client when nobody knows whether it was done.
#[tokio::test]
async fn a_write_whose_answer_is_lost_is_not_sent_again() {
    let caller = writer(WriteMatrix::flipped(&["transactionsAreForgotten"])).await;
    let (graph, organizer) = (graph(&caller), mailbox(&caller, LEARNING));
    let lost =
        |status| Fault::GraphWrite { mailbox: None, status, code: None, retry_after: None, done: true };
    for (status, key) in [(409, "conflict"), (504, "timeout"), (500, "broken")] {
        caller.world().inject(lost(status));
        let failure = graph.create_event(&organizer, &training(key, &[ANA])).await.unwrap_err();
        assert!(matches!(failure.of_write(), regrets::graph::WriteFailure::Unknown), "{status}: {failure:?}");
        caller.world().clear_faults();
        assert_eq!(
            found(&graph, &caller, &format!("{key}:")).await.len(),
            1,
            "{status}: it was done, and once"
        );
        assert_eq!(mailed(&caller), "ana invitation");
    }
    caller.world().limit_recipients(0);
    let failure = graph.create_event(&organizer, &training("limit", &[ANA])).await.unwrap_err();
    assert!(matches!(failure.of_write(), regrets::graph::WriteFailure::NotDone), "{failure:?}");
    assert!(!matches!(failure, GraphError::Throttled { .. }));
}
