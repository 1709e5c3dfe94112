//! The ledger in Azure Tables: the binary learns of it by its app settings alone, as on Azure.

use crate::stage;
use simulator::azurite::Azurite;
use suites::{becomes, decline, drained, invite, known, setup, story};

#[tokio::test(flavor = "multi_thread")]
async fn declines_are_cancelled_once_with_the_ledger_in_azure_tables() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    let names = ["ana", "ben"];
    let mut setup = setup(&names);
    // Empty, so that the local host doesn't choose a file for us.
    setup.env = vec![
        ("REGRETS_STORE", Some(String::new())),
        ("AzureWebJobsStorage", Some(azurite.connection_string())),
        // What the client library says at this level must not reach the log.
        ("RUST_LOG", Some("debug,azure_core=trace".to_owned())),
    ];
    let mut stage = stage(setup, |world| invite(world, "4711", &names)).await;
    known(&stage, 2).await;
    decline(stage.simulator.world(), "ana", "4711");
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;

    stage.restart().await.unwrap();
    decline(stage.simulator.world(), "ben", "4711");
    becomes(&stage, "4711", "ben", "done declined/organizer-copy done; gone, 1 effects").await;
    becomes(&stage, "4711", "ana", "done declined/organizer-copy done; gone, 1 effects").await;
    assert!(story(&stage, "4711", "ana").await.len() > 1, "the activity is in the tables too");
    drained(&stage).await;

    assert!(!stage.root.join(".regrets/ledger.db").exists(), "there is a file beside the tables");
    let log = stage.log().join("\n");
    assert!(log.contains("\"level\":\"DEBUG\""), "the log says little");
    assert!(!log.contains("SharedKey"), "the log shows what was signed");
}
