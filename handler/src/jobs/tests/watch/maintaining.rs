//! reference/rules.md#watching: who is watched, and that the watching never lapses unseen.

use crate::enrolment::policy::Mailboxes as Wanted;
use crate::graph::GraphError;
use crate::ids::SubscriptionId;
use crate::jobs::testing::graph::{failure, unavailable};
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::jobs::watch::{maintain, plan};
use crate::ledger::alerts::AlertKind;
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::messages::{MailboxTask, Mailboxes, TaskKind};
use chrono::Duration;
use std::sync::atomic::Ordering;

/// Ana's mailbox is to be watched; a readable organizer, or none.
async fn wanted(organizers: bool) -> World {
    World::with(|tenant| {
        tenant.watch.mailboxes = Wanted::Users(vec!["ana@contoso.com".into()]);
        if !organizers {
            tenant.watch.organizers.clear();
        }
    })
    .await
}

/// Ana's mailbox is watched.
pub(crate) async fn watched(organizers: bool) -> World {
    let world = wanted(organizers).await;
    world.watch().await;
    world
}

/// Ana's mailbox is watched, since noon; there was an invitation in it already, to a session four days later.
pub(crate) async fn invited(organizers: bool) -> World {
    let world = wanted(organizers).await;
    world.graph.invite("ana", 1);
    world.watch().await;
    world
}

pub(crate) async fn row(world: &World, name: &str) -> Option<MailboxRow> {
    mailboxes::load(&world.app.ledger, &contoso(), &user(name)).await.unwrap()
}

pub(crate) async fn ana(world: &World) -> MailboxRow {
    row(world, "ana").await.unwrap()
}

pub(crate) async fn tell(world: &World, kind: TaskKind, subscription: Option<&str>) {
    let task =
        MailboxTask { mailbox: user("ana"), kind, subscription: subscription.map(SubscriptionId::new) };
    let message = Mailboxes::of(contoso(), vec![task]);
    let hints = maintain::maintain(&world.app, &message).await.unwrap().hints;
    world.observe(&hints).await;
}

/// Days of planning rounds, every five minutes.
pub(crate) async fn live(world: &World, time: Duration) {
    let end = world.now() + time;
    while world.now() < end {
        world.clock.advance(minutes(5));
        world.watch().await;
    }
}

/// Ana's mailbox is the only one that is wanted.
async fn of_ana() -> World {
    World::with(|tenant| tenant.watch.mailboxes = Wanted::Users(vec!["ana@contoso.com".into()])).await
}

pub(crate) async fn blind(world: &World) -> u64 {
    crate::jobs::operate::status::tenant(&world.app, &contoso()).await.unwrap().blind
}

pub(crate) async fn alerts(world: &World) -> Vec<AlertKind> {
    let open = crate::ledger::alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| alert.kind).collect()
}

#[tokio::test(start_paused = true)]
async fn joiners_are_watched_and_leavers_released() {
    let group = "group".to_owned();
    let world = World::with(|tenant| tenant.watch.mailboxes = Wanted::Group("group".into())).await;
    world.graph.state.lock().unwrap().groups.insert(group.clone(), vec![user("ana")]);
    world.watch().await;
    assert_eq!((ana(&world).await.state, world.graph.subscribed().len()), (SubscriptionState::Watched, 1));

    world.graph.state.lock().unwrap().groups.insert(group.clone(), vec![user("ana"), user("ben")]);
    live(&world, minutes(5)).await;
    assert_eq!(world.graph.subscribed().len(), 2);

    world.graph.state.lock().unwrap().groups.insert(group, vec![user("ben")]);
    live(&world, minutes(5)).await;
    assert_eq!(row(&world, "ana").await, None);
    assert_eq!(world.graph.subscribed().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_is_released_on_a_directory_error() {
    let world = World::with(|tenant| tenant.watch.mailboxes = Wanted::Group("group".into())).await;
    world.graph.state.lock().unwrap().groups.insert("group".into(), vec![user("ana")]);
    world.watch().await;
    for failure in [unavailable(), GraphError::NotFound(failure()), GraphError::Refused(failure())] {
        world.graph.state.lock().unwrap().directory = Some(failure);
        live(&world, minutes(30)).await;
        assert_eq!(
            (ana(&world).await.state, world.graph.subscribed().len()),
            (SubscriptionState::Watched, 1)
        );
        assert_eq!(alerts(&world).await, ["directory"]);
    }
    world.graph.state.lock().unwrap().directory = None;
    live(&world, minutes(5)).await;
    assert!(alerts(&world).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_release_that_fails_is_tried_again_and_what_is_gone_stays_gone() {
    let world = World::with(|tenant| tenant.watch.mailboxes = Wanted::Group("group".into())).await;
    world.graph.state.lock().unwrap().groups.insert("group".into(), vec![user("ana")]);
    world.watch().await;
    world.graph.state.lock().unwrap().groups.insert("group".into(), Vec::new());
    world.graph.state.lock().unwrap().deleting.extend([unavailable(), unavailable()]);
    live(&world, minutes(10)).await;
    assert!(row(&world, "ana").await.is_some());
    live(&world, minutes(5)).await;
    assert_eq!((row(&world, "ana").await, world.graph.subscribed().len()), (None, 0));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_is_renewed_about_half_way_through_its_life_and_never_lapses() {
    let world = watched(false).await;
    let first = ana(&world).await;
    let life = first.expires.unwrap() - world.now();
    let due = first.due - world.now();
    assert!(due >= life * 4 / 10 && due <= life / 2, "{due} of {life}");
    world.graph.calls("create_subscription");
    for _ in 0..20 {
        live(&world, Duration::hours(12)).await;
        assert_eq!(world.graph.subscribed().len(), 1);
    }
    assert_eq!(world.graph.calls("create_subscription"), 0);
    let renewals = world.graph.calls("renew_subscription");
    assert!((6..=9).contains(&renewals), "{renewals} in ten days");
    assert_eq!((ana(&world).await.subscription, blind(&world).await), (first.subscription, 0));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_for_another_key_or_address_is_replaced_at_its_renewal_without_a_gap() {
    for change in ["key", "url"] {
        let world = watched(false).await;
        let old = ana(&world).await.subscription;
        match change {
            "key" => *world.subscriber.key.lock().unwrap() = "k2".into(),
            _ => {
                *world.subscriber.url.lock().unwrap() =
                    "https://new.contoso.com/api/graph/notifications".into()
            }
        }
        live(&world, Duration::hours(36)).await;
        let row = ana(&world).await;
        assert_ne!(row.subscription, old, "{change}");
        assert_eq!(world.graph.subscribed(), [row.subscription.unwrap()], "{change}");
        assert_eq!(blind(&world).await, 0, "{change}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_vanished_is_made_anew_the_calendar_compared_and_one_gap_counted() {
    for organizers in [true, false] {
        let world = watched(organizers).await;
        world.graph.forget(&ana(&world).await.subscription.unwrap());
        // Graph does not take the new one at once.
        world.graph.state.lock().unwrap().creating.extend([unavailable(), unavailable(), unavailable()]);
        let before = ana(&world).await.resynced_at;
        live(&world, Duration::hours(40)).await;
        let row = ana(&world).await;
        assert_eq!((row.state, world.graph.subscribed().len()), (SubscriptionState::Watched, 1));
        assert!(row.resynced_at > before);
        assert_eq!(blind(&world).await, u64::from(!organizers), "organizers readable: {organizers}");
        assert_eq!(alerts(&world).await, if organizers { vec![] } else { vec![AlertKind::Blind] });
    }
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_lapsed_is_one_gap_however_often_graph_fails_afterwards() {
    let world = watched(false).await;
    world.graph.down(Some(unavailable()));
    live(&world, Duration::days(5)).await;
    assert_eq!(world.graph.subscribed().len(), 0, "it lapsed");
    world.graph.down(None);
    live(&world, Duration::hours(2)).await;
    assert_eq!((world.graph.subscribed().len(), blind(&world).await), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_still_counted_when_its_mailbox_is_released() {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Wanted::Group("group".into());
        tenant.watch.organizers.clear();
    })
    .await;
    world.graph.state.lock().unwrap().groups.insert("group".into(), vec![user("ana")]);
    world.watch().await;
    tell(&world, TaskKind::Removed, Some("sub-1")).await;
    world.graph.state.lock().unwrap().groups.insert("group".into(), Vec::new());
    live(&world, minutes(10)).await;
    assert_eq!((row(&world, "ana").await, blind(&world).await), (None, 1));
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_the_same_lifecycle_event_does_its_work_once() {
    let world = watched(false).await;
    world.clock.advance(minutes(60));
    for _ in 0..5 {
        tell(&world, TaskKind::Reauthorize, Some("sub-1")).await;
    }
    assert_eq!(world.graph.calls("renew_subscription"), 1);

    world.graph.calls("create_subscription");
    world.graph.forget(&SubscriptionId::new("sub-1"));
    for _ in 0..5 {
        tell(&world, TaskKind::Removed, Some("sub-1")).await;
    }
    assert_eq!(world.graph.calls("create_subscription"), 1);
    assert_eq!(blind(&world).await, 1);
    tell(&world, TaskKind::Removed, Some("sub-0")).await;
    assert_eq!(world.graph.calls("create_subscription"), 0, "of another subscription: settled already");
}

#[tokio::test(start_paused = true)]
async fn what_a_pause_before_a_renewal_swallowed_is_looked_for() {
    let world = watched(false).await;
    world.clock.advance(minutes(60));
    world.graph.calls("calendar_view");
    tell(&world, TaskKind::Reauthorize, Some("sub-1")).await;
    assert_eq!((world.graph.calls("renew_subscription"), world.graph.calls("calendar_view")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_new_subscription_has_its_calendar_compared_however_long_graph_took_to_make_it() {
    let world = of_ana().await;
    world.graph.invite("ana", 1);
    world.graph.state.lock().unwrap().slow = 20;
    world.watch().await;
    assert!(world.find("ana", 1).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn missed_changes_are_one_gap_until_the_calendar_is_compared() {
    let world = watched(false).await;
    world.graph.set_failure("ana", Some(unavailable()));
    for _ in 0..3 {
        tell(&world, TaskKind::Resync, Some("sub-1")).await;
    }
    assert_eq!(blind(&world).await, 1);
    world.graph.set_failure("ana", None);
    live(&world, minutes(10)).await;
    assert_eq!(ana(&world).await.resync_wanted, None);
    world.clock.advance(minutes(1));
    tell(&world, TaskKind::Resync, Some("sub-1")).await;
    assert_eq!(blind(&world).await, 2);
}

#[tokio::test(start_paused = true)]
async fn the_services_longest_life_is_learned() {
    let world = of_ana().await;
    world.graph.state.lock().unwrap().life = Some(1_000);
    world.watch().await;
    assert_eq!(ana(&world).await.expires, Some(world.now() + minutes(990)));
    assert_eq!(world.graph.calls("create_subscription"), 2);
    live(&world, minutes(600)).await;
    assert_eq!(world.graph.calls("renew_subscription"), 1, "asked for no more than it learned");
}

/// No word of it, only an earlier end in the answer.
#[tokio::test(start_paused = true)]
async fn a_shorter_life_than_was_asked_for_is_what_counts() {
    let world = of_ana().await;
    world.graph.state.lock().unwrap().grants = Some(300);
    world.watch().await;
    assert_eq!(ana(&world).await.expires, Some(world.now() + minutes(300)));
    live(&world, Duration::hours(24)).await;
    let renewals = world.graph.calls("renew_subscription");
    assert!((9..=12).contains(&renewals), "{renewals} in a day, of five hours each");
    assert_eq!((world.graph.calls("create_subscription"), blind(&world).await), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn what_comes_right_after_a_renewal_is_heeded_once_and_not_before_it_may() {
    let world = watched(false).await;
    world.clock.advance(minutes(60));
    tell(&world, TaskKind::Reauthorize, Some("sub-1")).await;
    world.graph.calls("renew_subscription");
    world.graph.calls("calendar_view");
    world.clock.advance(minutes(3));
    for _ in 0..5 {
        tell(&world, TaskKind::Reauthorize, Some("sub-1")).await;
    }
    assert_eq!(world.graph.calls("renew_subscription"), 0, "not both within ten minutes");
    live(&world, Duration::hours(12)).await;
    assert_eq!((world.graph.calls("renew_subscription"), world.graph.calls("calendar_view")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_a_subscription_that_was_replaced_is_settled() {
    let world = watched(false).await;
    world.clock.advance(minutes(60));
    let before = ana(&world).await;
    for kind in [TaskKind::Reauthorize, TaskKind::Removed] {
        tell(&world, kind, Some("sub-0")).await;
    }
    assert_eq!(ana(&world).await, before);
    for kind in [TaskKind::Reauthorize, TaskKind::Removed, TaskKind::Resync] {
        let task = MailboxTask { mailbox: user("nobody"), kind, subscription: None };
        let message = Mailboxes::of(contoso(), vec![task]);
        assert!(maintain::maintain(&world.app, &message).await.unwrap().hints.is_empty());
        assert_eq!(row(&world, "nobody").await, None, "of a mailbox that is not watched");
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_missed_compares_the_calendar_once() {
    let world = watched(true).await;
    world.clock.advance(minutes(1));
    world.graph.calls("calendar_view");
    let task = MailboxTask { mailbox: user("ana"), kind: TaskKind::Resync, subscription: None };
    let message = Mailboxes::of(contoso(), vec![task]);
    world.graph.yields.store(true, Ordering::SeqCst);
    // Two workers have it in hand at once.
    let (one, other) =
        futures::join!(maintain::maintain(&world.app, &message), maintain::maintain(&world.app, &message));
    let hints = [one.unwrap().hints, other.unwrap().hints].concat();
    assert_eq!(world.graph.calls("calendar_view"), 1);
    world.observe(&hints).await;
    assert_eq!(ana(&world).await.resync_wanted, None);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_of_ours_that_the_ledger_does_not_know_is_replaced() {
    let world = watched(true).await;
    world.forget_mailbox("ana").await;
    world.watch().await;
    let row = ana(&world).await;
    assert_eq!(world.graph.subscribed(), [row.subscription.unwrap()]);
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_is_missing_or_refused_is_tried_once_a_day_and_holds_up_no_other() {
    for (failure, state) in [
        (GraphError::NoMailbox(failure()), SubscriptionState::NoMailbox),
        (GraphError::Refused(failure()), SubscriptionState::Refused),
    ] {
        let world = World::with(|tenant| {
            tenant.watch.mailboxes = Wanted::Users(vec!["ana@contoso.com".into(), "ben@contoso.com".into()])
        })
        .await;
        world.graph.set_failure("ana", Some(failure));
        live(&world, Duration::hours(71)).await;
        assert_eq!(ana(&world).await.state, state);
        assert_eq!(row(&world, "ben").await.unwrap().state, SubscriptionState::Watched);
        // Ben's once, Ana's at once and after a day and two.
        assert_eq!(world.graph.calls("create_subscription"), 4, "{state:?}");
        world.graph.set_failure("ana", None);
        live(&world, Duration::hours(24)).await;
        assert_eq!(ana(&world).await.state, SubscriptionState::Watched);
    }
}

#[tokio::test(start_paused = true)]
async fn guests_and_disabled_accounts_are_not_watched() {
    let world = World::new().await;
    {
        let mut state = world.graph.state.lock().unwrap();
        state.users.get_mut(&user("ana")).unwrap().is_guest = true;
        state.users.get_mut(&user("ben")).unwrap().account_enabled = false;
    }
    world.watch().await;
    assert_eq!((row(&world, "ana").await, row(&world, "ben").await), (None, None));
    assert!(row(&world, "cem").await.is_some());
}

/// A worker whose Graph is slower than its lease: by the time it comes back somebody else has made a
/// subscription.
#[tokio::test(start_paused = true)]
async fn a_worker_who_lost_the_lease_leaves_the_others_subscription_alone() {
    let world = of_ana().await;
    let messages = plan::plan(&world.app, None).await.unwrap();
    world.graph.yields.store(true, Ordering::SeqCst);
    world.graph.state.lock().unwrap().slow = 600;
    let slow = async { maintain::maintain(&world.app, &messages[0]).await.unwrap() };
    let quick = async {
        while !world.graph.state.lock().unwrap().calls.contains_key("create_subscription") {
            tokio::task::yield_now().await;
        }
        world.graph.state.lock().unwrap().slow = 0;
        maintain::maintain(&world.app, &messages[0]).await.unwrap()
    };
    futures::join!(slow, quick);
    let row = ana(&world).await;
    assert_eq!(world.graph.subscribed(), [row.subscription.unwrap()]);
    assert_eq!(row.leased_until, None);
}

/// Graph takes the renewal, then removes the subscription and says so, and only then the renewal is written
/// down.
#[tokio::test(start_paused = true)]
async fn a_removal_that_overtakes_a_renewal_is_not_forgotten() {
    let world = watched(true).await;
    world.clock.advance(Duration::hours(36));
    let messages = plan::plan(&world.app, None).await.unwrap();
    world.tables.stall_after(crate::store::Table::Mailboxes, 1, 100);
    let renewal = async { maintain::maintain(&world.app, &messages[0]).await.unwrap() };
    let removal = async {
        while !world.graph.state.lock().unwrap().calls.contains_key("renew_subscription") {
            tokio::task::yield_now().await;
        }
        world.graph.forget(&SubscriptionId::new("sub-1"));
        tell(&world, TaskKind::Removed, Some("sub-1")).await;
    };
    futures::join!(renewal, removal);
    live(&world, minutes(10)).await;
    assert_eq!(world.graph.subscribed(), [ana(&world).await.subscription.unwrap()]);
}
