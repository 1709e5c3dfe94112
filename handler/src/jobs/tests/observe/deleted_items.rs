//! "There" means in a calendar: what lies in Deleted Items, or is held, may answer by its immutable id as if
//! nothing had happened.

use crate::calendar::event::Answer;
use crate::calendar::reading::Verdict;
use crate::config::WatchMode;
use crate::enrolment::policy::Mailboxes;
use crate::enrolment::transitions::State;
use crate::jobs::testing::graph::{copy, original};
use crate::jobs::testing::{ORGANIZER, World, minutes, user};
use crate::messages::{ChangeType, Hint};
use chrono::Duration;

fn verdict(row: &crate::enrolment::enrolment::Enrolment) -> Verdict {
    row.parts[0].reading.as_ref().unwrap().verdict
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_answers_from_deleted_items_is_gone() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Updated).await;
    world.clock.advance(minutes(5));
    world.graph.respond("ana", 1, Answer::Declined);
    // What lies there says what it said before.
    world.graph.bin(copy("ana", 1));
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn an_unanswered_copy_in_deleted_items_goes_the_way_of_a_removal() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.bin(copy("ana", 1));
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(60)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, verdict(&row)), (State::Review, Verdict::Removed));
}

#[tokio::test(start_paused = true)]
async fn an_original_in_deleted_items_is_cancelled_by_its_organizer() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.bin(original(1));
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert_eq!(verdict(&world.row("ana", 1).await), Verdict::CancelledByOrganizer);
}

/// Where the organizer's mailbox is watched, nobody is judged by an event that only answers.
#[tokio::test(start_paused = true)]
async fn the_organizers_own_hint_of_a_deleted_original_is_understood() {
    let world = World::with(|tenant| {
        (tenant.watch.mode, tenant.watch.mailboxes) = (WatchMode::Organizer, Mailboxes::None);
    })
    .await;
    world.graph.invite("ana", 1);
    let hint = |change| Hint::Changed { mailbox: user(ORGANIZER), event: original(1), change };
    world.observe(&[hint(ChangeType::Created)]).await;
    world.graph.bin(original(1));
    world.observe(&[hint(ChangeType::Deleted)]).await;
    assert_eq!(verdict(&world.row("ana", 1).await), Verdict::CancelledByOrganizer);
}

/// The copy tells its own time: the view around the old one does not show it any more.
#[tokio::test(start_paused = true)]
async fn a_session_that_was_moved_far_away_is_not_gone() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    for days in [9, 40] {
        world.graph.copy("ana", 1, |event| {
            event.start = event.start.map(|start| start + Duration::days(days));
            event.end = event.end.map(|end| end + Duration::days(days));
        });
        world.hint("ana", 1, ChangeType::Updated).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, verdict(&row)), (State::Watched, Verdict::Unanswered), "by {days} days");
    }
}

/// One part more of the same batch for what is known to be ours; none for what is not.
#[tokio::test(start_paused = true)]
async fn that_a_calendar_shows_it_is_asked_of_linked_events_alone() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.calls("event");
    world.graph.calls("shows");
    world.hint("ana", 1, ChangeType::Updated).await;
    assert_eq!((world.graph.calls("event"), world.graph.calls("shows")), (1, 1));
    let mut lunch = crate::jobs::testing::graph::FakeGraph::event(copy("ana", 9), 9);
    lunch.organizer = None;
    world.graph.put("ana", lunch);
    world.hint("ana", 9, ChangeType::Updated).await;
    assert_eq!((world.graph.calls("event"), world.graph.calls("shows")), (1, 0));
}
