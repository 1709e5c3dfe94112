//! Whose mailbox is not watched any more is not read, whatever comes in late.

use crate::calendar::event::Answer;
use crate::enrolment::transitions::State;
use crate::jobs::operate::housekeeping;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::messages::ChangeType;

async fn dropped(world: &World) -> u64 {
    let status = crate::jobs::operate::status::tenant(&world.app, &contoso()).await.unwrap();
    status.dropped.get("mailbox_not_watched").copied().unwrap_or_default()
}

/// A genuine notification may be hours late: by then the mailbox may be released.
#[tokio::test(start_paused = true)]
async fn a_late_notification_is_dropped_and_counted_whatever_its_kind() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.invite("ana", 2);
    world.graph.answer("ana", 1, Answer::Declined);
    world.forget_mailbox("ana").await;
    for name in ["event", "shows", "events_by_ical_uid", "calendar_view"] {
        world.graph.calls(name);
    }
    let kinds = [ChangeType::Created, ChangeType::Updated, ChangeType::Deleted];
    for (n, change) in kinds.into_iter().enumerate() {
        // One that is linked, and one that is not.
        world.hint("ana", 1, change).await;
        world.hint("ana", 2, change).await;
        assert_eq!(dropped(&world).await, 2 * (n as u64 + 1), "{change:?}");
    }
    world.pass(minutes(20)).await;
    let calls = ["event", "shows", "events_by_ical_uid", "calendar_view"].map(|name| world.graph.calls(name));
    assert_eq!(calls, [0; 4], "no calendar is read");
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Watched, 0));
    assert_eq!(world.find("ana", 2).await, None);
}

/// The directory does not name them any more; the subscription is not deleted yet.
#[tokio::test(start_paused = true)]
async fn who_is_about_to_be_released_is_not_read_and_who_stays_after_all_is_compared() {
    let world = World::new().await;
    world.watch().await;
    world.invited("ana", 1).await;
    let leaves = |row: Option<&MailboxRow>| Some(MailboxRow { leaving: true, ..row?.clone() });
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), leaves).await.unwrap();
    world.graph.calls("event");
    world.declined("ana", 1).await;
    assert_eq!((world.graph.calls("event"), dropped(&world).await), (0, 1));
    assert_eq!(world.state("ana", 1).await, State::Watched);

    // Named again: what was told meanwhile was not read.
    world.clock.advance(minutes(60));
    world.watch().await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
}

/// A look that was planned while the mailbox was watched.
#[tokio::test(start_paused = true)]
async fn a_planned_look_does_not_read_the_mailbox_of_somebody_who_was_released() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.forget_mailbox("ana").await;
    for name in ["event", "shows", "events_by_ical_uid"] {
        world.graph.calls(name);
    }
    world.pass(minutes(60)).await;
    let calls = ["event", "shows", "events_by_ical_uid"].map(|name| world.graph.calls(name));
    assert_eq!(calls, [0; 3]);
    assert_eq!(world.lms.cancelled("ana", 1), 0);
}

/// Nothing can be read of somebody who was released, and no organizer is readable: nobody need look every
/// hour, nor be alarmed.
#[tokio::test(start_paused = true)]
async fn whoever_was_released_is_looked_at_seldom_and_alarms_nobody() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.forget_mailbox("ana").await;
    let mut looks = 0;
    for _ in 0..94 * 60 {
        world.clock.advance(minutes(1));
        let wake = world.dispatch().await;
        looks += wake.changes.len();
        world.deliver(&wake).await;
    }
    assert!(looks <= 5, "{looks} looks in four days");
    let kinds = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(!kinds.iter().any(|alert| alert.kind == AlertKind::PartsUnknown), "{kinds:?}");
    housekeeping::housekeep(&world.app).await.unwrap();
    let kinds = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(!kinds.iter().any(|alert| alert.kind == AlertKind::PartsUnknown), "{kinds:?}");
}

/// A mailbox that Graph refuses may be mended: that is told, as long as it is one that should be watched.
#[tokio::test(start_paused = true)]
async fn whose_mailbox_refuses_us_is_still_somebody_to_be_told_of() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world
        .graph
        .set_failure("ana", Some(crate::graph::GraphError::Refused(crate::jobs::testing::graph::failure())));
    world.hint("ana", 1, ChangeType::Updated).await;
    world.pass(minutes(60 * 8)).await;
    let kinds = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(kinds.iter().any(|alert| alert.kind == AlertKind::PartsUnknown), "{kinds:?}");
}
