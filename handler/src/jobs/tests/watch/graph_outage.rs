//! Graph away as a whole: a gap like any other, noticed and closed.

use super::maintaining::{alerts, blind, live, row, watched};
use crate::calendar::event::Answer;
use crate::enrolment::policy::Mailboxes;
use crate::enrolment::transitions::State;
use crate::graph::GraphError;
use crate::jobs::testing::graph::{failure, unavailable};
use crate::jobs::testing::{World, minutes};
use crate::ledger::alerts::AlertKind::GraphAway;
use chrono::Duration;

/// Ana's and ben's mailboxes are watched, and have been for two hours; no organizer is readable.
async fn two() -> World {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Mailboxes::Users(vec!["ana@contoso.com".into(), "ben@contoso.com".into()]);
        tenant.watch.organizers.clear();
    })
    .await;
    world.watch().await;
    live(&world, Duration::hours(2)).await;
    world
}

#[tokio::test(start_paused = true)]
async fn what_happened_in_an_outage_of_graph_is_found_as_soon_as_it_is_over() {
    let world = two().await;
    // A week ahead, and nobody will be told of it.
    world.graph.invite("ana", 1);
    world.graph.answer("ana", 1, Answer::Declined);
    world.graph.down(Some(unavailable()));
    live(&world, minutes(60)).await;
    assert!(alerts(&world).await.contains(&GraphAway));
    assert!(world.find("ana", 1).await.is_none());

    world.graph.down(None);
    live(&world, minutes(10)).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    assert_eq!(blind(&world).await, 2, "one gap for each mailbox");
    assert!(!alerts(&world).await.contains(&GraphAway));
    world.graph.calls("calendar_view");
    live(&world, Duration::hours(3)).await;
    assert_eq!((blind(&world).await, world.graph.calls("calendar_view")), (2, 0), "compared once");
}

#[tokio::test(start_paused = true)]
async fn with_a_readable_organizer_an_outage_hides_nothing() {
    let world = watched(true).await;
    live(&world, Duration::hours(2)).await;
    world.graph.down(Some(unavailable()));
    live(&world, minutes(60)).await;
    world.graph.down(None);
    live(&world, minutes(5)).await;
    assert_eq!(blind(&world).await, 0);
    assert!(row(&world, "ana").await.unwrap().resync_wanted.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_hiccup_is_no_outage() {
    let world = two().await;
    for _ in 0..3 {
        world.graph.down(Some(unavailable()));
        live(&world, minutes(5)).await;
        world.graph.down(None);
        live(&world, minutes(10)).await;
    }
    assert_eq!((blind(&world).await, alerts(&world).await.contains(&GraphAway)), (0, false));
    assert!(row(&world, "ana").await.unwrap().resync_wanted.is_none());
}

#[tokio::test(start_paused = true)]
async fn one_mailbox_that_can_not_be_read_is_no_outage() {
    let world = two().await;
    world.graph.set_failure("ana", Some(unavailable()));
    live(&world, Duration::hours(2)).await;
    assert!(!alerts(&world).await.contains(&GraphAway));
    assert_eq!(blind(&world).await, 0);
}

/// It delivers what happens, and it is not its fault that we are not let in.
#[tokio::test(start_paused = true)]
async fn a_graph_that_refuses_is_no_outage() {
    for refused in [
        GraphError::Unauthorized(failure()),
        GraphError::Refused(failure()),
        GraphError::Throttled { failure: failure(), after: None },
    ] {
        let world = two().await;
        world.graph.down(Some(refused.clone()));
        live(&world, Duration::hours(2)).await;
        assert!(!alerts(&world).await.contains(&GraphAway), "{refused:?}");
        world.graph.down(None);
        live(&world, minutes(10)).await;
        assert_eq!(blind(&world).await, 0, "{refused:?}");
    }
}

/// Where calendars are compared all the time, nobody need try.
#[tokio::test(start_paused = true)]
async fn nobody_is_tried_while_comparisons_succeed() {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Mailboxes::Users(vec!["ana@contoso.com".into()]);
        tenant.watch.resync = minutes(5);
    })
    .await;
    world.watch().await;
    live(&world, Duration::hours(2)).await;
    assert_eq!(world.graph.calls("try"), 0);
    let world = two().await;
    assert!(
        (40..=2 * 24).contains(&world.graph.calls("try")),
        "twice a round, of which the first needs none"
    );
}
