//! What people do with an invitation, through to the LMS: who declines loses the place, once; nobody else does.

use crate::stage;
use chrono::{Duration as Span, Utc};
use serde_json::json;
use simulator::World;
use simulator::stage::{Policy, Setup, Stage};
use simulator::world::act::{Cancel, Invite, Move, Retime, Who};
use simulator::world::matrix::Matrix;
use std::time::Duration;
use suites::{
    address, alerts, becomes, decline, id, invite, known, meeting, reply, seen, setup, status, stays, story,
    wait_until, watched,
};

type Act = fn(&World, &str);

/// One way to treat an invitation, and what must come of it ([`suites::Seen::line`]). Everybody's session has the name of
/// the learner.
struct Row {
    name: &'static str,
    /// Each is done as soon as the enrolment is in this state.
    steps: &'static [(&'static str, Act)],
    ends: &'static str,
    /// Where Exchange behaves in the other way that the facts sheet leaves open.
    otherwise: Option<&'static str>,
}

const fn row(name: &'static str, steps: &'static [(&'static str, Act)], ends: &'static str) -> Row {
    Row { name, steps, ends, otherwise: None }
}

impl Row {
    const fn or(self, otherwise: &'static str) -> Row {
        Row { otherwise: Some(otherwise), ..self }
    }
}

const ATTENDS: &str = "watched attending/learner-copy -; has place, 0 effects";
const SILENT: &str = "watched unanswered/learner-copy -; has place, 0 effects";
const BY_OWN_COPY: &str = "done declined/learner-copy done; gone, 1 effects";
const BY_ORGANIZERS_COPY: &str = "done declined/organizer-copy done; gone, 1 effects";
const BY_REMOVAL: &str = "done unseen/removal done; gone, 1 effects";
const REVIEW: &str = "review removed/removal -; has place, 0 effects";
const CALLED_OFF: &str = "watched cancelled-by-organizer/learner-copy -; has place, 0 effects";
const CALLED_OFF_WITHOUT_COPY: &str = "watched cancelled-by-organizer/organizer-copy -; has place, 0 effects";
const DROPPED_BUT_DECLINED: &str = "done dropped-by-organizer/organizer-copy done; gone, 1 effects";
const MOVED_SINCE: &str = "review unanswered/learner-copy -; has place, 0 effects";

/// Names that end in `-out` are invited by mail from outside; `over` and `begun` are about old sessions.
const ROWS: &[Row] = &[
    row("accepts", &[("watched", accepts)], ATTENDS),
    row("tentative", &[("watched", |w, n| w.tentative(&reply(n, n)).unwrap())], ATTENDS),
    row("says-nothing", &[], SILENT),
    row("touches", &[("watched", |w, n| w.touch(&who(n)).unwrap())], SILENT),
    row("declines", &[("watched", declines)], BY_ORGANIZERS_COPY),
    row("declines-and-keeps", &[("watched", declines_and_keeps)], BY_OWN_COPY),
    row("mail-comes-late", &[("watched", declines_with_a_late_mail)], BY_ORGANIZERS_COPY),
    row("declines-out", &[("watched", declines)], BY_REMOVAL),
    row("declines-and-keeps-out", &[("watched", declines_and_keeps)], BY_OWN_COPY),
    row("declines-in-silence", &[("watched", declines_in_silence)], REVIEW),
    row("keeps-in-silence", &[("watched", |w, n| w.decline(&reply(n, n).keep(true).silent()).unwrap())], BY_OWN_COPY),
    row("accepts-and-deletes", &[("watched", accepts), ("watched", |w, n| w.delete(&reply(n, n)).unwrap())], REVIEW),
    row("deletes-with-a-word", &[("watched", deletes_with_a_word)], BY_ORGANIZERS_COPY),
    row("accepts-and-moves", &[("watched", accepts), ("watched", moves)], ATTENDS),
    row("moves-and-declines", &[("watched", moves), ("watched", declines)], BY_ORGANIZERS_COPY),
    row("changes-in-time", &[("watched", declines_and_keeps), ("waiting", accepts)], ATTENDS),
    row("restores-in-time", &[("watched", declines), ("waiting", accepts)], ATTENDS),
    row(
        "wavers",
        &[("watched", declines_and_keeps), ("waiting", accepts), ("watched", declines_and_keeps)],
        BY_OWN_COPY,
    ),
    row("called-off", &[("watched", calls_off)], CALLED_OFF),
    row("called-off-after", &[("watched", declines_and_keeps), ("waiting", calls_off)], CALLED_OFF),
    row("called-off-without", &[("watched", declines), ("waiting", calls_off)], CALLED_OFF_WITHOUT_COPY),
    row("dropped", &[("watched", drops)], CALLED_OFF)
        .or("watched dropped-by-organizer/organizer-copy -; has place, 0 effects"),
    // Evidence fades, the decline stays (design, section 5).
    row("dropped-after", &[("watched", declines), ("waiting", drops)], DROPPED_BUT_DECLINED),
    row("retimed", &[("watched", accepts), ("watched", retimes)], SILENT),
    row("retimed-declines", &[("watched", retimes), ("watched", declines)], BY_ORGANIZERS_COPY),
    row("retimed-after", &[("watched", declines_and_keeps), ("waiting", retimes)], MOVED_SINCE),
    row("retimed-without", &[("watched", declines), ("waiting", retimes)], MOVED_SINCE).or(BY_ORGANIZERS_COPY),
    row("over", &[("watched", declines_and_keeps)], "watched ended/learner-copy -; has place, 0 effects"),
    row("begun", &[("watched", declines)], "expired declined/organizer-copy too_late; has place, 0 effects"),
];

fn who(name: &str) -> Who {
    Who { learner: address(name), session: name.to_owned() }
}

fn accepts(world: &World, name: &str) {
    world.accept(&reply(name, name)).unwrap();
}

fn declines(world: &World, name: &str) {
    decline(world, name, name);
}

fn declines_and_keeps(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(true)).unwrap();
}

fn declines_in_silence(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(false).silent()).unwrap();
}

/// After the first look, before the last.
fn declines_with_a_late_mail(world: &World, name: &str) {
    world.decline(&reply(name, name).keep(false).mail_after(Duration::from_millis(1_500))).unwrap();
}

fn deletes_with_a_word(world: &World, name: &str) {
    let mut word = reply(name, name);
    word.respond = Some(true);
    world.delete(&word).unwrap();
}

fn moves(world: &World, name: &str) {
    let calendar = "Private".to_owned();
    world.move_copy(&Move { learner: address(name), session: name.to_owned(), calendar }).unwrap();
}

fn calls_off(world: &World, name: &str) {
    world.cancel(&Cancel { session: name.to_owned() }).unwrap();
}

fn drops(world: &World, name: &str) {
    world.drop_learner(&who(name)).unwrap();
}

fn retimes(world: &World, name: &str) {
    let start = Utc::now() + Span::days(9);
    world.retime(&Retime { session: name.to_owned(), start, end: start + Span::hours(2) }).unwrap();
}

fn invitation(name: &str) -> Invite {
    let mut invitation = meeting(name, &[name]);
    let from_now = match name {
        "over" => Span::hours(-3),
        "begun" => Span::hours(-1),
        _ => Span::days(7),
    };
    invitation.start = Utc::now() + from_now;
    invitation.end = invitation.start + Span::hours(2);
    invitation.from_outside = name.ends_with("-out");
    invitation
}

async fn plays(stage: &Stage, row: &Row, ends: &str) {
    let world = stage.simulator.world();
    for (state, act) in row.steps {
        wait_until(stage, &format!("{} is {state}", row.name), || async {
            let seen = seen(stage, row.name, row.name).await;
            if seen.state.as_deref() == Some(state) { Ok(()) } else { Err(seen.line()) }
        })
        .await;
        act(world, row.name);
    }
    becomes(stage, row.name, row.name, ends).await;
    let story = story(stage, row.name, row.name).await;
    let last = story.last().unwrap();
    match ends.split(' ').next().unwrap() {
        "done" => assert!(last.starts_with("The LMS has cancelled the place"), "{}: {story:?}", row.name),
        "review" => assert!(last.contains("A person is asked"), "{}: {story:?}", row.name),
        "expired" => assert!(last.contains("after the deadline"), "{}: {story:?}", row.name),
        _ => assert!(!story.iter().any(|line| line.contains("LMS")), "{}: {story:?}", row.name),
    }
}

/// Plays all rows beside each other, and then sees that nothing moves any more.
async fn play(matrix: Matrix, ends: fn(&Row) -> &'static str) {
    let names: Vec<&str> = ROWS.iter().map(|row| row.name).collect();
    let mut setup = setup(&names);
    setup.options.matrix = matrix;
    // Long enough for second thoughts on a busy machine.
    setup.policy.grace = "3s";
    let stage = stage(setup, |_| {}).await;
    let world = stage.simulator.world();
    watched(&stage, names.len()).await;
    for name in &names {
        world.invite(&invitation(name)).unwrap();
    }
    known(&stage, names.len()).await;
    futures::future::join_all(ROWS.iter().map(|row| plays(&stage, row, ends(row)))).await;
    stays(&stage, "every row", || async {
        for row in ROWS {
            let seen = seen(&stage, row.name, row.name).await;
            if seen.line() != ends(row) {
                return Err(format!("{}: '{}' instead of '{}'", row.name, seen.line(), ends(row)));
            }
        }
        Ok(())
    })
    .await;
    let told = ROWS.iter().filter(|row| ends(row).ends_with("gone, 1 effects")).count();
    let asked: Vec<_> = world.effects().iter().map(|effect| effect.learner.clone()).collect();
    assert_eq!(asked.len(), told, "the LMS was asked for others too, or more than once: {asked:?}");
    assert_eq!(alerts(&stage).await, ["expired", "review"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_everyday_row_ends_as_people_mean_it() {
    play(Matrix::default(), |row| row.ends).await;
}

/// Every line of the facts sheet that is not confirmed, the other way round.
#[tokio::test(flavor = "multi_thread")]
async fn every_everyday_row_survives_an_exchange_that_behaves_otherwise() {
    play(Matrix::otherwise(), |row| row.otherwise.unwrap_or(row.ends)).await;
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
    becomes(&stage, "4711", "ana", "done declined/organizer-copy would_have_cancelled; has place, 0 effects").await;
    becomes(&stage, "4711", "bo", "done declined/learner-copy would_have_cancelled; has place, 0 effects").await;
    becomes(&stage, "4711", "cy", ATTENDS).await;
    assert_eq!(status(&stage, "/mode").await, "observe");
    assert!(story(&stage, "4711", "ana").await.last().unwrap().contains("would have been cancelled"));
    assert_eq!(world.effects(), []);
}

/// A removal without a word from the organizer's copy, and one that nobody can explain, by other policies than the default.
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
        if seen.line() == "watched removed/removal -; has place, 0 effects" { Ok(()) } else { Err(seen.line()) }
    })
    .await;
    assert!(story(&stage, "4711", "bo").await.last().unwrap().contains("asked them"));
}
