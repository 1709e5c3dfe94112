//! Series: notifications name the master only, and each occurrence is judged by itself
//! (reference/graph-events.md#series).

use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::enrolment::policy::PartPolicy;
use crate::enrolment::transitions::State;
use crate::ids::{EventId, ICalUid, UserId};
use crate::jobs::testing::graph::{FakeGraph, copy, original, unavailable};
use crate::jobs::testing::{ORGANIZER, World, address, minutes, noon, user};
use crate::messages::{ChangeType, Hint};
use crate::store::Table;
use chrono::{DateTime, Duration, Utc};

const DAYS: i64 = 3;

/// How the mailbox names the occurrence of a day.
fn of_day(master: &EventId, day: i64) -> EventId {
    EventId::new(format!("{}.day-{day}", master.as_str()))
}

fn start(day: i64) -> DateTime<Utc> {
    noon() + Duration::days(4 + 7 * day)
}

/// A weekly series in one mailbox; `own_uids`: each occurrence has its own `iCalUId`, as the documentation
/// has it.
fn put_series(
    graph: &FakeGraph,
    mailbox: &str,
    master: &EventId,
    own_uids: bool,
    dress: impl Fn(&mut Event),
) {
    let mut event = Event { kind: EventKind::SeriesMaster, ..FakeGraph::event(master.clone(), 1) };
    dress(&mut event);
    graph.put(mailbox, event.clone());
    for day in 0..DAYS {
        let uid = if own_uids {
            ICalUid::new(format!("occurrence-{day}"))
        } else {
            event.ical_uid.clone().unwrap()
        };
        graph.put(
            mailbox,
            Event {
                id: of_day(master, day),
                ical_uid: Some(uid),
                kind: EventKind::Occurrence,
                series_master: Some(master.clone()),
                original_start: Some(start(day)),
                start: Some(start(day)),
                end: Some(start(day) + Duration::hours(2)),
                ..event.clone()
            },
        );
    }
}

fn invite(world: &World, own_uids: bool) {
    put_series(&world.graph, "ana", &copy("ana", 1), own_uids, |_| {});
    put_series(&world.graph, ORGANIZER, &original(1), own_uids, |event| {
        event.is_organizer = true;
        let response = Response { answer: Answer::None, at: None };
        event.attendees =
            vec![Attendee { address: address("ana"), response, is_resource: false, proposes: false }];
    });
}

async fn world(part: PartPolicy, own_uids: bool) -> World {
    let world = World::with(|tenant| tenant.policy.part = part).await;
    invite(&world, own_uids);
    world.hint("ana", 1, ChangeType::Created).await;
    world
}

/// The learner takes an occurrence out of the calendar, with a response; Graph tells of the master.
async fn declines_day(world: &World, day: i64) {
    world.graph.remove_event("ana", &of_day(&copy("ana", 1), day));
    let at = Some(world.now());
    world.graph.change(ORGANIZER, &of_day(&original(1), day), |event| {
        event.attendees[0].response = Response { answer: Answer::Declined, at };
    });
    world.hint("ana", 1, ChangeType::Updated).await;
}

#[tokio::test(start_paused = true)]
async fn a_series_is_linked_occurrence_by_occurrence() {
    for own_uids in [false, true] {
        let world = world(PartPolicy::Review, own_uids).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.parts.len(), row.state), (3, State::Watched), "own uids: {own_uids}");
        assert_eq!((row.start, row.end), (Some(start(0)), Some(start(2) + Duration::hours(2))));
        assert_eq!(world.tables.dump(Table::Links).len(), 4, "three occurrences and the way to them");
        world.hint("ana", 1, ChangeType::Updated).await;
        assert_eq!(world.tables.dump(Table::Links).len(), 4, "again changes nothing");
        world.assert_sound("linked");
    }
}

#[tokio::test(start_paused = true)]
async fn one_occurrence_that_is_declined_is_told_from_the_others() {
    for own_uids in [false, true] {
        for (part, state) in [
            (PartPolicy::Any, State::Done),
            (PartPolicy::All, State::Watched),
            (PartPolicy::Review, State::Review),
        ] {
            let world = world(part, own_uids).await;
            declines_day(&world, 1).await;
            world.pass(minutes(45)).await;
            assert_eq!(world.state("ana", 1).await, state, "{part:?}, own uids: {own_uids}");
            world.assert_sound("in the end");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn occurrences_declined_one_by_one_come_to_all() {
    let world = world(PartPolicy::Review, true).await;
    for day in 0..DAYS {
        declines_day(&world, day).await;
        world.pass(minutes(5)).await;
    }
    world.pass(minutes(60)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_whole_series_that_is_declined_is_decided_in_one_go() {
    for kept in [true, false] {
        let world = world(PartPolicy::Review, false).await;
        let at = Some(world.now());
        let declined = Response { answer: Answer::Declined, at };
        for day in 0..DAYS {
            let id = of_day(&copy("ana", 1), day);
            match kept {
                true => world.graph.change("ana", &id, |event| event.response = declined),
                false => world.graph.remove_event("ana", &id),
            }
            world.graph.change(ORGANIZER, &of_day(&original(1), day), |event| {
                event.attendees[0].response = declined
            });
        }
        if !kept {
            world.graph.remove("ana", 1);
        }
        world.hint("ana", 1, if kept { ChangeType::Updated } else { ChangeType::Deleted }).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, row.split_since), (State::Waiting, None), "kept: {kept}");
        world.pass(minutes(15)).await;
        assert_eq!(world.lms.cancelled("ana", 1), 1);
        world.assert_sound("in the end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_series_that_is_moved_to_another_calendar_is_found_under_its_new_ids() {
    for own_uids in [false, true] {
        let world = world(PartPolicy::Any, own_uids).await;
        for day in 0..DAYS {
            world.graph.remove_event("ana", &of_day(&copy("ana", 1), day));
        }
        world.graph.remove("ana", 1);
        let moved = EventId::new("moved");
        put_series(&world.graph, "ana", &moved, own_uids, |_| {});
        world.hint("ana", 1, ChangeType::Deleted).await;
        assert_eq!(world.row("ana", 1).await.parts.len(), 3);
        world.pass(minutes(45)).await;
        assert_eq!(world.state("ana", 1).await, State::Watched, "own uids: {own_uids}");

        // From now on notifications name the new master.
        let hint = |change| Hint::Changed { mailbox: user("ana"), event: moved.clone(), change };
        world.observe(&[hint(ChangeType::Created)]).await;
        let at = Some(world.now());
        world.graph.change("ana", &of_day(&moved, 2), |event| {
            event.response = Response { answer: Answer::Declined, at };
        });
        world.observe(&[hint(ChangeType::Updated)]).await;
        assert_eq!(world.state("ana", 1).await, State::Waiting, "own uids: {own_uids}");
        world.assert_sound("in the end");
    }
}

#[tokio::test(start_paused = true)]
async fn an_occurrence_that_the_organizer_cancels_is_no_decline() {
    let world = world(PartPolicy::Any, true).await;
    world.hint("ana", 1, ChangeType::Updated).await;
    world.graph.remove_event(ORGANIZER, &of_day(&original(1), 1));
    world.graph.remove_event("ana", &of_day(&copy("ana", 1), 1));
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(minutes(45)).await;
    assert_eq!(world.state("ana", 1).await, State::Watched, "{:?}", world.row("ana", 1).await.parts);
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_resync_finds_what_notifications_of_a_series_did_not_tell() {
    for own_uids in [false, true] {
        let world = World::with(|tenant| {
            tenant.policy.part = PartPolicy::Any;
            tenant.watch.mailboxes =
                crate::enrolment::policy::Mailboxes::Users(vec!["ana@contoso.com".into()]);
        })
        .await;
        world.watch().await;
        invite(&world, own_uids);
        world.resync("ana").await;
        assert_eq!(world.row("ana", 1).await.parts.len(), 3, "own uids: {own_uids}");
        world.graph.remove_event("ana", &of_day(&copy("ana", 1), 0));
        let at = Some(world.now());
        world.graph.change(ORGANIZER, &of_day(&original(1), 0), |event| {
            event.attendees[0].response = Response { answer: Answer::Declined, at };
        });
        world.resync("ana").await;
        assert_eq!(world.state("ana", 1).await, State::Waiting, "own uids: {own_uids}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_series_of_somebody_else_costs_one_reading() {
    let world = World::new().await;
    put_series(&world.graph, "ana", &EventId::new("gym"), false, |event| {
        event.ical_uid = Some(ICalUid::new("gym"));
        event.organizer = Some(address("ben"));
    });
    world.tables.count();
    let hint = Hint::Changed {
        mailbox: UserId::new("id-ana"),
        event: EventId::new("gym"),
        change: ChangeType::Updated,
    };
    world.observe(&[hint]).await;
    assert_eq!((world.graph.calls("event"), world.graph.calls("instances")), (1, 0));
    assert_eq!(world.tables.count().writes, 0);
}

/// The organizer's calendar could not be read until the occurrence was gone from both.
#[tokio::test(start_paused = true)]
async fn an_occurrence_that_is_gone_from_the_organizers_series_was_cancelled_whoever_saw_it() {
    let world = World::with(|tenant| tenant.policy.part = PartPolicy::Any).await;
    invite(&world, true);
    world.graph.set_failure(ORGANIZER, Some(unavailable()));
    world.hint("ana", 1, ChangeType::Created).await;
    world.graph.remove_event("ana", &of_day(&copy("ana", 1), 1));
    world.graph.remove_event(ORGANIZER, &of_day(&original(1), 1));
    world.graph.set_failure(ORGANIZER, None);
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(minutes(60)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
}

#[tokio::test(start_paused = true)]
async fn every_item_of_a_place_is_read_again_just_before_the_lms() {
    for changed in 0..DAYS {
        let world = world(PartPolicy::All, true).await;
        let answer = |day, answer| {
            let at = Some(world.now());
            let id = of_day(&copy("ana", 1), day);
            world.graph.change("ana", &id, |event| event.response = Response { answer, at });
        };
        for day in 0..DAYS {
            answer(day, Answer::Declined);
        }
        world.hint("ana", 1, ChangeType::Updated).await;
        assert_eq!(world.state("ana", 1).await, State::Waiting);
        world.pass(minutes(5)).await;
        answer(changed, Answer::Accepted);
        world.pass(minutes(30)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0), "day {changed}");
    }
}

#[tokio::test(start_paused = true)]
async fn clearing_the_rest_of_a_series_is_no_second_decline() {
    let world = world(PartPolicy::Any, true).await;
    for day in 0..2 {
        declines_day(&world, day).await;
        world.pass(minutes(45)).await;
    }
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, row.generation, world.lms.asked()), (State::Done, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn clearing_the_rest_of_a_series_is_no_second_decline_however_often_it_is_told() {
    let world = world(PartPolicy::Any, true).await;
    for day in 0..2 {
        declines_day(&world, day).await;
        world.pass(minutes(45)).await;
    }
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(minutes(45)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, row.generation, world.lms.asked()), (State::Done, 1, 1));
}
