//! Texts as JSON strings, written in stretches: most of what leaves here needs no escape for many characters.

use std::borrow::Cow;

/// The place of the first byte that can't stand in a JSON string as it is: a quote, a backslash or a control character.
#[inline]
pub(crate) fn stop(text: &[u8]) -> Option<usize> {
    let (mut rest, mut before) = (text, 0);
    while let Some((block, after)) = rest.split_first_chunk() {
        let block = u128::from_le_bytes(*block);
        let (low, high) = (stops(block as u64), stops((block >> 64) as u64));
        if low | high != 0 {
            let found = u128::from(high) << 64 | u128::from(low);
            return Some(before + found.trailing_zeros() as usize / 8);
        }
        (rest, before) = (after, before + 16);
    }
    rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).map(|place| before + place)
}

/// Eight bytes at once: the high bit of each byte that is a stop.
#[inline]
fn stops(word: u64) -> u64 {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const LOW: u64 = 0x7f * ONES;
    let low = word & LOW;
    // Each sum sets the high bit of all bytes but those sought, and never runs over into the next byte; bytes of other
    // characters than ASCII have it set themselves.
    let no_quote = (low ^ (u64::from(b'"') * ONES)) + LOW;
    let no_backslash = (low ^ (u64::from(b'\\') * ONES)) + LOW;
    let no_control = low + (0x60 * ONES);
    !(no_quote & no_backslash & no_control | word) & !LOW
}

/// Adds `text` to `json` as a JSON string, as serde_json writes it.
pub(crate) fn quote(text: &str, json: &mut String) {
    json.push('"');
    let mut rest = text;
    while let Some((plain, escaped)) = stop(rest.as_bytes()).and_then(|place| rest.split_at_checked(place)) {
        json.push_str(plain);
        match escaped.as_bytes().first() {
            Some(b'"') => json.push_str("\\\""),
            Some(b'\\') => json.push_str("\\\\"),
            Some(other) => json.push_str(&control(*other)),
            None => {}
        }
        rest = escaped.get(1..).unwrap_or_default();
    }
    json.push_str(rest);
    json.push('"');
}

#[cold]
fn control(character: u8) -> Cow<'static, str> {
    match character {
        b'\n' => "\\n".into(),
        b'\r' => "\\r".into(),
        b'\t' => "\\t".into(),
        0x8 => "\\b".into(),
        0xc => "\\f".into(),
        other => format!("\\u{other:04x}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::cases;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn a_text_is_written_as_serde_json_writes_it(text in "[ -~\"\\\\\u{0}-\u{20}äß€\u{10000}]{0,40}") {
            let mut json = "x".to_owned();
            quote(&text, &mut json);
            prop_assert_eq!(json, format!("x{}", serde_json::to_string(&text).unwrap()));
        }

        #[test]
        fn a_stop_is_the_first_of_its_kind(bytes: Vec<u8>) {
            prop_assert_eq!(stop(&bytes), bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)));
        }
    }
}
