//! One place after another for the same learner in the same session: what is new counts, what is old can't
//! touch it.

use crate::calendar::event::Answer;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::transitions::State;
use crate::ids::TenantName;
use crate::jobs::operate::operator::{self, Attribution};
use crate::jobs::operate::{housekeeping, status};
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts::AlertKind;
use crate::ledger::{alerts, enrolment_ids, enrolments};
use crate::messages::ChangeType;
use crate::store::{Table, Tables};
use chrono::Duration;

/// Declined, and cancelled at the LMS.
async fn cancelled() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world
}

async fn accepted(world: &World) {
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Updated).await;
}

async fn alerted(world: &World, tenant: &TenantName) -> Vec<AlertKind> {
    alerts::open(&world.app.ledger, tenant).await.unwrap().into_iter().map(|alert| alert.kind).collect()
}

#[tokio::test(start_paused = true)]
async fn decline_accept_decline_on_one_copy_is_two_generations_with_one_effect_each() {
    let world = cancelled().await;
    accepted(&world).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.generation, row.state), (2, State::Watched));
    world.clock.advance(minutes(5));
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.generation, row.state, world.lms.cancelled("ana", 1)), (2, State::Done, 2));
    let ids: Vec<String> = world.lms.orders().into_iter().map(|order| order.id).collect();
    assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
    world.assert_sound("in the end");

    let archived = enrolments::archived(&world.app.ledger, &row.reference()).await.unwrap();
    assert_eq!(archived.len(), 1);
    assert_eq!((archived[0].value.generation, archived[0].value.state), (1, State::Done));
    let told =
        status::story(&world.app, &enrolment_ids::id_of(&row.reference())).await.unwrap().unwrap().story;
    let numbers: Vec<u32> = told.iter().map(|line| line.n).collect();
    assert_eq!(numbers, (1..=row.told).collect::<Vec<_>>(), "one story over both");
    let status = status::tenant(&world.app, &contoso()).await.unwrap();
    assert_eq!(status.counts["done"], 1, "a finished generation is no place");
}

#[tokio::test(start_paused = true)]
async fn whoever_accepts_what_was_given_up_is_told_of_until_a_person_has_seen_to_it() {
    let world = cancelled().await;
    accepted(&world).await;
    assert_eq!(alerted(&world, &contoso()).await, ["take-back"]);
    housekeeping::housekeep(&world.app).await.unwrap();
    assert_eq!(alerted(&world, &contoso()).await, ["take-back"], "it stays open");
    let filter = status::Filter { state: Some(status::TAKEN_BACK.to_owned()), ..status::Filter::default() };
    let id = status::enrolments(&world.app, &filter).await.unwrap().items[0].id.clone();
    let signed = Attribution { by: "bo".into(), reason: "place given back".into() };
    operator::decide(&world.app, &id, OperatorDecision::Ignore, &signed).await.unwrap();
    housekeeping::housekeep(&world.app).await.unwrap();
    assert!(alerted(&world, &contoso()).await.is_empty());
    assert!(status::enrolments(&world.app, &filter).await.unwrap().items.is_empty());
    world.assert_sound("seen to");
}

/// The place was given back by hand; nothing about the learner's answer is new.
#[tokio::test(start_paused = true)]
async fn a_place_that_was_given_back_by_hand_is_not_touched_by_old_news() {
    let world = cancelled().await;
    for change in [ChangeType::Updated, ChangeType::Created, ChangeType::Updated] {
        world.hint("ana", 1, change).await;
        world.pass(minutes(45)).await;
    }
    world.graph.respond("ana", 1, Answer::Declined);
    world.graph.original(1, |event| event.attendees[0].response.at = Some(crate::jobs::testing::noon()));
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    assert_eq!(
        (world.lms.asked(), world.row("ana", 1).await.generation),
        (1, 1),
        "the stale list says nothing new"
    );
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn whoever_is_invited_again_may_decline_again() {
    for kept in [true, false] {
        let world = cancelled().await;
        if !kept {
            world.graph.remove("ana", 1);
            world.hint("ana", 1, ChangeType::Deleted).await;
        }
        world.graph.invite("ana", 1);
        world.hint("ana", 1, ChangeType::Created).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.generation, row.state, row.taken_back), (2, State::Watched, None), "kept: {kept}");
        assert!(alerted(&world, &contoso()).await.is_empty());
        // A removal of the new invitation is judged by itself: the old answer in the list does not count.
        world.graph.original(1, |event| {
            event.attendees[0].response = crate::calendar::event::Response {
                answer: Answer::Declined,
                at: Some(crate::jobs::testing::noon()),
            };
        });
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(45)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Review, 1), "kept: {kept}");
        world.assert_sound("in the end");
    }
}

/// Invited again and declined again before anybody looked.
#[tokio::test(start_paused = true)]
async fn a_new_copy_that_is_found_declined_is_a_new_invitation() {
    for kept in [true, false] {
        let world = cancelled().await;
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.clock.advance(minutes(5));
        world.graph.invite("ana", 1);
        world.graph.respond("ana", 1, Answer::Declined);
        if kept {
            world.graph.answer("ana", 1, Answer::Declined);
        } else {
            world.graph.remove("ana", 1);
        }
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.hint("ana", 1, ChangeType::Created).await;
        world.pass(minutes(15)).await;
        let row = world.row("ana", 1).await;
        // Where nothing is left of it but a newer answer in the organizer's list, it may as well be the old
        // one once more.
        let (generation, effects) = if kept { (2, 2) } else { (1, 1) };
        let seen = (row.generation, row.state, world.lms.cancelled("ana", 1));
        assert_eq!(seen, (generation, State::Done, effects), "kept: {kept}");
    }
}

#[tokio::test(start_paused = true)]
async fn finished_generations_go_with_the_current_one() {
    let world = cancelled().await;
    accepted(&world).await;
    assert_eq!(world.tables.dump(Table::Enrolments).len(), 2);
    world.clock.advance(Duration::days(200));
    housekeeping::housekeep(&world.app).await.unwrap();
    assert!(world.tables.dump(Table::Enrolments).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_would_have_happened_is_counted() {
    let world =
        World::with(|tenant| tenant.policy.mode = crate::enrolment::policy::PolicyMode::Observe).await;
    for session in 1..=3 {
        world.invited("ana", session).await;
    }
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    accepted(&world).await;
    assert!(alerted(&world, &contoso()).await.is_empty(), "nothing was taken, nothing is taken back");
    world.clock.advance(minutes(5));
    world.declined("ana", 1).await;
    world.graph.remove("ana", 2);
    world.hint("ana", 2, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    let status = status::tenant(&world.app, &contoso()).await.unwrap();
    assert_eq!(
        (status.mode.as_str(), status.would_have_cancelled["declined"], status.counts["review"]),
        ("observe", 2, 1)
    );
    assert_eq!(world.lms.asked(), 0);
}

/// The copy comes back under another id, and only then the organizer removes the event.
#[tokio::test(start_paused = true)]
async fn what_is_known_of_the_organizers_copy_is_known_under_every_id_of_the_item() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    let moved = crate::calendar::event::Event {
        id: crate::ids::EventId::new("moved"),
        ..crate::jobs::testing::graph::FakeGraph::event(crate::ids::EventId::new("moved"), 1)
    };
    world.graph.remove("ana", 1);
    world.graph.put("ana", moved.clone());
    let hint = |change| crate::messages::Hint::Changed {
        mailbox: crate::jobs::testing::user("ana"),
        event: moved.id.clone(),
        change,
    };
    world.observe(&[hint(ChangeType::Created)]).await;
    world.graph.remove_original(1);
    world.graph.remove_event("ana", &moved.id);
    world.observe(&[hint(ChangeType::Deleted)]).await;
    let row = world.row("ana", 1).await;
    let seen = row.parts[0].reading.as_ref().unwrap().verdict;
    assert_eq!(seen, crate::calendar::reading::Verdict::CancelledByOrganizer);
}

/// Killed after the current row went, before its archive did: nothing personal may outlive it.
#[tokio::test(start_paused = true)]
async fn a_finished_generation_without_a_current_one_goes() {
    let world = cancelled().await;
    accepted(&world).await;
    let at = world.row("ana", 1).await.reference();
    world.tables.delete(Table::Enrolments, &at.partition, &at.row, None).await.unwrap();
    assert_eq!(world.tables.dump(Table::Enrolments).len(), 1);
    housekeeping::housekeep(&world.app).await.unwrap();
    assert!(world.tables.dump(Table::Enrolments).is_empty());
}
