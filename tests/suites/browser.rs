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

use serde_json::{Value, json};
use simulator::stage::Stage;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use suites::setup;

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
    let ran = tokio::process::Command::new("node")
        .arg(place.join("check.js"))
        .arg(given.to_string())
        .current_dir(&place)
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
