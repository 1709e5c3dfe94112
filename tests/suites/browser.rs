//! Our pages in a real browser: Chromium without a window, driven by Playwright, by keyboard alone, and
//! judged by axe-core. What it saw lies in the build folder, `browser/shots`.
//!
//! Needs Node.js with npm, and a Chromium on the PATH or in `CHROMIUM`; where one is missing the suite says
//! so in one line and passes, but never with `CI=true`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

use chrono::{TimeDelta, Utc};
use regrets::calendar::zone::Zone;
use regrets::clock::SystemClock;
use regrets::graph::client_state::StateKeys;
use regrets::ids::{Address, LearnerKey, SessionId, TenantName};
use regrets::ledger::Ledger;
use regrets::ledger::source_places::{self, SourcePlace};
use regrets::ledger::source_sessions::{self, SourceSession};
use regrets::publishing::join_link::{self, JoinLinks};
use regrets::sessions::moment::{Moment, Span};
use regrets::sessions::place_record::{Person, PlaceRecord, RecordId, RecordState};
use regrets::sessions::session::{Part, PartId, Session, SessionState};
use serde_json::{Value, json};
use simulator::stage::Stage;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use suites::{ORGANIZER, address, setup};
use url::Url;

const FILES: [(&str, &str); 3] = [
    ("package.json", include_str!("../browser/package.json")),
    ("package-lock.json", include_str!("../browser/package-lock.json")),
    ("check.js", include_str!("../browser/check.js")),
];

/// A program that answers when it is asked for its version.
fn is_there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    asked.is_ok_and(|status| status.success())
}

fn chromium() -> Option<PathBuf> {
    let named = std::env::var("CHROMIUM").ok().filter(|named| !named.is_empty()).map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| ["chromium", "chromium-browser", "google-chrome"].map(|name| folder.join(name)))
        .find(|program| program.is_file());
    named.or(found)
}

/// The browser's program, and the folder from which it is driven.
fn browser() -> Option<(PathBuf, PathBuf)> {
    let missing = match chromium() {
        None => "a Chromium",
        Some(_) if !is_there("node") || !is_there("npm") => "Node.js with npm",
        Some(program) => {
            let place = simulator::azurite::build_folder().join("browser");
            simulator::azurite::install(&place, &FILES)
                .unwrap_or_else(|why| panic!("{}: {why}", place.display()));
            return Some((program, place));
        }
    };
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "the pages are tried in a browser, and {missing} is missing"
    );
    eprintln!("skipped: the pages in a real browser, because {missing} is missing");
    None
}

/// Goes through the pages.
async fn judged(place: &Path, given: &Value, stage: &Stage) {
    let ran = tokio::process::Command::new("node")
        .arg(place.join("check.js"))
        .arg(given.to_string())
        .current_dir(place)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(240), ran).await.unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        stage.log_tail(10)
    );
}

async fn asked(stage: &Stage) -> Value {
    let body = json!({ "by": "Olga Lind", "reason": "a new customer", "anew": true });
    stage.say("tenants/contoso/consent", &body).await.unwrap()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_consent_work_by_keyboard_and_can_be_read_by_everybody() {
    let Some((program, place)) = browser() else { return };
    let wanted = ["User.Read.All", "GroupMember.Read.All"].map(str::to_owned);
    let mut setup = setup(&["ana", "ben"]);
    setup.plans = Some("* * * * * *");
    let started = Stage::start_with(Path::new(env!("CARGO_BIN_EXE_regrets-under-test")), setup, |world| {
        world.edit_tenant("contoso.com", |tenant| {
            let app = &mut tenant.app;
            let all: Vec<String> = app.roles.iter().cloned().collect();
            app.withdraw(&all);
            // Calendars are Exchange's to give, mailbox by mailbox, and it has.
            app.requested = wanted.into();
            app.rbac_calendars = true;
            app.propagation = chrono::Duration::seconds(2);
        });
    });
    let stage = started.await.unwrap_or_else(|error| panic!("{error}"));
    let first = asked(&stage).await;
    let refused = format!("{}/api/consent/-/return?state=", stage.url);
    let second = asked(&stage).await;
    let token = text(&second, "/link/page").split("request=").nth(1).unwrap();
    let shots = place.join("shots");
    std::fs::create_dir_all(&shots).unwrap();
    let given = json!({
        "chromium": program, "shots": shots, "page": text(&first, "/link/page"),
        "others": {
            "refused": format!("{refused}{token}&error=consent_required&error_description=AADSTS65004"),
            "forged": format!("{refused}guess&admin_consent=True"),
            "nothing": format!("{}/api/consent/contoso", stage.url),
        },
    });
    judged(&place, &given, &stage).await;
}

const STATE_KEYS: &str = "k1:bm90IGEgc2VjcmV0LCBidXQgbG9uZyBlbm91Z2ggZm9yIGl0";

/// A session from `begins` to `ends`, in which Ana holds a place; both in minutes from now.
async fn told(stage: &Stage, id: &str, (begins, ends): (i64, i64), state: SessionState) {
    let ledger = Ledger { tables: stage.ledger().unwrap(), clock: Arc::new(SystemClock) };
    let (tenant, now) = (TenantName::new("contoso"), Utc::now());
    let zone = Zone::named("Europe/Berlin").unwrap();
    let at = |minutes| Moment::of_instant(now + TimeDelta::minutes(minutes), zone);
    let part = Part {
        id: PartId("1".into()),
        title: None,
        span: Span::timed(at(begins), at(ends)).unwrap(),
        venue: None,
        link: Some(meeting(stage)),
        cancelled: false,
    };
    let session = Session {
        id: SessionId::new(id),
        aliases: BTreeSet::new(),
        state,
        title: format!("First aid for everybody, number {id}"),
        description: None,
        reason: None,
        capacity: None,
        instructors: Vec::new(),
        parts: vec![part],
    };
    let row = SourceSession::new(session.clone(), now);
    source_sessions::update(&ledger, &tenant, &session.id, |_| Some(row.clone())).await.unwrap();
    let learner = LearnerKey::new(address("ana"));
    let mut row = SourcePlace::new(session.id.clone(), learner.clone(), now);
    row.place.learn(PlaceRecord {
        id: RecordId(format!("{id}-ana")),
        session: session.id.clone(),
        person: Person {
            learner: learner.clone(),
            address: Some(Address::new(&address("ana"))),
            name: None,
            language: None,
            is_test: false,
        },
        state: RecordState::Held,
        since: None,
    });
    source_places::update_read(&ledger, &tenant, (&session.id, &learner), None, |_| Some(row.clone()))
        .await
        .unwrap();
}

/// Some page that answers.
fn meeting(stage: &Stage) -> Url {
    Url::parse(&format!("{}/meeting/{}", stage.simulator.lms_url(), "a".repeat(40))).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_to_join_by_works_by_keyboard_and_can_be_read_by_everybody() {
    let Some((program, place)) = browser() else { return };
    let mut setup = setup(&["ana"]);
    setup.env.push(("REGRETS_STATE_KEYS", Some(STATE_KEYS.to_owned())));
    setup.policy.more += &format!(
        "\n[tenant.contoso.publish]\nstate = \"preview\"\norganizer = \"{ORGANIZER}\"\nsource = \"push\"\n\
         push = {{ secrets = {{ env = \"CONTOSO_LMS_SECRET\" }} }}\njoin = {{ who = \"everyone\" }}\n"
    );
    let started = Stage::start_with(Path::new(env!("CARGO_BIN_EXE_regrets-under-test")), setup, |_| {}).await;
    let stage = started.unwrap_or_else(|error| panic!("{error}"));
    for (id, minutes, state) in [
        ("open", (-5, 55), SessionState::Scheduled),
        ("early", (1_500, 1_560), SessionState::Scheduled),
        ("over", (-120, -60), SessionState::Scheduled),
        ("cancelled", (-5, 55), SessionState::Cancelled),
    ] {
        told(&stage, id, minutes, state).await;
    }
    let keys = StateKeys::parse(STATE_KEYS).unwrap().signing_keys(join_link::PURPOSE).unwrap();
    let links = JoinLinks::new(&Url::parse(&stage.url).unwrap(), "/api/join", keys);
    let page = |id: &str, learner: &str| {
        let (part, learner) = (PartId("1".into()), LearnerKey::new(address(learner)));
        let link = links.link(&TenantName::new("contoso"), &SessionId::new(id), &part, &learner);
        link.address.to_string()
    };
    let shots = place.join("shots");
    std::fs::create_dir_all(&shots).unwrap();
    let given = json!({
        "chromium": program, "shots": shots, "join": page("open", "ana"), "meeting": meeting(&stage),
        "others": {
            "join-early": page("early", "ana"),
            "join-over": page("over", "ana"),
            "join-cancelled": page("cancelled", "ana"),
            "join-no-place": page("open", "ben"),
            "join-forged": format!("{}A", page("open", "ana")),
        },
    });
    judged(&place, &given, &stage).await;
}
