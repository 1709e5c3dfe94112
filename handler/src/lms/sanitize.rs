//! What an LMS says, made fit for the ledger and its pages: a quotation of one short line, without markup,
//! secrets and people.
//!
//! Guarantee: what comes out is no longer than [`QUOTED`] characters, and neither a mail address, nor what
//! looks like a token, nor any of the words to hide is in it, whole or in part.

use regex::Regex;
use std::sync::LazyLock;

/// Characters of an answer that are quoted.
pub const QUOTED: usize = 200;

/// Letters and digits without a break, from which on a word with a digit in it is taken for a token, and any
/// word.
const TOKEN: usize = 20;
const ANY_TOKEN: usize = 40;

/// `“…”`: the first [`QUOTED`] characters of what was answered; `None` when nothing is left.
///
/// `secrets` are blotted out, because some receivers repeat what they were configured with; `learner`,
/// because what the LMS knows a learner by is not for the story.
pub fn quote(text: &str, secrets: &[&str], learner: Option<&str>) -> Option<String> {
    let line = one_line(&without_markup(text));
    let line = masked(&line, secrets, learner);
    let kept = match line.char_indices().nth(QUOTED) {
        None => line,
        Some(_) => line.chars().take(QUOTED - 1).chain(['…']).collect(),
    };
    (!kept.is_empty()).then(|| format!("“{kept}”"))
}

/// Control characters and those that turn or hide text become a space, and many spaces one.
pub fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() || hides(c) { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Directional overrides, zero-width characters, line and paragraph separators, byte order mark.
fn hides(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

/// A pattern of ours; one that is wrong would match nothing, and a test would tell.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

/// What is between the tags of a page, and of a text without any all of it.
fn without_markup(text: &str) -> String {
    static UNSEEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
        pattern(r"(?is)<!--.*?(?:-->|\z)|<script\b.*?(?:</script\s*>|\z)|<style\b.*?(?:</style\s*>|\z)")
    });
    static TAG: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"<[/!?]?[A-Za-z][^<>]*(?:>|\z)|<[!?][^<>]*(?:>|\z)"));
    let mut text = text.to_owned();
    for pattern in [&UNSEEN, &TAG] {
        if let Some(pattern) = LazyLock::force(pattern) {
            text = pattern.replace_all(&text, " ").into_owned();
        }
    }
    // Not `&lt;`: nothing that comes out may look like markup.
    [("&nbsp;", " "), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(text, |text, (entity, means)| text.replace(entity, means))
}

/// Blots out `hidden` where it stands as a word of its own, in any letter case.
pub fn without(text: &str, hidden: &str) -> String {
    let hidden = hidden.trim();
    match pattern(&format!(r"(?i){}", regex::escape(hidden))).filter(|_| !hidden.is_empty()) {
        Some(hidden) => whole_words(text, &hidden),
        None => text.to_owned(),
    }
}

/// Blots out mail addresses.
pub fn without_addresses(text: &str) -> String {
    // A percent sign, because addresses stand in URLs, too.
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(r"(?i)[^\s@<>()\[\],;:'\x22/=?&]+(?:@|%40)[^\s@<>()\[\],;:'\x22/=?&]+"));
    match LazyLock::force(&ADDRESS) {
        Some(address) => address.replace_all(text, "***").into_owned(),
        None => text.to_owned(),
    }
}

fn masked(line: &str, secrets: &[&str], learner: Option<&str>) -> String {
    static WORD: LazyLock<Option<Regex>> =
        LazyLock::new(|| pattern(&format!(r"[A-Za-z0-9+/_%~-]{{{TOKEN},}}={{0,2}}")));

    let mut line = line.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        line = line.replace(secret, "***");
    }
    if let Some(learner) = learner {
        line = without(&line, learner);
    }
    line = without_addresses(&line);
    if let Some(word) = LazyLock::force(&WORD) {
        let token = |found: &regex::Captures<'_>| {
            let word = found.get(0).map_or("", |word| word.as_str());
            let has_digit = word.chars().any(|c| c.is_ascii_digit());
            if has_digit || word.len() >= ANY_TOKEN { "***".to_owned() } else { word.to_owned() }
        };
        line = word.replace_all(&line, token).into_owned();
    }
    line
}

/// Blots out what stands there as a word of its own: a learner known as "12" is not in "2012".
fn whole_words(line: &str, hidden: &Regex) -> String {
    let (mut kept, mut last) = (String::new(), 0);
    for found in hidden.find_iter(line) {
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (before, after) = (line.get(..found.start()), line.get(found.end()..));
        if touches(before.and_then(|text| text.chars().next_back()))
            || touches(after.and_then(|text| text.chars().next()))
        {
            continue;
        }
        kept.push_str(line.get(last..found.start()).unwrap_or_default());
        kept.push_str("***");
        last = found.end();
    }
    kept.push_str(line.get(last..).unwrap_or_default());
    kept
}

#[cfg(test)]
#[path = "sanitize_tests.rs"]
mod tests;
