//! Whatever is in the file, the answer is a configuration or an error, never a panic.

use super::*;
use crate::replay::cases;
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*", value in "\\PC*") {
        let env = with(&[("REGRETS__TENANT__CONTOSO__POLICY", &value), ("REGRETS_STATE_KEYS", &value),
        ("REGRETS_STORE", &value)]);
        if let Err(errors) = parse("regrets.toml", &text, &env) {
            prop_assert!(!errors.problems().is_empty() && !errors.render(true).is_empty());
        }
    }

    /// One place of a good file replaced by something else that TOML knows, or by nothing.
    #[test]
    fn no_damage_makes_the_parser_panic(
        at in 0..EXAMPLE.len(),
        len in 0..40usize,
        damage in prop::sample::select(vec!["", "\"", "'''", "{", "}", "[", "]", "=", "\n", "1e9", "-1",
        "é\u{0}", "2026-11-21", "{ a = { b = [[1]] } }"]),
    ) {
        let start = (0..=at).rev().find(|at| EXAMPLE.is_char_boundary(*at)).unwrap_or(0);
        let end = (at + len..).find(|end| *end >= EXAMPLE.len() ||
            EXAMPLE.is_char_boundary(*end)).unwrap_or(0).min(EXAMPLE.len());
        let text = format!("{}{damage}{}", &EXAMPLE[..start], &EXAMPLE[end..]);
        if let Err(errors) = parse("regrets.toml", &text, &env()) {
            prop_assert!(!errors.problems().is_empty() && !errors.render(true).is_empty());
            prop_assert_eq!(errors.to_string().lines().count(), errors.problems().len());
        }
    }
}
