use super::*;
use crate::lms::engine::testing::file;
use crate::lms::exchange::{self, Received};
use http::{HeaderMap, HeaderName, StatusCode};

fn seen(headers: &[(&'static str, &str)]) -> Option<Duration> {
    let headers = headers.iter().map(|(name, text)| (HeaderName::from_static(name), text.parse().unwrap()));
    let body = Received::Whole(Vec::new());
    let answer = exchange::Answer { status: StatusCode::OK, headers: headers.collect::<HeaderMap>(), body };
    let now = DateTime::from_timestamp(1_795_255_200, 0).unwrap();
    pause(&file().service, &Answer::read(answer), now)
}

#[test]
fn at_nought_the_connection_waits_until_it_counts_anew() {
    let seconds = |count| Some(Duration::from_secs(count));
    for (reset, expected) in [
        ("30", seconds(30)),
        ("30, 60;w=60", seconds(30)),
        ("1795255245", seconds(45)),
        ("1795255245000", seconds(45)),
        ("1795255100", None),
        ("0", None),
        ("soon", None),
        ("1e300", Some(LONGEST)),
        ("99999999", Some(LONGEST)),
    ] {
        assert_eq!(seen(&[("x-remaining", "0"), ("x-reset", reset)]), expected, "{reset}");
        assert_eq!(seen(&[("x-remaining", "3"), ("x-reset", reset)]), None);
    }
    assert_eq!(seen(&[("x-remaining", "0.4"), ("x-reset", "2")]), seconds(2), "a bucket that leaks");
    assert_eq!(seen(&[("x-remaining", "0")]), None);
    assert_eq!(seen(&[("x-reset", "30")]), None);
}
