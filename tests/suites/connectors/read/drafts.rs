//! What the readings of a draft make of exchanges that are written from public descriptions: `[[reading]]` in
//! `tests/connectors/<draft>/situations.toml`.

use super::{budget, places, sessions};
use crate::rig::{engine, file};
use fake_lms::Fake;
use fake_lms::replay::Replay;
use fake_lms::script::exchanges;
use regrets::ids::SessionId;
use regrets::lms::{RosterReach, Source as _};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reads {
    Sessions,
    Roster,
    /// Whether one session is there.
    Session,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadingPlay {
    reads: Reads,
    name: String,
    plays: String,
    /// As [`super::sessions`] and [`super::places`] tell it.
    told: String,
}

/// What holds for all of a draft.
pub(crate) struct World<'w> {
    pub(crate) connector: &'static str,
    pub(crate) settings: &'w BTreeMap<String, String>,
    pub(crate) session: &'w str,
    pub(crate) parts: &'w BTreeMap<String, String>,
    pub(crate) headers: &'w BTreeMap<String, String>,
}

/// What was not as expected.
pub(crate) async fn play_reading(
    world: &World<'_>,
    reading: &ReadingPlay,
    http: &reqwest::Client,
) -> Vec<String> {
    let script = exchanges(&reading.plays, world.parts, world.headers)
        .unwrap_or_else(|error| panic!("{}: {}: {error}", world.connector, reading.name));
    let fake = Fake::start(Replay::in_order(script.into_iter().map(|one| one.exchange).collect())).await;
    let token_url = format!("{}core/connect/token", fake.url());
    let table = format!("{}report.csv", fake.url());
    let mut given: Vec<(&str, &str)> =
        world.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    given.extend([("token_url", token_url.as_str()), ("table", &table)]);
    let engine = engine(&file(world.connector), fake.url(), &given, http);
    let session = SessionId::new(world.session);
    let told = match reading.reads {
        Reads::Sessions => sessions(&engine.sessions(budget()).await),
        Reads::Roster => {
            let of = Some(&session).filter(|_| engine.roster_reach() == RosterReach::Session);
            places(&engine.roster(of, budget()).await)
        }
        Reads::Session => format!("{:?}", engine.is_there(&session, budget()).await),
    };
    let mut wrong: Vec<String> = fake.with(|replay| {
        let left = replay.left().into_iter().map(|left| format!("never asked for: {left}"));
        left.chain(replay.unknown.iter().map(|unknown| format!("not expected: {unknown}"))).collect()
    });
    if told.trim() != reading.told.trim() {
        wrong.push(format!("told is\n{told}"));
    }
    wrong.into_iter().map(|wrong| format!("{}: {wrong}", reading.name)).collect()
}
