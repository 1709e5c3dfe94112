//! `kill -9` of the handler and of its host, anywhere, while notifications are lost, doubled, late and in
//! bursts and Graph and the LMS fail: nothing is lost, nothing is done twice, nobody loses a place who did
//! not decline.
//!
//! This is the quick version; `demo --chaos` is the long one.

use crate::stage;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use regrets::ledger::audit::AuditLine;
use regrets::ledger::enrolment_ids;
use regrets::store::{RowRange, Table, typed};
use simulator::azurite::Azurite;
use simulator::disorder::Disorder;
use simulator::stage::{Setup, Stage, Storage};
use simulator::world::act::{Cancel, Move};
use simulator::{Fault, World};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use suites::passing::{enrolments, ledger_of, let_time_pass, postponed};
use suites::{address, becomes, decline, drained, known, meeting, reply, seen, setup, wait_until, watched};

const PLAY: Duration = Duration::from_secs(8);
const LEARNERS: usize = 30;

/// What a learner does, one act after the other, and what must have become of it.
struct Part {
    acts: &'static [fn(&World, &str)],
    from_outside: bool,
    ends: fn(&suites::Seen) -> bool,
}

fn gone(seen: &suites::Seen) -> bool {
    seen.state.as_deref() == Some("done")
        && seen.outcome.as_deref() == Some("done")
        && !seen.has_place
        && seen.effects == 1
}

fn kept(seen: &suites::Seen) -> bool {
    seen.state.as_deref() == Some("watched") && seen.has_place && seen.effects == 0
}

fn asked(seen: &suites::Seen) -> bool {
    seen.state.as_deref() == Some("review") && seen.has_place && seen.effects == 0
}

#[rustfmt::skip]
const PARTS: [Part; 11] = [
    Part { acts: &[|w, n| decline(w, n, n)], from_outside: false, ends: gone },
    Part { acts: &[keeps], from_outside: false, ends: gone },
    Part { acts: &[|w, n| decline(w, n, n)], from_outside: true, ends: gone },
    Part { acts: &[keeps, accepts, keeps], from_outside: false, ends: gone },
    Part { acts: &[keeps, accepts_unheard], from_outside: false, ends: kept },
    Part { acts: &[|w, n| decline(w, n, n), accepts_unheard], from_outside: false, ends: kept },
    Part { acts: &[accepts], from_outside: false, ends: kept },
    Part { acts: &[], from_outside: false, ends: kept },
    Part { acts: &[accepts, moves], from_outside: false, ends: kept },
    Part { acts: &[|w, n| w.cancel(&Cancel { session: n.to_owned() }).unwrap()], from_outside: false,
        ends: kept },
    Part { acts: &[|w, n| w.decline(&reply(n, n).keep(false).silent()).unwrap()], from_outside: false,
        ends: asked },
];

fn keeps(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(true)).unwrap();
}

fn accepts(world: &World, name: &str) {
    world.accept(&reply(name, name)).unwrap();
}

/// Nobody is told: only who looks again before the LMS is asked finds it out.
fn accepts_unheard(world: &World, name: &str) {
    world.inject_times(Fault::DropNotifications { mailbox: Some(address(name)) }, 1);
    accepts(world, name);
}

fn moves(world: &World, name: &str) {
    world
        .move_copy(&Move { learner: address(name), session: name.to_owned(), calendar: "Private".to_owned() })
        .unwrap();
}

fn part(number: usize) -> &'static Part {
    &PARTS[number % PARTS.len()]
}

fn invites(world: &World, number: usize, name: &str) {
    let mut invitation = meeting(name, &[name]);
    invitation.from_outside = part(number).from_outside;
    world.invite(&invitation).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_any_moment_lose_nothing_double_nothing_and_cancel_nobody_wrongly() {
    kills_at_any_moment(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_at_any_moment_lose_nothing_on_real_queues_and_tables() {
    let Some(azurite) = Azurite::start_or_skip().unwrap() else { return };
    kills_at_any_moment(Some(Storage::Azurite(Arc::new(azurite)))).await;
}

#[expect(clippy::print_stdout, reason = "shown where it fails, so that it can be played again")]
async fn kills_at_any_moment(storage: Option<Storage>) {
    let seed =
        std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random::<u64>);
    println!("SEED={seed} plays it again");
    let mut dice = StdRng::seed_from_u64(seed);
    let names: Vec<String> = (0..LEARNERS).map(|number| format!("learner{number}")).collect();
    let mut setup = fragile(&names.iter().map(String::as_str).collect::<Vec<_>>());
    setup.storage = storage;
    setup.policy.grace = "2s";
    // An hour, as minutes go here.
    setup.policy.recheck = "60s";
    setup.policy.resync = "4s";
    setup.options.seed = seed;
    setup.options.disorder = unreliable();
    // Who is invited by mail from outside, and declines before anybody has seen the invitation, can't be
    // known of.
    let early = |number: usize| number.is_multiple_of(3) || part(number).from_outside;
    let mut stage = stage(setup, |world| {
        for (number, name) in names.iter().enumerate().filter(|(number, _)| early(*number)) {
            invites(world, number, name);
        }
    })
    .await;
    let world = stage.simulator.world().clone();
    let mut kills = BTreeMap::from([("handler", 0), ("host", 0)]);
    for _ in 0..6 {
        strike(&mut stage, &mut dice, &mut kills).await;
    }
    eventually(&stage, "the early invitations are known", async |stage| {
        let known = stage.enrolments().await.unwrap_or_default().len();
        let wanted = (0..LEARNERS).filter(|number| early(*number)).count();
        if known == wanted { Ok(()) } else { Err(format!("{known} of {wanted}")) }
    })
    .await;
    // Long enough to be killed in.
    world.inject(Fault::LmsSlow { ms: 300 });
    let mut faults: Vec<Inject> = FAULTS.to_vec();
    faults.shuffle(&mut dice);

    let mut acts = Vec::new();
    for (number, name) in names.iter().enumerate() {
        let mut at = dice.random_range(0..PLAY.as_millis() as u64 / 2);
        if !early(number) {
            acts.push((at, number, name.clone(), None));
        }
        for act in part(number).acts {
            at += dice.random_range(300..1_200);
            acts.push((at, number, name.clone(), Some(*act)));
        }
    }
    acts.sort_by_key(|act| act.0);
    let player = tokio::spawn({
        let world = world.clone();
        async move {
            let began = tokio::time::Instant::now();
            for (at, number, name, act) in acts {
                tokio::time::sleep_until(began + Duration::from_millis(at)).await;
                match act {
                    None => invites(&world, number, &name),
                    Some(act) => act(&world, &name),
                }
            }
        }
    });

    let began = Instant::now();
    while began.elapsed() < PLAY || !player.is_finished() {
        if let Some(fault) = faults.pop() {
            fault(&world);
        }
        strike(&mut stage, &mut dice, &mut kills).await;
    }
    player.await.unwrap();
    println!("{kills:?}, {:?}", world.counters());
    world.clear_faults();

    eventually(&stage, &format!("everything is as it must be (SEED={seed})"), async |stage| {
        let mut wrong = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let seen = seen(stage, name, name).await;
            if !(part(number).ends)(&seen) {
                wrong.push(format!("{name} (part {}): {}", number % PARTS.len(), seen.line()));
            }
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
    })
    .await;
    let declined = |name: &str| {
        let number: usize = name.trim_start_matches("learner").split('@').next().unwrap().parse().unwrap();
        (part(number).ends)(&suites::Seen {
            state: Some("done".into()),
            verdict: None,
            evidence: None,
            outcome: Some("done".into()),
            attempts: 1,
            has_place: false,
            effects: 1,
        })
    };
    for effect in world.effects() {
        assert!(declined(&effect.learner), "SEED={seed}: the LMS was asked about {effect:?}");
        assert!(!effect.altered, "SEED={seed}: the same id with another content: {effect:?}");
    }
    nothing_is_left_behind(&stage).await;
}

/// Kills the handler, or its host now and then, after a while.
async fn strike(stage: &mut Stage, dice: &mut StdRng, kills: &mut BTreeMap<&str, u32>) {
    tokio::time::sleep(Duration::from_millis(dice.random_range(20..500))).await;
    if dice.random_bool(0.2) {
        stage.restart().await.unwrap();
        *kills.entry("host").or_default() += 1;
    } else if stage.kill_handler().await.unwrap() {
        *kills.entry("handler").or_default() += 1;
    }
}

/// As [`wait_until`], while leases run out and plans are made in between.
async fn eventually(stage: &Stage, what: &str, look: impl AsyncFn(&Stage) -> Result<(), String>) {
    wait_until(stage, what, || async {
        let_time_pass(stage).await;
        stage.run_function("renew-subscriptions").await.map_err(|error| error.to_string())?;
        tokio::time::sleep(Duration::from_secs(1)).await;
        look(stage).await
    })
    .await;
}

type Inject = fn(&World);

/// What goes wrong beside the kills, one after the other.
const FAULTS: [Inject; 10] = [
    |world| world.inject_for(Fault::DropNotifications { mailbox: None }, Duration::from_millis(700)),
    |world| world.inject_for(Fault::HoldNotifications { mailbox: None }, Duration::from_millis(1_200)),
    |world| {
        let unavailable =
            Fault::GraphStatus { mailbox: None, status: 503, code: None, retry_after: None, outer: false };
        world.inject_each(unavailable, 2, Duration::from_millis(700));
    },
    |world| {
        let retry_after = Some("0.3".to_owned());
        world.inject_times(Fault::GraphThrottle { mailbox: None, retry_after, outer: true }, 3);
    },
    |world| world.inject_times(Fault::GraphLost, 2),
    |world| world.inject_times(Fault::GraphHtml { status: 502 }, 2),
    |world| world.inject_times(Fault::LmsLoseReply, 3),
    |world| world.inject_times(Fault::LmsTakesItsTime { ms: 400 }, 3),
    |world| world.inject_times(Fault::LmsStatus { status: 503, retry_after: Some("1".to_owned()) }, 3),
    |world| world.inject_for(Fault::LmsDown, Duration::from_millis(700)),
];

/// A sixth of all changes is never told, and others come late: what was missed is found by comparing
/// calendars.
fn unreliable() -> Disorder {
    let lateness = Duration::from_secs(50)..=Duration::from_secs(200);
    Disorder { loss: 0.15, late: 0.1, lateness, ..Disorder::default() }
}

fn fragile(names: &[&str]) -> Setup {
    let mut setup = setup(names);
    setup.comes_again = Some("00:00:01");
    setup.options.graph_latency = Duration::from_millis(2)..=Duration::from_millis(20);
    setup
}

/// Empty queues, a clear agenda, and every line of every story in the audit.
async fn nothing_is_left_behind(stage: &Stage) {
    drained(stage).await;
    stage.run_function("housekeeping").await.unwrap();
    let ledger = ledger_of(stage);
    wait_until(stage, "every story is in the audit", || async {
        for row in enrolments(&ledger).await.unwrap() {
            let (id, row) = (enrolment_ids::id_of(&row.value.reference()), row.value);
            let mut filed = Vec::new();
            for line in &row.story {
                let day = format!("contoso~{}", line.at.format("%Y-%m-%d"));
                let lines: Vec<typed::Read<AuditLine>> =
                    typed::scan(ledger.tables.as_ref(), Table::Activity, &day, RowRange::all(), usize::MAX)
                        .await
                        .unwrap();
                filed.extend(
                    lines.into_iter().filter(|filed| filed.value.enrolment == id && filed.value.n == line.n),
                );
            }
            if filed.len() != row.story.len() {
                return Err(format!("{id}: {} of {} lines", filed.len(), row.story.len()));
            }
        }
        Ok(())
    })
    .await;
    wait_until(stage, "the agenda is clear", || async {
        let postponed = postponed(stage).await;
        if postponed.looks + postponed.hints == 0 { Ok(()) } else { Err(format!("{postponed:?}")) }
    })
    .await;
}

/// The handler dies while the LMS is being asked, and nobody knows whether it has heard.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_died_is_taken_over_when_its_lease_is_over() {
    let names = ["ana", "bo"];
    let mut setup = fragile(&names);
    setup.policy.grace = "0s";
    let mut stage = stage(setup, |world| {
        for name in names {
            world.invite(&meeting(name, &[name])).unwrap();
        }
    })
    .await;
    let world = stage.simulator.world().clone();
    let world = &world;
    watched(&stage, names.len()).await;
    known(&stage, names.len()).await;
    world.inject(Fault::LmsSlow { ms: 120_000 });
    for name in names {
        keeps(world, name);
    }
    for name in names {
        becomes(&stage, name, name, "running declined/learner-copy -; has place, 0 effects").await;
    }
    assert!(stage.kill_handler().await.unwrap());
    world.clear_faults();
    // Bo has second thoughts, but the LMS may have heard already.
    accepts(world, "bo");
    becomes(&stage, "bo", "bo", "running attending/learner-copy -; has place, 0 effects").await;
    suites::stays(&stage, "a claim holds as long as its lease", || async {
        let seen = seen(&stage, "ana", "ana").await;
        if seen.state.as_deref() == Some("running") { Ok(()) } else { Err(seen.line()) }
    })
    .await;
    let_time_pass(&stage).await;
    let ana = becomes(&stage, "ana", "ana", "done declined/learner-copy done; gone, 1 effects").await;
    assert_eq!(ana.attempts, 2);
    becomes(&stage, "bo", "bo", "review attending/learner-copy -; has place, 0 effects").await;
    let effects = world.effects();
    assert!(effects.iter().all(|effect| effect.learner == address("ana")), "{effects:?}");
    nothing_is_left_behind(&stage).await;
}
