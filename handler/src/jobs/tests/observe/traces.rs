//! reference/rules.md#nothing-in-silence: one decline is one trace, and its unit's line in the log says the
//! verdict and the outcome in a word.

use crate::calendar::event::Answer;
use crate::enrolment::lms_answer::LmsOutcome;
use crate::jobs::cancel::{attempt, dispatch};
use crate::jobs::observe::hints;
use crate::jobs::testing::lms::reply;
use crate::jobs::testing::{World, changes, minutes};
use crate::jobs::unit_context::{Verdicts, scope};
use crate::messages::ChangeType;

const NOTIFIED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TICK: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// What an invocation of `observe-changes` does, and what its line would say.
async fn observed(
    world: &World,
    trace: &str,
    changes: &crate::messages::Changes,
) -> (&'static str, Option<String>) {
    let verdicts = Verdicts::default();
    let observed = scope(Some(trace), &verdicts, hints::observe(&world.app, changes)).await.unwrap();
    (observed.outcome(), verdicts.words())
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_carries_the_trace_of_its_notification_past_looks_and_ticks() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    let gone = changes(&[world.graph.hint("ana", 1, ChangeType::Deleted)]);
    assert_eq!(observed(&world, NOTIFIED, &gone).await, ("judged", Some("removed".to_owned())));

    // The mail reaches the organizer's list only now; the look that was planned finds it.
    world.graph.respond("ana", 1, Answer::Declined);
    world.clock.advance(minutes(2));
    let wake = dispatch::dispatch(&world.app, Some(TICK)).await.unwrap();
    let [look] = wake.changes.as_slice() else { panic!("one message with a look: {wake:?}") };
    assert_eq!(look.trace.as_deref(), Some(TICK), "looks of many declines share a message");
    assert_eq!(observed(&world, TICK, look).await, ("judged", Some("declined".to_owned())));
    assert_eq!(world.row("ana", 1).await.trace.as_deref(), Some(NOTIFIED));

    world.clock.advance(minutes(10));
    let wake = dispatch::dispatch(&world.app, Some(TICK)).await.unwrap();
    let [message] = wake.cancellations.as_slice() else { panic!("one cancellation: {wake:?}") };
    assert_eq!(message.trace.as_deref(), Some(NOTIFIED));

    world.lms.script([reply(LmsOutcome::AlreadyCancelled)]);
    let verdicts = Verdicts::default();
    let attempt = scope(None, &verdicts, attempt::cancel(&world.app, message)).await.unwrap();
    assert_eq!((attempt.outcome(), verdicts.words()), ("already_cancelled", Some("declined".to_owned())));
    let again = attempt::cancel(&world.app, message).await.unwrap();
    assert_eq!(again.outcome(), "stale");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_ours_or_can_not_be_read_says_so_in_a_word() {
    let world = World::new().await;
    let hint = |session| changes(&[world.graph.hint("ana", session, ChangeType::Updated)]);
    assert_eq!(observed(&world, NOTIFIED, &hint(9)).await, ("irrelevant", None));
    world.graph.invite("ana", 1);
    world.graph.down(Some(crate::jobs::testing::graph::unavailable()));
    assert_eq!(observed(&world, NOTIFIED, &hint(1)).await, ("postponed", None));
}
