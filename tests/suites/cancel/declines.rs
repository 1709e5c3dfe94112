//! What people do with an invitation, through to the LMS: who declines loses the place, once; nobody else
//! does.

mod acts;
mod page;
mod row;
mod rows;

use crate::stage;
use acts::{alias, exchange_name};
use parking_lot::Mutex;
use regrets::ledger::Ledger;
use row::{Cast, Row, fits};
use rows::{ATTENDS, BEHIND, BY_ORGANIZER, BY_REMOVAL, NAMELESS, REVIEW, ROWS};
use serde_json::{Value, json};
use simulator::Fault;
use simulator::stage::{Policy, Setup, Stage};
use simulator::world::act::Invite;
use simulator::world::matrix::Matrix;
use std::time::Duration;
use suites::passing::{begin_now, hurry, impatiently, ledger_of, let_time_pass, postponed};
use suites::{
    ORGANIZER, Seen, address, alerts, becomes, came_true, decline, drained, id, invite, known, meeting,
    queue_depths, reply, seen, seen_among, setup, status, stays, story, wait_until, watched,
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

fn now_kept() -> Vec<&'static Row> {
    ROWS.iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_ends_as_people_mean_it() {
    play(now_kept(), &[]).await;
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
    for row in ROWS.iter().chain(BEHIND).chain(BY_ORGANIZER) {
        assert!(row.otherwise.iter().all(|(switch, _)| switches.contains(switch)), "{}", row.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_the_other_answer_of_the_first_group() {
    play(now_kept(), GROUPS[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_the_other_answer_of_the_second_group() {
    play(now_kept(), GROUPS[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_the_other_answer_of_the_third_group() {
    play(now_kept(), GROUPS[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_survives_an_exchange_that_answers_everything_otherwise() {
    play(now_kept(), &GROUPS[..3].concat()).await;
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
    play_watching("both", now_kept(), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mode_observe_says_what_it_would_do_and_asks_the_lms_for_nothing() {
    let mut setup = setup(&["ana", "bo", "cy"]);
    setup.policy.mode = "observe";
    let stage = stage(setup, |world| invite(world, "4711", &["ana", "bo", "cy"])).await;
    let world = stage.simulator.world();
    watched(&stage, 3).await;
    known(&stage, 3).await;
    decline(world, "ana", "4711");
    world.decline(&reply("bo", "4711").keep(true)).unwrap();
    world.accept(&reply("cy", "4711")).unwrap();
    becomes(&stage, "4711", "ana", "done declined/organizer-copy would_have_cancelled; has place, 0 effects")
        .await;
    becomes(&stage, "4711", "bo", "done declined/learner-copy would_have_cancelled; has place, 0 effects")
        .await;
    becomes(&stage, "4711", "cy", ATTENDS).await;
    assert_eq!(status(&stage, "/mode").await, "observe");
    assert!(story(&stage, "4711", "ana").await.last().unwrap().contains("would have been cancelled"));
    assert_eq!(world.effects(), []);
}

/// A removal without a word from the organizer's copy, and one that nobody can explain, by other policies
/// than the default.
#[tokio::test(flavor = "multi_thread")]
async fn weak_verdicts_follow_the_policy() {
    async fn one(policy: Policy, from_outside: bool, ends: &str) {
        let stage = stage(Setup { policy, ..setup(&["ana"]) }, |_| {}).await;
        let world = stage.simulator.world();
        watched(&stage, 1).await;
        world.invite(&Invite { from_outside, ..meeting("4711", &["ana"]) }).unwrap();
        known(&stage, 1).await;
        world.decline(&reply("ana", "4711").keep(false).silent()).unwrap();
        becomes(&stage, "4711", "ana", ends).await;
    }
    let quick = suites::quick;
    futures::join!(
        one(Policy { removed: "cancel", ..quick() }, false, "done removed/removal done; gone, 1 effects"),
        one(Policy { unseen: "review", ..quick() }, true, "review unseen/removal -; has place, 0 effects"),
        // Nobody's calendar but the learner's own is readable.
        one(Policy { organizers: false, ..quick() }, false, BY_REMOVAL),
    );
}

/// Automatic replies are on, and the decline comes right after the invitation.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_mailbox_declines_by_itself_is_told_where_its_settings_may_be_read() {
    use suites::quick;
    async fn one(granted: bool, automatic: &'static str, ends: &str) {
        let more = format!("{}automatic = \"{automatic}\"\n", quick().more);
        let setup = Setup { policy: Policy { more, ..quick() }, ..setup(&["ana"]) };
        let stage = stage(setup, |world| {
            world.edit_user(&address("ana"), |ana| ana.automatic_replies = Some(None)).unwrap();
            if granted {
                world.edit_tenant("contoso.com", |tenant| {
                    tenant.app.roles.insert("MailboxSettings.Read".to_owned());
                });
            }
        })
        .await;
        let world = stage.simulator.world();
        watched(&stage, 1).await;
        invite(world, "4711", &["ana"]);
        known(&stage, 1).await;
        world.decline(&reply("ana", "4711").keep(true)).unwrap();
        becomes(&stage, "4711", "ana", ends).await;
        let told = story(&stage, "4711", "ana").await.iter().any(|line| line.contains("by itself"));
        assert_eq!(told, granted, "{automatic}");
    }
    futures::join!(
        one(true, "review", "review declined/learner-copy -; has place, 0 effects"),
        one(true, "cancel", rows::BY_OWN_COPY),
        one(false, "review", rows::BY_OWN_COPY),
    );
}

/// The copy is gone, and the organizer's mailbox refuses us for good, or can't be read until the session
/// begins.
#[tokio::test(flavor = "multi_thread")]
async fn a_removal_of_which_the_organizer_cannot_be_asked_goes_to_a_person() {
    let word = |late: bool| json!({ "by": "sam", "reason": "asked them", "late": late });
    let refused = async {
        let stage = stage(setup(&["ana"]), |world| invite(world, "4711", &["ana"])).await;
        let world = stage.simulator.world();
        world.inject(Fault::MailboxRefused { mailbox: ORGANIZER.to_owned() });
        watched(&stage, 1).await;
        known(&stage, 1).await;
        decline(world, "ana", "4711");
        impatiently(&stage, becomes(&stage, "4711", "ana", "review unknown/removal -; has place, 0 effects"))
            .await;
    };
    let shut = async {
        let stage = stage(setup(&["ana"]), |world| invite(world, "4711", &["ana"])).await;
        let world = stage.simulator.world();
        watched(&stage, 1).await;
        known(&stage, 1).await;
        let (mailbox, code, retry_after) = (Some(ORGANIZER.to_owned()), None, None);
        world.inject(Fault::GraphStatus { mailbox, status: 503, code, retry_after, outer: false });
        decline(world, "ana", "4711");
        let ledger = ledger_of(&stage);
        wait_until(&stage, "it is seen that the copy is gone", || async {
            let rows = suites::passing::enrolments(&ledger).await.unwrap();
            let seen =
                rows.iter().any(|row| row.value.parts.iter().any(|part| part.unexplained_since.is_some()));
            if seen { Ok(()) } else { Err(format!("{rows:?}")) }
        })
        .await;
        begin_now(&ledger, "4711", "ana").await;
        let_time_pass(&stage).await;
        becomes(&stage, "4711", "ana", "review unanswered/learner-copy -; has place, 0 effects").await;
        let path = format!("enrolments/{}/approve", id("4711", "ana"));
        stage.say(&path, &word(false)).await.unwrap_err();
        assert_eq!(seen(&stage, "4711", "ana").await.state.as_deref(), Some("review"));
        stage.say(&path, &word(true)).await.unwrap();
        let cancelled =
            wait_until(&stage, "it is cancelled after the patience with the calendar", || async {
                hurry(&ledger, "4711", "ana").await;
                let seen = seen(&stage, "4711", "ana").await.line();
                if seen.ends_with("done; gone, 1 effects") { Ok(()) } else { Err(seen) }
            });
        impatiently(&stage, cancelled).await;
    };
    futures::join!(refused, shut);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_settles_what_waits_for_one() {
    let names = ["ana", "bo"];
    let stage = stage(setup(&names), |world| invite(world, "4711", &names)).await;
    let world = stage.simulator.world();
    watched(&stage, 2).await;
    known(&stage, 2).await;
    for name in names {
        world.decline(&reply(name, "4711").keep(false).silent()).unwrap();
    }
    for name in names {
        becomes(&stage, "4711", name, REVIEW).await;
    }
    let word = json!({ "by": "sam", "reason": "asked them" });
    stage.say(&format!("enrolments/{}/approve", id("4711", "ana")), &word).await.unwrap();
    stage.say(&format!("enrolments/{}/ignore", id("4711", "bo")), &word).await.unwrap();
    becomes(&stage, "4711", "ana", "done removed/removal done; gone, 1 effects").await;
    stays(&stage, "what was ignored", || async {
        let seen = seen(&stage, "4711", "bo").await;
        if seen.line() == "watched removed/removal -; has place, 0 effects" {
            Ok(())
        } else {
            Err(seen.line())
        }
    })
    .await;
    assert!(story(&stage, "4711", "bo").await.last().unwrap().contains("asked them"));
}
