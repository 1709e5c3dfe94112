//! `regrets privacy`: what a configuration reads and stores, how long, where, and who can read it, as a
//! Markdown sheet for whoever must approve it. Offline: it calls nobody.
//!
//! Guarantees: what is said follows from the configuration that is in force and from the lists of the code
//! (permissions, tables), in each language the same. What no configuration can know, such as the legal basis,
//! is left open and marked.

mod english;
mod german;
mod sheet;

use crate::cli::report::Report;
use crate::cli::streams::Streams;
use crate::config::{ConfigErrors, Env, Meaning};
use crate::config::{nearest_name, with_local_settings};
use clap::ValueEnum;
use sheet::Sheet;
use std::io;
use std::path::PathBuf;

/// Prints what this configuration reads, stores, for how long, where, and who can read it, as Markdown.
///
/// For data protection officers and works councils. Marked with `…` is what only you can know: who is
/// responsible, on which legal basis. It is made of the configuration, so print it again when that changes.
#[derive(Debug, clap::Args)]
pub(super) struct PrivacyArgs {
    /// Of this tenant alone
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// The language of the sheet
    #[arg(long, value_enum, default_value_t = Language::En)]
    language: Language,
    /// The folder of host.json
    #[arg(long, value_name = "DIR", default_value = ".")]
    root: PathBuf,
    /// The configuration's file [default: what REGRETS_CONFIG names, or regrets.toml in the root]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    /// English
    En,
    /// Deutsch
    De,
}

pub(super) fn run(args: &PrivacyArgs, env: Env, streams: &mut Streams<'_>) -> io::Result<u8> {
    let env = with_local_settings(&args.root, env.clone()).unwrap_or(env);
    let report = Report::of(&args.root, args.config.as_deref(), &env, None);
    // Missing secrets say nothing of what is stored: a reviewer has none.
    if let Some(refused) = &report.refused
        && report.meaning.as_ref().is_none_or(|meaning| meaning.tenants.is_empty())
    {
        return refuse(refused, streams);
    }
    let Some(meaning) = &report.meaning else {
        for why in &report.others {
            writeln!(streams.err, "error: {why}")?;
        }
        return Ok(1);
    };
    match chosen(args.tenant.as_deref(), meaning) {
        Ok(sheets) => {
            for (at, sheet) in sheets.iter().enumerate() {
                if at > 0 {
                    writeln!(streams.out, "\n---\n")?;
                }
                write!(streams.out, "{}", told(args.language, sheet))?;
            }
            Ok(u8::from(report.refused.is_some()))
        }
        Err(why) => {
            writeln!(streams.err, "regrets privacy: {why}")?;
            Ok(2)
        }
    }
}

fn refuse(refused: &ConfigErrors, streams: &mut Streams<'_>) -> io::Result<u8> {
    write!(streams.err, "{}", refused.render(streams.color))?;
    writeln!(streams.err, "\nThe sheet is made of the configuration, so that has to be good first.")?;
    Ok(1)
}

fn chosen<'a>(tenant: Option<&str>, meaning: &'a Meaning) -> Result<Vec<Sheet<'a>>, String> {
    let all = || meaning.tenants.values().map(|tenant| Sheet::of(tenant, meaning));
    let Some(wanted) = tenant else { return Ok(all().collect()) };
    let found: Vec<_> = all().filter(|sheet| sheet.tenant.name.as_str() == wanted).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: Vec<&str> = meaning.tenants.keys().map(|name| name.as_str()).collect();
    Err(match nearest_name(wanted, &known) {
        Some(near) => format!("tenant `{wanted}` is not configured; did you mean `{near}`?"),
        None => format!("tenant `{wanted}` is not configured; there are {}", known.join(", ")),
    })
}

fn told(language: Language, sheet: &Sheet<'_>) -> String {
    match language {
        Language::En => english::told(sheet),
        Language::De => german::told(sheet),
    }
}

#[cfg(test)]
mod tests;
