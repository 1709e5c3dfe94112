//! `recognise.session = { lookup = true }`: the LMS says which session an event stands for.

use crate::calendar::event::{Event, EventKind};
use crate::calendar::matching::SessionSource;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::ids::{EventId, ICalUid};
use crate::jobs::testing::graph::{FakeGraph, copy};
use crate::jobs::testing::{World, contoso, minutes, noon};
use crate::ledger::{alerts, valves};
use crate::lms::Lookup;
use crate::messages::ChangeType;
use crate::store::Table;
use chrono::Duration;

const UID: &str = "lms-1@contoso.com";

async fn looking() -> World {
    World::with(|tenant| tenant.recognise.session = SessionSource::Lookup).await
}

/// Invited to an event with a title.
async fn invited(world: &World, learner: &str) {
    world.graph.invite(learner, 1);
    world.graph.copy(learner, 1, |event| event.subject = Some("Working on ladders, part two".to_owned()));
    world.hint(learner, 1, ChangeType::Created).await;
}

fn knows(world: &World, answer: Lookup) {
    world.lms.knows.lock().unwrap().insert(UID.to_owned(), answer);
}

fn looked(world: &World) -> usize {
    world.lms.looked_up.lock().unwrap().len()
}

async fn alerted(world: &World) -> Vec<(String, u64)> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| (alert.kind.to_string(), alert.count)).collect()
}

#[tokio::test(start_paused = true)]
async fn an_event_is_linked_to_the_session_that_the_lms_names_and_its_decline_is_carried_out() {
    let world = looking().await;
    knows(&world, Lookup::One("1".into()));
    invited(&world, "ana").await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    let facts = world.lms.looked_up.lock().unwrap()[0].clone();
    assert_eq!(facts.ical_uid.as_deref(), Some(UID));
    assert!(facts.start.is_some() && !facts.title.is_empty(), "{}", facts.title);
    // Everybody's copy has the same iCalUId: one look-up is enough, and a linked event needs none.
    invited(&world, "ben").await;
    world.declined("ana", 1).await;
    world.pass(minutes(12)).await;
    assert_eq!((looked(&world), world.state("ana", 1).await), (1, State::Done));
    assert_eq!(world.lms.cancelled("ana", 1), 1);
    world.assert_sound("linked");
    // What was read for it is stored nowhere.
    for table in Table::ALL {
        for row in world.tables.dump(table) {
            let text = serde_json::to_string(&row.entity).unwrap();
            assert!(!text.contains(&facts.title), "{table:?}: {text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_lms_does_not_know_is_not_ours_and_is_looked_up_again_after_minutes() {
    let world = looking().await;
    invited(&world, "ana").await;
    world.hint("ana", 1, ChangeType::Updated).await;
    assert_eq!((looked(&world), world.find("ana", 1).await), (1, None));
    assert!(alerted(&world).await.is_empty());
    knows(&world, Lookup::One("1".into()));
    // Another process remembers nothing; that of this one ends after minutes, by the machine's own clock.
    let other = world.instance().await;
    let hint = world.graph.hint("ana", 1, ChangeType::Updated);
    crate::jobs::observe::hints::observe(&other, &crate::jobs::testing::changes(&[hint])).await.unwrap();
    assert_eq!(world.state("ana", 1).await, State::Watched);
}

#[tokio::test(start_paused = true)]
async fn who_is_not_the_organizer_of_sessions_is_not_looked_up() {
    let world = World::with(|tenant| {
        tenant.recognise.session = SessionSource::Lookup;
        tenant.recognise.organizer = vec![crate::jobs::testing::address("somebody-else")];
    })
    .await;
    knows(&world, Lookup::One("1".into()));
    invited(&world, "ana").await;
    assert_eq!((looked(&world), world.find("ana", 1).await), (0, None));
}

#[tokio::test(start_paused = true)]
async fn two_sessions_that_fit_are_for_a_person_and_nobody_is_linked() {
    let world = looking().await;
    knows(&world, Lookup::Many);
    for learner in ["ana", "ben"] {
        invited(&world, learner).await;
    }
    world.declined("ana", 1).await;
    world.pass(minutes(30)).await;
    assert_eq!((world.find("ana", 1).await, world.lms.asked()), (None, 0));
    assert_eq!(alerted(&world).await, [("session-ambiguous".to_owned(), 1)], "one event");
}

#[tokio::test(start_paused = true)]
async fn an_lms_that_cant_be_read_postpones_the_hint() {
    let world = looking().await;
    knows(&world, Lookup::Unknown);
    invited(&world, "ana").await;
    assert_eq!(world.find("ana", 1).await, None);
    assert_eq!(world.agenda().len(), 1, "it stands on the agenda");
    knows(&world, Lookup::One("1".into()));
    world.pass(minutes(30)).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.assert_sound("read in the end");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_looked_up_behind_a_closed_valve() {
    let world = looking().await;
    knows(&world, Lookup::One("1".into()));
    let now = world.now();
    let change = |state: Option<ValveState>| {
        valves::change_valve(&world.app.ledger, &world.tenant.name, now, move |valve| {
            let mut next = valve.clone();
            match state {
                Some(state) => next.close(state, "testing".into(), now),
                None => next.open(now),
            }
            Some(next)
        })
    };
    change(Some(ValveState::Stopped)).await.unwrap();
    invited(&world, "ana").await;
    assert_eq!((looked(&world), world.find("ana", 1).await), (0, None));
    change(None).await.unwrap();
    world.pass(Duration::hours(2)).await;
    assert_eq!((looked(&world), world.state("ana", 1).await), (1, State::Watched));
}

/// Each occurrence by its own iCalUId; one of which the LMS knows nothing is of the session that the series
/// is of, and one that fits two sessions is of none.
#[tokio::test(start_paused = true)]
async fn of_a_series_each_occurrence_is_looked_up_and_an_ambiguous_one_does_not_count_as_the_series() {
    let world = looking().await;
    knows(&world, Lookup::One("1".into()));
    let known = [("occurrence-0", Lookup::One("70".into())), ("occurrence-1", Lookup::Many)];
    for (uid, answer) in known {
        world.lms.knows.lock().unwrap().insert(uid.to_owned(), answer);
    }
    let master = Event { kind: EventKind::SeriesMaster, ..FakeGraph::event(copy("ana", 1), 1) };
    world.graph.put("ana", master.clone());
    for day in 0..3 {
        let start = noon() + Duration::days(4 + 7 * day);
        world.graph.put(
            "ana",
            Event {
                id: EventId::new(format!("{}.day-{day}", master.id.as_str())),
                ical_uid: Some(ICalUid::new(format!("occurrence-{day}"))),
                kind: EventKind::Occurrence,
                series_master: Some(master.id.clone()),
                original_start: Some(start),
                start: Some(start),
                end: Some(start + Duration::hours(2)),
                ..master.clone()
            },
        );
    }
    world.hint("ana", 1, ChangeType::Created).await;
    assert_eq!(world.state("ana", 70).await, State::Watched);
    assert_eq!(world.row("ana", 1).await.parts.len(), 1, "the third alone");
    assert_eq!(looked(&world), 4);
    assert_eq!(alerted(&world).await, [("session-ambiguous".to_owned(), 1)]);
}
