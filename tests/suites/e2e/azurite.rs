//! The whole thing on real queues and real tables. `REGRETS_TEST_STORAGE=azurite` runs every other suite so, too.

use crate::stage;
use simulator::azurite::Azurite;
use simulator::stage::Storage;
use std::sync::Arc;
use suites::{becomes, decline, drained, id, invite, known, setup, watched};

#[tokio::test(flavor = "multi_thread")]
async fn a_decline_on_azurite_cancels_the_place_and_nobody_elses() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let names = ["ana", "bo"];
    let mut setup = setup(&names);
    setup.storage = Some(Storage::Azurite(Arc::new(azurite)));
    let stage = stage(setup, |world| invite(world, "4711", &names)).await;
    watched(&stage, names.len()).await;
    known(&stage, names.len()).await;
    decline(stage.simulator.world(), "ana", "4711");
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;
    becomes(&stage, "4711", "bo", "watched unanswered/learner-copy -; has place, 0 effects").await;
    drained(&stage).await;
    let files: Vec<_> =
        std::fs::read_dir(stage.root.join(".regrets")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(files.iter().all(|name| !name.to_string_lossy().starts_with("ledger")), "{files:?}");
    let row = stage.enrolments().await.unwrap().into_iter().find(|row| row["id"] == id("4711", "ana").as_str());
    assert!(row.is_some());
}
