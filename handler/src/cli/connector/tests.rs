//! The page for authors is played: its file, its commands in their order, against the LMS that it tells of.

use crate::cli::streams::Streams;
use crate::cli::{Command, parse};
use crate::config::Env;
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const PAGE: &str = include_str!("../../lms/README.md");
const KEY: &str = "a-key-that-nobody-may-see";

/// The LMS of the page, with one seat.
struct Larkspur {
    status: Mutex<&'static str>,
    writes: Mutex<usize>,
}

fn is_known(headers: &HeaderMap) -> bool {
    headers.get("x-api-key").is_some_and(|key| key == KEY)
}

async fn people(headers: HeaderMap, Query(query): Query<BTreeMap<String, String>>) -> Response {
    if !is_known(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let found = query.get("mail").is_some_and(|mail| mail.eq_ignore_ascii_case("ana@contoso.com"));
    let people = if found { json!([{ "id": 17, "mail": "Ana@contoso.com" }]) } else { json!([]) };
    axum::Json(json!({ "people": people })).into_response()
}

async fn seats(
    State(lms): State<Arc<Larkspur>>,
    headers: HeaderMap,
    Path(session): Path<String>,
) -> Response {
    match (is_known(&headers), session.as_str()) {
        (false, _) => StatusCode::UNAUTHORIZED.into_response(),
        (true, "4711") => {
            let seat = json!({ "id": 9, "person": 17, "status": *lms.status.lock() });
            axum::Json(json!({ "seats": [seat] })).into_response()
        }
        (true, _) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn free(State(lms): State<Arc<Larkspur>>, headers: HeaderMap) -> StatusCode {
    if !is_known(&headers) {
        return StatusCode::UNAUTHORIZED;
    }
    *lms.writes.lock() += 1;
    *lms.status.lock() = "FREED";
    StatusCode::NO_CONTENT
}

/// Where it is; it serves until the process ends.
fn start(lms: Arc<Larkspur>) -> String {
    let (said, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            said.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
            let router = Router::new()
                .route("/api/people", get(people))
                .route("/api/sessions/{session}/seats", get(seats))
                .route("/api/seats/9", delete(free))
                .with_state(lms);
            axum::serve(listener, router).await.unwrap();
        });
    });
    hears.recv().unwrap()
}

/// Exit code, what is written for people, and what is complained of.
fn regrets(args: &[String], env: &Env) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let cli = parse(args.iter().map(Into::into)).unwrap();
    let Some(Command::Connector(args)) = cli.command else { panic!("{args:?}") };
    let mut streams = Streams { out: &mut out, err: &mut err, color: false };
    let code = super::run(&args, env, &mut streams).unwrap();
    (code, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// Blocks of the page's part for authors, in their order.
fn blocks(language: &str) -> Vec<&'static str> {
    let (_, part) = PAGE.split_once("## A connector file in fifteen minutes").unwrap();
    let (part, _) = part.split_once("\n## ").unwrap();
    part.split("```").filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// As a shell takes a line apart: blanks, and double quotes.
fn words(line: &str) -> Vec<String> {
    let quoted = line.split('"').enumerate();
    quoted
        .flat_map(|(n, part)| match n % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn the_page_for_authors_leads_from_nothing_to_a_connector_that_works() {
    let lms = Arc::new(Larkspur { status: Mutex::new("TAKEN"), writes: Mutex::default() });
    let base = start(Arc::clone(&lms));
    let folder = tempfile::tempdir().unwrap();
    let env = Env::from([("LARKSPUR_KEY".to_owned(), KEY.to_owned())]);
    let here = |word: String| {
        let path = folder.path().join(&word).display().to_string();
        match word.as_str() {
            "larkspur.toml" | "recordings" | "recordings/freed.json" => path,
            _ => word.replace("http://localhost:8080", &base),
        }
    };
    let commands: Vec<Vec<String>> =
        blocks("sh").iter().map(|block| words(block.trim()).into_iter().map(here).collect()).collect();
    let [new, check, tries, record, test] = commands.as_slice() else { panic!("{commands:?}") };

    let out = ["--out".to_owned(), here("larkspur.toml".to_owned())];
    let (code, text, _) = regrets(&[new.as_slice(), &out].concat(), &env);
    assert!(code == 0 && text.contains("regrets connector check"), "{text}");
    // What it begins with is good as it is, and is not overwritten.
    let (code, _, complaints) = regrets(check, &env);
    assert_eq!((code, complaints.as_str()), (0, ""));
    assert_eq!(regrets(&[new.as_slice(), &out].concat(), &env).0, 1);

    // With what looks sessions up, too.
    let (whole, looks_up, lists) = (blocks("toml")[0], blocks("toml")[2], blocks("toml")[3]);
    assert!(looks_up.contains("[[lookup]]"));
    std::fs::write(here("larkspur.toml".to_owned()), format!("{whole}\n{looks_up}\n{lists}")).unwrap();
    let (code, checked, complaints) = regrets(check, &env);
    assert_eq!((code, complaints.as_str()), (0, ""));
    assert!(checked.contains("sessions: courses (GET) → dates (GET)"), "{checked}");

    std::fs::write(here("larkspur.toml".to_owned()), whole).unwrap();
    let (code, checked, complaints) = regrets(check, &env);
    assert_eq!((code, complaints.as_str()), (0, ""));
    insta::assert_snapshot!("checked", checked.replace(&folder.path().display().to_string(), "."));

    let (code, tried, complaints) = regrets(tries, &env);
    assert_eq!((code, complaints.as_str(), *lms.writes.lock()), (0, "", 0));
    insta::assert_snapshot!("tried", tried.replace(&base, "http://localhost:8080"));

    let (code, recorded, complaints) = regrets(record, &env);
    assert_eq!((code, complaints.as_str(), *lms.writes.lock()), (0, "", 1));
    assert!(recorded.contains("Outcome: done; before: held; after: cancelled"), "{recorded}");
    let recording = std::fs::read_to_string(here("recordings/freed.json".to_owned())).unwrap();
    assert!(!recording.contains(KEY) && !recording.contains("ana@contoso.com"), "{recording}");
    assert!(!recording.contains(&base), "{recording}");

    let (code, played, _) = regrets(test, &env);
    assert!(code == 0 && played.contains("1 of 1 recordings are answered as they were"), "{played}");
    assert_eq!(*lms.writes.lock(), 1, "offline");
    // The seat is freed now.
    let (code, tried, _) = regrets(tries, &env);
    assert!(code == 0 && tried.contains("Outcome: already_cancelled"), "{tried}");

    // A file that asks otherwise, and one that believes otherwise, fail the recording.
    for (from, to, told) in [
        ("query.mail", "query.email", "request 1: address"),
        (r#"FREED = "cancelled""#, r#"FREED = "held""#, "expected done"),
    ] {
        let file = blocks("toml")[0].replace(from, to);
        std::fs::write(here("larkspur.toml".to_owned()), file).unwrap();
        let (code, played, _) = regrets(test, &env);
        assert!(code == 1 && played.contains(told), "{played}");
    }
}

#[test]
fn what_is_missing_or_wrong_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("larkspur.toml").display().to_string();
    std::fs::write(&file, blocks("toml")[0]).unwrap();
    let told = |args: &[&str]| {
        let args: Vec<String> =
            ["regrets", "connector"].iter().chain(args).map(ToString::to_string).collect();
        let (code, out, err) = regrets(&args, &Env::new());
        format!("{code}: {out}{err}").replace(&folder.path().display().to_string(), ".")
    };
    let of_a_place = ["--session", "1", "--learner", "a@b.example"];
    let tries = |args: &[&str]| told(&[&["try", &file], args, &of_a_place].concat());
    let all = [
        tries(&[]),
        tries(&["--set", "base_url=nowhere", "--secret", "key=NOT_SET"]),
        tries(&["--set", "base_url=http://lms.contoso.com", "--secret", "key=NOT_SET"]),
        tries(&["--set", "colour=blue", "--set", "base_url", "--set", "key=text"]),
        told(&["check", "nothing"]),
        told(&["check", "./nothing.toml"]),
        told(&["show", "nothing"]),
        told(&["new", "No Name"]),
        told(&["test", &file, "--exchanges", &folder.path().display().to_string()]),
    ];
    let known = crate::lms::presets::names().collect::<Vec<_>>().join(", ");
    insta::assert_snapshot!(all.join("\n").replace(&known, "…"));
}

#[test]
fn a_recording_that_says_more_than_is_known_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("larkspur.toml").display().to_string();
    std::fs::write(&file, blocks("toml")[0]).unwrap();
    std::fs::write(folder.path().join("a.json"), json!({ "about": "", "more": Value::Null }).to_string())
        .unwrap();
    let exchanges = folder.path().display().to_string();
    let args = ["regrets", "connector", "test", &file, "--exchanges", &exchanges].map(ToOwned::to_owned);
    let (code, _, err) = regrets(&args, &Env::new());
    assert!(code == 2 && err.contains("a.json is no recording") && err.contains("more"), "{err}");
}
