//! What is done to a value where it stands, found out once from the text around it.

use super::error::{NotRendered, TemplateError, TemplateFault};
use super::filter::Filter;
use super::piece::{Escape, Piece, Position};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use std::ops::Range;

/// All but what RFC 3986 calls unreserved.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

impl Escape {
    pub(super) fn apply(self, value: Cow<'_, str>) -> Result<Cow<'_, str>, NotRendered> {
        match self {
            Self::Nothing => Ok(value),
            Self::Segment | Self::SegmentLiteral | Self::HostLabel if value.is_empty() => {
                Err(NotRendered::Empty)
            }
            Self::Segment => Ok(Cow::Owned(utf8_percent_encode(&value, SEGMENT).to_string())),
            Self::SegmentLiteral => {
                let doubled = value.replace('\'', "''");
                Ok(Cow::Owned(utf8_percent_encode(&doubled, SEGMENT).to_string()))
            }
            Self::Literal if value.contains('\'') => Ok(Cow::Owned(value.replace('\'', "''"))),
            Self::Literal => Ok(value),
            Self::HostLabel => {
                let fits = value.len() <= 63
                    && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                    && !value.starts_with('-');
                if fits { Ok(value) } else { Err(NotRendered::NoHostLabel) }
            }
            Self::Header => {
                let is_printable = |c: char| c == ' ' || c.is_ascii_graphic();
                if value.chars().all(is_printable) { Ok(value) } else { Err(NotRendered::NotInHeader) }
            }
            Self::Xml => {
                let mut text = String::with_capacity(value.len());
                for c in value.chars() {
                    match c {
                        '&' => text.push_str("&amp;"),
                        '<' => text.push_str("&lt;"),
                        '>' => text.push_str("&gt;"),
                        '"' => text.push_str("&quot;"),
                        '\'' => text.push_str("&apos;"),
                        // As references they survive the normalising of attributes.
                        '\t' => text.push_str("&#9;"),
                        '\n' => text.push_str("&#10;"),
                        '\r' => text.push_str("&#13;"),
                        // XML 1.0 has no way to write them.
                        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {
                            return Err(NotRendered::NotInXml);
                        }
                        c => text.push(c),
                    }
                }
                Ok(Cow::Owned(text))
            }
        }
    }
}

/// Says for each placeholder how it is escaped; refuses those that stand where no value can be held.
pub(super) fn assign(pieces: &mut [Piece], position: Position) -> Result<(), TemplateError> {
    match position {
        Position::Value => Ok(()),
        Position::Header => header(pieces),
        Position::OData => odata(pieces),
        Position::Path => path(pieces, true, Walk { at: 0 }),
        Position::Url => url(pieces),
        Position::Xml => xml(pieces),
    }
}

/// Literal texts have no place of their own in a piece: it is counted from what went before.
struct Walk {
    at: usize,
}

impl Walk {
    fn error(&self, offset: usize, length: usize, fault: TemplateFault) -> TemplateError {
        TemplateError { at: self.at + offset..self.at + offset + length, fault }
    }

    fn pass(&mut self, piece: &Piece) {
        match piece {
            Piece::Text(text) => self.at += text.len(),
            Piece::Placeholder(placeholder) => self.at = placeholder.end,
        }
    }
}

fn header(pieces: &mut [Piece]) -> Result<(), TemplateError> {
    let mut walk = Walk { at: 0 };
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                if let Some(bad) = text.find(|c: char| c != ' ' && !c.is_ascii_graphic()) {
                    return Err(walk.error(bad, 1, TemplateFault::NotInHeader));
                }
            }
            Piece::Placeholder(placeholder) => placeholder.escape = Escape::Header,
        }
        walk.pass(piece);
    }
    Ok(())
}

fn odata(pieces: &mut [Piece]) -> Result<(), TemplateError> {
    let mut is_quoted = false;
    for piece in pieces {
        match piece {
            Piece::Text(text) => is_quoted ^= text.matches('\'').count() % 2 == 1,
            Piece::Placeholder(placeholder) if is_quoted => placeholder.escape = Escape::Literal,
            // Digits break out of nothing.
            Piece::Placeholder(placeholder) if placeholder.filters.last() == Some(&Filter::Number) => {}
            Piece::Placeholder(placeholder) => {
                return Err(TemplateError {
                    at: placeholder.at.clone(),
                    fault: TemplateFault::OutsideLiteral,
                });
            }
        }
    }
    Ok(())
}

fn path(pieces: &mut [Piece], is_whole: bool, mut walk: Walk) -> Result<(), TemplateError> {
    if is_whole && !matches!(pieces.first(), Some(Piece::Text(text)) if text.starts_with('/')) {
        return Err(walk.error(0, 1, TemplateFault::PathStart));
    }
    let mut is_quoted = false;
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                let is_foreign =
                    |c: char| matches!(c, '?' | '#' | '\\' | '%') || c.is_whitespace() || c.is_control();
                if let Some((bad, c)) = text.char_indices().find(|(_, c)| is_foreign(*c)) {
                    return Err(walk.error(bad, c.len_utf8(), TemplateFault::NotInPath(c)));
                }
                if let Some(found) = dots(text) {
                    return Err(walk.error(found.start, found.len(), TemplateFault::DotSegment));
                }
                for c in text.chars() {
                    match c {
                        '\'' => is_quoted = !is_quoted,
                        '/' => is_quoted = false,
                        _ => {}
                    }
                }
            }
            Piece::Placeholder(placeholder) => {
                placeholder.escape = if is_quoted { Escape::SegmentLiteral } else { Escape::Segment };
            }
        }
        walk.pass(piece);
    }
    Ok(())
}

/// A whole segment of dots. What stands at either end may go on in a value: that is seen when it is rendered.
fn dots(text: &str) -> Option<Range<usize>> {
    let slashes: Vec<usize> = text.match_indices('/').map(|(at, _)| at).collect();
    let ends = slashes.iter().skip(1).copied().chain([text.len()]);
    let mut segments = slashes.iter().zip(ends).map(|(slash, end)| slash + 1..end);
    let is_last = |segment: &Range<usize>| segment.end == text.len();
    segments.find(|segment| !is_last(segment) && matches!(text.get(segment.clone()), Some("." | "..")))
}

fn url(pieces: &mut [Piece]) -> Result<(), TemplateError> {
    let mut walk = Walk { at: 0 };
    match pieces {
        [Piece::Placeholder(first), rest @ ..] => path(rest, !rest.is_empty(), Walk { at: first.end }),
        [Piece::Text(first), rest @ ..] => {
            let Some(scheme) = ["https://", "http://"].into_iter().find(|scheme| first.starts_with(scheme))
            else {
                return Err(walk.error(0, first.len(), TemplateFault::Scheme));
            };
            walk.at = first.len();
            if first.get(scheme.len()..).is_some_and(|host| host.contains('/')) {
                return path(rest, false, walk);
            }
            let mut before = first.clone();
            for index in 0..rest.len() {
                let next = rest.get(index + 1).map(|piece| match piece {
                    Piece::Text(text) => text.clone(),
                    Piece::Placeholder(_) => String::new(),
                });
                rest.get(index).into_iter().for_each(|piece| walk.pass(piece));
                match rest.get_mut(index) {
                    Some(Piece::Placeholder(placeholder)) => {
                        let starts = before.ends_with("//") || before.ends_with('.');
                        let ends = next.is_some_and(|text| text.starts_with('.'));
                        if !(starts && ends) {
                            return Err(TemplateError {
                                at: placeholder.at.clone(),
                                fault: TemplateFault::HostLabel,
                            });
                        }
                        placeholder.escape = Escape::HostLabel;
                        before.clear();
                    }
                    Some(Piece::Text(text)) if text.contains('/') => {
                        return path(rest.get_mut(index + 1..).unwrap_or_default(), false, walk);
                    }
                    Some(Piece::Text(text)) => before.clone_from(text),
                    None => {}
                }
            }
            Ok(())
        }
        [] => Err(walk.error(0, 1, TemplateFault::Scheme)),
    }
}

/// Where one is in a text of XML.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Xml {
    Text,
    Tag,
    Quoted(char),
}

fn xml(pieces: &mut [Piece]) -> Result<(), TemplateError> {
    let mut walk = Walk { at: 0 };
    let mut state = Xml::Text;
    for piece in pieces {
        match piece {
            Piece::Text(text) => {
                if let Some(found) = text.find("<!") {
                    let fault =
                        TemplateFault::Xml("comments, CDATA and document types are not for templates");
                    return Err(walk.error(found, 2, fault));
                }
                for (index, c) in text.char_indices() {
                    state = match (state, c) {
                        (Xml::Text, '<') => Xml::Tag,
                        (Xml::Tag, '>') => Xml::Text,
                        (Xml::Tag, '"' | '\'') => Xml::Quoted(c),
                        (Xml::Quoted(quote), c) if c == quote => Xml::Tag,
                        (Xml::Tag | Xml::Quoted(_), '<') => {
                            return Err(walk.error(index, 1, TemplateFault::Xml("`<` within a tag")));
                        }
                        (same, _) => same,
                    };
                }
            }
            Piece::Placeholder(placeholder) if state == Xml::Tag => {
                return Err(TemplateError {
                    at: placeholder.at.clone(),
                    fault: TemplateFault::OutsideXmlText,
                });
            }
            Piece::Placeholder(placeholder) => placeholder.escape = Escape::Xml,
        }
        walk.pass(piece);
    }
    if state == Xml::Text { Ok(()) } else { Err(walk.error(0, 0, TemplateFault::Xml("a tag is not closed"))) }
}
