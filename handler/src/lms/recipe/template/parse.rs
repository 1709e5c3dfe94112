//! Reads a template: its placeholders, what is done to each, and how each is escaped where it stands.

use super::error::{TemplateError, TemplateFault};
use super::escape;
use super::filter::Filter;
use super::piece::{Escape, Piece, Placeholder, Position, Template};
use std::ops::Range;

impl Template {
    pub fn parse(text: &str, position: Position) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut from = 0;
        while let Some(open) = text.get(from..).and_then(|rest| rest.find("{{")).map(|found| from + found) {
            push_text(&mut pieces, text, from..open)?;
            let inner = open + 2;
            let close = close_of(text, inner)
                .ok_or(TemplateError { at: open..text.len().min(open + 2), fault: TemplateFault::Open })?;
            pieces.push(Piece::Placeholder(placeholder(text, inner..close)?));
            from = close + 2;
        }
        push_text(&mut pieces, text, from..text.len())?;
        escape::assign(&mut pieces, position)?;
        Ok(Self { pieces, position })
    }
}

fn push_text(pieces: &mut Vec<Piece>, text: &str, at: Range<usize>) -> Result<(), TemplateError> {
    let literal = text.get(at.clone()).unwrap_or_default();
    for (token, fault) in [("}}", TemplateFault::Stray), ("{%", TemplateFault::Block)] {
        if let Some(found) = literal.find(token) {
            return Err(TemplateError { at: at.start + found..at.start + found + 2, fault });
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal.to_owned()));
    }
    Ok(())
}

/// Where the placeholder ends: at the first `}}` that is not within a filter's text.
fn close_of(text: &str, from: usize) -> Option<usize> {
    let mut is_quoted = false;
    let mut is_escaped = false;
    let bytes = text.as_bytes();
    for (index, byte) in bytes.iter().enumerate().skip(from) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b'}' if !is_quoted && bytes.get(index + 1) == Some(&b'}') => return Some(index),
            _ => {}
        }
    }
    None
}

fn placeholder(text: &str, at: Range<usize>) -> Result<Placeholder, TemplateError> {
    let inner = text.get(at.clone()).unwrap_or_default();
    let error = |range: Range<usize>, fault| TemplateError { at: range, fault };
    let start = at.start + (inner.len() - inner.trim_start().len());
    let rest = inner.trim_start();
    let length =
        rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
    let (name, mut rest) = rest.split_at(length);
    let name_at = start..start + length;
    if !is_name(name) {
        let end = if name_at.is_empty() { at.end.max(at.start + 1) } else { name_at.end };
        return Err(error(name_at.start..end, TemplateFault::Name));
    }
    let mut filters = Vec::new();
    let mut position = name_at.end;
    loop {
        position += rest.len() - rest.trim_start().len();
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let Some(call) = rest.strip_prefix('|') else {
            return Err(error(position..at.end, TemplateFault::AfterName));
        };
        position += 1 + (call.len() - call.trim_start().len());
        let call = call.trim_start();
        let (filter, length) = Filter::parse(call).map_err(|(range, fault)| {
            error(position + range.start..position + range.end, TemplateFault::Filter(fault))
        })?;
        filters.push(filter);
        position += length;
        rest = call.get(length..).unwrap_or_default();
    }
    Ok(Placeholder { name: name.to_owned(), at: name_at, end: at.end + 2, filters, escape: Escape::Nothing })
}

/// `[a-z][a-z0-9_]*`, several with dots between; behind the first also names as an LMS spells them, and
/// numbers, which are places in a list.
fn is_name(name: &str) -> bool {
    let is_own = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_theirs = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            || is_number(part)
    };
    let mut parts = name.split('.');
    parts.next().is_some_and(is_own) && parts.all(is_theirs)
}
