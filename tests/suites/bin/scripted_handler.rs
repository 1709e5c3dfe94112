//! A custom handler that does as a suite's script says, so that the local host can be shown every reply and
//! every death.
//!
//! `SCRIPT` names a directory. Each request is appended to `requests.jsonl` there. The answer to `POST
//! /<name>` (in forward mode: any path that ends in `/<name>`) stands in `<name>.json`: one [`Reply`], or an
//! array of them of which the n-th request of this process gets the n-th and all later ones the last. Without
//! a file the answer is `{}`.
//!
//! A file `start` says how it behaves as a process: `exit:<code>` leaves at once, `deaf` never listens. Each
//! start is a line in `starts.txt`. With `host` as its first argument it is a local host instead, for suites
//! that kill a whole host.

use anyhow::{Context, Result};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use clap::Parser;
use functions_local_host::command::{self, HostArgs};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Reply {
    status: u16,
    content_type: Option<String>,
    headers: HashMap<String, String>,
    body: String,
    /// Leave with this code instead of answering.
    exit: Option<i32>,
    /// Answer only when the file of this name is there.
    gate: Option<String>,
}

impl Default for Reply {
    fn default() -> Self {
        let content_type = Some("application/json".into());
        Self { status: 200, content_type, headers: HashMap::new(), body: "{}".into(), exit: None, gate: None }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Script {
    Each(Vec<Reply>),
    Always(Box<Reply>),
}

struct Stage {
    directory: PathBuf,
    seen: Mutex<HashMap<String, usize>>,
}

#[derive(Parser)]
struct HostCommand {
    #[command(flatten)]
    args: HostArgs,
    /// In seconds.
    #[arg(long)]
    lease: u64,
}

fn main() -> ExitCode {
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "host") {
        args.remove(1);
        return run(host(HostCommand::parse_from(args)));
    }
    run(async { handle().await.map_or(ExitCode::from(70), |()| ExitCode::SUCCESS) })
}

fn run(work: impl Future<Output = ExitCode>) -> ExitCode {
    tokio::runtime::Runtime::new().map_or(ExitCode::from(70), |runtime| runtime.block_on(work))
}

async fn host(command: HostCommand) -> ExitCode {
    let mut options = command.args.options();
    options.lease = Duration::from_secs(command.lease);
    command::serve(options).await
}

async fn handle() -> Result<()> {
    let directory = PathBuf::from(std::env::var("SCRIPT").context("SCRIPT is not set")?);
    append(&directory, "starts.txt", &std::process::id().to_string())?;
    regrets::custom_handler::end_with_the_parent()?;
    let start = std::fs::read_to_string(directory.join("start")).unwrap_or_default();
    if let Some(code) = start.strip_prefix("exit:") {
        writeln!(std::io::stderr(), "leaving with {code}")?;
        std::process::exit(code.parse()?);
    }
    if start == "deaf" {
        std::future::pending::<()>().await;
    }
    let port: u16 = std::env::var("FUNCTIONS_CUSTOMHANDLER_PORT")?.parse()?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    let stage = Arc::new(Stage { directory, seen: Mutex::default() });
    let app = axum::Router::new().fallback(answer).with_state(stage);
    axum::serve(listener, app).await.context("serving")
}

async fn answer(State(stage): State<Arc<Stage>>, request: Request) -> Response {
    play(&stage, request)
        .await
        .unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response())
}

async fn play(stage: &Stage, request: Request) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    if path == "/" {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    let body = axum::body::to_bytes(body, usize::MAX).await?;
    let all = |name: &HeaderName| {
        let values =
            parts.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        json!(values.collect::<Vec<_>>().join(", "))
    };
    let headers: Map<String, Value> =
        parts.headers.keys().map(|name| (name.to_string(), all(name))).collect();
    let line = json!({
        "method": parts.method.as_str(),
        "path": parts.uri.to_string(),
        "headers": headers,
        "body": String::from_utf8_lossy(&body),
        "pid": std::process::id(),
    });
    append(&stage.directory, "requests.jsonl", &line.to_string())?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let reply = next(stage, name)?;
    if let Some(gate) = &reply.gate {
        while !stage.directory.join(gate).exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    if let Some(code) = reply.exit {
        std::process::exit(code);
    }
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status)?;
    if let Some(kind) = reply.content_type {
        response.headers_mut().insert("content-type", HeaderValue::from_str(&kind)?);
    }
    for (name, value) in reply.headers {
        response
            .headers_mut()
            .insert(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(&value)?);
    }
    Ok(response)
}

fn next(stage: &Stage, name: &str) -> Result<Reply> {
    let file = stage.directory.join(format!("{name}.json"));
    let Ok(text) = std::fs::read_to_string(&file) else { return Ok(Reply::default()) };
    let mut seen = stage.seen.lock().unwrap_or_else(PoisonError::into_inner);
    let count = seen.entry(name.to_owned()).or_default();
    *count += 1;
    match serde_json::from_str(&text).with_context(|| format!("script {name}"))? {
        Script::Always(reply) => Ok(*reply),
        Script::Each(replies) => {
            replies.get(*count - 1).or(replies.last()).cloned().context("an empty script")
        }
    }
}

fn append(directory: &Path, file: &str, line: &str) -> Result<()> {
    let mut file = std::fs::File::options().create(true).append(true).open(directory.join(file))?;
    file.write_all(format!("{line}\n").as_bytes())?;
    Ok(())
}
