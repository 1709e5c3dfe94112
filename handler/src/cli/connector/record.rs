//! Tries a connector out, and keeps what went by.
//!
//! Guarantees: no secret is kept, and people are kept under invented names only: the learner's key is
//! replaced by `learner@lms.example`, every other mail address blotted out. What else may name a person in an
//! answer, nobody can know: look at the file before it is given away.

use super::case::{Case, Exchange, Expect, HOST, RecordedRequest, RecordedResponse};
use super::read::read;
use super::shown::{Kept, Seen};
use super::try_out::{BUDGET, TryArgs, engine, order, told};
use crate::cli::streams::Streams;
use crate::config::Env;
use crate::lms::engine::settings::{SettingValue, Settings};
use crate::lms::recipe::connector::{ConnectorFile, SettingKind};
use crate::lms::{Budget, Connector as _};
use regex::{NoExpand, Regex, RegexBuilder};
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

const LEARNER: &str = "learner@lms.example";

#[derive(Debug, clap::Args)]
pub(super) struct RecordArgs {
    #[command(flatten)]
    tries: TryArgs,
    /// What situation this is
    #[arg(long, value_name = "TEXT")]
    about: String,
    /// Where to write the recording
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(super) fn run(args: &RecordArgs, env: &Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let tries = &args.tries;
    let refuse = |streams: &mut Streams<'_>, why: &str| -> io::Result<u8> {
        for line in why.lines() {
            writeln!(streams.err, "regrets connector record: {line}")?;
        }
        Ok(2)
    };
    if !tries.write {
        return refuse(
            streams,
            "a recording is of a whole cancellation: say --write, of a learner who may lose the place",
        );
    }
    let Some(file) = read("record", &tries.file, streams)? else { return Ok(1) };
    let settings = match tries.given.settings(&file, env) {
        Ok(settings) => settings,
        Err(why) => return refuse(streams, &why),
    };
    let hidden = Hidden::of(&file, &settings, &tries.learner);
    let kept = Arc::new(Kept { people: true, ..Kept::default() });
    let texts = texts(&file, &settings);
    let allow_course_unenrol = settings.allow_course_unenrol;
    let engine = match engine(file, settings, Arc::clone(&kept)) {
        Ok(engine) => engine,
        Err(why) => return refuse(streams, &why),
    };
    let order = order(&tries.session, &tries.learner);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reply = runtime.block_on(engine.cancel(&order, Budget::of(BUDGET)));
    let outcome: &'static str = reply.outcome.into();
    let case = Case {
        about: args.about.clone(),
        session: tries.session.clone(),
        learner: LEARNER.to_owned(),
        decided_at: order.decided_at.to_rfc3339(),
        order_id: order.id.clone(),
        may_be_repeated: false,
        allow_course_unenrol,
        settings: texts,
        exchanges: exchanges(&kept.seen.lock(), &hidden),
        expect: Expect {
            outcome: outcome.to_owned(),
            before: reply.before.map(|state| state.word().to_owned()),
            after: reply.after.map(|state| state.word().to_owned()),
        },
    };
    let text = serde_json::to_string_pretty(&case).map_err(io::Error::other)?;
    if let Some(folder) = args.out.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&args.out, text + "\n")?;
    write!(streams.out, "{}", kept.told())?;
    writeln!(streams.out, "{}", told(&reply))?;
    writeln!(
        streams.out,
        "{} is written: {} exchanges. Read it before you give it away: names of people that are no mail \
         addresses may stand in answers.",
        args.out.display(),
        case.exchanges.len()
    )?;
    Ok(0)
}

/// Settings that are neither secrets nor addresses.
fn texts(file: &ConnectorFile, settings: &Settings) -> BTreeMap<String, String> {
    let is_plain = |name: &str| {
        file.settings.iter().any(|setting| {
            setting.name == name && !matches!(setting.kind, SettingKind::Secret | SettingKind::Url)
        })
    };
    settings
        .values
        .iter()
        .filter_map(|(name, value)| match value {
            SettingValue::Text(text) if is_plain(name) => Some((name.clone(), text.clone())),
            SettingValue::Text(_) | SettingValue::Secret(_) => None,
        })
        .collect()
}

/// What is replaced, in any letter case: an LMS may write an address otherwise than it was asked for.
struct Hidden(Vec<(Regex, String)>);

impl Hidden {
    fn of(file: &ConnectorFile, settings: &Settings, learner: &str) -> Self {
        let mut pairs = vec![];
        for (name, value) in &settings.values {
            let is_url = file
                .settings
                .iter()
                .any(|setting| setting.name == *name && matches!(setting.kind, SettingKind::Url));
            if let (true, SettingValue::Text(text)) = (is_url, value) {
                pairs.push((text.trim_end_matches('/').to_owned(), HOST.to_owned()));
            }
        }
        let encoded: String = url::form_urlencoded::byte_serialize(learner.as_bytes()).collect();
        let hidden: String = url::form_urlencoded::byte_serialize(LEARNER.as_bytes()).collect();
        pairs.push((encoded, hidden));
        pairs.push((learner.to_owned(), LEARNER.to_owned()));
        let patterns =
            pairs.into_iter().filter(|(text, _)| !text.is_empty()).filter_map(|(text, instead)| {
                let pattern = RegexBuilder::new(&regex::escape(&text)).case_insensitive(true).build();
                Some((pattern.ok()?, instead))
            });
        Self(patterns.collect())
    }

    fn of_text(&self, text: &str) -> String {
        let replaced = self.0.iter().fold(text.to_owned(), |text, (pattern, instead)| {
            pattern.replace_all(&text, NoExpand(instead)).into_owned()
        });
        // The learner's own stays; it is invented by now.
        let kept = replaced.replace(LEARNER, "\u{1}").replace("learner%40lms.example", "\u{2}");
        crate::lms::sanitize::without_addresses(&kept)
            .replace('\u{1}', LEARNER)
            .replace('\u{2}', "learner%40lms.example")
            .replace("***", super::case::TOKEN)
    }
}

fn exchanges(seen: &[Seen], hidden: &Hidden) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    let mut asked: Option<RecordedRequest> = None;
    for seen in seen {
        match seen {
            Seen::Request(request) => {
                asked = Some(RecordedRequest {
                    method: request.method.clone(),
                    url: hidden.of_text(&request.url),
                    body: hidden.of_text(&request.body),
                });
            }
            Seen::Answer(answer) => {
                let Some(request) = asked.take() else { continue };
                let headers = answer
                    .headers
                    .iter()
                    .filter(|(name, _)| is_telling(name))
                    .map(|(name, value)| (name.clone(), hidden.of_text(value)))
                    .collect();
                let response = RecordedResponse {
                    status: answer.status.unwrap_or(0),
                    headers,
                    body: hidden.of_text(&answer.body),
                };
                exchanges.push(Exchange { request, response });
            }
        }
    }
    exchanges
}

/// What rules and pages may go by.
fn is_telling(name: &str) -> bool {
    let name = name.to_lowercase();
    matches!(name.as_str(), "content-type" | "link" | "retry-after" | "location")
        || name.starts_with("x-ratelimit")
}
