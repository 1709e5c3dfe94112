//! An answer, read once: status, headers, text, and JSON where it is some, or becomes some as was expected.
//!
//! Numbers that lose digits in 64 bits are kept as texts with all their digits: an id that is a digit off is
//! somebody else's.

use super::effect::Effect;
use crate::lms::exchange::{self, Received};
use crate::lms::formats::{Document, csv_table, icalendar};
use crate::lms::recipe::step::Expect;
use crate::sessions::pass::Doubt;
use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use std::borrow::Cow;

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    pub(super) json: Option<Value>,
    pub(super) extent: Extent,
    /// In small letters, without parameters; empty where none is said.
    pub(super) media_type: String,
    /// Bytes that were read.
    pub(super) size: usize,
    /// Of a document that became JSON: why what is missing may be there all the same.
    pub(super) doubts: Vec<Doubt>,
    /// Why it became none.
    pub(super) unfit: Option<String>,
}

/// Series in a feed are followed so far back, and so far ahead.
const BACK: TimeDelta = TimeDelta::days(31);
const AHEAD: TimeDelta = TimeDelta::days(400);

/// How much of the body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    /// Longer than is read.
    Cut,
    /// It ended before its time.
    Broken,
}

impl Answer {
    pub(super) fn read(answer: exchange::Answer) -> Self {
        Self::read_as(answer, Expect::Any, DateTime::UNIX_EPOCH)
    }

    /// `now`: around which a feed is of interest.
    pub(super) fn read_as(answer: exchange::Answer, expect: Expect, now: DateTime<Utc>) -> Self {
        let (bytes, extent) = match answer.body {
            Received::Whole(bytes) => (bytes, Extent::Whole),
            Received::Cut(bytes) => (bytes, Extent::Cut),
            Received::Broken => (Vec::new(), Extent::Broken),
        };
        let media_type = answer.headers.get(CONTENT_TYPE).and_then(|text| text.to_str().ok());
        let media_type = media_type.and_then(|text| text.split(';').next()).unwrap_or_default();
        let text = exchange::text(&bytes);
        let is_document = extent == Extent::Whole && answer.status.is_success();
        let document = match expect {
            Expect::Csv if is_document => Some(csv_table::read(&bytes)),
            Expect::Icalendar if is_document => Some(icalendar::read(&text, now - BACK, now + AHEAD)),
            Expect::Csv | Expect::Icalendar | Expect::Json | Expect::Text | Expect::Empty | Expect::Any => {
                None
            }
        };
        let (json, doubts, unfit) = match document {
            Some(Ok(Document { json, doubts })) => (Some(json), doubts, None),
            Some(Err(why)) => (None, Vec::new(), Some(why)),
            None => ((extent == Extent::Whole).then(|| json(&text)).flatten(), Vec::new(), None),
        };
        Self {
            status: answer.status.as_u16(),
            media_type: media_type.trim().to_ascii_lowercase(),
            json,
            doubts,
            unfit,
            headers: answer.headers,
            text,
            extent,
            size: bytes.len(),
        }
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Nothing but blanks.
    pub(super) fn is_empty(&self) -> bool {
        self.extent == Extent::Whole && self.text.trim().is_empty()
    }

    /// What may be told of it, as it came. Not what was read of a place or a learner: such an answer is full
    /// of people.
    pub(super) fn words(&self, effect: Effect) -> Option<String> {
        let is_a_record = effect == Effect::Reads && self.is_success() && self.json.is_some();
        (!is_a_record && !self.is_empty()).then(|| self.text.clone())
    }

    /// HTML, as proxies and sign-ins answer.
    pub(super) fn is_page(&self) -> bool {
        let start: String = self.text.trim_start().chars().take(14).flat_map(char::to_lowercase).collect();
        self.media_type == "text/html" || start.starts_with("<!doctype html") || start.starts_with("<html")
    }

    /// A header's value; several of one name are one list.
    pub(super) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut values = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let first = values.next()?;
        Some(values.fold(Cow::Borrowed(first), |all, next| Cow::Owned(format!("{all}, {next}"))))
    }
}

fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() { None } else { serde_json::from_str(&with_all_digits(text)).ok() }
}

/// The same JSON, in which numbers that 64 bits can't hold as they are written stand in quotation marks.
/// Looked at byte by byte: all that counts is ASCII.
fn with_all_digits(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut changed = String::new();
    let (mut kept, mut at) = (0, 0);
    while let Some(c) = bytes.get(at) {
        let start = at;
        at += 1;
        match c {
            b'"' => at = end_of_string(bytes, at),
            b'-' | b'0'..=b'9' => {
                let mut is_short = true;
                while let Some(c @ (b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) = bytes.get(at) {
                    is_short &= c.is_ascii_digit();
                    at += 1;
                }
                is_short &= at - start < 19;
                let number = text.get(start..at).unwrap_or_default();
                if !is_short && !is_kept(number) {
                    changed.push_str(text.get(kept..start).unwrap_or_default());
                    changed.extend(["\"", number, "\""]);
                    kept = at;
                }
            }
            _ => {}
        }
    }
    if changed.is_empty() {
        return Cow::Borrowed(text);
    }
    changed.push_str(text.get(kept..).unwrap_or_default());
    Cow::Owned(changed)
}

/// Behind the quotation mark that closes it.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

/// Whether it is the same after serde_json has read it. What is no number stays for it to refuse.
fn is_kept(number: &str) -> bool {
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    if !number.contains(['.', 'e', 'E']) {
        return digits < 19
            || number.parse::<u64>().is_ok()
            || number.parse::<i64>().is_ok()
            || !is_json_number(number);
    }
    let holds = digits <= 15 && number.parse::<f64>().is_ok_and(f64::is_finite);
    holds || !is_json_number(number)
}

/// Without leading zeros, and with digits where they must be (RFC 8259, section 6).
pub(super) fn is_json_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, part) = match mantissa.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (mantissa, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && part.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
