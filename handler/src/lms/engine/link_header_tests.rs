use super::*;
use proptest::prelude::*;

#[test]
fn the_next_link_is_found_wherever_it_stands() {
    for (header, expected) in [
        (r#"<https://a/x?page=2>; rel="next""#, Some("https://a/x?page=2")),
        (r#"<https://a/1>; rel="first", <https://a/2>; rel=next"#, Some("https://a/2")),
        (r#"<https://a/?q=1,2;3>; title="a, \"b\"; rel=next" ; rel="prev next""#, Some("https://a/?q=1,2;3")),
        (
            r#"<https://a/1>; rel="current",<https://a/2>;REL="NEXT",<https://a/3>; rel="last""#,
            Some("https://a/2"),
        ),
        (r#"</x?cursor=a%2Cb>;rel=next"#, Some("/x?cursor=a%2Cb")),
        (r#"<https://a/1>; rel="first"; rel="next""#, None),
        (r#"<https://a/1>; rel="nextish""#, None),
        (r#"<https://a/1>"#, None),
        (r#"https://a/1; rel=next"#, None),
        (r#"<https://a/1; rel=next"#, None),
        (r#"<https://a/1>; rel="next"#, None),
        ("", None),
    ] {
        assert_eq!(next(header).as_deref(), expected, "{header}");
    }
}

proptest! {
    #[test]
    fn any_header_is_read(header in r#"[<>;, "\\a-z=]{0,60}"#) {
        _ = next(&header);
    }
}
