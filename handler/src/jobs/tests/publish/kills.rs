//! Killed at each of its writes, before and after it took effect, and run again: exactly the mails of an
//! undisturbed run, and each once.

use super::play::*;
use crate::jobs::operate::housekeeping;
use crate::jobs::testing::World;
use crate::jobs::testing::tables::Death;
use crate::publishing::testing::session;
use crate::sessions::place_record::PlaceRecord;
use crate::sessions::session::{Session, SessionState};

/// What was told first, and is published; then what is told, and published under the knife.
struct Story {
    before: Vec<PlaceRecord>,
    session: Session,
    after: Vec<PlaceRecord>,
    mails: Vec<(String, &'static str)>,
    /// Writes at least, so that a story that does nothing is found out.
    writes: usize,
}

async fn make(story: &Story) -> World {
    let world = World::new().await;
    if !story.before.is_empty() {
        tell(&world, &session(10), &story.before).await;
        run(&world).await;
        world.graph.mails();
    }
    tell(&world, &story.session, &story.after).await;
    // Edits have settled.
    if let Some(next) = once_settled(&world).await {
        world.clock.set(next);
    }
    world
}

/// Where nothing but an edit is to be told, it is begun to wait for.
async fn once_settled(world: &World) -> Option<chrono::DateTime<chrono::Utc>> {
    match counted(world).await.changes {
        0 => None,
        _ => once(world).await.unwrap().next,
    }
}

/// Dies before and after each write of `once`, `writes` of them at least, and is run again: just these mails,
/// each once, and `is_so`.
pub(super) async fn dies_at_each_write(
    make: impl AsyncFn() -> World,
    (once, run): (impl AsyncFn(&World), impl AsyncFn(&World)),
    (mails, writes): (&[(String, &'static str)], usize),
    is_so: impl AsyncFn(&World, Death),
) {
    let mut deaths = 0;
    for n in 0.. {
        let mut unharmed = 0;
        for death in [Death::Before(n), Death::After(n)] {
            let mut world = make().await;
            match world.tables.killed(death, once(&world)).await {
                Some(()) => unharmed += 1,
                None => deaths += 1,
            }
            world.restart().await;
            run(&world).await;
            assert_eq!(mailed(&world), mails, "{death:?}");
            run(&world).await;
            assert_eq!(mailed(&world), [], "{death:?}");
            is_so(&world, death).await;
            housekeeping::housekeep(&world.app).await.unwrap();
            world.assert_sound(&format!("{death:?}"));
        }
        if unharmed == 2 {
            break;
        }
    }
    assert!(deaths >= 2 * writes, "{deaths}");
}

async fn play(story: &Story) {
    let once = async |world: &World| {
        once(world).await.unwrap();
    };
    let outcome = (story.mails.as_slice(), story.writes);
    dies_at_each_write(async || make(story).await, (once, run), outcome, async |_, _| {}).await;
}

#[tokio::test(start_paused = true)]
async fn invitations_go_out_once_wherever_it_is_killed() {
    play(&Story {
        before: vec![],
        session: session(10),
        after: vec![held("ana"), held("ben")],
        mails: vec![to("ana", "invited"), to("ben", "invited")],
        writes: 12,
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_change_is_told_once_wherever_it_is_killed() {
    play(&Story {
        before: vec![held("ana"), held("ben")],
        session: session(14),
        after: vec![held("ana"), held("ben")],
        mails: vec![to("ana", "changed"), to("ben", "changed")],
        writes: 6,
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_place_is_called_off_once_wherever_it_is_killed() {
    play(&Story {
        before: vec![held("ana"), held("ben")],
        session: session(10),
        after: vec![cancelled("ana"), held("ben")],
        mails: vec![to("ana", "cancelled")],
        writes: 3,
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_session_is_called_off_once_wherever_it_is_killed() {
    play(&Story {
        before: vec![held("ana")],
        session: Session { state: SessionState::Cancelled, ..session(10) },
        after: vec![held("ana")],
        mails: vec![to("ana", "cancelled")],
        writes: 3,
    })
    .await;
}

/// With its instructors, and in the organization's calendar.
#[tokio::test(start_paused = true)]
async fn the_sessions_own_event_is_told_once_wherever_it_is_killed() {
    play(&Story {
        before: vec![],
        session: led(session(10), &["ina", "jo"]),
        after: vec![],
        mails: vec![to("ina", "invited"), to("jo", "invited")],
        writes: 5,
    })
    .await;
    play(&Story {
        before: vec![held("ana")],
        session: led(Session { state: SessionState::Cancelled, ..session(10) }, &["ina"]),
        after: vec![held("ana")],
        mails: vec![to("ana", "cancelled")],
        writes: 4,
    })
    .await;
}

/// Another address: whoever had the event loses it, and whoever has the address now gets it.
#[tokio::test(start_paused = true)]
async fn another_address_is_written_to_once_wherever_it_is_killed() {
    let mut renamed = held("ana");
    renamed.person.address = Some(crate::jobs::testing::address("ben"));
    play(&Story {
        before: vec![held("ana")],
        session: session(10),
        after: vec![renamed],
        mails: vec![to("ana", "cancelled"), to("ben", "invited")],
        writes: 3,
    })
    .await;
}
