//! What people do: approve, ignore, retry, the valve, a comparison. Whoever is not answered does it again.

use super::observe::operation;
use super::{Operation, all_survive};
use crate::calendar::event::Answer;
use crate::enrolment::lms_answer::LmsOutcome;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::jobs::operate::operator as persons;
use crate::jobs::operate::operator::{self, Attribution, OperatorError, ValveCommand};
use crate::jobs::testing::lms::reply;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::enrolment_ids;
use crate::messages::ChangeType;
use futures::FutureExt;

/// For other stores than memory, too.
pub(super) const ALL: &[fn()] = &[a_person_decides, a_person_turns_the_valve];

fn signed() -> Attribution {
    Attribution { by: "olga".into(), reason: "seen to".into() }
}

pub(super) async fn stop(world: &World) {
    persons::set_valve(&world.app, &contoso(), ValveCommand::Stopped, &signed()).await.unwrap();
}

async fn in_review() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass_quietly(minutes(31)).await;
    world
}

async fn refused() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.lms.script([reply(LmsOutcome::Refused)]);
    world.pass_quietly(minutes(20)).await;
    world
}

async fn taken_back() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass_quietly(minutes(20)).await;
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Updated).await;
    world
}

async fn waiting() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world
}

/// Says it; that it was said before is no failure.
async fn say(world: &World, word: OperatorDecision) {
    let id = enrolment_ids::id_of(&world.row("ana", 1).await.reference());
    match operator::decide(&world.app, &id, word, &signed()).await {
        Ok(_) | Err(OperatorError::Conflict(_)) => {}
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_decides() {
    all_survive(&[
        operation!("approve", 3, in_review(), |world| say(world, OperatorDecision::Approve).await),
        operation!("ignore", 3, in_review(), |world| say(world, OperatorDecision::Ignore).await),
        operation!("approve what the LMS refused", 3, refused(), |world| say(
            world,
            OperatorDecision::Approve
        )
        .await),
        operation!("retry what the LMS refused", 3, refused(), |world| say(world, OperatorDecision::Retry)
            .await),
        operation!("retry what waits", 3, waiting(), |world| say(world, OperatorDecision::Retry).await),
        operation!("see to what was taken back", 3, taken_back(), |world| say(
            world,
            OperatorDecision::Ignore
        )
        .await),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_person_turns_the_valve() {
    all_survive(&[
        operation!("stop", 2, waiting(), |world| stop(world).await),
        operation!(
            "open",
            2,
            async {
                let world = waiting().await;
                stop(&world).await;
                world.pass_quietly(minutes(20)).await;
                world
            },
            |world| {
                operator::set_valve(&world.app, &contoso(), ValveCommand::Open, &signed()).await.unwrap()
            }
        ),
        operation!(
            "ask for a comparison",
            2,
            async {
                let world = waiting().await;
                world.watch().await;
                world.graph.answer("ana", 1, Answer::Accepted);
                world
            },
            |world| {
                operator::ask_resync(&world.app, &contoso(), None, &signed()).await.unwrap();
            }
        ),
    ])
    .await;
}
