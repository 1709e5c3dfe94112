//! What can be wrong with a configuration, and how it is told: as a snippet with a label for terminals, as
//! one line a problem for logs. Neither shows a secret.

use super::redact::literal_secrets;
use super::source::{Place, Source};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};
use std::fmt;

/// What is wrong. Settings are named by their dotted path (`tenant.contoso.policy.grace`).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProblemKind {
    #[error("{path}: {why}")]
    Unreadable { path: String, why: String },
    #[error("this is not valid TOML: {0}")]
    Syntax(String),
    #[error("unknown key `{key}`{}", inside(.table))]
    UnknownKey { key: String, table: String },
    #[error("`{key}` is missing{}", inside(.table))]
    Missing { key: String, table: String },
    #[error("{path}: expected {expected}, found {found}")]
    BadValue { path: String, expected: String, found: String },
    #[error("{path}: {why}")]
    Contradiction { path: String, why: String },
    #[error("{path}: a secret must not stand in the configuration")]
    LiteralSecret { path: String },
    #[error("app setting {name} {why}")]
    Setting { name: String, why: String },
}

fn inside(table: &str) -> String {
    if table.is_empty() { String::new() } else { format!(" in `{table}`") }
}

impl ProblemKind {
    /// The file may be good all the same. Where the deployment is reached stands in the file, or on Azure in
    /// an app setting.
    pub(super) fn is_of_a_setting(&self) -> bool {
        match self {
            Self::Setting { .. } => true,
            Self::Missing { key, table } => table.is_empty() && key == "public_url",
            Self::Unreadable { .. }
            | Self::Syntax(_)
            | Self::UnknownKey { .. }
            | Self::BadValue { .. }
            | Self::Contradiction { .. }
            | Self::LiteralSecret { .. } => false,
        }
    }

    /// The dotted path of the setting that is meant; an app setting's name.
    pub fn key(&self) -> Option<String> {
        match self {
            Self::Unreadable { .. } | Self::Syntax(_) => None,
            Self::UnknownKey { key, table } | Self::Missing { key, table } if table.is_empty() => {
                Some(key.clone())
            }
            Self::UnknownKey { key, table } | Self::Missing { key, table } => Some(format!("{table}.{key}")),
            Self::BadValue { path, .. } | Self::Contradiction { path, .. } | Self::LiteralSecret { path } => {
                Some(path.clone())
            }
            Self::Setting { name, .. } => Some(name.clone()),
        }
    }
}

/// One problem: what, where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub kind: ProblemKind,
    pub hint: Option<String>,
    place: Option<Place>,
    label: String,
}

impl Problem {
    pub(super) fn new(kind: ProblemKind) -> Self {
        Self { kind, hint: None, place: None, label: String::new() }
    }

    /// Points at `place` and says `label` there.
    pub(super) fn at(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.place = Some(place.clone());
        self.label = label.into();
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// All the problems of one configuration, in the order of their places. Never empty.
///
/// [`fmt::Display`] writes one line a problem; [`ConfigErrors::render`] writes snippets for a terminal.
#[derive(Debug, Clone)]
pub struct ConfigErrors {
    sources: Vec<Source>,
    problems: Vec<Problem>,
}

impl ConfigErrors {
    /// `masks` are the places of secrets, which no rendering shows.
    pub(super) fn new(mut sources: Vec<Source>, mut problems: Vec<Problem>, masks: &[Place]) -> Self {
        // A check that gave up early may not have come to every secret: the texts are searched as well.
        let is_broken = |index| {
            let is_syntax = |problem: &Problem| matches!(problem.kind, ProblemKind::Syntax(_));
            problems.iter().any(|problem| {
                is_syntax(problem) && problem.place.as_ref().is_some_and(|place| place.source() == index)
            })
        };
        let literals: Vec<Place> = sources
            .iter()
            .enumerate()
            .filter(|(index, source)| !source.is_connector || is_broken(*index))
            .flat_map(|(index, source)| literal_secrets(index, source))
            .collect();
        for mask in masks.iter().chain(&literals) {
            if let Some(source) = sources.get_mut(mask.source()) {
                source.mask(mask.start(), mask.len());
            }
        }
        // Stable: what has no place keeps its order behind what has one.
        problems.sort_by_key(|problem| (problem.place.is_none(), problem.place.clone()));
        problems.dedup();
        Self { sources, problems }
    }

    /// For what is wrong before there is a text to point into.
    pub(super) fn single(problem: Problem) -> Self {
        Self { sources: Vec::new(), problems: vec![problem] }
    }

    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Snippets with labels, for a person at a terminal.
    pub fn render(&self, color: bool) -> String {
        let theme = if color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(110)
            .with_context_lines(1)
            .without_syntax_highlighting();
        let mut out = String::new();
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                out.push('\n');
            }
            let shown = Shown { problem, source: self.named(problem) };
            if handler.render_report(&mut out, &shown).is_err() {
                out.push_str(&self.line(problem));
                out.push('\n');
            }
        }
        out
    }

    /// One line a problem, for logs.
    pub fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.problems.iter().map(|problem| self.line(problem))
    }

    /// Each problem as [`ConfigErrors::lines`] says it, with its key and, where it stands in the file, line
    /// and column from 1.
    pub fn placed(&self) -> impl Iterator<Item = (String, Option<String>, Option<(usize, usize)>)> + '_ {
        self.problems.iter().map(|problem| {
            let place = problem.place.as_ref();
            let at = place.and_then(|place| self.sources.get(place.source())?.line_and_column(place));
            (self.line(problem), problem.kind.key(), at)
        })
    }

    fn line(&self, problem: &Problem) -> String {
        let place = problem.place.as_ref().and_then(|place| Some((self.sources.get(place.source())?, place)));
        let mut line = match place {
            Some((source, place)) => format!("{}: {}", source.describe(place), problem.kind),
            None => problem.kind.to_string(),
        };
        let is_reason =
            matches!(problem.kind, ProblemKind::BadValue { .. } | ProblemKind::LiteralSecret { .. })
                && !problem.label.is_empty();
        if is_reason {
            line.push_str(": ");
            line.push_str(&problem.label);
        }
        if let Some(hint) = &problem.hint {
            line.push_str("; ");
            line.push_str(hint);
        }
        line.replace(['\r', '\n'], " ")
    }

    fn named(&self, problem: &Problem) -> Option<NamedSource<String>> {
        let source = self.sources.get(problem.place.as_ref()?.source())?;
        Some(NamedSource::new(&source.name, source.text.clone()))
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, line) in self.lines().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            f.write_str(&line)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// One problem together with the text that it points into, as miette wants it.
#[derive(Debug)]
struct Shown<'a> {
    problem: &'a Problem,
    source: Option<NamedSource<String>>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.kind.fmt(f)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.problem.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let place = self.problem.place.as_ref()?;
        let text = self.source.as_ref()?.inner();
        let start = place.start().min(text.len());
        let len = place.len().min(text.len() - start);
        let label = (!self.problem.label.is_empty()).then(|| self.problem.label.clone());
        Some(Box::new(std::iter::once(LabeledSpan::new_primary_with_span(label, (start, len)))))
    }
}
