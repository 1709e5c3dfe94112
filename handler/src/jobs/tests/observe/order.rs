//! reference/rules.md#hints: any order and repetition of hints gives the same final ledger;
//! reference/rules.md#claims: at most one cancellation takes effect; reference/rules.md#outcomes: every
//! decline has an outcome. How a failure is played again: [`crate::replay`].

use crate::calendar::event::Answer;
use crate::enrolment::transitions::State;
use crate::jobs::testing::{World, minutes, stores};
use crate::messages::{ChangeType, Hint};
use crate::replay;
use proptest::prelude::*;

/// Cases per run, in memory.
const CASES: u32 = 200;

/// For other stores than memory, too.
pub(crate) const ALL: &[fn()] = &[
    any_order_repetition_and_loss_of_hints_ends_in_the_same_ledger,
    whatever_happens_nobody_who_attends_loses_a_place_and_every_decline_has_an_outcome,
];

/// What a learner or an organizer does.
#[derive(Debug, Clone, Copy)]
enum Act {
    Accept,
    Decline,
    /// Outlook's default: the copy goes, and the response mail arrives.
    DeclineAndRemove,
    /// The copy goes and nobody says why.
    Remove,
    Invite,
    CancelSession,
}

/// What happens to the hints between two acts.
#[derive(Debug, Clone, Copy)]
enum Post {
    Deliver,
    DeliverTwice,
    Keep,
    Lose,
}

#[derive(Debug, Clone)]
struct Step {
    act: Act,
    post: Post,
    minutes: i64,
}

fn step(invitations: u32) -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        3 => Just(Act::Accept),
        3 => Just(Act::Decline),
        3 => Just(Act::DeclineAndRemove),
        1 => Just(Act::Remove),
        1 => Just(Act::CancelSession),
        invitations => Just(Act::Invite),
    ];
    let post = prop_oneof![
        3 => Just(Post::Deliver),
        2 => Just(Post::DeliverTwice),
        3 => Just(Post::Keep),
        1 => Just(Post::Lose),
    ];
    (act, post, prop_oneof![3 => 0_i64..3, 1 => 3_i64..60]).prop_map(|(act, post, minutes)| Step {
        act,
        post,
        minutes,
    })
}

/// Does an act; the hint of it, where Graph gives one.
fn act(world: &World, act: Act) -> Option<Hint> {
    let graph = &world.graph;
    let there = graph.has("ana", 1);
    let updated = there.then(|| graph.hint("ana", 1, ChangeType::Updated));
    let deleted = there.then(|| graph.hint("ana", 1, ChangeType::Deleted));
    match act {
        Act::Accept if there => {
            graph.answer("ana", 1, Answer::Accepted);
            graph.respond("ana", 1, Answer::Accepted);
            updated
        }
        Act::Decline if there => {
            graph.answer("ana", 1, Answer::Declined);
            graph.respond("ana", 1, Answer::Declined);
            updated
        }
        Act::DeclineAndRemove if there => {
            graph.respond("ana", 1, Answer::Declined);
            graph.remove("ana", 1);
            deleted
        }
        Act::Remove => {
            graph.remove("ana", 1);
            deleted
        }
        Act::Invite if !there => {
            graph.invite("ana", 1);
            Some(graph.hint("ana", 1, ChangeType::Created))
        }
        Act::CancelSession => {
            graph.original(1, |event| event.is_cancelled = true);
            graph.copy("ana", 1, |event| event.is_cancelled = true);
            updated
        }
        Act::Accept | Act::Decline | Act::DeclineAndRemove | Act::Invite => None,
    }
}

/// What must be the same in the end.
#[derive(Debug, PartialEq)]
struct End {
    state: State,
    decision: Option<crate::enrolment::lms_answer::OrderVerdict>,
    outcome: Option<&'static str>,
    effects: usize,
}

async fn end(world: &World) -> Option<End> {
    let row = world.find("ana", 1).await?;
    Some(End {
        state: row.state,
        decision: row.decision.as_ref().map(|decision| decision.verdict),
        outcome: row.attempt.outcome.as_ref().map(|outcome| outcome.kind.word()),
        effects: world.lms.cancelled("ana", 1),
    })
}

/// A grace so long that nothing is sent while the world still turns, so that the end depends on the end of
/// the world alone.
async fn world(long_grace: bool) -> World {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = crate::enrolment::policy::Mailboxes::Users(vec!["ana@contoso.com".into()]);
        if long_grace {
            tenant.policy.grace = chrono::Duration::hours(30);
        }
    })
    .await;
    world.watch().await;
    world
}

/// A resync finds what was lost; then time enough for everything that is pending.
async fn settle(world: &World) {
    world.resync("ana").await;
    world.pass(minutes(60)).await;
    world.pass_by(minutes(20), chrono::Duration::hours(33)).await;
}

fn run(test: impl Future<Output = Result<(), TestCaseError>>) -> Result<(), TestCaseError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(test)
}

fn cases() -> ProptestConfig {
    replay::cases(stores::cases(CASES))
}

/// Plays the steps with the given hints disturbed, and gives the end.
async fn play(
    world: &World,
    steps: &[Step],
    order: &[prop::sample::Index],
    faithful: bool,
) -> Result<(), TestCaseError> {
    let mut kept: Vec<Hint> = Vec::new();
    let mut accepted_last = false;
    let mut effects = 0;
    for step in steps {
        // No two answers in the same second: their order is what counts.
        world.clock.advance(chrono::Duration::seconds(1));
        let hint = act(world, step.act);
        accepted_last = match step.act {
            Act::Accept => hint.is_some() || accepted_last,
            Act::Decline | Act::DeclineAndRemove | Act::Remove | Act::Invite | Act::CancelSession => {
                accepted_last && hint.is_none()
            }
        };
        let before = world.lms.asked();
        match (hint, step.post) {
            (Some(hint), _) if faithful => world.observe(&[hint]).await,
            (Some(hint), Post::Deliver) => world.observe(&[hint]).await,
            (Some(hint), Post::DeliverTwice) => {
                world.observe(&[hint.clone(), hint.clone()]).await;
                world.observe(&[hint]).await;
            }
            (Some(hint), Post::Keep) => kept.push(hint),
            (Some(_), Post::Lose) | (None, _) => {}
        }
        world.pass(minutes(step.minutes)).await;
        prop_assert!(world.lms.asked() == before || !accepted_last, "who attends was taken to the LMS");
        effects = effects.max(world.lms.cancelled("ana", 1));
        let generation = world.find("ana", 1).await.map_or(1, |row| row.generation);
        prop_assert!(effects <= generation as usize);
    }
    // The late ones, in any order.
    for index in order {
        if !kept.is_empty() {
            let hint = kept.remove(index.index(kept.len()));
            world.observe(&[hint]).await;
        }
    }
    world.observe(&kept).await;
    settle(world).await;
    Ok(())
}

proptest! {
    #![proptest_config(cases())]

    /// Disturbed or not, the ledger ends alike. Without new invitations: they wipe the calendar's memory of a
    /// decline, which then only the ledger can have, if it was told in time.
    #[test]
    fn any_order_repetition_and_loss_of_hints_ends_in_the_same_ledger(
        steps in prop::collection::vec(step(0), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        run(async {
            let (disturbed, faithful) = (world(true).await, world(true).await);
            for world in [&disturbed, &faithful] {
                world.invited("ana", 1).await;
            }
            play(&disturbed, &steps, &order, false).await?;
            play(&faithful, &steps, &order, true).await?;
            prop_assert_eq!(end(&disturbed).await, end(&faithful).await);
            disturbed.assert_sound("disturbed");
            faithful.assert_sound("faithful");
            Ok(())
        })?;
    }

    /// With cancellations under way while the world turns.
    #[test]
    fn whatever_happens_nobody_who_attends_loses_a_place_and_every_decline_has_an_outcome(
        steps in prop::collection::vec(step(2), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        run(async {
            let world = world(false).await;
            world.invited("ana", 1).await;
            play(&world, &steps, &order, false).await?;
            let row = world.row("ana", 1).await;
            world.assert_sound("in the end");
            prop_assert!(world.lms.cancelled("ana", 1) <= row.generation as usize);
            prop_assert!(!matches!(row.state, State::Waiting | State::Running), "{:?}", row);
            // What the calendar says in the end, and what became of it.
            let cancelled = world.graph.session_cancelled(1);
            match world.graph.answered("ana", 1) {
                Some(Answer::Declined) if !cancelled => prop_assert_eq!(row.state, State::Done, "{:?}", row),
                Some(Answer::Accepted) if row.state != State::Done => {
                    prop_assert_eq!(row.state, State::Watched, "{:?}", row);
                    // Whoever was too late with it lost the place of an earlier generation.
                    prop_assert!(world.lms.cancelled("ana", 1) < row.generation as usize, "{:?}", row);
                }
                _ => {}
            }
            Ok(())
        })?;
    }
}
