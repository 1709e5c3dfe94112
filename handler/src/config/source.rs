//! The texts that settings come from, and places in them, so that every problem can point at what caused it.

use std::ops::Range;

/// A range of bytes in one of the [`Source`]s.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    source: usize,
    start: usize,
    end: usize,
}

impl Place {
    pub(super) fn new(source: usize, span: Range<usize>) -> Self {
        Self { source, start: span.start, end: span.end.max(span.start) }
    }

    pub(super) fn source(&self) -> usize {
        self.source
    }

    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn len(&self) -> usize {
        self.end - self.start
    }
}

/// The file is source 0; each overriding app setting is one more, written `NAME=value`.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
    /// An app setting has no lines worth counting.
    pub(super) is_setting: bool,
    /// A connector file names secrets by settings, and says itself where literal ones may stand.
    pub(super) is_connector: bool,
}

impl Source {
    pub(super) fn file(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), text: text.to_owned(), is_setting: false, is_connector: false }
    }

    pub(super) fn connector(name: &str, text: &str) -> Self {
        Self { is_connector: true, ..Self::file(name, text) }
    }

    pub(super) fn setting(name: &str, value: &str) -> Self {
        let (name, text) = (format!("app setting {name}"), format!("{name}={value}"));
        Self { name, text, is_setting: true, is_connector: false }
    }

    /// `regrets.toml:12:5`, or the app setting's name. Lines and columns count from 1, columns in characters.
    pub(super) fn describe(&self, place: &Place) -> String {
        match self.line_and_column(place) {
            Some((line, column)) => format!("{}:{line}:{column}", self.name),
            None => self.name.clone(),
        }
    }

    /// From 1; none in an app setting.
    pub(super) fn line_and_column(&self, place: &Place) -> Option<(usize, usize)> {
        let before = self.text.get(..place.start).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        (!self.is_setting).then_some((line, column))
    }

    /// Replaces the bytes of a secret by asterisks, so that an error that shows the line doesn't show the
    /// secret. Keeps every byte offset.
    pub(super) fn mask(&mut self, start: usize, len: usize) {
        let end = start.saturating_add(len);
        self.text = self
            .text
            .char_indices()
            .map(|(at, c)| {
                if at >= start && at < end && c != '\n' && c != '\r' {
                    "*".repeat(c.len_utf8())
                } else {
                    c.to_string()
                }
            })
            .collect();
    }
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
