//! Texts with placeholders: `{{ user.id | lower }}`. No loops, no conditions, no calls: a template's cost is
//! its length and that of its values.
//!
//! What a value may not do depends on where it stands ([`Position`]): it is escaped there by the renderer,
//! never by the author, so that no value breaks out of its place.

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A path below the base: a value is (part of) one segment, or a key in `('…')`.
    Path,
    /// A whole value that is encoded later as a whole: of a query, a form, JSON, a GraphQL variable; a
    /// comparison.
    Value,
    /// As [`Position::Value`]; placeholders stand in OData literals, `'…'`.
    OData,
    /// A header's value.
    Header,
    /// Text or an attribute's value in XML.
    Xml,
    /// An absolute address: the whole of it may be one placeholder, which then is an address.
    Url,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub(super) pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Placeholder { name: String, filters: Vec<Filter>, escape: Escape },
}

/// What is done to a value where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    Nothing,
    Segment,
    /// In `'…'` within a path.
    SegmentKey,
    ODataLiteral,
    Header,
    Xml,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    Lower,
    Trim,
    Base64,
    Default(String),
    Date(String),
    Prefix(String),
    Suffix(String),
    Part(String, usize),
    Number,
    Boolean,
}

/// Who knows the values: `None` is nothing by that name; an empty text is a value.
pub trait Variables {
    fn get(&self, name: &str) -> Option<std::borrow::Cow<'_, str>>;
}
