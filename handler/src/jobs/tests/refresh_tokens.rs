//! Connections whose LMS replaces refresh tokens, on the ledger: two instances, and one that is killed. The
//! LMS takes a token that was sent before for theft, and then takes none any more.

use crate::enrolment::lms_answer::Place;
use crate::graph::client_state::StateKeys;
use crate::jobs::refresh_tokens::{LABEL, LedgerTokenStore};
use crate::jobs::testing::World;
use crate::jobs::testing::tables::Death;
use crate::ledger::Ledger;
use crate::lms::engine::auth::testing::{RotatingLms, place};
use crate::lms::engine::auth::token_store::TokenStore;
use crate::lms::engine::connector::Engine;
use crate::store::Table;
use std::sync::Arc;

/// For other stores than memory, too.
pub(super) const ALL: &[fn()] = &[
    two_instances_at_once_never_send_the_same_token,
    killed_before_the_write_the_old_token_is_sent_and_after_it_the_new_one,
    each_tenant_has_a_token_of_its_own,
];

const KEYS: &str = "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=";

fn store(ledger: &Ledger) -> Arc<dyn TokenStore> {
    let keys = StateKeys::parse(KEYS).unwrap().sealing_keys(LABEL).unwrap();
    Arc::new(LedgerTokenStore { ledger: ledger.clone(), keys })
}

/// A new instance's connection.
fn connection(world: &World, lms: &RotatingLms) -> Engine {
    lms.connection("contoso", "r0", store(&world.app.ledger))
}

#[tokio::test(flavor = "current_thread")]
async fn two_instances_at_once_never_send_the_same_token() {
    let (world, lms) = (World::new().await, RotatingLms::start().await);
    let (one, other) = (connection(&world, &lms), connection(&world, &lms));
    let both = futures::join!(place(&one), place(&other));
    assert_eq!(both, (Place::Given, Place::Given));
    assert_eq!(place(&connection(&world, &lms)).await, Place::Given);
    assert_eq!(lms.sent(), ["r0", "r1", "r2"]);
    let rows = world.tables.dump(Table::Connections);
    assert!(rows.iter().all(|row| !format!("{row:?}").contains("\"r3\"")), "sealed");
}

#[tokio::test(flavor = "current_thread")]
async fn killed_before_the_write_the_old_token_is_sent_and_after_it_the_new_one() {
    for (death, sent) in
        [(Death::Before(1), ["r0", "r0"]), (Death::After(1), ["r0", "r1"]), (Death::After(0), ["r0", ""])]
    {
        let (mut world, lms) = (World::new().await, RotatingLms::start().await);
        lms.be_lenient();
        let killed = world.tables.killed(death, place(&connection(&world, &lms))).await;
        assert!(killed.is_none(), "{death:?} is no kill");
        world.restart().await;
        // Whose turn it was is dead.
        world.clock.advance(chrono::Duration::seconds(31));
        assert_eq!(place(&connection(&world, &lms)).await, Place::Given, "{death:?}");
        let sent: Vec<&str> = sent.into_iter().filter(|token| !token.is_empty()).collect();
        assert_eq!(lms.sent(), sent, "{death:?}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn each_tenant_has_a_token_of_its_own() {
    let world = World::new().await;
    let (one, other) = (RotatingLms::start().await, RotatingLms::start().await);
    for _ in 0..2 {
        for (lms, tenant) in [(&one, "contoso"), (&other, "fabrikam")] {
            let engine = lms.connection(tenant, "r0", store(&world.app.ledger));
            assert_eq!(place(&engine).await, Place::Given);
        }
    }
    assert_eq!((one.sent(), other.sent()), (vec!["r0".into(), "r1".into()], vec!["r0".into(), "r1".into()]));
}
