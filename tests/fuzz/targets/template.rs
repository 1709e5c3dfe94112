//! A text as a template, and another as the value of everything that it asks for: whatever both are, the
//! value stays in its place. What stands around it is the same as with a value of one letter. What an
//! address begins with, though, is the whole of an LMS's address: that is judged where it is called.

use regrets::lms::recipe::template::{LONGEST, Position, Template, Variables};
use std::borrow::Cow;
use url::Url;

struct All<'a> {
    value: &'a str,
    /// The name of the address of the LMS, where the template begins with one.
    lms: Option<&'a str>,
}

impl Variables for All<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(if self.lms == Some(name) { "https://lms.example" } else { self.value }))
    }
}

const POSITIONS: [Position; 6] =
    [Position::Path, Position::Value, Position::OData, Position::Header, Position::Xml, Position::Url];

/// The first byte says where it stands; a zero byte parts the template and the value.
pub(crate) fn template(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let position = POSITIONS[usize::from(*first) % POSITIONS.len()];
    let text = String::from_utf8_lossy(rest);
    let (text, value) = text.split_once('\0').unwrap_or((&text, "v"));
    let template = match Template::parse(text, position) {
        Ok(template) => template,
        Err(error) => {
            assert!(error.at.start <= text.len(), "{:?} in {text:?}", error.at);
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for (name, at) in template.placeholders() {
        assert_eq!(text.get(at), Some(name), "{text:?}");
    }
    let begins = position == Position::Url && text.starts_with("{{");
    let lms = template.placeholders().next().map(|(name, _)| name).filter(|_| begins);
    let Ok(rendered) = template.render(&All { value, lms }) else { return };
    assert!(rendered.len() <= LONGEST, "{} bytes", rendered.len());
    // Not every filter takes every value.
    let Ok(plain) = template.render(&All { value: "v", lms }) else { return };
    let around = |rendered: &str| around(rendered, position);
    assert_eq!(around(&rendered), around(&plain), "{text:?} with {value:?} is {rendered:?}");
}

/// What a reader takes for structure, and for no value.
fn around(rendered: &str, position: Position) -> String {
    let only = |marks: &[char]| rendered.chars().filter(|c| marks.contains(c)).collect::<String>();
    match position {
        Position::Value => String::new(),
        Position::Path => {
            // Put behind the base as the engine does it: joined, `z:` would be a scheme.
            let joined = Url::parse(&format!("https://lms.example/api{rendered}")).unwrap();
            assert!(joined.as_str().starts_with("https://lms.example/"), "{rendered:?}");
            assert!(joined.query().is_none() && joined.fragment().is_none(), "{rendered:?}");
            only(&['/', '?', '#', '\\', '\r', '\n'])
        }
        Position::OData => outside_of_literals(rendered),
        Position::Header => {
            assert!(http::HeaderValue::from_str(rendered).is_ok(), "{rendered:?}");
            String::new()
        }
        Position::Xml => only(&['<', '>', '\'', '"']),
        Position::Url => match Url::parse(rendered) {
            Ok(url) => {
                assert!(url.username().is_empty() && url.password().is_none(), "{rendered:?}");
                only(&['/', '?', '#', '@', '\\', '\r', '\n'])
            }
            // An address that is none is not called.
            Err(_) => String::new(),
        },
    }
}

/// Digits outside may be a value.
fn outside_of_literals(rendered: &str) -> String {
    let parts = rendered.split('\'');
    parts.step_by(2).flat_map(str::chars).filter(|c| !c.is_ascii_digit() && !"-.".contains(*c)).collect()
}
