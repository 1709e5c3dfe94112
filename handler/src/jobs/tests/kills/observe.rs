//! `observe-changes`: every kind of hint, and everything that a reading can do to a row.

use super::{Operation, all_survive};
use crate::calendar::event::Answer;
use crate::enrolment::policy::{Brake, PartPolicy, PolicyMode};
use crate::enrolment::wakeups::{WakeUp, WakeUpKind};
use crate::jobs::observe::hints;
use crate::jobs::testing::graph::{FakeGraph, copy, original, unavailable};
use crate::jobs::testing::{ORGANIZER, World, changes, contoso, minutes, noon, user};
use crate::messages::{ChangeType, Hint};
use chrono::Duration;
use futures::FutureExt;

/// For other stores than memory, too.
pub(super) const ALL: &[fn()] = &[
    observing_what_is_seen_for_the_first_time,
    observing_answers_and_removals,
    observing_what_begins_a_new_generation,
    observing_one_of_two_parts,
    observing_one_decline_too_many,
    a_poisoned_message_is_kept,
];

/// An invitation that is known.
async fn invited() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.clock.advance(minutes(1));
    world
}

async fn unreadable_organizer() -> World {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world.clock.advance(minutes(1));
    world
}

/// Declined and sent.
async fn done() -> World {
    let world = invited().await;
    world.declined("ana", 1).await;
    world.pass_quietly(minutes(20)).await;
    world
}

/// Removed, and settled into what the policy says.
async fn settled(world: World) -> World {
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass_quietly(minutes(31)).await;
    world
}

/// Removed, and the last look is due now.
async fn last_look(world: World) -> World {
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass_quietly(minutes(29)).await;
    world.clock.advance(minutes(2));
    world
}

/// Another meeting for the same session, in the learner's calendar.
fn second_part(world: &World) {
    let mut event = FakeGraph::event("second".into(), 1);
    event.ical_uid = Some("lms-1@contoso.com-2".into());
    world.graph.put("ana", event);
}

async fn two_parts(policy: PartPolicy) -> World {
    let world = World::with(|tenant| {
        tenant.policy.part = policy;
        let by_uid = r"^lms-(?<session>\d+)@contoso\.com".parse().unwrap();
        tenant.recognise.session = crate::calendar::matching::SessionSource::ICalUid(by_uid);
    })
    .await;
    world.invited("ana", 1).await;
    second_part(&world);
    second(&world, ChangeType::Created).await;
    world.clock.advance(minutes(1));
    world
}

async fn second(world: &World, change: ChangeType) {
    world.observe(&[Hint::Changed { mailbox: user("ana"), event: "second".into(), change }]).await;
}

/// Hands over what a tick would, without leaving a mark that somebody was woken.
async fn look_at_what_is_due(world: &World) {
    for changes in world.dispatch().await.changes {
        hints::observe(&world.app, &changes).await.unwrap();
    }
}

macro_rules! operation {
    ($name:literal, $writes:literal, $make:expr, |$world:ident| $step:expr) => {
        Operation {
            name: $name,
            make: || async { $make.await }.boxed_local(),
            step: |$world| {
                async move {
                    $step;
                }
                .boxed_local()
            },
            writes: $writes,
        }
    };
}
pub(super) use operation;

#[tokio::test(start_paused = true)]
async fn observing_what_is_seen_for_the_first_time() {
    all_survive(&[
        operation!("created", 4, World::new(), |world| {
            if !world.graph.has("ana", 1) {
                world.graph.invite("ana", 1);
            }
            world.hint("ana", 1, ChangeType::Created).await
        }),
        operation!(
            "declined before it was seen",
            6,
            async {
                let world = World::new().await;
                world.graph.invite("ana", 1);
                world.graph.answer("ana", 1, Answer::Declined);
                world
            },
            |world| world.hint("ana", 1, ChangeType::Updated).await
        ),
        operation!(
            "deleted before it was seen, and the organizer knows of it",
            9,
            async {
                let world = World::new().await;
                world.graph.invite("ana", 1);
                world.graph.respond("ana", 1, Answer::Declined);
                world.graph.remove("ana", 1);
                world
            },
            |world| {
                world.hint("ana", 1, ChangeType::Deleted).await;
                world.follow().await;
            }
        ),
        operation!(
            "invited again unseen, and deleted",
            2,
            async {
                let world = invited().await;
                world.graph.remove("ana", 1);
                world.hint("ana", 1, ChangeType::Deleted).await;
                world.clock.advance(minutes(1));
                world.graph.respond("ana", 1, Answer::Declined);
                world
            },
            |world| {
                let event = "another-copy".into();
                world
                    .observe(&[Hint::Changed { mailbox: user("ana"), event, change: ChangeType::Deleted }])
                    .await
            }
        ),
        operation!(
            "found in the organizer's list by a comparison",
            5,
            async {
                let world = World::new().await;
                world.graph.invite("ana", 1);
                world.graph.remove("ana", 1);
                world
            },
            |world| {
                let hint =
                    Hint::Invited { mailbox: user("ana"), organizer: user(ORGANIZER), event: original(1) };
                world.observe(&[hint]).await
            }
        ),
        operation!(
            "created while Graph is silent",
            1,
            async {
                let world = World::new().await;
                world.graph.invite("ana", 1);
                world.graph.down(Some(unavailable()));
                world
            },
            |world| {
                world.hint("ana", 1, ChangeType::Created).await;
                world.graph.down(None)
            }
        ),
        operation!(
            "looked at again once Graph answers",
            4,
            async {
                let world = World::new().await;
                world.graph.invite("ana", 1);
                world.graph.down(Some(unavailable()));
                world.hint("ana", 1, ChangeType::Created).await;
                world.graph.down(None);
                world.clock.advance(minutes(1));
                world
            },
            |world| look_at_what_is_due(world).await
        ),
        operation!(
            "compared",
            1,
            async {
                let world = invited().await;
                world.watch().await;
                world
            },
            |world| {
                let asked = noon() + minutes(3);
                world.observe(&[Hint::Resynced { mailbox: user("ana"), asked }]).await
            }
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn observing_answers_and_removals() {
    all_survive(&[
        operation!("declined", 3, invited(), |world| {
            world.graph.answer("ana", 1, Answer::Declined);
            world.hint("ana", 1, ChangeType::Updated).await
        }),
        operation!(
            "declined in mode observe",
            3,
            async {
                let world = World::with(|tenant| tenant.policy.mode = PolicyMode::Observe).await;
                world.invited("ana", 1).await;
                world
            },
            |world| {
                world.graph.answer("ana", 1, Answer::Declined);
                world.hint("ana", 1, ChangeType::Updated).await
            }
        ),
        operation!(
            "declined after the deadline",
            2,
            async {
                let world = invited().await;
                world.clock.advance(Duration::days(4));
                world
            },
            |world| {
                world.graph.answer("ana", 1, Answer::Declined);
                world.hint("ana", 1, ChangeType::Updated).await
            }
        ),
        operation!(
            "accepted again in time",
            3,
            async {
                let world = invited().await;
                world.declined("ana", 1).await;
                world.clock.advance(minutes(1));
                world
            },
            |world| {
                world.graph.answer("ana", 1, Answer::Accepted);
                world.hint("ana", 1, ChangeType::Updated).await
            }
        ),
        operation!("removed, for the first time", 2, invited(), |world| {
            world.graph.remove("ana", 1);
            world.hint("ana", 1, ChangeType::Deleted).await
        }),
        operation!("removed for good: review", 3, last_look(invited().await), |world| look_at_what_is_due(
            world
        )
        .await),
        operation!("removed for good: cancel", 3, last_look(unreadable_organizer().await), |world| {
            look_at_what_is_due(world).await
        }),
        operation!("removed, and back again", 3, settled(invited().await), |world| {
            world.graph.put("ana", FakeGraph::event(copy("ana", 1), 1));
            world.graph.answer("ana", 1, Answer::Accepted);
            world.hint("ana", 1, ChangeType::Created).await
        }),
        operation!("removed, and the response mail is there", 3, settled(invited().await), |world| {
            world.graph.respond("ana", 1, Answer::Declined);
            world.hint("ana", 1, ChangeType::Deleted).await
        }),
        operation!("moved to another calendar", 1, invited(), |world| {
            world.graph.remove("ana", 1);
            world.graph.put("ana", FakeGraph::event("elsewhere".into(), 1));
            world.hint("ana", 1, ChangeType::Deleted).await
        }),
        operation!(
            "cancelled by the organizer",
            3,
            async {
                let world = invited().await;
                world.declined("ana", 1).await;
                world
            },
            |world| {
                world.graph.copy("ana", 1, |event| event.is_cancelled = true);
                world.hint("ana", 1, ChangeType::Updated).await
            }
        ),
        operation!("dropped by the organizer", 2, settled(invited().await), |world| {
            world.graph.original(1, |event| event.attendees.clear());
            world.hint("ana", 1, ChangeType::Deleted).await
        }),
        operation!(
            "moved in time since the decline",
            3,
            async {
                let world = invited().await;
                world.declined("ana", 1).await;
                world
            },
            |world| {
                world.graph.copy("ana", 1, |event| {
                    event.start = Some(noon() + Duration::days(9));
                    event.end = event.start;
                    event.response.answer = Answer::NotResponded;
                });
                world.hint("ana", 1, ChangeType::Updated).await
            }
        ),
        operation!("not readable", 2, invited(), |world| {
            world.graph.set_failure("ana", Some(unavailable()));
            world.hint("ana", 1, ChangeType::Updated).await;
            world.graph.set_failure("ana", None)
        }),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn observing_what_begins_a_new_generation() {
    all_survive(&[
        operation!("taken back", 2, done(), |world| {
            world.graph.answer("ana", 1, Answer::Accepted);
            world.hint("ana", 1, ChangeType::Updated).await
        }),
        operation!("answered once more", 2, done(), |world| {
            world.clock.advance(minutes(10));
            world.graph.answer("ana", 1, Answer::Declined);
            world.hint("ana", 1, ChangeType::Updated).await
        }),
        operation!(
            "invited anew",
            2,
            async {
                let world = done().await;
                world.graph.remove("ana", 1);
                world.hint("ana", 1, ChangeType::Deleted).await;
                world.graph.invite("ana", 1);
                world
            },
            |world| world.hint("ana", 1, ChangeType::Created).await
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn observing_one_of_two_parts() {
    all_survive(&[
        operation!("one of two declined, any counts", 3, two_parts(PartPolicy::Any), |world| {
            world.graph.answer("ana", 1, Answer::Declined);
            world.hint("ana", 1, ChangeType::Updated).await
        }),
        operation!("one of two declined, a person is asked", 2, two_parts(PartPolicy::Review), |world| {
            world.graph.answer("ana", 1, Answer::Declined);
            world.hint("ana", 1, ChangeType::Updated).await
        }),
        operation!(
            "the second of two declined",
            3,
            async {
                let world = two_parts(PartPolicy::All).await;
                world.declined("ana", 1).await;
                world
            },
            |world| {
                world.graph.change("ana", &"second".into(), |event| event.response.answer = Answer::Declined);
                second(world, ChangeType::Updated).await
            }
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn observing_one_decline_too_many() {
    all_survive(&[
        operation!(
            "the tenant is braked",
            5,
            async {
                let world = World::with(|tenant| {
                    tenant.policy.brake = Brake { decisions: 1, within: minutes(600), per_learner: 9 };
                })
                .await;
                world.invited("ana", 1).await;
                world.invited("ben", 1).await;
                world.declined("ana", 1).await;
                world
            },
            |world| {
                world.graph.answer("ben", 1, Answer::Declined);
                world.hint("ben", 1, ChangeType::Updated).await
            }
        ),
        operation!(
            "the learner is held",
            5,
            async {
                let world = World::with(|tenant| {
                    tenant.policy.brake = Brake { decisions: 9, within: minutes(600), per_learner: 1 };
                })
                .await;
                world.invited("ana", 1).await;
                world.invited("ana", 2).await;
                world.declined("ana", 1).await;
                world
            },
            |world| {
                world.graph.answer("ana", 2, Answer::Declined);
                world.hint("ana", 2, ChangeType::Updated).await
            }
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_message_is_kept() {
    all_survive(&[
        operation!("a change", 2, invited(), |world| {
            world.graph.answer("ana", 1, Answer::Declined);
            let text =
                serde_json::to_string(&changes(&[world.graph.hint("ana", 1, ChangeType::Updated)])).unwrap();
            crate::jobs::operate::dead_letters::change(&world.app, &text).await.unwrap()
        }),
        operation!(
            "a look that came again and again",
            1,
            async {
                let world = World::new().await;
                world.graph.invite("ana", 1);
                world.graph.down(Some(unavailable()));
                world.hint("ana", 1, ChangeType::Created).await;
                world.graph.down(None);
                world.clock.advance(minutes(1));
                world
            },
            |world| {
                // The message that a tick has sent for it, whether or not it still stands there.
                let hint = world.graph.hint("ana", 1, ChangeType::Created);
                let due = noon() + Duration::seconds(30);
                let entry = WakeUp {
                    tenant: contoso(),
                    due,
                    what: WakeUpKind::Hint { hint: hint.clone(), tries: 1 },
                };
                let again = Hint::Again { hint: Box::new(hint), tries: 1, agenda: entry.reference() };
                let text = serde_json::to_string(&changes(&[again])).unwrap();
                crate::jobs::operate::dead_letters::change(&world.app, &text).await.unwrap()
            }
        ),
        operation!("something unreadable", 2, invited(), |world| {
            crate::jobs::operate::dead_letters::change(&world.app, "{\"v\":9}").await.unwrap()
        }),
    ])
    .await;
}
