//! What a person edits in an organizer's calendar, and that our own writes are none of it.

use super::play::*;
use super::rounds::{Rounds, open};
use crate::config::Publish;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{ORGANIZER, World, contoso, minutes, user};
use crate::ledger::alerts;
use crate::lms::RosterReach;
use crate::messages::Hint;
use crate::publishing::content::Field;
use crate::publishing::edits::{Edits, Wins};
use crate::publishing::event_key::Audience;
use crate::publishing::testing::session;
use crate::store::Table;
use chrono::Duration;

fn lms(publish: &mut Publish) {
    publish.publisher.edits = Edits { when: Wins::Lms, title: Wins::Lms, place: Wins::Lms };
}

/// Ana is invited.
async fn ana(change: impl FnOnce(&mut Publish)) -> Rounds {
    let rounds = open(RosterReach::All, change).await;
    rounds.rounds(13).await;
    rounds
}

fn hint(world: &World) -> Hint {
    let event = world.graph.published().pop().unwrap().id;
    Hint::Organized { organizer: user(ORGANIZER), event }
}

/// A person gives the event another time; the calendar tells of it.
async fn retimed(rounds: &Rounds, by: Duration) {
    let world = &rounds.world;
    let event = world.graph.published().pop().unwrap();
    world.clock.advance(minutes(1));
    world.graph.change(ORGANIZER, &event.id, |event| {
        event.start = event.start.map(|start| start + by);
        event.end = event.end.map(|end| end + by);
    });
    world.observe(&[hint(world)]).await;
}

async fn told(world: &World) -> String {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().find(|alert| alert.kind == *"event-edited").expect("it is open").step
}

fn rows(world: &World) -> Vec<String> {
    let all = world.tables.dump(Table::Connections);
    let ours = all.into_iter().filter(|row| row.partition.contains("~written~"));
    ours.map(|row| format!("{row:?}")).collect()
}

/// The reading that every change of an organizer's event costs, and whether the calendar shows it; and
/// nothing is written into our rows.
#[tokio::test(start_paused = true)]
async fn our_own_writes_cost_nothing_more() {
    let rounds = ana(|_| {}).await;
    let world = &rounds.world;
    world.observe(&[hint(world)]).await;
    rounds.shows(&[session(14)], &[held("ana")]);
    rounds.rounds(16).await;
    assert_eq!(rounds.mailed(), [to("ana", "changed")]);
    let before = rows(world);
    world.graph.all_calls();
    for _ in 0..3 {
        world.observe(&[hint(world)]).await;
    }
    let calls = world.graph.all_calls();
    assert_eq!((calls.get("event"), calls.get("shows"), calls.len()), (Some(&3), Some(&3), 2), "{calls:?}");
    assert_eq!(rows(world), before);
    // A session's own event is not even looked at.
    rounds.shows(&[led(session(14), &["ina"])], &[held("ana")]);
    rounds.rounds(13).await;
    assert_eq!(rounds.mailed(), [to("ina", "invited")]);
    let own = written_of(world, Audience::Session).await.event.unwrap();
    let hint = || Hint::Organized { organizer: user(ORGANIZER), event: own.clone() };
    world.graph.all_calls();
    world.observe(&[hint()]).await;
    rounds.round().await;
    let calls = world.graph.all_calls();
    assert_eq!(calls.values().sum::<usize>(), 1, "{calls:?}");
    assert_eq!(rounds.alerts().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_edit_is_told_once_and_stays_until_the_lms_changes_that() {
    let rounds = ana(|_| {}).await;
    let world = &rounds.world;
    retimed(&rounds, Duration::hours(1)).await;
    assert_eq!(rounds.alerts().await, ["event-edited 1"]);
    let step = told(world).await;
    assert!(step.contains("session 4711 (First aid), the event of a learner: `when` was"), "{step}");
    assert!(step.contains("10:00 to 2027-03-01 11:00 UTC and is 2027-03-01 11:00"), "{step}");
    let before = rows(world);
    world.observe(&[hint(world)]).await;
    rounds.rounds(16).await;
    assert_eq!((rows(world), rounds.mailed()), (before, vec![]));
    assert_eq!(rounds.alerts().await, ["event-edited 1"]);
    // A title and a place, too; neither is said.
    let event = world.graph.published().pop().unwrap();
    world.graph.change(ORGANIZER, &event.id, |event| {
        event.subject = Some("Only for Ben".into());
        event.location = Some("At Ben's".into());
    });
    world.observe(&[hint(world)]).await;
    assert_eq!(rounds.alerts().await, ["event-edited 3"]);
    assert!(!told(world).await.contains("Ben"));
    // What the LMS changes is sent, and nothing else.
    rounds.shows(&[session(14)], &[held("ana")]);
    rounds.rounds(16).await;
    assert_eq!(rounds.mailed(), [to("ana", "changed")]);
    let event = world.graph.published().pop().unwrap();
    assert_eq!(event.start, Some(session(14).parts[0].span.start()));
    assert_eq!(event.subject.as_deref(), Some("Only for Ben"));
    world.observe(&[hint(world)]).await;
    assert_eq!(rounds.alerts().await, ["event-edited 3"]);
}

#[tokio::test(start_paused = true)]
async fn where_the_lms_wins_an_edit_is_undone_once_by_one_mail() {
    let rounds = ana(lms).await;
    let world = &rounds.world;
    let is = || world.graph.published().pop().unwrap().start;
    let ours = is();
    retimed(&rounds, Duration::hours(1)).await;
    rounds.rounds(6).await;
    assert_eq!((rounds.mailed(), is()), (vec![to("ana", "changed")], ours));
    assert!(told(world).await.contains("It is written back, this once."));
    // The answer to that is our own.
    world.observe(&[hint(world)]).await;
    rounds.rounds(16).await;
    assert_eq!((rounds.mailed(), rounds.alerts().await), (vec![], vec!["event-edited 1".to_owned()]));
    // Somebody insists: nobody is drawn into a war of mails.
    retimed(&rounds, Duration::hours(2)).await;
    rounds.rounds(16).await;
    assert_eq!((rounds.mailed(), is()), (vec![], ours.map(|start| start + Duration::hours(2))));
    assert!(told(world).await.contains("It stays as it is."));
    // Another date of the LMS's is sent, and an edit of that is undone once.
    rounds.shows(&[session(14)], &[held("ana")]);
    rounds.rounds(16).await;
    assert_eq!(rounds.mailed(), [to("ana", "changed")]);
    let ours = is();
    retimed(&rounds, Duration::hours(3)).await;
    rounds.rounds(6).await;
    assert_eq!((rounds.mailed(), is()), (vec![to("ana", "changed")], ours));
    assert_eq!(written(world, "ana").await.undone, [Field::When].into());
}

/// A session's own event is read back whenever its session is looked at.
#[tokio::test(start_paused = true)]
async fn an_edit_of_a_sessions_own_event_is_read_back() {
    let rounds = ana(|_| {}).await;
    let world = &rounds.world;
    rounds.shows(&[led(session(10), &["ina"])], &[held("ana")]);
    rounds.rounds(13).await;
    assert_eq!(rounds.mailed(), [to("ina", "invited")]);
    let own = written_of(world, Audience::Session).await.event.unwrap();
    world.clock.advance(minutes(1));
    world.graph.change(ORGANIZER, &own, |event| event.location = Some("Elsewhere".into()));
    rounds.shows(&[led(session(10), &["ina"])], &[held("ana"), held("ben")]);
    rounds.rounds(13).await;
    assert_eq!(rounds.mailed(), [to("ben", "invited")]);
    assert_eq!(rounds.alerts().await, ["event-edited 1"]);
    assert!(told(world).await.contains("`place` is not the LMS's any more"));
}

#[tokio::test(start_paused = true)]
async fn killed_anywhere_an_edit_is_told_and_undone_once() {
    let mut deaths = 0;
    for n in 0.. {
        let mut unharmed = 0;
        for death in [Death::Before(n), Death::After(n)] {
            let mut rounds = ana(lms).await;
            let event = rounds.world.graph.published().pop().unwrap();
            rounds.world.clock.advance(minutes(1));
            rounds.world.graph.change(ORGANIZER, &event.id, |event| {
                event.start = event.start.map(|start| start + Duration::hours(1));
            });
            let hints = [hint(&rounds.world)];
            let seen = rounds.world.tables.killed(death, rounds.world.observe(&hints));
            unharmed += usize::from(seen.await.is_some());
            rounds.world.restart().await;
            // Its message comes again.
            rounds.world.observe(&hints).await;
            rounds.rounds(30).await;
            assert_eq!(rounds.mailed(), [to("ana", "changed")], "{death:?}");
            // Killed between the alert and what it is about, it counts one twice until it is counted anew.
            alerts::repeat_open(&rounds.world.app.ledger, &contoso()).await.unwrap();
            assert_eq!(rounds.alerts().await, ["event-edited 1"], "{death:?}");
        }
        if unharmed == 2 {
            break;
        }
        deaths += 2 - unharmed;
    }
    assert!(deaths >= 8, "{deaths}");
}

/// The answer to the undoing is lost: it is looked up, and repeated only where it was not done.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_the_undoing_mails_nobody_twice() {
    let rounds = ana(lms).await;
    let ours = rounds.world.graph.published().pop().unwrap().start;
    retimed(&rounds, Duration::hours(1)).await;
    rounds.world.graph.publishing(|it| it.lost.push_back("change"));
    rounds.rounds(16).await;
    assert_eq!(rounds.mailed(), [to("ana", "changed")]);
    assert_eq!(rounds.world.graph.published().pop().unwrap().start, ours);
}
