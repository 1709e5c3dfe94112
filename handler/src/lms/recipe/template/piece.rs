//! A template that was read: texts and placeholders, each with how it is escaped.

use super::filter::Filter;
use std::borrow::Cow;
use std::ops::Range;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A path below the base: a value is (part of) one segment, or a key in `('…')`.
    Path,
    /// A whole value that is encoded later, as a whole: of a query, a form, JSON, a GraphQL variable; one
    /// side of a comparison.
    Value,
    /// As [`Position::Value`]; placeholders stand in OData literals, `'…'`, or are numbers.
    OData,
    /// A header's value.
    Header,
    /// Text, or an attribute's value, in XML.
    Xml,
    /// An absolute address. Its beginning may be one placeholder whose value is an address; one may stand for
    /// a label of the host; those behind are as in a path.
    Url,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub(super) pieces: Vec<Piece>,
    pub(super) position: Position,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    pub(super) name: String,
    /// Of the name, in bytes of the template's text.
    pub(super) at: Range<usize>,
    /// Behind its `}}`, in the same bytes.
    pub(super) end: usize,
    pub(super) filters: Vec<Filter>,
    pub(super) escape: Escape,
}

/// Who knows the values: `None` is nothing by that name; an empty text is a value.
pub trait Variables {
    fn get(&self, name: &str) -> Option<Cow<'_, str>>;
}

impl Template {
    /// The names that it asks for, each with its place in the text (bytes).
    pub fn placeholders(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Placeholder(placeholder) => Some((placeholder.name.as_str(), placeholder.at.clone())),
            Piece::Text(_) => None,
        })
    }

    /// Its text, where it has no placeholder.
    pub fn constant(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            [..] => None,
        }
    }

    /// The one placeholder that it is, if it is nothing else: its name and its last filter.
    pub fn only_placeholder(&self) -> Option<(&str, Option<&Filter>)> {
        match self.pieces.as_slice() {
            [Piece::Placeholder(placeholder)] => Some((&placeholder.name, placeholder.filters.last())),
            [..] => None,
        }
    }
}

/// How a value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Encoded later as a whole, or an address that is judged as a whole.
    Nothing,
    /// Part of one segment of a path.
    Segment,
    /// In `'…'` within a path.
    SegmentLiteral,
    /// In `'…'`.
    Literal,
    /// One label of a host name.
    HostLabel,
    Header,
    Xml,
}
