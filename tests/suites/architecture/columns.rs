//! Lines that are wider than a reader's window, as far as they can be broken: a text that is quoted as it is
//! can't.

use regex::Regex;
use std::ops::Range;

/// The numbers of the lines that are wider than `most` characters and could be broken.
pub(crate) fn wide(text: &str, most: usize) -> Vec<usize> {
    let texts = texts(text);
    let (mut wide, mut begin) = (Vec::new(), 0);
    for (n, line) in text.split('\n').enumerate() {
        if let Some((edge, _)) = line.char_indices().nth(most) {
            let edge = begin + edge;
            let of_edge = texts.iter().find(|one| one.contains(&edge));
            if !of_edge.is_some_and(|one| is_of_one_piece(text, one, begin, edge)) {
                wide.push(n + 1);
            }
        }
        begin += line.len() + 1;
    }
    wide
}

/// A raw text is never broken, any other where it has a blank.
fn is_of_one_piece(text: &str, one: &Range<usize>, begin: usize, edge: usize) -> bool {
    let is_raw = text[one.clone()].trim_start_matches('b').starts_with('r');
    is_raw || !text[one.start.max(begin)..edge].trim_start_matches(['/', '!', ' ']).contains(' ')
}

/// Where texts and comments stand.
fn texts(text: &str) -> Vec<Range<usize>> {
    // Whatever may hold a quotation mark that begins no text: a comment, a character, a raw text.
    let begin = Regex::new(r##"//|/\*|b?r#*"|"|'(?:\\.|[^\\'])'"##).unwrap();
    let plain_end = Regex::new(r#"(?s)^(?:[^"\\]|\\.)*""#).unwrap();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = begin.find_at(text, at) {
        let rest = &text[next.end()..];
        let length = match next.as_str() {
            "//" => rest.find('\n').unwrap_or(rest.len()),
            "/*" => rest.find("*/").map_or(rest.len(), |end| end + 2),
            "\"" => plain_end.find(rest).map_or(rest.len(), |end| end.end()),
            raw if raw.contains('r') && raw.ends_with('"') => {
                let end = format!("\"{}", "#".repeat(raw.matches('#').count()));
                rest.find(&end).map_or(rest.len(), |found| found + end.len())
            }
            _ => 0,
        };
        at = next.end() + length;
        if length > 0 {
            found.push(next.start()..at);
        }
    }
    found
}

#[test]
fn what_could_be_broken_is_found() {
    let lines = [
        "let short = 1;",
        "let call = of(one, another, and_one_more);",
        "let text = \"a sentence with blanks in it\";",
        "let text = \"AVeryLongNameWithoutAnyBlankInIt\";",
        "let text = r#\"a raw one \" with blanks in it\"#;",
        "let tick = '\"'; // a comment with blanks in it",
        "// https://example.com/without-any-blank-in-it",
    ];
    assert_eq!(wide(&lines.join("\n"), 24), [2, 3, 6]);
}
