//! A tenant whose secret can't be had: nothing of it is sent, nothing of it is lost, and no other tenant
//! notices.

use crate::config::{ConnectorConfig, Tenant};
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::transitions::State;
use crate::graph::GraphError;
use crate::graph::auth::credentials::Credential;
use crate::jobs::alerting;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::operate::operator::{self, Attribution};
use crate::jobs::operate::status;
use crate::jobs::testing::graph::failure;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::enrolment_ids;
use crate::messages::ChangeType;
use crate::missing_secret::Missing;

fn missing(setting: &str, key: &str) -> Missing {
    Missing { setting: setting.into(), key: key.into(), why: "is not set".into(), hint: "set it".into() }
}

fn without_lms_secret(tenant: &mut Tenant) {
    let ConnectorConfig::Webhook { secrets, .. } = &mut tenant.lms.connector else { panic!() };
    secrets.clear();
    tenant.missing = vec![missing("LMS_SECRET", "tenant.contoso.lms.secret")];
}

/// The process finds the secret missing; gives the tenant as it was.
async fn lose(world: &mut World, change: impl Fn(&mut Tenant)) -> Tenant {
    let whole = world.tenant.clone();
    change(&mut world.tenant);
    world.restart().await;
    alerting::for_secrets(&world.app, world.context()).await.unwrap();
    whole
}

async fn find(world: &mut World, whole: Tenant) {
    world.tenant = whole;
    world.restart().await;
    alerting::for_secrets(&world.app, world.context()).await.unwrap();
}

async fn open(world: &World) -> Vec<alerts::Alert> {
    alerts::open(&world.app.ledger, &contoso()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn without_the_secret_of_the_lms_decisions_are_made_and_wait() {
    let mut world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let on_its_way = world.dispatch().await.cancellations.remove(0);
    let whole = lose(&mut world, without_lms_secret).await;

    assert_eq!(world.cancel(&on_its_way).await, AttemptResult::PutBack);
    world.invited("ben", 1).await;
    world.declined("ben", 1).await;
    world.pass(minutes(90)).await;
    world.clock.advance(world.app.timing.rewake);
    assert!(world.dispatch().await.cancellations.is_empty(), "nobody is woken in vain");
    assert_eq!(world.lms.asked(), 0);
    for learner in ["ana", "ben"] {
        let row = world.row(learner, 1).await;
        assert_eq!((row.state, row.attempt.tries), (State::Waiting, 0), "{learner}");
    }
    let alert = open(&world).await.remove(0);
    assert_eq!(alert.kind, AlertKind::SecretMissing);
    for part in
        ["LMS_SECRET is not set", "tenant.contoso.lms.secret", "set it", "what is decided meanwhile waits"]
    {
        assert!(alert.step.contains(part), "no {part} in {}", alert.step);
    }
    let told = status::tenant(&world.app, &contoso()).await.unwrap();
    assert!(told.secrets.unwrap().contains("LMS_SECRET is not set"));

    find(&mut world, whole).await;
    world.pass(minutes(2)).await;
    assert_eq!((world.state("ana", 1).await, world.state("ben", 1).await), (State::Done, State::Done));
    assert_eq!((world.lms.asked(), open(&world).await.len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn without_a_credential_hints_wait_and_nothing_is_decided() {
    let mut world = World::new().await;
    world.invited("ana", 1).await;
    let no_token = GraphError::Credential { failure: failure(), hint: "none".into() };
    world.graph.down(Some(no_token));
    let whole = lose(&mut world, |tenant| {
        tenant.credential = Credential::Missing { what: "a client secret" };
        tenant.missing = vec![missing("CLIENT_SECRET", "tenant.contoso.credential.client_secret")];
    })
    .await;
    world.declined("ana", 1).await;
    world.graph.invite("ben", 1);
    world.hint("ben", 1, ChangeType::Created).await;
    world.watch().await;
    world.pass(minutes(26 * 60)).await;
    assert_eq!((world.lms.asked(), world.state("ana", 1).await), (0, State::Watched));
    let kinds: Vec<AlertKind> = open(&world).await.into_iter().map(|alert| alert.kind).collect();
    assert!(
        kinds.contains(&AlertKind::SecretMissing) && !kinds.contains(&AlertKind::GraphCredential),
        "{kinds:?}"
    );

    world.graph.down(None);
    find(&mut world, whole).await;
    world.pass(minutes(90)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    assert_eq!(world.state("ben", 1).await, State::Watched, "the invitation was not lost either");
}

#[tokio::test(start_paused = true)]
async fn other_tenants_do_not_notice() {
    let mut world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    lose(&mut world, without_lms_secret).await;
    world.invited("ben", 1).await;
    world.declined("ben", 1).await;
    let name = "fabrikam".into();
    let mut neighbour = world.tenant.clone();
    let ConnectorConfig::Webhook { secrets, .. } = &mut neighbour.lms.connector else { panic!() };
    assert!(secrets.is_empty());
    let ConnectorConfig::Webhook { secrets: good, .. } = crate::jobs::testing::tenant().lms.connector else {
        panic!()
    };
    *secrets = good;
    neighbour.missing = Vec::new();
    let closed = std::mem::replace(&mut world.tenant, neighbour);
    world.neighbour("fabrikam", None).await;
    world.tenant = closed;
    alerting::for_secrets(&world.app, world.app.context(&name).unwrap()).await.unwrap();
    assert!(alerts::open(&world.app.ledger, &name).await.unwrap().is_empty());
    assert!(!world.app.context(&name).unwrap().tenant.is_closed());
    assert!(status::tenant(&world.app, &name).await.unwrap().secrets.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_alert_about_another_secret_is_a_new_one() {
    let mut world = World::new().await;
    let whole = lose(&mut world, without_lms_secret).await;
    alerts::acknowledge(&world.app.ledger, &contoso(), AlertKind::SecretMissing, "olga").await.unwrap();
    let known = open(&world).await;
    alerting::for_secrets(&world.app, world.context()).await.unwrap();
    assert_eq!(open(&world).await, known, "a new start finds what a person knows");
    lose(&mut world, |tenant| tenant.missing = vec![missing("OTHER", "tenant.contoso.lms.secret")]).await;
    let alert = open(&world).await.remove(0);
    assert!(alert.acknowledged.is_none() && alert.step.contains("OTHER is not set"), "{alert:?}");
    find(&mut world, whole).await;
    assert!(open(&world).await.is_empty());
}

/// What holds something back is one sentence: in the list, in the explanation, and in the line of whoever
/// approves.
#[tokio::test(start_paused = true)]
async fn whoever_approves_meanwhile_is_told_and_so_is_whoever_asks() {
    let mut world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
    lose(&mut world, without_lms_secret).await;
    let id = enrolment_ids::id_of(&world.row("ana", 1).await.reference());
    let olga = Attribution { by: "olga".into(), reason: "she told me".into() };
    operator::decide(&world.app, &id, OperatorDecision::Approve, &olga).await.unwrap();
    let story = status::story(&world.app, &id).await.unwrap().unwrap();
    let held = story.item.held.unwrap();
    assert_eq!(held, "a secret of the tenant is missing: it waits until that is there");
    assert!(story.story.iter().any(|line| line.text.contains(&held)), "{:?}", story.story);
    let listed = status::enrolments(&world.app, &status::Filter::default()).await.unwrap();
    assert_eq!(listed.items[0].held.as_deref(), Some(held.as_str()));
}
