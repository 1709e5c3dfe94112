//! The XML of the queue service: what it answers, and the one document that it is sent.

use quick_xml::Reader;
use quick_xml::escape::{partial_escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};
use std::collections::BTreeMap;

/// An element's children, by name.
pub(super) type Item = BTreeMap<String, String>;

/// A message to send.
///
/// # Errors
/// XML knows no way to write some control characters; base64 has none of them.
pub(super) fn message(wire: &str) -> Result<String, String> {
    let is_unwritable =
        |c: &char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    if let Some(found) = wire.chars().find(is_unwritable) {
        let code = u32::from(found);
        return Err(format!(
            "it holds the character U+{code:04X}, which no queue can hold; messageEncoding \"base64\" can"
        ));
    }
    // A bare CR would be read as a line's end.
    let text = partial_escape(wire).replace('\r', "&#13;");
    Ok(format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>"))
}

/// All elements of this name.
pub(super) fn items(xml: &str, name: &str) -> Result<Vec<Item>, String> {
    let mut found = Vec::new();
    let mut item: Option<Item> = None;
    let mut child: Option<(String, String)> = None;
    // Inside of a child.
    let mut depth = 0_u32;
    walk(xml, |event| match event {
        Piece::Start(start) if item.is_none() => {
            if start == name {
                item = Some(Item::new());
            }
        }
        Piece::Start(start) if child.is_none() => child = Some((start.to_owned(), String::new())),
        Piece::Start(_) => depth += 1,
        Piece::Text(text) => {
            if depth == 0
                && let Some((_, whole)) = &mut child
            {
                whole.push_str(text);
            }
        }
        Piece::End if depth > 0 => depth -= 1,
        Piece::End => match (child.take(), &mut item) {
            (Some((name, text)), Some(item)) => drop(item.insert(name, text)),
            (None, Some(_)) => found.extend(item.take()),
            (_, None) => {}
        },
    })?;
    Ok(found)
}

/// The text of the first element of this name, wherever it is.
pub(super) fn text(xml: &str, name: &str) -> Result<Option<String>, String> {
    let mut found: Option<String> = None;
    let mut inside = false;
    walk(xml, |event| match event {
        Piece::Start(start) if found.is_none() && start == name => {
            inside = true;
            found = Some(String::new());
        }
        Piece::Start(_) | Piece::End => inside = false,
        Piece::Text(text) => {
            if let (true, Some(found)) = (inside, &mut found) {
                found.push_str(text);
            }
        }
    })?;
    Ok(found)
}

enum Piece<'a> {
    Start(&'a str),
    Text(&'a str),
    End,
}

fn walk(xml: &str, mut each: impl FnMut(Piece<'_>)) -> Result<(), String> {
    let broken = |error: &dyn std::fmt::Display| format!("its answer can't be read: {error}");
    // Azure puts a byte order mark before it.
    let mut reader = Reader::from_str(xml.trim_start_matches('\u{feff}'));
    loop {
        match reader.read_event().map_err(|error| broken(&error))? {
            Event::Start(start) => each(Piece::Start(start.local_name().as_ref())),
            Event::Empty(empty) => {
                each(Piece::Start(empty.local_name().as_ref()));
                each(Piece::End);
            }
            Event::End(_) => each(Piece::End),
            Event::Text(text) => each(Piece::Text(&text)),
            Event::CData(text) => each(Piece::Text(&text)),
            Event::GeneralRef(reference) => each(Piece::Text(&referred(&reference).map_err(|error| broken(&error))?)),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

/// `&lt;` or `&#60;`
fn referred(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character.to_string());
    }
    let name: &str = reference;
    resolve_predefined_entity(name).map(str::to_owned).ok_or_else(|| format!("&{name};"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read_back_as_it_was() {
        for text in ["", "aGVsbG8=", " <a b='c'>&amp;\r\n\t]]> \u{1F600} ", "&#13;"] {
            let sent = message(text).unwrap();
            let read = items(&format!("\u{feff}<?xml version=\"1.0\"?><L>{sent}{sent}</L>"), "QueueMessage").unwrap();
            assert_eq!(read.len(), 2);
            assert_eq!(read[0].get("MessageText").map(String::as_str), Some(text));
        }
        for text in ["\0", "a\u{1b}b", "\u{ffff}"] {
            assert!(message(text).unwrap_err().contains("U+"), "{text:?}");
        }
    }

    #[test]
    fn children_are_told_apart_from_what_is_around_and_inside_them() {
        let xml = "<R><Queues><Queue><Name>a</Name><Metadata><Name>no</Name><x>1</x></Metadata></Queue>
            <Queue><Name>b</Name></Queue></Queues><Name>outside</Name><NextMarker /></R>";
        let queues = items(xml, "Queue").unwrap();
        let names: Vec<_> = queues.iter().map(|queue| queue["Name"].as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(text(xml, "NextMarker").unwrap().as_deref(), Some(""));
        assert_eq!(
            text("<R><NextMarker>/a/b</NextMarker><x>y</x></R>", "NextMarker").unwrap().as_deref(),
            Some("/a/b")
        );
        assert_eq!(text("<R><x>y</x></R>", "NextMarker").unwrap(), None);
    }

    #[test]
    fn what_is_no_xml_is_an_error() {
        for bad in ["<a><b></a>", "<a>&nonsense;</a>", "<a", "<a>&#xD800;</a>"] {
            assert!(items(bad, "a").is_err(), "{bad}");
        }
    }
}
