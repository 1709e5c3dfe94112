//! Passes into the ledger: what is believed, what is asked, and what waits for a person.

use super::play::*;
use crate::ids::SessionId;
use crate::jobs::publish::merge_sessions::{self, Merged};
use crate::jobs::publish::vanish::{self, What};
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts;
use crate::ledger::source_sessions;
use crate::publishing::testing::session;
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Quarantined;
use crate::sessions::session::Session;
use crate::sessions::vanish_brake::{VanishLimits, Vanished};
use std::ops::Range;

fn some(ids: Range<u32>) -> Vec<Session> {
    let one = |id: u32| Session {
        id: SessionId::new(id.to_string()),
        title: format!("Course {}", id % 1_000),
        ..session(10)
    };
    ids.map(one).collect()
}

async fn gone(world: &World) -> usize {
    let all = source_sessions::all(&world.app.ledger, &contoso()).await.unwrap();
    all.iter().filter(|row| row.value.gone.is_some()).count()
}

#[tokio::test(start_paused = true)]
async fn a_missing_session_is_gone_only_by_a_single_read() {
    let world = World::new().await;
    for (says, expected) in [(SingleRead::Unknown, 0), (SingleRead::There, 0), (SingleRead::Gone, 1)] {
        let source = FakeSource::saying(says);
        merge_sessions(&world, &source, &sessions(&some(0..2))).await;
        let merged = merge_sessions(&world, &source, &sessions(&some(0..1))).await;
        assert_eq!((merged.gone, source.asked.lock().unwrap().as_slice()), (expected, &["1".to_owned()][..]));
    }
    assert_eq!(gone(&world).await, 1);
    // It is there again.
    let merged = merge_sessions(&world, &FakeSource::silent(), &sessions(&some(0..2))).await;
    assert_eq!(merged.changed.len(), 1);
    assert_eq!(gone(&world).await, 0);
}

/// Where the LMS has no single read, two complete passes; and one that is merged twice is one.
#[tokio::test(start_paused = true)]
async fn the_same_pass_counts_once() {
    let world = World::new().await;
    let source = FakeSource::silent();
    merge_sessions(&world, &source, &sessions(&some(0..2))).await;
    let pass = sessions(&some(0..1));
    world.clock.advance(minutes(1));
    let began = world.now();
    for _ in 0..3 {
        let limits = VanishLimits::default();
        let tenant = contoso();
        let merged = merge_sessions::merge(&world.app, &tenant, &source, &pass, began, limits).await;
        assert_eq!(merged.unwrap().gone, 0);
    }
    assert_eq!(merge_sessions(&world, &source, &pass).await.gone, 1);
}

#[tokio::test(start_paused = true)]
async fn an_older_reading_changes_nothing() {
    let world = World::new().await;
    let source = FakeSource::saying(SingleRead::Gone);
    let old = world.now();
    merge_sessions(&world, &source, &sessions(&some(0..2))).await;
    let limits = VanishLimits::default();
    let mut renamed = some(0..1);
    renamed[0].title = "Of old".into();
    let pass = sessions(&renamed);
    let merged = merge_sessions::merge(&world.app, &contoso(), &source, &pass, old, limits).await.unwrap();
    assert_eq!(merged, Merged::default());
}

#[tokio::test(start_paused = true)]
async fn what_can_not_be_understood_is_not_missing() {
    let world = World::new().await;
    let source = FakeSource::saying(SingleRead::Gone);
    merge_sessions(&world, &source, &sessions(&some(0..2))).await;
    let mut pass = sessions(&some(0..1));
    pass.quarantine(Quarantined { id: Some("1".into()), at: "3".into(), problem: "no title".into() });
    assert_eq!(merge_sessions(&world, &source, &pass).await.gone, 0);
    assert!(source.asked.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn more_than_may_be_believed_waits_for_a_person() {
    let world = World::new().await;
    let ledger = &world.app.ledger;
    let source = FakeSource::saying(SingleRead::Gone);
    merge_sessions(&world, &source, &sessions(&some(0..20))).await;
    let open = || async {
        let open = alerts::open(ledger, &contoso()).await.unwrap();
        open.into_iter().map(|alert| (alert.kind.to_string(), alert.count)).collect::<Vec<_>>()
    };
    let half = sessions(&some(0..10));
    for _ in 0..2 {
        let merged = merge_sessions(&world, &source, &half).await;
        assert_eq!((merged.gone, merged.held_back), (0, Some(Vanished::TooMany { missing: 10, known: 20 })));
    }
    assert!(source.asked.lock().unwrap().is_empty());
    assert_eq!(open().await, [("source-vanished".to_owned(), 10)]);
    assert!(vanish::confirm(ledger, &contoso(), What::Sessions, "olga").await.unwrap());
    // More than the person was told of.
    let merged = merge_sessions(&world, &source, &sessions(&some(0..9))).await;
    assert_eq!(merged.gone, 0);
    assert!(vanish::confirm(ledger, &contoso(), What::Sessions, "olga").await.unwrap());
    assert_eq!(merge_sessions(&world, &source, &sessions(&some(0..9))).await.gone, 11);
    merge_sessions(&world, &source, &sessions(&some(0..9))).await;
    assert!(open().await.is_empty());
    assert!(!vanish::confirm(ledger, &contoso(), What::Sessions, "olga").await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_persons_word_holds_for_a_day() {
    let world = World::new().await;
    let source = FakeSource::saying(SingleRead::Gone);
    merge_sessions(&world, &source, &sessions(&some(0..20))).await;
    merge_sessions(&world, &source, &sessions(&[])).await;
    vanish::confirm(&world.app.ledger, &contoso(), What::Sessions, "olga").await.unwrap();
    world.clock.advance(minutes(24 * 60));
    assert_eq!(merge_sessions(&world, &source, &sessions(&[])).await.gone, 0);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_names_all_anew_is_not_believed() {
    let world = World::new().await;
    let source = FakeSource::saying(SingleRead::Gone);
    merge_sessions(&world, &source, &sessions(&some(0..10))).await;
    let merged = merge_sessions(&world, &source, &sessions(&some(1_000..1_010))).await;
    assert_eq!((merged.gone, merged.held_back), (0, Some(Vanished::NamedAnew { pairs: 10 })));
}

/// A record that is missing is asked for; one that is another's by now is not.
#[tokio::test(start_paused = true)]
async fn a_missing_record_ends_and_a_moved_one_has_left() {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
    run(&world).await;
    world.graph.mails();
    let source = FakeSource::saying(SingleRead::Gone);
    // Ana's record goes, and Ben's is given to Cem.
    let mut given = held("ben");
    given.person = held("cem").person;
    let merged = merge_places(&world, &source, &records(&[given, held("cem")])).await;
    assert_eq!((merged.gone, merged.changed.len()), (2, 1));
    assert_eq!(source.asked.lock().unwrap().as_slice(), ["r-ana"]);
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled"), to("ben", "cancelled")]);
}

/// Where the LMS has no single read: two passes that miss it count when nothing has shown it between them.
#[tokio::test(start_paused = true)]
async fn a_place_that_is_shown_between_two_passes_that_miss_it_is_not_gone() {
    let world = World::new().await;
    let (source, both) = (FakeSource::silent(), records(&[held("ana"), held("ben")]));
    let without_ben = records(&[held("ana")]);
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    for _ in 0..3 {
        assert_eq!(merge_places(&world, &source, &without_ben).await, Merged::default());
        assert_eq!(merge_places(&world, &source, &both).await, Merged::default());
    }
    assert_eq!(merge_places(&world, &source, &without_ben).await.gone, 0);
    assert_eq!(merge_places(&world, &source, &without_ben).await.gone, 1);
}
