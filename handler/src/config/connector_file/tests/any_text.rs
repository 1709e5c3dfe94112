//! Whatever is in the file, the answer is a connector or an error, never a panic.

use super::*;
use crate::replay::cases;
use proptest::prelude::*;

/// What TOML and the format know, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let lines: Vec<&str> = LARKSPUR
        .lines()
        .chain([
            "[[find]]",
            "[[read]]",
            "[[write]]",
            "[[verify]]",
            "[auth]",
            "[settings]",
            "pick.none = 'held'",
            "when = []",
            "graphql.query = '{{'",
            "xml = '<a>{{ learner }}</a>'",
            "exit = 'ok'",
            "x = [[[{}]]]",
            "paging = {}",
        ])
        .collect();
    prop::collection::vec(prop::sample::select(lines), 0..80).prop_map(|lines| lines.join("\n"))
}

fn is_told(text: &str) -> Result<(), TestCaseError> {
    if let Err(errors) = read("any.toml", text) {
        prop_assert!(!errors.problems().is_empty() && !errors.render(true).is_empty());
        prop_assert_eq!(errors.to_string().lines().count(), errors.problems().len());
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        is_told(&text)?;
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        is_told(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn no_mixture_of_lines_makes_the_reader_panic(text in pieces()) {
        is_told(&text)?;
    }

    /// One place of a good file replaced by something else, or by nothing.
    #[test]
    fn no_damage_makes_the_reader_panic(
        at in 0..LARKSPUR.len(),
        len in 0..60usize,
        damage in prop::sample::select(vec!["", "\"", "'''", "{{", "}}", "{", "}", "[", "]", "=", "\n\
         ", "1e9", "-1",
        "é\u{0}", "2026-11-21", "{ a = { b = [[1]] } }", "{{ settings.x | part(\":\", \
         99999999999999999999) }}",
        "$..a", "$[?@.a == 'b']", "(((((a*)*)*)*)*)*", "\\w{1000}{1000}", "[[read]]"]),
    ) {
        let boundary = |from: usize| (from..).find(|at| LARKSPUR.is_char_boundary(*at)).unwrap_or(0);
        let (start, end) = (boundary(at), boundary((at + len).min(LARKSPUR.len())));
        is_told(&format!("{}{damage}{}", &LARKSPUR[..start], &LARKSPUR[end..]))?;
    }
}

/// What costs a reader its stack or its memory.
#[test]
fn no_depth_and_no_length_is_too_much() {
    let deep = |open: &str, close: &str| format!("json = {}1{}", open.repeat(20_000), close.repeat(20_000));
    for text in [
        deep("[", "]"),
        deep("{ a = ", " }"),
        format!("a{} = 1", ".a".repeat(60_000)),
        format!("name = '{}'", "x".repeat(MOST_BYTES)),
        with("$.items[*]", &format!("$[?{}@.a{}]", "(".repeat(400), ")".repeat(400))),
        with("$.items[*]", &format!("$[?{}]", "!".repeat(900))),
        with("(?i)scheduled maintenance", &"(".repeat(50_000)),
        with("(?i)scheduled maintenance", "(\\\\p{L}{1000}){1000}"),
        with("[[tidy]]", &"[[tidy]]\nname = 'a'\nexit = 'unclear'\n".repeat(5000)),
    ] {
        let errors = read("any.toml", &text).expect_err("must be refused");
        assert!(errors.render(false).len() < 4 << 20, "{}", errors.render(false).len());
    }
}
