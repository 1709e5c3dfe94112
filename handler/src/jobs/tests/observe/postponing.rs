//! Hints that wait for Graph: one entry for whatever is hinted at, however often it is hinted at, and however
//! often its messages are delivered.

use crate::calendar::event::Answer;
use crate::enrolment::transitions::State;
use crate::enrolment::wakeups::{WakeUp, WakeUpKind};
use crate::jobs::observe::{hints, postponed_hints};
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::{World, changes, contoso, minutes};
use crate::ledger::agenda;
use crate::messages::{ChangeType, Hint};
use crate::store::Table;
use chrono::Duration;

/// Ana is invited to session 1 while nobody can ask Graph, and the hints of it arrive.
async fn unreadable(hints: &[ChangeType]) -> World {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.down(Some(unavailable()));
    for change in hints {
        world.hint("ana", 1, *change).await;
    }
    world
}

#[tokio::test(start_paused = true)]
async fn a_hint_whose_every_message_is_delivered_twice_stands_once_on_the_agenda() {
    let world = unreadable(&[ChangeType::Updated]).await;
    for minute in 0..360 {
        world.clock.advance(minutes(1));
        let wake = world.dispatch().await;
        for message in &wake.changes {
            hints::observe(&world.app, message).await.unwrap();
        }
        world.clock.advance(Duration::milliseconds(7));
        for message in &wake.changes {
            hints::observe(&world.app, message).await.unwrap();
        }
        assert_eq!(world.agenda().len(), 1, "after {minute} minutes: {:?}", world.agenda().keys());
    }
    world.graph.down(None);
    world.pass(minutes(70)).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    assert!(world.agenda().is_empty(), "{:?}", world.agenda());
    assert!(rows(&world).is_empty(), "nothing is left of it: {:?}", rows(&world));
}

/// Side by side, so that both find the same entry.
#[tokio::test(start_paused = true)]
async fn two_workers_with_the_same_message_leave_one_entry() {
    let world = unreadable(&[ChangeType::Updated]).await;
    world.tables.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    for _ in 0..40 {
        world.clock.advance(minutes(11));
        let wake = world.dispatch().await;
        let both =
            wake.changes.iter().chain(&wake.changes).map(|message| hints::observe(&world.app, message));
        futures::future::try_join_all(both).await.unwrap();
        assert_eq!(world.agenda().len(), 1, "{:?}", world.agenda().keys());
    }
}

#[tokio::test(start_paused = true)]
async fn hints_about_one_event_are_one() {
    let several = [ChangeType::Created, ChangeType::Updated, ChangeType::Deleted, ChangeType::Updated];
    let world = unreadable(&several).await;
    assert_eq!(world.agenda().len(), 1, "{:?}", world.agenda());

    let world = unreadable(&[]).await;
    world.graph.calls("event");
    let hints = several.map(|change| world.graph.hint("ana", 1, change));
    world.observe(&hints).await;
    assert_eq!(world.graph.calls("event"), 1, "one look for all that one message says of it");
    let [row] = &world.agenda().into_values().collect::<Vec<_>>()[..] else { panic!("one entry") };
    let WakeUpKind::Hint { hint: Hint::Changed { change, .. }, .. } = &row.entry.what else {
        panic!("a hint: {row:?}")
    };
    assert_eq!(*change, ChangeType::Updated, "leads to whatever each of them would lead to");
}

/// It may have been about something that happened after the calendar was read.
#[tokio::test(start_paused = true)]
async fn a_hint_that_comes_while_an_older_one_is_looked_into_is_looked_into_too() {
    let world = unreadable(&[ChangeType::Created]).await;
    world.clock.advance(minutes(1));
    let wake = world.dispatch().await;
    let [Hint::Again { hint: old, tries, agenda }] = &wake.changes[0].hints[..] else { panic!("{wake:?}") };
    let turn = postponed_hints::take(&world.app, &contoso(), old, *tries, agenda).await.unwrap().unwrap();
    // Read, and only now does the other one come, and can't be judged.
    world.hint("ana", 1, ChangeType::Updated).await;
    postponed_hints::judged(&world.app, &contoso(), turn, agenda).await.unwrap();
    assert_eq!(world.agenda().len(), 1, "it stands still");

    world.graph.down(None);
    world.graph.answer("ana", 1, Answer::Declined);
    world.pass(minutes(30)).await;
    assert_eq!(world.lms.cancelled("ana", 1), 1);
}

#[tokio::test(start_paused = true)]
async fn a_new_hint_does_not_wait_as_long_as_one_that_was_tried_often() {
    let world = unreadable(&[ChangeType::Created]).await;
    world.pass(minutes(300)).await;
    let waits = world.plans()[0].1;
    world.hint("ana", 1, ChangeType::Updated).await;
    assert_eq!(world.plans().len(), 1);
    assert!(waits > 1 && world.plans()[0].1 < 1, "before: {waits} minutes; now: {:?}", world.plans());
}

/// As a build stored it that knew of no row that says which entry counts.
#[tokio::test(start_paused = true)]
async fn an_entry_that_was_stored_before_is_judged() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    let hint = world.graph.hint("ana", 1, ChangeType::Created);
    let entry = WakeUp { tenant: contoso(), due: world.now(), what: WakeUpKind::Hint { hint, tries: 3 } };
    agenda::schedule(&world.app.ledger, &entry, None).await.unwrap();
    world.tick().await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    assert!(world.agenda().is_empty());
}

/// A kill between an entry and the row that names it leaves an entry too many: it goes, and nothing is lost.
#[tokio::test(start_paused = true)]
async fn an_entry_that_does_not_count_goes_by_itself() {
    let world = unreadable(&[ChangeType::Created]).await;
    let hint = world.graph.hint("ana", 1, ChangeType::Created);
    let due = world.now() + Duration::seconds(31);
    let orphan = WakeUp { tenant: contoso(), due, what: WakeUpKind::Hint { hint, tries: 1 } };
    agenda::schedule(&world.app.ledger, &orphan, None).await.unwrap();
    world.pass(minutes(25)).await;
    assert_eq!(world.agenda().len(), 1, "{:?}", world.agenda().keys());
    world.graph.down(None);
    world.pass(minutes(60)).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    assert!(world.agenda().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_message_whose_entry_is_gone_does_nothing() {
    let world = unreadable(&[ChangeType::Created]).await;
    world.clock.advance(minutes(1));
    let wake = world.dispatch().await;
    world.graph.down(None);
    world.deliver(&wake).await;
    world.graph.calls("event");
    let observed = hints::observe(&world.app, &changes(&wake.changes[0].hints)).await.unwrap();
    assert_eq!((observed.judged, world.graph.calls("event")), (0, 0));
}

fn rows(world: &World) -> Vec<String> {
    let rows = world.tables.dump(Table::Connections).into_iter();
    rows.filter(|row| row.partition == crate::ledger::postponed_hints::partition(&contoso()))
        .map(|row| row.row)
        .collect()
}
