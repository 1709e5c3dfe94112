//! Plays recordings against a connector file, offline.

use super::case::{Case, TOKEN};
use super::read::read;
use super::replay::serve;
use super::shown::Kept;
use super::try_out::{BUDGET, engine, order, told};
use crate::cli::streams::Streams;
use crate::enrolment::lms_answer::Reply;
use crate::lms::engine::settings::{SettingValue, Settings};
use crate::lms::recipe::connector::{ConnectorFile, SettingKind};
use crate::lms::{Budget, Connector as _, Order};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    /// The connector file, or the name of one that this build holds
    file: String,
    /// The folder of the recordings, one JSON file each
    #[arg(long, value_name = "DIR")]
    exchanges: PathBuf,
}

pub(super) fn run(args: &TestArgs, streams: &mut Streams<'_>) -> io::Result<u8> {
    let Some(file) = read("test", &args.file, streams)? else { return Ok(1) };
    let cases = match cases(&args.exchanges) {
        Ok(cases) => cases,
        Err(why) => {
            writeln!(streams.err, "regrets connector test: {why}")?;
            return Ok(2);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut failed = 0;
    for (name, case) in &cases {
        let wrong = runtime.block_on(play(&file, case))?;
        if wrong.is_empty() {
            writeln!(streams.out, "ok      {name}: {}", case.about)?;
            continue;
        }
        failed += 1;
        writeln!(streams.out, "FAILED  {name}: {}", case.about)?;
        for line in wrong {
            writeln!(streams.out, "        {line}")?;
        }
    }
    writeln!(
        streams.out,
        "{} of {} recordings are answered as they were",
        cases.len() - failed,
        cases.len()
    )?;
    Ok(u8::from(failed > 0))
}

fn cases(folder: &Path) -> Result<Vec<(String, Case)>, String> {
    let unreadable = |path: &Path, error: io::Error| format!("{} can't be read: {error}", path.display());
    let entries = std::fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{} holds no recording (*.json)", folder.display()));
    }
    let mut cases = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let case = serde_json::from_str(&text)
            .map_err(|error| format!("{} is no recording: {error}", path.display()))?;
        let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        cases.push((name, case));
    }
    Ok(cases)
}

/// What is otherwise than recorded.
async fn play(file: &ConnectorFile, case: &Case) -> io::Result<Vec<String>> {
    let (base, played, server) = serve(case.exchanges.clone()).await?;
    let settings = match settings(file, case, &base) {
        Ok(settings) => settings,
        Err(why) => return Ok(vec![why]),
    };
    let order = match recorded_order(case) {
        Ok(order) => order,
        Err(why) => return Ok(vec![why]),
    };
    let kept = Arc::new(Kept::default());
    let engine = match engine(file.clone(), settings, kept) {
        Ok(engine) => engine,
        Err(why) => return Ok(vec![why]),
    };
    let reply = engine.cancel(&order, Budget::of(BUDGET)).await;
    server.abort();
    let played = played.lock();
    let mut wrong = played.differences.clone();
    let left = played.left(case.exchanges.len());
    if wrong.is_empty() && left > 0 {
        wrong.push(format!("{left} of the recorded requests were not made"));
    }
    wrong.extend(otherwise(case, &reply));
    Ok(wrong)
}

fn otherwise(case: &Case, reply: &Reply) -> Option<String> {
    let outcome: &'static str = reply.outcome.into();
    let before = reply.before.map(|state| state.word().to_owned());
    let after = reply.after.map(|state| state.word().to_owned());
    let expect = &case.expect;
    let is_same = expect.outcome == outcome && expect.before == before && expect.after == after;
    let word = |state: &Option<String>| state.clone().unwrap_or_else(|| "unknown".to_owned());
    (!is_same).then(|| {
        format!(
            "expected {} ({} before, {} after). {}",
            expect.outcome,
            word(&expect.before),
            word(&expect.after),
            told(reply)
        )
    })
}

/// Addresses lead to the replay, secrets are the recording's.
fn settings(file: &ConnectorFile, case: &Case, base: &str) -> Result<Settings, String> {
    let mut values = BTreeMap::new();
    for setting in &file.settings {
        let value = match &setting.kind {
            SettingKind::Url => SettingValue::Text(base.to_owned()),
            SettingKind::Secret => SettingValue::Secret(TOKEN.to_owned().into()),
            SettingKind::Text { .. } | SettingKind::Choice { .. } | SettingKind::Flag => {
                match case.settings.get(&setting.name).or(setting.default.as_ref()) {
                    Some(text) => SettingValue::Text(text.clone()),
                    None => {
                        return Err(format!("the recording says nothing of the setting `{}`", setting.name));
                    }
                }
            }
        };
        values.insert(setting.name.clone(), value);
    }
    Ok(Settings { values, hosts: Vec::new(), allow_course_unenrol: case.allow_course_unenrol })
}

fn recorded_order(case: &Case) -> Result<Order, String> {
    let decided_at: DateTime<Utc> =
        case.decided_at.parse().map_err(|_| format!("decided_at: {} is no time", case.decided_at))?;
    Ok(Order {
        id: case.order_id.clone(),
        decided_at,
        declined_at: Some(decided_at),
        may_be_repeated: case.may_be_repeated,
        ..order(&case.session, &case.learner)
    })
}
