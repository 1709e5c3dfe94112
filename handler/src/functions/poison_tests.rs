//! What can't be kept is not lost.

use super::*;
use crate::clock::SystemClock;
use crate::config::StorageAccount;
use crate::jobs::testing::World;
use crate::store::AzureTables;
use crate::store::azure_tables::{AzureOptions, Patience};
use serde_json::{Value, json};
use std::time::Duration;

async fn answered(app: Arc<AppContext>, kind: Kind, text: &str) -> Value {
    let body = json!({ "Data": { "message": json!(text).to_string() }, "Metadata": {} });
    let outputs =
        Poison { app, kind }.invoke(Invocation::new(kind.function(), body.to_string())).await.unwrap();
    let reply: Value = serde_json::from_slice(&outputs.to_json().unwrap()).unwrap();
    reply["Outputs"].clone()
}

/// A poison queue has no poison queue: the host would hand out the message so many times, and then to nobody
/// any more.
#[tokio::test]
async fn while_the_ledger_is_away_a_poisoned_message_goes_back_to_its_queue() {
    let mut world = World::new().await;
    let away = StorageAccount::from_connection_string(
        "AccountName=a;AccountKey=a2V5;TableEndpoint=http://127.0.0.1:1",
    );
    let none = Patience { first: Duration::ZERO, most: Duration::ZERO, whole: Duration::ZERO };
    let options = AzureOptions { patience: none, ..AzureOptions::default() };
    let tables = AzureTables::open_with(&away.unwrap(), Arc::new(SystemClock), options).unwrap();
    let there = std::mem::replace(&mut world.app.ledger.tables, Arc::new(tables));
    let app = Arc::new(world.app);
    let kinds = [
        (Kind::Changes, binding::CHANGES),
        (Kind::Mailboxes, binding::MAILBOXES),
        (Kind::Cancellations, binding::CANCELLATIONS),
        (Kind::Sessions, binding::SESSIONS),
    ];
    for (kind, origin) in kinds {
        assert_eq!(
            answered(Arc::clone(&app), kind, "{\"odd\": 1}").await,
            json!({ origin: ["{\"odd\": 1}"] })
        );
    }
    drop(there);
}

#[tokio::test]
async fn what_is_taken_care_of_goes_nowhere() {
    let app = Arc::new(World::new().await.app);
    for kind in [Kind::Changes, Kind::Mailboxes, Kind::Cancellations, Kind::Sessions] {
        assert_eq!(answered(Arc::clone(&app), kind, "{\"odd\": 1}").await, json!({}));
    }
}
