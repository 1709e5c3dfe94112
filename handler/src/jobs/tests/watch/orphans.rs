//! The list of our subscriptions is held against the ledger, every day.

use super::maintaining::{ana, blind, live, row, watched};
use crate::graph::GraphError;
use crate::ids::SubscriptionId;
use crate::jobs::operate::housekeeping::housekeep;
use crate::jobs::testing::graph::{failure, unavailable};
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use chrono::Duration;

const OURS: &str = "https://regrets.contoso.com/api/graph/notifications?deployment=d";

fn there(world: &World) -> Vec<String> {
    let state = world.graph.state.lock().unwrap();
    state.subscriptions.keys().map(|id| id.as_str().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn duplicates_and_strays_of_this_deployment_go_and_those_of_others_stay() {
    let world = watched(true).await;
    for (id, resource, url) in [
        ("double", "users/id-ana/events", OURS),
        ("shouted", "Users('ID-ANA')/Events", OURS),
        ("of-a-leaver", "users/id-gone/events", OURS),
        (
            "of-an-old-address",
            "users/id-ana/events",
            "https://old.contoso.com/api/graph/notifications?deployment=d",
        ),
        ("theirs", "users/id-ana/events", "https://regrets.contoso.com/api/graph/notifications?deployment=e"),
        ("unmarked", "users/id-ana/events", "https://regrets.contoso.com/api/graph/notifications"),
        ("misleading", "users/id-ana/events", "https://other.example.com/?x=deployment=d"),
        ("of-mail", "users/id-ana/messages", OURS),
    ] {
        world.graph.plant(id, resource, url);
    }
    housekeep(&world.app).await.unwrap();
    assert_eq!(there(&world), ["misleading", "of-mail", "sub-1", "theirs", "unmarked"]);
    assert_eq!(ana(&world).await.subscription, Some(SubscriptionId::new("sub-1")));
    live(&world, Duration::hours(1)).await;
    assert_eq!(
        there(&world),
        ["misleading", "of-mail", "sub-1", "theirs", "unmarked"],
        "nothing is made for it"
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_the_ledger_does_not_know_is_replaced() {
    let world = watched(true).await;
    // Made, and then the process was killed before it was written down; Graph's own word of it went astray,
    // too.
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |row| {
        let due = world.now() + Duration::days(1);
        Some(MailboxRow {
            subscription: None,
            expires: None,
            state: SubscriptionState::Wanted,
            due,
            ..row?.clone()
        })
    })
    .await
    .unwrap();
    housekeep(&world.app).await.unwrap();
    assert!(there(&world).is_empty());
    world.watch().await;
    let row = ana(&world).await;
    assert_eq!(
        (row.state, row.subscription),
        (SubscriptionState::Watched, Some(SubscriptionId::new("sub-2")))
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_is_not_listed_is_asked_about_before_it_counts_as_gone() {
    for is_gone in [false, true] {
        let world = watched(false).await;
        let before = ana(&world).await;
        world.clock.advance(minutes(30));
        let id = before.subscription.clone().unwrap();
        if is_gone {
            world.graph.forget(&id);
        } else {
            // The list leaves it out, for whatever reason.
            world.graph.state.lock().unwrap().pages.omits.insert(id);
        }
        housekeep(&world.app).await.unwrap();
        assert!(ana(&world).await.due <= world.now());
        live(&world, minutes(5)).await;
        let after = ana(&world).await;
        assert_eq!(after.subscription != before.subscription, is_gone);
        assert_eq!((after.state, blind(&world).await), (SubscriptionState::Watched, u64::from(is_gone)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_somebody_is_tending_is_left_alone() {
    let world = watched(true).await;
    world.graph.plant("about-to-be-written", "users/id-ana/events", OURS);
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |row| {
        Some(MailboxRow { subscription: None, leased_until: Some(world.now() + minutes(5)), ..row?.clone() })
    })
    .await
    .unwrap();
    housekeep(&world.app).await.unwrap();
    assert_eq!(there(&world), ["about-to-be-written", "sub-1"]);
}

#[tokio::test(start_paused = true)]
async fn tenants_of_one_directory_leave_one_anothers_alone() {
    let mut world = watched(true).await;
    world.neighbour("second", None).await;
    world.graph.plant("seconds", "users/id-ana/events", OURS);
    world.know(&"second".into(), "ana").await;
    mailboxes::update(&world.app.ledger, &"second".into(), &user("ana"), |row| {
        Some(MailboxRow { subscription: Some("seconds".into()), ..row?.clone() })
    })
    .await
    .unwrap();
    housekeep(&world.app).await.unwrap();
    assert_eq!(there(&world), ["seconds", "sub-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_graph_ends_the_round_and_spares_the_rest_of_the_housekeeping() {
    let world = watched(true).await;
    for n in 0..3 {
        world.graph.plant(&format!("stray-{n}"), "users/id-gone/events", OURS);
    }
    world.graph.state.lock().unwrap().deleting.push_back(unavailable());
    housekeep(&world.app).await.unwrap();
    assert_eq!(there(&world).len(), 4);
    world.graph.down(Some(unavailable()));
    world.clock.advance(Duration::days(1));
    housekeep(&world.app).await.unwrap();
    world.graph.down(None);
    world.clock.advance(Duration::days(1));
    housekeep(&world.app).await.unwrap();
    assert!(there(&world).iter().all(|id| id == "sub-1"), "{:?}", there(&world));
}

/// A ledger that was lost: whoever meets the first conflict lists all of them once, and clears the way for
/// everybody.
#[tokio::test(start_paused = true)]
async fn conflicts_of_many_mailboxes_cost_one_listing() {
    let world = World::new().await;
    world.watch().await;
    let before = world.graph.subscribed().len();
    for name in ["ana", "ben", "cem", "learning"] {
        world.forget_mailbox(name).await;
    }
    world.watch().await;
    assert_eq!((world.graph.calls("subscriptions"), world.graph.subscribed().len()), (1, before));
    for name in ["ana", "ben", "cem"] {
        let subscription = row(&world, name).await.unwrap().subscription.unwrap();
        assert!(world.graph.subscribed().contains(&subscription), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn at_its_quota_a_mailbox_is_rid_of_our_own_strays_and_then_a_person_is_asked() {
    for (planted, state) in [(true, SubscriptionState::Watched), (false, SubscriptionState::Failing)] {
        let world = World::with(|tenant| {
            tenant.watch.mailboxes =
                crate::enrolment::policy::Mailboxes::Users(vec!["ana@contoso.com".into()]);
        })
        .await;
        if planted {
            world.graph.plant("stray", "users/id-ana/events", "https://old.contoso.com/?deployment=d");
        }
        world.graph.state.lock().unwrap().creating.push_back(GraphError::Quota(failure()));
        world.watch().await;
        assert_eq!(ana(&world).await.state, state);
        assert!(!there(&world).contains(&"stray".to_owned()));
    }
}
