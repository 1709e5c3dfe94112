//! The doctor among the use cases: queues that are missing, refused, poisoned; what a kill leaves behind; the
//! daily look.

use crate::graph::{Failure, GraphError};
use crate::jobs::operate::doctor::check::{CheckId, Fix, Verdict};
use crate::jobs::operate::doctor::report::{Diagnosis, Finding};
use crate::jobs::operate::doctor::{self, mend};
use crate::jobs::operate::housekeeping::{hourly, housekeep};
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::jobs::surroundings::{SeenFrom, Surroundings};
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::{World, contoso};
use crate::jobs::watch::switched_off;
use crate::ledger::alerts::{self, AlertKind};
use crate::messages::queue;
use crate::store::Table;
use crate::store::queue_service::{QueueFailure, QueueService};
use async_trait::async_trait;
use chrono::Duration;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::time::Instant;

/// The queues of an account: what is not among them is missing.
#[derive(Default)]
struct FakeQueues {
    depths: Mutex<BTreeMap<String, u64>>,
    refuses: Mutex<Option<QueueFailure>>,
}

impl FakeQueues {
    fn all() -> Arc<Self> {
        let queues = Self::default();
        queues.depths.lock().unwrap().extend(queue::ALL.map(|name| (name.to_owned(), 0)));
        Arc::new(queues)
    }
}

#[async_trait]
impl QueueService for FakeQueues {
    async fn make(&self, queue: &str) -> Result<bool, QueueFailure> {
        if let Some(failure) = self.refuses.lock().unwrap().clone() {
            return Err(failure);
        }
        Ok(self.depths.lock().unwrap().insert(queue.to_owned(), 0).is_none())
    }

    async fn depth(&self, queue: &str) -> Result<u64, QueueFailure> {
        self.depths.lock().unwrap().get(queue).copied().ok_or(QueueFailure::Missing)
    }
}

async fn world_with(queues: &Arc<FakeQueues>) -> World {
    let mut world = World::new().await;
    world.app.around = Some(Arc::new(Surroundings {
        seen_from: SeenFrom::Host,
        configuration: "the configuration".to_owned(),
        ledger: "the tables".to_owned(),
        is_remote: true,
        queues: Some(queues.clone()),
    }));
    world
}

async fn examined(world: &World) -> Diagnosis {
    let around = world.app.around.clone().unwrap();
    let until = Instant::now() + std::time::Duration::from_secs(600);
    doctor::examine(&world.app, &around, |_| true, until).await
}

fn line(found: &Diagnosis, check: CheckId) -> &Finding {
    found.all().map(|(_, finding)| finding).find(|finding| finding.check == check).unwrap()
}

fn told(found: &Diagnosis) -> Vec<(CheckId, Verdict)> {
    let tells = |finding: &&Finding| matches!(finding.outcome, Verdict::Failed | Verdict::Warning);
    let all = found.all().map(|(_, finding)| finding).filter(tells);
    all.map(|finding| (finding.check, finding.outcome)).collect()
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_where_nothing_is_wrong() {
    let world = world_with(&FakeQueues::all()).await;
    let found = examined(&world).await;
    assert_eq!(told(&found), [], "{found:#?}");
    assert!(!found.cut);
    assert_eq!(line(&found, CheckId::QueueDepths).seen, "all are empty");
    assert_eq!(line(&found, CheckId::StorageClock).outcome, Verdict::Ok);
}

#[tokio::test(start_paused = true)]
async fn queues_that_are_missing_are_made_where_that_is_agreed_to() {
    let queues = FakeQueues::all();
    queues.depths.lock().unwrap().remove(queue::CHANGES);
    let world = world_with(&queues).await;
    let found = examined(&world).await;
    assert_eq!(told(&found), [(CheckId::Queues, Verdict::Failed)]);
    assert_eq!(line(&found, CheckId::Queues).seen, "missing: regrets-changes");
    assert_eq!(line(&found, CheckId::QueueDepths).because, Some(CheckId::Queues));
    assert_eq!(found.fixes(), [(None, Fix::MakeQueues)]);
    let signed = Attribution { by: "olga".into(), reason: "new account".into() };
    let around = world.app.around.clone().unwrap();
    let done = mend::mend(&world.app, &around, None, Fix::MakeQueues, &signed).await.unwrap();
    assert_eq!(done, "1 queue was made");
    assert_eq!(told(&examined(&world).await), []);
}

#[tokio::test(start_paused = true)]
async fn queues_that_may_not_be_written_and_poisoned_ones_are_faults() {
    let queues = FakeQueues::all();
    *queues.refuses.lock().unwrap() = Some(QueueFailure::Refused(403));
    let world = world_with(&queues).await;
    let found = examined(&world).await;
    assert_eq!(told(&found), [(CheckId::Queues, Verdict::Failed)]);
    assert!(
        line(&found, CheckId::Queues).step.as_deref().unwrap().contains("Storage Queue Data Contributor")
    );

    *queues.refuses.lock().unwrap() = None;
    queues.depths.lock().unwrap().insert(queue::MAILBOXES_POISON.to_owned(), 3);
    let found = examined(&world).await;
    assert_eq!(told(&found), [(CheckId::QueueDepths, Verdict::Failed)]);
    assert_eq!(line(&found, CheckId::QueueDepths).seen, "regrets-mailboxes-poison holds 3");
}

/// The subscription of the handshake is gone afterwards. Where it could not be deleted, as by a kill, it
/// lives for minutes, and housekeeping deletes it as an orphan before.
#[tokio::test(start_paused = true)]
async fn what_a_kill_leaves_of_the_handshake_is_an_orphan() {
    let world = world_with(&FakeQueues::all()).await;
    let before = world.graph.subscribed();
    examined(&world).await;
    assert_eq!(world.graph.subscribed(), before);

    let gone = GraphError::Unavailable(Failure { status: None, code: "killed".into(), request_id: None });
    world.graph.state.lock().unwrap().deleting.push_back(gone);
    let found = examined(&world).await;
    assert_eq!(line(&found, CheckId::Webhook).outcome, Verdict::Ok, "the echo came");
    let left: Vec<_> = world.graph.subscribed().into_iter().filter(|id| !before.contains(id)).collect();
    assert_eq!(left.len(), 1);
    let ends = world.graph.state.lock().unwrap().subscriptions[&left[0]].expires;
    assert!(ends <= world.now() + Duration::minutes(10));
    housekeep(&world.app).await.unwrap();
    assert!(!world.graph.subscribed().contains(&left[0]), "it is deleted as an orphan");
}

/// Once a day; the alert has the first step, and ends when nothing fails any more.
#[tokio::test(start_paused = true)]
async fn the_daily_look_raises_one_alert_and_ends_it() {
    let world = world_with(&FakeQueues::all()).await;
    let open = async || {
        let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
        open.into_iter().filter(|alert| alert.kind == AlertKind::Doctor).collect::<Vec<_>>()
    };
    hourly(&world.app).await.unwrap();
    assert_eq!(open().await, []);

    world.graph.set_failure(crate::jobs::testing::ORGANIZER, Some(unavailable()));
    world.clock.advance(Duration::hours(2));
    hourly(&world.app).await.unwrap();
    assert_eq!(open().await, [], "not again within a day");
    world.clock.advance(Duration::hours(23));
    hourly(&world.app).await.unwrap();
    let raised = open().await;
    assert_eq!(raised.len(), 1);
    assert!(raised[0].step.starts_with("mailboxes to be read: It passes by itself"), "{}", raised[0].step);
    assert!(!raised[0].step.contains('@'), "{}", raised[0].step);

    world.graph.set_failure(crate::jobs::testing::ORGANIZER, None);
    world.clock.advance(Duration::hours(25));
    hourly(&world.app).await.unwrap();
    assert_eq!(open().await, []);
}

/// Nothing failed of what it came to; of what it did not come to nobody knows. The next hour looks again.
#[tokio::test(start_paused = true)]
async fn a_look_that_was_cut_short_ends_no_alert() {
    let world = world_with(&FakeQueues::all()).await;
    let (ledger, context) = (&world.app.ledger, world.context());
    alerts::raise_telling(ledger, &contoso(), AlertKind::Doctor, 1, "as before").await.unwrap();
    let open = async || {
        let open = alerts::open(ledger, &contoso()).await.unwrap();
        open.into_iter().filter(|alert| alert.kind == AlertKind::Doctor).map(|alert| alert.step).next()
    };
    let rest = Some(Duration::hours(24));
    let none = std::time::Duration::ZERO;
    doctor::daily::daily(&world.app, context, rest, none).await.unwrap();
    assert_eq!(open().await.as_deref(), Some("as before"));
    doctor::daily::daily(&world.app, context, rest, std::time::Duration::from_secs(600)).await.unwrap();
    assert_eq!(open().await, None, "it was not remembered as a look");
}

/// Whatever is looked at may be silent.
#[tokio::test(start_paused = true)]
async fn a_silent_graph_ends_no_alert_and_takes_no_more_than_its_time() {
    let world = world_with(&FakeQueues::all()).await;
    world.graph.down(Some(unavailable()));
    world.graph.state.lock().unwrap().patience = std::time::Duration::from_secs(3_600);
    let around = world.app.around.clone().unwrap();
    let began = Instant::now();
    // Less than one check may take.
    let until = began + std::time::Duration::from_secs(20);
    let found = doctor::examine(&world.app, &around, |_| true, until).await;
    assert!(began.elapsed() <= std::time::Duration::from_secs(21), "{:?}", began.elapsed());
    assert!(found.cut);
    assert!(!found.is_well());
}

/// Nobody is called for it, whatever is wrong; and nothing of it is mended.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_switched_off_has_one_line_and_nobody_is_called_for_it() {
    let mut world = World::new().await;
    world.watch().await;
    world.tenant.active = false;
    world.app = world.instance().await;
    world.app.around = world_with(&FakeQueues::all()).await.app.around;
    world.graph.all_calls();
    world.graph.state.lock().unwrap().directory = Some(unavailable());
    let found = examined(&world).await;
    let [only] = found.tenants[&contoso()].as_slice() else { panic!("{found:#?}") };
    assert_eq!((only.check, only.outcome), (CheckId::SwitchedOff, Verdict::Skipped));
    let so = "active = false: nothing of it is looked at";
    assert_eq!(only.seen, format!("so far in no deployment that serves it; {so}"));
    assert!(found.is_well() && !found.cut && !found.deployment.is_empty());

    switched_off::note(&world.app).await.unwrap();
    world.clock.advance(Duration::hours(2));
    switched_off::note(&world.app).await.unwrap();
    let found = examined(&world).await;
    let seen = &found.tenants[&contoso()][0].seen;
    assert_eq!(*seen, format!("since 2026-11-21T12:00:00Z; {so}"), "since it began");
    assert!(world.graph.all_calls().is_empty());
    assert_eq!(world.lms.asked(), 0);

    let (signed, around) = (signed(), world.app.around.clone().unwrap());
    let rows = world.tables.dump(Table::Mailboxes);
    let refused = mend::mend(&world.app, &around, Some(&contoso()), Fix::Subscribe, &signed).await;
    assert!(matches!(refused, Err(OperatorError::Conflict(why)) if why.contains("active = true")));
    // Beside one that is on, that one is mended.
    world.tenant.active = true;
    world.neighbour("fabrikam", None).await;
    world.know(&"fabrikam".into(), "cem").await;
    let done = mend::mend(&world.app, &around, None, Fix::Subscribe, &signed).await.unwrap();
    assert!(done.starts_with("1 mailbox is"), "{done}");
    let after = world.tables.dump(Table::Mailboxes);
    assert!(rows.iter().all(|row| after.contains(row)), "{after:#?}");
}

fn signed() -> Attribution {
    Attribution { by: "olga".into(), reason: "as told".into() }
}
