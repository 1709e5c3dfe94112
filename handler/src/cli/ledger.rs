//! `regrets ledger`: the ledger in the terminal. It stands on the management JSON, so it sees and may do what that may.

use crate::cli::Streams;
use crate::config::Env;
use crate::graph::http::{HttpOptions, client};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use url::Url;

/// Where to ask, and what for.
#[derive(Debug, Args)]
pub(super) struct LedgerArgs {
    /// Where Regrets answers.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7071", global = true)]
    url: Url,
    /// The function key of `manage` [default: $REGRETS_ADMIN_KEY, else the one of `regrets local` under --root].
    #[arg(long, value_name = "KEY", global = true)]
    key: Option<String>,
    /// The folder that `regrets local` serves; its keys are in `.regrets/keys.json`.
    #[arg(long, value_name = "DIR", default_value = ".", global = true)]
    root: PathBuf,
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// List enrolments, one a line
    List {
        #[arg(long)]
        tenant: Option<String>,
        /// watched, waiting, running, done, expired, review, or taken-back (accepted again after the cancellation)
        #[arg(long)]
        state: Option<String>,
        /// The LMS's id of the session
        #[arg(long)]
        session: Option<String>,
        /// What the LMS knows the learner by
        #[arg(long)]
        learner: Option<String>,
    },
    /// Print one enrolment as JSON, with its story
    Show { id: String },
    /// Tell one enrolment's story in plain sentences
    Explain { id: String },
    /// Have what waits for a person carried out
    Approve(Signed),
    /// Say that what waits for a person does not count
    Ignore(Signed),
    /// Try a cancellation again now
    Retry(Signed),
}

#[derive(Debug, Args)]
struct Signed {
    id: String,
    /// Who you are; for the audit
    #[arg(long)]
    by: String,
    /// Why; for the audit
    #[arg(long)]
    reason: String,
}

pub(super) fn run(args: &LedgerArgs, env: &Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match runtime.block_on(ask(args, env)) {
        Ok(text) => write!(streams.out, "{text}").map(|()| 0),
        Err(why) => writeln!(streams.err, "regrets: {why}").map(|()| 1),
    }
}

async fn ask(args: &LedgerArgs, env: &Env) -> Result<String, String> {
    let management = Management::new(args, env)?;
    match &args.deed {
        Deed::List { tenant, state, session, learner } => {
            list(&management, [("tenant", tenant), ("state", state), ("session", session), ("learner", learner)]).await
        }
        Deed::Show { id } => {
            let found = management.get(&format!("enrolments/{}", segment(id)), &[]).await?;
            Ok(format!("{found:#}\n"))
        }
        Deed::Explain { id } => Ok(explain(&management.get(&format!("enrolments/{}", segment(id)), &[]).await?)),
        Deed::Approve(signed) => management.post("approve", signed).await,
        Deed::Ignore(signed) => management.post("ignore", signed).await,
        Deed::Retry(signed) => management.post("retry", signed).await,
    }
}

async fn list(management: &Management, wanted: [(&str, &Option<String>); 4]) -> Result<String, String> {
    let row = |cells: [&str; 6]| {
        let [state, tenant, session, verdict, outcome, id] = cells;
        format!("{state:<8} {tenant:<12} {session:<12} {verdict:<22} {outcome:<20} {id}\n")
    };
    let mut text = row(["STATE", "TENANT", "SESSION", "VERDICT", "OUTCOME", "ID"]);
    let mut after: Option<String> = None;
    let mut count = 0;
    loop {
        let filters = wanted.into_iter().chain([("after", &after)]);
        let given: Vec<(&str, &str)> =
            filters.filter_map(|(name, value)| value.as_deref().map(|value| (name, value))).collect();
        let page = management.get("enrolments", &given).await?;
        for item in page.get("items").and_then(Value::as_array).unwrap_or(&Vec::new()) {
            let field = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or("-").to_owned();
            let cells = ["state", "tenant", "session", "verdict", "outcome", "id"].map(field);
            text.push_str(&row(cells.each_ref().map(String::as_str)));
            count += 1;
        }
        after = page.get("next").and_then(Value::as_str).map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    let _ = writeln!(text, "{count} enrolments.");
    Ok(text)
}

/// One enrolment's story. It holds no personal data beyond the learner key.
fn explain(found: &Value) -> String {
    let field = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or("-");
    let generation = found.get("generation").and_then(Value::as_u64).unwrap_or(1);
    let mut text =
        format!("{} in session {} of {}: {}", field("learner"), field("session"), field("tenant"), field("state"));
    if generation > 1 {
        // Writing to a String can't fail.
        let _ = write!(text, " (enrolment {generation} of this learner)");
    }
    text.push_str(".\n");
    if let Some(why) = found.get("review").and_then(Value::as_str) {
        let _ = writeln!(text, "A person is asked: {why}");
    }
    for line in found.get("story").and_then(Value::as_array).unwrap_or(&Vec::new()) {
        let field = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or("-");
        let at = field("at").get(..19).unwrap_or("-").replace('T', " ");
        let by = match field("by") {
            "regrets" => String::new(),
            person => format!("[{person}] "),
        };
        let _ = writeln!(text, "  {at} UTC  {by}{}", field("text"));
    }
    text
}

/// The management JSON over HTTP.
struct Management {
    http: reqwest::Client,
    base: String,
    key: String,
}

impl Management {
    fn new(args: &LedgerArgs, env: &Env) -> Result<Self, String> {
        let key = args.key.clone().or_else(|| env.get("REGRETS_ADMIN_KEY").cloned()).or_else(|| key_of(&args.root));
        let key = key.ok_or_else(|| {
            let file = args.root.join(".regrets/keys.json");
            format!("no function key: give --key, set REGRETS_ADMIN_KEY, or name the folder of `regrets local` by --root ({} can't be read)", file.display())
        })?;
        let http = client(&HttpOptions::default()).map_err(|error| error.to_string())?;
        Ok(Self { http, base: args.url.as_str().trim_end_matches('/').to_owned(), key })
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value, String> {
        let url = format!("{}/api/manage/{path}", self.base);
        self.send(self.http.get(url).query(query)).await
    }

    async fn post(&self, word: &str, signed: &Signed) -> Result<String, String> {
        let url = format!("{}/api/manage/enrolments/{}/{word}", self.base, segment(&signed.id));
        let body = json!({ "by": signed.by, "reason": signed.reason });
        let found = self.send(self.http.post(url).json(&body)).await?;
        Ok(explain(&found))
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let response = request
            .header("x-functions-key", &self.key)
            .send()
            .await
            .map_err(|error| format!("{} does not answer: {}", self.base, plain(&error)))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| plain(&error))?;
        let value: Option<Value> = serde_json::from_str(&text).ok();
        match (status.as_u16(), value) {
            (200..=299, Some(value)) => Ok(value),
            (401 | 403, _) => Err("the function key is not accepted".to_owned()),
            (_, Some(value)) if value.get("error").is_some() => {
                Err(value.get("error").and_then(Value::as_str).unwrap_or("it was refused").to_owned())
            }
            (status, _) => Err(format!("{} answered with HTTP {status}; is Regrets serving there?", self.base)),
        }
    }
}

/// An id as one segment of a path: what is no character of an id can't name anything.
fn segment(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}

fn plain(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |error| error.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// The function key that `regrets local` made.
fn key_of(root: &Path) -> Option<String> {
    let text = std::fs::read_to_string(root.join(".regrets/keys.json")).ok()?;
    let keys: Value = serde_json::from_str(&text).ok()?;
    Some(keys.get("function")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_told_in_plain_sentences() {
        let found = json!({
            "id": "x", "tenant": "contoso", "session": "4711", "state": "review", "generation": 2,
            "learner": "ana@contoso.com", "review": "The session was moved since the learner declined.",
            "story": [
                { "n": 1, "at": "2026-11-21T10:00:00.123Z", "by": "regrets", "text": "The invitation is watched." },
                { "n": 2, "at": "2026-11-21T10:05:00Z", "by": "olga", "text": "Ignored: a clean-up" },
            ],
        });
        insta::assert_snapshot!(explain(&found), @r"
        ana@contoso.com in session 4711 of contoso: review (enrolment 2 of this learner).
        A person is asked: The session was moved since the learner declined.
          2026-11-21 10:00:00 UTC  The invitation is watched.
          2026-11-21 10:05:00 UTC  [olga] Ignored: a clean-up
        ");
    }

    #[test]
    fn an_id_is_one_segment_whatever_is_typed() {
        assert_eq!(segment("contoso.a-b_c.d"), "contoso.a-b_c.d");
        assert_eq!(segment("../status?x#y"), ".._status_x_y");
    }
}
