//! Texts with placeholders: `{{ user.id | lower }}`. No loops, no conditions, no calls: what a template costs
//! is its length and that of its values.
//!
//! - Where a value stands ([`Position`]) says how it is escaped ([`escape`]); that is found out when the
//!   template is read, and no author can say otherwise. So no value breaks out of its place: a segment of a
//!   path, a literal, a header, an attribute.
//! - A value that can't stand there at all (an empty segment, a line break in a header) is an error that names
//!   the placeholder and never shows the value.

mod error;
mod escape;
mod filter;
mod parse;
mod render;

pub use error::{NotRendered, RenderError, TemplateError, TemplateFault};
pub use filter::Filter;
pub use render::LONGEST;

use escape::Escape;
use std::borrow::Cow;
use std::ops::Range;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A path below the base: a value is (part of) one segment, or a key in `('…')`.
    Path,
    /// A whole value that is encoded later, as a whole: of a query, a form, JSON, a GraphQL variable; one side
    /// of a comparison.
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
    pieces: Vec<Piece>,
    position: Position,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Placeholder {
    name: String,
    /// Of the name, in bytes of the template's text.
    at: Range<usize>,
    filters: Vec<Filter>,
    escape: Escape,
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

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
