//! Drafts on exchanges that are written from public descriptions: `tests/connectors/<draft>/situations.toml`.
//! Nobody has seen them on the real LMS, and the page of each says so.
//!
//! Held for each draft: every request is the expected one, in its order; what an attempt comes to, how far
//! it came, when it is tried again; that each kind of situation is played, or that its file says why this
//! LMS has none; that there are enough of them.

use super::page::{Row, hold_draft};
use super::read::drafts::{ReadingPlay, World, play_reading};
use super::rig::{ATTEMPT, engine, file, http, order};
use super::situations::answer;
use fake_lms::replay::Replay;
use fake_lms::script::{Scripted, exchanges};
use fake_lms::{Fake, Mishap, On};
use futures::future::join_all;
use regrets::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use regrets::enrolment::place_state::PlaceState;
use regrets::lms::presets;
use regrets::lms::recipe::connector::{ConnectorFile, RecipeKind, Status};
use regrets::lms::{Budget, Connector as _};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;
use strum::{IntoStaticStr, VariantArray};
use suites::checkout::root;

/// Of a draft that asks its LMS anything of a place.
const FEWEST: usize = 14;

/// What every file of situations begins with, so that whoever opens it knows.
const HEAD: &str =
    "# Written from public descriptions. Nobody has seen this connector run against the real LMS.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
enum Kind {
    Done,
    AlreadyCancelled,
    UnknownLearner,
    UnknownSession,
    HeldElsewhere,
    WrongCredential,
    Throttled,
    ServerError,
    /// A bulk call went well, and the one entry did not.
    FailedEntry,
    /// The write is answered well, and the place is still there.
    StillHeld,
    /// What this LMS is known to say and not to mean.
    Lie,
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Draft {
    session: String,
    learner: String,
    settings: BTreeMap<String, String>,
    /// Of every request that names none.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    parts: BTreeMap<String, String>,
    /// Kinds that can't be played, and why.
    #[serde(default)]
    none: BTreeMap<String, String>,
    #[serde(rename = "situation")]
    situations: Vec<Situation>,
    /// See [`crate::read::drafts`].
    #[serde(default, rename = "reading")]
    readings: Vec<ReadingPlay>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Situation {
    kind: Kind,
    name: String,
    /// Nobody knows whether the LMS answers so.
    #[serde(default)]
    unconfirmed: bool,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    session: Option<String>,
    learner: Option<String>,
    /// See [`fake_lms::script`].
    #[serde(default)]
    plays: String,
    outcome: LmsOutcome,
    /// A part of what is told.
    says: Option<String>,
    before: Option<PlaceState>,
    after: Option<PlaceState>,
    /// Seconds.
    retry_after: Option<u64>,
}

fn asks_lists(file: &ConnectorFile) -> bool {
    !file.recipes.sessions.is_empty()
}

fn path(connector: &str) -> PathBuf {
    root().join("tests/connectors").join(connector).join("situations.toml")
}

fn drafts() -> impl Iterator<Item = &'static str> {
    presets::names().filter(|name| file(name).about.status == Status::Draft)
}

/// Of a place.
fn asks(file: &ConnectorFile) -> bool {
    let mut of_a_place = RecipeKind::ALL.iter().filter(|kind| kind.is_of_a_place());
    of_a_place.any(|kind| file.recipes.of(*kind).iter().any(|step| step.request.is_some()))
}

/// What is missing in a draft's file.
fn lacks(file: &ConnectorFile, text: &str, draft: &Draft) -> Vec<String> {
    let mut lacks = Vec::new();
    if !text.starts_with(HEAD) {
        lacks.push(format!("it does not begin with: {HEAD}"));
    }
    let fewest = if asks(file) { FEWEST } else { 1 };
    if draft.situations.len() < fewest {
        lacks.push(format!("{} situations: {fewest} at least", draft.situations.len()));
    }
    let played: BTreeSet<Kind> = draft.situations.iter().map(|situation| situation.kind).collect();
    for kind in Kind::VARIANTS.iter().filter(|kind| **kind != Kind::Other) {
        let word: &str = kind.into();
        match (played.contains(kind), draft.none.get(word)) {
            (false, None) => lacks.push(format!("no situation `{word}`, and not said why")),
            (true, Some(_)) => lacks.push(format!("`{word}` is played, and said to be none")),
            (true, None) | (false, Some(_)) => {}
        }
    }
    let known: Vec<&str> = Kind::VARIANTS.iter().map(|kind| kind.into()).collect();
    let unknown = draft.none.keys().filter(|word| !known.contains(&word.as_str()));
    lacks.extend(unknown.map(|word| format!("no kind is called `{word}`")));
    let mut names = BTreeSet::new();
    let twice = draft.situations.iter().filter(|situation| !names.insert(&situation.name));
    lacks.extend(twice.map(|situation| format!("two situations are called {}", situation.name)));
    if asks_lists(file) == draft.readings.is_empty() {
        lacks.push("what its readings find is not played, or there are none".to_owned());
    }
    let used = |part: &str| text.contains(&format!("\n@{part}\n"));
    let idle = draft.parts.keys().filter(|part| !used(part));
    lacks.extend(idle.map(|part| format!("nothing plays the part {part}")));
    lacks
}

/// Its row, and what was not as expected.
async fn play(
    connector: &str,
    draft: &Draft,
    situation: &Situation,
    http: &reqwest::Client,
) -> (Row, Vec<String>) {
    let script = exchanges(&situation.plays, &draft.parts, &draft.headers)
        .unwrap_or_else(|error| panic!("{connector}: {}: {error}", situation.name));
    let fake = Fake::start(Replay::in_order(script.iter().map(|one| one.exchange.clone()).collect())).await;
    for lost in script.iter().enumerate().filter(|(_, one)| one.is_lost).map(|(index, _)| index) {
        fake.plan(On::Any, lost, 1, Mishap::LostAfter);
    }
    let token_url = format!("{}core/connect/token", fake.url());
    let table = format!("{}report.csv", fake.url());
    let given = situation.settings.iter().chain(&draft.settings);
    let mut given: Vec<(&str, &str)> = given.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    given.extend([("token_url", token_url.as_str()), ("table", &table)]);
    let engine = engine(&file(connector), fake.url(), &given, http);
    let session = situation.session.as_ref().unwrap_or(&draft.session);
    let learner = situation.learner.as_ref().unwrap_or(&draft.learner);
    let reply = engine.cancel(&order(session, learner), Budget::of(ATTEMPT)).await;
    let mut wrong: Vec<String> = fake.with(|replay| {
        let left = replay.left().into_iter().map(|left| format!("never asked for: {left}"));
        left.chain(replay.unknown.iter().map(|unknown| format!("not expected: {unknown}"))).collect()
    });
    wrong.extend(otherwise(situation, &script, &reply));
    let seen = fake.seen();
    let told = script.iter().rposition(|one| one.writes).and_then(|at| seen.get(at)).or(seen.last());
    let row = Row {
        situation: shown(situation),
        answer: told.map_or_else(|| "nothing is sent".to_owned(), answer),
        outcome: reply.outcome,
        effects: script.iter().filter(|one| one.writes).count(),
    };
    (row, wrong)
}

fn otherwise(situation: &Situation, script: &[Scripted], reply: &Reply) -> Option<String> {
    let message = reply.message.as_deref().unwrap_or_default();
    let is_as_expected = reply.outcome == situation.outcome
        && reply.before == situation.before
        && reply.after == situation.after
        && reply.retry_after == situation.retry_after.map(Duration::from_secs)
        && (reply.reach == Reach::Sent) == script.iter().any(|one| one.writes)
        && situation.says.as_ref().is_none_or(|said| message.contains(said));
    (!is_as_expected).then(|| format!("{reply:?}"))
}

fn shown(situation: &Situation) -> String {
    let settings: Vec<String> =
        situation.settings.iter().map(|(name, value)| format!("`{name} = \"{value}\"`")).collect();
    let mut shown = situation.name.clone();
    if !settings.is_empty() {
        shown.push_str(&format!(" ({})", settings.join(", ")));
    }
    if situation.unconfirmed {
        shown.push_str(" †");
    }
    shown
}

/// Plays all situations of a draft, and holds its page to what was seen: all that was wrong.
async fn draft(connector: &'static str) -> Vec<String> {
    let text = std::fs::read_to_string(path(connector))
        .unwrap_or_else(|error| panic!("{}: {error}", path(connector).display()));
    let draft: Draft = toml::from_str(&text).unwrap_or_else(|error| panic!("{connector}: {error}"));
    let file = file(connector);
    let mut wrong = lacks(&file, &text, &draft);
    let (mut rows, http) = (Vec::new(), http());
    for situation in &draft.situations {
        let (row, found) = play(connector, &draft, situation, &http).await;
        if !found.is_empty() {
            wrong.push(format!("{}:\n    {}", situation.name, found.join("\n    ")));
        }
        rows.push(row);
    }
    for reading in &draft.readings {
        let world = World {
            connector,
            settings: &draft.settings,
            session: &draft.session,
            parts: &draft.parts,
            headers: &draft.headers,
        };
        wrong.extend(play_reading(&world, reading, &http).await);
    }
    if wrong.is_empty() {
        hold_draft(&file, &rows, draft.none.values().map(String::as_str).collect());
    }
    wrong.into_iter().map(|wrong| format!("{connector}: {wrong}")).collect()
}

#[tokio::test]
async fn every_situation_of_every_draft_has_its_outcome() {
    let only = std::env::var("DRAFT").ok();
    let drafts = drafts().filter(|name| only.as_deref().is_none_or(|only| only == *name));
    let wrong: Vec<String> = join_all(drafts.map(draft)).await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_drafts_have_situations_from_descriptions() {
    let full: Vec<&str> = presets::names().filter(|name| file(name).about.status == Status::Full).collect();
    let stale: Vec<_> = full.iter().filter(|name| path(name).exists()).collect();
    assert!(stale.is_empty(), "{stale:?} are seen to work: play what was recorded, and drop these");
    assert!(drafts().count() > 0);
}
