//! Declined, but with a proposed new time; and invitations that ask for no answer.

use crate::calendar::event::Answer;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::policy::ProposedPolicy;
use crate::enrolment::transitions::State;
use crate::jobs::operate::operator::{self, Attribution};
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::{ORGANIZER, World, address, minutes};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::enrolment_ids;
use crate::messages::ChangeType;

async fn declines_with_a_proposal(world: &World) {
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Updated).await;
    // The response mail comes later.
    world.pass(minutes(5)).await;
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.original(1, |event| {
        for attendee in event.attendees.iter_mut().filter(|attendee| attendee.address == address("ana")) {
            attendee.proposes = true;
        }
    });
}

#[tokio::test(start_paused = true)]
async fn a_decline_with_a_proposed_new_time_goes_to_a_person_unless_the_policy_says_otherwise() {
    for (policy, state) in [(ProposedPolicy::Review, State::Review), (ProposedPolicy::Cancel, State::Done)] {
        let world = World::with(|tenant| tenant.policy.proposed = policy).await;
        declines_with_a_proposal(&world).await;
        world.pass(minutes(30)).await;
        assert_eq!(world.state("ana", 1).await, state, "{policy:?}");
        world.assert_sound("proposed");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_person_has_approved_is_not_asked_about_again() {
    let world = World::new().await;
    declines_with_a_proposal(&world).await;
    world.pass(minutes(30)).await;
    let row = world.row("ana", 1).await;
    assert!(
        row.attempt.review.as_ref().unwrap().why.contains("proposed another time"),
        "{:?}",
        row.attempt.review
    );
    // The same decline, seen again, is not another one.
    world.hint("ana", 1, ChangeType::Updated).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
    let signed = Attribution { by: "olga".into(), reason: "no other date".into() };
    operator::decide(&world.app, &enrolment_ids::id_of(&row.reference()), OperatorDecision::Approve, &signed)
        .await
        .unwrap();
    world.pass(minutes(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Done, 1));
}

#[tokio::test(start_paused = true)]
async fn where_the_organizers_copy_cannot_be_read_a_decline_is_a_decline() {
    let world = World::new().await;
    declines_with_a_proposal(&world).await;
    world.graph.set_failure(ORGANIZER, Some(unavailable()));
    world.pass(minutes(30)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    let alone = World::without_organizer().await;
    declines_with_a_proposal(&alone).await;
    alone.pass(minutes(30)).await;
    assert_eq!(alone.state("ana", 1).await, State::Done);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_asks_for_no_answer_raises_an_alert_that_says_what_cannot_be_seen() {
    for wants in [None, Some(true), Some(false)] {
        let world = World::new().await;
        world.graph.invite("ana", 1);
        world.graph.copy("ana", 1, |event| event.response_requested = wants);
        world.hint("ana", 1, ChangeType::Created).await;
        let open = alerts::open(&world.app.ledger, &world.tenant.name).await.unwrap();
        let told = open.iter().find(|alert| alert.kind == AlertKind::NoAnswerWanted);
        assert_eq!(told.is_some(), wants == Some(false), "{wants:?}");
        if let Some(told) = told {
            assert!(told.step.contains("no organizer's copy shows who declined"), "{}", told.step);
        }
    }
}
