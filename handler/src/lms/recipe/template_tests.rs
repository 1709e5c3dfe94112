use super::*;
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

struct Values(BTreeMap<&'static str, String>);

impl Variables for Values {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.get(name).map(|value| Cow::Borrowed(value.as_str()))
    }
}

fn values(x: &str) -> Values {
    Values(BTreeMap::from([("x", x.to_owned()), ("user.id", "7".to_owned()), ("empty", String::new())]))
}

fn with(text: &str, position: Position, x: &str) -> Result<String, RenderError> {
    Template::parse(text, position).unwrap().render(&values(x))
}

fn rendered(text: &str, position: Position, x: &str) -> String {
    match Template::parse(text, position) {
        Ok(template) => match template.render(&values(x)) {
            Ok(text) => text,
            Err(error) => format!("not rendered: {error}"),
        },
        Err(error) => format!("not read, at {:?}: {error}", error.at),
    }
}

#[test]
fn a_value_is_escaped_by_where_it_stands() {
    use Position::{Header, OData, Path, Url, Value, Xml};
    for (text, position, x, expected) in [
        ("/users/{{ x }}/places", Path, "a/b?c#d e%2f", "/users/a%2Fb%3Fc%23d%20e%252f/places"),
        ("/users/{{x}}", Path, "ä", "/users/%C3%A4"),
        ("/Users('{{ x }}')", Path, "o'neil", "/Users('o%27%27neil')"),
        (
            "/a/{{ x }}",
            Path,
            "..",
            "not rendered: `{{ x }}` would be a segment of dots, which leads elsewhere",
        ),
        (
            "/a/.{{ x }}",
            Path,
            ".",
            "not rendered: `{{ x }}` would be a segment of dots, which leads elsewhere",
        ),
        ("/a/{{ x }}", Path, "", "not rendered: `{{ x }}` is empty, and that can't stand there"),
        ("{{ x }}", Value, "a&b=c\"", "a&b=c\""),
        ("Mail eq '{{ x }}'", OData, "o'neil' or true", "Mail eq 'o''neil'' or true'"),
        ("Id eq {{ x | number }}", OData, "7", "Id eq 7"),
        ("Id eq {{ x | number }}", OData, "7 or 1", "not rendered: `{{ x }}` is no number"),
        ("k {{ x }}", Header, "a b", "k a b"),
        ("k {{ x }}", Header, "a\r\nb", "not rendered: `{{ x }}` holds characters that no header takes"),
        (
            "<a b=\"{{ x }}\">{{ x }}</a>",
            Xml,
            "<\"&'>",
            "<a b=\"&lt;&quot;&amp;&apos;&gt;\">&lt;&quot;&amp;&apos;&gt;</a>",
        ),
        ("<a>{{ x }}</a>", Xml, "\u{1}", "not rendered: `{{ x }}` holds characters that no XML takes"),
        ("{{ x }}", Url, "https://lms.example/a?b=c", "https://lms.example/a?b=c"),
        ("{{ x }}/api/{{ user.id }}", Url, "https://lms.example", "https://lms.example/api/7"),
        ("https://{{ x }}.lms.example/api", Url, "contoso", "https://contoso.lms.example/api"),
        (
            "https://{{ x }}.lms.example/api",
            Url,
            "evil.example/",
            "not rendered: `{{ x }}` is no label of a host's name",
        ),
        ("https://lms.example/{{ x }}", Url, "a/b", "https://lms.example/a%2Fb"),
    ] {
        assert_eq!(rendered(text, position, x), expected, "{text} with {x:?}");
    }
}

#[test]
fn filters_do_their_work_or_say_why_not() {
    for (text, x, expected) in [
        ("{{ x | trim | lower }}", " ANA ", "ana"),
        ("{{ x|base64 }}", "a:b", "YTpi"),
        ("{{ gone | default(\"n\\\"}}\") }}", "", "n\"}}"),
        ("{{ empty | default(\"none\") }}", "", "none"),
        ("{{ gone }}", "", "not rendered: `{{ gone }}` has no value"),
        ("{{ x | date(\"%d.%m.%Y %H:%M\") }}", "2026-11-29T23:30:00+01:00", "29.11.2026 22:30"),
        ("{{ x | date(\"%d\") }}", "yesterday", "not rendered: `{{ x }}` is no time"),
        ("{{ x | prefix(\"i:0#.f|membership|\") }}", "ana@contoso.com", "i:0#.f|membership|ana@contoso.com"),
        ("{{ x | suffix(\"!\") }}", "a", "a!"),
        ("{{ x | part(\":\", 1) }}", "12:34", "34"),
        ("{{ x | part(\":\", 2) }}", "12:34", "not rendered: `{{ x }}` has no such part"),
        ("{{ x | capture(\"^uid-([0-9]+)@\") }}", "uid-42@host", "42"),
        ("{{ x | capture(\"^uid-([0-9]+)@\") }}", "uid-x@host", "not rendered: `{{ x }}` has no value"),
        ("{{ x | capture(\"(b)?$\") | default(\"-\") }}", "a", "-"),
        ("{{ x | number }}", "123456789012345678901234567890", "123456789012345678901234567890"),
        ("{{ x | number }}", "007", "not rendered: `{{ x }}` is no number"),
        ("{{ x | number }}", " 7", "not rendered: `{{ x }}` is no number"),
        ("{{ x | boolean }}", "1", "true"),
        ("{{ x | boolean }}", "maybe", "not rendered: `{{ x }}` is neither true nor false"),
    ] {
        assert_eq!(rendered(text, Position::Value, x), expected, "{text}");
    }
}

#[test]
fn what_is_no_template_is_told_with_its_place() {
    use Position::{Header, OData, Path, Url, Value, Xml};
    let told: Vec<String> = [
        ("a {{ x", Value),
        ("a }} b", Value),
        ("{% for %}", Value),
        ("{{ }}", Value),
        ("{{ X }}", Value),
        ("{{ x y }}", Value),
        ("{{ x | shout }}", Value),
        ("{{ x | part(\":\") }}", Value),
        ("{{ x | lower(\"a\") }}", Value),
        ("{{ x | date(\"%Q\") }}", Value),
        ("{{ x | default(\"a) }}", Value),
        ("{{ x | capture(\"a(\") }}", Value),
        ("{{ x | capture(\"a\") }}", Value),
        ("{{ x | capture(2) }}", Value),
        ("users/{{ x }}", Path),
        ("/users?id={{ x }}", Path),
        ("/a/../{{ x }}", Path),
        ("/%2e%2e/{{ x }}", Path),
        ("Mail eq {{ x }}", OData),
        ("a\nb", Header),
        ("<{{ x }}/>", Xml),
        ("<a><!-- {{ x }} --></a>", Xml),
        ("<a b={{ x }}/>", Xml),
        ("<a", Xml),
        ("ftp://a/{{ x }}", Url),
        ("https://lms{{ x }}.example/", Url),
        ("https://{{ x }}", Url),
        ("", Url),
    ]
    .into_iter()
    .map(|(text, position)| format!("{text:?} as {position:?}: {}", rendered(text, position, "1")))
    .collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn no_rendered_text_is_longer_than_the_limit() {
    let long = "x".repeat(LONGEST);
    assert_eq!(rendered("{{ x }}", Position::Value, &long).len(), LONGEST);
    let expected = "not rendered: `{{ x }}` makes the text longer than 64 KiB";
    assert_eq!(rendered("{{ x }}{{ x }}", Position::Value, &long), expected);
    assert_eq!(rendered("{{ x }}!", Position::Value, &long), expected);
    // Escaping makes it longer, too.
    assert_eq!(rendered("/{{ x }}", Position::Path, &"ä".repeat(LONGEST / 3)), expected);
}

#[test]
fn what_is_wrong_behind_a_placeholder_is_pointed_at() {
    for (text, position, expected) in [
        ("/{{x}}/a?b", Position::Path, "?"),
        ("/{{ x | lower | trim }}/a?b", Position::Path, "?"),
        ("{{ x | lower }}/a?b", Position::Url, "?"),
        ("https://lms.example/{{ x | lower }}?b", Position::Url, "?"),
        ("https://{{ x | lower }}.lms.example/{{x}}?b", Position::Url, "?"),
        ("a {{ x | lower }}\u{7f}", Position::Header, "\u{7f}"),
        ("<a>{{ x | lower }}</a><!", Position::Xml, "<!"),
        // Of a tag that is not closed its end is told, which is that of the text.
        ("{{x}}<a", Position::Xml, ""),
    ] {
        let error = Template::parse(text, position).unwrap_err();
        assert_eq!(text.get(error.at.clone()), Some(expected), "{text} at {:?}: {error}", error.at);
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_at_a_place_within_it(text in ".{0,80}|[{} |a-z.(\"')/<>=:,]{0,80}") {
        use Position::{Header, OData, Path, Url, Value, Xml};
        for position in [Header, OData, Path, Url, Value, Xml] {
            match Template::parse(&text, position) {
                Ok(template) => { let _ = template.render(&values("v")); }
                Err(error) => prop_assert!(error.at.start <= text.len(), "{:?} in {text:?}", error.at),
            }
        }
    }

    #[test]
    fn no_value_breaks_out_of_its_place(x in "\\PC*|[./'\"<>&?#%\\\\ \r\n:@a-z]{0,40}") {
        let url = url::Url::parse("https://lms.example").unwrap();
        if let Ok(path) = with("/api/{{ x }}/end", Position::Path, &x) {
            let joined = url.join(&path).unwrap();
            prop_assert_eq!(joined.origin(), url.origin());
            let segments: Vec<&str> = joined.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3, "{}", joined);
            let decoded = percent_encoding::percent_decode_str(segments[1]).decode_utf8().unwrap();
            prop_assert_eq!(decoded.as_ref(), x.as_str());
            prop_assert!(joined.query().is_none() && joined.fragment().is_none());
        }
        let literal = with("A eq '{{ x }}' and B", Position::OData, &x).unwrap();
        let inner = literal.strip_prefix("A eq '").unwrap().strip_suffix("' and B").unwrap();
        prop_assert_eq!(inner.replace("''", ""), x.replace('\'', ""));
        prop_assert_eq!(inner.matches('\'').count() % 2, 0);
        if let Ok(header) = with("a {{ x }}", Position::Header, &x) {
            prop_assert!(http::HeaderValue::from_str(&header).is_ok());
        }
        if let Ok(xml) = with("<a b='{{ x }}'>{{ x }}</a>", Position::Xml, &x) {
            prop_assert_eq!(xml.matches('<').count(), 2, "{}", xml);
            prop_assert_eq!(xml.matches('\'').count(), 2, "{}", xml);
        }
        if let Ok(host) = with("https://{{ x }}.lms.example/", Position::Url, &x) {
            let host = url::Url::parse(&host).unwrap();
            prop_assert!(host.host_str().unwrap().ends_with(".lms.example"), "{}", host);
        }
    }
}
