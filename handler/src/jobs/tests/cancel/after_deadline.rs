//! What a person says after the deadline: it must be said as late, it is tried until the session is over, and
//! no longer.

use crate::calendar::event::Answer;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::transitions::State;
use crate::jobs::operate::housekeeping;
use crate::jobs::operate::operator::{self, Attribution, OperatorError, ValveCommand};
use crate::jobs::testing::lms::down;
use crate::jobs::testing::{World, minutes};
use crate::ledger::enrolment_ids;
use crate::messages::ChangeType;
use chrono::Duration;

fn signed() -> Attribution {
    Attribution { by: "olga".into(), reason: "she told me in time".into() }
}

async fn retry(world: &World, late: bool) -> Result<(), String> {
    let id = enrolment_ids::id_of(&world.row("ana", 1).await.reference());
    match operator::decide_late(&world.app, &id, OperatorDecision::Retry, &signed(), late).await {
        Ok(_) => Ok(()),
        Err(OperatorError::Conflict(why)) => Err(why),
        Err(other) => panic!("{other}"),
    }
}

/// Declined an hour before the session, and the LMS could not be reached until it began.
async fn expired() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.pass_by(minutes(30), Duration::hours(95)).await;
    world.lms.always(Some(down()));
    world.graph.answer("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(minutes(70)).await;
    assert_eq!(world.state("ana", 1).await, State::Expired);
    let refused = retry(&world, false).await.unwrap_err();
    assert!(refused.contains("\"late\": true"), "{refused}");
    assert_eq!(world.state("ana", 1).await, State::Expired);
    world
}

#[tokio::test(start_paused = true)]
async fn what_is_asked_for_as_late_is_sent_although_the_deadline_has_passed() {
    let world = expired().await;
    retry(&world, true).await.unwrap();
    world.pass(minutes(30)).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting, "the LMS is still down");
    world.lms.always(None);
    world.pass(minutes(60)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.effects().len()), (State::Done, 1));
    world.assert_sound("done");
}

/// The LMS can't be reached, or somebody has closed the valve, behind which nobody is woken.
#[tokio::test(start_paused = true)]
async fn what_is_asked_for_as_late_ends_with_the_session() {
    for is_closed in [false, true] {
        let world = expired().await;
        if is_closed {
            operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Stopped, &signed())
                .await
                .unwrap();
        }
        retry(&world, true).await.unwrap();
        world.pass(Duration::hours(9)).await;
        housekeeping::housekeep(&world.app).await.unwrap();
        assert_eq!(world.state("ana", 1).await, State::Expired, "closed: {is_closed}");
        let refused = retry(&world, true).await.unwrap_err();
        assert!(refused.contains("the session has ended"), "{refused}");
        let asked = world.lms.asked();
        world.lms.always(None);
        operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Open, &signed()).await.unwrap();
        world.pass(Duration::hours(2)).await;
        assert_eq!(
            (world.state("ana", 1).await, world.lms.asked()),
            (State::Expired, asked),
            "closed: {is_closed}"
        );
        world.assert_sound("the session is over");
    }
}
