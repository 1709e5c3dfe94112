//! Declined by the learner, or by the mailbox itself: automatic replies can decline what comes in, and clear
//! a leave.

use crate::calendar::event::Answer;
use crate::enrolment::policy::AutomaticPolicy;
use crate::enrolment::transitions::State;
use crate::graph::port::AutomaticReplies;
use crate::jobs::testing::{World, minutes};
use crate::messages::ChangeType;
use chrono::Duration;

async fn world(replies: Option<AutomaticReplies>, policy: AutomaticPolicy) -> World {
    let world = World::with(|tenant| tenant.policy.automatic = policy).await;
    world.graph.state.lock().unwrap().replies = replies;
    world
}

/// Invited, and declined so many seconds later.
async fn declined_after(world: &World, seconds: i64) {
    world.invited("ana", 1).await;
    world.clock.advance(Duration::seconds(seconds));
    world.declined("ana", 1).await;
    world.pass(minutes(20)).await;
}

async fn story(world: &World) -> String {
    world.row("ana", 1).await.story.iter().map(|line| line.text.clone()).collect::<Vec<_>>().join(" ")
}

#[tokio::test(start_paused = true)]
async fn a_decline_right_after_the_invitation_while_automatic_replies_are_on_goes_to_a_person() {
    use AutomaticReplies::{Off, On, Until};
    let noon = crate::jobs::testing::noon();
    for (replies, seconds, ends) in [
        (Some(On), 60, State::Review),
        (Some(Until(noon + Duration::days(3))), 60, State::Review),
        (Some(On), 121, State::Done),
        (Some(Off), 60, State::Done),
        (Some(Until(noon)), 60, State::Done),
        // Without the right nothing is recognised.
        (None, 60, State::Done),
    ] {
        let world = world(replies, AutomaticPolicy::Review).await;
        declined_after(&world, seconds).await;
        assert_eq!(world.state("ana", 1).await, ends, "{replies:?} after {seconds} s");
        assert_eq!(
            story(&world).await.contains("by itself"),
            ends == State::Review,
            "{replies:?} after {seconds} s"
        );
        world.assert_sound("in the end");
    }
}

#[tokio::test(start_paused = true)]
async fn where_the_policy_says_so_it_is_cancelled_all_the_same_and_told_as_such() {
    let world = world(Some(AutomaticReplies::On), AutomaticPolicy::Cancel).await;
    declined_after(&world, 5).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    assert_eq!(story(&world).await.matches("by itself").count(), 1);
}

/// A new time, and the mailbox declines that.
#[tokio::test(start_paused = true)]
async fn a_decline_right_after_an_update_is_the_mailboxs_too() {
    let world = world(Some(AutomaticReplies::On), AutomaticPolicy::Review).await;
    world.invited("ana", 1).await;
    world.clock.advance(minutes(600));
    world.graph.copy("ana", 1, |event| event.start = event.start.map(|start| start + Duration::days(1)));
    world.hint("ana", 1, ChangeType::Updated).await;
    world.clock.advance(Duration::seconds(90));
    world.declined("ana", 1).await;
    world.pass(minutes(20)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
}

/// A leave is cleared: everything in it is declined at once.
#[tokio::test(start_paused = true)]
async fn several_sessions_declined_within_seconds_are_declined_by_the_mailbox() {
    for (apart, ends) in [(10, State::Review), (11, State::Done)] {
        let world = world(Some(AutomaticReplies::On), AutomaticPolicy::Review).await;
        world.invited("ana", 1).await;
        world.invited("ana", 2).await;
        world.clock.advance(minutes(600));
        world.declined("ana", 1).await;
        world.clock.advance(Duration::seconds(apart));
        world.declined("ana", 2).await;
        world.pass(minutes(20)).await;
        for session in [1, 2] {
            assert_eq!(world.state("ana", session).await, ends, "session {session}, {apart} s apart");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_person_approves_is_not_asked_again() {
    let world = world(Some(AutomaticReplies::On), AutomaticPolicy::Review).await;
    declined_after(&world, 5).await;
    let id = crate::ledger::enrolment_ids::id_of(&world.row("ana", 1).await.reference());
    let word = crate::jobs::operate::operator::Attribution { by: "sam".into(), reason: "asked her".into() };
    let approve = crate::enrolment::operator_decision::OperatorDecision::Approve;
    crate::jobs::operate::operator::decide(&world.app, &id, approve, &word).await.unwrap();
    world.pass(minutes(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
}

/// The refusal is remembered.
#[tokio::test(start_paused = true)]
async fn without_the_right_a_mailbox_is_asked_once() {
    let world = world(None, AutomaticPolicy::Review).await;
    for session in [1, 2] {
        world.invited("ana", session).await;
        world.declined("ana", session).await;
    }
    world.pass(minutes(20)).await;
    assert_eq!(world.graph.calls("automatic_replies"), 1);
    assert_eq!([1, 2].map(|session| world.lms.cancelled("ana", session)), [1, 1]);
}

/// The answer of a mailbox that declines before anybody saw the invitation: the copy tells when it was made.
#[tokio::test(start_paused = true)]
async fn a_decline_before_the_first_look_is_recognised() {
    let world = world(Some(AutomaticReplies::On), AutomaticPolicy::Review).await;
    world.graph.invite("ana", 1);
    world.clock.advance(Duration::seconds(3));
    world.graph.answer("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Created).await;
    world.pass(minutes(20)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
}
