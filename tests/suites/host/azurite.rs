//! The whole thing on real queues and real tables. `REGRETS_TEST_STORAGE=azurite` runs every other suite so,
//! too.

use crate::stage;
use regrets::clock::SystemClock;
use regrets::config::StorageAccount;
use regrets::store::AzureTables;
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
    let row =
        stage.enrolments().await.unwrap().into_iter().find(|row| row["id"] == id("4711", "ana").as_str());
    assert!(row.is_some());
}

/// What Bicep makes beforehand, `infra/verify` looks for and SECURITY.md tells of is what stands in the
/// account of a handler that has done its work: no table more, none less.
#[tokio::test(flavor = "multi_thread")]
async fn the_account_of_a_running_handler_has_the_tables_that_templates_and_documents_name() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let account = StorageAccount::from_connection_string(&azurite.connection_string()).unwrap();
    let tables = AzureTables::open(&account, Arc::new(SystemClock)).unwrap();
    assert!(tables.names().await.unwrap().is_empty(), "a new account");
    let mut setup = setup(&["ana"]);
    setup.storage = Some(Storage::Azurite(Arc::new(azurite)));
    let stage = stage(setup, |world| invite(world, "4711", &["ana"])).await;
    known(&stage, 1).await;
    decline(stage.simulator.world(), "ana", "4711");
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;

    let mut there = tables.names().await.unwrap();
    there.sort_unstable();
    let named: serde_json::Value = serde_json::from_str(include_str!("../../../infra/names.json")).unwrap();
    let mut named: Vec<&str> =
        named["tables"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(there, named);
}
