//! Whether a connector file is good, and what it does.

use super::list::{cancels, status};
use super::read::read;
use crate::cli::streams::Streams;
use crate::lms::recipe::connector::{RecipeKind, SettingKind, Verified};
use crate::lms::recipe::step::Step;
use std::io;

#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The connector file, or the name of one that this build holds
    file: String,
}

pub(super) fn run(args: &CheckArgs, streams: &mut Streams<'_>) -> io::Result<u8> {
    let Some(file) = read("check", &args.file, streams)? else { return Ok(1) };
    let out = &mut streams.out;
    writeln!(out, "{} is good: {} ({}, {})", args.file, file.title, file.name, file.hash)?;
    let how = match file.about.verified {
        Verified::ReadBack => "seen to be gone by reading it again",
        Verified::Answer => "believed by the write's own answer",
    };
    let undone = if file.about.is_destructive { "what it does can't be undone" } else { "it can be undone" };
    writeln!(out, "  cancels a {}, {how}; {undone}; {}", cancels(&file), status(&file))?;
    writeln!(out, "  at most {} requests for one cancellation, pages aside", file.requests_per_order())?;
    for setting in &file.settings {
        let kind = match &setting.kind {
            SettingKind::Url => "an address".to_owned(),
            SettingKind::Secret => "a secret".to_owned(),
            SettingKind::Text { .. } => "a text".to_owned(),
            SettingKind::Choice { of } => of.join(" | "),
            SettingKind::Flag => "true | false".to_owned(),
        };
        let default = match &setting.default {
            Some(default) if default.is_empty() => ", may be left out".to_owned(),
            Some(default) => format!(", {default} if left out"),
            None => String::new(),
        };
        writeln!(out, "  setting {}: {kind}{default}. {}", setting.name, setting.about)?;
    }
    for kind in RecipeKind::ALL {
        let lists = file.recipes.readings(*kind).iter().map(|reading| &reading.step);
        let steps: Vec<String> = file.recipes.of(*kind).iter().chain(lists).map(told).collect();
        if !steps.is_empty() {
            writeln!(out, "  {}: {}", kind.word(), steps.join(" → "))?;
        }
    }
    let without = |kind: RecipeKind| file.recipes.of(kind).is_empty();
    if without(RecipeKind::Restore) {
        writeln!(out, "  it has no `restore`: a place can't be given back")?;
    }
    if without(RecipeKind::Probe) {
        writeln!(
            out,
            "  it has no `probe`: whether the connection is well is seen at the first cancellation only"
        )?;
    }
    Ok(0)
}

fn told(step: &Step) -> String {
    match &step.request {
        Some(request) => format!("{} ({})", step.name, request.method),
        None => step.name.clone(),
    }
}
