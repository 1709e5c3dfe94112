//! What people do with an invitation, through to the LMS: who declines loses the place, once; nobody else
//! does.

mod acts;
pub(crate) mod ends;
mod generations;
mod page;
mod row;
mod rows;
mod series;

use crate::stage;
use acts::{alias, exchange_name};
use parking_lot::Mutex;
use regrets::ledger::Ledger;
use row::{Cast, Row, fits};
use rows::{BEHIND, BY_ORGANIZER, NAMELESS, rows};
use serde_json::Value;
use simulator::stage::Stage;
use simulator::world::matrix::Matrix;
use std::time::Duration;
use suites::passing::{begin_now, hurry, impatiently, ledger_of, postponed};
use suites::{
    ORGANIZER, Seen, address, alerts, came_true, drained, id, queue_depths, seen_among, setup, stays, story,
    wait_until, watched,
};

/// The ledger as it was read last, for all rows together: they look often, and are many.
struct Board {
    ledger: Ledger,
    /// And how often it was another one than before.
    rows: Mutex<(Vec<Value>, usize)>,
}

impl Board {
    fn of(stage: &Stage) -> Self {
        Self { ledger: ledger_of(stage), rows: Mutex::default() }
    }

    async fn keep_up(&self, stage: &Stage) {
        loop {
            if let Ok(rows) = stage.enrolments().await {
                let mut known = self.rows.lock();
                if known.0 != rows {
                    *known = (rows, known.1 + 1);
                }
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    fn seen(&self, stage: &Stage, session: &str, name: &str) -> Seen {
        seen_among(stage, &self.rows.lock().0, session, name)
    }

    /// Waits until ledger and LMS fit `wanted`; with `grace`, a decision that waits meanwhile has all the
    /// time it needs for second thoughts, however busy the machine is. As long as the ledger changes, others
    /// have their turn.
    async fn becomes(
        &self,
        stage: &Stage,
        what: &str,
        (session, name): (&str, &str),
        wanted: &str,
        grace: bool,
    ) {
        let came = came_true(|| async {
            let seen = self.seen(stage, session, name);
            if fits(&seen, wanted) {
                return Ok(());
            }
            if !grace && seen.state.as_deref() == Some("waiting") {
                hurry(&self.ledger, session, name).await;
            }
            let changes = self.rows.lock().1;
            Err(format!("'{}' when the ledger has changed {changes} times", seen.line()))
        });
        if let Err(wrong) = came.await {
            let id = id(session, name);
            let told: Vec<String> = stage.log().into_iter().filter(|line| line.contains(&id)).collect();
            panic!("{what}: {wrong}\n{:#?}\n{}", story(stage, session, name).await, told.join("\n"));
        }
    }
}

/// What each of the row's people must come to.
fn wanted(row: &Row, flipped: &[&str]) -> Vec<(String, &'static str)> {
    let ends = std::iter::once(row.ends(flipped)).chain(row.mate_ends);
    row.people().into_iter().zip(ends).collect()
}

async fn acts(stage: &Stage, board: &Board, row: &Row) {
    for (state, act) in row.steps {
        let what = format!("{} ({}) is {state}", row.name, row.line);
        board.becomes(stage, &what, (row.name, row.name), state, *state != "done").await;
        act(stage.simulator.world(), row.name);
    }
    if row.begins {
        begin_now(&board.ledger, row.name, row.name).await;
    }
}

async fn ends(stage: &Stage, board: &Board, row: &Row, flipped: &[&str]) {
    for (name, ends) in wanted(row, flipped) {
        let what = format!("{name} ({}) ends as '{ends}'", row.line);
        board.becomes(stage, &what, (row.name, &name), ends, false).await;
    }
    let (ends, story) = (row.ends(flipped), story(stage, row.name, row.name).await);
    let last = story.last().unwrap();
    match ends.split(' ').next().unwrap() {
        "done" => assert!(last.starts_with("The LMS has cancelled the place"), "{}: {story:?}", row.name),
        "review" => assert!(last.contains("A person is asked"), "{}: {story:?}", row.name),
        "expired" => assert!(last.contains("after the deadline"), "{}: {story:?}", row.name),
        _ if ends.ends_with("0 effects") => {
            assert!(!story.iter().any(|line| line.contains("LMS")), "{}: {story:?}", row.name);
        }
        _ => {}
    }
}

async fn play(rows: Vec<&Row>, flipped: &[&str]) {
    play_watching("attendees", rows, flipped).await;
}

/// Planning rounds come every five minutes, which nobody waits for here: what only an organizer's calendar
/// tells of is found by them, and a delta that lags behind takes two.
async fn plans(stage: &Stage) {
    loop {
        tokio::time::sleep(Duration::from_secs(3)).await;
        if !queue_depths(stage).await.is_empty() {
            // A busy machine has enough to do.
            tokio::time::sleep(Duration::from_secs(5)).await;
        }
        // One that is refused while the host is busy is made up for by the next.
        drop(stage.run_function("renew-subscriptions").await);
    }
}

/// Plays all rows beside each other, and then sees that nothing moves any more.
async fn play_watching(watch: &'static str, rows: Vec<&Row>, flipped: &[&str]) {
    let names: Vec<String> = rows.iter().flat_map(|row| row.people()).collect();
    let mut setup = setup(&names.iter().map(String::as_str).collect::<Vec<_>>());
    setup.options.matrix = Matrix::flipped(flipped);
    // Nobody waits for it: the board says whose grace is over.
    setup.policy.grace = "30m";
    setup.policy.watch = watch;
    let is_guest = |name: &str| rows.iter().any(|row| row.cast == Cast::Guest && row.name == name);
    let is_nameless = flipped.contains(&"icalUidsAreNull");
    if is_nameless {
        setup.policy.session = r"{ subject = '\[(?<session>[a-z0-9-]+)\]' }";
    }
    for person in setup.options.tenants.iter_mut().flat_map(|tenant| &mut tenant.people) {
        person.is_guest = is_guest(&person.name);
        let name = if person.upn == ORGANIZER { "learning".to_owned() } else { person.name.clone() };
        person.aliases.push(alias(&name));
        person.exchange_names.push(exchange_name(&name));
    }
    let stage = stage(setup, |_| {}).await;
    let world = stage.simulator.world();
    let learners = names.iter().filter(|name| !is_guest(name)).count();
    watched(&stage, if watch == "organizer" { 0 } else { learners } + usize::from(watch != "attendees"))
        .await;
    rows.iter().for_each(|row| row.invite(world));
    // A row of the ledger is there a moment before its link knows the organizer's copy. Whoever acts in
    // between is judged by less than these rows are about.
    world.quiet().await;
    drained(&stage).await;
    let board = Board::of(&stage);
    let all = async {
        // On a busy machine an organizer may not have been read yet: the hint comes again for that.
        wait_until(&stage, "hints are judged", || async {
            match postponed(&stage).await.hints {
                0 => Ok(()),
                hints => Err(format!("{hints} wait")),
            }
        })
        .await;
        futures::future::join_all(rows.iter().map(|row| acts(&stage, &board, row))).await;
        // Whoever is told of something must have heard of it by now; the rest is seen when the grace is over.
        world.quiet().await;
        drained(&stage).await;
        futures::future::join_all(rows.iter().map(|row| ends(&stage, &board, row, flipped))).await;
        stays(&stage, "every row", || async {
            let ends = rows
                .iter()
                .flat_map(|row| wanted(row, flipped).into_iter().map(move |(name, ends)| (row, name, ends)));
            for (row, name, ends) in ends {
                let seen = board.seen(&stage, row.name, &name);
                if !fits(&seen, ends) {
                    return Err(format!("{name}: '{}' instead of '{ends}'", seen.line()));
                }
            }
            Ok(())
        })
        .await;
    };
    let all = async {
        // Without an iCalUId the organizer's event is a part of its own, which names its own copy half a
        // minute later.
        if is_nameless { all.await } else { impatiently(&stage, all).await }
    };
    tokio::select! {
        () = board.keep_up(&stage) => {}
        () = plans(&stage) => {}
        () = all => {}
    }
    for row in &rows {
        for (name, ends) in wanted(row, flipped) {
            let counts = world.cancellations_by_decision(row.name, &address(&name));
            assert!(
                counts.values().all(|count| *count == 1),
                "{name}: more than once for a decision: {counts:?}"
            );
            let effects = world.effects();
            let asked = effects
                .iter()
                .filter(|effect| effect.session == row.name && effect.learner == address(&name));
            let told = counts.len() + usize::from(ends.contains(" not_enrolled;"));
            assert_eq!(asked.count(), told, "{name}: the LMS was asked more often than '{ends}' needs");
        }
    }
    let alerts = alerts(&stage).await;
    let unasked = rows.iter().any(|row| row.cast == Cast::Unasked);
    assert_eq!(alerts.iter().any(|alert| alert == "no-answer-wanted"), unasked, "{alerts:?}");
    for (state, kinds) in [("expired", ["expired", "declined-late"].as_slice()), ("review", &["review"])] {
        let some = rows.iter().any(|row| row.ends(flipped).starts_with(state));
        assert!(!some || alerts.iter().any(|alert| kinds.contains(&alert.as_str())), "{state}: {alerts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_ends_as_people_mean_it() {
    play(rows().collect(), &[]).await;
}

/// Switches (handler/reference/graph-events.md#switches) that are turned over together. Each by itself would
/// take minutes; these hardly meet in one row.
const GROUPS: [&[&str]; 4] = [
    &[
        "updatedBeforeDeleted",
        "moveChangesImmutableId",
        "cancelledOriginalGoes",
        "occurrenceToldByOwnId",
        "seriesAnswerReachesExceptions",
        "forwardListsAtOnce",
        "mailFindsUser",
        "deltaLags",
        "binnedCopyAnswers",
    ],
    &[
        "restoredCopyIsNew",
        "droppedCopyStays",
        "reinviteVoidsAnswer",
        "unsetTime",
        "occurrenceUidsDiffer",
        "disablingIsTold",
        "deltaOccurrencesAreBare",
        "etagOnDeleted",
        "allDayAtLocalMidnight",
    ],
    &[
        "eventsListAllCalendars",
        "deltaShowsMasters",
        "binnedCopyIsDeclined",
        "retimeRestoresRemoved",
        "unanswered",
        "cancelledOccurrenceStays",
        "answeringMemberIsListed",
    ],
    // Then something else must name the session: these are played by themselves.
    &["icalUidsAreNull"],
];

#[test]
fn every_switch_is_turned_over_in_one_group() {
    let mut grouped: Vec<&str> = GROUPS.concat();
    let mut switches: Vec<&str> = Matrix::SWITCHES.iter().map(|(name, _)| *name).collect();
    grouped.sort_unstable();
    switches.sort_unstable();
    assert_eq!(grouped, switches);
    for row in rows().chain(BEHIND).chain(BY_ORGANIZER) {
        assert!(row.otherwise.iter().all(|(switch, _)| switches.contains(switch)), "{}", row.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_the_other_answer_of_the_first_group() {
    play(rows().collect(), GROUPS[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_the_other_answer_of_the_second_group() {
    play(rows().collect(), GROUPS[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_the_other_answer_of_the_third_group() {
    play(rows().collect(), GROUPS[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_an_exchange_that_answers_everything_otherwise() {
    play(rows().collect(), &GROUPS[..3].concat()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_an_exchange_that_gives_no_ical_uid() {
    play(NAMELESS.iter().collect(), GROUPS[3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_behind_a_shut_mailbox_ends_as_people_mean_it() {
    play(BEHIND.iter().collect(), &[]).await;
}

/// Guests, seen from the mailbox that invites them.
#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_people_without_a_mailbox_ends_as_they_mean_it() {
    futures::join!(
        play_watching("organizer", BY_ORGANIZER.iter().collect(), &[]),
        play_watching("both", BY_ORGANIZER.iter().collect(), &[]),
    );
}

/// Both sides feed one ledger, and never act twice.
#[tokio::test(flavor = "multi_thread")]
async fn every_row_ends_alike_when_both_sides_are_watched() {
    play_watching("both", rows().collect(), &[]).await;
}
