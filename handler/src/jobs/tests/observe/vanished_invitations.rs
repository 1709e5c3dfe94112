//! Invited and declined before anybody could look: only the organizer's calendar tells of it.

use crate::calendar::event::Answer;
use crate::enrolment::policy::WeakPolicy;
use crate::enrolment::transitions::State;
use crate::jobs::testing::{World, minutes, user};
use crate::messages::{ChangeType, Hint};
use crate::store::Table;

/// Declined, cancelled, invited again: the new copy is another one, and nobody saw it. That something
/// vanished from the calendar is no sight of an invitation, and asks Graph nothing, since the row says that
/// Ana has declined. The newer answer in the organizer's list is told of and counted by the next comparison,
/// and takes no place away.
#[tokio::test(start_paused = true)]
async fn a_newer_answer_to_a_copy_that_nobody_saw_is_told_of_by_the_next_comparison() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(15)).await;
    assert_eq!(world.lms.cancelled("ana", 1), 1);

    world.clock.advance(minutes(60));
    world.graph.respond("ana", 1, Answer::Declined);
    let vanished =
        Hint::Changed { mailbox: user("ana"), event: "another-copy".into(), change: ChangeType::Deleted };
    world.graph.all_calls();
    world.observe(&[vanished]).await;
    assert_eq!(world.graph.all_calls(), [].into());
    world.resync("ana").await;
    world.pass(minutes(15)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.generation, row.attempt.repeats, world.lms.cancelled("ana", 1)), (1, 1, 1));
    world.assert_sound("in the end");
}

/// Gone without a word, which is no answer: whatever vanishes next may have been declined, and the
/// organizer's list tells.
#[tokio::test(start_paused = true)]
async fn an_answer_to_a_copy_that_nobody_saw_counts_at_once_where_the_last_one_went_without_a_word() {
    for (settles, state) in [(1, State::Watched), (60, State::Review)] {
        let world = World::with(|tenant| tenant.policy.unseen = WeakPolicy::Review).await;
        world.invited("ana", 1).await;
        world.clock.advance(minutes(1));
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(settles)).await;
        assert_eq!(world.state("ana", 1).await, state);
        world.graph.respond("ana", 1, Answer::Declined);
        let event = "another-copy".into();
        world.observe(&[Hint::Changed { mailbox: user("ana"), event, change: ChangeType::Deleted }]).await;
        assert_eq!(world.state("ana", 1).await, State::Waiting, "from {state:?}");
        world.assert_sound("declined");
    }
}

/// What is there at its own id did not vanish: it costs nothing to know that.
#[tokio::test(start_paused = true)]
async fn what_vanished_is_no_invitation_whose_copy_is_there() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.clock.advance(minutes(1));
    world.graph.calls("event");
    let vanished =
        Hint::Changed { mailbox: user("ana"), event: "a-private-matter".into(), change: ChangeType::Deleted };
    world.observe(&[vanished]).await;
    assert_eq!(world.graph.calls("event"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_the_link_and_its_enrolment_loses_no_vanished_invitation() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.remove("ana", 1);
    world.follow().await;
    world.pass(minutes(1)).await;
    let row = world.row("ana", 1).await;

    // As the kill left it: the link is there, what follows from it is not. The hint comes again.
    let at = row.reference();
    world.app.ledger.tables.delete(Table::Enrolments, &at.partition, &at.row, None).await.unwrap();
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.assert_sound("found again");
}
