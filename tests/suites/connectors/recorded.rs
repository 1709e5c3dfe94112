//! Recorded exchanges, played back: what was seen on a real LMS.

use super::page::hold_list;
use super::rig::{ATTEMPT, engine, file, http, order};
use fake_lms::Fake;
use fake_lms::replay::{Exchange, Replay, situations};
use regrets::enrolment::lms_answer::LmsOutcome as O;
use regrets::enrolment::lms_answer::{LmsOutcome, Reply};
use regrets::lms::presets;
use regrets::lms::{Budget, Connector as _};
use std::collections::BTreeSet;
use suites::checkout::root;

type Given = &'static [(&'static str, &'static str)];

/// What one recorded situation comes to.
struct Case {
    situation: &'static str,
    settings: Given,
    outcome: LmsOutcome,
}

const fn case(situation: &'static str, settings: Given, outcome: LmsOutcome) -> Case {
    Case { situation, settings, outcome }
}

struct Recording {
    connector: &'static str,
    settings: Given,
    session: &'static str,
    learner: &'static str,
    cases: &'static [Case],
}

const ANA: &str = "ana@contoso.com";
const TOKEN: (&str, &str) = ("token", "TOKEN");
const UNENROL: Given = &[("remove", "unenrol"), ("allow_course_unenrol", "true")];

const RECORDINGS: &[Recording] = &[
    Recording {
        connector: "moodle",
        settings: &[TOKEN, ("enrolled_by", "manual")],
        session: "6",
        learner: ANA,
        cases: &[
            case("suspend-done", &[], O::Done),
            case("suspend-already", &[], O::AlreadyCancelled),
            case("not-enrolled", &[], O::NotEnrolled),
            case("suspend-self-enrolled", &[], O::HeldElsewhere),
            case("unenrol-done", UNENROL, O::Done),
            case("unenrol-self-enrolled", UNENROL, O::HeldElsewhere),
            case("unenrol-no-manual-instance", UNENROL, O::Unexpected),
            case("unenrol-no-manual-instance-debugging", UNENROL, O::Outage),
            case("unenrol-no-capability", UNENROL, O::Unexpected),
            case("unknown-learner", &[], O::UnknownLearner),
            case("two-accounts", &[], O::Unclear),
            case("another-spelling", &[], O::UnknownLearner),
            case("unknown-course", &[], O::UnknownSession),
            case("caller-cannot-enter-course", &[], O::Unexpected),
            case("roster-empty", &[], O::Unclear),
            case("token-expired", &[], O::CredentialBroken),
            case("token-wrong", &[], O::CredentialBroken),
            case("maintenance", &[], O::Outage),
            case("maintenance-cli", &[], O::Outage),
            case("services-off", &[], O::CredentialBroken),
            case("database-down", &[], O::Outage),
            case("write-conflict", &[], O::Outage),
        ],
    },
    Recording {
        connector: "moodle-group",
        settings: &[TOKEN],
        session: "6:41",
        learner: ANA,
        cases: &[
            case("done", &[], O::Done),
            case("not-enrolled", &[], O::NotEnrolled),
            case("last-member", &[], O::Done),
            case("no-capability", &[], O::Unexpected),
        ],
    },
];

pub(crate) fn folder(connector: &str) -> std::path::PathBuf {
    root().join("tests/connectors").join(connector).join("exchanges")
}

/// The reply, and what of the recording was not as it was asked.
async fn replayed(
    recording: &Recording,
    case: &Case,
    exchanges: Vec<Exchange>,
    http: &reqwest::Client,
) -> (Reply, Vec<String>) {
    let fake = Fake::start(Replay::new(exchanges)).await;
    let given: Vec<(&str, &str)> = case.settings.iter().chain(recording.settings).copied().collect();
    let engine = engine(&file(recording.connector), fake.url(), &given, http);
    let order = order(recording.session, recording.learner);
    let reply = engine.cancel(&order, Budget::of(ATTEMPT)).await;
    let off = fake.with(|replay| {
        let left = replay.left().into_iter().map(|left| format!("never asked for: {left}"));
        left.chain(replay.unknown.iter().map(|unknown| format!("not recorded: {unknown}"))).collect()
    });
    (reply, off)
}

#[tokio::test]
async fn every_recorded_situation_has_its_outcome() {
    let (mut wrong, http) = (Vec::new(), http());
    for recording in RECORDINGS {
        let mut recorded = situations(&folder(recording.connector)).unwrap();
        for case in recording.cases {
            let name = format!("{}: {}", recording.connector, case.situation);
            let Some(exchanges) = recorded.remove(case.situation) else {
                wrong.push(format!("{name} is not recorded"));
                continue;
            };
            let (reply, off) = replayed(recording, case, exchanges, &http).await;
            if reply.outcome != case.outcome || !off.is_empty() {
                wrong.push(format!("{name}: not {:?}: {reply:?}\n  {}", case.outcome, off.join("\n  ")));
            }
        }
        wrong.extend(recorded.keys().map(|name| format!("{}: {name} is never played", recording.connector)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn all_connectors_are_listed() {
    hold_list(&presets::names().map(file).collect::<Vec<_>>());
}

/// The names under which people look for them.
#[test]
fn every_connector_is_shipped_under_its_own_name() {
    let names: BTreeSet<&str> = presets::names().collect();
    assert_eq!(names.len(), presets::names().count(), "a name stands for two files");
    for name in &names {
        assert_eq!(file(name).name, *name);
    }
    let shipped = std::fs::read_dir(root().join("handler/src/lms/presets")).unwrap();
    let is_file = |name: String| name.strip_suffix(".toml").map(str::to_owned);
    let files: BTreeSet<String> =
        shipped.filter_map(|entry| is_file(entry.unwrap().file_name().into_string().ok()?)).collect();
    assert_eq!(files, names.into_iter().map(str::to_owned).collect());
}
