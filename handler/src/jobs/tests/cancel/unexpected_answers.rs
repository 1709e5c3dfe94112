//! Answers that no receiver gives (a redirect, 400): one is for a person, many in a row are an outage.

use crate::calendar::event::Answer;
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::decision::ReviewCause;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::{LmsOutcome, Reply};
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::jobs::operate::operator;
use crate::jobs::testing::lms::reply;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::{alerts, enrolment_ids, valves};
use std::collections::BTreeMap;

fn unexpected() -> Reply {
    Reply { status: Some(400), message: Some("HTTP 400".to_owned()), ..reply(LmsOutcome::Unexpected) }
}

/// Ana declines this session, and the LMS is asked once.
async fn one(world: &World, session: u32) {
    world.invited("ana", session).await;
    world.clock.advance(minutes(1));
    world.declined("ana", session).await;
    world.clock.advance(minutes(10));
    world.tick().await;
}

async fn so_many(world: &World, sessions: u32) {
    for session in 1..=sessions {
        one(world, session).await;
    }
}

async fn states(world: &World, sessions: u32) -> Vec<State> {
    let mut states = Vec::new();
    for session in 1..=sessions {
        states.push(world.state("ana", session).await);
    }
    states
}

async fn valve(world: &World) -> ValveState {
    valves::valve(&world.app.ledger, &contoso(), world.now()).await.unwrap().state
}

async fn open_alerts(world: &World) -> Vec<String> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| alert.kind.to_string()).collect()
}

/// The ids under which each session was asked for.
fn ids(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for order in world.lms.orders() {
        let of = ids.entry(order.session.as_str().to_owned()).or_default();
        if !of.contains(&order.id) {
            of.push(order.id);
        }
    }
    ids
}

#[tokio::test(start_paused = true)]
async fn five_in_a_row_for_different_enrolments_wait_again_and_all_end_well_when_the_lms_is_back() {
    let world = World::new().await;
    world.lms.always(Some(unexpected()));
    so_many(&world, 4).await;
    assert_eq!(states(&world, 4).await, [State::Review; 4], "each may be about the one order");
    assert_eq!(
        (valve(&world).await, open_alerts(&world).await),
        (ValveState::Open, vec!["review".to_owned()])
    );

    one(&world, 5).await;
    assert_eq!(states(&world, 5).await, [State::Waiting; 5]);
    assert_eq!(
        (valve(&world).await, open_alerts(&world).await),
        (ValveState::BreakerOpen, vec!["lms-breaker".to_owned()])
    );
    let story = &world.row("ana", 1).await.story;
    assert!(story.last().unwrap().text.contains("an outage of the LMS"), "{story:?}");
    world.assert_sound("waiting again");

    // While the breaker is open a probe is an outage, and nobody is asked.
    one(&world, 6).await;
    world.pass(minutes(30)).await;
    assert_eq!(states(&world, 6).await, [State::Waiting; 6]);

    world.lms.always(None);
    world.pass(minutes(180)).await;
    assert_eq!(states(&world, 6).await, [State::Done; 6]);
    assert_eq!((valve(&world).await, open_alerts(&world).await), (ValveState::Open, vec![]));
    assert!(ids(&world).values().all(|ids| ids.len() == 1), "the same id: {:?}", ids(&world));
    assert!(world.lms.effects().values().all(|effects| *effects == 1));
    world.assert_sound("done");
}

#[tokio::test(start_paused = true)]
async fn a_success_between_makes_each_of_them_a_matter_of_its_own() {
    let world = World::new().await;
    world.lms.script([
        unexpected(),
        unexpected(),
        unexpected(),
        unexpected(),
        reply(LmsOutcome::Done),
        unexpected(),
    ]);
    so_many(&world, 6).await;
    let [others @ .., fifth, sixth] = &states(&world, 6).await[..] else { panic!("six") };
    assert_eq!((others, *fifth, *sixth), (&[State::Review; 4][..], State::Done, State::Review));
    assert_eq!(valve(&world).await, ValveState::Open);
}

#[tokio::test(start_paused = true)]
async fn the_same_enrolment_again_and_again_is_one() {
    let world = World::new().await;
    world.lms.always(Some(unexpected()));
    one(&world, 1).await;
    for _ in 0..6 {
        retry(&world, 1, OperatorDecision::Retry).await;
        world.clock.advance(minutes(1));
        world.tick().await;
    }
    assert_eq!(world.lms.asked(), 7);
    assert_eq!((world.state("ana", 1).await, valve(&world).await), (State::Review, ValveState::Open));
}

async fn retry(world: &World, session: u32, word: OperatorDecision) {
    let signed = operator::Attribution { by: "olga".into(), reason: "testing".into() };
    let id = enrolment_ids::id_of(&world.row("ana", session).await.reference());
    operator::decide(&world.app, &id, word, &signed).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_person_or_the_lms_has_settled_meanwhile_stays_settled() {
    let world = World::new().await;
    world.lms.always(Some(unexpected()));
    so_many(&world, 4).await;
    retry(&world, 1, OperatorDecision::Ignore).await;
    // The second is asked for once more, and refused: that is an answer of a receiver, so the others stay
    // what they were.
    world.lms.always(Some(reply(LmsOutcome::Refused)));
    retry(&world, 2, OperatorDecision::Retry).await;
    world.clock.advance(minutes(1));
    world.tick().await;
    world.lms.always(Some(unexpected()));
    for session in 5..=8 {
        one(&world, session).await;
    }
    assert_eq!(valve(&world).await, ValveState::Open, "four since");
    one(&world, 9).await;
    let mut expected = [State::Waiting; 9];
    expected[..4].copy_from_slice(&[State::Watched, State::Review, State::Review, State::Review]);
    assert_eq!(states(&world, 9).await, expected);
    world.assert_sound("settled meanwhile");
}

#[tokio::test(start_paused = true)]
async fn whoever_takes_part_again_meanwhile_is_not_cancelled() {
    let world = World::new().await;
    world.lms.always(Some(unexpected()));
    so_many(&world, 4).await;
    world.clock.advance(minutes(1));
    world.graph.answer("ana", 2, Answer::Accepted);
    world.hint("ana", 2, crate::messages::ChangeType::Updated).await;
    one(&world, 5).await;
    world.lms.always(None);
    world.pass(minutes(180)).await;
    let row: Enrolment = world.row("ana", 2).await;
    // The first attempt may have had its effect: only a person can find out.
    assert_eq!(
        (row.state, row.attempt.review.map(|review| review.cause)),
        (State::Review, Some(ReviewCause::Lms))
    );
    assert_eq!(world.lms.cancelled("ana", 2), 0);
    assert_eq!(world.outcome("ana", 1).await, Some(OutcomeKind::Lms(LmsOutcome::Done)));
}

#[tokio::test(start_paused = true)]
async fn retry_after_of_an_answer_that_turns_out_to_be_an_outage_is_kept() {
    let world = World::new().await;
    let retry_after = Some(std::time::Duration::from_secs(3 * 3600));
    world.lms.always(Some(Reply { retry_after, ..unexpected() }));
    so_many(&world, 5).await;
    let began = world.row("ana", 1).await.attempt.outcome.unwrap().at;
    for session in 1..=5 {
        let due = world.row("ana", session).await.attempt.due.unwrap();
        assert!(due >= began + chrono::Duration::hours(3), "{session}: {due}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_answers_like_no_receiver_raises_an_alert_until_one_answers() {
    let world = World::new().await;
    world.lms.script([Reply { status: Some(200), ..reply(LmsOutcome::Outage) }]);
    one(&world, 1).await;
    assert_eq!(
        (world.state("ana", 1).await, open_alerts(&world).await),
        (State::Waiting, vec!["lms-answer".to_owned()])
    );
    world.pass(minutes(5)).await;
    assert_eq!((world.state("ana", 1).await, open_alerts(&world).await), (State::Done, vec![]));
}
