//! The page of a connector, made of its file and of what was played.
//!
//! `UPDATE_PAGES=1 cargo test -p suites --test connectors` writes them anew.

use regrets::enrolment::lms_answer::LmsOutcome;
use regrets::lms::Lookup;
use regrets::lms::recipe::connector::{
    Cancels, ConnectorFile, LmsSendsInvites, SettingKind, Status, Verified,
};
use std::fmt::Write as _;
use std::sync::Arc;
use suites::checkout::root;

pub(crate) struct Row {
    pub(crate) situation: String,
    pub(crate) answer: String,
    pub(crate) outcome: LmsOutcome,
    pub(crate) effects: usize,
}

/// What an event was found to stand for.
pub(crate) struct Found {
    pub(crate) event: String,
    pub(crate) found: Lookup,
}

const FOLDER: &str = "handler/src/lms/presets";

/// Holds the page to the file and the rows; writes it where it is asked to.
pub(crate) fn hold(file: &ConnectorFile, rows: &[Row], found: &[Found]) {
    assert_eq!(file.recipes.lookup.is_empty(), found.is_empty(), "{}: what is looked up is shown", file.name);
    let mut page = page(file);
    page.push_str(
        "\n## Situations\n\nThe answer is that to the write, or the last one where nothing was written.\n\n",
    );
    page.push_str(&table(rows, "effects"));
    page.push_str(&looked_up(found));
    hold_page(&format!("{}.md", file.name), &page);
}

/// The same of a draft, whose exchanges nobody has seen; `none`: what can't happen, or can't be known.
pub(crate) fn hold_draft(file: &ConnectorFile, rows: &[Row], none: Vec<&str>) {
    let mut page = page(file);
    page.push_str(
        "\n## Situations\n\n**Nobody has seen this connector run against the real LMS.** The answers were \
         written from public descriptions;\nof those with a † even the descriptions leave open whether they \
         come so. What is tested is what follows from each.\n\nThe answer is that to the write, or the last \
         one where nothing was written.\n\n",
    );
    page.push_str(&table(rows, "writes sent"));
    if !none.is_empty() {
        page.push_str("\nNot played:\n\n");
        none.iter().for_each(|why| page.push_str(&format!("- {why}\n")));
    }
    hold_page(&format!("{}.md", file.name), &page);
}

/// The page of one that only reads.
pub(crate) fn hold_reading(file: &ConnectorFile) {
    hold_page(&format!("{}.md", file.name), &page(file));
}

/// Holds the list of all connectors to the files.
pub(crate) fn hold_list(files: &[Arc<ConnectorFile>]) {
    let mut list = "<!-- Made of the files beside it: see tests/suites/connectors/page.rs. -->\n\
                    # Connectors\n\nWhat each cancels and needs, and what follows from each \
                    situation, stands in its page. How one is written: [README.md](../README.md).\n\n\
                    | `connector` | LMS | cancels | destructive | verified | looks up | reads | status |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    for file in files {
        let about = &file.about;
        let page = format!("{}.md", file.name);
        let page =
            if root().join(FOLDER).join(&page).exists() { page } else { format!("{}.toml", file.name) };
        let (cancels, verified, status): (&str, &str, &str) = match file.only_reads() {
            true => ("nothing", "-", about.status.into()),
            false => (about.cancels.into(), about.verified.into(), about.status.into()),
        };
        let destructive = if about.is_destructive { "yes" } else { "no" };
        let looks_up = if file.recipes.lookup.is_empty() { "no" } else { "yes" };
        let reads = reads(file);
        let (name, title) = (&file.name, &file.title);
        let _ = writeln!(
            list,
            "| [`{name}`]({page}) | {title} | {cancels} | {destructive} | {verified} | {looks_up} | \
             {reads} | {status} |"
        );
    }
    hold_page("README.md", &list);
}

fn hold_page(name: &str, made: &str) {
    let path = root().join(FOLDER).join(name);
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let first = kept.lines().zip(made.lines()).position(|(kept, made)| kept != made);
    assert!(
        kept == made,
        "{} is not what was played (first at line {:?}); if that is right, write it anew:\n  \
         UPDATE_PAGES=1 cargo test -p suites --test connectors",
        path.display(),
        first.map(|line| line + 1)
    );
}

/// What of its sessions the LMS tells.
fn reads(file: &ConnectorFile) -> &'static str {
    match (file.recipes.sessions.is_empty(), file.recipes.roster.is_empty()) {
        (true, _) => "nothing",
        (false, true) => "sessions",
        (false, false) => "sessions, places",
    }
}

fn page(file: &ConnectorFile) -> String {
    let about = &file.about;
    let cancels = match about.cancels {
        _ if file.only_reads() => "nothing: it only reads",
        Cancels::Place => "the place in one session",
        Cancels::Course => "membership of a course: what takes it away needs `allow_course_unenrol = true`",
    };
    let destructive =
        if about.is_destructive { "yes: the place can't be given back as it was" } else { "no" };
    let verified = match about.verified {
        _ if file.only_reads() => "-",
        Verified::ReadBack => "the LMS is read before and after",
        Verified::Answer => "by the write's own answer alone",
    };
    let status = match about.status {
        Status::Full if file.only_reads() => "what it reads is tested",
        Status::Full => "every situation below is tested",
        Status::Draft => "draft: written from public descriptions, needs `accept_draft = true`",
    };
    let invites = match about.lms_sends_invites {
        LmsSendsInvites::Never => "never",
        LmsSendsInvites::BySetting => "if they are switched on there",
        LmsSendsInvites::Always => "always",
        LmsSendsInvites::Unknown => "unknown",
    };
    let looks_up = match file.recipes.lookup.is_empty() {
        true => "no: invitations must name the session",
        false => "yes: see below",
    };
    let mut page = format!(
        "<!-- Made of {name}.toml and of what a test plays: see tests/suites/connectors/page.rs. -->\n\
         # {title}\n\n`connector = \"{name}\"`\n\n| | |\n|---|---|\n| cancels | {cancels} |\n\
         | destructive | {destructive} |\n| verified | {verified} |\n| status | {status} |\n\
         | the LMS's own invitations | {invites} |\n\
         | `recognise.session = {{ lookup = true }}` | {looks_up} |\n\
         | reads | {reads} |\n\n\
         {notes}\n\n\
         ## Settings\n\n| key | what |  |\n|---|---|---|\n",
        name = file.name,
        title = file.title,
        reads = reads(file),
        notes = about.notes.trim(),
    );
    for setting in &file.settings {
        let kind = match &setting.kind {
            SettingKind::Url => "address".to_owned(),
            SettingKind::Secret => "secret".to_owned(),
            SettingKind::Text { .. } => "text".to_owned(),
            SettingKind::Flag => "`true` or `false`".to_owned(),
            SettingKind::Choice { of } => {
                of.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ")
            }
        };
        let default = match setting.default.as_deref() {
            None => "must be given".to_owned(),
            Some("") => "may be left out".to_owned(),
            Some(default) => format!("default `{default}`"),
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {kind}; {default} |",
            setting.name,
            setting.about.replace('|', "\\|")
        );
    }
    page
}

fn table(rows: &[Row], count: &str) -> String {
    let mut table =
        format!("| situation | answer | outcome | tried again | {count} |\n|---|---|---|---|---|\n");
    for row in rows {
        let word: &str = row.outcome.into();
        let _ = writeln!(
            table,
            "| {} | {} | `{word}` | {} | {} |",
            row.situation,
            row.answer,
            again(row.outcome),
            row.effects
        );
    }
    table
}

fn looked_up(found: &[Found]) -> String {
    let mut table = String::new();
    if !found.is_empty() {
        table.push_str("\n## Looked up\n\n| an event, where the LMS has | becomes |\n|---|---|\n");
    }
    for row in found {
        let becomes = match &row.found {
            Lookup::One(session) => format!("the session `{}`", session.as_str()),
            Lookup::None => "not ours".to_owned(),
            Lookup::Many => "a person is told (`session-ambiguous`)".to_owned(),
            Lookup::Unknown => "looked up again later".to_owned(),
        };
        let _ = writeln!(table, "| {} | {becomes} |", row.event);
    }
    table
}

fn again(outcome: LmsOutcome) -> &'static str {
    match outcome {
        LmsOutcome::Outage | LmsOutcome::Accepted => "yes",
        LmsOutcome::CredentialBroken | LmsOutcome::EndpointGone => "once the connection is mended",
        LmsOutcome::Unexpected => "no: a person; after five in a row, yes",
        LmsOutcome::UnknownLearner
        | LmsOutcome::UnknownSession
        | LmsOutcome::Refused
        | LmsOutcome::HeldElsewhere
        | LmsOutcome::Unclear => "no: a person",
        LmsOutcome::Done
        | LmsOutcome::AlreadyCancelled
        | LmsOutcome::NotEnrolled
        | LmsOutcome::TooLate
        | LmsOutcome::Superseded => "no",
    }
}
