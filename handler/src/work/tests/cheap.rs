//! Design, section 6: an irrelevant change costs no write and one part of a batch; and two point reads, whether the mailbox is
//! still watched and whether the event is known.

use crate::calendar::event::Answer;
use crate::cancellation::table::State;
use crate::config::WatchMode;
use crate::message::ChangeType;
use crate::work::organized;
use crate::work::testing::graph::{FakeGraph, copy};
use crate::work::testing::tables::Count;
use crate::work::testing::{World, address, minutes, noon};

/// A lunch in Ana's calendar.
fn lunch(world: &World) {
    let mut lunch = FakeGraph::event(copy("ana", 99), 99);
    lunch.organizer = Some(address("ben"));
    world.graph.put("ana", lunch);
}

#[tokio::test(start_paused = true)]
async fn an_irrelevant_change_costs_two_point_reads_and_one_part_of_a_batch() {
    for organizers in [true, false] {
        let world = if organizers { World::new().await } else { World::without_organizer().await };
        world.invited("ana", 1).await;
        world.graph.invite("ben", 2);
        lunch(&world);
        world.clock.advance(minutes(1));
        for change in [ChangeType::Created, ChangeType::Updated] {
            world.tables.count();
            world.graph.calls("event");
            world.hint("ana", 99, change).await;
            assert_eq!(world.tables.count(), Count { gets: 2, scans: 0, writes: 0 }, "{change:?}");
            assert_eq!(world.graph.calls("event"), 1, "{change:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_deleted_event_of_somebody_without_invitations_costs_two_point_reads() {
    let world = World::new().await;
    world.graph.invite("ben", 2);
    world.tables.count();
    for n in 0..10 {
        world.hint("ana", 100 + n, ChangeType::Deleted).await;
    }
    assert_eq!(world.tables.count(), Count { gets: 20, scans: 0, writes: 0 });
}

/// Sixty private appointments, and then a decline, in one message: nothing waits, and Graph is not asked for the sixty.
#[tokio::test(start_paused = true)]
async fn a_decline_behind_sixty_deletions_of_private_appointments_is_judged_at_once() {
    for (mode, invited) in [(WatchMode::Attendees, true), (WatchMode::Attendees, false), (WatchMode::Both, true)] {
        let world = World::with(|tenant| tenant.watch.mode = mode).await;
        if invited {
            world.invited("ana", 1).await;
            world.follow().await;
        }
        // Which mailboxes are organizers' is remembered.
        organized::mailboxes(world.desk()).await.unwrap();
        let mut hints: Vec<_> = (0..60).map(|n| world.graph.hint("ana", 100 + n, ChangeType::Deleted)).collect();
        world.tables.count();
        world.graph.all_calls();
        let began = tokio::time::Instant::now();
        world.observe(&hints).await;
        assert_eq!(world.tables.count(), Count { gets: 120, scans: 0, writes: 0 }, "{mode:?}");
        assert_eq!(world.graph.all_calls(), [].into(), "{mode:?}");

        world.graph.invite("ana", 1);
        world.graph.answer("ana", 1, Answer::Declined);
        hints.push(world.graph.hint("ana", 1, ChangeType::Updated));
        world.observe(&hints).await;
        assert_eq!(world.state("ana", 1).await, State::Waiting, "{mode:?}: in the same invocation");
        assert_eq!(began.elapsed(), std::time::Duration::ZERO, "{mode:?}: nobody slept");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hint_that_says_nothing_new_writes_nothing() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(1));
    world.tables.count();
    let hint = world.graph.hint("ana", 1, ChangeType::Updated);
    for _ in 0..5 {
        world.observe(&[hint.clone(), hint.clone()]).await;
    }
    assert_eq!(world.tables.count().writes, 0);
    assert_eq!(world.row("ana", 1).await.due, Some(noon() + minutes(10)));
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_is_no_longer_watched_is_counted_and_nothing_is_made_of_it() {
    let world = World::new().await;
    world.forget_mailbox("ana").await;
    world.invited("ana", 1).await;
    assert_eq!(world.find("ana", 1).await, None);
    let status = crate::work::status::tenant(&world.office, &world.tenant.name).await.unwrap();
    assert_eq!(status.dropped, [("mailbox_not_watched".to_owned(), 1)].into());
}
