use super::*;
use crate::jobs::testing::World;
use std::sync::atomic::Ordering;

#[tokio::test(start_paused = true)]
async fn the_key_is_what_was_written_first() {
    let world = World::new().await;
    let ledger = &world.app.ledger;
    let key = hash_key(ledger, "mine").await.unwrap();
    assert_ne!(key, "mine", "the deployment had one");
    world.tables.wipe(Table::Connections);
    assert_eq!(hash_key(ledger, "first").await.unwrap(), "first");
    assert_eq!(hash_key(ledger, "second").await.unwrap(), "first");
}

/// By a key that is not stored nobody would recognise an address ever again.
#[tokio::test(start_paused = true)]
async fn a_key_that_can_not_be_read_again_is_none() {
    let world = World::new().await;
    world.tables.wipe(Table::Connections);
    world.tables.forgets.store(true, Ordering::SeqCst);
    let key = hash_key(&world.app.ledger, "mine").await;
    assert!(matches!(key, Err(StoreError::Unavailable(_))), "{key:?}");
}
