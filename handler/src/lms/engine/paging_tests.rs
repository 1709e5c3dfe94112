use super::*;
use crate::lms::engine::testing::{file, path, settings};
use crate::lms::exchange::{self, Received};
use http::{HeaderMap, StatusCode};

fn answer(link: Option<&str>, body: &str) -> Answer {
    let headers = HeaderMap::from_iter(link.map(|link| (LINK, link.parse().unwrap())));
    let body = Received::Whole(body.as_bytes().to_vec());
    Answer::read(exchange::Answer { status: StatusCode::OK, headers, body })
}

fn hosts() -> Hosts {
    Hosts::new(Url::parse("https://lms.example").unwrap(), &file(), &settings("https://lms.example"))
}

fn first() -> Url {
    Url::parse("https://lms.example/users?role=5").unwrap()
}

fn paging(kind: PagingKind) -> Paging {
    Paging { kind, most: 4 }
}

#[test]
fn links_are_followed_as_they_are_and_only_once() {
    let paging = paging(PagingKind::Link);
    let mut pages = Pages::new(&paging);
    assert_eq!(pages.address(first()), first());
    let more = answer(Some(r#"</users?page=bookmark%3Aabc>; rel="next""#), "[]");
    assert_eq!(pages.advance(&more, 50, &first(), &hosts()), Next::More);
    let second = pages.address(first());
    assert_eq!(second.as_str(), "https://lms.example/users?page=bookmark%3Aabc");
    let again = pages.advance(&more, 50, &second, &hosts());
    assert!(matches!(again, Next::Repeats(_)), "{again:?}");

    let mut pages = Pages::new(&paging);
    assert_eq!(pages.advance(&answer(None, "[]"), 50, &first(), &hosts()), Next::End);
    let elsewhere = answer(Some("<https://evil.example/>; rel=next"), "[]");
    assert!(matches!(pages.advance(&elsewhere, 50, &first(), &hosts()), Next::Foreign(_)));
}

#[test]
fn a_next_address_or_cursor_in_the_body_ends_with_null() {
    let next = paging(PagingKind::Next(path("$.next")));
    let mut pages = Pages::new(&next);
    let body = r#"{"next": "http://lms.example/users?page=2"}"#;
    assert_eq!(pages.advance(&answer(None, body), 1, &first(), &hosts()), Next::More);
    assert_eq!(pages.address(first()).as_str(), "https://lms.example/users?page=2");
    for end in [r#"{"next": null}"#, "{}", r#"{"next": ""}"#] {
        assert_eq!(pages.advance(&answer(None, end), 1, &first(), &hosts()), Next::End, "{end}");
    }

    let cursor = paging(PagingKind::Cursor { at: vec![path("$.cursor")], query: Some("after".to_owned()) });
    let mut pages = Pages::new(&cursor);
    assert_eq!(pages.at().cursor, None);
    assert_eq!(pages.advance(&answer(None, r#"{"cursor": "a&b"}"#), 1, &first(), &hosts()), Next::More);
    assert_eq!(
        (pages.at().cursor, pages.address(first()).query()),
        (Some("a&b"), Some("role=5&after=a%26b"))
    );
    let stuck = pages.advance(&answer(None, r#"{"cursor": "a&b"}"#), 1, &first(), &hosts());
    assert!(matches!(stuck, Next::Repeats(_)), "{stuck:?}");
}

#[test]
fn counted_pages_end_as_the_file_says_and_a_repeated_one_is_in_doubt() {
    let of = |ends| PagingKind::Page {
        query: Some("page".to_owned()),
        from: 1,
        size: 50,
        size_query: Some("per_page".to_owned()),
        ends,
    };
    let (short, empty) = (paging(of(PagesEnd::Short)), paging(of(PagesEnd::Empty)));
    let mut pages = Pages::new(&short);
    assert_eq!(pages.address(first()).query(), Some("role=5&page=1&per_page=50"));
    assert_eq!(pages.advance(&answer(None, "[1]"), 50, &first(), &hosts()), Next::More);
    assert_eq!(pages.address(first()).query(), Some("role=5&page=2&per_page=50"));
    assert_eq!(pages.advance(&answer(None, "[2]"), 49, &first(), &hosts()), Next::End);

    let mut pages = Pages::new(&empty);
    assert_eq!(pages.advance(&answer(None, "[1]"), 25, &first(), &hosts()), Next::More);
    let same = pages.advance(&answer(None, "[1]"), 25, &first(), &hosts());
    assert!(matches!(same, Next::Repeats(_)), "{same:?}");
    assert_eq!(pages.advance(&answer(None, "[]"), 0, &first(), &hosts()), Next::End);
}

#[test]
fn rows_are_counted_as_they_came_and_pages_have_an_end() {
    let offset = PagingKind::Offset {
        query: Some("offset".to_owned()),
        size: 50,
        size_query: None,
        ends: PagesEnd::Empty,
    };
    let paging = paging(offset);
    let mut pages = Pages::new(&paging);
    for (page, rows) in [30, 20, 50].into_iter().enumerate() {
        let body = format!("[{page}]");
        assert_eq!(pages.advance(&answer(None, &body), rows, &first(), &hosts()), Next::More);
    }
    assert_eq!(pages.address(first()).query(), Some("role=5&offset=100"));
    let more = pages.advance(&answer(None, "[9]"), 50, &first(), &hosts());
    assert_eq!(more, Next::Doubt("more pages than are read"));
}
