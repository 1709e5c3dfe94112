//! Where lines go: the handler's own to the same stream that it wrote them to, the host's facts to stdout,
//! its warnings and errors to stderr; or all of them into memory, for a suite to read. On a terminal the
//! handler's lines are put readably; elsewhere they stay the JSON that they are.

use crate::readable::readable;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::io::{IsTerminal as _, Write};
use std::sync::Arc;

/// A memory log keeps this many lines and forgets the oldest first.
const KEPT: usize = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Host,
    Handler,
}

/// As the real host ranks them: a handler's stdout line is information, its stderr line an error, or a
/// warning if it contains "warn" in any case (reference/functions-host.md#log-lines).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Info,
    Warning,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub source: Source,
    pub level: Level,
    pub text: String,
}

#[derive(Clone)]
pub struct Log(Sink);

/// How the handler's lines are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Readably where the stream is a terminal, else as JSON.
    #[default]
    Auto,
    /// Readably, whatever the stream is.
    Text,
    /// As the handler writes them.
    Json,
}

impl Format {
    fn is_text(self, is_terminal: bool) -> bool {
        match self {
            Self::Auto => is_terminal,
            Self::Text => true,
            Self::Json => false,
        }
    }
}

#[derive(Clone)]
enum Sink {
    /// Whether lines are put readably on stdout, and on stderr.
    Streams {
        out: bool,
        err: bool,
    },
    Memory(Arc<Mutex<VecDeque<Line>>>),
}

impl Log {
    pub fn terminal() -> Self {
        Self::streams(Format::Auto)
    }

    pub fn streams(format: Format) -> Self {
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        Self(Sink::Streams { out: format.is_text(out), err: format.is_text(err) })
    }

    pub fn memory() -> Self {
        Self(Sink::Memory(Arc::default()))
    }

    /// The lines so far; always empty for a terminal.
    pub fn lines(&self) -> Vec<Line> {
        match &self.0 {
            Sink::Streams { .. } => Vec::new(),
            Sink::Memory(lines) => lines.lock().iter().cloned().collect(),
        }
    }

    /// Whether a line of this level says this; for suites.
    pub fn has(&self, level: Level, part: &str) -> bool {
        self.lines().iter().any(|line| line.level == level && line.text.contains(part))
    }

    pub fn info(&self, text: impl Into<String>) {
        self.line(Source::Host, Level::Info, text.into());
    }

    pub fn warning(&self, text: impl Into<String>) {
        self.line(Source::Host, Level::Warning, text.into());
    }

    pub fn error(&self, text: impl Into<String>) {
        self.line(Source::Host, Level::Error, text.into());
    }

    pub(crate) fn handler_stdout(&self, text: String) {
        self.line(Source::Handler, Level::Info, text);
    }

    pub(crate) fn handler_stderr(&self, text: String) {
        let level = if text.to_ascii_lowercase().contains("warn") { Level::Warning } else { Level::Error };
        self.line(Source::Handler, level, text);
    }

    fn line(&self, source: Source, level: Level, text: String) {
        match &self.0 {
            Sink::Memory(lines) => {
                let mut lines = lines.lock();
                if lines.len() >= KEPT {
                    lines.pop_front();
                }
                lines.push_back(Line { source, level, text });
            }
            Sink::Streams { out, err } => {
                let is_text = if level == Level::Info { *out } else { *err };
                let told = (is_text && source == Source::Handler).then(|| readable(&text)).flatten();
                let text = told.unwrap_or(text);
                let mark = match (source, level) {
                    (Source::Handler, _) | (Source::Host, Level::Info) => "",
                    (Source::Host, Level::Warning) => "warning: ",
                    (Source::Host, Level::Error) => "error: ",
                };
                // A closed stdout (`| head`) is no reason to stop serving.
                let _ = match level {
                    Level::Info => writeln!(std::io::stdout().lock(), "{mark}{text}"),
                    Level::Warning | Level::Error => writeln!(std::io::stderr().lock(), "{mark}{text}"),
                };
            }
        }
    }
}
