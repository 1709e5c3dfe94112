//! What goes wrong during `--chaos`, by the seed: notifications, Graph and the LMS.

use crate::acts::Action;
use crate::cast::Cast;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use simulator::disorder::{Disorder, Spells};
use simulator::stage::{Policy, Setup};
use simulator::{Fault, World};
use std::time::Duration;

/// From one fault of Graph or the LMS to the next, in milliseconds.
const BETWEEN: std::ops::Range<u64> = 400..1_000;

/// What is otherwise in a stage under chaos.
pub(crate) fn prepare(setup: &mut Setup, learners: u32) {
    setup.options.disorder = Disorder {
        loss: 0.15,
        late: 0.1,
        lateness: Duration::from_secs(100)..=Duration::from_secs(400),
        ..Disorder::default()
    };
    setup.options.graph_latency = Duration::from_millis(1)..=Duration::from_millis(15);
    // What is never told is found by comparing calendars, a day's work in a few seconds.
    setup.plans = Some("*/3 * * * * *");
    setup.syncs = Some("* * * * * *");
    setup.comes_again = Some("00:00:01");
    // An hour, as minutes go here: Graph must not fail for longer than this.
    setup.policy = Policy { resync: pace(learners).0, recheck: "60s", ..setup.policy.clone() };
}

/// How often each calendar is compared anew, about as many in a second however many there are; and for how
/// long nothing may change any more when everything is as it must be: every calendar is compared in it, and
/// what would follow is done.
fn pace(learners: u32) -> (&'static str, Duration) {
    match learners {
        0..=60 => ("6s", Duration::from_secs(12)),
        61..=200 => ("12s", Duration::from_secs(18)),
        201..=600 => ("30s", Duration::from_secs(36)),
        601.. => ("3m", Duration::from_secs(190)),
    }
}

/// For how long nothing may change any more.
pub(crate) fn quiet(learners: u32) -> Duration {
    pace(learners).1
}

type Inject = fn(&World);

/// Faults of Graph and the LMS, each for a moment.
const FAULTS: [(&str, Inject); 18] = [
    ("Graph throttles: the next 12 requests get 429, Retry-After 0.3", |world| {
        world.inject_times(throttle(false), 12);
    }),
    ("Graph throttles whole batches: the next 4 get 429", |world| world.inject_times(throttle(true), 4)),
    ("Graph fails each second part of a batch with 503, for a second", |world| {
        world.inject_each(graph_status(503), 2, Duration::from_secs(1));
    }),
    ("Graph answers 504 to the next 5 requests", |world| world.inject_times(graph_status(504), 5)),
    ("Graph is slow for a second", |world| {
        world.inject_for(Fault::GraphSlow { ms: 300 }, Duration::from_secs(1))
    }),
    ("Graph closes the next 3 connections without an answer", |world| {
        world.inject_times(Fault::GraphLost, 3)
    }),
    ("Graph's gateway answers the next 3 requests with HTML", |world| {
        world.inject_times(Fault::GraphHtml { status: 502 }, 3);
    }),
    ("Graph takes a valid token for broken", |world| world.inject_times(Fault::TokenBroken, 1)),
    ("Entra gives no tokens for a second", |world| {
        world.inject_for(Fault::EntraStatus { status: 503 }, Duration::from_secs(1));
    }),
    ("the LMS goes down for two seconds", |world| world.inject_for(Fault::LmsDown, Duration::from_secs(2))),
    ("the LMS answers 503, Retry-After 1, to the next 3", |world| {
        world.inject_times(Fault::LmsStatus { status: 503, retry_after: Some("1".to_owned()) }, 3);
    }),
    ("the LMS answers 500 to the next 3", |world| {
        world.inject_times(Fault::LmsStatus { status: 500, retry_after: None }, 3);
    }),
    ("the LMS's gateway answers the next 2 with HTML", |world| {
        world.inject_times(Fault::LmsHtml { status: 502 }, 2)
    }),
    ("the LMS loses its next 4 replies, after the effect", |world| {
        world.inject_times(Fault::LmsLoseReply, 4)
    }),
    ("the LMS says `accepted` to the next 3, and takes its time", |world| {
        world.inject_times(Fault::LmsTakesItsTime { ms: 700 }, 3);
    }),
    ("the LMS lies: it says that it is done, and does nothing", |world| world.inject_times(lie("done"), 1)),
    ("the LMS lies: it says that the place was cancelled before", |world| {
        world.inject_times(lie("already_cancelled"), 1);
    }),
    ("the LMS refuses, for no reason", |world| world.inject_times(lie("refused"), 1)),
];

fn throttle(outer: bool) -> Fault {
    Fault::GraphThrottle { mailbox: None, retry_after: Some("0.3".to_owned()), outer }
}

fn lie(outcome: &str) -> Fault {
    Fault::LmsLie { outcome: outcome.to_owned(), message: None }
}

fn graph_status(status: u16) -> Fault {
    Fault::GraphStatus { mailbox: None, status, code: None, retry_after: None, outer: false }
}

/// A fault of the simulated LMS: no other one can be made to fail.
fn is_of_the_lms(line: &str) -> bool {
    line.starts_with("the LMS")
}

/// All faults of the play, as acts of nobody.
pub(crate) fn faults(seed: u64, cast: &Cast, play: Duration, lms_is_simulated: bool) -> Vec<Action> {
    let end = u64::try_from(play.as_millis()).unwrap_or(u64::MAX);
    let mut dice = StdRng::seed_from_u64(seed ^ 0xc4a0);
    // Long enough to be killed in.
    let slow = action(0, "from now on the LMS takes 0.25 s for everything".to_owned(), |world| {
        world.inject(Fault::LmsSlow { ms: 250 });
    });
    let (mut actions, mut hand, mut at) = (Vec::new(), Vec::new(), 0);
    actions.extend(lms_is_simulated.then_some(slow));
    loop {
        at += dice.random_range(BETWEEN);
        if at >= end {
            break;
        }
        if hand.is_empty() {
            hand = FAULTS.to_vec();
            hand.shuffle(&mut dice);
        }
        if let Some((line, inject)) = hand.pop()
            && (lms_is_simulated || !is_of_the_lms(line))
        {
            actions.push(action(at, line.to_owned(), inject));
        }
    }
    let second = Duration::from_secs(1);
    let gaps = Spells { pause: second..=3 * second, lasting: second / 2..=2 * second, everybody: 0.4 };
    let bursts = Spells { pause: second..=4 * second, lasting: second / 2..=2 * second, everybody: 0.7 };
    actions.extend(spells(&gaps, seed ^ 0x6a95, cast, play, "hears nothing, and is never told", |mailbox| {
        Fault::DropNotifications { mailbox }
    }));
    actions.extend(spells(
        &bursts,
        seed ^ 0xb125,
        cast,
        play,
        "hears nothing, and then everything at once",
        |mailbox| Fault::HoldNotifications { mailbox },
    ));
    actions
}

fn action(at: u64, line: String, inject: impl Fn(&World) + Send + 'static) -> Action {
    let act = move |world: &World| {
        inject(world);
        Ok(())
    };
    Action { at, line: Some(format!("* {line}")), act: Box::new(act) }
}

fn spells(
    spells: &Spells,
    seed: u64,
    cast: &Cast,
    play: Duration,
    what: &str,
    fault: fn(Option<String>) -> Fault,
) -> Vec<Action> {
    let plan = spells.plan(seed, cast.learners.len()).take_while(|spell| spell.at < play);
    plan.map(|spell| {
        let learner = spell.mailbox.and_then(|index| cast.learners.get(index));
        let who = learner.map_or("everybody's mailbox", |learner| &learner.name);
        let mailbox = learner.map(|learner| learner.address.clone());
        let line = format!("for {:.1} s {who} {what}", spell.lasting.as_secs_f32());
        let at = u64::try_from(spell.at.as_millis()).unwrap_or(u64::MAX);
        action(at, line, move |world| world.inject_for(fault(mailbox.clone()), spell.lasting))
    })
    .collect()
}

#[cfg(test)]
#[path = "chaos_tests.rs"]
mod tests;
