//! What an LMS says, made fit for the ledger and its pages: one line, at most 500 characters, and none of our secrets.

/// Characters that are kept.
pub const LONGEST: usize = 500;

/// One line of at most [`LONGEST`] characters; `None` when nothing is left.
///
/// Control characters and those that turn or hide text become a space; `secrets` are blotted out, because some receivers
/// repeat what they were configured with.
pub fn clean(text: &str, secrets: &[&str]) -> Option<String> {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "***");
    }
    let spaced: String = text.chars().map(|c| if c.is_control() || hides(c) { ' ' } else { c }).collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = match line.char_indices().nth(LONGEST) {
        None => line,
        Some(_) => line.chars().take(LONGEST - 1).chain(['…']).collect(),
    };
    (!kept.is_empty()).then_some(kept)
}

/// Directional overrides, zero-width characters, line and paragraph separators, byte order mark.
fn hides(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_one_short_clean_line() {
        let cases = [
            ("Session is full.", Some("Session is full.")),
            ("  two\r\n\tlines \u{7}", Some("two lines")),
            ("\u{1b}[31mred\u{1b}[0m", Some("[31mred [0m")),
            ("ab\u{202E}dc\u{200B}", Some("ab dc")),
            (" \n\u{0} ", None),
            ("the secret c2VjcmV0 is whsec_c2VjcmV0", Some("the secret *** is whsec_***")),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text, &["c2VjcmV0", ""]).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        let exact = "\u{1F642}".repeat(LONGEST);
        assert_eq!(clean(&exact, &[]), Some(exact.clone()));
        let cut = clean(&format!("{exact}x"), &[]).unwrap();
        assert_eq!(cut.chars().count(), LONGEST);
        assert!(cut.ends_with("\u{1F642}…"));
    }
}
