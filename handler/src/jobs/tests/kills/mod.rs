//! reference/rules.md#faults: handler killed anywhere: no decline lost, none applied twice. Every operation
//! is killed at its n-th write, before and after that write took effect, for every n until it comes to its
//! end unharmed. Then the process starts anew, the queue (or the person) comes again, and after one
//! housekeeping and the ticks that follow everything must look as it does in a world in which nobody was
//! killed. Each operation is a row of one of the lists.

mod cancel;
mod consent;
mod observe;
mod operate;
mod stories;
mod watch;

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::valve::ValveState;
use crate::jobs::operate::operator::{self, Attribution, ValveCommand};
use crate::jobs::operate::{housekeeping, status};
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes, stores};
use crate::ledger::enrolments::is_archived;
use crate::ledger::{alerts, consents, mailboxes, valves};
use crate::store::Table;
use futures::future::LocalBoxFuture;
use rand::Rng as _;
use std::collections::BTreeSet;

/// For other stores than memory, too.
pub(super) const ALL: [&[fn()]; 5] = [cancel::ALL, consent::ALL, observe::ALL, operate::ALL, watch::ALL];

/// One operation: the world in which it happens, and what it does. What it does may be done again.
pub(super) struct Operation {
    name: &'static str,
    make: fn() -> LocalBoxFuture<'static, World>,
    step: for<'a> fn(&'a World) -> LocalBoxFuture<'a, ()>,
    /// So many writes at least, so that a row that does nothing is found out.
    writes: usize,
}

/// All that must be the same in the end, without times and without how often something was tried.
#[derive(Debug, PartialEq)]
struct Look {
    rows: Vec<String>,
    links: BTreeSet<String>,
    agenda: Vec<String>,
    alerts: BTreeSet<String>,
    valve: ValveState,
    /// Once a person has opened the valve.
    opened: Vec<String>,
    effects: Vec<(String, u32, usize)>,
    mailboxes: Vec<String>,
    subscriptions: usize,
    blind: u64,
    sessions: usize,
    unreadable: usize,
    /// How the consent stands, and what came back by each link.
    consent: Vec<String>,
}

fn rows(world: &World) -> Vec<String> {
    let mut rows: Vec<String> = world
        .tables
        .dump(Table::Enrolments)
        .into_iter()
        .map(|found| {
            let archived = is_archived(&found.row);
            let row: Enrolment = serde_json::from_value(found.entity.into()).unwrap();
            let decision = row.decision.map(|decision| (decision.verdict, decision.evidence, decision.by));
            let outcome = row.attempt.outcome.map(|outcome| outcome.kind.word());
            let parts: Vec<_> =
                row.parts.iter().map(|part| part.reading.as_ref().map(|seen| seen.verdict)).collect();
            format!(
                "{} {} {archived} {} {:?} {decision:?} {outcome:?} {:?} {} {} {parts:?}",
                row.session.as_str(),
                row.learner.as_str(),
                row.generation,
                row.state,
                row.attempt.review.map(|review| review.cause),
                row.ignored.is_some(),
                row.taken_back.is_some(),
            )
        })
        .collect();
    rows.sort();
    rows
}

async fn look(world: &World) -> Look {
    let ledger = &world.app.ledger;
    let rows = rows(world);
    let mailboxes = mailboxes::all(ledger, &contoso()).await.unwrap().into_iter().map(|row| {
        let (busy, wanted) = (row.leased_until.is_some(), row.resync_wanted.is_some());
        format!("{} {:?} {} {busy} {wanted}", row.user.as_str(), row.state, row.subscription.is_some())
    });
    let blind = status::tenant(&world.app, &contoso()).await.unwrap().blind;
    let links: Vec<(String, String)> =
        world.tables.dump(Table::Links).into_iter().map(|row| (row.partition, row.row)).collect();
    // Whether following or the mailbox itself came first: a link by the organizer's copy does no harm beside
    // the own copy's.
    let has_own =
        |partition: &str| links.iter().any(|(other, row)| other == partition && row.starts_with("e-"));
    let is_needless = |(partition, row): &&(String, String)| row.starts_with("o-") && has_own(partition);
    let all_links =
        links.iter().filter(|link| !is_needless(link)).map(|(partition, row)| format!("{partition}/{row}"));
    let effects = world.lms.effects().into_iter().map(|((session, learner, generation, decision), count)| {
        (format!("{session} {learner} {decision}"), generation, count)
    });
    let agenda: Vec<String> = world.tables.dump(Table::Agenda).into_iter().map(|row| row.partition).collect();
    let (unreadable, mut agenda) = agenda
        .into_iter()
        .partition::<Vec<_>, _>(|one| one == crate::ledger::unreadable_messages::UNREADABLE);
    let alerts = alerts::open(&world.app.ledger, &contoso())
        .await
        .unwrap()
        .into_iter()
        .map(|alert| alert.kind.to_string())
        .collect();
    let valve = valves::valve(&world.app.ledger, &contoso(), world.now()).await.unwrap().state;
    let mut opened = Vec::new();
    if valve != ValveState::Open {
        // A closed valve wakes nobody, so what a kill has left on the agenda stays there until it is opened.
        agenda.clear();
        let signed = Attribution { by: "olga".into(), reason: "mended".into() };
        operator::set_valve(&world.app, &contoso(), ValveCommand::Open, &signed).await.unwrap();
        world.lms.always(None);
        world.pass_quietly(minutes(120)).await;
        opened = self::rows(world);
        opened.push(format!("{:?}", world.lms.effects()));
    }
    Look {
        rows,
        opened,
        links: all_links.collect(),
        agenda,
        alerts,
        valve,
        effects: effects.collect(),
        mailboxes: mailboxes.collect(),
        subscriptions: world.graph.subscribed().len(),
        blind,
        sessions: crate::ledger::sessions::sessions(ledger, &contoso()).await.unwrap().len(),
        unreadable: unreadable.len(),
        consent: consent(world).await,
    }
}

async fn consent(world: &World) -> Vec<String> {
    let ledger = &world.app.ledger;
    let row = consents::read(ledger, &contoso()).await.unwrap();
    let row = row.map(|row| format!("{} {:?} {:?}", row.state.word(), row.missing, row.refusal));
    let links = consents::all_requests(ledger, &contoso()).await.unwrap();
    let answers = links.into_iter().map(|link| format!("{:?}", link.used.map(|used| used.answer)));
    row.into_iter().chain(answers).collect()
}

/// What comes after a kill: ticks and planning rounds, one housekeeping, and ticks again.
async fn heal(world: &World) {
    for _ in 0..4 {
        world.pass_quietly(minutes(6)).await;
        world.watch().await;
    }
    world.pass_quietly(minutes(90)).await;
    housekeeping::housekeep(&world.app).await.unwrap();
    world.pass_quietly(minutes(30)).await;
}

async fn survives(operation: &Operation) {
    let Operation { name, make, step, writes } = operation;
    let world = make().await;
    step(&world).await;
    heal(&world).await;
    let unharmed = look(&world).await;
    world.assert_sound(name);

    if stores::is_real() {
        // A hundred times slower: one kill at random.
        let n = rand::rng().random_range(0..*writes);
        let death = if rand::random() { Death::After(n) } else { Death::Before(n) };
        assert!(is_killed(operation, death, &unharmed).await, "{name}: {death:?} is no kill");
        return;
    }
    let mut deaths = 0;
    for n in 0.. {
        let before = is_killed(operation, Death::Before(n), &unharmed).await;
        let after = is_killed(operation, Death::After(n), &unharmed).await;
        deaths += usize::from(before) + usize::from(after);
        if !before && !after {
            break;
        }
    }
    assert!(deaths >= 2 * writes, "{name}: killed {deaths} times only");
}

/// Whether the operation comes to this death at all; either way it must end as if it had not been.
async fn is_killed(operation: &Operation, death: Death, unharmed: &Look) -> bool {
    let Operation { name, make, step, .. } = operation;
    let mut world = make().await;
    let killed = world.tables.killed(death, step(&world)).await.is_none();
    world.restart().await;
    step(&world).await;
    heal(&world).await;
    let when = format!("{name}, killed {death:?}");
    assert_eq!(look(&world).await, *unharmed, "{when} (left) is not as if it had not been (right)");
    world.assert_sound(&when);
    killed
}

/// On a real store every fifth one, by chance.
async fn all_survive(operations: &[Operation]) {
    let step = if stores::is_real() { 5 } else { 1 };
    let from = rand::rng().random_range(0..step);
    for operation in operations.iter().skip(from).step_by(step) {
        survives(operation).await;
    }
}
