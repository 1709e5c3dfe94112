//! What the connectors for Face-to-face and for Booking asked of a real Moodle with the companion plugin, and
//! what that answered: who and what was meant stands in the recorded requests.

use super::recorded::folder;
use super::rig::{ATTEMPT, engine, file, http, order};
use fake_lms::Fake;
use fake_lms::replay::{Exchange, Replay, situations};
use regrets::lms::{Budget, Connector as _};
use std::collections::BTreeMap;
use url::form_urlencoded;

const FACETOFACE: &[(&str, &str)] = &[
    ("accent", "done"),
    ("begun", "too_late"),
    ("cancellations-off", "refused"),
    ("cancelled-already", "already_cancelled"),
    ("done", "done"),
    ("full", "full"),
    ("given-back", "given_back"),
    ("held-again", "superseded"),
    ("hidden-course", "unexpected"),
    ("may-not-cancel", "unexpected"),
    ("may-not-read", "unexpected"),
    ("moved-up", "done"),
    ("never-cancelled", "refused"),
    ("next-on-the-list", "done"),
    ("no-number", "unknown_session"),
    ("no-session", "unknown_session"),
    ("nobody", "unknown_learner"),
    ("not-signed-up", "not_enrolled"),
    ("token-wrong", "credential_broken"),
    ("two-accounts", "unclear"),
    ("wait-listed", "done"),
    ("without-the-accent", "not_enrolled"),
];

/// All fields of all requests of a situation.
fn fields(exchanges: &[Exchange]) -> BTreeMap<String, String> {
    let bodies = exchanges.iter().filter_map(|exchange| exchange.request.body.as_str());
    bodies.flat_map(|body| form_urlencoded::parse(body.as_bytes()).into_owned()).collect()
}

/// As [`super::real_moodle`] has recorded them.
const BOOKING: &[(&str, &str)] = &[
    ("account-deleted", "credential_broken"),
    ("account-unconfirmed", "credential_broken"),
    ("attended", "too_late"),
    ("before-it-was-shut", "done"),
    ("begun", "too_late"),
    ("cancellations-off", "refused"),
    ("cancelled-already", "already_cancelled"),
    ("done", "done"),
    ("full", "full"),
    ("given-back", "given_back"),
    ("hidden-course", "unexpected"),
    ("in-a-cart", "unclear"),
    ("late", "too_late"),
    ("may-not-cancel", "unexpected"),
    ("moved-up", "done"),
    ("next-on-the-list", "done"),
    ("no-option", "unknown_session"),
    ("nobody", "unknown_learner"),
    ("not-booked", "not_enrolled"),
    ("shut", "refused"),
    ("to-be-confirmed", "done"),
    ("two-accounts", "unclear"),
    ("undated", "done"),
];

#[tokio::test]
async fn every_situation_of_the_real_plugin_has_its_outcome() {
    replayed("moodle-facetoface", FACETOFACE).await;
    replayed("moodle-booking", BOOKING).await;
}

async fn replayed(connector: &str, outcomes: &[(&str, &str)]) {
    let mut recorded = situations(&folder(connector)).unwrap();
    let (file, http) = (file(connector), http());
    let mut wrong = Vec::new();
    for (name, outcome) in outcomes {
        let exchanges =
            recorded.remove(*name).unwrap_or_else(|| panic!("{connector}: {name} is not recorded"));
        let fields = fields(&exchanges);
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        let gives_back = field("wsfunction").contains("restore") || field("key").starts_with("restore-");
        let fake = Fake::start(Replay::new(exchanges)).await;
        let given = [("token", field("wstoken")), ("by", field("field"))];
        let engine = engine(&file, fake.url(), &given, &http);
        let mut order = order(field("session"), field("value"));
        order.id = field("key").trim_start_matches("restore-").to_owned();
        // One was given back, and so given, after its decision; all others long before.
        let decided = if *name == "held-again" { "2026-01-01T00:00:00Z" } else { "2099-01-01T00:00:00Z" };
        order.decided_at = decided.parse().unwrap();
        let came_to: &str = match gives_back {
            true => engine.restore(&order, Budget::of(ATTEMPT)).await.outcome.into(),
            false => engine.cancel(&order, Budget::of(ATTEMPT)).await.outcome.into(),
        };
        let off: Vec<String> =
            fake.with(|replay| replay.left().into_iter().chain(replay.unknown.clone()).collect());
        if came_to != *outcome || !off.is_empty() {
            wrong.push(format!("{name}: {came_to}, not {outcome}; {off:?}"));
        }
    }
    wrong.extend(recorded.keys().map(|name| format!("{name} is never played")));
    assert!(wrong.is_empty(), "{connector}: {}", wrong.join("\n"));
}
