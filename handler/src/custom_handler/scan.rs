//! A fast reader for JSON, as itself or inside a JSON string, still escaped: so that a post inside an invocation is read
//! where it stands, in one pass, without a copy.
//!
//! It takes valid JSON only and gives `None` for whatever it does not expect: bad JSON, but good JSON too (deep nesting,
//! line breaks, odd escapes). `None` never means more than "read it the patient way", with serde_json. Nothing here
//! panics, and no nesting is followed deeper than [`DEPTH`].

use crate::custom_handler::quote::stop;
use serde::de::IgnoredAny;
use std::borrow::Cow;

/// Levels of arrays and objects that are followed.
const DEPTH: u32 = 16;

/// What is left of a JSON text. With `INNER` the text stands inside a JSON string: its quotes are `\"`, its backslashes `\\`.
pub(crate) struct Scanner<'a, const INNER: bool> {
    /// The whole; `rest` is its end.
    text: &'a str,
    rest: &'a [u8],
}

/// What stands between two quotes, still escaped.
#[derive(Clone, Copy)]
pub(crate) struct Quoted<'a, const INNER: bool> {
    raw: &'a str,
    is_plain: bool,
}

impl<'a> Scanner<'a, false> {
    pub(crate) fn new(text: &'a [u8]) -> Option<Self> {
        std::str::from_utf8(text).ok().map(|text| Self { text, rest: text.as_bytes() })
    }

    /// Reads the JSON inside the string that comes next.
    pub(crate) fn inside<T>(&mut self, read: impl FnOnce(&mut Scanner<'a, true>) -> Option<T>) -> Option<T> {
        self.expect(b'"')?;
        let mut inner = Scanner { text: self.text, rest: self.rest };
        let found = read(&mut inner)?;
        inner.expect(b'"')?;
        self.rest = inner.rest;
        Some(found)
    }

    /// Nothing but spaces is left.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }
}

impl<'a, const INNER: bool> Scanner<'a, INNER> {
    const QUOTE: &'static [u8] = if INNER { b"\\\"" } else { b"\"" };

    /// Calls `member` for each member of the object that comes next, to read its value.
    #[inline]
    pub(crate) fn object(&mut self, mut member: impl FnMut(&mut Self, Quoted<'a, INNER>) -> Option<()>) -> Option<()> {
        self.expect(b'{')?;
        if self.take(b'}') {
            return Some(());
        }
        loop {
            let key = self.string()?;
            self.expect(b':')?;
            member(self, key)?;
            if !self.take(b',') {
                return self.expect(b'}');
            }
        }
    }

    /// Calls `item` for each item of the array that comes next, to read it.
    #[inline]
    pub(crate) fn array(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.expect(b'[')?;
        if self.take(b']') {
            return Some(());
        }
        loop {
            item(self)?;
            if !self.take(b',') {
                return self.expect(b']');
            }
        }
    }

    pub(crate) fn string(&mut self) -> Option<Quoted<'a, INNER>> {
        self.peek()?;
        let begin = self.rest.strip_prefix(Self::QUOTE)?;
        let (mut rest, mut is_plain) = (begin, true);
        loop {
            let (_, from_stop) = rest.split_at_checked(stop(rest)?)?;
            if let Some(after) = from_stop.strip_prefix(Self::QUOTE) {
                self.rest = after;
                let raw = self.text.get(self.text.len() - begin.len()..self.text.len() - from_stop.len())?;
                return Some(Quoted { raw, is_plain });
            }
            is_plain = false;
            // A bare quote in an inner text would be the end of the string around all.
            rest = after_escape::<INNER>(from_stop)?;
        }
    }

    /// The text of the string that comes next; no text for a null.
    pub(crate) fn text_or_null(&mut self) -> Option<Option<Cow<'a, str>>> {
        match self.peek()? {
            b'n' => self.word(b"null").map(|()| None),
            _ => self.string()?.text().map(Some),
        }
    }

    /// Reads a value of any kind for its end.
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.skip_within(DEPTH)
    }

    fn skip_within(&mut self, depth: u32) -> Option<()> {
        match self.peek()? {
            b'"' | b'\\' => self.string().map(drop),
            b'{' if depth > 0 => self.object(|scanner, _| scanner.skip_within(depth - 1)),
            b'[' if depth > 0 => self.array(|scanner| scanner.skip_within(depth - 1)),
            b'n' => self.word(b"null"),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
        let (number, rest) = self.rest.split_at_checked(self.rest.iter().position(|byte| !is_part(byte))?)?;
        self.rest = rest;
        serde_json::from_slice::<IgnoredAny>(number).ok().map(drop)
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    /// The next byte that is no space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.rest {
                [b' ', rest @ ..] => self.rest = rest,
                [byte, ..] => return Some(*byte),
                [] => return None,
            }
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == byte => self.rest = rest,
            [b' ', ..] => return self.peek() == Some(byte) && self.take(byte),
            _ => return false,
        }
        true
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }
}

/// What follows the escape at the beginning of `text`.
fn after_escape<const INNER: bool>(text: &[u8]) -> Option<&[u8]> {
    let (escaped, rest) = match text {
        [b'\\', b'\\', b'\\', escaped @ (b'"' | b'\\'), rest @ ..] if INNER => (escaped, rest),
        [b'\\', b'\\', escaped, rest @ ..] if INNER && !matches!(escaped, b'"' | b'\\') => (escaped, rest),
        [b'\\', escaped, rest @ ..] if !INNER => (escaped, rest),
        _ => return None,
    };
    match escaped {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(rest),
        b'u' => rest.split_at_checked(4).filter(|(hex, _)| hex.iter().all(u8::is_ascii_hexdigit)).map(|(_, rest)| rest),
        _ => None,
    }
}

impl<'a, const INNER: bool> Quoted<'a, INNER> {
    /// `None` where an escape hides what it is.
    #[inline]
    pub(crate) fn plain(self) -> Option<&'a [u8]> {
        self.is_plain.then_some(self.raw.as_bytes())
    }

    /// `None` where an escape stands for no character.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        if self.is_plain {
            return Some(Cow::Borrowed(self.raw));
        }
        let once = unescaped(self.raw)?;
        Some(Cow::Owned(if INNER { unescaped(&once)? } else { once }))
    }
}

fn unescaped(raw: &str) -> Option<String> {
    serde_json::from_str(&format!("\"{raw}\"")).ok()
}
