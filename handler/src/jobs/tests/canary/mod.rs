//! The canary: passed, stuck at each stage, killed at each write, and never taken for a learner.

mod kit;

use crate::calendar::matching::SessionSource;
use crate::config::{Canary, Tenant};
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, RestoreOutcome, Restored};
use crate::enrolment::policy::Mailboxes;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::{Valve, ValveState};
use crate::ids::{LearnerKey, SessionId};
use crate::jobs::canary::run::{self, Run, Runs};
use crate::jobs::canary::stage::Stuck;
use crate::jobs::canary::{advance, ask, told};
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::jobs::operate::status;
use crate::jobs::testing::graph_writes::INVITED;
use crate::jobs::testing::lms::reply;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{ORGANIZER, World, address, contoso, minutes, noon};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{decisions, enrolments, valves};
use crate::messages::EnrolmentRef;
use crate::store::Table;
use chrono::{Duration, NaiveTime};
use std::sync::atomic::Ordering;

const SESSION: &str = "999";

fn canary() -> Canary {
    Canary {
        learner: address(INVITED),
        session: SessionId::new(SESSION),
        organizer: address(ORGANIZER),
        text: format!("Training {SESSION}"),
        within: minutes(30),
        at: NaiveTime::from_hms_opt(4, 0, 0).unwrap(),
        kit: None,
    }
}

/// Recognised by its subject; the LMS can give places back.
async fn world(change: impl FnOnce(&mut Tenant)) -> World {
    let world = World::with(|tenant| {
        tenant.canary = Some(canary());
        tenant.recognise.session = SessionSource::Subject(r"Training (?<session>\d+)".parse().unwrap());
        change(tenant);
    })
    .await;
    world.lms.gives_back.store(true, Ordering::SeqCst);
    world
}

/// A planning round's turn, and what Graph tells of it.
async fn round(world: &World) {
    advance::advance(&world.app, world.context()).await.unwrap();
    // What is told comes again until somebody has seen to it.
    let hints = world.graph.hints();
    world.observe(&hints).await;
    world.graph.writes(|writes| drop(writes.hints.drain(..hints.len())));
}

/// A round each five minutes, and a tick each minute.
async fn rounds(world: &World, time: Duration) {
    let end = world.now() + time;
    while world.now() < end {
        round(world).await;
        world.pass(minutes(5)).await;
    }
}

async fn runs(world: &World) -> Runs {
    run::runs(&world.app.ledger, &contoso()).await.unwrap()
}

async fn last(world: &World) -> Run {
    let runs = runs(world).await;
    assert_eq!(runs.current, None, "it is over");
    runs.past.front().cloned().expect("one has come to its end")
}

async fn place(world: &World) -> Option<Enrolment> {
    let learner = LearnerKey::new(address(INVITED).as_str());
    let at = EnrolmentRef::of(&contoso(), &SessionId::new(SESSION), &learner);
    enrolments::load(&world.app.ledger, &at).await.unwrap().map(|read| read.value)
}

async fn alerted(world: &World) -> Vec<(AlertKind, String)> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| (alert.kind, alert.step)).collect()
}

async fn kinds(world: &World) -> Vec<AlertKind> {
    alerted(world).await.into_iter().map(|(kind, _)| kind).collect()
}

/// How many decisions the brake counts.
async fn counted(world: &World) -> usize {
    let (brake, now) = (world.tenant.policy.brake, world.now());
    decisions::counted_since(&world.app.ledger, &contoso(), brake, None, now).await.unwrap().len()
}

async fn valve(world: &World, change: impl Fn(&mut Valve)) {
    valves::change_valve(&world.app.ledger, &contoso(), world.now(), |valve| {
        let mut next = valve.clone();
        change(&mut next);
        Some(next)
    })
    .await
    .unwrap();
}

/// Where it got stuck.
async fn stuck(world: &World) -> Stuck {
    let run = last(world).await;
    let failed = run.failed.expect("it failed");
    let alerts = alerted(world).await;
    let told = alerts.iter().find(|(kind, _)| *kind == AlertKind::Canary).map(|(_, step)| step.clone());
    let told = told.expect("a person is told");
    assert!(told.contains(failed.stage.word()) && told.contains(failed.stage.step()), "{told}");
    assert_eq!(world.graph.made(), 0, "nothing is left behind");
    failed.stage
}

#[tokio::test(start_paused = true)]
async fn a_decline_goes_end_to_end_and_the_place_is_given_back() {
    let world = world(|_| {}).await;
    rounds(&world, minutes(60)).await;
    let run = last(&world).await;
    assert!(run.has_passed() && run.is_proved(), "{run:?}");
    assert_eq!(run.given_back.as_deref(), Some("given_back"));
    assert_eq!(world.lms.cancelled(INVITED, 999), 1);
    assert_eq!(world.graph.made(), 0, "nothing is left behind");
    let took = run.took().unwrap();
    assert!(took >= minutes(10) && took <= minutes(15), "the grace, and no more than a tick: {took}");
    assert!(kinds(&world).await.is_empty());
    world.assert_sound("after it");

    let row = place(&world).await.unwrap();
    assert!(row.canary);
    let story: Vec<&str> = row.story.iter().map(|line| line.text.as_str()).collect();
    assert!(story[0].starts_with("This is the canary"), "{story:?}");
    assert!(story.last().unwrap().contains("given_back"), "{story:?}");
    let status = status::tenant(&world.app, &contoso()).await.unwrap();
    assert_eq!(status.counts.values().sum::<usize>(), 0, "it is no learner's: {:?}", status.counts);
    let told = status.canary.unwrap();
    assert_eq!((told.state.as_str(), told.proved), ("passed", Some(true)));
    assert_eq!(told.seconds, Some(took.num_seconds()));

    // Once a day, and each with an order of its own.
    rounds(&world, Duration::hours(15)).await;
    assert_eq!(runs(&world).await.past.len(), 1, "not before the next morning");
    rounds(&world, Duration::hours(33)).await;
    let past = runs(&world).await.past;
    assert_eq!(past.len(), 3);
    assert!(past.iter().all(Run::is_proved), "{past:?}");
    let mut ids: Vec<String> = world.lms.orders().into_iter().map(|order| order.id).collect();
    ids.extend(world.lms.orders_back().into_iter().map(|order| order.id));
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((all, ids.len()), (6, 6), "no id comes twice");
    assert!(place(&world).await.unwrap().parts.len() <= 1, "the days leave no parts");
}

#[tokio::test(start_paused = true)]
async fn where_the_session_is_read_of_the_ical_uid_the_link_is_made_here() {
    let uid = SessionSource::ICalUid(r"^lms-(?<session>\d+)@contoso\.com$".parse().unwrap());
    for source in [uid, SessionSource::Lookup] {
        for keeps in [false, true] {
            let world = world(|tenant| tenant.recognise.session = source.clone()).await;
            world.graph.writes(|writes| (writes.keeps, writes.stays) = (keeps, keeps));
            rounds(&world, minutes(60)).await;
            assert!(last(&world).await.is_proved(), "{source:?} {keeps}");
            assert_eq!(world.graph.made(), 0);
            world.assert_sound("after it");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_brake_does_not_count_it() {
    let world = world(|tenant| {
        tenant.policy.brake.decisions = 1;
        tenant.policy.brake.per_learner = 1;
        tenant.policy.brake.within = Duration::days(7);
    })
    .await;
    rounds(&world, Duration::hours(50)).await;
    assert_eq!(runs(&world).await.past.iter().filter(|run| run.has_passed()).count(), 3);
    assert_eq!(counted(&world).await, 0);
    // A learner's is counted as before.
    world.graph.invite("ana", 1);
    world.graph.copy("ana", 1, |event| event.subject = Some("Training 1".into()));
    world.hint("ana", 1, crate::messages::ChangeType::Created).await;
    world.declined("ana", 1).await;
    assert_eq!(counted(&world).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_connector_that_gives_nothing_back_passes_unproved_the_next_day() {
    let world = world(|_| {}).await;
    world.lms.gives_back.store(false, Ordering::SeqCst);
    rounds(&world, minutes(60)).await;
    let first = last(&world).await;
    assert_eq!((first.is_proved(), first.given_back), (true, None));
    world.lms.always(Some(reply(LmsOutcome::AlreadyCancelled)));
    rounds(&world, Duration::hours(24)).await;
    let next = last(&world).await;
    assert!(next.has_passed() && !next.is_proved());
    assert_eq!(next.answer, Some(OutcomeKind::Lms(LmsOutcome::AlreadyCancelled)));
    assert!(kinds(&world).await.is_empty());
    let told = told::status(&world.app, world.context()).await.unwrap().unwrap();
    assert_eq!((told.state.as_str(), told.proved), ("passed", Some(false)));
    assert!(world.lms.orders_back().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_not_given_back_at_once_is_asked_for_again_as_a_repetition() {
    let lost = Restored::new(RestoreOutcome::Outage, Reach::Sent);
    let world = world(|_| {}).await;
    world.lms.script_back([lost.clone(), lost]);
    rounds(&world, minutes(90)).await;
    let run = last(&world).await;
    assert_eq!((run.given_back.as_deref(), world.lms.given_back()), (Some("already_held"), 1));
    let orders = world.lms.orders_back();
    let repeated: Vec<bool> = orders.iter().map(|order| order.may_be_repeated).collect();
    assert_eq!(repeated, [false, true, true]);
    assert!(orders.iter().all(|order| order.id == orders[0].id));
}

#[tokio::test(start_paused = true)]
async fn a_right_that_is_missing_is_told_at_once() {
    for (write, stage) in [("create", Stuck::Invitation), ("decline", Stuck::Decline)] {
        let world = world(|_| {}).await;
        world.graph.writes(|writes| writes.refused.push(write));
        rounds(&world, minutes(15)).await;
        assert_eq!(stuck(&world).await, stage);
        assert_eq!(world.lms.asked(), 0);
        // Granted meanwhile, and asked for by a person.
        world.graph.writes(|writes| writes.refused.clear());
        let signed = Attribution { by: "olga".into(), reason: "granted".into() };
        ask::run(&world.app, &contoso(), &signed).await.unwrap();
        rounds(&world, minutes(60)).await;
        let run = last(&world).await;
        assert!(run.has_passed() && run.by.as_deref() == Some("olga"));
        assert!(kinds(&world).await.is_empty(), "it ends by itself");
        world.assert_sound("after it");
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_behind_an_address_is_told() {
    for name in [INVITED, ORGANIZER] {
        let world = world(|_| {}).await;
        world.graph.retire(name);
        rounds(&world, minutes(10)).await;
        assert_eq!(stuck(&world).await, Stuck::Preparation);
    }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_nobody_is_told_of_is_told() {
    let world = world(|_| {}).await;
    for _ in 0..10 {
        advance::advance(&world.app, world.context()).await.unwrap();
        world.graph.take_hints();
        world.pass(minutes(5)).await;
    }
    assert_eq!(stuck(&world).await, Stuck::Notification);
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_is_not_recognised_is_told() {
    let other = |tenant: &mut Tenant| {
        let source = SessionSource::Subject(r"Course (?<session>\d+)".parse().unwrap());
        tenant.recognise.session = source;
    };
    let world = world(other).await;
    rounds(&world, minutes(45)).await;
    assert_eq!(stuck(&world).await, Stuck::Recognition);
    assert_eq!(world.graph.done("decline"), 0, "what is not known to be the test session is not declined");
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_does_not_arrive_is_told() {
    let by_uid = |tenant: &mut Tenant| {
        tenant.recognise.session = SessionSource::Lookup;
    };
    let world = world(by_uid).await;
    world.graph.writes(|writes| writes.stray = true);
    rounds(&world, minutes(45)).await;
    assert_eq!(stuck(&world).await, Stuck::Arrival);
}

#[tokio::test(start_paused = true)]
async fn a_decline_that_nobody_is_told_of_is_told() {
    let world = world(|_| {}).await;
    // The invitation is told of, and nothing after it.
    round(&world).await;
    for _ in 0..20 {
        advance::advance(&world.app, world.context()).await.unwrap();
        world.graph.take_hints();
        world.pass(minutes(5)).await;
    }
    assert_eq!(stuck(&world).await, Stuck::Decision);
}

#[tokio::test(start_paused = true)]
async fn a_valve_that_is_closed_is_told_and_the_next_day_begins_anew() {
    let world = world(|_| {}).await;
    valve(&world, |valve| valve.close(ValveState::Stopped, "a test".into(), noon())).await;
    rounds(&world, minutes(120)).await;
    assert_eq!(stuck(&world).await, Stuck::Valve);
    assert_eq!(world.lms.asked(), 0);
    valve(&world, |valve| valve.open(noon())).await;
    rounds(&world, Duration::hours(24)).await;
    assert!(last(&world).await.is_proved());
    assert_eq!(world.lms.asked(), 1, "what was stuck is not sent afterwards");
    assert!(!kinds(&world).await.contains(&AlertKind::Canary));
    world.assert_sound("after it");
}

#[tokio::test(start_paused = true)]
async fn what_the_lms_answers_is_told() {
    let world = world(|_| {}).await;
    world.lms.always(Some(reply(LmsOutcome::UnknownSession)));
    rounds(&world, minutes(60)).await;
    assert_eq!(stuck(&world).await, Stuck::Lms);
    assert_eq!(kinds(&world).await, [AlertKind::Canary], "and nobody is asked to review a test");
    assert!(last(&world).await.failed.unwrap().why.contains("unknown_session"));
    world.lms.always(None);
    rounds(&world, Duration::hours(24)).await;
    assert!(last(&world).await.is_proved());
}

#[tokio::test(start_paused = true)]
async fn a_test_learner_for_whom_nobody_acts_is_told() {
    let world = world(|tenant| tenant.policy.only = Some(Mailboxes::Group("g".into()))).await;
    world.graph.state.lock().unwrap().groups.insert("g".into(), Vec::new());
    rounds(&world, minutes(60)).await;
    assert_eq!(stuck(&world).await, Stuck::Rollout);
}

#[tokio::test(start_paused = true)]
async fn a_decline_that_goes_to_a_person_is_told_by_the_canary_alone() {
    // The answer never reaches the organizer, and the copy is gone.
    let world = world(|_| {}).await;
    world.graph.writes(|writes| writes.mute = true);
    rounds(&world, minutes(120)).await;
    assert_eq!(stuck(&world).await, Stuck::Review);
    assert_eq!(kinds(&world).await, [AlertKind::Canary]);
    world.graph.writes(|writes| writes.mute = false);
    rounds(&world, Duration::hours(24)).await;
    assert!(last(&world).await.is_proved());
    assert!(kinds(&world).await.is_empty());
    world.assert_sound("after it");
}

#[tokio::test(start_paused = true)]
async fn there_are_never_two() {
    let world = world(|_| {}).await;
    round(&world).await;
    let signed = Attribution { by: "olga".into(), reason: "to see".into() };
    let refused = ask::run(&world.app, &contoso(), &signed).await.unwrap_err();
    assert!(matches!(refused, OperatorError::Conflict(_)), "{refused}");
    // Two instances at once.
    let other = world.instance().await;
    let context = other.context(&contoso()).unwrap();
    for _ in 0..20 {
        let (one, two) =
            futures::join!(advance::advance(&world.app, world.context()), advance::advance(&other, context));
        one.unwrap();
        two.unwrap();
        world.observe(&world.graph.take_hints()).await;
        world.pass(minutes(5)).await;
    }
    assert!(last(&world).await.is_proved());
    assert_eq!((world.lms.asked(), world.lms.given_back()), (1, 1));
    assert_eq!(world.graph.made(), 0);
}

#[tokio::test(start_paused = true)]
async fn taken_out_of_the_configuration_it_leaves_nothing_behind() {
    let mut world = world(|_| {}).await;
    while runs(&world).await.current.is_none_or(|run| run.declined.is_none()) {
        round(&world).await;
        world.pass(minutes(5)).await;
    }
    world.tenant.canary = None;
    world.restart().await;
    rounds(&world, minutes(10)).await;
    assert_eq!((world.graph.made(), runs(&world).await.current), (0, None));
    rounds(&world, minutes(60)).await;
    assert!(kinds(&world).await.is_empty());
    assert_eq!(runs(&world).await.past.len(), 1, "and none begins");
}

/// Whoever is killed, and whichever answer is lost: one event, one decline, one effect, and nothing left.
#[tokio::test(start_paused = true)]
async fn killed_at_any_write_it_goes_on() {
    let by_uid = |tenant: &mut Tenant| tenant.recognise.session = SessionSource::Lookup;
    let mut deaths = 0;
    for n in 0.. {
        let mut unharmed = 0;
        for death in [Death::Before(n), Death::After(n)] {
            let mut world = world(by_uid).await;
            let done = {
                let world = &world;
                world.tables.killed(death, rounds(world, minutes(60))).await
            };
            match done {
                Some(()) => unharmed += 1,
                None => deaths += 1,
            }
            world.restart().await;
            rounds(&world, minutes(90)).await;
            let when = format!("{death:?}");
            let run = last(&world).await;
            assert!(run.is_proved(), "{when}: {run:?}");
            assert_eq!(world.lms.cancelled(INVITED, 999), 1, "{when}");
            assert_eq!(world.lms.given_back(), 1, "{when}: {run:?}");
            assert_eq!((world.graph.done("decline"), world.graph.made()), (1, 0), "{when}");
            assert!(kinds(&world).await.is_empty(), "{when}: {:?}", alerted(&world).await);
            world.assert_sound(&when);
        }
        if unharmed == 2 {
            break;
        }
    }
    assert!(deaths > 40, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_graphs_that_is_lost_does_nothing_twice() {
    for write in ["create", "decline", "call_off", "delete"] {
        let world = world(|_| {}).await;
        world.graph.writes(|writes| {
            writes.keeps = true;
            writes.lost.push_back(write);
        });
        rounds(&world, minutes(60)).await;
        let run = last(&world).await;
        assert!(run.is_proved(), "{write}: {run:?}");
        assert_eq!((world.graph.done("create"), world.graph.done("decline")), (1, 1), "{write}");
        assert_eq!((world.graph.made(), world.lms.cancelled(INVITED, 999)), (0, 1), "{write}");
    }
}

#[tokio::test(start_paused = true)]
async fn generations_of_old_tests_go() {
    let world = world(|tenant| tenant.policy.retention = Duration::days(3)).await;
    rounds(&world, Duration::days(8)).await;
    let rows = world.tables.dump(Table::Enrolments).len();
    assert!((3..=6).contains(&rows), "{rows}");
    assert!(runs(&world).await.past.iter().all(Run::is_proved));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_without_one_has_nothing_to_show() {
    let world = World::new().await;
    rounds(&world, minutes(10)).await;
    assert_eq!(runs(&world).await, Runs::default());
    assert!(status::tenant(&world.app, &contoso()).await.unwrap().canary.is_none());
    assert!(matches!(ask::show(&world.app, &contoso()).await, Err(OperatorError::NotFound(_))));
    let signed = Attribution { by: "olga".into(), reason: "to see".into() };
    assert!(matches!(ask::run(&world.app, &contoso(), &signed).await, Err(OperatorError::Conflict(_))));
}

#[tokio::test(start_paused = true)]
async fn it_waits_for_the_row_of_the_last_one() {
    let world = world(|_| {}).await;
    rounds(&world, minutes(60)).await;
    let state = place(&world).await.unwrap().state;
    assert_eq!(state, State::Done);
}
