use super::*;

fn quoted(text: &str) -> Option<String> {
    quote(text, &["c2VjcmV0", ""], Some("E-4711"))
}

#[test]
fn words_are_one_short_clean_line() {
    let cases = [
        ("Session is full.", Some("“Session is full.”")),
        ("  two\r\n\tlines \u{7}", Some("“two lines”")),
        ("\u{1b}[31mred\u{1b}[0m", Some("“[31mred [0m”")),
        ("ab\u{202E}dc\u{200B}", Some("“ab dc”")),
        (" \n\u{0} ", None),
        ("the secret c2VjcmV0 is whsec_c2VjcmV0", Some("“the secret *** is whsec_***”")),
    ];
    for (text, expected) in cases {
        assert_eq!(quoted(text).as_deref(), expected, "{text:?}");
    }
}

#[test]
fn markup_is_taken_away_and_what_it_surrounds_stays() {
    let cases = [
        (
            "<html><head><title>Sign in</title></head><body>Please sign in</body>",
            Some("“Sign in Please sign in”"),
        ),
        ("<script>var a = '<b>';</script><style>p{}</style><!-- x > y -->Ok", Some("“Ok”")),
        ("<p>a</p><script>never closed", Some("“a”")),
        ("<html", None),
        ("a < b and 3 > 2", Some("“a < b and 3 > 2”")),
        ("&lt;b&gt; R&amp;D&nbsp;says &quot;no&quot;", Some("“&lt;b&gt; R&D says \"no\"”")),
        ("<?xml version=\"1.0\"?><!DOCTYPE x><ok/>", None),
        ("{\"detail\": \"<b>no</b>\"}", Some("“{\"detail\": \" no \"}”")),
    ];
    for (text, expected) in cases {
        assert_eq!(quoted(text).as_deref(), expected, "{text:?}");
    }
}

#[test]
fn people_and_tokens_are_masked() {
    let jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
    let cases = [
        ("nobody called ana@contoso.com here".to_owned(), "“nobody called *** here”"),
        ("<ana.b+c@contoso.com>, \"bo@x\"".to_owned(), "“, \"***\"”"),
        ("see https://lms/x?user=ana%40contoso.com&a=1".to_owned(), "“see https://lms/x?user=***&a=1”"),
        ("learner e-4711 (E-47110) unknown".to_owned(), "“learner *** (E-47110) unknown”"),
        (format!("Bearer {jwt}"), "“Bearer ***.***.***”"),
        ("id 7f9c24e8-3b12-4fef-91e0-5d6bb0f2c3aa failed".to_owned(), "“id *** failed”"),
        ("Donaudampfschifffahrtsgesellschaft".to_owned(), "“Donaudampfschifffahrtsgesellschaft”"),
        ("x".repeat(40), "“***”"),
    ];
    for (text, expected) in cases {
        assert_eq!(quoted(&text).as_deref(), Some(expected), "{text:?}");
    }
    // A short key of the learner is not torn out of other words.
    assert_eq!(quote("in 2012 for 12", &[], Some("12")).as_deref(), Some("“in 2012 for ***”"));
    assert_eq!(quote("empty key", &[], Some(" ")).as_deref(), Some("“empty key”"));
}

#[test]
fn long_words_are_cut_between_characters_and_never_within_what_is_masked() {
    let exact = "\u{1F642}".repeat(QUOTED);
    assert_eq!(quote(&exact, &[], None), Some(format!("“{exact}”")));
    let cut = quote(&format!("{exact}x"), &[], None).unwrap();
    assert_eq!(cut.chars().count(), QUOTED + 2);
    assert!(cut.ends_with("\u{1F642}…”"));
    let torn = quote(&format!("{} ana@contoso.com", "a ".repeat(98)), &[], None).unwrap();
    assert!(torn.ends_with("***”"), "{torn}");
}
